#include "base/decimal.h"

#include <string.h>

#include "support.h"

#define NINES_38 "99999999999999999999999999999999999999"

/* Reads `text` and compares what it became, written as an integer, and its scale. */
static void assert_parsed(const char *text, const char *expected_unscaled, int expected_scale)
{
	char written[PAWL_DECIMAL_TEXT_BYTES];
	pawl_int128 unscaled;
	int scale;
	const char *reason = NULL;
	if (!pawl_decimal_parse(text, strlen(text), &unscaled, &scale, &reason))
		fail_msg("'%s' was refused: %s", text, reason);
	pawl_decimal_format(unscaled, 0, written);
	if (strcmp(written, expected_unscaled) != 0 || scale != expected_scale)
		fail_msg("'%s' became (%s, %d), not (%s, %d)", text, written, scale, expected_unscaled, expected_scale);
	assert_true(pawl_decimal_is_number(text, strlen(text)));
}

static void assert_refused(const char *text, bool is_number, const char *expected_reason)
{
	pawl_int128 unscaled = 42;
	int scale = 42;
	const char *reason = NULL;
	if (pawl_decimal_parse(text, strlen(text), &unscaled, &scale, &reason))
		fail_msg("'%s' was accepted", text);
	assert_string_equal(reason, expected_reason);
	assert_true(unscaled == 42 && scale == 42);
	assert_int_equal(pawl_decimal_is_number(text, strlen(text)), is_number);
}

static void test_parse(void **state)
{
	(void) state;
	assert_parsed("0", "0", 0);
	assert_parsed("-0", "0", 0);
	assert_parsed("0.00", "0", 2);
	assert_parsed("12.50", "1250", 2);
	assert_parsed("-12.50", "-1250", 2);
	assert_parsed("+7", "7", 0);
	assert_parsed(".5", "5", 1);
	assert_parsed("5.", "5", 0);
	assert_parsed("007", "7", 0);
	assert_parsed("0.05", "5", 2);
	assert_parsed("00.050", "50", 3);
	assert_parsed("1e3", "1000", 0);
	assert_parsed("1E+3", "1000", 0);
	assert_parsed("1.5E-2", "15", 3);
	assert_parsed("1.50e1", "150", 1);
	assert_parsed("1.5e1", "15", 0);
	assert_parsed("1.5e2", "150", 0);
	assert_parsed("100e-2", "100", 2);
	assert_parsed("0e99999999999999999999999", "0", 0);
	assert_parsed("0e-99999999999999999999999", "0", 38);
	assert_parsed("1e37", "10000000000000000000000000000000000000", 0);
	assert_parsed("1e-38", "1", 38);
	assert_parsed(NINES_38, NINES_38, 0);
	assert_parsed("-" NINES_38, "-" NINES_38, 0);
	assert_parsed("0." NINES_38, NINES_38, 38);
	assert_parsed("9.9999999999999999999999999999999999999", NINES_38, 37);
	assert_parsed("0000000000000000000000000000000000000000000001", "1", 0);
}

/* Zeros at the end of the fraction go when there are more than 38 digits, and no more of them than need be. */
static void test_parse_drops_only_zeros(void **state)
{
	(void) state;
	assert_parsed("1.0000000000000000000000000000000000000000", "10000000000000000000000000000000000000", 37);
	assert_parsed("0.1000000000000000000000000000000000000000", "10000000000000000000000000000000000000", 38);
	assert_parsed("0." NINES_38 "000", NINES_38, 38);
	assert_parsed(NINES_38 ".00", NINES_38, 0);
	assert_refused(NINES_38 "0", true, "it needs more than 38 digits");
	assert_refused(NINES_38 "0.00", true, "it needs more than 38 digits");
	assert_refused("1.0000000000000000000000000000000000000001", true, "it needs more than 38 digits");
	assert_refused("0.000000000000000000000000000000000000001", true, "it needs more than 38 digits");
}

static void test_parse_refuses(void **state)
{
	static const char *const no_number[] = {
		"", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1e-", "1e5.0", "1e5x", "abc", "1 ", " 1", "1,5", "1.2.3", "--1", "+-1",
		"0x10", "1_000", "NaN", "Infinity", "-inf", "1e5e5", "\xd9\xa1",
	};
	(void) state;
	for (size_t i = 0; i < sizeof(no_number) / sizeof(no_number[0]); i++)
		assert_refused(no_number[i], false, "it is not a decimal number");
	assert_refused("1" NINES_38, true, "it needs more than 38 digits");
	assert_refused("1e38", true, "it needs more than 38 digits");
	assert_refused("1e-39", true, "it needs more than 38 digits");
	assert_refused("1.5e99999999999999999999999", true, "it needs more than 38 digits");
	assert_refused("1.5e-99999999999999999999999", true, "it needs more than 38 digits");
	pawl_int128 unscaled;
	int scale;
	const char *reason;
	assert_false(pawl_decimal_parse("1\0" "2", 3, &unscaled, &scale, &reason));
	assert_true(pawl_decimal_parse("123", 2, &unscaled, &scale, &reason));
	assert_true(unscaled == 12);
}

