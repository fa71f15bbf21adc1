/*
 * destination/duckdb/internal.h: what the files of the DuckDB destination share.
 *
 *     duckdb.c   the driver: open and close, state, transactions
 *     catalog.c  which tables the file holds, read once and then kept up to date
 *     schema.c   describe_table, ensure_table
 *     staging.c  collects changes between two commits, in a temporary table for each table
 *     apply.c    brings changes into the tables
 *     sql.c      pieces of SQL
 *
 * Beside the schema of the user's tables, the file has one of Pawl's own, `_pawl`, made by the first transaction.
 */
#ifndef PAWL_DESTINATION_DUCKDB_INTERNAL_H
#define PAWL_DESTINATION_DUCKDB_INTERNAL_H

#include "base/memory.h"
#include "base/step.h"
#include "destination/table.h"

/* A table that the file holds. */
typedef struct pawl_duckdb_table {
	pawl_destination_table table; /* types as they are there; is_key as Pawl noted it */
	bool is_ours;                 /* Pawl made it */
	char *foreign_column;         /* the first column whose type is none that Pawl writes, and that type; NULL */
	char *foreign_type;
} pawl_duckdb_table;

/* What was collected for a table since the last commit. */
typedef struct pawl_duckdb_staged {
	pawl_destination_table layout; /* the table, and the columns of `relation`; of no column when nothing is staged yet */
	char relation[48];             /* the temporary table's name, ready for SQL */
	bool has_partial_rows;
	bool is_truncated; /* the rows that the file holds are to be marked as deleted */
} pawl_duckdb_staged;

struct pawl_destination {
	pawl_duck *duck;
	char *schema;
	char *catalog;         /* what DuckDB calls the file. SQL names it, since a schema may have the same name */
	char *table_prefix;    /* "catalog"."schema". */
	char *records_prefix;  /* "catalog"."_pawl". */
	bool has_records;      /* the tables of _pawl are there */
	bool is_in_transaction;
	int64_t synced_us; /* the time that this transaction's rows get */

	bool is_catalog_loaded;
	pawl_duckdb_table *tables;
	size_t table_count;

	pawl_duckdb_staged *staged;
	size_t staged_count;
};

/* ---- catalog.c ------------------------------------------------------------------------------------------------------- */

/* Reads which tables there are, unless that is known; the functions below do it by themselves. */
pawl_status pawl_duckdb_catalog_load(pawl_destination *destination, pawl_error *error);

/*
 * The table, or NULL; borrowed until the next table is added. PAWL_INVALID when it is there, but not one that Pawl made and can
 * write.
 */
pawl_status pawl_duckdb_catalog_find(pawl_destination *destination, const char *name, pawl_duckdb_table **ret_table,
                                     pawl_error *error);

/* Notes a table that was just created; copies it. */
pawl_status pawl_duckdb_catalog_add(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error);

void pawl_duckdb_catalog_clear(pawl_destination *destination);

/* ---- duckdb.c -------------------------------------------------------------------------------------------------------- */

/* Makes the tables of _pawl unless they are there. Within a transaction. */
pawl_status pawl_duckdb_ensure_records(pawl_destination *destination, pawl_error *error);

/* ---- schema.c -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_describe_table(pawl_destination *destination, const char *name, bool *ret_exists,
                                       pawl_destination_table *ret_table, pawl_error *error);
pawl_status pawl_duckdb_ensure_table(pawl_destination *destination, const pawl_destination_table *table, int *ret_changes,
                                     pawl_error *error);

/* PAWL_INVALID or PAWL_INTERNAL unless the table can be one of this destination: a key, no name of ours, types for all. */
pawl_status pawl_duckdb_check_table(const pawl_destination_table *table, pawl_error *error);

/* ---- staging.c ------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_stage(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
                              pawl_error *error);
pawl_status pawl_duckdb_truncate(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error);

/* What is staged for the table, or NULL; borrowed until something is staged. */
pawl_duckdb_staged *pawl_duckdb_staged_find(pawl_destination *destination, const char *name);

/* Drops the temporary tables; forgets nothing yet, because the transaction may still fail. */
pawl_status pawl_duckdb_staged_drop(pawl_destination *destination, pawl_error *error);
void pawl_duckdb_staged_clear(pawl_destination *destination);

/* ---- apply.c --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_apply(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
                              pawl_error *error);

/* ---- sql.c ----------------------------------------------------------------------------------------------------------- */

/* "catalog"."schema"."name" */
void pawl_duckdb_sql_table(pawl_buffer *sql, const pawl_destination *destination, const char *name);

/* The DuckDB type: BIGINT, DECIMAL(15,2)... */
void pawl_duckdb_sql_type(pawl_buffer *sql, pawl_type type);

/* False when two types are the same to DuckDB, as STRING, XML and JSON are. */
bool pawl_duckdb_sql_is_other_type(pawl_type left, pawl_type right);

/* The type that a DuckDB column of that type is read back as; PAWL_UNSPECIFIED when it is none of Pawl's. */
pawl_type pawl_duckdb_sql_read_type(const char *duckdb_type);

/* alias."name"; "name" when the alias is NULL */
void pawl_duckdb_sql_column(pawl_buffer *sql, const char *alias, const char *name);

/* alias."name" as a value of another type. Text of it is the same as pawl_cell_convert makes: else one key would become two. */
void pawl_duckdb_sql_cast(pawl_buffer *sql, const char *alias, const char *name, pawl_type from, pawl_type to);

/* The ends of ALTER TABLE statements. */
void pawl_duckdb_sql_add_column(pawl_buffer *sql, const char *name, pawl_type type);
void pawl_duckdb_sql_alter_type(pawl_buffer *sql, const char *name, pawl_type from, pawl_type to);

/* left."a" = right."a" AND ..., for the columns of the primary key, with the right ones cast to the left ones' types. */
void pawl_duckdb_sql_same_key(pawl_buffer *sql, const char *left_alias, const pawl_destination_table *left,
                              const char *right_alias, const pawl_destination_table *right);

/* True in SQL where the row of `alias` gives column `index` of its relation. */
void pawl_duckdb_sql_is_given(pawl_buffer *sql, const char *alias, size_t index);

/* How many words the given-bits of so many columns take. */
size_t pawl_duckdb_sql_given_words(size_t column_count);

#endif
