#include <string.h>

#include "base/memory.h"
#include "report/progress.h"
#include "support.h"

static const pawl_terminal plain = {0};
static const pawl_terminal live = {.is_live = true, .width = 80};

static void a_terminal_is_drawn_ten_times_a_second(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_progress progress;
	pawl_progress_begin(&progress, output.out, &live, 1000);
	assert_false(pawl_progress_is_due(&progress, 1000));
	assert_false(pawl_progress_is_due(&progress, 100999));
	assert_true(pawl_progress_is_due(&progress, 101000));
	pawl_progress_draw(&progress, 1234567, 1521000);
	assert_string_equal(capture_text(&output), "\r    1,234,567 rows,     812,215 rows/s,  1.52 s\x1b[K");
	assert_false(pawl_progress_is_due(&progress, 1620999));
	assert_true(pawl_progress_is_due(&progress, 1621000));
}

static void its_columns_stay_where_they_are(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_progress progress;
	pawl_progress_begin(&progress, output.out, &live, 0);
	pawl_progress_draw(&progress, 9, 1000000);
	size_t first = strlen(capture_text(&output));
	pawl_progress_draw(&progress, 1234567890, 65000000);
	assert_string_equal(capture_text(&output) + first, "\r1,234,567,890 rows,  18,993,352 rows/s,  1m 05s\x1b[K");
	assert_int_equal(strlen(capture_text(&output)), 2 * first);
}

static void it_is_erased_once(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_progress progress;
	pawl_progress_begin(&progress, output.out, &live, 0);
	pawl_progress_erase(&progress);
	pawl_progress_draw(&progress, 1, 1000000);
	pawl_progress_erase(&progress);
	pawl_progress_erase(&progress);
	assert_string_equal(capture_text(&output), "\r            1 rows,           1 rows/s,  1.00 s\x1b[K\r\x1b[K");
}

static void it_never_fills_the_last_column(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal narrow = {.is_live = true, .width = 15};
	pawl_progress progress;
	pawl_progress_begin(&progress, output.out, &narrow, 0);
	pawl_progress_draw(&progress, 1234567, 1000000);
	assert_string_equal(capture_text(&output), "\r    1,234,567 \x1b[K");
}

static void a_pipe_has_a_line_every_ten_seconds(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	pawl_progress progress;
	pawl_progress_begin(&progress, output.out, &plain, 0);
	assert_false(pawl_progress_is_due(&progress, 9999999));
	assert_true(pawl_progress_is_due(&progress, 10000000));
	pawl_progress_draw(&progress, 5, 10000000);
	pawl_progress_erase(&progress);
	assert_string_equal(capture_text(&output), "");
	assert_false(pawl_progress_is_due(&progress, 19999999));
	assert_true(pawl_progress_is_due(&progress, 20000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_is_drawn_ten_times_a_second),
		cmocka_unit_test(its_columns_stay_where_they_are),
		cmocka_unit_test(it_is_erased_once),
		cmocka_unit_test(it_never_fills_the_last_column),
		cmocka_unit_test(a_pipe_has_a_line_every_ten_seconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
