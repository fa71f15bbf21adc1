#include "connector/configuration.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "support.h"

static pawl_error error;
static pawl_error failure; /* of the getters */

static pawl_status parse(const char *text, pawl_configuration *ret_configuration)
{
	pawl_error_clear(&failure);
	return pawl_configuration_parse("configuration 'a.json'", text, strlen(text), &failure, ret_configuration, &error);
}

/* ---- rules ------------------------------------------------------------------------------------------------------------ */

static void test_rules(void **unused)
{
	(void) unused;
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"", "configuration 'a.json': line 1, column 1: a value is expected"},
	    {"[]", "configuration 'a.json': an array, where an object is expected"},
	    {"{\"password\": \"hunter22\"\n  \"a\": \"b\"}", "configuration 'a.json': line 2, column 3: ',' or '}' is expected"},
	    {"{\"password\": hunter22}", "configuration 'a.json': line 1, column 14: a value is expected"},
	    {"{\"password\": \"hunter22\", \"password\": \"hunter23\"}",
	     "configuration 'a.json': line 1, column 35: duplicate object key near '\"password\"'"},
	    {"{\"pin\": 12345678}", "configuration 'a.json': the value of 'pin' is not a string"},
	    {"{\"pin\": true}", "configuration 'a.json': the value of 'pin' is not a string"},
	    {"{\"pin\": null}", "configuration 'a.json': the value of 'pin' is not a string"},
	    {"{\"pin\": [\"hunter22\"]}", "configuration 'a.json': the value of 'pin' is not a string"},
	    {"{\"pin\": {\"a\": \"hunter22\"}}", "configuration 'a.json': the value of 'pin' is not a string"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pawl_configuration configuration = {0};
		FAILS(parse(cases[i].text, &configuration), PAWL_INVALID, cases[i].message);
		assert_null(strstr(error.hint, "hunter"));
		assert_null(configuration.root);
		assert_null(configuration.secrets.secrets);
	}
	assert_string_equal(error.hint, "every value must be a string: put numbers and true or false in double quotes");
}

static void test_number_of_keys(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	for (int i = 0; i < PAWL_CONFIGURATION_MAX_KEYS; i++)
		pawl_buffer_appendf(&text, "%c\"key%d\": \"%d\"", i == 0 ? '{' : ',', i, i);
	pawl_buffer_append(&text, "}");
	pawl_configuration configuration;
	OK(parse(pawl_buffer_text(&text), &configuration));
	assert_int_equal(pawl_configuration_integer(&configuration, "key99", 0), 99);
	pawl_configuration_clear(&configuration);

	text.length--;
	pawl_buffer_append(&text, ", \"one more\": \"\"}");
	FAILS(parse(pawl_buffer_text(&text), &configuration), PAWL_INVALID, "configuration 'a.json': it has 101 keys, more than 100");
	assert_string_equal(error.hint, "move settings that are not secret or changing into the connector's code");
}

/* ---- secrets ---------------------------------------------------------------------------------------------------------- */

static void assert_masked(const pawl_configuration *configuration, const char *text, const char *expected)
{
	char *copy = strdup(text);
	pawl_redaction_apply(&configuration->secrets, copy);
	assert_string_equal(copy, expected);
	free(copy);
}

static void test_secrets(void **unused)
{
	(void) unused;
	pawl_configuration configuration;
	OK(parse("{\"password\": \"hunter22\", \"API-Key\": \"a\\\"b\\\\cd\", \"region\": \"eu-west\", \"token\": \"abc\"}", &configuration));
	assert_masked(&configuration, "hunter22 in eu-west", "******** in eu-west");
	assert_masked(&configuration, "key a\"b\\cd, in JSON a\\\"b\\\\cd", "key ******, in JSON ********");
	assert_masked(&configuration, "abc is too short to be told from other text", "abc is too short to be told from other text");
	assert_int_equal(configuration.secrets.count, 3); /* the key as it is, and as it stands in JSON */
	pawl_configuration_clear(&configuration);
	assert_null(configuration.root);
	assert_int_equal(configuration.secrets.count, 0);
	pawl_configuration_clear(&configuration);
}

/* ---- the getters ------------------------------------------------------------------------------------------------------ */

static void test_getters(void **unused)
{
	(void) unused;
	pawl_configuration configuration;
	OK(parse("{\"text\": \"t\xc3\xa9xt\", \"empty\": \"\", \"least\": \"-9223372036854775808\", \"yes\": \"True\", \"no\": \"FALSE\"}",
	         &configuration));
	assert_string_equal(pawl_configuration_string(&configuration, "text", "other"), "t\xc3\xa9xt");
	assert_string_equal(pawl_configuration_string(&configuration, "empty", "other"), "");
	assert_string_equal(pawl_configuration_string(&configuration, "missing", "other"), "other");
	assert_null(pawl_configuration_string(&configuration, "missing", NULL));
	assert_string_equal(pawl_configuration_require(&configuration, "text"), "t\xc3\xa9xt");
	assert_string_equal(pawl_configuration_require(&configuration, "empty"), "");
	assert_true(pawl_configuration_integer(&configuration, "least", 7) == INT64_MIN);
	assert_int_equal(pawl_configuration_integer(&configuration, "missing", 7), 7);
	assert_true(pawl_configuration_boolean(&configuration, "yes", false));
	assert_false(pawl_configuration_boolean(&configuration, "no", true));
	assert_true(pawl_configuration_boolean(&configuration, "missing", true));
	assert_false(pawl_configuration_boolean(&configuration, "missing", false));
	assert_int_equal(failure.status, PAWL_OK);
	pawl_configuration_clear(&configuration);
}

