#include "base/time.h"

#include <string.h>

#include "support.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

static pawl_time_parts parse(const char *text)
{
	pawl_time_parts parts;
	const char *reason = "none";
	if (!pawl_time_parse(text, strlen(text), &parts, &reason))
		fail_msg("'%s' was refused: %s", text, reason);
	return parts;
}

static void assert_refused(const char *text, const char *expected_reason)
{
	pawl_time_parts parts = {.local_us = 42};
	const char *reason = NULL;
	if (pawl_time_parse(text, strlen(text), &parts, &reason))
		fail_msg("'%s' was accepted", text);
	assert_string_equal(reason, expected_reason);
	assert_int_equal(parts.local_us, 42);
}

static void test_dates(void **state)
{
	(void) state;
	pawl_time_parts parts = parse("2024-03-16");
	assert_int_equal(parts.local_us, INT64_C(19798) * DAY_US);
	assert_int_equal(parts.utc_us, parts.local_us);
	assert_false(parts.has_time);
	assert_false(parts.has_zone);
	assert_int_equal(parse("1970-01-01").local_us, 0);
	assert_int_equal(parse("1969-12-31").local_us, -DAY_US);
	assert_int_equal(parse("0001-01-01").local_us, INT64_C(-719162) * DAY_US);
	assert_int_equal(parse("9999-12-31").local_us, INT64_C(2932896) * DAY_US);
	assert_int_equal(parse("2000-02-29").local_us, INT64_C(11016) * DAY_US);
}

static void test_times(void **state)
{
	(void) state;
	pawl_time_parts parts = parse("2024-03-16T16:40:29Z");
	assert_int_equal(parts.utc_us, INT64_C(1710607229) * SECOND_US);
	assert_true(parts.has_time);
	assert_true(parts.has_zone);
	parts = parse("2024-03-16 16:40:29");
	assert_int_equal(parts.local_us, INT64_C(1710607229) * SECOND_US);
	assert_true(parts.has_time);
	assert_false(parts.has_zone);
	assert_int_equal(parse("2024-03-16t16:40:29z").utc_us, INT64_C(1710607229) * SECOND_US);
	assert_int_equal(parse("1970-01-01T23:59:59.999999").local_us, DAY_US - 1);
	assert_int_equal(parse("1969-12-31T23:59:59.999999").local_us, -1);
	assert_int_equal(parse("1970-01-01T00:00:00.5").local_us, 500000);
	assert_int_equal(parse("1970-01-01T00:00:00.000001").local_us, 1);
	assert_int_equal(parse("1970-01-01T00:00:00.123456000000000").local_us, 123456);
}

static void test_zones(void **state)
{
	static const struct {
		const char *text;
		int64_t offset_minutes;
	} cases[] = {
		{"+00:00", 0}, {"-00:00", 0}, {"+05:30", 330}, {"+0530", 330}, {"+05", 300}, {"-03:00", -180},
		{"-0330", -210}, {"+23:59", 1439}, {"-23:59", -1439}, {"+14", 840},
	};
	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		snprintf(text, sizeof(text), "2024-01-01T12:00:00.25%s", cases[i].text);
		pawl_time_parts parts = parse(text);
		assert_true(parts.has_zone);
		assert_int_equal(parts.local_us, INT64_C(1704110400) * SECOND_US + 250000);
		assert_int_equal(parts.local_us - parts.utc_us, cases[i].offset_minutes * 60 * SECOND_US);
	}
	assert_int_equal(parse("0001-01-01T00:00:00+14:00").utc_us, INT64_C(-719162) * DAY_US - 14 * 3600 * SECOND_US);
}

static void test_malformed(void **state)
{
	static const char *const no_date = "it does not begin with a date, YYYY-MM-DD";
	static const char *const no_time = "the time is not HH:MM:SS";
	static const char *const no_offset = "the offset is not +HH:MM, +HHMM or +HH";
	static const char *const no_zone = "something other than Z or an offset stands after the time";
	(void) state;
	assert_refused("", no_date);
	assert_refused("yesterday", no_date);
	assert_refused(" 2024-01-01", no_date);
	assert_refused("2024", no_date);
	assert_refused("2024-", no_date);
	assert_refused("2024-1-01", no_date);
	assert_refused("2024-01-1", no_date);
	assert_refused("2024/01/01", no_date);
	assert_refused("20240101", no_date);
	assert_refused("-2024-01-01", no_date);
	assert_refused("12024-01-01", no_date);
	assert_refused("0000-01-01", "the year is not 0001 to 9999");
	assert_refused("2024-00-01", "the month is not 01 to 12");
	assert_refused("2024-13-01", "the month is not 01 to 12");
	assert_refused("2024-01-00", "the month has no such day");
	assert_refused("2024-01-32", "the month has no such day");
	assert_refused("2024-04-31", "the month has no such day");
	assert_refused("2023-02-29", "the month has no such day");
	assert_refused("1900-02-29", "the month has no such day");
	assert_refused("2024-01-01x", "something other than a time stands after the date");
	assert_refused("2024-01-01Z", "something other than a time stands after the date");
	assert_refused("2024-01-01T", no_time);
	assert_refused("2024-01-01  10:00:00", no_time);
	assert_refused("2024-01-01T10", no_time);
	assert_refused("2024-01-01T10:00", no_time);
	assert_refused("2024-01-01T10:00:0", no_time);
	assert_refused("2024-01-01T100000", no_time);
	assert_refused("2024-01-01T24:00:00", "the hour is not 00 to 23");
	assert_refused("2024-01-01T10:60:00", "the minute is not 00 to 59");
	assert_refused("2024-01-01T10:00:60", "the second is not 00 to 59");
	assert_refused("2024-01-01T10:00:00.", "the fraction of the second has no digits");
	assert_refused("2024-01-01T10:00:00.Z", "the fraction of the second has no digits");
	assert_refused("2024-01-01T10:00:00.1234567", "the fraction of the second has more than 6 digits");
	assert_refused("2024-01-01T10:00:00.0000000001", "the fraction of the second has more than 6 digits");
	assert_refused("2024-01-01T10:00:00,5", no_zone);
	assert_refused("2024-01-01T10:00:00 Z", no_zone);
	assert_refused("2024-01-01T10:00:00 UTC", no_zone);
	assert_refused("2024-01-01T10:00:00+", no_offset);
	assert_refused("2024-01-01T10:00:00+5", no_offset);
	assert_refused("2024-01-01T10:00:00+5:30", no_offset);
	assert_refused("2024-01-01T10:00:00+05:", no_offset);
	assert_refused("2024-01-01T10:00:00+05:3", no_offset);
	assert_refused("2024-01-01T10:00:00+053", no_offset);
	assert_refused("2024-01-01T10:00:00+24:00", "the offset is not 00:00 to 23:59");
	assert_refused("2024-01-01T10:00:00+05:60", "the offset is not 00:00 to 23:59");
	assert_refused("2024-01-01T10:00:00ZZ", "something stands after the time zone");
	assert_refused("2024-01-01T10:00:00+05:30x", "something stands after the time zone");
	assert_refused("2024-01-01T10:00:00Z ", "something stands after the time zone");
}

