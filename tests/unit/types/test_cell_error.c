#include "types/cell_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "types/cell.h"

/* Through the door, as messages are met. */
static void assert_says(pawl_value value, pawl_type type, const char *message, const char *hint)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
	pawl_cell cell;
	pawl_error error = {0};
	assert_int_equal(pawl_cell_convert(&value, type, &scratch, &cell, &error), PAWL_INVALID);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_string_equal(error.hint, hint);
}

static void test_every_type_has_a_hint(void **state)
{
	(void) state;
	for (pawl_type kind = PAWL_BOOLEAN; kind <= PAWL_JSON; kind++) {
		pawl_value value = pawl_of("x");
		pawl_error error = {0};
		assert_int_equal(pawl_cell_refuse(&value, kind, &error, "reason %d", 7), PAWL_INVALID);
		assert_true(strlen(error.hint) > 10);
		assert_null(strstr(error.hint, "pawl_")); /* the connector may be in another language */
		assert_non_null(strstr(error.message, ": reason 7"));
	}
}

static void test_kinds(void **state)
{
	static const char *const integer_hint = "pass an integer, such as 42";
	static const char *const date_hint = "pass a NAIVE_DATE, or text such as '2024-03-16'";
	(void) state;
	assert_says(pawl_of(1), PAWL_BOOLEAN, "'1' is not a BOOLEAN: it is an integer",
	            "pass a BOOLEAN: true or false; in C a comparison is an int");
	assert_says(pawl_of("x"), PAWL_SHORT, "'x' is not a SHORT: it is text", integer_hint);
	assert_says(pawl_json("{}"), PAWL_INT, "'{}' is not an INT: it is JSON", integer_hint);
	assert_says(pawl_xml("<a/>"), PAWL_LONG, "'<a/>' is not a LONG: it is XML", integer_hint);
	assert_says(pawl_of(1.5), PAWL_DECIMAL(5, 2), "'1.5' is not a DECIMAL(5,2): it is a DOUBLE",
	            "pass decimal text, such as '12.50'");
	assert_says(pawl_of("1"), PAWL_FLOAT, "'1' is not a FLOAT: it is text", "pass a number, such as 3.5");
	assert_says(pawl_naive_date(0), PAWL_DOUBLE, "'1970-01-01' is not a DOUBLE: it is a NAIVE_DATE",
	            "pass a number, such as 3.5");
	assert_says(pawl_of(UINT64_MAX), PAWL_NAIVE_DATE, "'18446744073709551615' is not a NAIVE_DATE: it is an integer", date_hint);
	assert_says(pawl_of(0.5f), PAWL_NAIVE_DATE, "'0.5' is not a NAIVE_DATE: it is a FLOAT", date_hint);
	assert_says(pawl_binary("\x99", 1), PAWL_STRING, "'\\x99' is not a STRING: it is BINARY",
	            "pass UTF-8 text, or declare the column as BINARY");
}

static void test_integers(void **state)
{
	(void) state;
	assert_says(pawl_of(70000), PAWL_SHORT, "'70000' is not a SHORT: it is beyond -32768 to 32767", "declare the column as INT");
	assert_says(pawl_of(INT64_MAX), PAWL_SHORT, "'9223372036854775807' is not a SHORT: it is beyond -32768 to 32767",
	            "declare the column as LONG");
	assert_says(pawl_of(INT64_C(3000000000)), PAWL_INT, "'3000000000' is not an INT: it is beyond -2147483648 to 2147483647",
	            "declare the column as LONG");
	assert_says(pawl_of(UINT64_MAX), PAWL_LONG,
	            "'18446744073709551615' is not a LONG: it is beyond -9223372036854775808 to 9223372036854775807",
	            "declare the column as DECIMAL(20,0)");
}

