/* What looks at sources and warehouses, with each allocation of ours refused in turn. */
#include <string.h>

#include "base/memory.h"
#include "config/propose.h"
#include "replicate/look.h"
#include "replicate/records.h"
#include "replicate/status.h"
#include "support.h"

static pawl_error error;
static pawl_job job;

static void make_source(void)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	OK(pawl_duck_open(&(pawl_duck_options) {.path = "shop.duckdb", .threads = 1}, &duck, &error));
	OK(pawl_duck_run(duck,
	                 "CREATE TABLE orders (id INTEGER PRIMARY KEY, updated_at BIGINT);"
	                 "INSERT INTO orders VALUES (1, 1710607229);"
	                 "CREATE TABLE colors (name VARCHAR);"
	                 "CREATE VIEW recent AS SELECT * FROM orders",
	                 &error));
}

static pawl_plan plan;

static int set_up(void **state)
{
	static const pawl_sync_observer nobody = {0};
	pawl_sync_result result = {0};

	enter_folder(state);
	make_source();
	OK(pawl_job_init(&job, &error));
	job.source = pawl_duplicate("shop.duckdb");
	job.source_display = pawl_duplicate("shop.duckdb");
	job.destination = pawl_duplicate("warehouse.duckdb");
	job.threads = 1;
	OK(pawl_sync_run(&job, &nobody, &result, &error));
	pawl_sync_result_clear(&result);
	return 0;
}

static int tear_down(void **state)
{
	pawl_job_clear(&job);
	return leave_folder(state);
}

/* ---- what looks at a plan ---------------------------------------------------------------------------------------------- */

static pawl_status look(void *context, pawl_error *ret_error)
{
	PAWL_CLEANUP(pawl_look_clear) pawl_look at = {0};
	(void) context;
	for (size_t i = 0; i < plan.table_count; i++)
		pawl_error_clear(&plan.tables[i].error);
	PAWL_TRY(pawl_look_read(&plan, ret_error));
	PAWL_TRY(pawl_look_find_failure(&plan, ret_error));
	PAWL_TRY(pawl_look_at(&plan, &plan.tables[1], &at, ret_error));
	assert_int_equal(at.rows, 1);
	assert_false(at.is_estimate);
	return PAWL_OK;
}

static pawl_status propose(void *context, pawl_error *ret_error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};
	(void) context;
	PAWL_TRY(pawl_propose(&plan, &yaml, ret_error));
	assert_non_null(strstr(pawl_buffer_text(&yaml), "key_format: unix_s\n"));
	return PAWL_OK;
}

/* ---- what looks at a warehouse ----------------------------------------------------------------------------------------- */

static pawl_status read_status(void *context, pawl_error *ret_error)
{
	PAWL_CLEANUP(pawl_warehouse_status_clear) pawl_warehouse_status status = {0};
	(void) context;
	PAWL_TRY(pawl_warehouse_status_read("warehouse.duckdb", &status, ret_error));
	assert_int_equal(status.table_count, 2);
	assert_string_equal(status.tables[1].name, "orders");
	assert_int_equal(status.tables[1].rows, 1);
	return PAWL_OK;
}

static pawl_status set_cursor(void *records, pawl_error *ret_error)
{
	pawl_replica_state *state;
	PAWL_TRY(pawl_records_find(records, "MAIN.Orders", &state, ret_error));
	return pawl_records_set_cursor(records, state, "1710607000", ret_error);
}

/* ---- the tests --------------------------------------------------------------------------------------------------------- */

static void refuse(pawl_status (*attempt)(void *context, pawl_error *error), void *context)
{
#ifdef PAWL_TEST_HOOKS
	assert_true(refuse_every_allocation(attempt, context) > 0);
#else
	OK(attempt(context, &error));
#endif
}

static void plans_are_looked_at_without_memory(void **state)
{
	(void) state;
	OK(pawl_plan_make(&job, PAWL_PLAN_LOOK, &plan, &error));
	assert_string_equal(plan.tables[1].source_name, "main.orders");
	refuse(look, NULL);
	refuse(propose, NULL);
	pawl_plan_clear(&plan);
}

static void a_warehouse_is_looked_at_without_memory(void **state)
{
	(void) state;
	refuse(read_status, NULL);
}

static void cursors_are_set_without_memory(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_records_close) pawl_records records = {0};
	OK(pawl_records_open("warehouse.duckdb", PAWL_RECORDS_CHANGE, &records, &error));
	refuse(set_cursor, &records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_looked_at_without_memory),
		cmocka_unit_test(a_warehouse_is_looked_at_without_memory),
		cmocka_unit_test(cursors_are_set_without_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
