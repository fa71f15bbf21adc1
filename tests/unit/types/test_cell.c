#include "types/cell.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static pawl_buffer scratch;

static int free_scratch(void **state)
{
	(void) state;
	pawl_buffer_free(&scratch);
	return 0;
}

static pawl_cell convert(pawl_value value, pawl_type type)
{
	pawl_cell cell = {0};
	pawl_error error = {0};
	if (pawl_cell_convert(&value, type, &scratch, &cell, &error) != PAWL_OK)
		fail_msg("%s (%s)", error.message, error.hint);
	return cell;
}

/* Bytes of a cell are compared with text of a given length, which may hold NULs. */
static void assert_bytes(pawl_value value, pawl_type type, const char *expected, size_t length)
{
	pawl_cell cell = convert(value, type);
	assert_false(cell.is_null);
	assert_int_equal(cell.length, length);
	assert_memory_equal(cell.as.bytes, expected, length);
}

static void assert_text(pawl_value value, pawl_type type, const char *expected)
{
	assert_bytes(value, type, expected, strlen(expected));
}

static void assert_refused(pawl_value value, pawl_type type, const char *message)
{
	pawl_cell cell = {.length = 42};
	pawl_error error = {0};
	if (pawl_cell_convert(&value, type, &scratch, &cell, &error) == PAWL_OK)
		fail_msg("accepted, where this was expected: %s", message);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_string_not_equal(error.hint, "");
	assert_int_equal(cell.length, 42);
}

static void test_null(void **state)
{
	(void) state;
	for (pawl_type type = PAWL_BOOLEAN; type <= PAWL_JSON; type++)
		assert_true(convert(pawl_null(), type == PAWL_KIND_DECIMAL ? PAWL_DECIMAL(5, 2) : type).is_null);
	assert_true(convert(pawl_of((const char *) NULL), PAWL_STRING).is_null);
}

static void test_boolean(void **state)
{
	(void) state;
	assert_true(convert(pawl_boolean(true), PAWL_BOOLEAN).as.boolean);
	assert_false(convert(pawl_boolean(false), PAWL_BOOLEAN).as.boolean);
	assert_false(convert(pawl_boolean(false), PAWL_BOOLEAN).is_null);
	assert_refused(pawl_of(1), PAWL_BOOLEAN, "'1' is not a BOOLEAN: it is an integer");
	assert_refused(pawl_of("true"), PAWL_BOOLEAN, "'true' is not a BOOLEAN: it is text");
}

static void test_integers(void **state)
{
	(void) state;
	assert_int_equal(convert(pawl_of(-32768), PAWL_SHORT).as.int16, -32768);
	assert_int_equal(convert(pawl_of(32767), PAWL_SHORT).as.int16, 32767);
	assert_int_equal(convert(pawl_of(INT32_MIN), PAWL_INT).as.int32, INT32_MIN);
	assert_int_equal(convert(pawl_of(INT32_MAX), PAWL_INT).as.int32, INT32_MAX);
	assert_true(convert(pawl_of(INT64_MIN), PAWL_LONG).as.int64 == INT64_MIN);
	assert_true(convert(pawl_of(INT64_MAX), PAWL_LONG).as.int64 == INT64_MAX);
	assert_true(convert(pawl_of((uint64_t) INT64_MAX), PAWL_LONG).as.int64 == INT64_MAX);
	assert_refused(pawl_of(70000), PAWL_SHORT, "'70000' is not a SHORT: it is beyond -32768 to 32767");
	assert_refused(pawl_of(32768), PAWL_SHORT, "'32768' is not a SHORT: it is beyond -32768 to 32767");
	assert_refused(pawl_of(-32769), PAWL_SHORT, "'-32769' is not a SHORT: it is beyond -32768 to 32767");
	assert_refused(pawl_of(INT64_C(2147483648)), PAWL_INT,
	               "'2147483648' is not an INT: it is beyond -2147483648 to 2147483647");
	assert_refused(pawl_of(INT64_C(-2147483649)), PAWL_INT,
	               "'-2147483649' is not an INT: it is beyond -2147483648 to 2147483647");
	assert_refused(pawl_of(UINT64_MAX), PAWL_LONG,
	               "'18446744073709551615' is not a LONG: it is beyond -9223372036854775808 to 9223372036854775807");
	assert_refused(pawl_boolean(true), PAWL_SHORT, "'true' is not a SHORT: it is a BOOLEAN");
	assert_refused(pawl_of("5"), PAWL_INT, "'5' is not an INT: it is text");
	assert_refused(pawl_of(5.0), PAWL_LONG, "'5' is not a LONG: it is a DOUBLE");
	assert_refused(pawl_decimal("5"), PAWL_LONG, "'5' is not a LONG: it is a DECIMAL");
	assert_refused(pawl_utc_datetime(0), PAWL_LONG, "'1970-01-01T00:00:00Z' is not a LONG: it is a UTC_DATETIME");
}

