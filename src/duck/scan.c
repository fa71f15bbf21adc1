/*
 * duck/scan.c: the table function that reads published chunks. Its output vectors refer to those of the chunks; nothing is
 * copied. Threads take whole chunks, by a counter.
 */
#include "duck/internal.h"

#include <stdatomic.h>

typedef struct scan {
	const pawl_chunks *chunks;
	atomic_size_t next; /* chunk that nobody has taken yet */
	size_t column_count;
	idx_t columns[]; /* of the chunks, for each column that the query wants */
} scan;

static void bind(duckdb_bind_info info)
{
	const pawl_duck *duck = duckdb_bind_get_extra_info(info);
	duckdb_value parameter = duckdb_bind_get_parameter(info, 0);
	int64_t number = duckdb_is_null_value(parameter) ? -1 : duckdb_get_int64(parameter); /* which throws at NULL */
	duckdb_destroy_value(&parameter);

	if (number < 0 || (uint64_t) number >= duck->published_count || duck->published[number] == NULL) {
		duckdb_bind_set_error(info, "pawl: no chunks are published under this number");
		return;
	}
	pawl_chunks *chunks = duck->published[number];
	for (size_t i = 0; i < chunks->column_count; i++) {
		duckdb_logical_type type = pawl_duck_logical_type(chunks->columns[i].type);
		duckdb_bind_add_result_column(info, chunks->columns[i].name, type);
		duckdb_destroy_logical_type(&type);
	}
	duckdb_bind_set_cardinality(info, chunks->row_count, true);
	duckdb_bind_set_bind_data(info, chunks, NULL);
}

static void init(duckdb_init_info info)
{
	const pawl_chunks *chunks = duckdb_init_get_bind_data(info);
	size_t column_count = duckdb_init_get_column_count(info);
	scan *state = pawl_allocate(sizeof(*state) + column_count * sizeof(state->columns[0]));

	if (state == NULL) {
		duckdb_init_set_error(info, PAWL_DUCK_REFUSED);
		return;
	}
	state->chunks = chunks;
	state->column_count = column_count;
	for (size_t i = 0; i < column_count; i++)
		state->columns[i] = duckdb_init_get_column_index(info, i);
	duckdb_init_set_init_data(info, state, pawl_free);
	duckdb_init_set_max_threads(info, chunks->chunk_count == 0 ? 1 : chunks->chunk_count);
}

static void read_chunk(duckdb_function_info info, duckdb_data_chunk output)
{
	scan *state = duckdb_function_get_init_data(info);
	const pawl_chunks *chunks = state->chunks;
	size_t chunk = atomic_fetch_add(&state->next, 1);
	size_t first_row = chunk * PAWL_CHUNK_ROWS;

	if (first_row >= chunks->row_count) {
		duckdb_data_chunk_set_size(output, 0);
		return;
	}
	const pawl_chunks_vector *vectors = &chunks->vectors[chunk * chunks->column_count];
	for (size_t i = 0; i < state->column_count; i++)
		if (state->columns[i] < chunks->column_count) /* count(*) asks for a row id, which it does not read */
			duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(output, i), vectors[state->columns[i]].vector);
	size_t rows = chunks->row_count - first_row;
	duckdb_data_chunk_set_size(output, rows < PAWL_CHUNK_ROWS ? rows : PAWL_CHUNK_ROWS);
}

pawl_status pawl_scan_register(pawl_duck *duck, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_table_function) duckdb_table_function function = duckdb_create_table_function();
	PAWL_CLEANUP(duckdb_destroy_logical_type) duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);

	duckdb_table_function_set_name(function, "pawl_chunks");
	duckdb_table_function_add_parameter(function, number);
	duckdb_table_function_set_extra_info(function, duck, NULL);
	duckdb_table_function_set_bind(function, bind);
	duckdb_table_function_set_init(function, init);
	duckdb_table_function_set_function(function, read_chunk);
	duckdb_table_function_supports_projection_pushdown(function, true);
	if (duckdb_register_table_function(duck->connection, function) == DuckDBError)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB refuses the table function 'pawl_chunks'");
	return PAWL_OK;
}
