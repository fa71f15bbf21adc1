#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/terminal.h"

static void assert_plain(pawl_terminal terminal)
{
	assert_false(terminal.is_live);
	assert_false(terminal.has_colors);
	assert_int_equal(terminal.width, 0);
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_RED), "");
}

static void only_a_terminal_that_understands_is_live(void **state)
{
	(void) state;
	assert_plain(pawl_terminal_decide(false, 100, "xterm", NULL));
	assert_plain(pawl_terminal_decide(true, 100, "dumb", NULL));
	assert_plain(pawl_terminal_decide(true, 100, "", NULL));
	assert_plain(pawl_terminal_decide(true, 100, NULL, NULL));

	pawl_terminal terminal = pawl_terminal_decide(true, 100, "xterm", NULL);
	assert_true(terminal.is_live);
	assert_true(terminal.has_colors);
	assert_int_equal(terminal.width, 100);
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_RED), "\x1b[31m");
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_NONE), "\x1b[0m");
}

static void no_color_takes_the_colours_alone(void **state)
{
	(void) state;
	pawl_terminal terminal = pawl_terminal_decide(true, 100, "xterm", "1");
	assert_true(terminal.is_live);
	assert_false(terminal.has_colors);
	assert_true(pawl_terminal_decide(true, 100, "xterm", "").has_colors);
}

static void an_unknown_width_is_80(void **state)
{
	(void) state;
	assert_int_equal(pawl_terminal_decide(true, 0, "xterm", NULL).width, 80);
}

static void a_file_is_plain(void **state)
{
	(void) state;
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_plain(pawl_terminal_detect(file));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_terminal_that_understands_is_live),
		cmocka_unit_test(no_color_takes_the_colours_alone),
		cmocka_unit_test(an_unknown_width_is_80),
		cmocka_unit_test(a_file_is_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
