#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/sync_summary.h"
#include "support.h"
#include "sync_support.h"

#define CUT "\xe2\x80\xa6"

static pawl_error error;
static const pawl_terminal plain = {0};

#define BLIND_SPOT                                                                                                    \
	"What a replication key cannot see stays as it was: rows deleted at the source, changed primary keys, rows that " \
	"left `where`, and updates that do not touch the key.\n"

static pawl_sync_result result_of(pawl_table_report *tables, size_t count)
{
	pawl_sync_result result = {
		.tables = tables,
		.table_count = count,
		.elapsed_us = 1230000,
		.peak_memory_bytes = INT64_C(61) << 20,
	};
	for (size_t i = 0; i < count; i++) {
		result.rows_read += tables[i].rows_read;
		result.rows_written += tables[i].rows_written;
		result.failed_count += tables[i].outcome == PAWL_TABLE_FAILED;
		result.stopped_count += tables[i].outcome == PAWL_TABLE_STOPPED;
	}
	return result;
}

static void assert_summary(const pawl_sync_result *result, const pawl_error *run_error, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	OK(pawl_sync_summary_print(output.out, &plain, result, true, run_error, &error));
	assert_string_equal(capture_text(&output), expected);
}

static void a_success_is_a_grid_and_a_verdict(void **state)
{
	(void) state;
	pawl_table_report tables[] = {done("main.orders"), done("main.items"), done("main.logs")};
	pawl_sync_result result = result_of(tables, 3);
	tables[1].cursor_from = tables[1].cursor_to;
	tables[2].cursor_from = NULL;
	tables[2].phase = PAWL_PHASE_BACKFILL;
	tables[2].guarantee = "lag 60s";
	assert_summary(&result, NULL,
	               "\n"
	               "table       | phase       | rows read | written | cursor                   | guarantee |   time\n"
	               "----------- + ----------- + --------- + ------- + ------------------------ + --------- + ------\n"
	               "main.orders | incremental |     1,234 |   1,230 | 2024-01-01 -> 2024-03-16 | exact     | 0.71 s\n"
	               "main.items  | incremental |     1,234 |   1,230 | 2024-03-16               | exact     | 0.71 s\n"
	               "main.logs   | backfill    |     1,234 |   1,230 | -> 2024-03-16            | lag 60s   | 0.71 s\n"
	               "\n"
	               "Guarantee exact (2 tables): the file is opened read-only: nobody can write\n"
	               "Guarantee lag 60s (main.logs): the file is opened read-only: nobody can write\n"
	               "\n"
	               "Sync SUCCEEDED in 1.23 s: 3 tables, 3,702 rows read, 3,690 written, peak memory 61 MiB\n" BLIND_SPOT);
}

static void what_failed_is_marked(void **state)
{
	(void) state;
	pawl_table_report tables[] = {done("main.orders"), failed("main.items"), waiting("main.logs")};
	pawl_error run_error;
	tables[2].outcome = PAWL_TABLE_STOPPED;
	pawl_sync_result result = result_of(tables, 3);
	pawl_error_set(&run_error, PAWL_DATABASE, "table 'main.items': no");
	assert_summary(&result, &run_error,
	               "\n"
	               "table       | phase           | rows read | written | cursor                   | guarantee |   time\n"
	               "----------- + --------------- + --------- + ------- + ------------------------ + --------- + ------\n"
	               "main.orders | incremental     |     1,234 |   1,230 | 2024-01-01 -> 2024-03-16 | exact     | 0.71 s\n"
	               "main.items  | FAILED backfill |         0 |       0 |                          | lag 60s   | 0.12 s\n"
	               "main.logs   | STOPPED         |         0 |       0 |                          |           |       \n"
	               "\n"
	               "Guarantee exact (main.orders): the file is opened read-only: nobody can write\n"
	               "Guarantee lag 60s (main.items): the key is set by applications\n"
	               "\n"
	               "Sync FAILED in 1.23 s: 1 of 3 tables failed, 1 stopped, 1,234 rows read, 1,230 written, "
	               "peak memory 61 MiB\n" BLIND_SPOT);
}

static void what_was_stopped_can_go_on(void **state)
{
	(void) state;
	pawl_table_report tables[] = {in_flight("a", 1000000), waiting("b")};
	pawl_error run_error;
	tables[0].outcome = PAWL_TABLE_STOPPED;
	tables[0].mode = tables[1].mode = PAWL_MODE_APPEND;
	tables[0].rows_read = tables[0].rows_written = 1;
	tables[0].null_keys_ignored = 1;
	pawl_sync_result result = result_of(tables, 2);
	pawl_error_set(&run_error, PAWL_INTERRUPTED, "stopped");
	assert_summary(&result, &run_error,
	               "\n"
	               "table | phase            | rows read | written | cursor | guarantee | time\n"
	               "----- + ---------------- + --------- + ------- + ------ + --------- + ----\n"
	               "a     | STOPPED backfill |         1 |       1 |        |           |     \n"
	               "b     | not started      |         0 |       0 |        |           |     \n"
	               "\n"
	               "Left out: 1 row whose replication key is NULL (null_keys: ignore)\n"
	               "\n"
	               "Sync STOPPED in 1.23 s: 1 of 2 tables stopped, 1 row read, 1 written, peak memory 61 MiB "
	               "(run again to go on)\n");
}

static void without_tables_there_is_a_verdict(void **state)
{
	(void) state;
	const pawl_sync_result result = result_of(NULL, 0);
	assert_summary(&result, NULL, "Sync SUCCEEDED in 1.23 s: 0 tables, 0 rows read, 0 written, peak memory 61 MiB\n");
}

