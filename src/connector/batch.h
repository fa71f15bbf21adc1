/*
 * connector/batch.h: the operations on one table, folded in memory into one row for each primary key.
 *
 *     PAWL_TRY(pawl_batch_full_row(batch, key, key_length, &row, error));
 *     for (size_t column = 0; column < table->column_count; column++)
 *         PAWL_TRY(pawl_batch_set(batch, row, column, &cells[column], error));
 *
 * A row is *full* (an upsert: it replaces the row of its key) or *partial* (updates and deletes: it changes the row of its key,
 * if there is one). Folding at once means that the order of the operations on a key needs no ordinal, and that a key
 * which is written a thousand times takes one row. The rows lie in DuckDB's own layout and are read by SQL without a copy;
 * destination/destination.h describes the columns that follow those of the table.
 */
#ifndef PAWL_CONNECTOR_BATCH_H
#define PAWL_CONNECTOR_BATCH_H

#include "destination/destination.h"
#include "duck/chunks.h"

/* A batch is full at this many rows: one row group of DuckDB's storage. */
#define PAWL_BATCH_ROWS 122880

typedef struct pawl_batch pawl_batch;

/* For the table's columns as they are now; published on the destination's engine. */
pawl_status pawl_batch_new(const pawl_destination_table *table, pawl_duck *engine, pawl_batch **ret_batch, pawl_error *error);
void pawl_batch_free(pawl_batch *batch); /* takes NULL */

/*
 * The row for an upsert of that key, which must be the same bytes for the same key: full and not deleted. Every cell of the
 * table's columns must then be set.
 */
pawl_status pawl_batch_full_row(pawl_batch *batch, const void *key, size_t key_length, size_t *ret_row, pawl_error *error);

/* The row for an update or delete of that key: the one that is there, or a new one that is partial, not deleted, all NULL. */
pawl_status pawl_batch_partial_row(pawl_batch *batch, const void *key, size_t key_length, size_t *ret_row, bool *ret_is_new,
                                   pawl_error *error);

pawl_status pawl_batch_set(pawl_batch *batch, size_t row, size_t column, const pawl_cell *cell, pawl_error *error);

/* Column `column` of the row is given, whatever kind of row it is. */
void pawl_batch_mark_given(pawl_batch *batch, size_t row, size_t column);

void pawl_batch_mark_deleted(pawl_batch *batch, size_t row);
void pawl_batch_mark_all_deleted(pawl_batch *batch);

size_t pawl_batch_row_count(const pawl_batch *batch);
size_t pawl_batch_bytes(const pawl_batch *batch);

/* What a destination needs to know; valid until the batch changes. */
pawl_changes pawl_batch_changes(const pawl_batch *batch);

void pawl_batch_clear(pawl_batch *batch);

#endif
