#include "duck/internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Cells are written as DuckDB reads them (see duckdb.h), so what it says of their layout must hold. */
_Static_assert(sizeof(duckdb_string_t) == 16, "a string is 16 bytes");
_Static_assert(offsetof(duckdb_string_t, value.inlined.inlined) == 4, "length, then the text itself");
_Static_assert(sizeof(((duckdb_string_t *) NULL)->value.inlined.inlined) == 12, "up to 12 bytes of it");
_Static_assert(offsetof(duckdb_string_t, value.pointer.prefix) == 4, "or length, the first 4 bytes");
_Static_assert(offsetof(duckdb_string_t, value.pointer.ptr) == 8, "and a pointer");
_Static_assert(sizeof(duckdb_hugeint) == sizeof(pawl_int128) && offsetof(duckdb_hugeint, lower) == 0 &&
                       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "a hugeint is an __int128");

#define INLINE_BYTES 12
#define PAGE_BYTES   4096

static const size_t cell_bytes[] = {
	[PAWL_STORAGE_BOOLEAN] = 1, [PAWL_STORAGE_INT16] = 2,   [PAWL_STORAGE_INT32] = 4,  [PAWL_STORAGE_INT64] = 8,
	[PAWL_STORAGE_INT128] = 16, [PAWL_STORAGE_FLOAT] = 4,   [PAWL_STORAGE_DOUBLE] = 8, [PAWL_STORAGE_BYTES] = 16,
};

static const duckdb_type duckdb_types[] = {
	[PAWL_BOOLEAN] = DUCKDB_TYPE_BOOLEAN,        [PAWL_SHORT] = DUCKDB_TYPE_SMALLINT,
	[PAWL_INT] = DUCKDB_TYPE_INTEGER,            [PAWL_LONG] = DUCKDB_TYPE_BIGINT,
	[PAWL_FLOAT] = DUCKDB_TYPE_FLOAT,            [PAWL_DOUBLE] = DUCKDB_TYPE_DOUBLE,
	[PAWL_NAIVE_DATE] = DUCKDB_TYPE_DATE,        [PAWL_NAIVE_DATETIME] = DUCKDB_TYPE_TIMESTAMP,
	[PAWL_UTC_DATETIME] = DUCKDB_TYPE_TIMESTAMP_TZ, [PAWL_BINARY] = DUCKDB_TYPE_BLOB,
	[PAWL_XML] = DUCKDB_TYPE_VARCHAR,            [PAWL_STRING] = DUCKDB_TYPE_VARCHAR,
	[PAWL_JSON] = DUCKDB_TYPE_VARCHAR,
};

duckdb_logical_type pawl_duck_logical_type(pawl_type type)
{
	if (pawl_type_kind(type) == PAWL_KIND_DECIMAL)
		return duckdb_create_decimal_type((uint8_t) pawl_type_precision(type), (uint8_t) pawl_type_scale(type));
	return duckdb_create_logical_type(duckdb_types[pawl_type_kind(type)]);
}

pawl_status pawl_chunks_new(const pawl_chunks_column *columns, size_t column_count, pawl_chunks **ret_chunks, pawl_error *error)
{
	pawl_chunks *chunks = pawl_allocate(sizeof(*chunks));

	if (chunks == NULL)
		return pawl_error_out_of_memory(error);
	chunks->columns = pawl_allocate_array(column_count, sizeof(*chunks->columns));
	if (chunks->columns == NULL) {
		pawl_chunks_free(chunks);
		return pawl_error_out_of_memory(error);
	}
	chunks->column_count = column_count;
	for (size_t i = 0; i < column_count; i++) {
		pawl_chunks_layout *column = &chunks->columns[i];
		assert(columns[i].type != PAWL_UNSPECIFIED);
		column->type = columns[i].type;
		column->storage = pawl_type_storage(columns[i].type);
		chunks->row_bytes += cell_bytes[column->storage];
		column->name = pawl_duplicate(columns[i].name);
		if (column->name == NULL) {
			pawl_chunks_free(chunks);
			return pawl_error_out_of_memory(error);
		}
	}
	*ret_chunks = chunks;
	return PAWL_OK;
}

void pawl_chunks_free(pawl_chunks *chunks)
{
	if (chunks == NULL)
		return;
	if (chunks->duck != NULL)
		chunks->duck->published[chunks->number] = NULL;
	for (size_t i = 0; i < chunks->chunk_count; i++)
		duckdb_destroy_data_chunk(&chunks->chunks[i]);
	for (size_t i = 0; i < chunks->column_count; i++)
		pawl_free(chunks->columns[i].name);
	pawl_arena_free(&chunks->arena);
	pawl_free(chunks->chunks);
	pawl_free(chunks->vectors);
	pawl_free(chunks->text_bytes);
	pawl_free(chunks->columns);
	pawl_free(chunks);
}

