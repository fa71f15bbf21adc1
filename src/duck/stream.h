/*
 * duck/stream.h: rows that are made while DuckDB reads them, chunk by chunk, by several threads.
 *
 *     PAWL_TRY(pawl_stream_new(duck, columns, 3, &producer, &stream, error));
 *     run("INSERT INTO t SELECT a, b FROM <pawl_stream_relation(stream)>");
 *     PAWL_TRY(pawl_stream_check(stream, error));    // the producer's own error; or the statement did not read to the end
 *
 * A relation is read once; then pawl_stream_rearm makes it ready for the next part of the rows.
 */
#ifndef PAWL_DUCK_STREAM_H
#define PAWL_DUCK_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "duck/duck.h"

#define PAWL_STREAM_ROWS 2048 /* of a chunk, at most */

typedef struct pawl_stream pawl_stream;

typedef struct pawl_stream_column {
	const char *name;
	const char *type; /* DuckDB's name: "BIGINT", "DECIMAL(18,2)", "TIMESTAMP WITH TIME ZONE"; no nested types yet */
} pawl_stream_column;

/* One column of the chunk that is being filled. `cells` has PAWL_STREAM_ROWS of DuckDB's cells for the type (see duckdb.h). */
typedef struct pawl_stream_vector {
	void *cells;
	void *handle; /* DuckDB's vector, for the functions below */
} pawl_stream_vector;

typedef struct pawl_stream_chunk {
	pawl_stream_vector *columns;
	size_t column_count;
	size_t row_count; /* to be set; 0 ends this thread's part */
} pawl_stream_chunk;

void pawl_stream_set_null(pawl_stream_vector *vector, size_t row);

/* For VARCHAR (valid UTF-8, which is the producer's to check) and BLOB: copies the bytes, at most 8 MiB, which is also to be
 * checked before. */
void pawl_stream_set_bytes(pawl_stream_vector *vector, size_t row, const char *bytes, size_t length);

typedef struct pawl_stream_producer {
	void *context;

	/*
	 * Fills one chunk. Called by up to `threads` threads at a time: take what is shared under a lock of your own, and fill the
	 * chunk outside of it. *thread_state is NULL at a thread's first call. After an error no more calls come.
	 */
	pawl_status (*fill)(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *error);

	/* About how many rows are left, INT64_MAX where nobody knows. May be NULL. Called by any thread. */
	int64_t (*rows_left)(void *context);

	/* May be NULL. May be called when the stream, and what `context` points to, are gone: only its own memory is there for sure. */
	void (*free_thread_state)(void *thread_state);
	size_t threads;
} pawl_stream_producer;

/* Names, types and the producer's struct are copied. */
pawl_status pawl_stream_new(pawl_duck *duck, const pawl_stream_column *columns, size_t column_count,
                            const pawl_stream_producer *producer, pawl_stream **ret_stream, pawl_error *error);

/* Takes NULL. No statement may be reading it. */
void pawl_stream_free(pawl_stream *stream);

/* "pawl_stream(7)". Parallel, with projection pushdown (columns that no one wants have cells NULL); keeps no order. */
const char *pawl_stream_relation(const pawl_stream *stream);

/* Forgets that it was read, and its error. */
void pawl_stream_rearm(pawl_stream *stream);

/*
 * After the statement: the producer's error, if it had one. PAWL_INTERNAL when the statement succeeded but did not ask until the
 * producer said that it has no more: rows would be missing.
 */
pawl_status pawl_stream_check(const pawl_stream *stream, pawl_error *error);

#endif
