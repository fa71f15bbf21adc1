#include "connector/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

typedef struct batch_key {
	const char *bytes;
	size_t length;
} batch_key;

/* A place of the hash table; row_plus_1 is 0 when it is free. */
typedef struct batch_slot {
	uint32_t tag; /* the hash's upper half: most other keys are told apart without looking at them */
	uint32_t row_plus_1;
} batch_slot;

struct pawl_batch {
	pawl_chunks *chunks;
	size_t column_count; /* of the table; then is_full, is_deleted and the words of given bits */
	size_t word_count;
	bool has_partial_rows;

	pawl_arena key_memory;
	batch_key *keys; /* of each row */
	size_t key_capacity;
	batch_slot *slots; /* open addressing, linear probing, at most half full */
	size_t slot_count; /* a power of two */
};

enum { FIRST_CAPACITY = 64 };

static size_t column_is_full(const pawl_batch *batch)
{
	return batch->column_count;
}

static size_t column_is_deleted(const pawl_batch *batch)
{
	return batch->column_count + 1;
}

static size_t column_given(const pawl_batch *batch, size_t column)
{
	return batch->column_count + 2 + column / PAWL_GIVEN_BITS;
}

static pawl_status make_chunks(pawl_batch *batch, const pawl_destination_table *table, pawl_duck *engine, pawl_error *error)
{
	size_t count = batch->column_count + 2 + batch->word_count;
	PAWL_CLEANUP(pawl_free_pointer) pawl_chunks_column *columns = pawl_allocate_array(count, sizeof(*columns));
	PAWL_CLEANUP(pawl_free_pointer) char(*names)[40] = pawl_allocate_array(batch->word_count, sizeof(*names));
	if (columns == NULL || names == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < batch->column_count; i++)
		columns[i] = (pawl_chunks_column){table->columns[i].name, table->columns[i].type};
	columns[column_is_full(batch)] = (pawl_chunks_column){PAWL_COLUMN_IS_FULL, PAWL_BOOLEAN};
	columns[column_is_deleted(batch)] = (pawl_chunks_column){PAWL_COLUMN_IS_DELETED, PAWL_BOOLEAN};
	for (size_t word = 0; word < batch->word_count; word++) {
		snprintf(names[word], sizeof(names[word]), PAWL_COLUMN_GIVEN "%zu", word);
		columns[column_given(batch, word * PAWL_GIVEN_BITS)] = (pawl_chunks_column){names[word], PAWL_LONG};
	}
	PAWL_TRY(pawl_chunks_new(columns, count, &batch->chunks, error));
	return pawl_chunks_publish(batch->chunks, engine, error);
}

pawl_status pawl_batch_new(const pawl_destination_table *table, pawl_duck *engine, pawl_batch **ret_batch, pawl_error *error)
{
	pawl_batch *batch = pawl_allocate(sizeof(*batch));
	if (batch == NULL)
		return pawl_error_out_of_memory(error);
	batch->column_count = table->column_count;
	batch->word_count = (table->column_count + PAWL_GIVEN_BITS - 1) / PAWL_GIVEN_BITS;
	pawl_status status = make_chunks(batch, table, engine, error);
	if (status != PAWL_OK) {
		pawl_batch_free(batch);
		return status;
	}
	*ret_batch = batch;
	return PAWL_OK;
}

void pawl_batch_free(pawl_batch *batch)
{
	if (batch == NULL)
		return;
	pawl_chunks_free(batch->chunks);
	pawl_arena_free(&batch->key_memory);
	pawl_free(batch->keys);
	pawl_free(batch->slots);
	pawl_free(batch);
}

/* ---- the key's row --------------------------------------------------------------------------------------------------- */

/* The slot of that key, or the free one where it belongs. */
static batch_slot *find_slot(pawl_batch *batch, uint64_t hash, const void *key, size_t key_length)
{
	size_t mask = batch->slot_count - 1;
	uint32_t tag = (uint32_t) (hash >> 32);
	for (size_t place = (size_t) hash & mask;; place = (place + 1) & mask) {
		batch_slot *slot = &batch->slots[place];
		if (slot->row_plus_1 == 0)
			return slot;
		const batch_key *other = &batch->keys[slot->row_plus_1 - 1];
		if (slot->tag == tag && other->length == key_length && memcmp(other->bytes, key, key_length) == 0)
			return slot;
	}
}

static pawl_status grow(pawl_batch *batch, pawl_error *error)
{
	size_t capacity = batch->key_capacity == 0 ? FIRST_CAPACITY : batch->key_capacity * 2;
	batch_key *keys = pawl_reallocate(batch->keys, capacity * sizeof(*keys));
	if (keys == NULL)
		return pawl_error_out_of_memory(error);
	batch->keys = keys;
	batch_slot *slots = pawl_allocate_array(capacity * 2, sizeof(*slots));
	if (slots == NULL)
		return pawl_error_out_of_memory(error);
	pawl_free(batch->slots);
	batch->slots = slots;
	batch->slot_count = capacity * 2;
	batch->key_capacity = capacity;
	for (size_t row = 0; row < pawl_batch_row_count(batch); row++) {
		uint64_t hash = pawl_hash_bytes(keys[row].bytes, keys[row].length);
		*find_slot(batch, hash, keys[row].bytes, keys[row].length) = (batch_slot){(uint32_t) (hash >> 32), (uint32_t) row + 1};
	}
	return PAWL_OK;
}

