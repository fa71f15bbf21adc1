#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/terminal.h"

static void assert_plain(pawl_terminal terminal)
{
	assert_false(terminal.is_live);
	assert_false(terminal.has_colors);
	assert_int_equal(terminal.width, 0);
	assert_int_equal(terminal.height, 0);
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_RED), "");
}

static void only_a_terminal_that_understands_is_live(void **state)
{
	(void) state;
	assert_plain(pawl_terminal_decide(false, 100, 30, "xterm", NULL));
	assert_plain(pawl_terminal_decide(true, 100, 30, "dumb", NULL));
	assert_plain(pawl_terminal_decide(true, 100, 30, "", NULL));
	assert_plain(pawl_terminal_decide(true, 100, 30, NULL, NULL));

	pawl_terminal terminal = pawl_terminal_decide(true, 100, 30, "xterm", NULL);
	assert_true(terminal.is_live);
	assert_true(terminal.has_colors);
	assert_int_equal(terminal.width, 100);
	assert_int_equal(terminal.height, 30);
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_RED), "\x1b[31m");
	assert_string_equal(pawl_terminal_color(&terminal, PAWL_COLOR_NONE), "\x1b[0m");
}

static void no_color_takes_the_colours_alone(void **state)
{
	(void) state;
	pawl_terminal terminal = pawl_terminal_decide(true, 100, 30, "xterm", "1");
	assert_true(terminal.is_live);
	assert_false(terminal.has_colors);
	assert_true(pawl_terminal_decide(true, 100, 30, "xterm", "").has_colors);
}

static void an_unknown_size_is_80_by_24(void **state)
{
	(void) state;
	pawl_terminal terminal = pawl_terminal_decide(true, 0, 0, "xterm", NULL);
	assert_int_equal(terminal.width, 80);
	assert_int_equal(terminal.height, 24);
}

static void a_window_may_be_resized(void **state)
{
	(void) state;
	int master, slave;
	struct winsize size = {.ws_col = 100, .ws_row = 30};
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	FILE *stream = fdopen(slave, "w");
	assert_non_null(stream);
	pawl_terminal terminal = pawl_terminal_decide(true, 0, 0, "xterm", NULL);
	pawl_terminal_measure(&terminal, stream);
	assert_int_equal(terminal.width, 100);
	assert_int_equal(terminal.height, 30);
	size = (struct winsize){.ws_col = 20};
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	pawl_terminal_measure(&terminal, stream);
	assert_int_equal(terminal.width, 20);
	assert_int_equal(terminal.height, 30); /* 0 is not known */
	fclose(stream);
	close(master);
}

static void a_file_is_plain(void **state)
{
	(void) state;
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_plain(pawl_terminal_detect(file));
	pawl_terminal terminal = pawl_terminal_decide(true, 100, 30, "xterm", NULL);
	pawl_terminal_measure(&terminal, file);
	assert_int_equal(terminal.width, 100);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_terminal_that_understands_is_live),
		cmocka_unit_test(no_color_takes_the_colours_alone),
		cmocka_unit_test(an_unknown_size_is_80_by_24),
		cmocka_unit_test(a_window_may_be_resized),
		cmocka_unit_test(a_file_is_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
