/*
 * source/sqlite/internal.h: what the files of the SQLite source share.
 *
 *     sqlite.c     the driver: open and close, snapshots
 *     statement.c  preparing and stepping, SQLite's errors as Pawl's
 *     discover.c   tables and views, their columns and indexes
 *     hints.c      what the SQL of defaults and triggers tells of a column
 *     type.c       a declared type, and the type that its values arrive in
 *     key.c        values of keys: from SQLite, and back as they were
 *     plan.c       how a read is run
 *     query.c      a read as SQL
 *     clock.c      an instant in the form that a key has
 *     forms.c      times that are written in more than one way
 *     bounds.c     where the keys stand
 *     position.c   positions as text
 *     read.c       windows
 *     fill.c       takes rows from SQLite, and cuts windows: what happens under the read's lock
 *     decode.c     turns values into cells: what happens outside of it
 *     reading.h    what these share
 *
 * SQLite types values, not columns. A column's declared type tells the type that its values arrive in; a value that this cannot
 * keep exactly is a *misfit*, never changed to fit.
 */
#ifndef PAWL_SOURCE_SQLITE_INTERNAL_H
#define PAWL_SOURCE_SQLITE_INTERNAL_H

#include <sqlite3.h>

#include "base/memory.h"
#include "duck/stream.h"
#include "source/claim.h"
#include "source/source.h"

typedef struct pawl_sqlite_reading pawl_sqlite_reading;

typedef struct pawl_sqlite_source {
	pawl_source source;
	sqlite3 *database;
	pawl_duck *engine;
	char *path; /* resolved */
	pawl_source_claim claim;
	bool keeps_misfits;
	bool has_snapshot;
	pawl_snapshot snapshot;
	atomic_int_least64_t stepping_since_us; /* when the step in progress began, by the monotonic clock */
	pawl_sqlite_reading *reading;           /* NULL: none */
	pawl_misfit misfit;                     /* of the last window that failed */
} pawl_sqlite_source;

static inline pawl_sqlite_source *pawl_sqlite_source_of(pawl_source *source)
{
	return (pawl_sqlite_source *) source;
}

/* ---- statement.c ----------------------------------------------------------------------------------------------------- */

/* Fills the error from the connection's last one. */
pawl_status pawl_sqlite_fail(const pawl_sqlite_source *sqlite, pawl_error *error);

/* One statement that only reads. *ret_statement may be NULL on success: there was nothing but comments. */
pawl_status pawl_sqlite_prepare(pawl_sqlite_source *sqlite, const char *sql, sqlite3_stmt **ret_statement, pawl_error *error);
void pawl_sqlite_finalize(sqlite3_stmt **statement); /* for PAWL_CLEANUP */

pawl_status pawl_sqlite_bind_text(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, int index, const char *text,
                                  pawl_error *error);
pawl_status pawl_sqlite_step(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, bool *ret_has_row, pawl_error *error);

/* Runs one statement whose rows nobody wants. */
pawl_status pawl_sqlite_run(pawl_sqlite_source *sqlite, const char *sql, pawl_error *error);

/* Ends a statement that has gone on for long when the source was asked to stop. */
void pawl_sqlite_watch(pawl_sqlite_source *sqlite);

/* ---- discover.c ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_sqlite_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error);

/* A name that the table's rowid can be called by, a constant; NULL: it has none, or columns have all its names. */
pawl_status pawl_sqlite_find_rowid(pawl_sqlite_source *sqlite, const pawl_source_table *table, const char **ret_name,
                                   pawl_error *error);

/* ---- hints.c --------------------------------------------------------------------------------------------------------- */

/* True when the expression reads the database's clock. */
bool pawl_sqlite_is_clock(const char *expression);

/* True when the SQL of a trigger has an UPDATE that sets a column of that name. */
bool pawl_sqlite_sets_column(const char *trigger_sql, const char *name);

/* ---- type.c ---------------------------------------------------------------------------------------------------------- */

typedef enum pawl_sqlite_kind {
	PAWL_SQLITE_INTEGER, /* BIGINT: integers */
	PAWL_SQLITE_BOOLEAN, /* BOOLEAN: the integers 0 and 1 */
	PAWL_SQLITE_REAL,    /* DOUBLE: reals, and integers that a double keeps */
	PAWL_SQLITE_DECIMAL, /* DECIMAL(p,s): integers, and reals by their shortest decimal digits, when no digit is lost */
	PAWL_SQLITE_TEXT,    /* VARCHAR: text, and numbers as their digits */
	PAWL_SQLITE_ANY,     /* VARCHAR: the same, and blobs as X'...' */
	PAWL_SQLITE_BLOB,    /* BLOB: blobs */
	PAWL_SQLITE_TIME     /* TIMESTAMP: what the column's format says */
} pawl_sqlite_kind;

