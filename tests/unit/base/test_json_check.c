#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

/* Checks a copy without a byte behind it, so that the address sanitizer sees a read beyond the end. */
static pawl_status check(const char *text, size_t length, pawl_error *error)
{
	char *copy = calloc(1, length == 0 ? 1 : length);
	pawl_status status;

	if (length > 0)
		memcpy(copy, text, length);
	status = pawl_json_check(copy, length, error);
	free(copy);
	return status;
}

static void assert_refused_bytes(const char *text, size_t length, const char *message)
{
	pawl_error error;

	assert_int_equal(check(text, length, &error), PAWL_INVALID);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_string_equal(error.message, message);
}

static void assert_refused(const char *text, const char *message)
{
	assert_refused_bytes(text, strlen(text), message);
}

static void json_of_every_kind_is_accepted(void **state)
{
	static const char *const texts[] = {
		"null", "true", "false", "0", "-0", "7", "-12", "0.5", "1.50", "-0.0e0", "1e5", "1E+5", "1e-05", "10.25E999999",
		"123456789012345678901234567890123456789012345678901234567890", "\"\"", "\"a\"", "\"\u00e9\u20ac\U0001f600\x7f\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uAbCd\\ud83d\\ude00\"", "\"\\ud800\"", "\"12345678\\n12345678\"", "[]", "[ ]",
		"{}", "{ }", "[1]", "[1,2]", "[[],{},[[]]]", " \t\r\n[ 1 , 2 ] \n", "{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"\":{}}",
		"{ \"a\" : [ { \"b\" : null } , true ] , \"c\" : { } }",
	};
	pawl_error error;

	(void) state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(check(texts[i], strlen(texts[i]), &error), PAWL_OK);
}

static void an_early_end_is_refused_everywhere(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e+7,true,false,null,\"b\\n\\u00e9\"],\"c\":{\"d\":{}}}";
	pawl_error error;

	(void) state;
	for (size_t length = 0; length < strlen(text); length++)
		assert_int_equal(check(text, length, &error), PAWL_INVALID);
	assert_int_equal(check(text, strlen(text), &error), PAWL_OK);
}

static void values_are_expected(void **state)
{
	pawl_error error;

	(void) state;
	assert_refused("", "line 1, column 1: a value is expected");
	assert_int_equal(pawl_json_check(NULL, 0, &error), PAWL_INVALID);
	assert_string_equal(error.message, "line 1, column 1: a value is expected");
	assert_refused("  \n ", "line 2, column 2: a value is expected");
	assert_refused("tru", "line 1, column 1: a value is expected");
	assert_refused("nul1", "line 1, column 1: a value is expected");
	assert_refused("True", "line 1, column 1: a value is expected");
	assert_refused("NaN", "line 1, column 1: a value is expected");
	assert_refused("'a'", "line 1, column 1: a value is expected");
	assert_refused("+1", "line 1, column 1: a value is expected");
	assert_refused(".5", "line 1, column 1: a value is expected");
	assert_refused("[1,]", "line 1, column 4: a value is expected");
	assert_refused("[,1]", "line 1, column 2: a value is expected");
	assert_refused("{\"a\":}", "line 1, column 6: a value is expected");
	assert_refused("\xef\xbb\xbf{}", "line 1, column 1: a value is expected");
	assert_refused("/* */ 1", "line 1, column 1: a value is expected");
	assert_refused("\v1", "line 1, column 1: a value is expected");
	assert_refused_bytes("\0", 1, "line 1, column 1: a value is expected");
}

static void numbers_are_strict(void **state)
{
	(void) state;
	assert_refused("-", "line 1, column 2: a digit is expected");
	assert_refused("-a", "line 1, column 2: a digit is expected");
	assert_refused("1.", "line 1, column 3: a digit is expected");
	assert_refused("1.e5", "line 1, column 3: a digit is expected");
	assert_refused("1e", "line 1, column 3: a digit is expected");
	assert_refused("1e+", "line 1, column 4: a digit is expected");
	assert_refused("1e+-5", "line 1, column 4: a digit is expected");
	assert_refused("01", "line 1, column 2: nothing may follow the value");
	assert_refused("-01", "line 1, column 3: nothing may follow the value");
	assert_refused("0x1", "line 1, column 2: nothing may follow the value");
	assert_refused("1_000", "line 1, column 2: nothing may follow the value");
}

