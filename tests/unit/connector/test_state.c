#include "connector/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "support.h"

#define PATH "state.json"

static pawl_error error;

/* ---- parsing ---------------------------------------------------------------------------------------------------------- */

static void test_parse_keeps_every_byte(void **unused)
{
	(void) unused;
	static const char text[] = "{ \"b\" :1,\"a\": [1.50, \"\\u00e9\"]}";
	pawl_error failure;
	pawl_error_clear(&failure);
	pawl_state state;
	OK(pawl_state_parse("state", text, &failure, &state, &error));
	assert_string_equal(pawl_state_json(&state), text);
	assert_int_equal(pawl_state_integer(&state, "b", 7), 1);
	pawl_state_clear(&state);
	pawl_state_clear(&(pawl_state){0});
}

static void test_parse_refuses(void **unused)
{
	(void) unused;
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"", "state: line 1, column 1: a value is expected"},
	    {"[1]", "state: an array, where an object is expected"},
	    {"null", "state: null, where an object is expected"},
	    {"{\"a\": 1", "state: line 1, column 8: ',' or '}' is expected"},
	    {"{\"a\": 1} x", "state: line 1, column 10: nothing may follow the value"},
	    {"{\"a\": 1,\n \"a\": 2}", "state: line 2, column 4: duplicate object key near '\"a\"'"},
	    {"{\"a\": 9223372036854775808}", "state: line 1, column 25: too big integer"},
	    {"{\"a\": \"\xff\"}", "state: line 1, column 8: a byte that is not UTF-8"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pawl_state state = {0};
		FAILS(pawl_state_parse("state", cases[i].text, NULL, &state, &error), PAWL_INVALID, cases[i].message);
		assert_null(state.text);
		assert_null(state.root);
	}
}

/* An object of `bytes` bytes with one long string in it. */
static char *make_long_state(size_t bytes)
{
	static const char head[] = "{\"a\": \"", tail[] = "\"}";
	char *text = malloc(bytes + 1);
	assert_non_null(text);
	memset(text, 'x', bytes);
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + bytes - (sizeof(tail) - 1), tail, sizeof(tail));
	return text;
}

static void test_parse_limit(void **unused)
{
	(void) unused;
	char *text = make_long_state(PAWL_STATE_MAX_BYTES);
	pawl_state state;
	FAILS(pawl_state_parse("state", text, NULL, &state, &error), PAWL_INVALID,
	      "state: it has 10000000 bytes, the limit is 10000000");
	assert_string_equal(error.hint, "keep cursors in the state, not data");
	free(text);
	text = make_long_state(PAWL_STATE_MAX_BYTES - 1);
	OK(pawl_state_parse("state", text, NULL, &state, &error));
	pawl_state_clear(&state);
	free(text);
}

/* ---- the getters ------------------------------------------------------------------------------------------------------ */

static void test_getters(void **unused)
{
	(void) unused;
	pawl_error failure;
	pawl_error_clear(&failure);
	pawl_state state;
	OK(pawl_state_parse("state",
	                    "{\"text\": \"t\xc3\xa9xt\", \"empty\": \"\", \"least\": -9223372036854775808, \"most\": 9223372036854775807,"
	                    " \"yes\": true, \"no\": false, \"none\": null}",
	                    &failure, &state, &error));
	assert_string_equal(pawl_state_string(&state, "text", "other"), "t\xc3\xa9xt");
	assert_string_equal(pawl_state_string(&state, "empty", "other"), "");
	assert_string_equal(pawl_state_string(&state, "missing", "other"), "other");
	assert_string_equal(pawl_state_string(&state, "none", "other"), "other");
	assert_null(pawl_state_string(&state, "missing", NULL));
	assert_true(pawl_state_integer(&state, "least", 7) == INT64_MIN);
	assert_true(pawl_state_integer(&state, "most", 7) == INT64_MAX);
	assert_int_equal(pawl_state_integer(&state, "missing", 7), 7);
	assert_int_equal(pawl_state_integer(&state, "none", -7), -7);
	assert_true(pawl_state_boolean(&state, "yes", false));
	assert_false(pawl_state_boolean(&state, "no", true));
	assert_true(pawl_state_boolean(&state, "missing", true));
	assert_false(pawl_state_boolean(&state, "none", false));
	assert_int_equal(failure.status, PAWL_OK);
	pawl_state_clear(&state);
}

