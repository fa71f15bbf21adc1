#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"

#define CONFIGURATION "{\n\t\"host\": \"db.example\",\n\t\"rows\": [1, -2.5, true, null, {\"a\\u00e9\": \"b\\n\"}]\n}\n"

static void an_object_is_parsed(void **state)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	const json_t *rows;
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_json_parse_object("x", CONFIGURATION, strlen(CONFIGURATION), &root, &error), PAWL_OK);
	assert_string_equal(json_string_value(json_object_get(root, "host")), "db.example");
	rows = json_object_get(root, "rows");
	assert_int_equal(json_array_size(rows), 5);
	assert_int_equal(json_integer_value(json_array_get(rows, 0)), 1);
	assert_true(json_real_value(json_array_get(rows, 1)) == -2.5);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 4), "a\u00e9")), "b\n");
}

static void integers_keep_64_bits(void **state)
{
	static const char text[] = "{\"a\": 9223372036854775807, \"b\": -9223372036854775808}";
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_json_parse_object("x", text, strlen(text), &root, &error), PAWL_OK);
	assert_true(json_integer_value(json_object_get(root, "a")) == INT64_MAX);
	assert_true(json_integer_value(json_object_get(root, "b")) == INT64_MIN);
}

static void assert_refused_bytes(const char *text, size_t length, const char *message, const char *hint)
{
	json_t untouched;
	json_t *root = &untouched;
	pawl_error error;

	assert_int_equal(pawl_json_parse_object("state 's.json'", text, length, &root, &error), PAWL_INVALID);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_string_equal(error.hint, hint);
	assert_ptr_equal(root, &untouched);
}

static void assert_refused(const char *text, const char *message, const char *hint)
{
	assert_refused_bytes(text, strlen(text), message, hint);
}

static void what_is_not_exact_is_refused(void **state)
{
	static const char hint[] = "a number beyond 64 bits would not stay exact: write it as a string, in quotes";

	(void) state;
	assert_refused("{\"a\": 9223372036854775808}", "state 's.json': line 1, column 25: too big integer", hint);
	assert_refused("{\"a\": -9223372036854775809}", "state 's.json': line 1, column 26: too big negative integer", hint);
	assert_refused("{\"a\": 1e999}", "state 's.json': line 1, column 11: real number overflow", hint);
	assert_refused("{\"a\": 1,\n\"a\": 2}", "state 's.json': line 2, column 3: duplicate object key near '\"a\"'",
	               "remove one of the two");
	assert_refused("{\"a\": \"\\u0000\"}", "state 's.json': line 1, column 14: \\u0000 is not allowed", "");
	assert_refused("{\"\\u0000\": 1}", "state 's.json': line 1, column 9: NUL byte in object key not supported", "");
	assert_refused("{\"a\": \"\\ud800\"}", "state 's.json': line 1, column 14: invalid Unicode '\\uD800'", "");
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
	(void) state;
	assert_refused("", "state 's.json': line 1, column 1: a value is expected", "");
	assert_refused("{\n\"a\": }", "state 's.json': line 2, column 6: a value is expected", "");
	assert_refused("{} {}", "state 's.json': line 1, column 4: nothing may follow the value", "");
	assert_refused("{\"a\": \"\xff\"}", "state 's.json': line 1, column 8: a byte that is not UTF-8", "");
	assert_refused_bytes("{\"a\": \"\0\"}", 10, "state 's.json': line 1, column 8: a control character in a string", "");
	assert_refused_bytes("{}\0", 3, "state 's.json': line 1, column 3: nothing may follow the value", "");
}

static void a_message_shows_no_value(void **state)
{
	(void) state;
	assert_refused("{\"password\": \"hunter2\\u0000\"}", "state 's.json': line 1, column 28: \\u0000 is not allowed", "");
	assert_refused("{\"password\": \"hunter2\\q\"}",
	               "state 's.json': line 1, column 23: one of \" \\ / b f n r t u is expected after a backslash", "");
	assert_refused("{\"password\": hunter2}", "state 's.json': line 1, column 14: a value is expected", "");
}

static void what_is_no_object_is_refused(void **state)
{
	(void) state;
	assert_refused("[]", "state 's.json': an array, where an object is expected", "");
	assert_refused(" \"a\"", "state 's.json': a string, where an object is expected", "");
	assert_refused("1", "state 's.json': a number, where an object is expected", "");
	assert_refused("1.5", "state 's.json': a number, where an object is expected", "");
	assert_refused("true", "state 's.json': a boolean, where an object is expected", "");
	assert_refused("false", "state 's.json': a boolean, where an object is expected", "");
	assert_refused("null", "state 's.json': null, where an object is expected", "");
}

#ifdef PAWL_TEST_HOOKS

static void no_refused_allocation_changes_the_text(void **state)
{
	char text[600];
	pawl_status status;
	pawl_error error;
	long n = 0;

	(void) state;
	snprintf(text, sizeof(text), "{\"long\": \"%0400d\", \"more\": [1, 2.5, {\"a\": null}]}", 7);
	do {
		PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;

		pawl_memory_fail_at(++n);
		status = pawl_json_parse_object("x", text, strlen(text), &root, &error);
		pawl_memory_fail_at(0);
		if (status == PAWL_OK) {
			assert_int_equal(json_string_length(json_object_get(root, "long")), 400);
			assert_int_equal(json_object_size(root), 2);
		} else {
			assert_int_equal(status, PAWL_OUT_OF_MEMORY);
			assert_string_equal(error.message, "out of memory");
			assert_null(root);
		}
	} while (status != PAWL_OK);
	assert_true(n > 10);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_parsed),
		cmocka_unit_test(integers_keep_64_bits),
		cmocka_unit_test(what_is_not_exact_is_refused),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
		cmocka_unit_test(a_message_shows_no_value),
		cmocka_unit_test(what_is_no_object_is_refused),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(no_refused_allocation_changes_the_text),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
