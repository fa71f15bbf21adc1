/*
 * customers_keyset: key-based replication that loses nothing on equal timestamps, and takes tables of any size.
 *
 * - The position is the pair (updated_at, customer_id): it tells apart rows that were changed at the same moment.
 * - It is exact: microseconds as an integer, never text cut to seconds.
 * - Rows are read a page at a time, and each page is a checkpoint: a crash costs at most the page at hand.
 *
 *     customers_keyset debug --rows 1000000 --page 50000
 *
 * `--rows` says how large the source is, `--page` how many rows a page has. The same row is the same in a source of any size, so
 * that a larger `--rows` in a second sync is a source that has grown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pawl/pawl.h>

#include "duckdb.h"

#define LARGEST_NUMBER 1000000000
#define BEFORE_ALL     (-INT64_MAX) /* DuckDB's TIMESTAMP '-infinity': the first sync leaves no row out */

struct options {
	int64_t rows;
	int64_t page;
};

struct position {
	int64_t updated_at_us; /* since 1970-01-01T00:00:00Z */
	int64_t customer_id;
};

/* The source: an in-memory DuckDB database, and the rows of one page. */
struct source {
	duckdb_database database;
	duckdb_connection connection;
	duckdb_prepared_statement statement;
	duckdb_result result;
	duckdb_data_chunk chunk; /* the rows at hand, and the next one of them */
	idx_t row;
	char error[512];
};

struct customer {
	struct position position;
	pawl_value first_name, last_name, email; /* borrowed from the source until its next row */
};

static bool source_open(struct source *source, int64_t rows);
static bool source_query(struct source *source, struct position after, int64_t limit);
static bool source_next(struct source *source, struct customer *ret_customer);
static void source_close(struct source *source);

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "customers", PAWL_KEYS("customer_id"),
	                  PAWL_COLUMNS({"customer_id", PAWL_LONG},
	                               {"first_name", PAWL_STRING},
	                               {"last_name", PAWL_STRING},
	                               {"email", PAWL_STRING},
	                               {"updated_at", PAWL_UTC_DATETIME}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	const struct options *options = pawl_sync_context(sync);
	struct position position = {
	    .updated_at_us = pawl_state_integer(state, "updated_at_us", BEFORE_ALL),
	    .customer_id = pawl_state_integer(state, "customer_id", 0),
	};
	(void) configuration;

	struct source source = {0};
	if (!source_open(&source, options->rows))
		return pawl_fail(sync, "the source failed: %s", source.error);

	int64_t count;
	do {
		if (!source_query(&source, position, options->page))
			pawl_fail(sync, "the source failed: %s", source.error);

		struct customer customer;
		for (count = 0; source_next(&source, &customer); count++) {
			pawl_upsert(sync, "customers",
			            {"customer_id", pawl_of(customer.position.customer_id)},
			            {"first_name", customer.first_name},
			            {"last_name", customer.last_name},
			            {"email", customer.email},
			            {"updated_at", pawl_utc_datetime(customer.position.updated_at_us)});
			position = customer.position;
		}
		pawl_checkpoint(sync, {"updated_at_us", pawl_of(position.updated_at_us)},
		                {"customer_id", pawl_of(position.customer_id)});
	} while (count == options->page && pawl_sync_status(sync) == PAWL_OK);

	source_close(&source);
	return pawl_sync_status(sync);
}

/* ---- the command line ------------------------------------------------------------------------------------------------ */

/* Takes "NAME number" out of the arguments; what is left is Pawl's. False when there is no such number. */
static bool take_number(int *argc, char **argv, const char *name, int64_t *ret_number)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], name) != 0)
			continue;
		char *end = NULL;
		long long number = i + 1 < *argc ? strtoll(argv[i + 1], &end, 10) : 0;
		if (number < 1 || number > LARGEST_NUMBER || *end != '\0') {
			fprintf(stderr, "error: '%s' needs a number from 1 to %d\n", name, LARGEST_NUMBER);
			return false;
		}
		memmove(argv + i, argv + i + 2, (size_t) (*argc - i - 1) * sizeof *argv);
		*argc -= 2;
		*ret_number = number;
		return true;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {.rows = 10000, .page = 1000};
	if (!take_number(&argc, argv, "--rows", &options.rows) || !take_number(&argc, argv, "--page", &options.page))
		return 2;

	const pawl_connector connector = {.name = "customers_keyset", .schema = schema, .update = update, .context = &options};
	return pawl_connector_main(argc, argv, &connector);
}

/* ---- the source ------------------------------------------------------------------------------------------------------ */

static const char *const SOURCE_TABLE =
    "CREATE TABLE customers ("
    "  customer_id BIGINT PRIMARY KEY,"
    "  first_name VARCHAR,"
    "  last_name VARCHAR,"
    "  email VARCHAR,"
    "  updated_at TIMESTAMP NOT NULL)"; /* a NULL would match no page: it would never be read */