typedef struct pawl_sqlite_type {
	pawl_sqlite_kind kind;
	int precision, scale; /* of PAWL_SQLITE_DECIMAL */
	pawl_key_class key_class;
} pawl_sqlite_type;

pawl_sqlite_type pawl_sqlite_type_of(const char *declared);

/* DuckDB's name. */
#define PAWL_SQLITE_TYPE_BYTES 24
void pawl_sqlite_type_name(const pawl_sqlite_type *type, char out[PAWL_SQLITE_TYPE_BYTES]);

/* See pawl_source_driver. */
const char *pawl_sqlite_text_form(const char *declared);

/* ---- key.c ----------------------------------------------------------------------------------------------------------- */

/*
 * A value of a key as it travels: "integer" and its digits; "real" and the shortest digits that give the same one back;
 * "text" and the text; "text hex", of text that is not UTF-8 or has NULs, and "blob", in hexadecimal.
 */
pawl_status pawl_sqlite_key_of(sqlite3_value *value, pawl_key_value *ret_value, pawl_error *error);

/* The same of what was taken from SQLite before; `storage` is SQLITE_INTEGER to SQLITE_BLOB. */
pawl_status pawl_sqlite_key_of_bytes(int storage, const char *bytes, size_t length, pawl_key_value *ret_value,
                                     pawl_error *error);
pawl_status pawl_sqlite_key_of_integer(int64_t integer, pawl_key_value *ret_value, pawl_error *error);
pawl_status pawl_sqlite_key_of_real(double real, pawl_key_value *ret_value, pawl_error *error);

/* Binds it as the value that it was. Of another type, or none, it is bound as text. */
pawl_status pawl_sqlite_bind_key(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, int index, const pawl_key_value *value,
                                 pawl_error *error);

/* The value as SQL, for people. */
void pawl_sqlite_append_literal(pawl_buffer *sql, const pawl_key_value *value);

void pawl_sqlite_append_hex(pawl_buffer *text, const char *bytes, size_t length);

#define PAWL_SQLITE_REAL_BYTES 64

/* The shortest digits that give the same number back, "Infinity" or "-Infinity". */
void pawl_sqlite_format_real(double real, char out[PAWL_SQLITE_REAL_BYTES]);
bool pawl_sqlite_parse_real(const char *text, double *ret_real);

/* ---- plan.c ---------------------------------------------------------------------------------------------------------- */

/* A value that a row is known by, beside those that are read of it: its place in the order, or what errors call it. */
typedef struct pawl_sqlite_mark {
	enum { PAWL_SQLITE_MARK_KEY, PAWL_SQLITE_MARK_ROWID, PAWL_SQLITE_MARK_COLUMN } kind;
	size_t column;           /* of PAWL_SQLITE_MARK_COLUMN: in the table */
	size_t statement_column; /* where the statement gives it */
} pawl_sqlite_mark;

/* A part of a read in the order of the key. Rows without a key come from a statement of their own: so each can use an index. */
typedef enum pawl_sqlite_phase { PAWL_SQLITE_NULL_KEYS, PAWL_SQLITE_ROWS } pawl_sqlite_phase;
#define PAWL_SQLITE_PHASES 2

/* How a read is run. */
typedef struct pawl_sqlite_plan {
	const pawl_read *read;
	const char *rowid; /* how it is called, a constant; NULL: there is none */
	pawl_sqlite_mark *marks;
	size_t mark_count;
	size_t position_count;   /* of the marks, from the first on: what a position is made of; 0: there are no positions */
	size_t statement_columns;
	bool has_unique_order;   /* no two rows have the same place in the order */
	bool ends_anywhere;      /* a window may end behind any row */
	pawl_key_value *after;   /* as many as a position has; NULL: from the start */
	bool has_phase[PAWL_SQLITE_PHASES];
} pawl_sqlite_plan;

/*
 * Positions are, in the order of PAWL_ORDER_KEY, the key, and then the primary key when a constraint keeps it unique and it is
 * never NULL; in that of PAWL_ORDER_PRIMARY_KEY such a primary key; and with PAWL_ORDER_NONE the rowid, in a read of all keys.
 */
