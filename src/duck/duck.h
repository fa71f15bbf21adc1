/*
 * duck/duck.h: an open DuckDB database and one connection to it, with Pawl's errors and ownership. With duck/chunks.h the only
 * door to libduckdb: no other folder includes duckdb.h.
 *
 *     PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
 *     PAWL_TRY(pawl_duck_open(&(pawl_duck_options){.path = "warehouse.db"}, &duck, error));
 *     PAWL_TRY(pawl_duck_run(duck, "BEGIN", error));
 *
 * Every database is opened with: no extension auto-install or auto-load, no unsigned extensions, no persistent secrets,
 * TimeZone UTC, preserve_insertion_order off. Errors carry the first line of DuckDB's own message, without its type; what is
 * wrong with a file, its folder, the disk or the memory has a hint.
 *
 * Thread rule: one thread at a time.
 */
#ifndef PAWL_DUCK_DUCK_H
#define PAWL_DUCK_DUCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "types/cell.h"

typedef struct pawl_duck pawl_duck;

typedef struct pawl_duck_options {
	const char *path;          /* NULL: in memory */
	bool is_read_only;
	bool is_isolated;           /* SQL can reach no other file: no COPY, ATTACH or read_csv; spilling still works */
	int64_t memory_limit_bytes; /* 0: DuckDB's default */
	int64_t log_limit_bytes;    /* a commit that makes the log longer merges it into the file; 0: 256 MB, which is the most */
	int threads;                /* 0: DuckDB's default, all cores */
	const char *temp_directory; /* NULL: beside the database */
} pawl_duck_options;

pawl_status pawl_duck_open(const pawl_duck_options *options, pawl_duck **ret_duck, pawl_error *error);

/* Takes NULL. What is not committed is rolled back. */
void pawl_duck_close(pawl_duck *duck);
void pawl_duck_close_pointer(pawl_duck **duck);

/* Takes the file away, if it is there since `duck` was opened: to be closed next. */
void pawl_duck_unmake(pawl_duck *duck);

/* One more connection to the same database, for another thread; to be closed before the one it was made from. */
pawl_status pawl_duck_connect(pawl_duck *duck, pawl_duck **ret_duck, pawl_error *error);

/* Ends the statement that runs on the connection with an error; the one function that another thread may call meanwhile. */
void pawl_duck_interrupt(pawl_duck *duck);

/* Runs statements (one or several, separated by ';') whose results nobody wants. */
pawl_status pawl_duck_run(pawl_duck *duck, const char *sql, pawl_error *error);

/* Runs what a buffer holds; PAWL_OUT_OF_MEMORY when building it had failed. */
pawl_status pawl_duck_run_buffer(pawl_duck *duck, const pawl_buffer *sql, pawl_error *error);

/* The same for one INSERT, UPDATE or DELETE: *ret_rows is how many rows it touched. */
pawl_status pawl_duck_change(pawl_duck *duck, const pawl_buffer *sql, int64_t *ret_rows, pawl_error *error);

/*
 * A result, row by row, streamed: memory does not grow with it. No other statement may run on the connection before it is closed.
 *
 *     PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
 *     PAWL_TRY(pawl_duck_query(duck, "SELECT a, b FROM t WHERE c = $1", (const char *[]){text}, 1, &rows, error));
 *     bool has_row;
 *     while ((status = pawl_duck_rows_next(rows, &has_row, error)) == PAWL_OK && has_row)
 *         use(pawl_duck_rows_text(rows, 0, NULL), pawl_duck_rows_integer(rows, 1));
 */
typedef struct pawl_duck_rows pawl_duck_rows;

/* One statement; parameters are bound as text ($1, $2, ...), a NULL pointer as NULL. */
pawl_status pawl_duck_query(pawl_duck *duck, const char *sql, const char *const *parameters, size_t parameter_count,
                            pawl_duck_rows **ret_rows, pawl_error *error);
pawl_status pawl_duck_rows_next(pawl_duck_rows *rows, bool *ret_has_row, pawl_error *error);

/* Current row. The column must be VARCHAR (text) or BIGINT/INTEGER/BOOLEAN (integer): cast in SQL what is not. Text ends in NUL, is
 * borrowed until the next row, and is NULL for NULL; *ret_length (may be NULL) is its length, as it may hold NULs. */
const char *pawl_duck_rows_text(pawl_duck_rows *rows, size_t column, size_t *ret_length);
int64_t pawl_duck_rows_integer(pawl_duck_rows *rows, size_t column);
bool pawl_duck_rows_is_null(pawl_duck_rows *rows, size_t column);
void pawl_duck_rows_close(pawl_duck_rows **rows);

/*
 * The same for those who read rows by the million: cells instead of texts and integers. Columns are of the types that cells are
 * stored in (types/type.h): BOOLEAN, SMALLINT, INTEGER, BIGINT, DECIMAL, FLOAT, DOUBLE, DATE, TIMESTAMP, TIMESTAMP_NS
 * (nanoseconds), TIMESTAMPTZ, VARCHAR and BLOB; cast in SQL what is not. Bytes are borrowed until the next row.
 */
pawl_status pawl_duck_query_cells(pawl_duck *duck, const char *sql, pawl_duck_rows **ret_rows, pawl_error *error);
pawl_storage pawl_duck_rows_storage(const pawl_duck_rows *rows, size_t column); /* which member its cells are in */
void pawl_duck_rows_cell(const pawl_duck_rows *rows, size_t column, pawl_cell *ret_cell);

/* No SQL, which would take some milliseconds. A view is no table; where DuckDB has an error to tell, there is none. */
bool pawl_duck_has_table(pawl_duck *duck, const char *catalog, const char *schema, const char *name);

/*
 * Appends a relation, in parentheses, of the columns that the tables and views of a catalog have now: schema_name, table_name,
 * column_index (rising within the table), column_name, data_type, is_nullable, column_default.
 */
pawl_status pawl_duck_append_columns(pawl_buffer *sql, pawl_duck *duck, const char *catalog, pawl_error *error);

/* True when the one statement in `sql` gives rows that may stand in a FROM clause: SELECT, FROM-first, VALUES, WITH, DESCRIBE, SHOW... */
pawl_status pawl_duck_is_select(pawl_duck *duck, const char *sql, bool *ret_is_select, pawl_error *error);

/* "v1.5.5": the library's own word. */
const char *pawl_duck_version(void);

#endif