static void what_did_not_start_has_a_verdict_alone(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal colored = {.is_live = true, .has_colors = true, .width = 80};
	const pawl_sync_result result = {0};
	pawl_error run_error;
	pawl_error_set(&run_error, PAWL_NOT_FOUND, "cannot open 'shop.duckdb'");
	OK(pawl_sync_summary_print(output.out, &plain, &result, false, &run_error, &error));
	run_error.status = PAWL_INTERRUPTED;
	OK(pawl_sync_summary_print(output.out, &colored, &result, false, &run_error, &error));
	assert_string_equal(capture_text(&output), "Sync FAILED before it started\n"
	                                           "Sync \x1b[33mSTOPPED\x1b[0m before it started\n");
}

static void assert_grid(int width, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal terminal = {.is_live = true, .width = width, .height = 24};
	pawl_table_report tables[] = {done("main.a_name_that_is_long"), failed("main.items")};
	const pawl_sync_result result = result_of(tables, 2);
	tables[0].cursor_to = "2024-03-16 16:40:29.123456";
	OK(pawl_sync_summary_print(output.out, &terminal, &result, true, tables[1].error, &error));
	const char *end = strstr(capture_text(&output), "\n\n");
	assert_non_null(end);
	assert_int_equal(end - output.kept->text, strlen(expected));
	assert_memory_equal(output.kept->text, expected, strlen(expected));
}

static void a_narrow_terminal_leaves_the_cursor_out(void **state)
{
	(void) state;
	assert_grid(80,
	            "\n"
	            "table               | phase           | rows read | written | guarantee |   time\n"
	            "------------------- + --------------- + --------- + ------- + --------- + ------\n"
	            "main.a_name_that_i" CUT " | incremental     |     1,234 |   1,230 | exact     | 0.71 s\n"
	            "main.items          | FAILED backfill |         0 |       0 | lag 60s   | 0.12 s");
	assert_grid(100,
	            "\n"
	            "table              | phase           | rows read | written | cursor             | guarantee |   time\n"
	            "------------------ + --------------- + --------- + ------- + ------------------ + --------- + ------\n"
	            "main.a_name_that_" CUT " | incremental     |     1,234 |   1,230 | 2024-03-16 16:40:" CUT
	            " | exact     | 0.71 s\n"
	            "main.items         | FAILED backfill |         0 |       0 |                    | lag 60s   | 0.12 s");
	assert_grid(140,
	            "\n"
	            "table                    | phase           | rows read | written | "
	            "cursor                                   | guarantee |   time\n"
	            "------------------------ + --------------- + --------- + ------- + "
	            "---------------------------------------- + --------- + ------\n"
	            "main.a_name_that_is_long | incremental     |     1,234 |   1,230 | "
	            "2024-01-01 -> 2024-03-16 16:40:29.123456 | exact     | 0.71 s\n"
	            "main.items               | FAILED backfill |         0 |       0 | "
	            "                                         | lag 60s   | 0.12 s");
}

static void many_tables_are_all_there(void **state)
{
	(void) state;
	pawl_table_report tables[100];
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	for (size_t i = 0; i < 100; i++) {
		tables[i] = done("main.orders");
		tables[i].rows_read = tables[i].rows_written = 0;
	}
	const pawl_sync_result result = result_of(tables, 100);
	OK(pawl_sync_summary_print(output.out, &plain, &result, true, NULL, &error));
	const char *text = capture_text(&output);
	size_t lines = 0;
	for (const char *line = strstr(text, "\nmain.orders | "); line != NULL; line = strstr(line + 1, "\nmain.orders | "))
		lines++;
	assert_int_equal(lines, 100);
	assert_non_null(strstr(text, "\n\nGuarantee exact (100 tables): the file is opened read-only: nobody can write\n\n"));
}

static void text_of_others_stays_on_its_line(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_table_report table = done("a\n\xe6\x9d\xb1");
	table.guarantee_reason = "a\x1b[2J";
	table.cursor_to = "\r";
	const pawl_sync_result result = result_of(&table, 1);
	OK(pawl_sync_summary_print(output.out, &plain, &result, true, NULL, &error));
	const char *text = capture_text(&output);
	assert_non_null(strstr(text, "\na\\n\xe6\x9d\xb1 | incremental | "));
	assert_non_null(strstr(text, " | 2024-01-01 -> \\x0d | "));
	assert_non_null(strstr(text, "\nGuarantee exact (a\\n\xe6\x9d\xb1): a\\x1b[2J\n"));
}

#ifdef PAWL_TEST_HOOKS

/* The grid is all or nothing; what comes of the run is said in any case. */
static pawl_status print(void *context, pawl_error *print_error)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_status status = pawl_sync_summary_print(output.out, &plain, context, true, NULL, print_error);
	assert_non_null(strstr(capture_text(&output), "Sync SUCCEEDED in 1.23 s: 1 table, "));
	assert_true((strstr(capture_text(&output), "guarantee |") != NULL) == (status == PAWL_OK));
	return status;
}

static void without_memory_there_is_a_verdict(void **state)
{
	(void) state;
	pawl_table_report table = done("main.orders");
	pawl_sync_result result = result_of(&table, 1);
	assert_true(refuse_every_allocation(print, &result) > 1);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_is_a_grid_and_a_verdict),
		cmocka_unit_test(what_failed_is_marked),
		cmocka_unit_test(what_was_stopped_can_go_on),
		cmocka_unit_test(without_tables_there_is_a_verdict),
		cmocka_unit_test(what_did_not_start_has_a_verdict_alone),
		cmocka_unit_test(a_narrow_terminal_leaves_the_cursor_out),
		cmocka_unit_test(many_tables_are_all_there),
		cmocka_unit_test(text_of_others_stays_on_its_line),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_there_is_a_verdict),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