static void test_float(void **state)
{
	(void) state;
	assert_true(convert(pawl_of(0.1f), PAWL_FLOAT).as.float32 == 0.1f);
	assert_true(convert(pawl_of(0.5), PAWL_FLOAT).as.float32 == 0.5f);
	assert_true(convert(pawl_of(-16777216), PAWL_FLOAT).as.float32 == -16777216.0f);
	assert_true(convert(pawl_of(UINT64_C(1) << 63), PAWL_FLOAT).as.float32 == 0x1p63f);
	assert_true(isnan(convert(pawl_of(NAN), PAWL_FLOAT).as.float32));
	assert_true(isnan(convert(pawl_double((double) NAN), PAWL_FLOAT).as.float32));
	assert_true(convert(pawl_double(-(double) INFINITY), PAWL_FLOAT).as.float32 == -INFINITY);
	assert_true(signbit(convert(pawl_of(-0.0), PAWL_FLOAT).as.float32));
	assert_refused(pawl_of(3.1), PAWL_FLOAT, "'3.1' is not a FLOAT: a FLOAT would round it");
	assert_refused(pawl_of(1e300), PAWL_FLOAT, "'1e+300' is not a FLOAT: a FLOAT would round it");
	assert_refused(pawl_of(1e-300), PAWL_FLOAT, "'1e-300' is not a FLOAT: a FLOAT would round it");
	assert_refused(pawl_of(16777217), PAWL_FLOAT, "'16777217' is not a FLOAT: a FLOAT would round it");
	assert_refused(pawl_of(INT64_MAX), PAWL_FLOAT, "'9223372036854775807' is not a FLOAT: a FLOAT would round it");
	assert_refused(pawl_decimal("0.5"), PAWL_FLOAT, "'0.5' is not a FLOAT: it is a DECIMAL");
	assert_refused(pawl_of("0.5"), PAWL_FLOAT, "'0.5' is not a FLOAT: it is text");
}

static void test_double(void **state)
{
	(void) state;
	assert_true(convert(pawl_of(3.1), PAWL_DOUBLE).as.float64 == 3.1);
	assert_true(convert(pawl_of(0.1f), PAWL_DOUBLE).as.float64 == (double) 0.1f);
	assert_true(convert(pawl_of(INT64_C(1) << 53), PAWL_DOUBLE).as.float64 == 0x1p53);
	assert_true(convert(pawl_of(INT64_MIN), PAWL_DOUBLE).as.float64 == -0x1p63);
	assert_true(convert(pawl_of(UINT64_C(1) << 63), PAWL_DOUBLE).as.float64 == 0x1p63);
	assert_true(isnan(convert(pawl_double((double) NAN), PAWL_DOUBLE).as.float64));
	assert_refused(pawl_of((INT64_C(1) << 53) + 1), PAWL_DOUBLE,
	               "'9007199254740993' is not a DOUBLE: a DOUBLE would round it");
	assert_refused(pawl_of(INT64_MAX), PAWL_DOUBLE, "'9223372036854775807' is not a DOUBLE: a DOUBLE would round it");
	assert_refused(pawl_of(UINT64_MAX), PAWL_DOUBLE, "'18446744073709551615' is not a DOUBLE: a DOUBLE would round it");
	assert_refused(pawl_boolean(false), PAWL_DOUBLE, "'false' is not a DOUBLE: it is a BOOLEAN");
}