static void test_digits(void **state)
{
	pawl_int128 power = 1;
	(void) state;
	assert_int_equal(pawl_decimal_digits(0), 1);
	for (int digits = 1; digits <= 38; digits++, power *= 10) {
		assert_int_equal(pawl_decimal_digits(power), digits);
		assert_int_equal(pawl_decimal_digits(-power), digits);
		if (digits > 1)
			assert_int_equal(pawl_decimal_digits(power - 1), digits - 1);
	}
	assert_int_equal(pawl_decimal_digits(power), 39); /* after the last step: 10^38 */
	assert_int_equal(pawl_decimal_digits((pawl_int128) ((unsigned __int128) 1 << 127)), 39);
}

static void test_rescale(void **state)
{
	pawl_int128 result = 42;
	(void) state;
	assert_true(pawl_decimal_rescale(1250, 2, 5, 2, &result) && result == 1250);
	assert_true(pawl_decimal_rescale(1250, 2, 4, 1, &result) && result == 125);
	assert_true(pawl_decimal_rescale(-1250, 2, 6, 4, &result) && result == -125000);
	assert_true(pawl_decimal_rescale(0, 38, 1, 0, &result) && result == 0);
	assert_true(pawl_decimal_rescale(0, 0, 38, 38, &result) && result == 0);
	assert_true(pawl_decimal_rescale(1, 0, 38, 37, &result) && pawl_decimal_digits(result) == 38);
	result = 42;
	assert_false(pawl_decimal_rescale(12345, 3, 5, 2, &result)); /* loses a digit */
	assert_false(pawl_decimal_rescale(-12345, 3, 5, 2, &result));
	assert_false(pawl_decimal_rescale(123456, 2, 5, 2, &result)); /* needs six */
	assert_false(pawl_decimal_rescale(1234560, 3, 5, 2, &result));
	assert_false(pawl_decimal_rescale(1, 0, 38, 38, &result));
	assert_false(pawl_decimal_rescale(1, 38, 38, 0, &result));
	assert_int_equal((int) result, 42);
}

static void assert_formatted(pawl_int128 unscaled, int scale, const char *expected)
{
	char text[PAWL_DECIMAL_TEXT_BYTES];
	pawl_decimal_format(unscaled, scale, text);
	assert_string_equal(text, expected);
}

static void test_format(void **state)
{
	pawl_int128 minimum = (pawl_int128) ((unsigned __int128) 1 << 127);
	(void) state;
	assert_formatted(0, 0, "0");
	assert_formatted(0, 2, "0.00");
	assert_formatted(5, 2, "0.05");
	assert_formatted(-5, 1, "-0.5");
	assert_formatted(-1250, 2, "-12.50");
	assert_formatted(INT64_MIN, 0, "-9223372036854775808");
	assert_formatted(UINT64_MAX, 0, "18446744073709551615");
	assert_formatted((pawl_int128) UINT64_MAX + 1, 0, "18446744073709551616");
	assert_formatted(minimum, 0, "-170141183460469231731687303715884105728");
	assert_formatted(minimum, 38, "-1.70141183460469231731687303715884105728");
	assert_formatted(1, 38, "0.00000000000000000000000000000000000001");
}

/*
 * Random digits with a point somewhere and zeros in front: what is read and written again must be the same text without these
 * zeros; read with an exponent that moves the point, the same number again.
 */
static void test_round_trips(void **state)
{
	uint64_t seed = random_seed();
	(void) state;
	for (int i = 0; i < 100000; i++) {
		char digits[48] = {0};
		char plain[PAWL_DECIMAL_TEXT_BYTES];
		char padded[96];
		char moved[96];
		char written[PAWL_DECIMAL_TEXT_BYTES];
		pawl_int128 unscaled;
		pawl_int128 again;
		int scale;
		const char *reason;
		int before = (int) random_next(&seed, 38) + 1;
		int after = (int) random_next(&seed, (uint64_t) (39 - before));
		bool is_negative = random_next(&seed, 2) == 0;
		for (int k = 0; k < before + after; k++)
			digits[k] = (char) ('0' + random_next(&seed, 10));
		digits[0] = before > 1 || is_negative ? '7' : digits[0];
		snprintf(plain, sizeof(plain), "%s%.*s%s%s", is_negative ? "-" : "", before, digits, after > 0 ? "." : "", digits + before);
		snprintf(padded, sizeof(padded), "%s000%.*s.%s", is_negative ? "-" : "+", before, digits, digits + before);
		snprintf(moved, sizeof(moved), "%s%s.e-%d", is_negative ? "-" : "", digits, after);

		assert_true(pawl_decimal_parse(padded, strlen(padded), &unscaled, &scale, &reason));
		assert_int_equal(scale, after);
		pawl_decimal_format(unscaled, scale, written);
		assert_string_equal(written, plain);
		assert_true(pawl_decimal_parse(moved, strlen(moved), &again, &scale, &reason));
		assert_true(again == unscaled && scale == after);

		/* Up to the largest scale that has room, and back. */
		int room = 38 - pawl_decimal_digits(unscaled);
		int larger = after + room > 38 ? 38 : after + room;
		assert_true(pawl_decimal_rescale(unscaled, after, 38, larger, &again));
		assert_true(pawl_decimal_rescale(again, larger, before + after, after, &again));
		assert_true(again == unscaled);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_drops_only_zeros),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_rescale),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_round_trips),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
