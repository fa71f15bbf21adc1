#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/sync_report.h"
#include "support.h"
#include "sync_support.h"

#define SECOND INT64_C(1000000)

static pawl_error error;
static const pawl_terminal plain = {0};
static const pawl_terminal live = {.is_live = true, .has_colors = true, .width = 80, .height = 24};

static pawl_sync_observer begin(pawl_sync_report *report, FILE *out, pawl_report_style style, const pawl_terminal *terminal)
{
	test_clock_us = 0;
	return pawl_sync_report_begin_on(report, out, style, terminal, &test_clock);
}

/* What was written since `*from`, which moves on. */
static void assert_next(capture *output, size_t *from, const char *expected)
{
	const char *text = capture_text(output);
	assert_string_equal(text + *from, expected);
	*from = strlen(text);
}

static void tell_of_a_run(const pawl_sync_observer *observer)
{
	pawl_table_report tables[] = {waiting("main.orders"), waiting("main.items"), waiting("main.logs")};
	observer->started(observer->context, "shop.duckdb", "warehouse.duckdb", tables, 3);
	test_clock_us = SECOND;
	tables[0] = in_flight("main.orders", SECOND);
	tables[0].phase = PAWL_PHASE_NONE;
	observer->table_changed(observer->context, tables, 3, 0);
	tables[0].phase = PAWL_PHASE_INCREMENTAL;
	observer->table_changed(observer->context, tables, 3, 0);
	observer->notice(observer->context, PAWL_NOTICE_INFO, NULL, "a replica", "");
	observer->notice(observer->context, PAWL_NOTICE_WARNING, "main.orders", "its key has no index", "CREATE INDEX");
	test_clock_us = 2 * SECOND;
	tables[0] = done("main.orders");
	tables[0].null_keys_ignored = 3;
	observer->table_changed(observer->context, tables, 3, 0);
	tables[1] = failed("main.items");
	observer->table_changed(observer->context, tables, 3, 1);
	tables[2].outcome = PAWL_TABLE_STOPPED;
	observer->table_changed(observer->context, tables, 3, 2);
	tables[2].started_us = 2 * SECOND;
	observer->table_changed(observer->context, tables, 3, 2);
}

static void a_pipe_has_lines(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_AUTO, &plain);
	tell_of_a_run(&observer);
	assert_string_equal(
		capture_text(&output),
		"00:00:00.000 INFO     sync of shop.duckdb into warehouse.duckdb: 3 tables\n"
		"00:00:01.000 INFO     main.orders: incremental, upsert by updated_at\n"
		"00:00:01.000 INFO     a replica\n"
		"00:00:01.000 WARNING  main.orders: its key has no index\n"
		"00:00:01.000 WARNING  hint: CREATE INDEX\n"
		"00:00:02.000 INFO     main.orders: incremental done in 0.71 s: 1,234 rows read, 1,230 written, "
		"3 rows with a NULL key left out, guarantee exact\n"
		"00:00:02.000 ERROR    main.items: backfill failed after 0.12 s: 0 rows, guarantee lag 60s\n"
		"00:00:02.000 ERROR    main.items: cannot read 'a\\tb'\n"
		"00:00:02.000 ERROR    hint: look at the log of the server\n"
		"00:00:02.000 WARNING  main.logs: stopped after 0.00 s: 0 rows\n");
}

static void a_start_says_what_is_known(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	pawl_table_report table = in_flight("a\nb", 1);
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_PLAIN, &live);
	table.estimated_rows = 1;
	observer.table_changed(observer.context, &table, 1, 0);
	table.phase = PAWL_PHASE_REFRESH;
	table.mode = PAWL_MODE_REPLACE;
	table.key = NULL;
	table.estimated_rows = 5000000;
	observer.table_changed(observer.context, &table, 1, 0);
	assert_string_equal(capture_text(&output),
	                    "00:00:00.000 INFO     a\\nb: backfill of about 1 row, upsert by updated_at\n"
	                    "00:00:00.000 INFO     a\\nb: refresh of about 5,000,000 rows, replace\n");
}

