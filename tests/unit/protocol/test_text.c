#include "protocol/grpc/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_timeout(const char *text, int64_t expected_us)
{
	int64_t us = -1;
	assert_int_equal(pawl_grpc_parse_timeout(text, strlen(text), &us), expected_us >= 0);
	assert_true(us == expected_us);
}

static void test_timeouts(void **state)
{
	(void) state;
	assert_timeout("250m", 250000);
	assert_timeout("1H", INT64_C(3600000000));
	assert_timeout("2M", INT64_C(120000000));
	assert_timeout("3S", 3000000);
	assert_timeout("7u", 7);
	assert_timeout("1999n", 1);
	assert_timeout("99999999H", INT64_C(359999996400000000));
	assert_timeout("0S", 0);
	assert_timeout("", -1);
	assert_timeout("S", -1);
	assert_timeout("5", -1);
	assert_timeout("1x", -1);
	assert_timeout("-1S", -1);
	assert_timeout("123456789S", -1); /* nine digits */
}

static void test_messages_are_escaped_and_unescaped(void **state)
{
	(void) state;
	pawl_buffer escaped = {0}, back = {0};
	pawl_grpc_append_message(&escaped, "100 % gr\xc3\xbc\xc3\x9f\n");
	assert_string_equal(escaped.text, "100 %25 gr%C3%BC%C3%9F%0A");
	pawl_grpc_append_unescaped(&back, escaped.text, escaped.length);
	assert_string_equal(back.text, "100 % gr\xc3\xbc\xc3\x9f\n");
	pawl_buffer_clear(&back);
	pawl_grpc_append_unescaped(&back, "%4", 2);
	pawl_grpc_append_unescaped(&back, "%zz%41%", 7);
	assert_string_equal(back.text, "%4%zzA%");
	pawl_buffer_free(&escaped);
	pawl_buffer_free(&back);
}

static void test_lists(void **state)
{
	(void) state;
	static const char list[] = "identity, deflate,gzip";
	assert_true(pawl_grpc_list_has(list, strlen(list), "gzip"));
	assert_true(pawl_grpc_list_has(list, strlen(list), "identity"));
	assert_false(pawl_grpc_list_has(list, strlen(list), "zip"));
	assert_false(pawl_grpc_list_has("", 0, "gzip"));
}

static void test_names_of_codes(void **state)
{
	(void) state;
	assert_string_equal(pawl_grpc_code_name(PAWL_GRPC_OK), "OK");
	assert_string_equal(pawl_grpc_code_name(PAWL_GRPC_UNAVAILABLE), "UNAVAILABLE");
	assert_string_equal(pawl_grpc_code_name(16), "UNAUTHENTICATED");
	assert_null(pawl_grpc_code_name(17));
	assert_null(pawl_grpc_code_name(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_messages_are_escaped_and_unescaped),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_names_of_codes),
	};
	return cmocka_run_group_tests_name("protocol/text", tests, NULL, NULL);
}
