/*
 * What an operation costs: a connector that upserts N rows of 5 columns, and the floor, DuckDB's own INSERT ... SELECT of the
 * same rows. bench/connector_ops.py runs both and compares.
 *
 *     connector_ops --rows N [--order ascending|random] [--checkpoint-every N] debug ...
 *     connector_ops --rows N floor FILE
 */
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pawl/pawl.h>

enum { FIRST_NAMES = 1000, LAST_NAMES = 5000 };

typedef struct workload {
	int64_t rows, checkpoint_every;
	bool is_random;
	char first[FIRST_NAMES][16], last[LAST_NAMES][16];
} workload;

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "customers", PAWL_KEYS("customer_id"),
	                  PAWL_COLUMNS({"customer_id", PAWL_LONG}, {"first_name", PAWL_STRING}, {"last_name", PAWL_STRING},
	                               {"email", PAWL_STRING}, {"updated_at", PAWL_UTC_DATETIME}));
}

/* "user<number>@example.com", without printf: the generator must not be what is measured. */
static const char *make_email(int64_t number, char email[48])
{
	char *place = email + 47;
	const char *tail = "@example.com";
	*place = '\0';
	for (size_t i = strlen(tail); i > 0; i--)
		*--place = tail[i - 1];
	do {
		*--place = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);
	place -= 4;
	memcpy(place, "user", 4);
	return place;
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	workload *bench = pawl_sync_context(sync);
	int64_t next = pawl_state_integer(state, "next", 0);
	for (int64_t i = next; i < next + bench->rows; i++) {
		/* Multiplying by an odd number permutes 0 .. 2^32 - 1: random order, distinct keys. */
		int64_t id = bench->is_random ? (int64_t) ((uint32_t) i * 2654435761u) : i;
		char email[48];
		if (pawl_upsert(sync, "customers", {"customer_id", pawl_of(id)},
		                {"first_name", pawl_of(bench->first[i % FIRST_NAMES])},
		                {"last_name", pawl_of(bench->last[i % LAST_NAMES])}, {"email", pawl_of(make_email(id, email))},
		                {"updated_at", pawl_utc_datetime(1700000000000000 + i * 1000)}) != PAWL_OK)
			break;
		if (bench->checkpoint_every > 0 && (i + 1) % bench->checkpoint_every == 0)
			pawl_checkpoint(sync, {"next", pawl_of(i + 1)});
	}
	return pawl_checkpoint(sync, {"next", pawl_of(next + bench->rows)});
}

static void run(duckdb_connection connection, const char *sql)
{
	duckdb_result result;
	if (duckdb_query(connection, sql, &result) != DuckDBSuccess) {
		fprintf(stderr, "%s: %s\n", sql, duckdb_result_error(&result));
		exit(1);
	}
	duckdb_destroy_result(&result);
}

/* The same rows by DuckDB alone, with the settings that Pawl gives it. Prints the seconds of the INSERT and its commit. */
static int floor_time(const workload *bench, const char *path)
{
	duckdb_database database;
	duckdb_connection connection;
	if (duckdb_open(path, &database) != DuckDBSuccess || duckdb_connect(database, &connection) != DuckDBSuccess)
		return 1;
	run(connection, "SET preserve_insertion_order = false");
	run(connection, "SET memory_limit = '128MB'");
	run(connection, "CREATE TABLE customers (customer_id BIGINT, first_name VARCHAR, last_name VARCHAR, email VARCHAR, "
	                "updated_at TIMESTAMPTZ, _fivetran_deleted BOOLEAN, _fivetran_synced TIMESTAMPTZ)");
	char sql[512];
	snprintf(sql, sizeof sql,
	         "INSERT INTO customers SELECT i, 'first' || i %% %d, 'last' || i %% %d, 'user' || i || '@example.com', "
	         "make_timestamptz(1700000000000000 + i * 1000), false, now() FROM range(%lld) r(i)",
	         FIRST_NAMES, LAST_NAMES, (long long) bench->rows);
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	run(connection, sql);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.6f\n", (double) (end.tv_sec - start.tv_sec) + (double) (end.tv_nsec - start.tv_nsec) / 1e9);
	duckdb_disconnect(&connection);
	duckdb_close(&database);
	return 0;
}

int main(int argc, char **argv)
{
	static workload bench = {.rows = 1000000};
	for (int i = 0; i < FIRST_NAMES; i++)
		snprintf(bench.first[i], sizeof bench.first[i], "first%d", i);
	for (int i = 0; i < LAST_NAMES; i++)
		snprintf(bench.last[i], sizeof bench.last[i], "last%d", i);
	int used = 1;
	for (; used + 1 < argc && strncmp(argv[used], "--", 2) == 0; used += 2) {
		if (strcmp(argv[used], "--rows") == 0)
			bench.rows = atoll(argv[used + 1]);
		else if (strcmp(argv[used], "--order") == 0)
			bench.is_random = strcmp(argv[used + 1], "random") == 0;
		else if (strcmp(argv[used], "--checkpoint-every") == 0)
			bench.checkpoint_every = atoll(argv[used + 1]);
		else
			break;
	}
	if (used + 1 < argc && strcmp(argv[used], "floor") == 0)
		return floor_time(&bench, argv[used + 1]);
	argv[used - 1] = argv[0];
	pawl_connector connector = {.name = "connector_ops", .schema = schema, .update = update, .context = &bench};
	return pawl_connector_main(argc - used + 1, argv + used - 1, &connector);
}