static void test_getters_of_another_type(void **unused)
{
	(void) unused;
	pawl_error failure;
	pawl_state state;
	OK(pawl_state_parse("state", "{\"a\": 1, \"b\": \"true\", \"c\": 1.5}", &failure, &state, &error));

	pawl_error_clear(&failure);
	assert_string_equal(pawl_state_string(&state, "a", "other"), "other");
	assert_int_equal(failure.status, PAWL_INVALID);
	assert_string_equal(failure.message, "state: 'a' is not a string");
	assert_string_equal(failure.hint, "another version of the connector may have kept it; --reset starts from nothing");

	/* The first error stays. */
	assert_int_equal(pawl_state_integer(&state, "b", 7), 7);
	assert_string_equal(failure.message, "state: 'a' is not a string");

	pawl_error_clear(&failure);
	assert_int_equal(pawl_state_integer(&state, "c", 7), 7);
	assert_string_equal(failure.message, "state: 'c' is not an integer");

	pawl_error_clear(&failure);
	assert_true(pawl_state_boolean(&state, "b", true));
	assert_string_equal(failure.message, "state: 'b' is not true or false");
	pawl_state_clear(&state);
}

/* ---- which state to start from ---------------------------------------------------------------------------------------- */

#define NEW_WAREHOUSE                                                                                                        \
	"state '" PATH "' is ignored: the warehouse is new, so the sync starts from nothing; name the file with --state to start " \
	"from it"
#define DIFFERENT "state '" PATH "' differs from the warehouse's, which is used, since it was committed together with the rows"
#define DAMAGED   "state '" PATH "' is damaged, and ignored: the warehouse decides"

typedef struct choice_case {
	const char *in_warehouse, *in_file; /* NULL: none */
	bool is_explicit;
	const char *text; /* that is chosen; NULL when `message` is the error's */
	bool is_file_same;
	const char *message; /* the warning */
} choice_case;

static void check_choice(const choice_case *test)
{
	remove(PATH);
	if (test->in_file != NULL)
		write_file(PATH, test->in_file);
	pawl_state_choice choice = {0};
	pawl_status status = pawl_state_choose(test->in_warehouse, PATH, test->is_explicit, &choice, &error);
	if (test->text == NULL) {
		FAILS(status, PAWL_INVALID, test->message);
		assert_null(choice.text);
		assert_null(choice.warning);
		return;
	}
	OK(status);
	assert_string_equal(choice.text, test->text);
	assert_int_equal(choice.is_file_same, test->is_file_same);
	assert_string_equal(choice.warning == NULL ? "" : choice.warning, test->message == NULL ? "" : test->message);
	pawl_free(choice.text);
	pawl_free(choice.warning);
}