static void test_decimal(void **state)
{
	(void) state;
	assert_int_equal(convert(pawl_decimal("-12.5"), PAWL_DECIMAL(4, 2)).as.int16, -1250);
	assert_int_equal(convert(pawl_of("12.50"), PAWL_DECIMAL(5, 1)).as.int32, 125);
	assert_int_equal(convert(pawl_of(999), PAWL_DECIMAL(5, 2)).as.int32, 99900);
	assert_int_equal(convert(pawl_of(-999999999), PAWL_DECIMAL(9, 0)).as.int32, -999999999);
	assert_true(convert(pawl_of(5), PAWL_DECIMAL(18, 17)).as.int64 == INT64_C(500000000000000000));
	assert_true(convert(pawl_of(UINT64_MAX), PAWL_DECIMAL(20, 0)).as.int128 == UINT64_MAX);
	assert_true(convert(pawl_decimal("1e37"), PAWL_DECIMAL(38, 0)).as.int128 / INT64_C(10000000000000000)
	            == (pawl_int128) INT64_C(1000000000000000) * 1000000);
	assert_refused(pawl_decimal("12.345"), PAWL_DECIMAL(5, 2), "'12.345' is not a DECIMAL(5,2): it has 3 digits after the point");
	assert_refused(pawl_of(0.5), PAWL_DECIMAL(5, 2), "'0.5' is not a DECIMAL(5,2): it is a DOUBLE");
	assert_refused(pawl_of(0.5f), PAWL_DECIMAL(5, 2), "'0.5' is not a DECIMAL(5,2): it is a FLOAT");
	assert_refused(pawl_of(1000), PAWL_DECIMAL(5, 2), "'1000' is not a DECIMAL(5,2): it has 4 digits before the point");
	assert_refused(pawl_of("abc"), PAWL_DECIMAL(5, 2), "'abc' is not a DECIMAL(5,2): it is not a decimal number");
	assert_refused(pawl_decimal("NaN"), PAWL_DECIMAL(5, 2), "'NaN' is not a DECIMAL(5,2): it is not a decimal number");
	assert_refused(pawl_decimal("1e38"), PAWL_DECIMAL(38, 0), "'1e38' is not a DECIMAL(38,0): it needs more than 38 digits");
}

static void test_date(void **state)
{
	(void) state;
	assert_int_equal(convert(pawl_naive_date(-1), PAWL_NAIVE_DATE).as.int32, -1);
	assert_int_equal(convert(pawl_naive_date(INT32_MAX - 1), PAWL_NAIVE_DATE).as.int32, INT32_MAX - 1);
	assert_int_equal(convert(pawl_naive_date(INT32_MIN + 2), PAWL_NAIVE_DATE).as.int32, INT32_MIN + 2);
	assert_int_equal(convert(pawl_of("2024-03-16"), PAWL_NAIVE_DATE).as.int32, 19798);
	assert_int_equal(convert(pawl_of("1969-12-31 00:00:00.000"), PAWL_NAIVE_DATE).as.int32, -1);
	assert_refused(pawl_naive_date(INT32_MAX), PAWL_NAIVE_DATE,
	               "'+5881580-07-11' is not a NAIVE_DATE: it is beyond the days that can be kept");
	assert_refused(pawl_naive_date(-INT32_MAX), PAWL_NAIVE_DATE,
	               "'-5877641-06-24' is not a NAIVE_DATE: it is beyond the days that can be kept");
	assert_refused(pawl_naive_date(INT32_MIN), PAWL_NAIVE_DATE,
	               "'-5877641-06-23' is not a NAIVE_DATE: it is beyond the days that can be kept");
	assert_refused(pawl_of("2024-02-30"), PAWL_NAIVE_DATE, "'2024-02-30' is not a NAIVE_DATE: the month has no such day");
	assert_refused(pawl_of("2024-03-16T00:00:00Z"), PAWL_NAIVE_DATE,
	               "'2024-03-16T00:00:00Z' is not a NAIVE_DATE: it has a time zone");
	assert_refused(pawl_of("2024-03-16T00:00:00.000001"), PAWL_NAIVE_DATE,
	               "'2024-03-16T00:00:00.000001' is not a NAIVE_DATE: it has a time of day");
	assert_refused(pawl_naive_datetime(0), PAWL_NAIVE_DATE, "'1970-01-01T00:00:00' is not a NAIVE_DATE: it is a NAIVE_DATETIME");
	assert_refused(pawl_of(19798), PAWL_NAIVE_DATE, "'19798' is not a NAIVE_DATE: it is an integer");
}

