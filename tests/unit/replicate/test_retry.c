/* Which errors are worth another try, and when. */
#include <stdio.h>
#include <string.h>

#include "replicate/run/sync.h"
#include "support.h"

static pawl_error make_error(pawl_status status, const char *sqlstate, bool is_retryable)
{
	pawl_error error = {0};

	pawl_error_set(&error, status, "it failed");
	snprintf(error.sqlstate, sizeof(error.sqlstate), "%s", sqlstate);
	error.is_retryable = is_retryable;
	return error;
}

static bool is_worth_it(pawl_status status, const char *sqlstate, bool is_retryable)
{
	const pawl_error error = make_error(status, sqlstate, is_retryable);
	return pawl_retry_is_worth_it(&error);
}

static void test_errors(void **state)
{
	(void) state;
	assert_true(is_worth_it(PAWL_DATABASE, "08006", true));
	assert_true(is_worth_it(PAWL_DATABASE, "57P01", true));
	assert_false(is_worth_it(PAWL_DATABASE, "57014", false));
	assert_false(is_worth_it(PAWL_DATABASE, "55P03", true)); /* it has waited for the lock already */
	assert_false(is_worth_it(PAWL_DATABASE, "", true));      /* a file's, or the warehouse's */
	assert_false(is_worth_it(PAWL_IO, "", true));
	assert_false(is_worth_it(PAWL_INTERRUPTED, "57014", true));
}

/* Half a second, twice as long each time up to half a minute; at least half of it, at most all. */
static void test_pauses(void **state)
{
	static const int64_t seconds_2[] = {1, 2, 4, 8, 16, 32, 60, 60, 60}; /* halves */

	(void) state;
	for (int64_t i = 0; i < 9; i++) {
		int64_t most_us = seconds_2[i] * 500000;
		assert_int_equal(pawl_retry_pause_us(i + 1, 0), most_us / 2);
		assert_int_equal(pawl_retry_pause_us(i + 1, (uint64_t) most_us / 2), most_us);
		assert_int_equal(pawl_retry_pause_us(i + 1, (uint64_t) most_us / 2 + 1), most_us / 2);
	}
	assert_int_equal(pawl_retry_pause_us(INT64_MAX, 0), 15000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors), cmocka_unit_test(test_pauses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