static void a_pipe_has_a_line_of_a_table_every_ten_seconds(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	size_t told = 0;
	pawl_sync_report report;
	pawl_table_report tables[] = {in_flight("a", 1 * SECOND), in_flight("b", 5 * SECOND), done("c")};
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_PLAIN, &plain);
	tables[0].rows_read = 100;
	tables[0].estimated_rows = 400;
	for (; test_clock_us < 11 * SECOND; test_clock_us += 100000)
		observer.progress(observer.context, tables, 3);
	assert_next(&output, &told, "");
	observer.progress(observer.context, tables, 3);
	observer.window(observer.context, tables, 3, 0);
	assert_next(&output, &told, "00:00:11.000 INFO     a: backfill, 100 rows, 10 rows/s, 25%, ETA 30 s\n");
	for (; test_clock_us < 20 * SECOND; test_clock_us += 100000)
		observer.progress(observer.context, tables, 3);
	assert_next(&output, &told, "00:00:15.000 INFO     b: backfill, 0 rows, 0 rows/s\n");
	test_clock_us = 60 * SECOND; /* nothing was heard of it for long: one line for all that time */
	observer.progress(observer.context, tables, 1);
	assert_next(&output, &told, "00:01:00.000 INFO     a: backfill, 100 rows, 1 row/s, 25%, ETA 2m 57s\n");
}

/* Drawn at most 10 times a second, taken away before any line, drawn again below it. */
static void a_terminal_has_a_board_below_the_lines(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	size_t told = 0;
	pawl_sync_report report;
	pawl_table_report tables[] = {in_flight("a", 100000), waiting("b")};
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_AUTO, &live);
	observer.started(observer.context, "s", "d", tables, 2);
	assert_next(&output, &told, "00:00:00.000 INFO     sync of s into d: 2 tables\n");
	test_clock_us = 99999;
	observer.progress(observer.context, tables, 2);
	assert_next(&output, &told, "");
	test_clock_us = 100000;
	observer.table_changed(observer.context, tables, 2, 0);
	observer.progress(observer.context, tables, 2);
	observer.window(observer.context, tables, 2, 0);
	assert_next(&output, &told,
	            "\ra  backfill           0 rows          0 rows/s\x1b[K\n0 of 2 tables, 0 rows, 0 rows/s, 0.10 s\x1b[K");
	observer.notice(observer.context, PAWL_NOTICE_WARNING, NULL, "look", "up");
	assert_next(&output, &told,
	            "\r\x1b[K\x1b[A\x1b[K00:00:00.100 \x1b[33mWARNING \x1b[0m look\n"
	            "00:00:00.100 \x1b[33mWARNING \x1b[0m hint: up\n");
	test_clock_us = 200000;
	tables[0] = done("a");
	observer.table_changed(observer.context, tables, 2, 0);
	assert_next(&output, &told,
	            "00:00:00.200 INFO     a: incremental done in 0.71 s: 1,234 rows read, 1,230 written, guarantee exact\n"
	            "\r1 of 2 tables, 1,234 rows, 6,170 rows/s, 0.20 s\x1b[K");
	pawl_sync_report_erase(&report);
	pawl_sync_report_erase(&report);
	assert_next(&output, &told, "\r\x1b[K");
}

/* Every line that is drawn takes less than the terminal's width, and they are less than its height. */
static void assert_fits(const char *text, const pawl_terminal *terminal)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = pawl_duplicate(text + 1); /* after the '\r' */
	char *rest = copy, *line;
	int lines = 0;
	assert_true(*text == '\r');
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *end = strstr(line, "\x1b[K");
		assert_non_null(end);
		assert_string_equal(end, "\x1b[K");
		*end = '\0';
		assert_true(pawl_text_width(line) < (size_t) terminal->width);
		lines++;
	}
	assert_true(lines < terminal->height);
}