static void test_embedded_nul_and_length(void **state)
{
	pawl_time_parts parts;
	const char *reason;
	(void) state;
	assert_false(pawl_time_parse("2024-01-01\0T10", 11, &parts, &reason));
	assert_string_equal(reason, "something other than a time stands after the date");
	assert_true(pawl_time_parse("2024-01-01T10:00:00Z", 10, &parts, &reason)); /* the length counts, not what follows */
	assert_false(parts.has_time);
}

static void test_formats(void **state)
{
	char text[PAWL_TIME_TEXT_BYTES];
	(void) state;
	pawl_time_format_utc(INT64_C(1710607229) * SECOND_US, text);
	assert_string_equal(text, "2024-03-16T16:40:29Z");
	pawl_time_format_utc(INT64_C(1710607229) * SECOND_US + 500000, text);
	assert_string_equal(text, "2024-03-16T16:40:29.5Z");
	pawl_time_format_naive(1, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000001");
	pawl_time_format_naive(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999");
	pawl_time_format_naive(INT64_MAX, text);
	assert_string_equal(text, "+294247-01-10T04:00:54.775807");
	pawl_time_format_utc(INT64_MIN, text);
	assert_string_equal(text, "-290308-12-21T19:59:05.224192Z");
	pawl_time_format_date(0, text);
	assert_string_equal(text, "1970-01-01");
	pawl_time_format_date(2932897, text);
	assert_string_equal(text, "+10000-01-01");
	pawl_time_format_date(-719528, text);
	assert_string_equal(text, "0000-01-01");
	pawl_time_format_date(-719529, text);
	assert_string_equal(text, "-0001-12-31");
	pawl_time_format_date(INT32_MAX, text);
	assert_string_equal(text, "+5881580-07-11");
	pawl_time_format_date(INT32_MIN, text);
	assert_string_equal(text, "-5877641-06-23");
}

/* Every day that text can name, counted up one by one from 0001-01-01 by the calendar's rule alone. */
static void test_every_day(void **state)
{
	int32_t days = -719162;
	(void) state;
	for (int year = 1; year <= 9999; year++) {
		bool is_leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
		for (int month = 1; month <= 12; month++) {
			int last = month == 2 ? (is_leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
			for (int day = 1; day <= last; day++, days++) {
				char expected[64];
				char text[PAWL_TIME_TEXT_BYTES];
				snprintf(expected, sizeof(expected), "%04d-%02d-%02d", year, month, day);
				pawl_time_format_date(days, text);
				if (strcmp(text, expected) != 0)
					fail_msg("day %d is %s and was written as %s", days, expected, text);
				if (parse(text).local_us != days * DAY_US)
					fail_msg("%s is day %d and was read as another", expected, days);
			}
		}
	}
	assert_int_equal(days, 2932897);
}

static void test_round_trips(void **state)
{
	uint64_t seed = random_seed();
	(void) state;
	for (int i = 0; i < 200000; i++) {
		static const int64_t units[] = {1, 1000, SECOND_US};
		int64_t unit_us = units[random_next(&seed, 3)];
		int64_t range = INT64_C(2932897 + 719162) * DAY_US;
		int64_t us = (int64_t) random_next(&seed, (uint64_t) range) / unit_us * unit_us - INT64_C(719162) * DAY_US;
		char text[PAWL_TIME_TEXT_BYTES];
		pawl_time_format_utc(us, text);
		pawl_time_parts parts = parse(text);
		assert_true(parts.has_zone);
		assert_int_equal(parts.utc_us, us);
		pawl_time_format_naive(us, text);
		parts = parse(text);
		assert_false(parts.has_zone);
		assert_int_equal(parts.local_us, us);
	}
}

static void test_clocks(void **state)
{
	(void) state;
	int64_t before = pawl_time_monotonic_us();
	assert_true(pawl_time_now_us() > INT64_C(1704067200) * SECOND_US); /* 2024 */
	assert_true(pawl_time_now_us() < INT64_C(4102444800) * SECOND_US); /* 2100 */
	assert_true(pawl_time_monotonic_us() >= before);
	assert_true(pawl_time_monotonic_us() - before < 60 * SECOND_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_embedded_nul_and_length),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
