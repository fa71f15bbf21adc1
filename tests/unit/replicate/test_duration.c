#include "replicate/job.h"
#include "support.h"

static void units_and_their_sums(void **unused)
{
	(void) unused;
	static const struct {
		const char *text;
		int64_t us;
	} cases[] = {
		{"0", 0},
		{"0s", 0},
		{"1us", 1},
		{"250ms", 250000},
		{"90s", 90000000},
		{"5m", 300000000},
		{"1h30m", INT64_C(5400000000)},
		{"1h90m", INT64_C(9000000000)},
		{"2d", INT64_C(172800000000)},
		{"1d2h3m4s5ms6us", INT64_C(93784005006)},
		{"1s0ms", 1000000},
		{"007s", 7000000},
		{"9223372036854775807us", INT64_MAX},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t us = -1;
		if (!pawl_duration_parse(cases[i].text, &us))
			fail_msg("'%s' is no duration", cases[i].text);
		assert_int_equal(us, cases[i].us);
	}
}

static void what_is_none(void **unused)
{
	(void) unused;
	static const char *const cases[] = {
		"", "60", "00", "s", "-1s", "+1s", "1.5h", "1 s", " 1s", "1s ", "1S", "1sec", "1w", "1m1h", "1s1s", "1us1ms",
		"1h30", "1,5h",
		"9223372036854775808us", "9223372036855s", "106751991d5h", "9223372036854775807us1", "99999999999999999999s",
		"1h\xc2\xb5s",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t us = -1;
		if (pawl_duration_parse(cases[i], &us))
			fail_msg("'%s' is a duration", cases[i]);
		assert_int_equal(us, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_and_their_sums),
		cmocka_unit_test(what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
