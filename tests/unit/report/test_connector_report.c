#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "report/connector_report.h"
#include "support.h"

#include <jansson.h>

static const pawl_terminal plain = {0};

/* Each line without its time, which is checked for its form alone: "16:40:29.123 ". */
static void assert_lines(const char *text, const char *expected)
{
	char rest[8192] = "";
	for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		int hour, minute, second, ms;
		assert_int_equal(sscanf(line, "%2d:%2d:%2d.%3d ", &hour, &minute, &second, &ms), 4);
		assert_true(line[12] == ' ');
		const char *end = strchr(line, '\n');
		strncat(rest, line + 13, (size_t) (end + 1 - (line + 13)));
	}
	assert_string_equal(rest, expected);
}

static void a_run_in_a_pipe_is_plain_lines(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_run_counts counts = {.upserts = 3, .schema_changes = 1, .checkpoints = 1};
	const pawl_run_counts second = {.upserts = 3, .schema_changes = 1, .checkpoints = 2};
	const pawl_run_counts last = {.upserts = 3, .schema_changes = 1, .checkpoints = 3};
	pawl_connector_report report;
	pawl_run_observer observer = pawl_connector_report_begin(&report, output.out);
	observer.started(observer.context, "customers", "files/warehouse.db", "tester", "{}");
	observer.log(observer.context, PAWL_LOG_WARNING, "Example");
	observer.log(observer.context, PAWL_LOG_FINE, "fetching");
	observer.log(observer.context, PAWL_LOG_DEBUG, "a\x1b[2J");
	observer.log(observer.context, PAWL_LOG_SEVERE, "bad");
	observer.log(observer.context, (pawl_log_level) 99, "odd");
	observer.notice(observer.context, PAWL_LOG_WARNING, "the state file differs");
	observer.schema_change(observer.context, "tester.customers", "created");
	observer.progress(observer.context, &counts);
	observer.checkpoint(observer.context, &counts, "{\"a\":1}");
	observer.checkpoint(observer.context, &second, "{\"a\":2}"); /* too soon for a line of its own */
	observer.checkpoint(observer.context, &last, "{\"a\":3}");   /* as well; but the last one is told at the end */
	pawl_connector_report_end(&report);
	pawl_connector_report_end(&report);
	assert_lines(capture_text(&output),
	             "INFO     pawl: sync of connector customers\n"
	             "INFO     pawl: destination schema path: files/warehouse.db (schema=tester)\n"
	             "INFO     pawl: previous state: {}\n"
	             "WARNING  Example\n"
	             "FINE     fetching\n"
	             "DEBUG    a\\x1b[2J\n"
	             "SEVERE   bad\n"
	             "INFO     odd\n"
	             "WARNING  pawl: the state file differs\n"
	             "INFO     pawl: schema change detected: tester.customers created\n"
	             "INFO     pawl: checkpoint 1: {\"a\":1}\n"
	             "INFO     pawl: checkpoint 3: {\"a\":3}\n");
}

static void a_long_state_is_cut_between_characters(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	char text[1000] = "{\"a\":\"";
	for (size_t i = 0; i < 200; i++)
		strcat(text, "\xe6\x9d\xb1");
	strcat(text, "\"}");
	pawl_connector_report report;
	pawl_run_observer observer = pawl_connector_report_begin_on(&report, output.out, &plain);
	observer.started(observer.context, "c", "w", "s", text);
	const char *shown = strstr(capture_text(&output), "previous state: ");
	assert_non_null(shown);
	shown += strlen("previous state: ");
	assert_memory_equal(shown, text, 6 + 131 * 3); /* 399 of at most 400 bytes */
	assert_string_equal(shown + 399, "... (608 bytes)\n");

	const pawl_run_counts counts = {.checkpoints = 2};
	observer.checkpoint(observer.context, &counts, "{}");
	observer.checkpoint(observer.context, &counts, text);
	size_t told = strlen(capture_text(&output));
	pawl_connector_report_end(&report);
	shown = strstr(capture_text(&output) + told, "checkpoint 2: ");
	assert_non_null(shown);
	assert_memory_equal(shown + strlen("checkpoint 2: "), text, 399);
	assert_string_equal(shown + strlen("checkpoint 2: ") + 399, "... (608 bytes)\n");
}

