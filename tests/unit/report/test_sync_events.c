#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/sync_events.h"
#include "support.h"
#include "sync_support.h"

#include <jansson.h>

static pawl_error error;
static const pawl_terminal live = {.is_live = true, .has_colors = true, .width = 80, .height = 24};

#define AT(event, time) "{\"event\":\"" event "\",\"time\":\"1970-01-01T00:00:0" time "Z\""

static pawl_sync_observer begin(pawl_sync_report *report, FILE *out)
{
	test_clock_us = 0;
	return pawl_sync_report_begin_on(report, out, PAWL_REPORT_JSON, &live, &test_clock);
}

static void a_run_is_a_stream_of_lines(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_table_report tables[] = {in_flight("main.orders", 500000), waiting("b\n"), done("c")};
	const pawl_sync_result result = {.rows_read = 7};
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out);
	observer.started(observer.context, "shop.duckdb", "warehouse.duckdb", tables, 3);
	test_clock_us = 1000000;
	tables[0].rows_read = 7;
	observer.notice(observer.context, PAWL_NOTICE_INFO, NULL, "hello", "");
	observer.notice(observer.context, PAWL_NOTICE_WARNING, "b\n", "no index", "make one");
	observer.progress(observer.context, tables, 3);
	observer.window(observer.context, tables, 3, 2);
	OK(pawl_sync_report_end(&report, &result, NULL, &error));
	assert_string_equal(
		capture_text(&output),
		AT("started", "0") ",\"source\":\"shop.duckdb\",\"destination\":\"warehouse.duckdb\","
		"\"tables\":[\"main.orders\",\"b\\n\",\"c\"]}\n"
		AT("notice", "1") ",\"level\":\"info\",\"table\":null,\"message\":\"hello\",\"hint\":null}\n"
		AT("notice", "1") ",\"level\":\"warning\",\"table\":\"b\\n\",\"message\":\"no index\",\"hint\":\"make one\"}\n"
		AT("progress", "1") ",\"tables_total\":3,\"tables_ended\":1,\"tables_failed\":0,\"rows_read\":1241,"
		"\"rows_written\":1230,\"rows_per_second\":1241,\"elapsed_seconds\":1.000000,\"tables\":["
		"{\"source_name\":\"main.orders\",\"phase\":\"backfill\",\"estimated_rows\":null,\"rows_read\":7,"
		"\"rows_written\":0,\"bytes_read\":null,\"elapsed_seconds\":0.500000}]}\n"
		AT("window", "1") ",\"source_name\":\"c\",\"windows\":1,\"rows_read\":1234,\"rows_written\":1230,"
		"\"cursor_to\":\"2024-03-16\"}\n"
		AT("finished", "1") ",\"status\":\"succeeded\",\"tables\":[],\"tables_failed\":0,\"tables_stopped\":0,"
		"\"rows_read\":7,\"rows_written\":0,\"warnings\":0,\"elapsed_seconds\":0.000000,\"peak_memory_bytes\":0,"
		"\"error\":null}\n");
}

static void a_table_is_told_whole(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_table_report tables[] = {waiting("a"), failed("b")};
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out);
	observer.table_changed(observer.context, tables, 2, 1);
	json_t *event = json_loads(capture_text(&output), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "table");
	const json_t *table = json_object_get(event, "table");
	assert_string_equal(json_string_value(json_object_get(table, "source_name")), "b");
	assert_string_equal(json_string_value(json_object_get(table, "outcome")), "failed");
	assert_int_equal(json_object_size(table), 19);
	json_decref(event);
}

static void progress_comes_once_a_second(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out);
	for (test_clock_us = 0; test_clock_us <= 3500000; test_clock_us += 100000)
		observer.progress(observer.context, NULL, 0);
	size_t lines = 0;
	for (const char *line = strchr(capture_text(&output), '\n'); line != NULL; line = strchr(line + 1, '\n'))
		lines++;
	assert_int_equal(lines, 4); /* at 0.1, 1.1, 2.1, 3.1 s */
	assert_non_null(strstr(capture_text(&output), "\"elapsed_seconds\":3.100000,\"tables\":[]}\n"));
}

#ifdef PAWL_TEST_HOOKS

/* What was not written is not written in part, and is said at the end. */
static pawl_status run(void *context, pawl_error *run_error)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_table_report *table = context;
	const pawl_sync_result result = {0};
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out);
	observer.started(observer.context, "a", "b", table, 1);
	observer.table_changed(observer.context, table, 1, 0);
	observer.notice(observer.context, PAWL_NOTICE_INFO, NULL, "c", "");
	pawl_status status = pawl_sync_report_end(&report, &result, NULL, run_error);
	for (const char *line = capture_text(&output); *line != '\0'; line = strchr(line, '\n') + 1) {
		json_t *event = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
		assert_non_null(event);
		json_decref(event);
	}
	return status;
}

static void a_lost_event_is_an_error_at_the_end(void **state)
{
	(void) state;
	pawl_table_report table = done("a");
	assert_true(refuse_every_allocation(run, &table) > 3);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_a_stream_of_lines),
		cmocka_unit_test(a_table_is_told_whole),
		cmocka_unit_test(progress_comes_once_a_second),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(a_lost_event_is_an_error_at_the_end),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
