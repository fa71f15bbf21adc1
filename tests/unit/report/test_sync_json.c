#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/sync_json.h"
#include "support.h"
#include "sync_support.h"

static pawl_error error;

static void assert_table(const pawl_table_report *table, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_sync_json_append_table(&json, table, 3000000);
	assert_string_equal(pawl_buffer_text(&json), expected);
}

static void a_table_has_every_field(void **state)
{
	(void) state;
	pawl_table_report table = done("main.orders");
	table.destination_name = "shop.orders";
	table.estimated_rows = 2000;
	table.bytes_read = 4096;
	table.null_keys_ignored = 3;
	table.applying_us = 250000;
	assert_table(&table, "{\"source_name\":\"main.orders\",\"destination_name\":\"shop.orders\",\"outcome\":\"done\","
	                     "\"phase\":\"incremental\",\"mode\":\"upsert\",\"key\":\"updated_at\",\"guarantee\":\"exact\","
	                     "\"guarantee_reason\":\"the file is opened read-only: nobody can write\",\"estimated_rows\":2000,"
	                     "\"rows_read\":1234,\"rows_written\":1230,\"bytes_read\":4096,\"windows\":1,"
	                     "\"null_keys_ignored\":3,"
	                     "\"cursor_from\":\"2024-01-01\",\"cursor_to\":\"2024-03-16\",\"elapsed_seconds\":0.710000,"
	                     "\"applying_seconds\":0.250000,"
	                     "\"error\":null}");
}

static void what_is_not_known_is_null(void **state)
{
	(void) state;
	const pawl_table_report table = waiting("a");
	assert_table(&table, "{\"source_name\":\"a\",\"destination_name\":\"a\",\"outcome\":\"waiting\",\"phase\":\"none\","
	                     "\"mode\":\"upsert\",\"key\":null,\"guarantee\":null,\"guarantee_reason\":null,"
	                     "\"estimated_rows\":null,\"rows_read\":0,\"rows_written\":0,\"bytes_read\":null,\"windows\":0,"
	                     "\"null_keys_ignored\":0,\"cursor_from\":null,\"cursor_to\":null,\"elapsed_seconds\":null,"
	                     "\"applying_seconds\":0.000000,"
	                     "\"error\":null}");
}

/* An empty text is a value of a key; the time of a table that has not ended goes on; foreign text is escaped. */
static void odd_tables_are_told_too(void **state)
{
	(void) state;
	pawl_table_report table = failed("a\"\n\xe6\x9d\xb1");
	table.ended_us = 0;
	table.cursor_from = "";
	table.mode = PAWL_MODE_REPLACE;
	assert_table(&table, "{\"source_name\":\"a\\\"\\n\xe6\x9d\xb1\",\"destination_name\":\"a\\\"\\n\xe6\x9d\xb1\","
	                     "\"outcome\":\"failed\",\"phase\":\"backfill\",\"mode\":\"replace\",\"key\":\"updated_at\","
	                     "\"guarantee\":\"lag 60s\",\"guarantee_reason\":\"the key is set by applications\","
	                     "\"estimated_rows\":null,\"rows_read\":0,\"rows_written\":0,\"bytes_read\":null,\"windows\":0,"
	                     "\"null_keys_ignored\":0,\"cursor_from\":\"\",\"cursor_to\":null,\"elapsed_seconds\":2.000000,"
	                     "\"applying_seconds\":0.000000,"
	                     "\"error\":{\"status\":\"database\",\"message\":\"cannot read 'a\\tb'\","
	                     "\"hint\":\"look at the log of the server\",\"sqlstate\":null,\"retryable\":false}}");
}

static void assert_result(const pawl_sync_result *result, const pawl_error *run_error, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	OK(pawl_sync_json_print(output.out, result, run_error, &error));
	assert_string_equal(capture_text(&output), expected);
}

static void a_result_is_one_line(void **state)
{
	(void) state;
	pawl_error run_error;
	pawl_sync_result result = {
		.elapsed_us = 1230000,
		.peak_memory_bytes = 4096,
		.rows_read = 12,
		.rows_written = 11,
		.warnings = 2,
	};
	assert_result(&result, NULL,
	              "{\"status\":\"succeeded\",\"tables\":[],\"tables_failed\":0,\"tables_stopped\":0,\"rows_read\":12,"
	              "\"rows_written\":11,\"warnings\":2,\"elapsed_seconds\":1.230000,\"peak_memory_bytes\":4096,"
	              "\"error\":null}\n");
	result.stopped_count = 3;
	pawl_error_set(&run_error, PAWL_INTERRUPTED, "stopped");
	run_error.is_retryable = true;
	assert_result(&result, &run_error,
	              "{\"status\":\"stopped\",\"tables\":[],\"tables_failed\":0,\"tables_stopped\":3,\"rows_read\":12,"
	              "\"rows_written\":11,\"warnings\":2,\"elapsed_seconds\":1.230000,\"peak_memory_bytes\":4096,"
	              "\"error\":{\"status\":\"interrupted\",\"message\":\"stopped\",\"hint\":null,\"sqlstate\":null,"
	              "\"retryable\":true}}\n");
}

static void its_tables_are_in_order(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_table_report tables[] = {done("a"), failed("b")};
	pawl_sync_result result = {.tables = tables, .table_count = 2, .failed_count = 1};
	OK(pawl_sync_json_print(output.out, &result, tables[1].error, &error));
	const char *text = capture_text(&output);
	const char *first = "{\"status\":\"failed\",\"tables\":[{\"source_name\":\"a\",";
	assert_memory_equal(text, first, strlen(first));
	assert_non_null(strstr(text, "\"error\":null},{\"source_name\":\"b\","));
	assert_non_null(strstr(text, "}],\"tables_failed\":1,"));
}

#ifdef PAWL_TEST_HOOKS

static pawl_status print(void *context, pawl_error *print_error)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_status status = pawl_sync_json_print(output.out, context, NULL, print_error);
	assert_true((capture_text(&output)[0] == '\0') == (status != PAWL_OK));
	return status;
}

static void without_memory_it_is_not_half_printed(void **state)
{
	(void) state;
	pawl_table_report table = done("main.orders");
	pawl_sync_result result = {.tables = &table, .table_count = 1};
	assert_true(refuse_every_allocation(print, &result) > 1);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_has_every_field),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(odd_tables_are_told_too),
		cmocka_unit_test(a_result_is_one_line),
		cmocka_unit_test(its_tables_are_in_order),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_it_is_not_half_printed),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
