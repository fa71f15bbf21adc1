/*
 * source/duckdb/internal.h: what the files of the DuckDB source share.
 *
 *     duckdb.c     the driver: the file is attached, read-only, to the engine itself
 *     discover.c   its tables
 *     sql.c        keys, limits and conditions as SQL
 *     read.c       bounds, windows, positions
 *
 * The file cannot change while it is attached: DuckDB's lock keeps writers out. So there is one snapshot, and every relation is
 * plain SQL, that the engine reads with all its threads.
 */
#ifndef PAWL_SOURCE_DUCKDB_INTERNAL_H
#define PAWL_SOURCE_DUCKDB_INTERNAL_H

#include "base/memory.h"
#include "source/claim.h"
#include "source/source.h"

#define PAWL_DUCKDB_ALIAS "pawl_source" /* of the attached file */

/* A read in progress. */
typedef struct pawl_duckdb_read {
	const pawl_read *read; /* borrowed; NULL: none */
	bool is_whole;         /* one window has it all */
	int64_t next_rowid, end_rowid; /* PAWL_ORDER_NONE */
	char **cuts;           /* PAWL_ORDER_KEY: the last key of each window but the last one, rising */
	size_t cut_count, next_cut;
	pawl_buffer relation;  /* of this window */
	char *position;        /* behind it */
	bool is_last;
} pawl_duckdb_read;

typedef struct pawl_duckdb_source {
	pawl_source source;
	pawl_duck *engine;
	int guard; /* keeps writers out: see duckdb.c; -1: there is none */
	bool is_guarded;
	pawl_source_claim claim;
	char *path;
	pawl_duckdb_read reading;
} pawl_duckdb_source;

/* ---- discover.c ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_duckdb_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error);

/* ---- sql.c ----------------------------------------------------------------------------------------------------------- */

/* pawl_source."schema"."table" */
void pawl_duckdb_append_table(pawl_buffer *sql, const pawl_source_table *table);

/* What stands behind FROM: the table, or what is left of it when a part of the limits is easier said here. */
void pawl_duckdb_append_from(pawl_buffer *sql, const pawl_read *read);

/* The key as an expression over the table's columns. */
void pawl_duckdb_append_key(pawl_buffer *sql, const pawl_read *read);

/* 'text'::TYPE */
void pawl_duckdb_append_value(pawl_buffer *sql, const pawl_key_value *value);

/* " WHERE ..." with all limits of the read but its position, and what append_from said; appends "" when it has none.
 * *ret_separator is what goes in front of another condition: " WHERE " or " AND ". */
void pawl_duckdb_append_where(pawl_buffer *sql, const pawl_read *read, const char **ret_separator);

/* "SELECT columns FROM table": without conditions. */
void pawl_duckdb_append_select(pawl_buffer *sql, const pawl_read *read);

/* The type of the key's columns, which is one. */
const char *pawl_duckdb_key_type(const pawl_read *read);

/* An instant (UTC, microseconds) as a value of the key that is not above the key of any row written at that instant or later; NULL
 * when the key is no clock. `newest` is an expression of the newest key, whose form a text follows. */
void pawl_duckdb_append_instant(pawl_buffer *sql, const pawl_read *read, int64_t us, const char *newest);

/* ---- read.c ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                               pawl_bounds *ret_bounds, pawl_error *error);
pawl_status pawl_duckdb_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error);
pawl_status pawl_duckdb_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                     pawl_error *error);
pawl_status pawl_duckdb_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error);
void pawl_duckdb_read_end(pawl_source *source);
pawl_status pawl_duckdb_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);
pawl_status pawl_duckdb_relation(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);

static inline pawl_duckdb_source *pawl_duckdb_source_of(pawl_source *source)
{
	return (pawl_duckdb_source *) source;
}

#endif
