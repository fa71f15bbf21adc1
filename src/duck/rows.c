#include "duck/internal.h"

#include <assert.h>
#include <string.h>

typedef struct rows_column {
	duckdb_type type;
	pawl_storage storage; /* of a result of cells */
	const void *cells;    /* of the current chunk */
	uint64_t *validity;
	pawl_buffer text;     /* of the current row, when it is a text column: DuckDB's own does not end in NUL */
} rows_column;

struct pawl_duck_rows {
	duckdb_prepared_statement statement;
	duckdb_result result;
	rows_column *columns;
	size_t column_count;
	duckdb_data_chunk chunk;
	idx_t row, chunk_rows;
	bool has_cells; /* nobody asks for texts */
};

static pawl_status prepare(pawl_duck_rows *rows, pawl_duck *duck, const char *sql, const char *const *parameters,
                           size_t parameter_count, pawl_error *error)
{
	if (duckdb_prepare(duck->connection, sql, &rows->statement) == DuckDBError)
		return pawl_duck_fail(DUCKDB_ERROR_INVALID, duckdb_prepare_error(rows->statement), error);
	for (size_t i = 0; i < parameter_count; i++) {
		duckdb_state state = parameters[i] == NULL ? duckdb_bind_null(rows->statement, i + 1)
		                                           : duckdb_bind_varchar(rows->statement, i + 1, parameters[i]);
		if (state == DuckDBError)
			return pawl_error_set(error, PAWL_INTERNAL, "DuckDB refuses parameter %zu of: %s", i + 1, sql);
	}
	return PAWL_OK;
}

/* Of types that lie in memory as cells do. */
static const struct cell_type {
	duckdb_type type;
	pawl_storage storage;
} cell_types[] = {
	{DUCKDB_TYPE_BOOLEAN, PAWL_STORAGE_BOOLEAN},      {DUCKDB_TYPE_SMALLINT, PAWL_STORAGE_INT16},
	{DUCKDB_TYPE_INTEGER, PAWL_STORAGE_INT32},        {DUCKDB_TYPE_BIGINT, PAWL_STORAGE_INT64},
	{DUCKDB_TYPE_FLOAT, PAWL_STORAGE_FLOAT},          {DUCKDB_TYPE_DOUBLE, PAWL_STORAGE_DOUBLE},
	{DUCKDB_TYPE_DATE, PAWL_STORAGE_INT32},           {DUCKDB_TYPE_TIMESTAMP, PAWL_STORAGE_INT64},
	{DUCKDB_TYPE_TIMESTAMP_NS, PAWL_STORAGE_INT64},   {DUCKDB_TYPE_TIMESTAMP_TZ, PAWL_STORAGE_INT64},
	{DUCKDB_TYPE_VARCHAR, PAWL_STORAGE_BYTES},        {DUCKDB_TYPE_BLOB, PAWL_STORAGE_BYTES},
};

static pawl_storage decimal_storage(pawl_duck_rows *rows, size_t column)
{
	duckdb_logical_type type = duckdb_column_logical_type(&rows->result, column);
	int precision = duckdb_decimal_width(type);

	duckdb_destroy_logical_type(&type);
	return pawl_type_storage(PAWL_DECIMAL(precision, 0));
}

static pawl_status find_storage(pawl_duck_rows *rows, size_t column, pawl_error *error)
{
	rows_column *found = &rows->columns[column];

	if (found->type == DUCKDB_TYPE_DECIMAL) {
		found->storage = decimal_storage(rows, column);
		return PAWL_OK;
	}
	for (size_t i = 0; i < sizeof(cell_types) / sizeof(cell_types[0]); i++)
		if (cell_types[i].type == found->type) {
			found->storage = cell_types[i].storage;
			return PAWL_OK;
		}
	return pawl_error_set(error, PAWL_INTERNAL, "column '%s' has a type that is no cell's",
	                      duckdb_column_name(&rows->result, column));
}