/* Each 250 rows share one moment, so that the ends of most pages fall between equal timestamps. */
static const char *const SOURCE_ROWS =
    "INSERT INTO customers"
    "  SELECT i + 1,"
    "         ['Ada', 'Edgar', 'Grace', 'Niklaus', 'Barbara'][1 + i % 5],"
    "         ['Lovelace', 'Codd', 'Hopper', 'Wirth', 'Liskov', 'Dijkstra', 'Knuth'][1 + i % 7],"
    "         'customer' || (i + 1) || '@example.com',"
    "         TIMESTAMP '2024-01-01 00:00:00.000001' + to_microseconds(1234567 * (i // 250))"
    "    FROM range($1) AS numbers(i)";

/* (updated_at, customer_id) > ($1, $2), in a form that an index on the pair answers well. */
static const char *const PAGE =
    "SELECT customer_id, first_name, last_name, email, updated_at FROM customers"
    " WHERE updated_at >= $1 AND (updated_at > $1 OR customer_id > $2)"
    " ORDER BY updated_at, customer_id LIMIT $3";

static bool source_failed(struct source *source, const char *why)
{
	snprintf(source->error, sizeof source->error, "%s", why == NULL ? "no reason given" : why);
	return false;
}

static bool source_prepare(struct source *source, const char *sql)
{
	duckdb_destroy_prepare(&source->statement);
	if (duckdb_prepare(source->connection, sql, &source->statement) != DuckDBSuccess)
		return source_failed(source, duckdb_prepare_error(source->statement));
	return true;
}

static bool source_execute(struct source *source)
{
	duckdb_destroy_result(&source->result);
	if (duckdb_execute_prepared(source->statement, &source->result) != DuckDBSuccess)
		return source_failed(source, duckdb_result_error(&source->result));
	return true;
}

static bool source_fill(struct source *source, int64_t rows)
{
	if (!source_prepare(source, SOURCE_TABLE) || !source_execute(source) || !source_prepare(source, SOURCE_ROWS))
		return false;
	duckdb_bind_int64(source->statement, 1, rows);
	return source_execute(source) && source_prepare(source, PAGE);
}

/* Opens and fills it; closes it again when that fails. */
static bool source_open(struct source *source, int64_t rows)
{
	duckdb_config config = NULL;
	char *why = NULL;
	duckdb_create_config(&config);
	duckdb_set_config(config, "autoinstall_known_extensions", "false");
	duckdb_set_config(config, "autoload_known_extensions", "false");
	if (duckdb_open_ext(NULL, &source->database, config, &why) != DuckDBSuccess)
		source_failed(source, why);
	else if (duckdb_connect(source->database, &source->connection) != DuckDBSuccess)
		source_failed(source, "cannot connect");
	else
		source_fill(source, rows);
	duckdb_free(why);
	duckdb_destroy_config(&config);
	if (source->error[0] == '\0')
		return true;
	source_close(source);
	return false;
}

static bool source_query(struct source *source, struct position after, int64_t limit)
{
	duckdb_bind_timestamp(source->statement, 1, (duckdb_timestamp){after.updated_at_us});
	duckdb_bind_int64(source->statement, 2, after.customer_id);
	duckdb_bind_int64(source->statement, 3, limit);
	return source_execute(source);
}

static pawl_value text_at(duckdb_data_chunk chunk, idx_t column, idx_t row)
{
	duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
	duckdb_string_t *text = (duckdb_string_t *) duckdb_vector_get_data(vector) + row;
	if (!duckdb_validity_row_is_valid(duckdb_vector_get_validity(vector), row))
		return pawl_null();
	return pawl_text(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

/* Of a BIGINT or TIMESTAMP column, which both are 64-bit integers. */
static int64_t integer_at(duckdb_data_chunk chunk, idx_t column, idx_t row)
{
	return ((int64_t *) duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column)))[row];
}

/* False at the end of the page. The page is all in memory: an error was told by source_query. */
static bool source_next(struct source *source, struct customer *ret_customer)
{
	while (source->row == duckdb_data_chunk_get_size(source->chunk)) {
		duckdb_destroy_data_chunk(&source->chunk);
		source->chunk = duckdb_fetch_chunk(source->result);
		source->row = 0;
		if (source->chunk == NULL)
			return false;
	}
	duckdb_data_chunk chunk = source->chunk;
	idx_t row = source->row++;
	*ret_customer = (struct customer){
	    .position = {.updated_at_us = integer_at(chunk, 4, row), .customer_id = integer_at(chunk, 0, row)},
	    .first_name = text_at(chunk, 1, row),
	    .last_name = text_at(chunk, 2, row),
	    .email = text_at(chunk, 3, row),
	};
	return true;
}

static void source_close(struct source *source)
{
	duckdb_destroy_data_chunk(&source->chunk);
	duckdb_destroy_result(&source->result);
	duckdb_destroy_prepare(&source->statement);
	duckdb_disconnect(&source->connection);
	duckdb_close(&source->database);
}
