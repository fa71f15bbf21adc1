/*
 * customers: key-based replication in its simplest form. The rows whose `updated_at` is later than that of the last row of the
 * sync before are read in that order, upserted, and the newest `updated_at` becomes the cursor.
 *
 * What this form can lose, and why, is in README.md beside this file; ../customers_keyset is the form that does not.
 */
#include <stdio.h>

#include <pawl/pawl.h>

#include "duckdb.h"

#define DEFAULT_CURSOR "2024-01-01T00:00:00Z"
#define CURSOR_BYTES   32

/* The source: an in-memory DuckDB database, and the rows of one query on it. */
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
	int32_t customer_id;
	pawl_value first_name, last_name, email; /* borrowed from the source until its next row */
	char updated_at[CURSOR_BYTES];
};

static bool source_open(struct source *source);
static bool source_query(struct source *source, const char *cursor);
static bool source_next(struct source *source, struct customer *ret_customer);
static void source_close(struct source *source);

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "customers", PAWL_KEYS("customer_id"),
	                  PAWL_COLUMNS({"customer_id", PAWL_INT},
	                               {"first_name", PAWL_STRING},
	                               {"last_name", PAWL_STRING},
	                               {"email", PAWL_STRING},
	                               {"updated_at", PAWL_UTC_DATETIME}));
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	pawl_log_warning(sync, "Example: Source Examples - Common Patterns - Key Based Replication");

	const char *cursor = pawl_state_string(state, "last_updated_at", DEFAULT_CURSOR);
	pawl_log_debug(sync, "fetching records from `customer` table modified after %s", cursor);

	struct source source = {0};
	if (!source_open(&source) || !source_query(&source, cursor))
		pawl_fail(sync, "the source failed: %s", source.error);

	struct customer customer;
	while (source_next(&source, &customer)) {
		pawl_upsert(sync, "customers",
		            {"customer_id", pawl_of(customer.customer_id)},
		            {"first_name", customer.first_name},
		            {"last_name", customer.last_name},
		            {"email", customer.email},
		            {"updated_at", pawl_of(customer.updated_at)});
		cursor = customer.updated_at; /* rows come in this order, so the last one is the newest */
	}

	/* After a failure this does nothing but return it: the cursor moves only when every row before it is kept. */
	pawl_status status = pawl_checkpoint(sync, {"last_updated_at", pawl_of(cursor)});
	source_close(&source);
	return status;
}

int main(int argc, char **argv)
{
	static const pawl_connector connector = {.name = "customers", .schema = schema, .update = update};
	return pawl_connector_main(argc, argv, &connector);
}

/* ---- the source ------------------------------------------------------------------------------------------------------ */

static const char *const SOURCE_TABLE =
    "CREATE TABLE IF NOT EXISTS customers ("
    "  customer_id INTEGER PRIMARY KEY,"
    "  first_name VARCHAR,"
    "  last_name VARCHAR,"
    "  email VARCHAR,"
    "  updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);"
    "INSERT OR REPLACE INTO customers VALUES"
    "  (1, 'Mathew', 'Perry', 'mathew@fivetran.com', '2023-12-31T23:59:59Z'),"
    "  (2, 'Joe', 'Doe', 'joe@fivetran.com', '2024-01-31T23:04:39Z'),"
    "  (3, 'Jake', 'Anderson', 'jake@fivetran.com', '2023-11-01T23:59:59Z'),"
    "  (4, 'John', 'William', 'john@fivetran.com', '2024-02-14T22:59:59Z'),"
    "  (5, 'Ricky', 'Roma', 'ricky@fivetran.com', '2024-03-16T16:40:29Z')";

/* The cursor is whole seconds, as in the original: strftime drops the fraction. */
static const char *const CHANGED_SINCE =
    "SELECT customer_id, first_name, last_name, email, strftime(updated_at, '%Y-%m-%dT%H:%M:%SZ')"
    "  FROM customers WHERE updated_at > CAST($1 AS TIMESTAMP) ORDER BY customers.updated_at";

static bool source_failed(struct source *source, const char *why)
{
	snprintf(source->error, sizeof source->error, "%s", why == NULL ? "no reason given" : why);
	return false;
}

static bool source_open(struct source *source)
{
	duckdb_config config = NULL;
	char *why = NULL;
	duckdb_create_config(&config);
	duckdb_set_config(config, "autoinstall_known_extensions", "false");
	duckdb_set_config(config, "autoload_known_extensions", "false");
	duckdb_state state = duckdb_open_ext(NULL, &source->database, config, &why);
	duckdb_destroy_config(&config);
	if (state != DuckDBSuccess) {
		source_failed(source, why);
		duckdb_free(why);
		return false;
	}
	if (duckdb_connect(source->database, &source->connection) != DuckDBSuccess)
		return source_failed(source, "cannot connect");
	if (duckdb_query(source->connection, SOURCE_TABLE, &source->result) != DuckDBSuccess)
		return source_failed(source, duckdb_result_error(&source->result));
	duckdb_destroy_result(&source->result);
	return true;
}

static bool source_query(struct source *source, const char *cursor)
{
	if (duckdb_prepare(source->connection, CHANGED_SINCE, &source->statement) != DuckDBSuccess ||
	    duckdb_bind_varchar(source->statement, 1, cursor) != DuckDBSuccess)
		return source_failed(source, duckdb_prepare_error(source->statement));
	if (duckdb_execute_prepared(source->statement, &source->result) != DuckDBSuccess)
		return source_failed(source, duckdb_result_error(&source->result));
	return true;
}

static pawl_value text_at(duckdb_data_chunk chunk, idx_t column, idx_t row)
{
	duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
	duckdb_string_t *text = (duckdb_string_t *) duckdb_vector_get_data(vector) + row;
	if (!duckdb_validity_row_is_valid(duckdb_vector_get_validity(vector), row))
		return pawl_null();
	return pawl_text(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

/* False at the end, and leaves *ret_customer alone. The result is all in memory: an error was told by source_query. */
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
	pawl_value updated_at = text_at(chunk, 4, row);
	ret_customer->customer_id = ((int32_t *) duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)))[row];
	ret_customer->first_name = text_at(chunk, 1, row);
	ret_customer->last_name = text_at(chunk, 2, row);
	ret_customer->email = text_at(chunk, 3, row);
	snprintf(ret_customer->updated_at, CURSOR_BYTES, "%.*s", (int) updated_at.length, (const char *) updated_at.as.bytes);
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