static void test_reals(void **state)
{
	(void) state;
	assert_says(pawl_of(3.1), PAWL_FLOAT, "'3.1' is not a FLOAT: a FLOAT would round it",
	            "declare the column as DOUBLE, or round it yourself, to a FLOAT");
	assert_says(pawl_of(16777217), PAWL_FLOAT, "'16777217' is not a FLOAT: a FLOAT would round it", "declare the column as INT");
	assert_says(pawl_of(UINT64_MAX), PAWL_DOUBLE, "'18446744073709551615' is not a DOUBLE: a DOUBLE would round it",
	            "declare the column as DECIMAL(20,0)");
}

static void test_digits(void **state)
{
	(void) state;
	assert_says(pawl_decimal("12.345"), PAWL_DECIMAL(5, 2), "'12.345' is not a DECIMAL(5,2): it has 3 digits after the point",
	            "declare the column as DECIMAL(6,3)");
	assert_says(pawl_decimal("12.500"), PAWL_DECIMAL(2, 0), "'12.500' is not a DECIMAL(2,0): it has 1 digit after the point",
	            "declare the column as DECIMAL(3,1)");
	assert_says(pawl_decimal("-1234.50"), PAWL_DECIMAL(5, 2), "'-1234.50' is not a DECIMAL(5,2): it has 4 digits before the point",
	            "declare the column as DECIMAL(6,2)");
	assert_says(pawl_of(7), PAWL_DECIMAL(2, 2), "'7' is not a DECIMAL(2,2): it has 1 digit before the point",
	            "declare the column as DECIMAL(3,2)");
	assert_says(pawl_decimal("1234.567"), PAWL_DECIMAL(5, 2), "'1234.567' is not a DECIMAL(5,2): it has 3 digits after the point",
	            "declare the column as DECIMAL(7,3)");
	assert_says(pawl_decimal("0.5"), PAWL_DECIMAL(38, 0), "'0.5' is not a DECIMAL(38,0): it has 1 digit after the point",
	            "declare the column as STRING");
	assert_says(pawl_decimal("0.001"), PAWL_DECIMAL(2, 2), "'0.001' is not a DECIMAL(2,2): it has 3 digits after the point",
	            "declare the column as DECIMAL(3,3)");
}

static void test_zones_and_text(void **state)
{
	(void) state;
	assert_says(pawl_of("2024-01-01T00:00:00"), PAWL_UTC_DATETIME,
	            "'2024-01-01T00:00:00' is not a UTC_DATETIME: it has no time zone",
	            "end it with 'Z' if it is in UTC, or declare the column as NAIVE_DATETIME");
	assert_says(pawl_of("2024-01-01T00:00:00+01"), PAWL_NAIVE_DATETIME,
	            "'2024-01-01T00:00:00+01' is not a NAIVE_DATETIME: it has a time zone", "declare the column as UTC_DATETIME");
	assert_says(pawl_of("soon"), PAWL_UTC_DATETIME, "'soon' is not a UTC_DATETIME: it does not begin with a date, YYYY-MM-DD",
	            "pass a UTC_DATETIME, or text such as '2024-03-16T16:40:29.5Z'");
	assert_says(pawl_decimal("x"), PAWL_STRING, "'x' is not a STRING: it is not a decimal number",
	            "pass text as a STRING, and numbers alone as a DECIMAL");
	assert_says(pawl_of("{"), PAWL_JSON, "'{' is not JSON: line 1, column 2: a name in double quotes is expected",
	            "pass JSON text; a JSON string has double quotes of its own");
}

/* A value may be megabytes long: its message shows the beginning. */
static void test_long_value(void **state)
{
	char text[5000];
	pawl_error error;
	(void) state;
	memset(text, 'x', sizeof(text));
	pawl_value value = pawl_text(text, sizeof(text));
	assert_int_equal(pawl_cell_refuse_kind(&value, PAWL_LONG, &error), PAWL_INVALID);
	assert_true(strlen(error.message) < 160);
	assert_non_null(strstr(error.message, "xxx...' is not a LONG: it is text"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_has_a_hint),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_reals),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_zones_and_text),
		cmocka_unit_test(test_long_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
