#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/redact.h"

static void names_of_secrets_are_known(void **state)
{
	static const char *const secret[] = {
		"password", "PASSWORD", "db_password", "Passwd", "clientSecret", "client-secret", "access_token", "refreshToken",
		"credentials", "private_key", "PrivateKey", "private key", "api_key", "API-KEY", "x.api.key", "apikey",
		"aws_access_key_id", "ssh_key_path", "passphrase", "db_pwd", "connection_string", "Authorization", "p_a_s_s_w_d",
	};
	static const char *const open[] = {
		"", "user", "host", "primary_key", "replication_key", "key", "pass", "passwor", "private", "_", "api", "schema",
	};

	(void) state;
	for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
		assert_true(pawl_redaction_is_secret_name(secret[i]));
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		assert_false(pawl_redaction_is_secret_name(open[i]));
}

/* The list of secrets ends in NULL. */
static void assert_masked(const char *const *secrets, const char *text, const char *expected)
{
	pawl_redaction redaction = {0};
	pawl_error error;
	char line[200];

	for (; *secrets != NULL; secrets++)
		assert_int_equal(pawl_redaction_add(&redaction, *secrets, &error), PAWL_OK);
	strcpy(line, text);
	pawl_redaction_apply(&redaction, line);
	assert_string_equal(line, expected);
	pawl_redaction_free(&redaction);
	assert_int_equal(redaction.count, 0);
	assert_null(redaction.secrets);
}

#define SECRETS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void every_occurrence_is_masked(void **state)
{
	(void) state;
	assert_masked(SECRETS("hunter2"), "password hunter2", "password *******");
	assert_masked(SECRETS("hunter2"), "hunter2hunter2, hunter, hunter2", "**************, hunter, *******");
	assert_masked(SECRETS("hunter2"), "", "");
	assert_masked(SECRETS("hunter2"), "Hunter2", "Hunter2");
	assert_masked(SECRETS("p\u00e9ss"), "a p\u00e9ss b", "a ***** b");
	assert_masked(SECRETS("****"), "a **** b", "a **** b");
}

static void errors_are_masked_with_their_hints(void **state)
{
	pawl_redaction redaction = {0};
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_redaction_add(&redaction, "hunter2", &error), PAWL_OK);
	pawl_error_set(&error, PAWL_IO, "no login with hunter2");
	pawl_error_hint(&error, "is hunter2 right?");
	assert_int_equal(pawl_redaction_apply_error(&redaction, &error), PAWL_IO);
	assert_string_equal(error.message, "no login with *******");
	assert_string_equal(error.hint, "is ******* right?");
	pawl_redaction_free(&redaction);
}

static void short_secrets_are_left(void **state)
{
	(void) state;
	assert_masked(SECRETS("", "abc"), "abcabc", "abcabc");
	assert_masked(SECRETS("abca"), "abcabc", "****bc");
}

static void secrets_that_overlap_are_masked_whole(void **state)
{
	(void) state;
	assert_masked(SECRETS("abab"), "xababab", "x******");
	assert_masked(SECRETS("pass", "password1"), "password1 pass word1", "********* **** word1");
	assert_masked(SECRETS("password1", "pass"), "password1 pass word1", "********* **** word1");
	assert_masked(SECRETS("hunter22", "22secret"), "hunter22secret!", "**************!");
	assert_masked(SECRETS("abcdefgh", "cdef"), "abcdefghi", "********i");
}

static void no_secrets_change_nothing(void **state)
{
	pawl_redaction redaction = {0};
	char line[] = "text";

	(void) state;
	pawl_redaction_apply(&redaction, line);
	assert_string_equal(line, "text");
	pawl_redaction_free(&redaction);
}

#ifdef PAWL_TEST_HOOKS

static void refused_memory_is_said(void **state)
{
	pawl_redaction redaction = {0};
	pawl_status status;
	pawl_error error;
	long n = 0;

	(void) state;
	do {
		assert_int_equal(redaction.count, 0);
		pawl_memory_fail_at(++n);
		status = pawl_redaction_add(&redaction, "secret", &error);
		pawl_memory_fail_at(0);
		if (status != PAWL_OK)
			assert_string_equal(error.message, "out of memory");
	} while (status == PAWL_OUT_OF_MEMORY);
	assert_int_equal(status, PAWL_OK);
	assert_int_equal(n, 3);
	assert_int_equal(redaction.count, 1);
	pawl_redaction_free(&redaction);
}

#endif

static void a_url_is_shown_without_its_password(void **state)
{
	static const char *const cases[][2] = {
		{"postgres://app:hunter2@db/shop", "postgres://app:***@db/shop"},
		{"postgres://app:hun:t@er/2@db/shop", "postgres://app:***@db/shop"},
		{"postgres://app@db:5432/shop", "postgres://app@db:5432/shop"},
		{"postgres://db:5432/shop", "postgres://db:5432/shop"},
		{"mysql://:hunter2@db", "mysql://:***@db"},
		{"sqlite:shop.db", "sqlite:shop.db"},
		{"a:b@c", "a:b@c"},
		{"", ""},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer out = {0};
		pawl_redact_url(cases[i][0], &out);
		assert_string_equal(pawl_buffer_text(&out), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_shown_without_its_password),
		cmocka_unit_test(names_of_secrets_are_known),
		cmocka_unit_test(every_occurrence_is_masked),
		cmocka_unit_test(errors_are_masked_with_their_hints),
		cmocka_unit_test(short_secrets_are_left),
		cmocka_unit_test(secrets_that_overlap_are_masked_whole),
		cmocka_unit_test(no_secrets_change_nothing),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(refused_memory_is_said),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