static void test_naive_datetime(void **state)
{
	(void) state;
	assert_true(convert(pawl_naive_datetime(-1), PAWL_NAIVE_DATETIME).as.int64 == -1);
	assert_true(convert(pawl_naive_date(19798), PAWL_NAIVE_DATETIME).as.int64 == INT64_C(1710547200000000));
	assert_true(convert(pawl_of("2024-03-16 16:40:29.5"), PAWL_NAIVE_DATETIME).as.int64 == INT64_C(1710607229500000));
	assert_true(convert(pawl_of("2024-03-16"), PAWL_NAIVE_DATETIME).as.int64 == INT64_C(1710547200000000));
	assert_refused(pawl_of("2024-03-16T16:40:29Z"), PAWL_NAIVE_DATETIME,
	               "'2024-03-16T16:40:29Z' is not a NAIVE_DATETIME: it has a time zone");
	assert_refused(pawl_of("2024-03-16T16:40"), PAWL_NAIVE_DATETIME,
	               "'2024-03-16T16:40' is not a NAIVE_DATETIME: the time is not HH:MM:SS");
	assert_refused(pawl_naive_date(INT32_MAX), PAWL_NAIVE_DATETIME,
	               "'+5881580-07-11' is not a NAIVE_DATETIME: it is beyond the times that can be kept");
	assert_refused(pawl_naive_date(-106751992), PAWL_NAIVE_DATETIME,
	               "'-290308-12-21' is not a NAIVE_DATETIME: it is beyond the times that can be kept");
	assert_refused(pawl_utc_datetime(0), PAWL_NAIVE_DATETIME,
	               "'1970-01-01T00:00:00Z' is not a NAIVE_DATETIME: it is a UTC_DATETIME");
}

static void test_utc_datetime(void **state)
{
	const int64_t minimum_us = INT64_C(-9223372022400000000);
	(void) state;
	assert_true(convert(pawl_utc_datetime(1706742279000000), PAWL_UTC_DATETIME).as.int64 == 1706742279000000);
	assert_true(convert(pawl_utc_datetime(INT64_MAX - 1), PAWL_UTC_DATETIME).as.int64 == INT64_MAX - 1);
	assert_true(convert(pawl_utc_datetime(minimum_us), PAWL_UTC_DATETIME).as.int64 == minimum_us);
	assert_true(convert(pawl_of("2024-03-16T16:40:29Z"), PAWL_UTC_DATETIME).as.int64 == INT64_C(1710607229000000));
	assert_true(convert(pawl_of("2024-03-16 22:10:29.25+0530"), PAWL_UTC_DATETIME).as.int64 == INT64_C(1710607229250000));
	assert_refused(pawl_of("2024-03-16T16:40:29"), PAWL_UTC_DATETIME,
	               "'2024-03-16T16:40:29' is not a UTC_DATETIME: it has no time zone");
	assert_refused(pawl_of("2024-03-16"), PAWL_UTC_DATETIME, "'2024-03-16' is not a UTC_DATETIME: it has no time zone");
	assert_refused(pawl_of("now"), PAWL_UTC_DATETIME,
	               "'now' is not a UTC_DATETIME: it does not begin with a date, YYYY-MM-DD");
	assert_refused(pawl_of(1710607229), PAWL_UTC_DATETIME, "'1710607229' is not a UTC_DATETIME: it is an integer");
	assert_refused(pawl_naive_datetime(0), PAWL_UTC_DATETIME,
	               "'1970-01-01T00:00:00' is not a UTC_DATETIME: it is a NAIVE_DATETIME");
	assert_refused(pawl_utc_datetime(INT64_MAX), PAWL_UTC_DATETIME,
	               "'+294247-01-10T04:00:54.775807Z' is not a UTC_DATETIME: it is beyond the times that can be kept");
	assert_refused(pawl_utc_datetime(-INT64_MAX), PAWL_UTC_DATETIME,
	               "'-290308-12-21T19:59:05.224193Z' is not a UTC_DATETIME: it is beyond the times that can be kept");
	assert_refused(pawl_utc_datetime(INT64_MIN), PAWL_UTC_DATETIME,
	               "'-290308-12-21T19:59:05.224192Z' is not a UTC_DATETIME: it is beyond the times that can be kept");
	assert_refused(pawl_utc_datetime(minimum_us - 1), PAWL_UTC_DATETIME,
	               "'-290308-12-21T23:59:59.999999Z' is not a UTC_DATETIME: it is beyond the times that can be kept");
}

