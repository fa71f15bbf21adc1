/*
 * destination/destination.h: the contract between what produces changes and what keeps them.
 *
 * A destination holds tables and a state, and moves both in one transaction. Changes reach it as a *relation*: something that
 * can stand in a FROM clause of its engine (see duck/chunks.h), with one row for each primary key. Its columns are those of the
 * table, by name, and then
 *
 *     _pawl_is_full     BOOLEAN  true: the row replaces the one of its key; false: it changes one that is there
 *     _pawl_is_deleted  BOOLEAN  true: the row ends as deleted; false: as it was (full rows: as not deleted)
 *     _pawl_given_N     BIGINT   N = 0, 1, ...: bit i says that column N * PAWL_GIVEN_BITS + i is given (of partial rows)
 *
 * Between two commits changes may come in any number of relations; later ones win over earlier ones, key by key:
 *
 *     stage, stage, truncate, stage, ...   collects, outside any transaction, in bounded memory
 *     begin, ensure_table..., apply..., save_state, commit
 *
 * Until the next commit the columns of a table may become more, at the end, and wider; they keep their places, which the given
 * bits mean. Each table that was staged or truncated needs its ensure_table and apply. After a failure from begin to commit, and
 * after a rollback, a destination may only be closed.
 *
 * Errors name columns and types; the table's name is for the caller to put in front, who knows what its source calls it.
 *
 * Memory: the engine keeps to its share, which is enough for tables of about 18 columns, however many rows they have. DuckDB
 * counts a block or more for each column that it writes, most of it never touched. So from the first change of a wide table, or
 * of many tables, to the commit, the engine's limit is raised by 768 KiB for each column of the widest table and 96 KiB for each
 * column of all tables, and its threads become fewer: each needs 2 MiB of the share for each column of the widest table, or 256 KiB
 * for each column of all tables.
 *
 * Thread rule: one thread at a time.
 */
#ifndef PAWL_DESTINATION_DESTINATION_H
#define PAWL_DESTINATION_DESTINATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "duck/duck.h"
#include "types/type.h"

#define PAWL_COLUMN_IS_FULL    "_pawl_is_full"
#define PAWL_COLUMN_IS_DELETED "_pawl_is_deleted"
#define PAWL_COLUMN_GIVEN      "_pawl_given_" /* then the number of the word */
#define PAWL_GIVEN_BITS        62

/* Columns that the destination adds to every table, and the key of a table that has none of its own. */
#define PAWL_COLUMN_SYNCED  "_fivetran_synced"  /* TIMESTAMPTZ: when the row's last change was committed, not set by truncate */
#define PAWL_COLUMN_DELETED "_fivetran_deleted" /* BOOLEAN */
#define PAWL_COLUMN_ID      "_fivetran_id"      /* STRING */

typedef struct pawl_destination pawl_destination;

typedef struct pawl_destination_options {
	const char *target;         /* a file's path, for DuckDB */
	const char *schema;         /* the schema that the tables go to: "tester" */
	const char *owner;          /* whose state the schema keeps: the connector's name; never NULL */
	int64_t memory_limit_bytes; /* of the engine: its share. 0: DuckDB's default, never raised */
	int threads;                /* 0: all cores */
} pawl_destination_options;

typedef struct pawl_destination_column {
	char *name;
	pawl_type type;
	bool is_key; /* part of the primary key */
} pawl_destination_column;

/* A table as the destination knows it: names of the destination, without the columns that it adds itself. */
typedef struct pawl_destination_table {
	char *name;
	pawl_destination_column *columns;
	size_t column_count;
} pawl_destination_table;

void pawl_destination_table_clear(pawl_destination_table *table); /* frees what it holds; takes a zeroed one */

/* What a relation holds beside plain full rows. */
typedef struct pawl_changes {
	const char *relation;
	bool has_partial_rows;
	size_t text_bytes; /* the most that 2,048 rows have in texts */
} pawl_changes;

/* What ensure_table did, as bits. */
enum { PAWL_TABLE_CREATED = 1, PAWL_TABLE_COLUMNS_ADDED = 2, PAWL_TABLE_COLUMNS_WIDENED = 4 };

typedef struct pawl_destination_driver {
	uint32_t abi;  /* PAWL_DESTINATION_ABI */
	uint32_t size; /* sizeof(pawl_destination_driver) */
	const char *name;

	pawl_status (*open)(const pawl_destination_options *options, pawl_destination **ret_destination, pawl_error *error);
	void (*close)(pawl_destination *destination); /* takes NULL; rolls back and forgets what is staged */

	/* The engine's connection, on which relations are published; borrowed. */
	pawl_duck *(*engine)(pawl_destination *destination);

	/* Drops the tables that Pawl made in the schema, whoever owned them, and makes the state "{}", in a transaction of its own. */
	pawl_status (*reset)(pawl_destination *destination, pawl_error *error);

	/* The state of the last commit as JSON text, free with pawl_free; NULL when there never was one. PAWL_INVALID when it is
	 * another owner's. */
	pawl_status (*load_state)(pawl_destination *destination, char **ret_state, pawl_error *error);

	/* The table as it is, or *ret_exists false. PAWL_INVALID when Pawl did not make it, when Pawl made it but it is gone, or
	 * when a column has a type that Pawl does not write. */
	pawl_status (*describe_table)(pawl_destination *destination, const char *name, bool *ret_exists,
	                              pawl_destination_table *ret_table, pawl_error *error);

	/* Collects changes of a table until the next commit. Memory stays bounded: the relation may be emptied afterwards. */
	pawl_status (*stage)(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
	                     pawl_error *error);

	/* Marks every row of the table that is there or staged as deleted, at the next commit. */
	pawl_status (*truncate)(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error);

	pawl_status (*begin)(pawl_destination *destination, pawl_error *error);

	/* Creates the table, adds columns, widens types: whatever is needed to hold `table`. Never drops or narrows. Within a transaction. */
	pawl_status (*ensure_table)(pawl_destination *destination, const pawl_destination_table *table, int *ret_changes,
	                            pawl_error *error);

	/* Applies what is staged and then `changes` (NULL: only what is staged). Within a transaction. */
	pawl_status (*apply)(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
	                     pawl_error *error);

	pawl_status (*save_state)(pawl_destination *destination, const char *state, pawl_error *error);
	pawl_status (*commit)(pawl_destination *destination, pawl_error *error);
	void (*rollback)(pawl_destination *destination);
} pawl_destination_driver;

#define PAWL_DESTINATION_ABI 1

/* The drivers, a row each. */
extern const pawl_destination_driver pawl_destination_duckdb;

#endif
