#include "base/error.h"
#include "base/memory.h"
#include "report/failure.h"
#include "support.h"

static void assert_printed(const pawl_error *error, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_failure_print(output.out, error);
	assert_string_equal(capture_text(&output), expected);
}

static void an_error_has_a_hint_or_none(void **state)
{
	(void) state;
	pawl_error error;
	pawl_error_set(&error, PAWL_INVALID, "table 'orders': no such column 'prise'");
	assert_printed(&error, "error: table 'orders': no such column 'prise'\n");
	pawl_error_hint(&error, "did you mean 'price'?");
	assert_printed(&error, "error: table 'orders': no such column 'prise'\nhint: did you mean 'price'?\n");
}

static void lines_stay_lines_and_escapes_are_shown(void **state)
{
	(void) state;
	pawl_error error;
	pawl_error_set(&error, PAWL_DATABASE, "syntax error\nLINE 1: SELEC\x1b\n        ^");
	assert_printed(&error, "error: syntax error\nLINE 1: SELEC\\x1b\n        ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_has_a_hint_or_none),
		cmocka_unit_test(lines_stay_lines_and_escapes_are_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