static void test_string(void **state)
{
	const char *text = "h\xc3\xa9";
	(void) state;
	assert_ptr_equal(convert(pawl_of(text), PAWL_STRING).as.bytes, text); /* borrowed, not copied */
	assert_text(pawl_of(text), PAWL_STRING, text);
	assert_text(pawl_of(""), PAWL_STRING, "");
	assert_text(pawl_text("abcdef", 3), PAWL_STRING, "abc");
	assert_text(pawl_json("{ \"a\": 1 }"), PAWL_STRING, "{ \"a\": 1 }");
	assert_text(pawl_xml("<a/>"), PAWL_STRING, "<a/>");
	assert_text(pawl_boolean(true), PAWL_STRING, "true");
	assert_text(pawl_of(-42), PAWL_STRING, "-42");
	assert_text(pawl_of(UINT64_MAX), PAWL_STRING, "18446744073709551615");
	assert_text(pawl_of(3.1), PAWL_STRING, "3.1");
	assert_text(pawl_of(0.1f), PAWL_STRING, "0.1");
	assert_text(pawl_of(NAN), PAWL_STRING, "NaN");
	assert_text(pawl_decimal("+1.50e1"), PAWL_STRING, "15.0");
	assert_text(pawl_decimal("1e39"), PAWL_STRING, "1e39"); /* more digits than can be calculated with: as it is written */
	assert_text(pawl_naive_date(0), PAWL_STRING, "1970-01-01");
	assert_text(pawl_naive_datetime(500000), PAWL_STRING, "1970-01-01T00:00:00.5");
	assert_text(pawl_utc_datetime(0), PAWL_STRING, "1970-01-01T00:00:00Z");
	assert_refused(pawl_binary("ab", 2), PAWL_STRING, "'ab' is not a STRING: it is BINARY");
	assert_refused(pawl_decimal("abc"), PAWL_STRING, "'abc' is not a STRING: it is not a decimal number");
	assert_refused(pawl_of("ab\x99"), PAWL_STRING, "'ab\\x99' is not a STRING: it is not valid UTF-8 at byte 3");
	assert_refused(pawl_of("\x80"), PAWL_STRING, "'\\x80' is not a STRING: it is not valid UTF-8 at byte 1");
	assert_refused(pawl_text("a\0b", 3), PAWL_STRING, "'a\\x00b' is not a STRING: it holds a NUL at byte 2");
}

/* New text takes the place of the old one; text that is borrowed leaves it alone. */
static void test_scratch(void **state)
{
	(void) state;
	pawl_cell first = convert(pawl_of(42), PAWL_STRING);
	convert(pawl_of("borrowed"), PAWL_STRING);
	convert(pawl_of(7), PAWL_LONG);
	assert_memory_equal(first.as.bytes, "42", 3);
	assert_text(pawl_of(-7), PAWL_STRING, "-7");
	assert_string_equal(pawl_buffer_text(&scratch), "-7");
}

