#include <string.h>

#include "base/memory.h"
#include "report/format.h"
#include "support.h"

typedef void format_function(int64_t number, char out[PAWL_FORMAT_BYTES]);

static void assert_format(format_function *format, int64_t number, const char *expected)
{
	char out[PAWL_FORMAT_BYTES];
	format(number, out);
	assert_string_equal(out, expected);
}

static void counts_are_grouped(void **state)
{
	(void) state;
	assert_format(pawl_format_count, 0, "0");
	assert_format(pawl_format_count, 999, "999");
	assert_format(pawl_format_count, 1000, "1,000");
	assert_format(pawl_format_count, 123456, "123,456");
	assert_format(pawl_format_count, -1234567, "-1,234,567");
	assert_format(pawl_format_count, INT64_MAX, "9,223,372,036,854,775,807");
	assert_format(pawl_format_count, INT64_MIN, "-9,223,372,036,854,775,808");
}

static void one_is_singular(void **state)
{
	(void) state;
	assert_format(pawl_format_rows, 0, "0 rows");
	assert_format(pawl_format_rows, 1, "1 row");
	assert_format(pawl_format_rows, 1234, "1,234 rows");
	assert_format(pawl_format_rows, INT64_MAX, "9,223,372,036,854,775,807 rows");
	assert_format(pawl_format_tables, 1, "1 table");
	assert_format(pawl_format_tables, 1234, "1,234 tables");
}

static void durations_are_cut(void **state)
{
	(void) state;
	assert_format(pawl_format_duration, 0, "0.00 s");
	assert_format(pawl_format_duration, 89999, "0.08 s");
	assert_format(pawl_format_duration, 59999999, "59.99 s");
	assert_format(pawl_format_duration, 60000000, "1m 00s");
	assert_format(pawl_format_duration, 3599999999, "59m 59s");
	assert_format(pawl_format_duration, 7209000000, "2h 00m 09s");
}

static void what_lasts_long_is_told_coarsely(void **state)
{
	(void) state;
	assert_format(pawl_format_eta, 0, "0 s");
	assert_format(pawl_format_eta, 59999999, "59 s");
	assert_format(pawl_format_eta, 65000000, "1m 05s");
	assert_format(pawl_format_eta, INT64_C(7509000000), "2h 05m");
	assert_format(pawl_format_eta, INT64_C(273600000000), "3d 04h");
	assert_format(pawl_format_eta, INT64_MAX, "106751991d 04h");
}

static void what_was_may_be_to_come(void **state)
{
	(void) state;
	assert_format(pawl_format_ago, 0, "just now");
	assert_format(pawl_format_ago, 999999, "just now");
	assert_format(pawl_format_ago, 1000000, "1 s ago");
	assert_format(pawl_format_ago, INT64_C(273600000000), "3d 04h ago");
	assert_format(pawl_format_ago, -999999, "just now");
	assert_format(pawl_format_ago, -65000000, "in 1m 05s");
	assert_format(pawl_format_ago, INT64_MIN, "in 106751991d 04h");
}

static void sizes_have_binary_units(void **state)
{
	(void) state;
	assert_format(pawl_format_size, 0, "0 B");
	assert_format(pawl_format_size, 1023, "1023 B");
	assert_format(pawl_format_size, 1024, "1.0 KiB");
	assert_format(pawl_format_size, 10239, "9.9 KiB");
	assert_format(pawl_format_size, 10240, "10 KiB");
	assert_format(pawl_format_size, INT64_C(61) << 20, "61 MiB");
	assert_format(pawl_format_size, INT64_C(3) << 29, "1.5 GiB");
	assert_format(pawl_format_size, INT64_MAX, "7.9 EiB");
}

static void the_clock_is_utc(void **state)
{
	(void) state;
	assert_format(pawl_format_clock, 0, "00:00:00.000");
	assert_format(pawl_format_clock, INT64_C(1710607229123999), "16:40:29.123");
	assert_format(pawl_format_clock, INT64_C(86399999999), "23:59:59.999");
}

static void a_rate_never_divides_by_zero_or_overflows(void **state)
{
	(void) state;
	assert_int_equal(pawl_format_rate(3, 80000), 37);
	assert_int_equal(pawl_format_rate(3, 0), 3000000);
	assert_int_equal(pawl_format_rate(0, 5), 0);
	assert_int_equal(pawl_format_rate(INT64_MAX, 1), INT64_MAX);
}

static void assert_printed(const char *text, size_t length, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_format_print(output.out, text, length);
	assert_string_equal(capture_text(&output), expected);
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};
	pawl_format_append(&buffer, text, length);
	assert_string_equal(pawl_buffer_text(&buffer), expected);
}

static void foreign_text_cannot_move_the_cursor(void **state)
{
	(void) state;
	assert_printed("", 0, "");
	assert_printed("Zo\xc3\xab", 4, "Zo\xc3\xab");
	assert_printed("a\nb\tc\r", 6, "a\\nb\\tc\\x0d");
	assert_printed("\x1b[31m\x7f", 6, "\\x1b[31m\\x7f");
	assert_printed("a\0b", 3, "a\\x00b");
	assert_printed("\xc2\x9b" "2J", 4, "\\xc2\\x9b2J"); /* CSI as one character, U+009B */
	assert_printed("\xc2\xa0", 2, "\xc2\xa0");
	assert_printed("a\xff\xc3", 3, "a\\xff\\xc3");
}

static void long_text_is_not_cut_within_a_character(void **state)
{
	(void) state;
	char text[1202], expected[1202] = "";
	for (size_t i = 0; i < 400; i++)
		strcat(expected, "\xe6\x9d\xb1");
	strcpy(text, expected);
	assert_printed(text, 1200, expected);
}

static void text_is_cut_between_characters(void **state)
{
	(void) state;
	const char *text = "a\xe6\x9d\xb1" "e\xcc\x81z"; /* wide, and one that combines */
	const struct {
		size_t width, bytes, used;
	} cases[] = {{0, 0, 0}, {1, 1, 1}, {2, 1, 1}, {3, 4, 3}, {4, 7, 4}, {5, 8, 5}, {9, 8, 5}};
	size_t used;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pawl_format_fit(text, strlen(text), cases[i].width, &used), cases[i].bytes);
		assert_int_equal(used, cases[i].used);
	}
	assert_int_equal(pawl_format_fit(text, 4, 9, &used), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_grouped),
		cmocka_unit_test(one_is_singular),
		cmocka_unit_test(durations_are_cut),
		cmocka_unit_test(what_lasts_long_is_told_coarsely),
		cmocka_unit_test(what_was_may_be_to_come),
		cmocka_unit_test(sizes_have_binary_units),
		cmocka_unit_test(the_clock_is_utc),
		cmocka_unit_test(a_rate_never_divides_by_zero_or_overflows),
		cmocka_unit_test(foreign_text_cannot_move_the_cursor),
		cmocka_unit_test(text_is_cut_between_characters),
		cmocka_unit_test(long_text_is_not_cut_within_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
