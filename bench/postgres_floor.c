/*
 * What bench/postgres.py compares Pawl with: COPY ... (FORMAT binary) of PostgreSQL, as bare as it can be. Three functions for the
 * SQL of duck_floor.c; where the server is, the variables of libpq say (PGHOST...):
 *
 *     postgres_table('items', 2)                  the table, over so many connections that share a snapshot, in ranges of blocks
 *     postgres_query('SELECT ... WHERE ...')      a query, over one
 *     postgres_nowhere('SELECT ... FROM items')   its rows are received and thrown away; gives their number
 *
 * Each thread has a connection, and decodes row by row into DuckDB's vectors, without a check more than the protocol asks for.
 */
#include <duckdb.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgres_floor.h"

enum { CONNECTIONS_MAX = 8, COLUMNS_MAX = 64, RANGE_BLOCKS = 1000, ROWS = 2048, FIRST_HEADER_BYTES = 19 };

/* PostgreSQL's numbers of its types. */
enum { BOOL = 16, INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25, FLOAT8 = 701, DATE = 1082, TIMESTAMPTZ = 1184, NUMERIC = 1700 };

#define EPOCH_DAYS 10957 /* from 1970 to 2000 */
#define EPOCH_US   (EPOCH_DAYS * INT64_C(86400000000))

typedef struct reading {
	char *what;
	bool is_table, is_nowhere;
	PGconn *connections[CONNECTIONS_MAX];
	int connection_count, column_count;
	Oid types[COLUMNS_MAX];
	int scales[COLUMNS_MAX];
	long blocks;
	atomic_long next_block; /* of a query: 0 before it is taken */
	atomic_int next_connection;
} reading;

/* A thread's. */
typedef struct lane {
	PGconn *connection;
	bool is_copying, has_header;
} lane;

static void fail(const char *what, PGconn *connection)
{
	fprintf(stderr, "postgres_floor: %s: %s\n", what, PQerrorMessage(connection));
	exit(1);
}

static PGresult *run(PGconn *connection, const char *sql)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_OUT)
		fail(sql, connection);
	return result;
}