static void set_boolean(pawl_batch *batch, size_t row, size_t column, bool boolean)
{
	pawl_error ignored; /* only cells of bytes can fail */
	pawl_chunks_set(batch->chunks, row, column, &(pawl_cell){.as.boolean = boolean}, &ignored);
}

static void set_word(pawl_batch *batch, size_t row, size_t column, int64_t word)
{
	pawl_error ignored;
	pawl_chunks_set(batch->chunks, row, column, &(pawl_cell){.as.int64 = word}, &ignored);
}

/* The row of that key, added with undefined cells when there was none. */
static pawl_status find_or_add(pawl_batch *batch, const void *key, size_t key_length, size_t *ret_row, bool *ret_is_new,
                               pawl_error *error)
{
	if (pawl_batch_row_count(batch) == batch->key_capacity)
		PAWL_TRY(grow(batch, error));
	uint64_t hash = pawl_hash_bytes(key, key_length);
	batch_slot *slot = find_slot(batch, hash, key, key_length);
	*ret_is_new = slot->row_plus_1 == 0;
	if (!*ret_is_new) {
		*ret_row = slot->row_plus_1 - 1;
		return PAWL_OK;
	}
	char *copy = pawl_arena_allocate(&batch->key_memory, key_length);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	memcpy(copy, key, key_length);
	PAWL_TRY(pawl_chunks_append(batch->chunks, ret_row, error));
	batch->keys[*ret_row] = (batch_key){copy, key_length};
	*slot = (batch_slot){(uint32_t) (hash >> 32), (uint32_t) *ret_row + 1};
	for (size_t word = 0; word < batch->word_count; word++)
		set_word(batch, *ret_row, column_given(batch, word * PAWL_GIVEN_BITS), 0);
	return PAWL_OK;
}

pawl_status pawl_batch_full_row(pawl_batch *batch, const void *key, size_t key_length, size_t *ret_row, pawl_error *error)
{
	bool is_new;
	PAWL_TRY(find_or_add(batch, key, key_length, ret_row, &is_new, error));
	set_boolean(batch, *ret_row, column_is_full(batch), true);
	set_boolean(batch, *ret_row, column_is_deleted(batch), false);
	return PAWL_OK;
}

pawl_status pawl_batch_partial_row(pawl_batch *batch, const void *key, size_t key_length, size_t *ret_row, bool *ret_is_new,
                                   pawl_error *error)
{
	PAWL_TRY(find_or_add(batch, key, key_length, ret_row, ret_is_new, error));
	if (!*ret_is_new)
		return PAWL_OK;
	static const pawl_cell null = {.is_null = true};
	for (size_t column = 0; column < batch->column_count; column++)
		PAWL_TRY(pawl_batch_set(batch, *ret_row, column, &null, error));
	set_boolean(batch, *ret_row, column_is_full(batch), false);
	set_boolean(batch, *ret_row, column_is_deleted(batch), false);
	batch->has_partial_rows = true;
	return PAWL_OK;
}

/* ---- the row's cells and marks --------------------------------------------------------------------------------------- */

pawl_status pawl_batch_set(pawl_batch *batch, size_t row, size_t column, const pawl_cell *cell, pawl_error *error)
{
	return pawl_chunks_set(batch->chunks, row, column, cell, error);
}

void pawl_batch_mark_given(pawl_batch *batch, size_t row, size_t column)
{
	pawl_cell cell;
	pawl_chunks_get(batch->chunks, row, column_given(batch, column), &cell);
	set_word(batch, row, column_given(batch, column), cell.as.int64 | (int64_t) 1 << column % PAWL_GIVEN_BITS);
}

void pawl_batch_mark_deleted(pawl_batch *batch, size_t row)
{
	set_boolean(batch, row, column_is_deleted(batch), true);
}

void pawl_batch_mark_all_deleted(pawl_batch *batch)
{
	for (size_t row = 0; row < pawl_batch_row_count(batch); row++)
		pawl_batch_mark_deleted(batch, row);
}

size_t pawl_batch_row_count(const pawl_batch *batch)
{
	return pawl_chunks_row_count(batch->chunks);
}

size_t pawl_batch_bytes(const pawl_batch *batch)
{
	return pawl_chunks_bytes(batch->chunks) + batch->key_memory.used_bytes + batch->key_capacity * sizeof(*batch->keys) +
	       batch->slot_count * sizeof(*batch->slots);
}

pawl_changes pawl_batch_changes(const pawl_batch *batch)
{
	return (pawl_changes){pawl_chunks_relation(batch->chunks), batch->has_partial_rows, pawl_chunks_text_bytes(batch->chunks)};
}

void pawl_batch_clear(pawl_batch *batch)
{
	pawl_chunks_clear(batch->chunks);
	pawl_arena_reset(&batch->key_memory);
	if (batch->slots != NULL)
		memset(batch->slots, 0, batch->slot_count * sizeof(*batch->slots));
	batch->has_partial_rows = false;
}
