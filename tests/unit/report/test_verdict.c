#include "base/error.h"
#include "base/memory.h"
#include "report/verdict.h"
#include "support.h"

static void assert_verdict(const pawl_error *run_error, bool has_colors, const char *name, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	const pawl_terminal terminal = {.is_live = has_colors, .has_colors = has_colors};
	pawl_verdict verdict = pawl_verdict_of(run_error);
	pawl_verdict_print(output.out, &terminal, verdict);
	assert_string_equal(capture_text(&output), expected);
	assert_string_equal(pawl_verdict_names[verdict], name);
}

static void an_error_decides(void **state)
{
	(void) state;
	const pawl_error interrupted = {.status = PAWL_INTERRUPTED}, database = {.status = PAWL_DATABASE};
	assert_verdict(NULL, false, "succeeded", "Sync SUCCEEDED");
	assert_verdict(&database, false, "failed", "Sync FAILED");
	assert_verdict(&interrupted, false, "stopped", "Sync STOPPED");
	assert_verdict(NULL, true, "succeeded", "Sync \x1b[32mSUCCEEDED\x1b[0m");
	assert_verdict(&database, true, "failed", "Sync \x1b[31mFAILED\x1b[0m");
	assert_verdict(&interrupted, true, "stopped", "Sync \x1b[33mSTOPPED\x1b[0m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_decides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