/* Errors name the key, and never the value. */
static void test_getters_fail(void **unused)
{
	(void) unused;
	static const char *const not_integers[] = {"", "hunter22", "1.5", "9223372036854775808", " 1", "1 "};
	pawl_configuration configuration;
	for (size_t i = 0; i < sizeof(not_integers) / sizeof(not_integers[0]); i++) {
		char text[64];
		snprintf(text, sizeof(text), "{\"a\": \"%s\"}", not_integers[i]);
		OK(parse(text, &configuration));
		assert_int_equal(pawl_configuration_integer(&configuration, "a", 7), 7);
		assert_int_equal(failure.status, PAWL_INVALID);
		assert_string_equal(failure.message, "configuration: the value of 'a' is not an integer of at most 64 bits");

		/* The first error stays. */
		assert_false(pawl_configuration_boolean(&configuration, "a", true));
		assert_string_equal(pawl_configuration_require(&configuration, "missing"), "");
		assert_string_equal(failure.message, "configuration: the value of 'a' is not an integer of at most 64 bits");
		pawl_configuration_clear(&configuration);
	}

	OK(parse("{\"a\": \"yes\"}", &configuration));
	assert_false(pawl_configuration_boolean(&configuration, "a", true));
	assert_int_equal(failure.status, PAWL_INVALID);
	assert_string_equal(failure.message, "configuration: the value of 'a' is not true or false");

	pawl_error_clear(&failure);
	assert_string_equal(pawl_configuration_require(&configuration, "host"), "");
	assert_int_equal(failure.status, PAWL_INVALID);
	assert_string_equal(failure.message, "configuration: 'host' is missing");
	assert_string_equal(failure.hint, "add \"host\": \"...\" to configuration.json, or name the file with --configuration");
	pawl_configuration_clear(&configuration);
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static void assert_loaded(const char *path, const char *from)
{
	pawl_configuration configuration;
	OK(pawl_configuration_load(path, &failure, &configuration, &error));
	assert_string_equal(pawl_configuration_string(&configuration, "from", "nowhere"), from);
	pawl_configuration_clear(&configuration);
}

static void test_where_it_is_looked_for(void **unused)
{
	(void) unused;
	unsetenv("FIVETRAN_CONFIGURATION");
	assert_loaded(NULL, "nowhere");
	write_file("configuration.json", "{\"from\": \"the folder\"}");
	assert_loaded(NULL, "the folder");
	write_file("other.json", "{\"from\": \"the environment\"}");
	setenv("FIVETRAN_CONFIGURATION", "other.json", 1);
	assert_loaded(NULL, "the environment");
	write_file("given.json", "{\"from\": \"the option\"}");
	assert_loaded("given.json", "the option");

	pawl_configuration configuration = {0};
	setenv("FIVETRAN_CONFIGURATION", "missing.json", 1);
	FAILS(pawl_configuration_load(NULL, &failure, &configuration, &error), PAWL_NOT_FOUND,
	      "configuration: cannot open 'missing.json': No such file or directory");
	unsetenv("FIVETRAN_CONFIGURATION");
	FAILS(pawl_configuration_load("gone.json", &failure, &configuration, &error), PAWL_NOT_FOUND,
	      "configuration: cannot open 'gone.json': No such file or directory");
	write_file("bad.json", "{\n\"a\": 1}");
	FAILS(pawl_configuration_load("bad.json", &failure, &configuration, &error), PAWL_INVALID,
	      "configuration 'bad.json': the value of 'a' is not a string");
	write_file("configuration.json", "{\n\"a\" \"b\"}");
	FAILS(pawl_configuration_load(NULL, &failure, &configuration, &error), PAWL_INVALID,
	      "configuration 'configuration.json': line 2, column 5: ':' is expected");
	assert_null(configuration.root);
}

static void test_length(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_buffer_append(&text, "{}");
	while (text.length < PAWL_CONFIGURATION_MAX_BYTES)
		pawl_buffer_append(&text, " ");
	pawl_configuration configuration;
	write_file("long.json", pawl_buffer_text(&text));
	assert_loaded("long.json", "nowhere");
	pawl_buffer_append(&text, " ");
	write_file("long.json", pawl_buffer_text(&text));
	FAILS(pawl_configuration_load("long.json", &failure, &configuration, &error), PAWL_INVALID,
	      "configuration: file 'long.json' is longer than 1048576 bytes");
}

/* ---- out of memory ---------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status load(void *context, pawl_error *attempt_error)
{
	(void) context;
	pawl_configuration configuration = {0};
	pawl_status status = pawl_configuration_load("a.json", &failure, &configuration, attempt_error);
	pawl_configuration_clear(&configuration);
	return status;
}

static void test_out_of_memory(void **unused)
{
	(void) unused;
	write_file("a.json", "{\"password\": \"hunter\\\"22\", \"token\": \"hunter23\", \"region\": \"eu\"}");
	assert_in_range(refuse_every_allocation(load, NULL), 15, 100);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_number_of_keys),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_getters),
		cmocka_unit_test(test_getters_fail),
		cmocka_unit_test_setup_teardown(test_where_it_is_looked_for, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_length, enter_folder, leave_folder),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test_setup_teardown(test_out_of_memory, enter_folder, leave_folder),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
