#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"

static void appends_of_all_kinds_follow_each_other(void **state)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};
	pawl_error error;

	(void) state;
	assert_string_equal(pawl_buffer_text(&buffer), "");
	pawl_buffer_append(&buffer, "a");
	pawl_buffer_append_bytes(&buffer, "bcd", 2);
	pawl_buffer_append_bytes(&buffer, NULL, 0);
	pawl_buffer_append_character(&buffer, 'd');
	pawl_buffer_appendf(&buffer, "%d-%s", 12, "e");
	assert_string_equal(pawl_buffer_text(&buffer), "abcd12-e");
	assert_int_equal(buffer.length, 8);
	assert_int_equal(pawl_buffer_status(&buffer, &error), PAWL_OK);
}

static void it_grows(void **state)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};

	(void) state;
	for (int i = 0; i < 10000; i++)
		pawl_buffer_append_character(&buffer, (char) ('a' + i % 26));
	assert_int_equal(buffer.length, 10000);
	assert_int_equal(strlen(buffer.text), 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buffer.text[i], 'a' + i % 26);
	pawl_buffer_appendf(&buffer, "%20000d", 7);
	assert_int_equal(buffer.length, 30000);
	assert_int_equal(buffer.text[29999], '7');
}

static void names_and_literals_are_quoted(void **state)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};

	(void) state;
	pawl_buffer_append_identifier(&buffer, "order");
	pawl_buffer_append_identifier(&buffer, "\"a\"\"b'");
	pawl_buffer_append_identifier(&buffer, "");
	pawl_buffer_append_literal(&buffer, "it's \"'");
	assert_string_equal(buffer.text, "\"order\"" "\"\"\"a\"\"\"\"b'\"" "\"\"" "'it''s \"'''");
}

static void assert_json(const char *text, size_t length, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};

	pawl_buffer_append_json(&buffer, text, length);
	assert_string_equal(pawl_buffer_text(&buffer), expected);
}

static void json_strings_are_escaped(void **state)
{
	(void) state;
	assert_json("", 0, "\"\"");
	assert_json(NULL, 0, "\"\"");
	assert_json("plain", 5, "\"plain\"");
	assert_json("a\"b\\c\nd\re\tf\bg\fh", 17 - 2, "\"a\\\"b\\\\c\\nd\\re\\tf\\u0008g\\u000ch\"");
	assert_json("\0\x1f\x7f", 3, "\"\\u0000\\u001f\x7f\"");
	assert_json("\u00e9\u20ac\U0001f600/", 10, "\"\u00e9\u20ac\U0001f600/\"");
	assert_json("\n\n", 2, "\"\\n\\n\"");
}

static void what_is_not_utf8_is_replaced_in_json(void **state)
{
	(void) state;
	assert_json("a\xff" "b\xc3", 4, "\"a\ufffdb\ufffd\"");
	assert_json("\xed\xa0\x80", 3, "\"\ufffd\ufffd\ufffd\"");
}

static void clear_keeps_the_memory(void **state)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};
	const char *text;

	(void) state;
	pawl_buffer_clear(&buffer);
	assert_string_equal(pawl_buffer_text(&buffer), "");
	pawl_buffer_append(&buffer, "abc");
	text = buffer.text;
	pawl_buffer_clear(&buffer);
	assert_string_equal(pawl_buffer_text(&buffer), "");
	assert_int_equal(buffer.length, 0);
	pawl_buffer_append(&buffer, "d");
	assert_ptr_equal(buffer.text, text);
	assert_string_equal(text, "d");
}

static void take_hands_over_and_empties(void **state)
{
	pawl_buffer buffer = {0};
	char *text;

	(void) state;
	text = pawl_buffer_take(&buffer);
	assert_string_equal(text, "");
	pawl_free(text);

	pawl_buffer_append(&buffer, "abc");
	text = pawl_buffer_take(&buffer);
	assert_string_equal(text, "abc");
	assert_null(buffer.text);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(buffer.capacity, 0);
	pawl_free(text);
}

static void a_failure_is_kept_until_cleared(void **state)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};
	pawl_error error;

	(void) state;
	pawl_buffer_append(&buffer, "before");
	pawl_buffer_append_bytes(&buffer, "x", SIZE_MAX);
	pawl_buffer_append(&buffer, "after");
	assert_string_equal(buffer.text, "before");
	assert_int_equal(pawl_buffer_status(&buffer, &error), PAWL_OUT_OF_MEMORY);
	assert_string_equal(error.message, "out of memory");

	pawl_buffer_clear(&buffer);
	pawl_buffer_append(&buffer, "new");
	assert_int_equal(pawl_buffer_status(&buffer, &error), PAWL_OK);
	assert_string_equal(buffer.text, "new");

	pawl_buffer_appendf(&buffer, "%lc", (wint_t) 0x7ffffff0);
	assert_int_equal(pawl_buffer_status(&buffer, &error), PAWL_OUT_OF_MEMORY);
	assert_null(pawl_buffer_take(&buffer));
	assert_null(buffer.text);
	assert_false(buffer.has_failed);
}

#ifdef PAWL_TEST_HOOKS

static void append_everything(pawl_buffer *buffer)
{
	pawl_buffer_append_identifier(buffer, "name");
	pawl_buffer_append_literal(buffer, "literal");
	for (int i = 0; i < 100; i++)
		pawl_buffer_appendf(buffer, "%05d", i);
	pawl_buffer_append_json(buffer, "a\nb\xff", 4);
}

static void every_refused_allocation_is_said(void **state)
{
	pawl_error error;
	pawl_status status;
	long n = 0;

	(void) state;
	do {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};

		pawl_memory_fail_at(++n);
		append_everything(&buffer);
		pawl_memory_fail_at(0);
		status = pawl_buffer_status(&buffer, &error);
		if (status == PAWL_OK)
			assert_int_equal(buffer.length, 6 + 9 + 500 + 9);
		else
			assert_int_equal(status, PAWL_OUT_OF_MEMORY);
	} while (status != PAWL_OK);
	assert_in_range(n, 4, 20);

	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer empty = {0};
	pawl_memory_fail_at(1);
	assert_null(pawl_buffer_take(&empty));
	pawl_memory_fail_at(0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_of_all_kinds_follow_each_other),
		cmocka_unit_test(it_grows),
		cmocka_unit_test(names_and_literals_are_quoted),
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(what_is_not_utf8_is_replaced_in_json),
		cmocka_unit_test(clear_keeps_the_memory),
		cmocka_unit_test(take_hands_over_and_empties),
		cmocka_unit_test(a_failure_is_kept_until_cleared),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_refused_allocation_is_said),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