static pawl_status grow_capacity(pawl_chunks *chunks, pawl_error *error)
{
	size_t capacity = chunks->chunk_capacity == 0 ? 8 : chunks->chunk_capacity * 2;
	duckdb_data_chunk *grown = pawl_reallocate(chunks->chunks, capacity * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	chunks->chunks = grown;
	pawl_chunks_vector *vectors = pawl_reallocate(chunks->vectors, capacity * chunks->column_count * sizeof(*vectors));
	if (vectors == NULL)
		return pawl_error_out_of_memory(error);
	chunks->vectors = vectors;
	size_t *text_bytes = pawl_reallocate(chunks->text_bytes, capacity * sizeof(*text_bytes));
	if (text_bytes == NULL)
		return pawl_error_out_of_memory(error);
	chunks->text_bytes = text_bytes;
	chunks->chunk_capacity = capacity;
	return PAWL_OK;
}

static pawl_status add_chunk(pawl_chunks *chunks, pawl_error *error)
{
	if (chunks->chunk_count == chunks->chunk_capacity)
		PAWL_TRY(grow_capacity(chunks, error));

	PAWL_CLEANUP(pawl_free_pointer) duckdb_logical_type *types = pawl_allocate_array(chunks->column_count, sizeof(*types));
	if (types == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < chunks->column_count; i++)
		types[i] = pawl_duck_logical_type(chunks->columns[i].type);
	duckdb_data_chunk chunk = duckdb_create_data_chunk(types, chunks->column_count);
	for (size_t i = 0; i < chunks->column_count; i++)
		duckdb_destroy_logical_type(&types[i]);
	if (chunk == NULL)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB made no chunk of %zu columns", chunks->column_count);

	for (size_t i = 0; i < chunks->column_count; i++) {
		duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
		chunks->vectors[chunks->chunk_count * chunks->column_count + i] =
			(pawl_chunks_vector) {vector, duckdb_vector_get_data(vector), NULL};
	}
	chunks->text_bytes[chunks->chunk_count] = 0;
	chunks->chunks[chunks->chunk_count++] = chunk;
	return PAWL_OK;
}

pawl_status pawl_chunks_append(pawl_chunks *chunks, size_t *ret_row, pawl_error *error)
{
	if (chunks->row_count == chunks->chunk_count * PAWL_CHUNK_ROWS)
		PAWL_TRY(add_chunk(chunks, error));
	*ret_row = chunks->row_count++;
	if (chunks->row_count > chunks->most_rows)
		chunks->most_rows = chunks->row_count;
	return PAWL_OK;
}

/* The unused bytes of a short text are zeros: DuckDB compares and hashes all 16. */
static pawl_status set_bytes(pawl_chunks *chunks, size_t row, duckdb_string_t *string, const char *bytes, size_t length,
                             pawl_error *error)
{
	if (length > UINT32_MAX)
		return pawl_error_set(error, PAWL_INVALID, "a value of %zu bytes is longer than DuckDB can keep, %u", length, UINT32_MAX);
	memset(string, 0, sizeof(*string));
	if (length <= INLINE_BYTES) {
		string->value.inlined.length = (uint32_t) length;
		if (length > 0)
			memcpy(string->value.inlined.inlined, bytes, length);
		return PAWL_OK;
	}
	char *copy = pawl_arena_allocate(&chunks->arena, length);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	memcpy(copy, bytes, length);
	chunks->text_bytes[row / PAWL_CHUNK_ROWS] += length;
	string->value.pointer.length = (uint32_t) length;
	memcpy(string->value.pointer.prefix, bytes, sizeof(string->value.pointer.prefix));
	string->value.pointer.ptr = copy;
	return PAWL_OK;
}

static void set_null(pawl_chunks_vector *vector, size_t index)
{
	if (vector->validity == NULL) {
		duckdb_vector_ensure_validity_writable(vector->vector);
		vector->validity = duckdb_vector_get_validity(vector->vector);
	}
	vector->validity[index / 64] &= ~(UINT64_C(1) << index % 64);
}

pawl_status pawl_chunks_set(pawl_chunks *chunks, size_t row, size_t column, const pawl_cell *cell, pawl_error *error)
{
	assert(row < chunks->row_count && column < chunks->column_count);
	pawl_chunks_vector *vector = &chunks->vectors[row / PAWL_CHUNK_ROWS * chunks->column_count + column];
	size_t index = row % PAWL_CHUNK_ROWS;

	if (cell->is_null) {
		set_null(vector, index);
		return PAWL_OK;
	}
	switch (chunks->columns[column].storage) {
	case PAWL_STORAGE_BOOLEAN:
		((bool *) vector->cells)[index] = cell->as.boolean;
		break;
	case PAWL_STORAGE_INT16:
		((int16_t *) vector->cells)[index] = cell->as.int16;
		break;
	case PAWL_STORAGE_INT32:
		((int32_t *) vector->cells)[index] = cell->as.int32;
		break;
	case PAWL_STORAGE_INT64:
		((int64_t *) vector->cells)[index] = cell->as.int64;
		break;
	case PAWL_STORAGE_INT128: /* DuckDB aligns it to 8 */
		memcpy((char *) vector->cells + index * sizeof(cell->as.int128), &cell->as.int128, sizeof(cell->as.int128));
		break;
	case PAWL_STORAGE_FLOAT:
		((float *) vector->cells)[index] = cell->as.float32;
		break;
	case PAWL_STORAGE_DOUBLE:
		((double *) vector->cells)[index] = cell->as.float64;
		break;
	case PAWL_STORAGE_BYTES:
		PAWL_TRY(set_bytes(chunks, row, (duckdb_string_t *) vector->cells + index, cell->as.bytes, cell->length, error));
		break;
	}
	if (vector->validity != NULL)
		vector->validity[index / 64] |= UINT64_C(1) << index % 64;
	return PAWL_OK;
}

void pawl_chunks_get(const pawl_chunks *chunks, size_t row, size_t column, pawl_cell *ret_cell)
{
	assert(row < chunks->row_count && column < chunks->column_count);
	const pawl_chunks_vector *vector = &chunks->vectors[row / PAWL_CHUNK_ROWS * chunks->column_count + column];
	size_t index = row % PAWL_CHUNK_ROWS;
	duckdb_string_t *string;

	memset(ret_cell, 0, sizeof(*ret_cell));
	ret_cell->is_null = vector->validity != NULL && (vector->validity[index / 64] >> index % 64 & 1) == 0;
	if (ret_cell->is_null)
		return;
	switch (chunks->columns[column].storage) {
	case PAWL_STORAGE_BOOLEAN:
		ret_cell->as.boolean = ((const bool *) vector->cells)[index];
		break;
	case PAWL_STORAGE_INT16:
		ret_cell->as.int16 = ((const int16_t *) vector->cells)[index];
		break;
	case PAWL_STORAGE_INT32:
		ret_cell->as.int32 = ((const int32_t *) vector->cells)[index];
		break;
	case PAWL_STORAGE_INT64:
		ret_cell->as.int64 = ((const int64_t *) vector->cells)[index];
		break;
	case PAWL_STORAGE_INT128:
		memcpy(&ret_cell->as.int128, (const char *) vector->cells + index * sizeof(pawl_int128), sizeof(pawl_int128));
		break;
	case PAWL_STORAGE_FLOAT:
		ret_cell->as.float32 = ((const float *) vector->cells)[index];
		break;
	case PAWL_STORAGE_DOUBLE:
		ret_cell->as.float64 = ((const double *) vector->cells)[index];
		break;
	case PAWL_STORAGE_BYTES:
		string = (duckdb_string_t *) vector->cells + index;
		ret_cell->length = string->value.inlined.length;
		ret_cell->as.bytes = duckdb_string_t_data(string);
		break;
	}
}

size_t pawl_chunks_row_count(const pawl_chunks *chunks)
{
	return chunks->row_count;
}

/* The system gives memory by pages, when they are first written: a new chunk costs next to nothing, and a cleared one what it did. */
size_t pawl_chunks_bytes(const pawl_chunks *chunks)
{
	return chunks->most_rows * chunks->row_bytes + chunks->chunk_count * chunks->column_count * PAGE_BYTES +
	       chunks->arena.used_bytes;
}

size_t pawl_chunks_text_bytes(const pawl_chunks *chunks)
{
	size_t most = 0;

	for (size_t i = 0; i < chunks->chunk_count; i++)
		if (chunks->text_bytes[i] > most)
			most = chunks->text_bytes[i];
	return most;
}

void pawl_chunks_clear(pawl_chunks *chunks)
{
	chunks->row_count = 0;
	if (chunks->chunk_count > 0)
		memset(chunks->text_bytes, 0, chunks->chunk_count * sizeof(*chunks->text_bytes));
	pawl_arena_reset(&chunks->arena);
}

pawl_status pawl_chunks_publish(pawl_chunks *chunks, pawl_duck *duck, pawl_error *error)
{
	if (chunks->duck != NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "'%s' is published already", chunks->relation);
	size_t number = duck->published_count;
	pawl_chunks **published = pawl_reallocate(duck->published, (number + 1) * sizeof(pawl_chunks *));
	if (published == NULL)
		return pawl_error_out_of_memory(error);
	duck->published = published;
	duck->published[number] = chunks;
	duck->published_count = number + 1;
	chunks->duck = duck;
	chunks->number = number;
	snprintf(chunks->relation, sizeof(chunks->relation), "pawl_chunks(%zu)", number);
	return PAWL_OK;
}

const char *pawl_chunks_relation(const pawl_chunks *chunks)
{
	return chunks->relation;
}
