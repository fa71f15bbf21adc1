#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "report/fields.h"
#include "support.h"

static void commas_stand_between_members(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "a", "{");
	pawl_fields_append_text(&json, "b", NULL);
	pawl_fields_append_text(&json, "c", "");
	pawl_fields_append_name(&json, "d");
	pawl_buffer_append(&json, "{");
	pawl_fields_append_integer(&json, "e", INT64_MIN);
	pawl_buffer_append(&json, "}");
	pawl_fields_append_integer(&json, "f", INT64_MAX);
	assert_string_equal(pawl_buffer_text(&json), "{\"a\":\"{\",\"b\":null,\"c\":\"\",\"d\":{\"e\":-9223372036854775808},"
	                                             "\"f\":9223372036854775807");
}

static void what_is_not_known_is_null(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append(&json, "{");
	pawl_fields_append_known(&json, "a", -1);
	pawl_fields_append_known(&json, "b", 0);
	pawl_fields_append_boolean(&json, "c", true);
	pawl_fields_append_boolean(&json, "d", false);
	pawl_fields_append_time(&json, "e", 0);
	pawl_fields_append_time(&json, "f", INT64_C(1710607229500000));
	assert_string_equal(pawl_buffer_text(&json), "{\"a\":null,\"b\":0,\"c\":true,\"d\":false,\"e\":null,"
	                                             "\"f\":\"2024-03-16T16:40:29.5Z\"");
}

static void assert_seconds(int64_t us, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_fields_append_seconds(&json, "s", us);
	assert_string_equal(pawl_buffer_text(&json), expected);
}

static void seconds_have_six_decimals(void **state)
{
	(void) state;
	assert_seconds(0, ",\"s\":0.000000");
	assert_seconds(80, ",\"s\":0.000080");
	assert_seconds(INT64_C(3723000001), ",\"s\":3723.000001");
}

static void assert_error(const pawl_error *error, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_fields_append_error(&json, "error", error);
	assert_string_equal(pawl_buffer_text(&json), expected);
}

static void an_error_may_have_less_to_say(void **state)
{
	(void) state;
	pawl_error error;
	assert_error(NULL, ",\"error\":null");
	pawl_error_set(&error, PAWL_OUT_OF_MEMORY, "no \"memory\"");
	assert_error(&error, ",\"error\":{\"status\":\"out of memory\",\"message\":\"no \\\"memory\\\"\",\"hint\":null,"
	                     "\"sqlstate\":null,\"retryable\":false}");
	pawl_error_hint(&error, "wait");
	strcpy(error.sqlstate, "53200");
	error.is_retryable = true;
	assert_error(&error, ",\"error\":{\"status\":\"out of memory\",\"message\":\"no \\\"memory\\\"\",\"hint\":\"wait\","
	                     "\"sqlstate\":\"53200\",\"retryable\":true}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_members),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(seconds_have_six_decimals),
		cmocka_unit_test(an_error_may_have_less_to_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
