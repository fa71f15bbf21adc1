/*
 * duck/internal.h: what the files of this room share. Nobody else includes it.
 */
#ifndef PAWL_DUCK_INTERNAL_H
#define PAWL_DUCK_INTERNAL_H

#include <duckdb.h>

#include "base/memory.h"
#include "duck/chunks.h"
#include "duck/duck.h"
#include "duck/stream.h"

/* The streams of a database, which all its connections share, and the table function of it. */
typedef struct pawl_streams pawl_streams;

struct pawl_duck {
	duckdb_database database;
	duckdb_connection connection;
	pawl_chunks **published; /* by number; NULL where the chunks were freed */
	size_t published_count;
	pawl_streams *streams;
	char *made_path; /* of the file, if opening made it */
};

/* Rows of a chunk: the standard vector size that libduckdb is built with, checked when a database is opened. */
#define PAWL_CHUNK_ROWS 2048

typedef struct pawl_chunks_layout {
	char *name;
	pawl_type type;
	pawl_storage storage;
} pawl_chunks_layout;

/* One column of one chunk: where its cells lie. */
typedef struct pawl_chunks_vector {
	duckdb_vector vector;
	void *cells;
	uint64_t *validity; /* NULL until the first NULL of this vector: DuckDB is faster without it */
} pawl_chunks_vector;

struct pawl_chunks {
	pawl_duck *duck; /* where it is published, or NULL */
	size_t number;   /* in duck->published */
	char relation[40];
	pawl_chunks_layout *columns;
	size_t column_count;
	duckdb_data_chunk *chunks;
	pawl_chunks_vector *vectors; /* of chunk c, column i: vectors[c * column_count + i] */
	size_t *text_bytes;          /* of each chunk: texts that do not fit into their cells, those that were replaced, too */
	size_t chunk_count;          /* allocated; those beyond row_count are kept for later */
	size_t chunk_capacity;
	size_t row_bytes; /* of the cells of one row */
	size_t row_count;
	size_t most_rows; /* that there were at a time */
	pawl_arena arena; /* text that does not fit into its cell */
};

/* Adds the table function `pawl_chunks(number)` to a database that was just opened. */
pawl_status pawl_scan_register(pawl_duck *duck, pawl_error *error);

/* Adds the table function `pawl_stream(number)` to a database that was just opened, and fills duck->streams. */
pawl_status pawl_stream_register(pawl_duck *duck, pawl_error *error);

/* One holder more: another connection to the same database. Each releases it once; the last one frees it. Release takes NULL. */
pawl_streams *pawl_streams_hold(pawl_streams *streams);
void pawl_streams_release(pawl_streams *streams);

/* Free with duckdb_destroy_logical_type. */
duckdb_logical_type pawl_duck_logical_type(pawl_type type);

/*
 * Fills the error from DuckDB's. Where the library gives no type with its message (opening, preparing), pass
 * DUCKDB_ERROR_INVALID: the message's first words tell it.
 */
pawl_status pawl_duck_fail(duckdb_error_type type, const char *message, pawl_error *error);

/* What a table function of ours reports when Pawl's allocator refused it memory. */
#define PAWL_DUCK_REFUSED "pawl: memory was refused"

#endif
