#include "base/memory.h"
#include "report/line.h"
#include "support.h"

static void assert_line(const pawl_terminal *terminal, pawl_color color, const char *text, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_line_begin(output.out, terminal, INT64_C(1710607229123999), "WARNING", color);
	pawl_line_print(output.out, text);
	pawl_line_end(output.out);
	assert_string_equal(output.kept->text, expected); /* it was flushed */
}

static void a_line_has_its_time_and_level(void **state)
{
	(void) state;
	const pawl_terminal plain = {0}, colored = {.is_live = true, .has_colors = true};
	assert_line(&plain, PAWL_COLOR_YELLOW, "look", "16:40:29.123 WARNING  look\n");
	assert_line(&colored, PAWL_COLOR_YELLOW, "look", "16:40:29.123 \x1b[33mWARNING \x1b[0m look\n");
	assert_line(&colored, PAWL_COLOR_NONE, "look", "16:40:29.123 WARNING  look\n");
}

static void text_of_others_stays_on_it(void **state)
{
	(void) state;
	const pawl_terminal plain = {0};
	assert_line(&plain, PAWL_COLOR_NONE, "a\nb\x1b[2J", "16:40:29.123 WARNING  a\\nb\\x1b[2J\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_time_and_level),
		cmocka_unit_test(text_of_others_stays_on_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