/* The line is drawn once its time has come, taken away before another line, and drawn again later. */
static void a_terminal_has_one_line_of_progress(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal live = {.is_live = true, .has_colors = true, .width = 80};
	const pawl_run_counts counts = {.upserts = 1000, .updates = 200, .deletes = 34};
	pawl_connector_report report;
	pawl_run_observer observer = pawl_connector_report_begin_on(&report, output.out, &live);
	observer.progress(observer.context, &counts);
	assert_int_equal(output.kept->length, 0);
	usleep(110000);
	observer.progress(observer.context, &counts);
	observer.progress(observer.context, &counts);
	assert_memory_equal(capture_text(&output), "\r        1,234 rows, ", 21);
	size_t drawn = output.kept->length;
	observer.log(observer.context, PAWL_LOG_WARNING, "look");
	assert_memory_equal(capture_text(&output) + drawn, "\r\x1b[K", 4);
	assert_non_null(strstr(capture_text(&output) + drawn, " \x1b[33mWARNING \x1b[0m look\n"));
	observer.log(observer.context, PAWL_LOG_INFO, "plainly");
	assert_non_null(strstr(capture_text(&output) + drawn, " INFO     plainly\n"));
	size_t logged = output.kept->length;
	pawl_connector_report_end(&report);
	fflush(output.out);
	assert_int_equal(output.kept->length, logged);
}

static pawl_run_result example_result(void)
{
	static char kept_state[] = "{\n \"last_updated_at\": \"2024-03-16T16:40:29Z\"\n}";
	return (pawl_run_result){
		.counts = {.upserts = 1234567, .updates = 4, .deletes = 5, .truncates = 6,
		           .schema_changes = 1, .checkpoints = 2, .warnings = 7},
		.committed_rows = 3,
		.elapsed_us = 80000,
		.peak_memory_bytes = INT64_C(61) << 20,
		.state = kept_state,
	};
}

#define TABLE                            \
	"\nSYNC PROGRESS:\n"             \
	"Operation     |        Calls\n" \
	"------------- + ------------\n" \
	"Upserts       |    1,234,567\n" \
	"Updates       |            4\n" \
	"Deletes       |            5\n" \
	"Truncates     |            6\n" \
	"SchemaChanges |            1\n" \
	"Checkpoints   |            2\n" \
	"Warnings      |            7\n\n"

static void the_end_is_a_table_and_a_verdict(void **state)
{
	(void) state;
	pawl_run_result result = example_result();
	PAWL_CLEANUP(capture_close) capture succeeded = capture_open();
	const pawl_connector_report after_success = {.out = succeeded.out, .has_started = true};
	pawl_connector_report_print(&after_success, &result, PAWL_OK);
	assert_string_equal(capture_text(&succeeded),
	                    TABLE "Sync SUCCEEDED in 0.08 s: 3 rows, 37 rows/s, peak memory 61 MiB\n");

	PAWL_CLEANUP(capture_close) capture failed = capture_open();
	const pawl_connector_report after_failure = {.out = failed.out, .has_started = true};
	result.discarded_rows = 1;
	pawl_connector_report_print(&after_failure, &result, PAWL_CONNECTOR);
	assert_string_equal(capture_text(&failed),
	                    TABLE "Sync FAILED in 0.08 s: 3 rows committed, 1 row discarded, peak memory 61 MiB\n");
}

