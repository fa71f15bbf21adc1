/*
 * destination/duckdb/internal.h: what the files of the DuckDB destination share.
 *
 *     duckdb.c   the driver: open and close, transactions, reset
 *     records.c  what the file keeps about itself: format, state, primary keys
 *     catalog.c  which tables the file holds, read once and then kept up to date
 *     memory.c   the engine's limits, fitted to the tables that are being changed
 *     schema.c   describe_table, ensure_table
 *     staging.c  collects changes between two commits, in a temporary table for each table
 *     apply.c    brings changes into the tables
 *     sql.c      pieces of SQL
 *     text.c     the SQL of values as text
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
	bool is_gone;                 /* Pawl made it, and somebody else dropped or renamed it */
	char *foreign_column;         /* the first column whose type is none that Pawl writes, and that type; NULL */
	char *foreign_type;
} pawl_duckdb_table;

/* A table that is changed by the next commit, and what was collected for it since the last one. */
typedef struct pawl_duckdb_staged {
	pawl_destination_table layout; /* the table, and the columns of `relation`; of no column when nothing is staged yet */
	char relation[48];             /* the temporary table's name, ready for SQL */
	bool has_partial_rows;
	bool is_truncated; /* the rows that the file holds are to be marked as deleted */
	size_t counted_columns; /* in the engine's memory */
} pawl_duckdb_staged;

/* What the engine may take. */
typedef struct pawl_duckdb_memory {
	int64_t share_bytes; /* 0: nothing is ever changed */
	int64_t limit_bytes; /* less than the share, or more than that: as it is set now */
	int64_t most_bytes;  /* that the limit was since the file was opened */
	int64_t most_threads, threads;
	size_t column_count; /* of all tables that are changed by the next commit */
	size_t widest_count; /* of the one that has most */
} pawl_duckdb_memory;

struct pawl_destination {
	pawl_duck *duck;
	char *schema;
	char *owner;
	char *catalog;         /* what DuckDB calls the file. SQL names it, since a schema may have the same name */
	char *table_prefix;    /* "catalog"."schema". */
	char *records_prefix;  /* "catalog"."_pawl". */
	bool has_records;      /* the tables of _pawl are there */
	bool is_in_transaction;
	int64_t synced_us; /* the time that this transaction's rows get */
	pawl_duckdb_memory memory;

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

/* ---- records.c ------------------------------------------------------------------------------------------------------- */

/* PAWL_INVALID when a newer Pawl wrote the file. */
pawl_status pawl_duckdb_check_format(pawl_destination *destination, const char *path, pawl_error *error);

pawl_status pawl_duckdb_load_state(pawl_destination *destination, char **ret_state, pawl_error *error);

/* The functions below work within a transaction. The first makes the tables of _pawl unless they are there. */
pawl_status pawl_duckdb_ensure_records(pawl_destination *destination, pawl_error *error);
pawl_status pawl_duckdb_save_state(pawl_destination *destination, const char *state, pawl_error *error);

/* Notes the primary key of a table that was just created. */
pawl_status pawl_duckdb_record_table(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error);

/* Forgets the schema's tables and its state. */
pawl_status pawl_duckdb_forget_records(pawl_destination *destination, pawl_error *error);

/* ---- memory.c -------------------------------------------------------------------------------------------------------- */

/* Fits the limits to this table's columns too. Before each statement that changes the table or what is staged for it. */
pawl_status pawl_duckdb_memory_fit(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error);

/* The same to changes, before they are read. */
pawl_status pawl_duckdb_memory_fit_changes(pawl_destination *destination, const pawl_changes *changes, pawl_error *error);

/* True while the engine has less than its share. */
bool pawl_duckdb_memory_is_tight(const pawl_destination *destination);

/* Gives the engine all of its share, until the commit is done. */
pawl_status pawl_duckdb_memory_loosen(pawl_destination *destination, pawl_error *error);

/* Before the log may be merged: gives the engine what that takes. */
pawl_status pawl_duckdb_memory_fit_merge(pawl_destination *destination, pawl_error *error);

/* The file is open. `has_log`: it came with one, of nobody knows which tables. */
void pawl_duckdb_memory_begin(pawl_destination *destination, bool has_log);

/* The commit is done: the engine has its share again, or less. */
void pawl_duckdb_memory_release(pawl_destination *destination);

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

/* What is staged for the table, or NULL; borrowed until the next one is added. */
pawl_duckdb_staged *pawl_duckdb_staged_find(pawl_destination *destination, const char *name);

/* The same, or a new one without columns: nothing is staged yet. */
pawl_status pawl_duckdb_staged_add(pawl_destination *destination, const char *name, pawl_duckdb_staged **ret_staged,
                                   pawl_error *error);

/* Drops the temporary tables; forgets nothing yet, because the transaction may still fail. */
pawl_status pawl_duckdb_staged_drop(pawl_destination *destination, pawl_error *error);
void pawl_duckdb_staged_clear(pawl_destination *destination);

/* ---- apply.c --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_apply(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes,
                              pawl_error *error);

/*
 * Deletes the rows of `target`, a name that is ready for SQL, whose key the relation has. `table` has the columns of the one, `layout`
 * those of the other.
 */
pawl_status pawl_duckdb_delete_replaced(pawl_destination *destination, const char *target, const pawl_destination_table *table,
                                        const char *relation, const pawl_destination_table *layout, pawl_error *error);

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

/* alias."name" as a value of another type. */
void pawl_duckdb_sql_cast(pawl_buffer *sql, const char *alias, const char *name, pawl_type from, pawl_type to);

/* The ends of ALTER TABLE statements. */
void pawl_duckdb_sql_add_column(pawl_buffer *sql, const char *name, pawl_type type);
void pawl_duckdb_sql_alter_type(pawl_buffer *sql, const char *name, pawl_type from, pawl_type to);

/* left."a" = right."a" AND ..., for the columns of the primary key, with the right ones cast to the left ones' types. */
void pawl_duckdb_sql_same_key(pawl_buffer *sql, const char *left_alias, const pawl_destination_table *left,
                              const char *right_alias, const pawl_destination_table *right);

/* The functions below append something for each column of `table`, followed by ", ". */

/* "name" BIGINT */
void pawl_duckdb_sql_definitions(pawl_buffer *sql, const pawl_destination_table *table);

/* "name" */
void pawl_duckdb_sql_names(pawl_buffer *sql, const pawl_destination_table *table);

/* x."name", cast to the type that the column has in `target`. */
void pawl_duckdb_sql_casts(pawl_buffer *sql, const pawl_destination_table *table, const pawl_destination_table *target);

/* t."name", or x."name" where the row x gives it, x being rows of `layout`. */
void pawl_duckdb_sql_patches(pawl_buffer *sql, const pawl_destination_table *table, const pawl_destination_table *layout);

/* DELETE FROM target AS t, the rows whose key `relation` has. */
void pawl_duckdb_sql_delete(pawl_buffer *sql, const char *target, const pawl_destination_table *table, const char *relation,
                            const pawl_destination_table *layout);

/* How many words the given-bits of so many columns take. */
size_t pawl_duckdb_sql_given_words(size_t column_count);

/* ---- text.c ---------------------------------------------------------------------------------------------------------- */

/*
 * Appends alias."name", of that type, as the text that pawl_cell_convert makes of the same value: else one key would become two.
 * False, and nothing appended, when DuckDB's own cast does that.
 */
bool pawl_duckdb_text_append(pawl_buffer *sql, const char *alias, const char *name, pawl_type type);

#endif
