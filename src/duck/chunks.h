/*
 * duck/chunks.h: rows in memory, laid out as DuckDB lays them out, which SQL can read without a copy.
 *
 *     PAWL_TRY(pawl_chunks_new(columns, 3, &chunks, error));
 *     PAWL_TRY(pawl_chunks_append(chunks, &row, error));
 *     PAWL_TRY(pawl_chunks_set(chunks, row, 0, &cell, error));
 *     PAWL_TRY(pawl_chunks_publish(chunks, duck, error));
 *     run("INSERT INTO t SELECT a, b FROM <pawl_chunks_relation(chunks)>");
 *
 * Cells may be overwritten at any time before publishing, and between two statements that read them.
 */
#ifndef PAWL_DUCK_CHUNKS_H
#define PAWL_DUCK_CHUNKS_H

#include "duck/duck.h"
#include "types/cell.h"

typedef struct pawl_chunks pawl_chunks;

typedef struct pawl_chunks_column {
	const char *name;
	pawl_type type;
} pawl_chunks_column;

/* Names are copied. */
pawl_status pawl_chunks_new(const pawl_chunks_column *columns, size_t column_count, pawl_chunks **ret_chunks, pawl_error *error);

/* Takes NULL; withdraws it when it is published. */
void pawl_chunks_free(pawl_chunks *chunks);

/* Adds a row whose cells are undefined: set every one. *ret_row is its number, from 0. */
pawl_status pawl_chunks_append(pawl_chunks *chunks, size_t *ret_row, pawl_error *error);

/* Overwrites one cell; bytes are copied into memory that is freed by pawl_chunks_clear, so that overwriting long text costs memory. */
pawl_status pawl_chunks_set(pawl_chunks *chunks, size_t row, size_t column, const pawl_cell *cell, pawl_error *error);

/* Reads a cell back; bytes are borrowed until the cell is overwritten or the chunks are cleared. */
void pawl_chunks_get(const pawl_chunks *chunks, size_t row, size_t column, pawl_cell *ret_cell);

size_t pawl_chunks_row_count(const pawl_chunks *chunks);

/* Memory that the rows took when there were most, and the texts that they have, in bytes. */
size_t pawl_chunks_bytes(const pawl_chunks *chunks);

/* Of those, the most that 2,048 rows have in texts of more than 12 bytes. */
size_t pawl_chunks_text_bytes(const pawl_chunks *chunks);

/* Forgets the rows, keeps memory for the next ones. */
void pawl_chunks_clear(pawl_chunks *chunks);

/* Makes the rows readable on a connection; once for a pawl_chunks, whose rows may then come and go. */
pawl_status pawl_chunks_publish(pawl_chunks *chunks, pawl_duck *duck, pawl_error *error);

/* What stands for the rows in a FROM clause: "pawl_chunks(7)". Parallel, with projection pushdown; keeps no order. */
const char *pawl_chunks_relation(const pawl_chunks *chunks);

#endif