static void what_did_not_start_has_no_table(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_run_result result = {0};
	pawl_connector_report report;
	pawl_connector_report_begin(&report, output.out);
	pawl_connector_report_end(&report);
	pawl_connector_report_print(&report, &result, PAWL_NOT_FOUND);
	assert_string_equal(capture_text(&output), "Sync FAILED before it started\n");
}

static json_t *print_and_parse(const pawl_run_result *result, const pawl_error *run_error)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_error error;
	assert_int_equal(pawl_connector_report_print_json(output.out, result, run_error, &error), PAWL_OK);
	const char *text = capture_text(&output);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1); /* one line */
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static void json_tells_a_success(void **state)
{
	(void) state;
	pawl_run_result result = example_result();
	json_t *root = print_and_parse(&result, NULL);
	json_t *expected = json_pack("{s:s, s:{s:i, s:i, s:i, s:i}, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:i, s:{s:s}, s:n}",
	                             "status", "succeeded", "operations", "upserts", 1234567, "updates", 4, "deletes", 5,
	                             "truncates", 6, "schema_changes", 1, "checkpoints", 2, "warnings", 7, "rows_committed",
	                             3, "rows_discarded", 0, "rows_per_second", 37, "elapsed_seconds", 0.08,
	                             "peak_memory_bytes", 61 << 20, "state", "last_updated_at", "2024-03-16T16:40:29Z",
	                             "error");
	assert_non_null(expected);
	assert_true(json_equal(root, expected));
	json_decref(expected);
	json_decref(root);
}

static void json_tells_a_failure(void **state)
{
	(void) state;
	pawl_run_result result = {.discarded_rows = 2};
	pawl_error run_error;
	pawl_error_set(&run_error, PAWL_DATABASE, "cannot read 'a\"b\x1b'");
	run_error.is_retryable = true;
	json_t *root = print_and_parse(&result, &run_error);
	assert_string_equal(json_string_value(json_object_get(root, "status")), "failed");
	assert_int_equal(json_integer_value(json_object_get(root, "rows_discarded")), 2);
	assert_true(json_is_null(json_object_get(root, "state")));
	json_t *expected = json_pack("{s:s, s:s, s:n, s:n, s:b}", "status", "database", "message", "cannot read 'a\"b\x1b'",
	                             "hint", "sqlstate", "retryable", 1);
	assert_true(json_equal(json_object_get(root, "error"), expected));
	json_decref(expected);
	json_decref(root);

	pawl_error_hint(&run_error, "wait");
	strcpy(run_error.sqlstate, "08006");
	root = print_and_parse(&result, &run_error);
	json_t *told = json_object_get(root, "error");
	assert_string_equal(json_string_value(json_object_get(told, "hint")), "wait");
	assert_string_equal(json_string_value(json_object_get(told, "sqlstate")), "08006");
	json_decref(root);
}

#ifdef PAWL_TEST_HOOKS

static void without_memory_json_is_not_half_printed(void **state)
{
	(void) state;
	pawl_run_result result = example_result();
	pawl_error error;
	pawl_status status;
	long n = 0;
	do {
		PAWL_CLEANUP(capture_close) capture output = capture_open();
		pawl_memory_fail_at(++n);
		status = pawl_connector_report_print_json(output.out, &result, NULL, &error);
		pawl_memory_fail_at(0);
		fflush(output.out);
		if (status != PAWL_OK) {
			assert_int_equal(status, PAWL_OUT_OF_MEMORY);
			assert_int_equal(output.kept->length, 0);
		}
	} while (status != PAWL_OK);
	assert_true(n > 1);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_in_a_pipe_is_plain_lines),
		cmocka_unit_test(a_long_state_is_cut_between_characters),
		cmocka_unit_test(a_terminal_has_one_line_of_progress),
		cmocka_unit_test(the_end_is_a_table_and_a_verdict),
		cmocka_unit_test(what_did_not_start_has_no_table),
		cmocka_unit_test(json_tells_a_success),
		cmocka_unit_test(json_tells_a_failure),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_json_is_not_half_printed),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