static PGconn *connect_to(const char *snapshot)
{
	char sql[256];
	PGconn *connection = PQconnectdb("");

	if (PQstatus(connection) != CONNECTION_OK)
		fail("connect", connection);
	PQclear(run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
	snprintf(sql, sizeof(sql), "SET TRANSACTION SNAPSHOT '%s'", snapshot);
	if (snapshot[0] != '\0')
		PQclear(run(connection, sql));
	return connection;
}

/* ---- bind ------------------------------------------------------------------------------------------------------------ */

static char *take_text(duckdb_bind_info info, idx_t number)
{
	duckdb_value value = duckdb_bind_get_parameter(info, number);
	char *borrowed = duckdb_get_varchar(value), *text = strdup(borrowed);
	duckdb_free(borrowed);
	duckdb_destroy_value(&value);
	return text;
}

static duckdb_logical_type type_of(Oid type, int modifier)
{
	static const struct {
		Oid type;
		duckdb_type duck;
	} types[] = {{BOOL, DUCKDB_TYPE_BOOLEAN}, {INT8, DUCKDB_TYPE_BIGINT},   {INT2, DUCKDB_TYPE_SMALLINT},
	             {INT4, DUCKDB_TYPE_INTEGER}, {FLOAT8, DUCKDB_TYPE_DOUBLE}, {DATE, DUCKDB_TYPE_DATE},
	             {TEXT, DUCKDB_TYPE_VARCHAR}, {TIMESTAMPTZ, DUCKDB_TYPE_TIMESTAMP_TZ}};

	if (type == NUMERIC)
		return duckdb_create_decimal_type((uint8_t) ((modifier - 4) >> 16), (uint8_t) ((modifier - 4) & 0x7ff));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return duckdb_create_logical_type(types[i].duck);
	fprintf(stderr, "postgres_floor: no type for %u\n", type);
	exit(1);
}

static void add_columns(duckdb_bind_info info, reading *of)
{
	char sql[4096];

	snprintf(sql, sizeof(sql), of->is_table ? "SELECT * FROM %s LIMIT 0" : "%s LIMIT 0", of->what);
	PGresult *result = run(of->connections[0], sql);
	of->column_count = PQnfields(result);
	for (int i = 0; i < of->column_count; i++) {
		of->types[i] = PQftype(result, i);
		of->scales[i] = (PQfmod(result, i) - 4) & 0x7ff;
		duckdb_logical_type type = type_of(of->types[i], PQfmod(result, i));
		duckdb_bind_add_result_column(info, PQfname(result, i), type);
		duckdb_destroy_logical_type(&type);
	}
	PQclear(result);
}

static void open_connections(reading *of, int count)
{
	char sql[4096];

	of->connections[0] = connect_to("");
	PGresult *snapshot = run(of->connections[0], "SELECT pg_export_snapshot()");
	for (int i = 1; i < count; i++)
		of->connections[i] = connect_to(PQgetvalue(snapshot, 0, 0));
	PQclear(snapshot);
	of->connection_count = count;
	if (!of->is_table)
		return;
	snprintf(sql, sizeof(sql), "SELECT pg_relation_size('%s') / current_setting('block_size')::int8", of->what);
	PGresult *blocks = run(of->connections[0], sql);
	of->blocks = atol(PQgetvalue(blocks, 0, 0));
	PQclear(blocks);
}

static reading *begin_reading(duckdb_bind_info info, int count)
{
	reading *made = calloc(1, sizeof(*made));
	made->what = take_text(info, 0);
	made->is_table = count > 0;
	open_connections(made, count > 1 ? count : 1);
	return made;
}

static void free_reading(void *data)
{
	reading *of = data;
	for (int i = 0; i < of->connection_count; i++)
		PQfinish(of->connections[i]);
	free(of->what);
	free(of);
}

static void bind_table(duckdb_bind_info info)
{
	char *connections = take_text(info, 1);
	reading *made = begin_reading(info, atoi(connections));
	add_columns(info, made);
	duckdb_bind_set_bind_data(info, made, free_reading);
	free(connections);
}

static void bind_query(duckdb_bind_info info)
{
	reading *made = begin_reading(info, 0);
	add_columns(info, made);
	duckdb_bind_set_bind_data(info, made, free_reading);
}

static void bind_nowhere(duckdb_bind_info info)
{
	reading *made = begin_reading(info, 0);
	duckdb_logical_type type = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
	made->is_nowhere = true;
	duckdb_bind_add_result_column(info, "messages", type);
	duckdb_destroy_logical_type(&type);
	duckdb_bind_set_bind_data(info, made, free_reading);
}

static void init(duckdb_init_info info)
{
	reading *of = duckdb_init_get_bind_data(info);
	duckdb_init_set_max_threads(info, (idx_t) of->connection_count);
}

static void init_lane(duckdb_init_info info)
{
	reading *of = duckdb_init_get_bind_data(info);
	lane *begun = calloc(1, sizeof(*begun));
	begun->connection = of->connections[atomic_fetch_add(&of->next_connection, 1) % of->connection_count];
	duckdb_init_set_init_data(info, begun, free);
}

/* ---- decoding -------------------------------------------------------------------------------------------------------- */

static uint32_t read32(const char *bytes)
{
	uint32_t number;
	memcpy(&number, bytes, sizeof(number));
	return be32toh(number);
}

static uint64_t read64(const char *bytes)
{
	uint64_t number;
	memcpy(&number, bytes, sizeof(number));
	return be64toh(number);
}

static uint16_t read16(const char *bytes)
{
	uint16_t number;
	memcpy(&number, bytes, sizeof(number));
	return be16toh(number);
}

/* Of at most 18 digits. */
static int64_t read_decimal(const char *bytes, int scale)
{
	int count = read16(bytes), weight = (int16_t) read16(bytes + 2), sign = read16(bytes + 4);
	int64_t unscaled = 0;
	int places = 0;

	for (int i = 0; i < count; i++)
		unscaled = unscaled * 10000 + read16(bytes + 8 + 2 * i);
	for (places = (count - weight - 1) * 4; places > scale; places--)
		unscaled /= 10;
	for (; places < scale; places++)
		unscaled *= 10;
	return sign == 0 ? unscaled : -unscaled;
}

static void put(const reading *of, int column, duckdb_vector vector, char *cells, idx_t row, const char *bytes, uint32_t length)
{
	switch (of->types[column]) {
	case BOOL:
		cells[row] = *bytes;
		break;
	case INT2:
		((uint16_t *) cells)[row] = read16(bytes);
		break;
	case INT4:
		((uint32_t *) cells)[row] = read32(bytes);
		break;
	case INT8:
	case FLOAT8:
		((uint64_t *) cells)[row] = read64(bytes);
		break;
	case DATE:
		((int32_t *) cells)[row] = (int32_t) read32(bytes) + EPOCH_DAYS;
		break;
	case TIMESTAMPTZ:
		((int64_t *) cells)[row] = (int64_t) read64(bytes) + EPOCH_US;
		break;
	case NUMERIC:
		((int64_t *) cells)[row] = read_decimal(bytes, of->scales[column]);
		break;
	default:
		duckdb_vector_assign_string_element_len(vector, row, bytes, length);
	}
}

static void decode(const reading *of, duckdb_data_chunk chunk, char **cells, idx_t row, const char *bytes)
{
	for (int i = 0; i < of->column_count; i++) {
		uint32_t length = read32(bytes);
		bytes += 4;
		duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, (idx_t) i);
		if (length == UINT32_MAX) {
			duckdb_vector_ensure_validity_writable(vector);
			duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
			continue;
		}
		put(of, i, vector, cells[i], row, bytes, length);
		bytes += length;
	}
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static bool begin_copy(reading *of, lane *my)
{
	char sql[8192];
	long from = atomic_fetch_add(&of->next_block, RANGE_BLOCKS);

	if (from > of->blocks)
		return false;
	if (of->is_table)
		snprintf(sql, sizeof(sql), "COPY (SELECT * FROM %s WHERE ctid >= '(%ld,0)' AND ctid < '(%ld,0)') TO STDOUT (FORMAT binary)",
		         of->what, from, from + RANGE_BLOCKS);
	else
		snprintf(sql, sizeof(sql), "COPY (%s) TO STDOUT (FORMAT binary)", of->what);
	PQclear(run(my->connection, sql));
	my->is_copying = true;
	my->has_header = false;
	return true;
}

static void end_copy(lane *my)
{
	PGresult *result = PQgetResult(my->connection);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail("copy", my->connection);
	PQclear(result);
	PQclear(PQgetResult(my->connection));
	my->is_copying = false;
}

/* The next row, behind the number of its fields; NULL: there is no more. */
static const char *next_row(reading *of, lane *my, char **ret_memory)
{
	while (my->is_copying || begin_copy(of, my)) {
		int length = PQgetCopyData(my->connection, ret_memory, 0);
		if (length < 0) {
			end_copy(my);
			continue;
		}
		const char *row = *ret_memory + (my->has_header ? 0 : FIRST_HEADER_BYTES);
		my->has_header = true;
		if (read16(row) != UINT16_MAX)
			return row + 2;
		PQfreemem(*ret_memory);
	}
	return NULL;
}

static void read_rows(duckdb_function_info info, duckdb_data_chunk output)
{
	reading *of = duckdb_function_get_bind_data(info);
	lane *my = duckdb_function_get_local_init_data(info);
	char *cells[COLUMNS_MAX], *memory = NULL;
	const char *row;
	idx_t count = 0;

	for (int i = 0; i < of->column_count; i++)
		cells[i] = duckdb_vector_get_data(duckdb_data_chunk_get_vector(output, (idx_t) i));
	while (count < ROWS && (row = next_row(of, my, &memory)) != NULL) {
		decode(of, output, cells, count++, row);
		PQfreemem(memory);
	}
	duckdb_data_chunk_set_size(output, count);
}

static void read_nowhere(duckdb_function_info info, duckdb_data_chunk output)
{
	reading *of = duckdb_function_get_bind_data(info);
	lane *my = duckdb_function_get_local_init_data(info);
	int64_t messages = 0;
	char *memory;

	if (!begin_copy(of, my)) {
		duckdb_data_chunk_set_size(output, 0);
		return;
	}
	for (; PQgetCopyData(my->connection, &memory, 0) >= 0; messages++)
		PQfreemem(memory);
	end_copy(my);
	*(int64_t *) duckdb_vector_get_data(duckdb_data_chunk_get_vector(output, 0)) = messages;
	duckdb_data_chunk_set_size(output, 1);
}

/* ---- functions ------------------------------------------------------------------------------------------------------- */

static void add(duckdb_connection connection, const char *name, int parameters, duckdb_table_function_bind_t bind,
                duckdb_table_function_t function)
{
	duckdb_table_function made = duckdb_create_table_function();
	duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);

	duckdb_table_function_set_name(made, name);
	for (int i = 0; i < parameters; i++)
		duckdb_table_function_add_parameter(made, text);
	duckdb_table_function_set_bind(made, bind);
	duckdb_table_function_set_init(made, init);
	duckdb_table_function_set_local_init(made, init_lane);
	duckdb_table_function_set_function(made, function);
	if (duckdb_register_table_function(connection, made) != DuckDBSuccess)
		exit(1);
	duckdb_destroy_logical_type(&text);
	duckdb_destroy_table_function(&made);
}

void postgres_floor_register(duckdb_connection connection)
{
	add(connection, "postgres_table", 2, bind_table, read_rows);
	add(connection, "postgres_query", 1, bind_query, read_rows);
	add(connection, "postgres_nowhere", 1, bind_nowhere, read_nowhere);
}
