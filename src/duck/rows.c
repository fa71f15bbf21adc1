#include "duck/internal.h"

#include <assert.h>

typedef struct rows_column {
	duckdb_type type;
	duckdb_vector vector; /* of the current chunk */
	pawl_buffer text;     /* of the current row, when it is a text column: DuckDB's own does not end in NUL */
} rows_column;

struct pawl_duck_rows {
	duckdb_prepared_statement statement;
	duckdb_result result;
	rows_column *columns;
	size_t column_count;
	duckdb_data_chunk chunk;
	idx_t row, chunk_rows;
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
	for (size_t i = 0; i < count; i++)
		rows->columns[i].type = duckdb_column_type(&rows->result, i);
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
	for (size_t i = 0; i < rows->column_count; i++)
		rows->columns[i].vector = duckdb_data_chunk_get_vector(rows->chunk, i);
	return PAWL_OK;
}

static pawl_status copy_texts(pawl_duck_rows *rows, pawl_error *error)
{
	for (size_t i = 0; i < rows->column_count; i++) {
		rows_column *column = &rows->columns[i];
		if (column->type != DUCKDB_TYPE_VARCHAR || pawl_duck_rows_is_null(rows, i))
			continue;
		duckdb_string_t *text = (duckdb_string_t *) duckdb_vector_get_data(column->vector) + rows->row;
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
	if (rows->chunk != NULL)
		PAWL_TRY(copy_texts(rows, error));
	*ret_has_row = rows->chunk != NULL;
	return PAWL_OK;
}

size_t pawl_duck_rows_column_count(const pawl_duck_rows *rows)
{
	return rows->column_count;
}

const char *pawl_duck_rows_column_name(const pawl_duck_rows *rows, size_t column)
{
	/* DuckDB's function only reads, but its parameter is not const. */
	return duckdb_column_name((duckdb_result *) (uintptr_t) &rows->result, column);
}

bool pawl_duck_rows_is_null(pawl_duck_rows *rows, size_t column)
{
	assert(column < rows->column_count && rows->row < rows->chunk_rows);
	uint64_t *validity = duckdb_vector_get_validity(rows->columns[column].vector);
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
	const void *cells = duckdb_vector_get_data(rows->columns[column].vector);
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
