#include <string.h>

#include "report/grid.h"
#include "support.h"

static const pawl_terminal plain = {0};

static void assert_grid(const pawl_grid *grid, const pawl_terminal *terminal, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_error error;
	assert_int_equal(pawl_grid_status(grid, &error), PAWL_OK);
	pawl_grid_print(grid, output.out, terminal);
	assert_string_equal(capture_text(&output), expected);
}

static void numbers_stand_right_and_no_line_ends_in_blanks(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "id", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "first_name", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "city", PAWL_GRID_LEFT);
	pawl_grid_append(&grid, "1");
	pawl_grid_append(&grid, "Joe");
	pawl_grid_append(&grid, "Rome");
	pawl_grid_append(&grid, "1234");
	pawl_grid_append(&grid, "Maximiliane");
	pawl_grid_append(&grid, "Ulm");
	assert_grid(&grid, &plain,
	            "  id | first_name  | city\n"
	            "---- + ----------- + ----\n"
	            "   1 | Joe         | Rome\n"
	            "1234 | Maximiliane | Ulm\n");
}

static void widths_are_those_of_the_terminal(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "name", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "n", PAWL_GRID_RIGHT);
	pawl_grid_append(&grid, "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd"); /* three characters, six columns */
	pawl_grid_append(&grid, "1");
	pawl_grid_append(&grid, "Zoe\xcc\x88"); /* four characters, three columns */
	pawl_grid_append(&grid, "2");
	assert_grid(&grid, &plain,
	            "name   | n\n"
	            "------ + -\n"
	            "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd | 1\n"
	            "Zoe\xcc\x88    | 2\n");
}

static void control_characters_become_escapes(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "a\nb", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "c", PAWL_GRID_LEFT);
	pawl_grid_append_bytes(&grid, "x\0y\x1b", 4);
	pawl_grid_append_bytes(&grid, "\xff", 1);
	assert_grid(&grid, &plain,
	            "a\\nb       | c\n"
	            "---------- + ----\n"
	            "x\\x00y\\x1b | \\xff\n");
}

static void null_is_dimmed_and_an_empty_text_is_not_null(void **state)
{
	(void) state;
	const pawl_terminal colored = {.is_live = true, .has_colors = true, .width = 80};
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "n", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "t", PAWL_GRID_LEFT);
	pawl_grid_append(&grid, NULL);
	pawl_grid_append(&grid, "");
	pawl_grid_append(&grid, "12345");
	pawl_grid_append(&grid, NULL);
	assert_grid(&grid, &plain,
	            "    n | t\n"
	            "----- + ----\n"
	            " NULL |\n"
	            "12345 | NULL\n");
	assert_grid(&grid, &colored,
	            "    n | t\n"
	            "----- + ----\n"
	            " \x1b[2mNULL\x1b[0m |\n"
	            "12345 | \x1b[2mNULL\x1b[0m\n");
}

static void without_rows_the_heading_stands_alone(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	assert_grid(&grid, &plain, "");
	pawl_grid_append_column(&grid, "a", PAWL_GRID_LEFT);
	assert_grid(&grid, &plain, "a\n-\n");
}

static void on_a_terminal_texts_are_shortened_to_fit(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "number", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "a column's name", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "text", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "end", PAWL_GRID_LEFT);
	pawl_grid_append(&grid, "123456789012345");
	pawl_grid_append(&grid, NULL);
	pawl_grid_append(&grid, "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd"); /* 12 columns */
	pawl_grid_append(&grid, "x");
	pawl_grid_append(&grid, "1");
	pawl_grid_append(&grid, "123456789");
	pawl_grid_append(&grid, "12345678");
	pawl_grid_append(&grid, "");
	pawl_terminal narrow = {.is_live = true, .width = 44};
	assert_grid(&grid, &narrow,
	            "         number | a colum\xe2\x80\xa6 | text     | end\n"
	            "--------------- + -------- + -------- + ---\n"
	            "123456789012345 | NULL     | \xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd\xe2\x80\xa6  | x\n"
	            "              1 | 1234567\xe2\x80\xa6 | 12345678 |\n");
	/* One column less cannot be had; and with enough of them, or in a pipe, nothing is taken. */
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	narrow.width = 20;
	assert_true(pawl_grid_print(&grid, output.out, &narrow));
	assert_non_null(strstr(capture_text(&output), "--------------- + -------- + -------- + ---\n"));
	narrow.width = 15 + 15 + 12 + 3 + 9;
	assert_false(pawl_grid_print(&grid, output.out, &narrow));
	assert_false(pawl_grid_print(&grid, output.out, &plain));
	narrow.width--;
	assert_true(pawl_grid_print(&grid, output.out, &narrow));
}

#ifdef PAWL_TEST_HOOKS

static void every_refused_allocation_is_told(void **state)
{
	(void) state;
	pawl_error error;
	pawl_status status;
	long n = 0;
	do {
		PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
		pawl_memory_fail_at(++n);
		pawl_grid_append_column(&grid, "a", PAWL_GRID_LEFT);
		pawl_grid_append_column(&grid, "b", PAWL_GRID_LEFT);
		for (int i = 0; i < 200; i++)
			pawl_grid_append(&grid, "text");
		status = pawl_grid_status(&grid, &error);
		pawl_memory_fail_at(0);
		if (status != PAWL_OK) {
			assert_int_equal(status, PAWL_OUT_OF_MEMORY);
			assert_int_equal(error.status, PAWL_OUT_OF_MEMORY);
		}
	} while (status != PAWL_OK);
	assert_true(n > 4);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stand_right_and_no_line_ends_in_blanks),
		cmocka_unit_test(widths_are_those_of_the_terminal),
		cmocka_unit_test(control_characters_become_escapes),
		cmocka_unit_test(null_is_dimmed_and_an_empty_text_is_not_null),
		cmocka_unit_test(without_rows_the_heading_stands_alone),
		cmocka_unit_test(on_a_terminal_texts_are_shortened_to_fit),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_refused_allocation_is_told),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
