#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/sync_live.h"
#include "support.h"
#include "sync_support.h"

#define SECOND INT64_C(1000000)
#define EAST   "\xe6\x9d\xb1" /* two columns */

/* The lines, of a run that began at 0, 10 s later. */
static void assert_lines(const pawl_table_report *tables, size_t count, size_t width, size_t height, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer lines = {0};
	pawl_sync_live_append(&lines, tables, count, 0, 10 * SECOND, width, height);
	assert_string_equal(pawl_buffer_text(&lines), expected);
}

/* A copy that has gone on for 5 s, is at 45 % and has read 61 MiB; changes; one that waits; and two that have ended. */
static void fill_example(pawl_table_report tables[5])
{
	tables[0] = in_flight("main.orders", 5 * SECOND);
	tables[0].rows_read = 2250000;
	tables[0].estimated_rows = 5000000;
	tables[0].bytes_read = INT64_C(61) << 20;
	tables[1] = in_flight("main.customers", 9 * SECOND);
	tables[1].phase = PAWL_PHASE_INCREMENTAL;
	tables[1].rows_read = 1;
	tables[2] = waiting("main.waits");
	tables[3] = done("main.done");
	tables[4] = failed("main.failed");
}

static void a_wide_terminal_has_all_columns(void **state)
{
	(void) state;
	pawl_table_report tables[5];
	fill_example(tables);
	assert_lines(tables, 5, 119, 23,
	             "main.orders     backfill      2,250,000 rows    450,000 rows/s  [####......]  45%  ETA 6 s        61 MiB"
	             "\n"
	             "main.customers  incremental            1 row           1 row/s\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
}

static void a_narrow_one_has_those_that_tell_most(void **state)
{
	(void) state;
	pawl_table_report tables[5];
	fill_example(tables);
	assert_lines(tables, 5, 79, 23,
	             "main.orders     backfill      2,250,000 rows    450,000 rows/s  45%    61 MiB\n"
	             "main.customers  incremental            1 row           1 row/s\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
	assert_lines(tables, 5, 39, 23,
	             "main.orders      2,250,000 rows  45%\n"
	             "main.customers            1 row\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
	assert_lines(tables, 5, 19, 23,
	             "main.orders     45%\n"
	             "main.customers\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
	assert_lines(tables, 5, 8, 23,
	             "main.or\xe2\x80\xa6\n"
	             "main.cu\xe2\x80\xa6\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
	assert_lines(tables, 5, 1, 23,
	             "\xe2\x80\xa6\n"
	             "\xe2\x80\xa6\n"
	             "2 of 5 tables, 1 failed, 2,251,235 rows, 225,123 rows/s, 10.00 s");
}

static void names_are_cut_between_characters(void **state)
{
	(void) state;
	char name[3 * 300 + 1] = "";
	for (size_t i = 0; i < 300; i++)
		strcat(name, EAST);
	const pawl_table_report tables[] = {in_flight(name, 9 * SECOND), in_flight("a\x1b[2J\nb", 9 * SECOND)};
	assert_lines(tables, 2, 39, 23,
	             EAST EAST EAST EAST EAST EAST EAST EAST EAST EAST "\xe2\x80\xa6            0 rows\n"
	             "a\\x1b[2J\\nb                      0 rows\n"
	             "0 of 2 tables, 0 rows, 0 rows/s, 10.00 s");
	assert_lines(tables, 2, 12, 23,
	             EAST EAST EAST EAST EAST "\xe2\x80\xa6\n"
	             "a\\x1b[2J\\nb\n"
	             "0 of 2 tables, 0 rows, 0 rows/s, 10.00 s");
}

/* Nothing that is drawn on a board may be wider than it, whatever is known of the tables. */
static void no_table_is_wider_than_the_terminal(void **state)
{
	(void) state;
	pawl_table_report tables[5];
	fill_example(tables);
	tables[0].rows_read = INT64_MAX - 1;
	tables[1].estimated_rows = INT64_MAX;
	tables[1].source_name = "a very long name of a table, \xe6\x9d\xb1\xe6\x9d\xb1, and more of it";
	for (size_t width = 1; width < 200; width++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer lines = {0};
		pawl_sync_live_append(&lines, tables, 2, 0, 10 * SECOND, width, 23);
		char *first_end = strchr(lines.text, '\n'), *second_end = strchr(first_end + 1, '\n');
		*first_end = *second_end = '\0';
		assert_in_range(pawl_text_width(lines.text), 1, width);
		assert_in_range(pawl_text_width(first_end + 1), 1, width);
	}
}

static void a_low_one_has_the_first_tables(void **state)
{
	(void) state;
	pawl_table_report tables[100];
	for (size_t i = 0; i < 100; i++)
		tables[i] = in_flight("t", 9 * SECOND);
	assert_lines(tables, 100, 10, 4, "t\nt\n98 more in flight\n0 of 100 tables, 0 rows, 0 rows/s, 10.00 s");
	assert_lines(tables, 3, 10, 4, "t\nt\nt\n0 of 3 tables, 0 rows, 0 rows/s, 10.00 s");
	assert_lines(tables, 4, 10, 4, "t\nt\n2 more in flight\n0 of 4 tables, 0 rows, 0 rows/s, 10.00 s");
	assert_lines(tables, 100, 10, 2, "100 in flight\n0 of 100 tables, 0 rows, 0 rows/s, 10.00 s");
	assert_lines(tables, 100, 10, 1, "0 of 100 tables, 0 rows, 0 rows/s, 10.00 s");
}

static void without_tables_there_is_a_total(void **state)
{
	(void) state;
	assert_lines(NULL, 0, 79, 23, "0 of 0 tables, 0 rows, 0 rows/s, 10.00 s");
}

static void assert_words(const pawl_table_report *table, int64_t now_us, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer words = {0};
	pawl_sync_live_append_words(&words, table, now_us);
	assert_string_equal(pawl_buffer_text(&words), expected);
}

static void a_table_is_told_in_words(void **state)
{
	(void) state;
	pawl_table_report table = in_flight("a", SECOND);
	assert_words(&table, SECOND, "backfill, 0 rows, 0 rows/s");
	table.rows_read = 1;
	table.bytes_read = 0;
	assert_words(&table, 2 * SECOND, "backfill, 1 row, 1 row/s, 0 B");
	table.rows_read = 200;
	table.estimated_rows = 800;
	assert_words(&table, 11 * SECOND, "backfill, 200 rows, 20 rows/s, 25%, ETA 30 s, 0 B");
}

static void an_estimate_may_be_wrong(void **state)
{
	(void) state;
	pawl_table_report table = in_flight("a", SECOND);
	table.estimated_rows = 0;
	table.rows_read = 100;
	assert_words(&table, 2 * SECOND, "backfill, 100 rows, 100 rows/s");
	table.estimated_rows = 100;
	assert_words(&table, 2 * SECOND, "backfill, 100 rows, 100 rows/s, 99%");
	table.estimated_rows = 10;
	assert_words(&table, 2 * SECOND, "backfill, 100 rows, 100 rows/s, 99%");
	table.estimated_rows = INT64_MAX;
	table.rows_read = 1;
	assert_words(&table, 3 * SECOND, "backfill, 1 row, 0 rows/s, 0%, ETA 106751991d 04h");
}

static void what_has_no_phase_yet_says_less(void **state)
{
	(void) state;
	pawl_table_report table = in_flight("a", SECOND);
	table.phase = PAWL_PHASE_NONE;
	assert_words(&table, 2 * SECOND, "0 rows, 0 rows/s");
}

static void a_time_ends_with_its_table(void **state)
{
	(void) state;
	pawl_table_report table = done("a");
	assert_int_equal(pawl_sync_elapsed_us(&table, 9 * SECOND), 710000);
	table.ended_us = 0;
	assert_int_equal(pawl_sync_elapsed_us(&table, 9 * SECOND), 8 * SECOND);
	assert_int_equal(pawl_sync_elapsed_us(&table, 1), 0);
	table.started_us = 0;
	assert_int_equal(pawl_sync_elapsed_us(&table, 9 * SECOND), 0);
}

#ifdef PAWL_TEST_HOOKS

/* A name that memory was refused to is a shorter one. */
static void without_memory_less_is_shown(void **state)
{
	(void) state;
	pawl_table_report tables[5];
	fill_example(tables);
	long before, n = 0;
	do {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer lines = {0};
		before = pawl_memory_allocations();
		pawl_memory_fail_at(++n);
		pawl_sync_live_append(&lines, tables, 1, 0, 10 * SECOND, 79, 23);
		pawl_memory_fail_at(0);
		assert_true(lines.length < 300);
	} while (pawl_memory_allocations() - before >= n);
	assert_true(n > 3);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wide_terminal_has_all_columns),
		cmocka_unit_test(a_narrow_one_has_those_that_tell_most),
		cmocka_unit_test(names_are_cut_between_characters),
		cmocka_unit_test(no_table_is_wider_than_the_terminal),
		cmocka_unit_test(a_low_one_has_the_first_tables),
		cmocka_unit_test(without_tables_there_is_a_total),
		cmocka_unit_test(a_table_is_told_in_words),
		cmocka_unit_test(an_estimate_may_be_wrong),
		cmocka_unit_test(what_has_no_phase_yet_says_less),
		cmocka_unit_test(a_time_ends_with_its_table),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_less_is_shown),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
