/*
 * Every allocation of a small sync is refused in turn. Each time the run must end in a clean error, and the next run, with memory,
 * must leave the warehouse as if nothing had happened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "connector/run.h"
#include "duck/duck.h"

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

typedef struct test_paths {
	char folder[64], warehouse[128], state[128], configuration[128];
} test_paths;

static void make_paths(test_paths *paths)
{
	strcpy(paths->folder, "/tmp/pawl-memory-XXXXXX");
	assert_non_null(mkdtemp(paths->folder));
	snprintf(paths->warehouse, sizeof paths->warehouse, "%s/warehouse.db", paths->folder);
	snprintf(paths->state, sizeof paths->state, "%s/state.json", paths->folder);
	snprintf(paths->configuration, sizeof paths->configuration, "%s/configuration.json", paths->folder);
	FILE *file = fopen(paths->configuration, "w");
	fputs("{\"region\": \"eu\", \"password\": \"hunter22\"}", file);
	fclose(file);
	file = fopen(paths->state, "w");
	fputs("{}", file);
	fclose(file);
}

static void remove_paths(const test_paths *paths)
{
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", paths->folder);
	assert_int_equal(system(command), 0);
}

static pawl_status run(const test_paths *paths, pawl_error *error)
{
	pawl_connector connector = {"memory", schema, update, NULL};
	pawl_run_options options = {
	    .configuration_path = paths->configuration, .state_path = paths->state, .warehouse_path = paths->warehouse,
	    .threads = 1, .batch_rows = 2};
	pawl_run_result result;
	pawl_status status = pawl_run(&connector, &options, NULL, &result, error);
	pawl_run_result_clear(&result);
	return status;
}

static void read_rows(const test_paths *paths, char *out, size_t bytes)
{
	pawl_error error;
	pawl_duck *duck;
	assert_int_equal(pawl_duck_open(&(pawl_duck_options){.path = paths->warehouse, .is_read_only = true}, &duck, &error), PAWL_OK);
	pawl_duck_rows *rows = NULL;
	assert_int_equal(pawl_duck_query(duck,
	                                 "SELECT string_agg(orders::VARCHAR, ';' ORDER BY orders.id) || (SELECT state FROM _pawl.connector_state) "
	                                 "FROM (SELECT * EXCLUDE (_fivetran_synced) FROM tester.orders) orders",
	                                 NULL, 0, &rows, &error),
	                 PAWL_OK);
	bool has_row;
	assert_int_equal(pawl_duck_rows_next(rows, &has_row, &error), PAWL_OK);
	snprintf(out, bytes, "%s", pawl_duck_rows_text(rows, 0, NULL));
	pawl_duck_rows_close(&rows);
	pawl_duck_close(duck);
}

static void test_every_allocation(void **unused)
{
	(void) unused;
	test_paths undisturbed;
	make_paths(&undisturbed);
	pawl_error error;
	assert_int_equal(run(&undisturbed, &error), PAWL_OK);
	char want[4096], have[4096];
	read_rows(&undisturbed, want, sizeof want);
	remove_paths(&undisturbed);

	long refused = 0;
	bool is_refused = true;
	for (long n = 1; is_refused; n++) {
		test_paths paths;
		make_paths(&paths);
		long before = pawl_memory_allocations();
		pawl_memory_fail_at(n);
		pawl_status status = run(&paths, &error);
		pawl_memory_fail_at(0);
		is_refused = pawl_memory_allocations() - before >= n;
		refused += is_refused;
		if (status != PAWL_OK) {
			if (status != PAWL_OUT_OF_MEMORY)
				fail_msg("allocation %ld: %s: %s", n, pawl_status_name(status), error.message);
		}
		if (status == PAWL_OK || n % RECOVER_EVERY == 0) {
			if (status != PAWL_OK)
				assert_int_equal(run(&paths, &error), PAWL_OK);
			read_rows(&paths, have, sizeof have);
			assert_string_equal(have, want);
		}
		remove_paths(&paths);
	}
	print_message("%ld allocations refused\n", refused);
	assert_true(refused > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