static void strings_are_strict(void **state)
{
	(void) state;
	assert_refused("\"", "line 1, column 2: a string does not end");
	assert_refused("\"abcdefghijkl", "line 1, column 14: a string does not end");
	assert_refused("\"abc\n\"", "line 1, column 5: a control character in a string");
	assert_refused("\"abcdefghijkl\t\"", "line 1, column 14: a control character in a string");
	assert_refused_bytes("\"a\0\"", 4, "line 1, column 3: a control character in a string");
	assert_refused("\"\\", "line 1, column 3: one of \" \\ / b f n r t u is expected after a backslash");
	assert_refused("\"\\x41\"", "line 1, column 3: one of \" \\ / b f n r t u is expected after a backslash");
	assert_refused_bytes("\"\\\0\"", 4, "line 1, column 3: one of \" \\ / b f n r t u is expected after a backslash");
	assert_refused("\"\\u12g4\"", "line 1, column 6: four hexadecimal digits are expected after \\u");
	assert_refused("\"\\u123\"", "line 1, column 7: four hexadecimal digits are expected after \\u");
	assert_refused("\"\\u", "line 1, column 4: four hexadecimal digits are expected after \\u");
}

/* Each of the 256 bytes at each place of a run, so that the 8-byte step and the single ones agree. */
static void every_byte_in_a_string_is_judged_alike_at_every_place(void **state)
{
	char text[24];
	pawl_error error;

	(void) state;
	for (size_t at = 1; at < sizeof(text) - 1; at++) {
		for (int byte = 0; byte < 256; byte++) {
			bool is_plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';

			memset(text, 'a', sizeof(text));
			text[0] = text[sizeof(text) - 1] = '"';
			text[at] = (char) byte;
			assert_int_equal(check(text, sizeof(text), &error), is_plain ? PAWL_OK : PAWL_INVALID);
		}
	}
}

static void structure_is_strict(void **state)
{
	(void) state;
	assert_refused("1 2", "line 1, column 3: nothing may follow the value");
	assert_refused("{}]", "line 1, column 3: nothing may follow the value");
	assert_refused_bytes("1\0", 2, "line 1, column 2: nothing may follow the value");
	assert_refused("[1 2]", "line 1, column 4: ',' or ']' is expected");
	assert_refused("[1}", "line 1, column 3: ',' or ']' is expected");
	assert_refused("[1", "line 1, column 3: ',' or ']' is expected");
	assert_refused("{\"a\":1]", "line 1, column 7: ',' or '}' is expected");
	assert_refused("{\"a\":1", "line 1, column 7: ',' or '}' is expected");
	assert_refused("{\"a\" 1}", "line 1, column 6: ':' is expected");
	assert_refused("{\"a\"", "line 1, column 5: ':' is expected");
	assert_refused("{a:1}", "line 1, column 2: a name in double quotes is expected");
	assert_refused("{1:1}", "line 1, column 2: a name in double quotes is expected");
	assert_refused("{\"a\":1,}", "line 1, column 8: a name in double quotes is expected");
	assert_refused("{\"a\n\":1}", "line 1, column 4: a control character in a string");
}

static void places_are_counted_in_lines_and_characters(void **state)
{
	(void) state;
	assert_refused("[\n  1,\n  \"\u00e9\u20ac\U0001f600\" x]", "line 3, column 9: ',' or ']' is expected");
	assert_refused("[1,\r\nx]", "line 2, column 1: a value is expected");
}

static void bytes_must_be_utf8(void **state)
{
	(void) state;
	assert_refused("\"a\xff\"", "line 1, column 3: a byte that is not UTF-8");
	assert_refused("[\n\"\xed\xa0\x80\"]", "line 2, column 2: a byte that is not UTF-8");
	assert_refused("\"\xc3", "line 1, column 2: a byte that is not UTF-8");
}

static void depth_is_bounded(void **state)
{
	char text[2 * 513];
	pawl_error error;

	(void) state;
	memset(text, '[', 512);
	memset(text + 512, ']', 512);
	assert_int_equal(check(text, 1024, &error), PAWL_OK);
	memset(text, '[', 513);
	memset(text + 513, ']', 513);
	assert_refused_bytes(text, 1026, "line 1, column 513: more than 512 levels of arrays and objects");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_of_every_kind_is_accepted),
		cmocka_unit_test(an_early_end_is_refused_everywhere),
		cmocka_unit_test(values_are_expected),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(strings_are_strict),
		cmocka_unit_test(every_byte_in_a_string_is_judged_alike_at_every_place),
		cmocka_unit_test(structure_is_strict),
		cmocka_unit_test(places_are_counted_in_lines_and_characters),
		cmocka_unit_test(bytes_must_be_utf8),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
