#include "base/memory.h"
#include "replicate/job.h"
#include "support.h"

static pawl_error error;

static void a_job_begins_with_defaults(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job;

	OK(pawl_job_init(&job, &error));
	assert_int_equal(job.memory_limit_bytes, 268435456);
	assert_int_equal(job.threads, 0);
	assert_int_equal(job.tables_at_once, 2);
	assert_int_equal(job.max_snapshot_us, 300000000);
	assert_int_equal(job.busy_us, 10000000);
	assert_int_equal(job.defaults.lag_us, 60000000);
	assert_int_equal(job.rule_count, 0);
	assert_null(job.source);
	assert_null(job.destination);
	assert_null(job.temp_directory);
}

static void rules_keep_their_order_and_settings(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};
	char pattern[16];

	for (int i = 0; i < 9; i++) {
		pawl_table_rule *rule = NULL;
		snprintf(pattern, sizeof(pattern), "table%d", i);
		OK(pawl_job_add_rule(&job, pattern, &rule, &error));
		assert_int_equal(rule->line, 0);
		assert_int_equal(rule->settings.given, 0);
		OK(pawl_field_set(pawl_field_find("where"), &rule->settings, pattern, &error));
	}
	assert_int_equal(job.rule_count, 9);
	for (int i = 0; i < 9; i++) {
		snprintf(pattern, sizeof(pattern), "table%d", i);
		assert_string_equal(job.rules[i].pattern, pattern);
		assert_string_equal(job.rules[i].settings.where, pattern);
	}
}

static void a_rule_is_for_some_name(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};
	pawl_table_rule *rule = NULL;

	FAILS(pawl_job_add_rule(&job, "", &rule, &error), PAWL_INVALID, "the name of a table is empty");
	assert_int_equal(job.rule_count, 0);
	assert_null(rule);
}

static void clearing_takes_anything(void **unused)
{
	(void) unused;
	pawl_job job = {0};

	pawl_job_clear(&job);
	OK(pawl_job_init(&job, &error));
	job.path = pawl_duplicate("shop.yaml");
	job.source = pawl_duplicate("shop.db");
	job.destination = pawl_duplicate("warehouse.duckdb");
	job.temp_directory = pawl_duplicate("/tmp");
	OK(pawl_names_add(&job.select, "a", &error));
	OK(pawl_names_add(&job.full_refresh, "b", &error));
	pawl_job_clear(&job);
	assert_null(job.source);
	assert_int_equal(job.select.count, 0);
	pawl_job_clear(&job);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status fill(void *context, pawl_error *ret_error)
{
	static const char *const patterns[] = {"a", "b.*", "c"};
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	(void) context;
	PAWL_TRY(pawl_job_init(&job, ret_error));
	for (size_t i = 0; i < 3; i++) {
		pawl_table_rule *rule = NULL;
		PAWL_TRY(pawl_job_add_rule(&job, patterns[i], &rule, ret_error));
		PAWL_TRY(pawl_names_add(&job.select, patterns[i], ret_error));
		PAWL_TRY(pawl_field_set(pawl_field_find("where"), &rule->settings, "a > 1", ret_error));
	}
	return PAWL_OK;
}

static void every_allocation_may_be_refused(void **unused)
{
	(void) unused;
	assert_true(refuse_every_allocation(fill, NULL) > 10);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_begins_with_defaults),
		cmocka_unit_test(rules_keep_their_order_and_settings),
		cmocka_unit_test(a_rule_is_for_some_name),
		cmocka_unit_test(clearing_takes_anything),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_allocation_may_be_refused),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