pawl_status pawl_sqlite_plan_make(pawl_sqlite_source *sqlite, const pawl_read *read, pawl_sqlite_plan *ret_plan,
                                  pawl_error *error);
void pawl_sqlite_plan_clear(pawl_sqlite_plan *plan);

/* Fails when what a person wrote as the read's `from` is of another kind than the key. */
pawl_status pawl_sqlite_check_start(const pawl_read *read, pawl_error *error);

/* ---- query.c --------------------------------------------------------------------------------------------------------- */

/* SQL, and the values that stand for its parameters, borrowed. */
typedef struct pawl_sqlite_query {
	pawl_buffer sql;
	const pawl_key_value **values;
	size_t value_count;
	bool is_shown;      /* for people: values are written into the text */
	bool has_condition; /* it has a WHERE */
} pawl_sqlite_query;

void pawl_sqlite_query_free(pawl_sqlite_query *query);
pawl_status pawl_sqlite_query_prepare(pawl_sqlite_source *sqlite, const pawl_sqlite_query *query, sqlite3_stmt **ret_statement,
                                      pawl_error *error);

void pawl_sqlite_append_value(pawl_sqlite_query *query, const pawl_key_value *value);

/* The key as an expression over the table's columns. */
void pawl_sqlite_append_key(pawl_buffer *sql, const pawl_read *read);

/* " FROM table", and the read's own condition. */
void pawl_sqlite_append_table(pawl_sqlite_query *query, const pawl_read *read);

/* Conditions: rows whose key is within the read's limits, never NULL; rows without one; rows whose key compares so. */
void pawl_sqlite_append_keyed(pawl_sqlite_query *query, const pawl_read *read);
void pawl_sqlite_append_keyless(pawl_sqlite_query *query, const pawl_read *read);
void pawl_sqlite_append_comparison(pawl_sqlite_query *query, const pawl_read *read, const char *comparison,
                                   const pawl_key_value *value);

/* The statement of a phase: the read's columns, _pawl_is_tail, and the marks that are not among these. */
void pawl_sqlite_append_phase(pawl_sqlite_query *query, const pawl_sqlite_plan *plan, pawl_sqlite_phase phase);

pawl_status pawl_sqlite_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);

/* ---- clock.c --------------------------------------------------------------------------------------------------------- */

/*
 * A value of the key that is not above the key of any row written at that instant or later, as the newest key tells how keys
 * are written; none when the key is no clock.
 */
pawl_status pawl_sqlite_clock_value(pawl_sqlite_source *sqlite, const pawl_source_key *key, const pawl_key_value *newest,
                                    int64_t us, pawl_key_value *ret_value, pawl_error *error);

/* Whether the key is a time; and one whose values are texts of dates or times, as the newest is. */
bool pawl_sqlite_is_time(const pawl_source_key *key);
bool pawl_sqlite_is_text_time(const pawl_source_key *key, const pawl_key_value *newest);

/* ---- forms.c --------------------------------------------------------------------------------------------------------- */

/* A key that is written in another form than the newest one, see pawl_bounds; none when none is found. */
pawl_status pawl_sqlite_find_other_form(pawl_sqlite_source *sqlite, const pawl_read *read, const pawl_key_value *newest,
                                        pawl_key_value *ret_other, pawl_error *error);

/* ---- bounds.c -------------------------------------------------------------------------------------------------------- */

/* The first value of the first row; none when there is no row. */
pawl_status pawl_sqlite_query_value(pawl_sqlite_source *sqlite, const pawl_sqlite_query *query, pawl_key_value *ret_value,
                                    pawl_error *error);

pawl_status pawl_sqlite_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                               pawl_bounds *ret_bounds, pawl_error *error);

/* ---- position.c ------------------------------------------------------------------------------------------------------ */

/* {"after": [["integer", "5"], ["text", "x"]]}; only the key, which comes first, may be null. */
pawl_status pawl_sqlite_position_write(const pawl_key_value *values, size_t count, char **ret_position, pawl_error *error);
pawl_status pawl_sqlite_position_read(const char *position, size_t count, bool has_key, pawl_key_value *ret_values,
                                      pawl_error *error);

/* ---- read.c ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_sqlite_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error);
pawl_status pawl_sqlite_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                     pawl_error *error);
pawl_status pawl_sqlite_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error);
void pawl_sqlite_read_end(pawl_source *source);

#endif