static void a_board_fits_its_terminal(void **state)
{
	(void) state;
	pawl_table_report tables[100];
	const struct {
		int width, height;
	} sizes[] = {{80, 24}, {20, 24}, {20, 3}, {200, 200}, {2, 2}};
	for (size_t i = 0; i < 100; i++) {
		tables[i] = in_flight(i % 2 == 0 ? "main.a name that is very long indeed, of \xe6\x9d\xb1" : "main.orders", 1);
		tables[i].rows_read = (int64_t) i << i % 50;
		tables[i].estimated_rows = (int64_t) i << 40;
		tables[i].bytes_read = (int64_t) i << i % 40;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		PAWL_CLEANUP(capture_close) capture output = capture_open();
		const pawl_terminal terminal = {.is_live = true, .width = sizes[i].width, .height = sizes[i].height};
		pawl_sync_report report;
		pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_LIVE, &terminal);
		test_clock_us = SECOND;
		observer.progress(observer.context, tables, 100);
		assert_fits(capture_text(&output), &terminal);
	}
}

static void who_asks_for_live_gets_it(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_LIVE, &plain);
	test_clock_us = SECOND;
	observer.progress(observer.context, NULL, 0);
	assert_string_equal(capture_text(&output), "\r0 of 0 tables, 0 rows, 0 rows/s, 1.00 s\x1b[K");
}

static void none_still_warns(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	const pawl_sync_result result = {0};
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_NONE, &live);
	tell_of_a_run(&observer);
	test_clock_us = 60 * SECOND;
	observer.progress(observer.context, NULL, 0);
	OK(pawl_sync_report_end(&report, &result, NULL, &error));
	assert_string_equal(
		capture_text(&output),
		"00:00:01.000 \x1b[33mWARNING \x1b[0m main.orders: its key has no index\n"
		"00:00:01.000 \x1b[33mWARNING \x1b[0m hint: CREATE INDEX\n"
		"00:00:02.000 \x1b[31mERROR   \x1b[0m main.items: backfill failed after 0.12 s: 0 rows, guarantee lag 60s\n"
		"00:00:02.000 \x1b[31mERROR   \x1b[0m main.items: cannot read 'a\\tb'\n"
		"00:00:02.000 \x1b[31mERROR   \x1b[0m hint: look at the log of the server\n"
		"Sync \x1b[32mSUCCEEDED\x1b[0m in 0.00 s: 0 tables, 0 rows read, 0 written, peak memory 0 B\n");
}

static void the_summary_takes_the_place_of_the_board(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	size_t told = 0;
	pawl_sync_report report;
	pawl_error run_error;
	const pawl_sync_result result = {0};
	pawl_sync_observer observer = begin(&report, output.out, PAWL_REPORT_LIVE, &plain);
	test_clock_us = SECOND;
	observer.progress(observer.context, NULL, 0);
	told = strlen(capture_text(&output));
	pawl_error_set(&run_error, PAWL_NOT_FOUND, "no");
	OK(pawl_sync_report_end(&report, &result, &run_error, &error));
	assert_next(&output, &told, "\r\x1b[KSync FAILED before it started\n");
}

static void a_style_has_a_name(void **state)
{
	(void) state;
	assert_string_equal(pawl_report_style_names[PAWL_REPORT_AUTO], "auto");
	assert_string_equal(pawl_report_style_names[PAWL_REPORT_NONE], "none");
	assert_null(pawl_report_style_names[PAWL_REPORT_NONE + 1]);
}

static void the_clock_is_that_of_the_system(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_sync_report report;
	pawl_sync_observer observer = pawl_sync_report_begin(&report, output.out, PAWL_REPORT_AUTO);
	observer.started(observer.context, "s", "d", NULL, 1);
	assert_string_equal(capture_text(&output) + 12, " INFO     sync of s into d: 1 table\n");
	assert_true(report.started_us > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_has_lines),
		cmocka_unit_test(a_start_says_what_is_known),
		cmocka_unit_test(a_pipe_has_a_line_of_a_table_every_ten_seconds),
		cmocka_unit_test(a_terminal_has_a_board_below_the_lines),
		cmocka_unit_test(a_board_fits_its_terminal),
		cmocka_unit_test(who_asks_for_live_gets_it),
		cmocka_unit_test(none_still_warns),
		cmocka_unit_test(the_summary_takes_the_place_of_the_board),
		cmocka_unit_test(a_style_has_a_name),
		cmocka_unit_test(the_clock_is_that_of_the_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