static void test_json(void **state)
{
	(void) state;
	assert_text(pawl_json("{\"b\": 1.0, \"a\": [null]}"), PAWL_JSON, "{\"b\": 1.0, \"a\": [null]}");
	assert_text(pawl_of("[1, 2]"), PAWL_JSON, "[1, 2]");
	assert_text(pawl_of("\"text\""), PAWL_JSON, "\"text\"");
	assert_text(pawl_of(42), PAWL_JSON, "42");
	assert_text(pawl_of(UINT64_MAX), PAWL_JSON, "18446744073709551615");
	assert_text(pawl_of(0.5f), PAWL_JSON, "0.5");
	assert_text(pawl_of(1e300), PAWL_JSON, "1e+300");
	assert_text(pawl_boolean(false), PAWL_JSON, "false");
	assert_text(pawl_decimal(".50"), PAWL_JSON, "0.50");
	assert_text(pawl_decimal("1e400"), PAWL_JSON, "1e400");
	assert_refused(pawl_of("text"), PAWL_JSON, "'text' is not JSON: line 1, column 1: a value is expected");
	assert_refused(pawl_json("{\"a\": }"), PAWL_JSON, "'{\"a\": }' is not JSON: line 1, column 7: a value is expected");
	assert_refused(pawl_of((double) NAN), PAWL_JSON, "'NaN' is not JSON: line 1, column 1: a value is expected");
	assert_refused(pawl_decimal("abc"), PAWL_JSON, "'abc' is not JSON: it is not a decimal number");
	assert_refused(pawl_json("\"\x99\""), PAWL_JSON, "'\"\\x99\"' is not JSON: it is not valid UTF-8 at byte 2");
	assert_refused(pawl_xml("<a/>"), PAWL_JSON, "'<a/>' is not JSON: it is XML");
	assert_refused(pawl_utc_datetime(0), PAWL_JSON, "'1970-01-01T00:00:00Z' is not JSON: it is a UTC_DATETIME");
}

static void test_xml_and_binary(void **state)
{
	(void) state;
	assert_text(pawl_xml("<a>&amp;</a>"), PAWL_XML, "<a>&amp;</a>");
	assert_text(pawl_of("plain"), PAWL_XML, "plain");
	assert_refused(pawl_xml("<\x99>"), PAWL_XML, "'<\\x99>' is not XML: it is not valid UTF-8 at byte 2");
	assert_refused(pawl_json("{}"), PAWL_XML, "'{}' is not XML: it is JSON");
	assert_bytes(pawl_binary("\xff\0\x01", 3), PAWL_BINARY, "\xff\0\x01", 3);
	assert_bytes(pawl_binary("", 0), PAWL_BINARY, "", 0);
	assert_bytes(pawl_text("a\0\xff", 3), PAWL_BINARY, "a\0\xff", 3);
	assert_refused(pawl_json("{}"), PAWL_BINARY, "'{}' is not BINARY: it is JSON");
	assert_refused(pawl_of(5), PAWL_BINARY, "'5' is not BINARY: it is an integer");
}

static void test_type_without_cells(void **state)
{
	pawl_value value = pawl_of(5);
	pawl_cell cell;
	pawl_error error;
	(void) state;
	assert_int_equal(pawl_cell_convert(&value, PAWL_UNSPECIFIED, &scratch, &cell, &error), PAWL_INTERNAL);
	assert_string_equal(error.message, "type 0 has no cells");
}

#ifdef PAWL_TEST_HOOKS
static void test_out_of_memory(void **state)
{
	const pawl_value value = pawl_of(42);
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer empty = {0};
	pawl_cell cell = {.length = 42};
	pawl_error error;
	(void) state;
	for (int type = 0; type < 2; type++) {
		pawl_buffer_free(&empty);
		pawl_memory_fail_at(1);
		pawl_status status = pawl_cell_convert(&value, type == 0 ? PAWL_STRING : PAWL_JSON, &empty, &cell, &error);
		pawl_memory_fail_at(0);
		assert_int_equal(status, PAWL_OUT_OF_MEMORY);
		assert_int_equal(cell.length, 42);
		assert_int_equal(error.status, PAWL_OUT_OF_MEMORY);
	}
	assert_int_equal(pawl_cell_convert(&value, PAWL_STRING, &empty, &cell, &error), PAWL_OK);
	assert_int_equal(cell.length, 2);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_boolean),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_float),
		cmocka_unit_test(test_double),
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_naive_datetime),
		cmocka_unit_test(test_utc_datetime),
		cmocka_unit_test(test_string),
		cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_xml_and_binary),
		cmocka_unit_test(test_type_without_cells),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, free_scratch);
}
