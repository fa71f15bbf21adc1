/*
 * support.h: what the unit tests share.
 *
 *     static pawl_error error;
 *
 *     OK(pawl_file_read("a.txt", 100, &text, &length, &error));
 *     FAILS(pawl_file_read("b.txt", 100, &text, &length, &error), PAWL_NOT_FOUND, "cannot open 'b.txt': ...");
 *
 * A test that needs a folder runs in one of its own:
 *
 *     cmocka_unit_test_setup_teardown(test_write, enter_folder, leave_folder)
 *     cmocka_run_group_tests(tests, enter_folder, leave_folder)
 */
#ifndef PAWL_TESTS_SUPPORT_H
#define PAWL_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/error.h"

/* ---- errors: of the variable `error` ---------------------------------------------------------------------------------- */

/* The expression is PAWL_OK, or the test fails with the error's message. */
#define OK(expression) support_assert_ok((expression), &error, __FILE__, __LINE__)

/* The expression is that status, and the message that one, whole. */
#define FAILS(expression, status, message) support_assert_fails((expression), (status), (message), &error, __FILE__, __LINE__)

void support_assert_ok(pawl_status have, const pawl_error *error, const char *file, int line);
void support_assert_fails(pawl_status have, pawl_status want, const char *message, const pawl_error *error, const char *file,
                          int line);

/* ---- folders ---------------------------------------------------------------------------------------------------------- */

/* A new folder, in memory where the system has room there; free with remove_folder, which removes what is in it. */
char *make_folder(void);
void remove_folder(char *folder);

/* The same as cmocka's set-up and tear-down: the test runs in the folder, and *state is its path. */
int enter_folder(void **state);
int leave_folder(void **state);

void write_file(const char *path, const char *text);

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
/*
 * Repeats `attempt` with its first allocation refused, then its second, until it gets by with those that it is given. Each
 * refusal must end in a clean PAWL_OUT_OF_MEMORY. Returns how many there were.
 */
long refuse_every_allocation(pawl_status (*attempt)(void *context, pawl_error *error), void *context);
#endif

/* ---- random numbers --------------------------------------------------------------------------------------------------- */

/* A seed that is printed, and taken from PAWL_TEST_SEED to repeat a run. Never 0. */
uint64_t random_seed(void);

/* The next number below `below`; 0 for any 64 bits. */
uint64_t random_next(uint64_t *seed, uint64_t below);

/* ---- output ----------------------------------------------------------------------------------------------------------- */

/*
 * A stream that keeps what was written to it:
 *
 *     PAWL_CLEANUP(capture_close) capture output = capture_open();
 *     print_something(output.out);
 *     assert_string_equal(capture_text(&output), "something\n");
 */
typedef struct capture {
	FILE *out;
	struct captured_text {
		char *text;
		size_t length;
	} *kept; /* has to stay where it is, while the capture is moved */
} capture;

capture capture_open(void);
const char *capture_text(capture *output);
void capture_close(capture *output);

#endif
