/*
 * source/sqlite/reading.h: a read in progress.
 *
 *     read.c     begin and end, windows
 *     fill.c     takes rows from SQLite, under the read's lock, and cuts windows
 *     decode.c   makes cells of what was taken, outside of it
 *     exact.c    numbers and times, exactly or not at all
 *     problem.c  a value that cannot be kept: what it is, and where
 *
 * SQLite is stepped by one thread at a time. Numbers go from it straight into their cells; all else is copied, and checked and
 * converted when the next thread steps already.
 */
#ifndef PAWL_SOURCE_SQLITE_READING_H
#define PAWL_SOURCE_SQLITE_READING_H

#include <pthread.h>
#include <string.h>

#include "base/decimal.h"
#include "source/sqlite/internal.h"

#define PAWL_SQLITE_VALUE_BYTES ((size_t) 8 << 20) /* one value has at most so many, and a chunk ends when it has more */

/* A value as it was taken from SQLite. */
typedef struct pawl_sqlite_kept {
	int storage;    /* SQLITE_INTEGER to SQLITE_NULL */
	uint32_t length; /* of text and blobs */
	union {
		int64_t integer;
		double real;
		size_t offset; /* of text and blobs, in the batch's bytes */
	} as;
} pawl_sqlite_kept;

/* A column of the statement. */
typedef struct pawl_sqlite_column {
	const char *name; /* in the table */
	pawl_sqlite_type type;
	pawl_key_format format; /* of PAWL_SQLITE_TIME */
	char type_name[PAWL_SQLITE_TYPE_BYTES];
	bool is_mark;
	bool is_kept;
	size_t kept; /* its number among those that are kept */
} pawl_sqlite_column;

typedef enum pawl_sqlite_problem_kind {
	PAWL_SQLITE_NO_PROBLEM,
	PAWL_SQLITE_MISFIT,
	PAWL_SQLITE_NOT_UTF8,
	PAWL_SQLITE_TOO_LARGE
} pawl_sqlite_problem_kind;

/* A value that cannot be kept. */
typedef struct pawl_sqlite_problem {
	pawl_sqlite_problem_kind kind;
	size_t row, column; /* in the batch; in the statement */
	int storage;
	size_t bytes;
	char excerpt[256];
} pawl_sqlite_problem;

/* What a thread has taken last. */
typedef struct pawl_sqlite_batch {
	pawl_sqlite_reading *reading;
	pawl_sqlite_kept *kept; /* of column c, row r: kept[c * rows_at_most + r] */
	char *bytes;
	size_t length, capacity;
	size_t row_count;
	int64_t first_row; /* its number in the read, from 1 */
	pawl_sqlite_problem problem;
} pawl_sqlite_batch;

struct pawl_sqlite_reading {
	pawl_sqlite_source *sqlite;
	pawl_sqlite_plan plan;
	pawl_sqlite_column *columns;
	size_t column_count; /* of the statement */
	size_t output_count; /* of the relation: the first ones */
	size_t kept_count;
	size_t number_count; /* of the relation's columns: eight bytes each */
	size_t rows_at_most; /* of a batch */
	sqlite3_stmt *statements[PAWL_SQLITE_PHASES];
	sqlite3_stmt *comparison; /* whether two keys may be one to SQLite */
	pawl_stream *stream;

	pthread_mutex_t mutex; /* of the statements and of what follows */
	int phase;
	bool has_row;        /* the statement is at a row that was not taken yet */
	bool is_done;        /* there are no more rows */
	int64_t rows_taken;  /* in all windows */
	pawl_key_value *position; /* behind the last of them */

	pawl_window_limit limit;
	int64_t window_started_us;
	int64_t window_rows, window_bytes;
	bool is_window_over;
	bool is_ending;       /* the limit was reached within a group of equal keys: the window goes on to its end */
	int ending_phase;
	sqlite3_value *ending_key;

	bool has_failed;
	int64_t failed_row; /* the first row's failure is the one that is told */
	pawl_error failure;
	pawl_misfit misfit;
};

static inline pawl_sqlite_kept *pawl_sqlite_kept_of(const pawl_sqlite_batch *batch, const pawl_sqlite_column *column,
                                                    size_t row)
{
	return &batch->kept[column->kept * batch->reading->rows_at_most + row];
}

/* ---- fill.c ---------------------------------------------------------------------------------------------------------- */

/* Of pawl_stream_producer. */
pawl_status pawl_sqlite_fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error);
int64_t pawl_sqlite_rows_left(void *context);
void pawl_sqlite_free_batch(void *thread_state);

/* ---- decode.c -------------------------------------------------------------------------------------------------------- */

/* Makes the cells of all kept columns. The first value that cannot be kept becomes the batch's problem. */
pawl_status pawl_sqlite_decode(pawl_sqlite_batch *batch, pawl_stream_chunk *chunk, pawl_error *error);

/* An integer that a double keeps. */
static inline bool pawl_sqlite_is_exact(int64_t integer)
{
	double real = (double) integer;
	return real < 0x1p63 && (int64_t) real == integer;
}

/* The cell of a BIGINT, BOOLEAN or DOUBLE; false when the value is a misfit. */
static inline bool pawl_sqlite_put_number(pawl_sqlite_kind kind, pawl_stream_vector *vector, size_t row,
                                          const pawl_sqlite_kept *value)
{
	if (value->storage == SQLITE_NULL) {
		pawl_stream_set_null(vector, row);
		return true;
	}
	if (kind == PAWL_SQLITE_INTEGER) {
		((int64_t *) vector->cells)[row] = value->as.integer;
		return value->storage == SQLITE_INTEGER;
	}
	if (kind == PAWL_SQLITE_BOOLEAN) {
		((bool *) vector->cells)[row] = value->as.integer != 0;
		return value->storage == SQLITE_INTEGER && (value->as.integer == 0 || value->as.integer == 1);
	}
	if (value->storage == SQLITE_FLOAT) {
		((double *) vector->cells)[row] = value->as.real;
		return true;
	}
	((double *) vector->cells)[row] = (double) value->as.integer;
	return value->storage == SQLITE_INTEGER && pawl_sqlite_is_exact(value->as.integer);
}

/* ---- exact.c --------------------------------------------------------------------------------------------------------- */

/* The number as DECIMAL(precision,scale) has it; false when digits would be lost, or it is none. */
bool pawl_sqlite_exact_decimal(const pawl_sqlite_kept *value, int precision, int scale, pawl_int128 *ret_unscaled);

/* Microseconds since 1970, UTC; false when the value is no time of that format. `bytes` are those of a text. */
bool pawl_sqlite_exact_time(const pawl_sqlite_kept *value, const char *bytes, pawl_key_format format, int64_t *ret_us);

/* ---- problem.c ------------------------------------------------------------------------------------------------------- */

/* Notes it, unless a problem was noted before. `bytes` are those of a text or blob. */
void pawl_sqlite_note_problem(pawl_sqlite_batch *batch, pawl_sqlite_problem_kind kind, size_t row, size_t column,
                              const pawl_sqlite_kept *value, const char *bytes);

/* The batch's problem as an error. */
pawl_status pawl_sqlite_tell_problem(const pawl_sqlite_batch *batch, pawl_error *error);

#endif
