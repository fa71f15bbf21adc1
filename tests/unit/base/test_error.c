#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "base/error.h"

static pawl_status give(pawl_status status)
{
	return status;
}

static pawl_status try_both(pawl_status first, pawl_status second, int *ret_passed)
{
	PAWL_TRY(give(first));
	(*ret_passed)++;
	PAWL_TRY(give(second));
	(*ret_passed)++;
	return PAWL_OK;
}

static void try_leaves_at_the_first_failure(void **state)
{
	int passed = 0;

	(void) state;
	assert_int_equal(try_both(PAWL_IO, PAWL_INVALID, &passed), PAWL_IO);
	assert_int_equal(passed, 0);
	assert_int_equal(try_both(PAWL_OK, PAWL_INVALID, &passed), PAWL_INVALID);
	assert_int_equal(passed, 1);
	assert_int_equal(try_both(PAWL_OK, PAWL_OK, &passed), PAWL_OK);
	assert_int_equal(passed, 3);
}

static void every_status_has_a_name(void **state)
{
	static const char *const names[] = {"ok", "invalid", "not found", "out of memory", "input or output", "database",
	                                    "connector", "interrupted", "internal"};

	(void) state;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(pawl_status_name((pawl_status) i), names[i]);
	assert_string_equal(pawl_status_name((pawl_status) (PAWL_INTERNAL + 1)), "unknown");
	assert_string_equal(pawl_status_name((pawl_status) -1), "unknown");
}

static void set_replaces_everything(void **state)
{
	pawl_error error = {PAWL_DATABASE, true, "40001", "old", "old hint"};

	(void) state;
	assert_int_equal(pawl_error_set(&error, PAWL_INVALID, "'--rows' is '%d', below 0", -7), PAWL_INVALID);
	assert_int_equal(error.status, PAWL_INVALID);
	assert_false(error.is_retryable);
	assert_string_equal(error.sqlstate, "");
	assert_string_equal(error.message, "'--rows' is '-7', below 0");
	assert_string_equal(error.hint, "");
}

static void clear_forgets_everything(void **state)
{
	pawl_error error = {PAWL_DATABASE, true, "40001", "old", "old hint"};

	(void) state;
	pawl_error_clear(&error);
	assert_int_equal(error.status, PAWL_OK);
	assert_false(error.is_retryable);
	assert_string_equal(error.sqlstate, "");
	assert_string_equal(error.message, "");
	assert_string_equal(error.hint, "");
}

static void set_takes_its_own_message_as_argument(void **state)
{
	pawl_error error;

	(void) state;
	pawl_error_set(&error, PAWL_IO, "inner");
	pawl_error_set(&error, PAWL_IO, "outer: %s", error.message);
	assert_string_equal(error.message, "outer: inner");
	pawl_error_hint(&error, "try");
	pawl_error_hint(&error, "%s again", error.hint);
	assert_string_equal(error.hint, "try again");
}

static void hint_and_prefix_keep_the_rest(void **state)
{
	pawl_error error;

	(void) state;
	pawl_error_set(&error, PAWL_NOT_FOUND, "'x' is missing");
	assert_int_equal(pawl_error_hint(&error, "add %d", 1), PAWL_NOT_FOUND);
	assert_int_equal(pawl_error_prefix(&error, "column '%s': ", "price"), PAWL_NOT_FOUND);
	assert_int_equal(pawl_error_prefix(&error, "table '%s': ", "orders"), PAWL_NOT_FOUND);
	assert_string_equal(error.message, "table 'orders': column 'price': 'x' is missing");
	assert_string_equal(error.hint, "add 1");
}

/* `filler` letters and then `tail`, as a message; its length after the cut. */
static size_t length_after_cut(size_t filler, const char *tail)
{
	char text[sizeof(((pawl_error *) NULL)->message) + 16];
	pawl_error error;

	memset(text, 'a', filler);
	strcpy(text + filler, tail);
	pawl_error_set(&error, PAWL_INVALID, "%s", text);
	assert_memory_equal(error.message, text, strlen(error.message));
	return strlen(error.message);
}

static void long_text_is_cut_between_characters(void **state)
{
	const size_t most = sizeof(((pawl_error *) NULL)->message) - 1;

	(void) state;
	assert_int_equal(length_after_cut(most, ""), most);
	assert_int_equal(length_after_cut(most + 1, ""), most);
	assert_int_equal(length_after_cut(most - 2, "\u00e9"), most);      /* fits */
	assert_int_equal(length_after_cut(most - 2, "\u00e9z"), most);     /* ends at the cut */
	assert_int_equal(length_after_cut(most - 1, "\u00e9"), most - 1);  /* 1 of 2 bytes */
	assert_int_equal(length_after_cut(most - 3, "\u20acz"), most);     /* ends at the cut */
	assert_int_equal(length_after_cut(most - 2, "\u20ac"), most - 2);  /* 2 of 3 bytes */
	assert_int_equal(length_after_cut(most - 1, "\u20ac"), most - 1);
	assert_int_equal(length_after_cut(most - 4, "\U0001f600z"), most); /* ends at the cut */
	assert_int_equal(length_after_cut(most - 3, "\U0001f600"), most - 3);
	assert_int_equal(length_after_cut(most - 1, "\U0001f600"), most - 1);
	assert_int_equal(length_after_cut(most - 3, "\x80\x80\x80\x80"), most); /* no character at all: cut as bytes */
}

static void prefix_cuts_between_characters(void **state)
{
	char text[sizeof(((pawl_error *) NULL)->message)];
	pawl_error error;

	(void) state;
	memset(text, 'a', sizeof(text) - 3);
	strcpy(text + sizeof(text) - 3, "\u00e9");
	pawl_error_set(&error, PAWL_INVALID, "%s", text);
	assert_int_equal(strlen(error.message), sizeof(text) - 1);
	pawl_error_prefix(&error, "b");
	assert_int_equal(strlen(error.message), sizeof(text) - 2);
	assert_int_equal(error.message[0], 'b');
	assert_int_equal(error.message[sizeof(text) - 3], 'a');
}

static void long_hint_is_cut(void **state)
{
	char text[sizeof(((pawl_error *) NULL)->hint) + 1];
	pawl_error error;

	(void) state;
	memset(text, 'h', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pawl_error_set(&error, PAWL_INVALID, "m");
	pawl_error_hint(&error, "%s", text);
	assert_int_equal(strlen(error.hint), sizeof(error.hint) - 1);
}

static void what_cannot_be_printed_leaves_the_format(void **state)
{
	pawl_error error;

	(void) state;
	pawl_error_set(&error, PAWL_INVALID, "wide '%lc'", (wint_t) 0x7ffffff0);
	assert_string_equal(error.message, "wide '%lc'");
}

static void out_of_memory_says_so(void **state)
{
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_error_out_of_memory(&error), PAWL_OUT_OF_MEMORY);
	assert_int_equal(error.status, PAWL_OUT_OF_MEMORY);
	assert_string_equal(error.message, "out of memory");
	assert_string_equal(error.hint, "raise the memory limit of the process or its container, or stop other programs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(try_leaves_at_the_first_failure),
		cmocka_unit_test(every_status_has_a_name),
		cmocka_unit_test(set_replaces_everything),
		cmocka_unit_test(clear_forgets_everything),
		cmocka_unit_test(set_takes_its_own_message_as_argument),
		cmocka_unit_test(hint_and_prefix_keep_the_rest),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(prefix_cuts_between_characters),
		cmocka_unit_test(long_hint_is_cut),
		cmocka_unit_test(what_cannot_be_printed_leaves_the_format),
		cmocka_unit_test(out_of_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