static void test_choose_for_a_new_warehouse(void **unused)
{
	(void) unused;
	static const choice_case cases[] = {
	    {NULL, NULL, false, "{}", false, NULL},
	    {NULL, NULL, true, "{}", false, "state '" PATH "' does not exist: the sync starts from nothing"},
	    {NULL, "{}", false, "{}", true, NULL},
	    {NULL, "{}\n", true, "{}", true, NULL},
	    {NULL, "{ }", false, "{}", false, NULL},
	    {NULL, "{ }", true, "{ }", true, NULL},
	    {NULL, "{\"a\": 1}\n", false, "{}", false, NEW_WAREHOUSE},
	    {NULL, "{\"a\": 1}\n\n", true, "{\"a\": 1}", true, NULL},
	    {NULL, "{\"a\"", false, "{}", false, DAMAGED},
	    {NULL, "{\"a\"", true, NULL, false, "state '" PATH "': line 1, column 5: ':' is expected"},
	    {NULL, "", false, "{}", false, DAMAGED},
	    {NULL, "[]", true, NULL, false, "state '" PATH "': an array, where an object is expected"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_choice(&cases[i]);
}

/* Whether the file was named makes no difference. */
static void test_choose_for_a_warehouse_with_state(void **unused)
{
	(void) unused;
	static const choice_case cases[] = {
	    {"{\"a\": 1}", NULL, false, "{\"a\": 1}", false, NULL},
	    {"{\"a\": 1}", "{\"a\": 1}\n", false, "{\"a\": 1}", true, NULL},
	    {"{\"a\": 1}", "{\"a\":1}\n", false, "{\"a\": 1}", false, NULL},
	    {"{\"a\": 1}", "{\"a\": 2}\n", false, "{\"a\": 1}", false, DIFFERENT},
	    {"{\"a\": 1}", "{}\n", false, "{\"a\": 1}", false, DIFFERENT},
	    {"{}", "{\"a\": 1}", false, "{}", false, DIFFERENT},
	    {"{\"a\": 1}", "{\"a\"", false, "{\"a\": 1}", false, DAMAGED},
	    {"{\"a\": 1}", "", false, "{\"a\": 1}", false, DAMAGED},
	    {"{\"a\": 1}", "7", false, "{\"a\": 1}", false, DAMAGED},
	    {"{\"a\"", "{}", false, NULL, false, "state in the warehouse: line 1, column 5: ':' is expected"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		choice_case test = cases[i];
		check_choice(&test);
		test.is_explicit = true;
		check_choice(&test);
	}
}

static void test_choose_with_a_file_that_is_too_long(void **unused)
{
	(void) unused;
	char *text = make_long_state(PAWL_STATE_MAX_BYTES + 1);
	write_file(PATH, text);
	free(text);
	pawl_state_choice choice = {0};
	FAILS(pawl_state_choose(NULL, PATH, true, &choice, &error), PAWL_INVALID,
	      "state: file '" PATH "' is longer than 10000000 bytes");
	OK(pawl_state_choose("{}", PATH, true, &choice, &error));
	assert_string_equal(choice.warning, DAMAGED);
	pawl_free(choice.text);
	pawl_free(choice.warning);
}

/* A file that cannot be read is no damaged file: nobody knows what it says. */
static void test_choose_with_a_folder(void **unused)
{
	(void) unused;
	assert_int_equal(mkdir(PATH, 0700), 0);
	pawl_state_choice choice = {0};
	FAILS(pawl_state_choose("{}", PATH, false, &choice, &error), PAWL_IO, "state: cannot read '" PATH "': Is a directory");
	FAILS(pawl_state_choose(NULL, PATH, true, &choice, &error), PAWL_IO, "state: cannot read '" PATH "': Is a directory");
}

static void test_write(void **unused)
{
	(void) unused;
	OK(pawl_state_write("new/folders/state.json", "{ \"a\":1 }", &error));
	char *text;
	size_t length;
	OK(pawl_file_read("new/folders/state.json", 100, &text, &length, &error));
	assert_string_equal(text, "{ \"a\":1 }\n");
	pawl_free(text);
	FAILS(pawl_state_write("new/folders", "{}", &error), PAWL_IO, "cannot write 'new/folders': it is not a regular file");
}

/* ---- a state from fields ---------------------------------------------------------------------------------------------- */

static void test_build(void **unused)
{
	(void) unused;
	const pawl_field fields[] = {
	    {"null", pawl_null()},
	    {"text", pawl_string("a \"b\"\n\xc3\xa9")},
	    {"no text", pawl_string(NULL)},
	    {"empty", pawl_string("")},
	    {"true", pawl_boolean(true)},
	    {"false", pawl_boolean(false)},
	    {"least", pawl_of(INT64_MIN)},
	    {"most", pawl_of(INT64_MAX)},
	    {"unsigned", pawl_of(UINT64_MAX)},
	    {"float", pawl_of(0.1f)},
	    {"double", pawl_of(0.1)},
	    {"large", pawl_of(1e300)},
	    {"decimal", pawl_decimal("12345678901234567890.10")},
	    {"date", pawl_naive_date(-1)},
	    {"naive", pawl_naive_datetime(1)},
	    {"instant", pawl_utc_datetime(1706742279000000)},
	    {"json", pawl_json("{\"b\": [1.50, null]}")},
	    {"xml", pawl_xml("<a b=\"c\"/>")},
	    {"a \"name\"", pawl_of(1)},
	};
	char *text;
	OK(pawl_state_build(fields, sizeof(fields) / sizeof(fields[0]), &text, &error));
	assert_string_equal(text, "{\"null\": null, \"text\": \"a \\\"b\\\"\\n\xc3\xa9\", \"no text\": null, \"empty\": \"\", \"true\": true, "
	                          "\"false\": false, \"least\": -9223372036854775808, \"most\": 9223372036854775807, "
	                          "\"unsigned\": \"18446744073709551615\", \"float\": 0.1, \"double\": 0.1, \"large\": 1e+300, "
	                          "\"decimal\": \"12345678901234567890.10\", \"date\": \"1969-12-31\", "
	                          "\"naive\": \"1970-01-01T00:00:00.000001\", \"instant\": \"2024-01-31T23:04:39Z\", "
	                          "\"json\": {\"b\": [1.50, null]}, \"xml\": \"<a b=\\\"c\\\"/>\", \"a \\\"name\\\"\": 1}");
	/* What was built can be kept and read back. */
	pawl_error failure;
	pawl_error_clear(&failure);
	pawl_state state;
	OK(pawl_state_parse("state", text, &failure, &state, &error));
	assert_string_equal(pawl_state_string(&state, "instant", ""), "2024-01-31T23:04:39Z");
	assert_true(pawl_state_integer(&state, "least", 0) == INT64_MIN);
	assert_int_equal(failure.status, PAWL_OK);
	pawl_state_clear(&state);
	pawl_free(text);

	OK(pawl_state_build(NULL, 0, &text, &error));
	assert_string_equal(text, "{}");
	pawl_free(text);
}

static void test_build_refuses(void **unused)
{
	(void) unused;
	const struct {
		pawl_field field;
		const char *message;
	} cases[] = {
	    {{NULL, pawl_of(1)}, "a field of the state has no name"},
	    {{"a", pawl_binary("ab", 2)}, "state: 'a': bytes cannot stand in a state"},
	    {{"a", pawl_of(NAN)}, "state: 'a': 'NaN' is not JSON: line 1, column 1: a value is expected"},
	    {{"a", pawl_json("{")}, "state: 'a': '{' is not JSON: line 1, column 2: a name in double quotes is expected"},
	    {{"a", pawl_string("\xff")}, "state: 'a': '\\xFF' is not a STRING: it is not valid UTF-8 at byte 1"},
	    {{"a", pawl_decimal("1,5")}, "state: 'a': '1,5' is not a STRING: it is not a decimal number"},
	    {{"a", {.kind = (pawl_value_kind) 99}}, "state: 'a': its value has the kind 99, which is none"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const pawl_field fields[] = {{"fine", pawl_of(1)}, cases[i].field};
		char *text = NULL;
		FAILS(pawl_state_build(fields, 2, &text, &error), PAWL_INVALID, cases[i].message);
		assert_null(text);
	}
}

/* ---- out of memory ---------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status choose_and_build(void *context, pawl_error *attempt_error)
{
	(void) context;
	pawl_state_choice choice = {0};
	PAWL_TRY(pawl_state_choose("{\"a\": 1}", PATH, true, &choice, attempt_error));
	pawl_free(choice.text);
	pawl_free(choice.warning);
	const pawl_field fields[] = {{"a", pawl_of(1)}, {"b", pawl_decimal("1.5")}, {"c", pawl_string("a text of some length")}};
	char *text;
	PAWL_TRY(pawl_state_build(fields, 3, &text, attempt_error));
	pawl_status status = pawl_state_write("copy.json", text, attempt_error);
	pawl_free(text);
	return status;
}

static void test_out_of_memory(void **unused)
{
	(void) unused;
	write_file(PATH, "{\"a\": 2}");
	assert_in_range(refuse_every_allocation(choose_and_build, NULL), 15, 100);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_keeps_every_byte),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_limit),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_getters_of_another_type),
		cmocka_unit_test_setup_teardown(test_choose_for_a_new_warehouse, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_choose_for_a_warehouse_with_state, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_choose_with_a_file_that_is_too_long, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_choose_with_a_folder, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_write, enter_folder, leave_folder),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_build_refuses),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test_setup_teardown(test_out_of_memory, enter_folder, leave_folder),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
