#include "types/cell_text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "types/cell.h"
#include "support.h"

static void assert_formatted(pawl_value value, const char *expected)
{
	char text[PAWL_CELL_TEXT_BYTES];
	pawl_cell_format_value(&value, text);
	assert_string_equal(text, expected);
}

static void test_reals(void **state)
{
	(void) state;
	assert_formatted(pawl_of(0.0), "0");
	assert_formatted(pawl_of(-0.0), "-0");
	assert_formatted(pawl_of(3.0), "3");
	assert_formatted(pawl_of(3.1), "3.1");
	assert_formatted(pawl_of(-0.1), "-0.1");
	assert_formatted(pawl_of(0.1 + 0.2), "0.30000000000000004");
	assert_formatted(pawl_of(1e15), "1e+15");
	assert_formatted(pawl_of(123456789012345.0), "123456789012345");
	assert_formatted(pawl_of(0x1p53 + 2), "9007199254740994");
	assert_formatted(pawl_of(DBL_MAX), "1.7976931348623157e+308");
	assert_formatted(pawl_of(-DBL_MIN), "-2.2250738585072014e-308");
	assert_formatted(pawl_of(5e-324), "5e-324");
	assert_formatted(pawl_of(1.5e-320), "1.5e-320");
	assert_formatted(pawl_of(0.1f), "0.1");
	assert_formatted(pawl_of(16777216.0f), "16777216");
	assert_formatted(pawl_of(FLT_MAX), "3.4028235e+38");
	assert_formatted(pawl_of(1e-45f), "1e-45");
	assert_formatted(pawl_double((double) 0.1f), "0.10000000149011612");
	assert_formatted(pawl_double((double) NAN), "NaN");
	assert_formatted(pawl_double(-(double) NAN), "NaN");
	assert_formatted(pawl_double((double) INFINITY), "Infinity");
	assert_formatted(pawl_of(-INFINITY), "-Infinity");
}

/* As a program may have set another locale before it calls Pawl. */
static void test_locale_does_not_matter(void **state)
{
	static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "ar_EG.UTF-8"};
	(void) state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (setlocale(LC_ALL, names[i]) == NULL)
			print_message("%s: not installed\n", names[i]);
		assert_formatted(pawl_of(1234567.25), "1234567.25");
		assert_formatted(pawl_of(-1.5e-7), "-1.5e-07");
		assert_formatted(pawl_of(1e100), "1e+100");
	}
	setlocale(LC_ALL, "C");
}

/* Any bits that are a number come back from their text, and never with more digits than they may take. */
static void test_reals_round_trip(void **state)
{
	uint64_t seed = random_seed();
	(void) state;
	for (int i = 0; i < 50000; i++) {
		char text[PAWL_CELL_TEXT_BYTES];
		uint64_t bits = random_next(&seed, 0);
		uint32_t half = (uint32_t) random_next(&seed, 0);
		double real;
		float narrow;
		memcpy(&real, &bits, sizeof(real));
		memcpy(&narrow, &half, sizeof(narrow));
		pawl_value value = pawl_of(real);
		pawl_cell_format_value(&value, text);
		assert_true(strlen(text) <= 24);
		assert_true(isnan(real) ? strcmp(text, "NaN") == 0 : strtod(text, NULL) == real);
		value = pawl_of(narrow);
		pawl_cell_format_value(&value, text);
		assert_true(strlen(text) <= 15);
		assert_true(isnan(narrow) ? strcmp(text, "NaN") == 0 : strtof(text, NULL) == narrow);
	}
}

static void test_other_kinds(void **state)
{
	(void) state;
	assert_formatted(pawl_boolean(true), "true");
	assert_formatted(pawl_boolean(false), "false");
	assert_formatted(pawl_of(INT64_MIN), "-9223372036854775808");
	assert_formatted(pawl_of(UINT64_MAX), "18446744073709551615");
	assert_formatted(pawl_naive_date(-1), "1969-12-31");
	assert_formatted(pawl_naive_datetime(-1), "1969-12-31T23:59:59.999999");
	assert_formatted(pawl_utc_datetime(1710607229000000), "2024-03-16T16:40:29Z");
	assert_formatted(pawl_of("text"), ""); /* has bytes: not for this function */
}

/* The text of a cell is that of the value, for the type that the value has by itself. */
static void test_append_text(void **state)
{
	const struct {
		pawl_value value;
		pawl_type type;
		const char *text;
	} cases[] = {
		{pawl_null(), PAWL_LONG, ""},
		{pawl_boolean(true), PAWL_BOOLEAN, "true"},
		{pawl_of(-32768), PAWL_SHORT, "-32768"},
		{pawl_of(-70000), PAWL_INT, "-70000"},
		{pawl_of(INT64_MAX), PAWL_LONG, "9223372036854775807"},
		{pawl_of(5), PAWL_DECIMAL(4, 2), "5.00"},
		{pawl_of(-5), PAWL_DECIMAL(9, 3), "-5.000"},
		{pawl_decimal("0.05"), PAWL_DECIMAL(18, 2), "0.05"},
		{pawl_decimal("-12345678901234567890.5"), PAWL_DECIMAL(38, 1), "-12345678901234567890.5"},
		{pawl_of(0.1f), PAWL_FLOAT, "0.1"},
		{pawl_of(0.1), PAWL_DOUBLE, "0.1"},
		{pawl_of("2024-03-16"), PAWL_NAIVE_DATE, "2024-03-16"},
		{pawl_of("2024-03-16 16:40:29.50"), PAWL_NAIVE_DATETIME, "2024-03-16T16:40:29.5"},
		{pawl_of("2024-03-16 16:40:29+01"), PAWL_UTC_DATETIME, "2024-03-16T15:40:29Z"},
		{pawl_of("text"), PAWL_STRING, "text"},
		{pawl_xml("<a/>"), PAWL_XML, "<a/>"},
		{pawl_json("[ 1 ]"), PAWL_JSON, "[ 1 ]"},
	};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer out = {0};
	pawl_cell cell;
	pawl_error error;
	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pawl_cell_convert(&cases[i].value, cases[i].type, &scratch, &cell, &error), PAWL_OK);
		pawl_buffer_clear(&out);
		pawl_cell_append_text(&cell, cases[i].type, &out);
		assert_string_equal(pawl_buffer_text(&out), cases[i].text);
	}
	pawl_value binary = pawl_binary("\0\xff", 2);
	assert_int_equal(pawl_cell_convert(&binary, PAWL_BINARY, &scratch, &cell, &error), PAWL_OK);
	pawl_buffer_clear(&out);
	pawl_buffer_append(&out, "before ");
	pawl_cell_append_text(&cell, PAWL_BINARY, &out);
	assert_int_equal(out.length, 9);
	assert_memory_equal(out.text, "before \0\xff", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reals),
		cmocka_unit_test(test_locale_does_not_matter),
		cmocka_unit_test(test_reals_round_trip),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_append_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
