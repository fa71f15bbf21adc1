/* How to connect to a PostgreSQL server: what is added to a URL, and what is shown of it. */
#include "source/postgres/internal.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static pawl_error error;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What libpq is given for the keyword, the later one before the earlier; NULL: nothing. */
static const char *setting(const char *url, const char *keyword)
{
	static char value[256];
	PAWL_CLEANUP(pawl_postgres_location_clear) pawl_postgres_location location = {0};
	bool is_there = false;

	OK(pawl_postgres_location_parse(url, &location, &error));
	for (size_t i = 0; location.keywords[i] != NULL; i++)
		if (strcmp(location.keywords[i], keyword) == 0) {
			snprintf(value, sizeof(value), "%s", location.values[i]);
			is_there = true;
		}
	return is_there ? value : NULL;
}

static void assert_setting(const char *url, const char *keyword, const char *wanted)
{
	const char *found = setting(url, keyword);

	if ((found == NULL) != (wanted == NULL) || (found != NULL && strcmp(found, wanted) != 0))
		fail_msg("%s: %s is '%s', not '%s'", url, keyword, found, wanted);
}

/* ---- TLS ------------------------------------------------------------------------------------------------------------- */

static void test_off_host_is_verified(void **state)
{
	static const char *const urls[] = {
		"postgres://db.example/shop", "postgres://10.0.0.7/shop", "postgres://[2001:db8::1]/shop", "postgres:host=db.example",
		"postgres://localhost,db.example/shop", "postgres:host=localhost hostaddr=10.0.0.7", "postgres://127.example/shop",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(urls); i++)
		assert_setting(urls[i], "sslmode", "verify-full");
}

/* Libpq's own default is good enough, or it is the user's word. */
static void test_what_is_not_verified(void **state)
{
	static const char *const urls[] = {
		"postgres:///shop", "postgres://localhost/shop", "postgres://127.0.0.1/shop", "postgres://127.1.2.3/shop",
		"postgres://[::1]/shop", "postgres://localhost,127.0.0.1/shop", "postgres:host=/run/postgresql", "postgres:host=@hidden",
		"postgres:host=db.example hostaddr=127.0.0.1", /* a tunnel */
		"postgres://db.example/shop?sslmode=require", "postgres:host=db.example sslmode=disable", "postgres:service=shop",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(urls); i++)
		assert_setting(urls[i], "sslmode", NULL);
}

static void with_variable(const char *name, const char *value, const char *url, const char *wanted)
{
	assert_int_equal(setenv(name, value, 1), 0);
	assert_setting(url, "sslmode", wanted);
	assert_int_equal(unsetenv(name), 0);
}

static void test_variables(void **state)
{
	(void) state;
	with_variable("PGHOST", "db.example", "postgres:///shop", "verify-full");
	with_variable("PGHOST", "db.example", "postgres://localhost/shop", NULL);
	with_variable("PGHOSTADDR", "10.0.0.7", "postgres://localhost/shop", "verify-full");
	with_variable("PGSSLMODE", "require", "postgres://db.example/shop", NULL);
	with_variable("PGSERVICE", "shop", "postgres://db.example/shop", NULL);
}

/* ---- the rest -------------------------------------------------------------------------------------------------------- */

static void test_defaults(void **state)
{
	(void) state;
	assert_setting("postgres://db/shop", "fallback_application_name", "pawl");
	assert_setting("postgres://db/shop", "connect_timeout", "10");
	assert_setting("postgres://db/shop?connect_timeout=3", "connect_timeout", NULL);
	assert_setting("postgres://db/shop", "keepalives_idle", "60");
	assert_setting("postgres:keepalives_idle=5", "keepalives_idle", NULL);
	assert_setting("postgres://db/shop", "client_encoding", "UTF8");
	assert_setting("postgres://db/shop?client_encoding=LATIN1", "client_encoding", "UTF8");
	assert_int_equal(setenv("PGCONNECT_TIMEOUT", "7", 1), 0);
	assert_setting("postgres://db/shop", "connect_timeout", NULL);
	assert_int_equal(unsetenv("PGCONNECT_TIMEOUT"), 0);
}

static void test_display(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"postgres://app:secret@db:5433/shop", "postgres://app@db:5433/shop"},
		{"postgresql://app:secret@db/shop?sslmode=require", "postgres://app@db/shop?sslmode=require"},
		{"postgres:host=db password='a secret' dbname=shop", "postgres://db/shop"},
		{"postgres://db/shop?password=secret&sslpassword=secret", "postgres://db/shop"},
		{"postgres://app@db/a%2Fb%20c", "postgres://app@db/a%2Fb%20c"},
		{"postgres:service=shop", "postgres:///?service=shop"},
		{"postgres://app:secret%@db/shop", "postgres://"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		PAWL_CLEANUP(pawl_free_pointer) char *shown = NULL;
		OK(pawl_postgres_display(cases[i].url, &shown, &error));
		assert_string_equal(shown, cases[i].shown);
	}
}

static void test_not_understood(void **state)
{
	static const char *const urls[] = {"postgres://app:secret%@db/shop", "postgres:host", "postgres://db/shop?secret=1"};

	(void) state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		pawl_postgres_location location = {0};
		FAILS(pawl_postgres_location_parse(urls[i], &location, &error), PAWL_INVALID,
		      "the URL of the PostgreSQL source cannot be understood");
		assert_null(strstr(error.hint, "secret"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_host_is_verified), cmocka_unit_test(test_what_is_not_verified),
		cmocka_unit_test(test_variables),            cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_display),              cmocka_unit_test(test_not_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
