/*
 * Every allocation of a small sync is refused in turn. Each time the run must end in a clean error, and the next run, with memory,
 * must leave the warehouse as if nothing had happened.
 */
#include "base/memory.h"
#include "connector/run.h"
#include "duck/duck.h"
#include "support.h"

/* Every refusal must end in a clean error; a full recovery after it is tried after each so many, since that takes its time. */
enum { RECOVER_EVERY = 5 };

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	pawl_configuration_string(configuration, "region", "eu");
	return pawl_table(schema, "orders", PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_LONG}, {"price", PAWL_DECIMAL(8, 2)}));
}

/* Two phases, each of which ends in a checkpoint: a sync that starts in the middle does the rest. */
static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	int64_t phase = pawl_state_integer(state, "phase", 0);
	pawl_log_info(sync, "phase %lld", (long long) phase);
	if (phase == 0) {
		for (int id = 0; id < 6; id++)
			pawl_upsert(sync, "orders", {"id", pawl_of(id)}, {"price", pawl_decimal("1.5")}, {"note", pawl_of("a note of some length")},
			            {"at", pawl_utc_datetime(1700000000000000)}, {"more", pawl_json("{\"a\": [1, 2]}")});
		pawl_update(sync, "orders", {"id", pawl_of(0)}, {"count", pawl_of(17)});
		pawl_update(sync, "orders", {"id", pawl_of(1)}, {"count", pawl_of("now a text")});
		pawl_delete(sync, "orders", {"id", pawl_of(2)});
		pawl_checkpoint(sync, {"phase", pawl_of(1)});
	}
	if (phase <= 1) {
		pawl_truncate(sync, "orders");
		pawl_warning(sync, "truncated");
		pawl_upsert(sync, "orders", {"id", pawl_of(4)}, {"added later", pawl_of(2.5)});
		pawl_checkpoint(sync, {"phase", pawl_of(2)});
	}
	return pawl_sync_status(sync);
}

#define WAREHOUSE     "warehouse.db"
#define STATE         "state.json"
#define CONFIGURATION "configuration.json"

static pawl_error error;

/* In the folder that the process is in. */
static pawl_status run(void)
{
	pawl_connector connector = {.name = "memory", .schema = schema, .update = update};
	pawl_run_options options = {
	    .configuration_path = CONFIGURATION, .state_path = STATE, .warehouse_path = WAREHOUSE, .threads = 1, .batch_rows = 2};
	pawl_run_result result;
	pawl_status status = pawl_run(&connector, &options, NULL, &result, &error);
	pawl_run_result_clear(&result);
	return status;
}

static void read_rows(char *out, size_t bytes)
{
	pawl_duck *duck;
	OK(pawl_duck_open(&(pawl_duck_options){.path = WAREHOUSE, .is_read_only = true, .threads = 1}, &duck, &error));
	pawl_duck_rows *rows;
	OK(pawl_duck_query(duck,
	                   "SELECT string_agg(orders::VARCHAR, ';' ORDER BY orders.id) || (SELECT state FROM _pawl.connector_state) "
	                   "FROM (SELECT * EXCLUDE (_fivetran_synced) FROM tester.orders) orders",
	                   NULL, 0, &rows, &error));
	bool has_row;
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	snprintf(out, bytes, "%s", pawl_duck_rows_text(rows, 0, NULL));
	pawl_duck_rows_close(&rows);
	pawl_duck_close(duck);
}

static void start_anew(void)
{
	remove(WAREHOUSE);
	remove(WAREHOUSE ".wal");
	write_file(CONFIGURATION, "{\"region\": \"eu\", \"password\": \"hunter22\"}");
	write_file(STATE, "{}");
}

static void test_every_allocation(void **unused)
{
	(void) unused;
	start_anew();
	OK(run());
	char want[4096], have[4096];
	read_rows(want, sizeof(want));

	long refused = 0;
	bool is_refused = true;
	for (long n = 1; is_refused; n++) {
		start_anew();
		long before = pawl_memory_allocations();
		pawl_memory_fail_at(n);
		pawl_status status = run();
		pawl_memory_fail_at(0);
		is_refused = pawl_memory_allocations() - before >= n;
		refused += is_refused;
		if (status != PAWL_OK && status != PAWL_OUT_OF_MEMORY)
			fail_msg("allocation %ld: %s: %s", n, pawl_status_name(status), error.message);
		if (status != PAWL_OK && n % RECOVER_EVERY != 0)
			continue;
		if (status != PAWL_OK)
			OK(run());
		read_rows(have, sizeof(have));
		assert_string_equal(have, want);
	}
	print_message("%ld allocations refused\n", refused);
	assert_true(refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_every_allocation, enter_folder, leave_folder)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
