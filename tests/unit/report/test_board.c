#include <string.h>

#include "base/memory.h"
#include "report/board.h"
#include "support.h"

static const pawl_terminal plain = {0};
static const pawl_terminal live = {.is_live = true, .width = 80, .height = 24};

static void lines_are_drawn_over(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_board board;
	pawl_board_begin(&board, output.out, &live);
	pawl_board_draw(&board, "a\nb\nc");
	assert_string_equal(capture_text(&output), "\ra\x1b[K\nb\x1b[K\nc\x1b[K");
	size_t first = strlen(capture_text(&output));
	pawl_board_draw(&board, "d\ne\nf");
	assert_string_equal(capture_text(&output) + first, "\r\x1b[A\x1b[Ad\x1b[K\ne\x1b[K\nf\x1b[K");
}

static void their_number_may_change(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_board board;
	pawl_board_begin(&board, output.out, &live);
	pawl_board_draw(&board, "a");
	pawl_board_draw(&board, "b\nc\nd");
	size_t second = strlen(capture_text(&output));
	assert_string_equal(capture_text(&output), "\ra\x1b[K\rb\x1b[K\nc\x1b[K\nd\x1b[K");
	pawl_board_draw(&board, "e\nf");
	assert_string_equal(capture_text(&output) + second, "\r\x1b[K\x1b[A\x1b[Ae\x1b[K\nf\x1b[K");
}

static void they_are_erased_once(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_board board;
	pawl_board_begin(&board, output.out, &live);
	pawl_board_erase(&board);
	assert_string_equal(capture_text(&output), "");
	pawl_board_draw(&board, "a\nb\nc");
	size_t drawn = strlen(capture_text(&output));
	pawl_board_erase(&board);
	pawl_board_erase(&board);
	assert_string_equal(capture_text(&output) + drawn, "\r\x1b[K\x1b[A\x1b[K\x1b[A\x1b[K");
	size_t erased = strlen(capture_text(&output));
	pawl_board_draw(&board, "d");
	assert_string_equal(capture_text(&output) + erased, "\rd\x1b[K");
}

static void the_last_column_and_line_stay_free(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal small = {.is_live = true, .width = 5, .height = 3};
	pawl_board board;
	pawl_board_begin(&board, output.out, &small);
	assert_int_equal(pawl_board_width(&board), 4);
	assert_int_equal(pawl_board_height(&board), 2);
	pawl_board_draw(&board, "abcde\nabc\xe6\x9d\xb1\nabc");
	assert_string_equal(capture_text(&output), "\rabcd\x1b[K\nabc\x1b[K");
}

static void the_smallest_has_a_column_and_a_line(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal smallest = {.is_live = true, .width = 1, .height = 1};
	pawl_board board;
	pawl_board_begin(&board, output.out, &smallest);
	pawl_board_draw(&board, "abc\ndef");
	assert_string_equal(capture_text(&output), "\ra\x1b[K");
}

static void nothing_is_drawn_in_a_pipe(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_board board;
	pawl_board_begin(&board, output.out, &plain);
	pawl_board_draw(&board, "a\nb");
	pawl_board_erase(&board);
	assert_string_equal(capture_text(&output), "");
}

#ifdef PAWL_TEST_HOOKS

static void without_memory_nothing_is_drawn(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_board board;
	pawl_board_begin(&board, output.out, &live);
	pawl_board_draw(&board, "a\nb");
	size_t drawn = strlen(capture_text(&output));
	pawl_memory_fail_at(1);
	pawl_board_draw(&board, "c");
	pawl_memory_fail_at(0);
	assert_int_equal(strlen(capture_text(&output)), drawn);
	pawl_board_erase(&board);
	assert_string_equal(capture_text(&output) + drawn, "\r\x1b[K\x1b[A\x1b[K");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_drawn_over),
		cmocka_unit_test(their_number_may_change),
		cmocka_unit_test(they_are_erased_once),
		cmocka_unit_test(the_last_column_and_line_stay_free),
		cmocka_unit_test(the_smallest_has_a_column_and_a_line),
		cmocka_unit_test(nothing_is_drawn_in_a_pipe),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_nothing_is_drawn),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
