#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/step.h"

/* Passes three steps in a child process; its status and what it wrote to standard error. */
static int run_steps(const char *kill_at, const char *trace, char *ret_output, size_t output_bytes)
{
	int ends[2], status = -1;
	ssize_t length;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		if (kill_at != NULL)
			setenv("PAWL_KILL_AT", kill_at, 1);
		if (trace != NULL)
			setenv("PAWL_TRACE_STEPS", trace, 1);
		PAWL_STEP("test: one");
		PAWL_STEP("test: two");
		PAWL_STEP("test: three");
		_exit(7);
	}
	close(ends[1]);
	length = read(ends[0], ret_output, output_bytes - 1);
	assert_true(length >= 0);
	while (length > 0 && (size_t) length < output_bytes - 1) {
		ssize_t more = read(ends[0], ret_output + length, output_bytes - 1 - (size_t) length);

		if (more <= 0)
			break;
		length += more;
	}
	ret_output[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void steps_do_nothing_by_themselves(void **state)
{
	char output[200];
	int status = run_steps(NULL, NULL, output, sizeof(output));

	(void) state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_string_equal(output, "");
	PAWL_STEP("test: in this process");
}

#ifdef PAWL_TEST_HOOKS

static void the_nth_step_kills(void **state)
{
	char output[200];
	int status = run_steps("2", "1", output, sizeof(output));

	(void) state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_string_equal(output, "step 1: test: one\nstep 2: test: two\n");
}

static void the_nth_step_of_a_name_kills(void **state)
{
	char output[200];

	(void) state;
	assert_true(WIFSIGNALED(run_steps("1 test: two", "1", output, sizeof(output))));
	assert_string_equal(output, "step 1: test: one\nstep 2: test: two\n");
	assert_true(WIFEXITED(run_steps("2 test: two", NULL, output, sizeof(output))));
}

static void a_step_beyond_the_last_kills_nothing(void **state)
{
	char output[200];
	int status = run_steps("4", "1", output, sizeof(output));

	(void) state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_string_equal(output, "step 1: test: one\nstep 2: test: two\nstep 3: test: three\n");
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(the_nth_step_kills), /* first: it counts from a fresh process */
		cmocka_unit_test(the_nth_step_of_a_name_kills),
		cmocka_unit_test(a_step_beyond_the_last_kills_nothing),
#endif
		cmocka_unit_test(steps_do_nothing_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