/* The streaming call is deprecated, but libduckdb has no other one that gives a result without keeping all of it. */
static pawl_status execute(pawl_duck_rows *rows, pawl_error *error)
{
	if (duckdb_execute_prepared_streaming(rows->statement, &rows->result) == DuckDBError)
		return pawl_duck_fail(duckdb_result_error_type(&rows->result), duckdb_result_error(&rows->result), error);
	size_t count = duckdb_column_count(&rows->result);
	rows->columns = pawl_allocate_array(count, sizeof(*rows->columns));
	if (rows->columns == NULL)
		return pawl_error_out_of_memory(error);
	rows->column_count = count;
	for (size_t i = 0; i < count; i++) {
		rows->columns[i].type = duckdb_column_type(&rows->result, i);
		if (rows->has_cells)
			PAWL_TRY(find_storage(rows, i, error));
	}
	return PAWL_OK;
}

pawl_status pawl_duck_query(pawl_duck *duck, const char *sql, const char *const *parameters, size_t parameter_count,
                            pawl_duck_rows **ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = pawl_allocate(sizeof(*rows));

	if (rows == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(prepare(rows, duck, sql, parameters, parameter_count, error));
	PAWL_TRY(execute(rows, error));
	*ret_rows = PAWL_TAKE(rows);
	return PAWL_OK;
}

pawl_status pawl_duck_query_cells(pawl_duck *duck, const char *sql, pawl_duck_rows **ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = pawl_allocate(sizeof(*rows));

	if (rows == NULL)
		return pawl_error_out_of_memory(error);
	rows->has_cells = true;
	PAWL_TRY(prepare(rows, duck, sql, NULL, 0, error));
	PAWL_TRY(execute(rows, error));
	*ret_rows = PAWL_TAKE(rows);
	return PAWL_OK;
}

/* Leaves rows->chunk NULL at the end. */
static pawl_status fetch_chunk(pawl_duck_rows *rows, pawl_error *error)
{
	rows->row = 0;
	do {
		duckdb_destroy_data_chunk(&rows->chunk);
		rows->chunk = duckdb_fetch_chunk(rows->result);
		if (rows->chunk == NULL) {
			const char *message = duckdb_result_error(&rows->result);
			if (message != NULL && message[0] != '\0')
				return pawl_duck_fail(duckdb_result_error_type(&rows->result), message, error);
			return PAWL_OK;
		}
		rows->chunk_rows = duckdb_data_chunk_get_size(rows->chunk);
	} while (rows->chunk_rows == 0);
	for (size_t i = 0; i < rows->column_count; i++) {
		duckdb_vector vector = duckdb_data_chunk_get_vector(rows->chunk, i);
		rows->columns[i].cells = duckdb_vector_get_data(vector);
		rows->columns[i].validity = duckdb_vector_get_validity(vector);
	}
	return PAWL_OK;
}

static pawl_status copy_texts(pawl_duck_rows *rows, pawl_error *error)
{
	for (size_t i = 0; i < rows->column_count; i++) {
		rows_column *column = &rows->columns[i];
		if (column->type != DUCKDB_TYPE_VARCHAR || pawl_duck_rows_is_null(rows, i))
			continue;
		duckdb_string_t *text = (duckdb_string_t *) (uintptr_t) column->cells + rows->row;
		pawl_buffer_clear(&column->text);
		pawl_buffer_append_bytes(&column->text, duckdb_string_t_data(text), duckdb_string_t_length(*text));
		PAWL_TRY(pawl_buffer_status(&column->text, error));
	}
	return PAWL_OK;
}

pawl_status pawl_duck_rows_next(pawl_duck_rows *rows, bool *ret_has_row, pawl_error *error)
{
	rows->row++;
	if (rows->row >= rows->chunk_rows) {
		rows->chunk_rows = 0;
		PAWL_TRY(fetch_chunk(rows, error));
	}
	if (rows->chunk != NULL && !rows->has_cells)
		PAWL_TRY(copy_texts(rows, error));
	*ret_has_row = rows->chunk != NULL;
	return PAWL_OK;
}

bool pawl_duck_rows_is_null(pawl_duck_rows *rows, size_t column)
{
	assert(column < rows->column_count && rows->row < rows->chunk_rows);
	uint64_t *validity = rows->columns[column].validity;
	return validity != NULL && !duckdb_validity_row_is_valid(validity, rows->row);
}

const char *pawl_duck_rows_text(pawl_duck_rows *rows, size_t column, size_t *ret_length)
{
	if (pawl_duck_rows_is_null(rows, column))
		return NULL;
	assert(rows->columns[column].type == DUCKDB_TYPE_VARCHAR);
	if (ret_length != NULL)
		*ret_length = rows->columns[column].text.length;
	return pawl_buffer_text(&rows->columns[column].text);
}

int64_t pawl_duck_rows_integer(pawl_duck_rows *rows, size_t column)
{
	if (pawl_duck_rows_is_null(rows, column))
		return 0;
	const void *cells = rows->columns[column].cells;
	switch ((int) rows->columns[column].type) {
	case DUCKDB_TYPE_BOOLEAN:
		return ((const bool *) cells)[rows->row];
	case DUCKDB_TYPE_INTEGER:
		return ((const int32_t *) cells)[rows->row];
	default:
		assert(rows->columns[column].type == DUCKDB_TYPE_BIGINT);
		return ((const int64_t *) cells)[rows->row];
	}
}

/* ---- cells ----------------------------------------------------------------------------------------------------------- */

/* A short string lies in the vector itself. */
static void take_bytes(const duckdb_string_t *string, pawl_cell *cell)
{
	bool is_short = string->value.inlined.length <= sizeof(string->value.inlined.inlined);

	cell->length = string->value.inlined.length;
	cell->as.bytes = is_short ? string->value.inlined.inlined : string->value.pointer.ptr;
}

pawl_storage pawl_duck_rows_storage(const pawl_duck_rows *rows, size_t column)
{
	assert(column < rows->column_count && rows->has_cells);
	return rows->columns[column].storage;
}

void pawl_duck_rows_cell(const pawl_duck_rows *rows, size_t column, pawl_cell *ret_cell)
{
	const rows_column *from = &rows->columns[column];
	idx_t row = rows->row;

	ret_cell->is_null = from->validity != NULL && !duckdb_validity_row_is_valid(from->validity, row);
	if (ret_cell->is_null)
		return;
	switch (from->storage) {
	case PAWL_STORAGE_BOOLEAN:
		ret_cell->as.boolean = ((const bool *) from->cells)[row];
		return;
	case PAWL_STORAGE_INT16:
		ret_cell->as.int16 = ((const int16_t *) from->cells)[row];
		return;
	case PAWL_STORAGE_INT32:
		ret_cell->as.int32 = ((const int32_t *) from->cells)[row];
		return;
	case PAWL_STORAGE_INT64:
		ret_cell->as.int64 = ((const int64_t *) from->cells)[row];
		return;
	case PAWL_STORAGE_INT128:
		memcpy(&ret_cell->as.int128, (const duckdb_hugeint *) from->cells + row, sizeof(duckdb_hugeint));
		return;
	case PAWL_STORAGE_FLOAT:
		ret_cell->as.float32 = ((const float *) from->cells)[row];
		return;
	case PAWL_STORAGE_DOUBLE:
		ret_cell->as.float64 = ((const double *) from->cells)[row];
		return;
	case PAWL_STORAGE_BYTES:
		take_bytes((const duckdb_string_t *) from->cells + row, ret_cell);
		return;
	}
}

void pawl_duck_rows_close(pawl_duck_rows **rows)
{
	if (*rows == NULL)
		return;
	for (size_t i = 0; i < (*rows)->column_count; i++)
		pawl_buffer_free(&(*rows)->columns[i].text);
	pawl_free((*rows)->columns);
	duckdb_destroy_data_chunk(&(*rows)->chunk);
	duckdb_destroy_result(&(*rows)->result);
	duckdb_destroy_prepare(&(*rows)->statement);
	pawl_free(*rows);
	*rows = NULL;
}
