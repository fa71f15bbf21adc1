/* Which driver a source's name means. */
#include <string.h>

#include "base/memory.h"
#include "source/source.h"
#include "support.h"

static pawl_error error;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check(const char *url, const pawl_source_driver *driver, const char *location)
{
	const pawl_source_driver *found;
	const char *found_location;

	OK(pawl_source_find(url, &found, &found_location, &error));
	if (found != driver)
		fail_msg("'%s' is of %s, not %s", url, found->name, driver->name);
	assert_string_equal(found_location, location);
}

static void test_schemes(void **state)
{
	(void) state;
	check("duckdb:shop", &pawl_source_duckdb, "shop");
	check("sqlite:shop", &pawl_source_sqlite, "shop");
	check("SQLite:/a/b c.txt", &pawl_source_sqlite, "/a/b c.txt");
	check("sqlite:shop.duckdb", &pawl_source_sqlite, "shop.duckdb"); /* the scheme says it */
	check("duckdb:a:b", &pawl_source_duckdb, "a:b");
	check("postgres://app@db/shop.db", &pawl_source_postgres, "postgres://app@db/shop.db"); /* as a whole */
	check("PostgreSQL:host=db", &pawl_source_postgres, "PostgreSQL:host=db");
}

static void test_endings(void **state)
{
	static const char *const duckdb[] = {"shop.duckdb", "/a.b/shop.ddb", "SHOP.DUCKDB", "a:b.duckdb"};
	static const char *const sqlite[] = {"shop.sqlite", "shop.sqlite3", "shop.db", "x/.hidden.db"};

	(void) state;
	for (size_t i = 0; i < COUNT(duckdb); i++)
		check(duckdb[i], &pawl_source_duckdb, duckdb[i]);
	for (size_t i = 0; i < COUNT(sqlite); i++)
		check(sqlite[i], &pawl_source_sqlite, sqlite[i]);
}

/* What a file is, its first bytes tell better than its ending. */
static void test_content(void **state)
{
	(void) state;
	write_file("a.duckdb", "SQLite format 3 and so on");
	write_file("plain", "12345678DUCK and so on");
	write_file("b.db", "12345678DUCK and so on");
	write_file("short.duckdb", "SQLite");
	check("a.duckdb", &pawl_source_sqlite, "a.duckdb");
	check("plain", &pawl_source_duckdb, "plain");
	check("b.db", &pawl_source_duckdb, "b.db");
	check("short.duckdb", &pawl_source_duckdb, "short.duckdb");
}

static void test_others(void **state)
{
	static const struct {
		const char *url, *message;
	} cases[] = {
		{"shop", "'shop' does not tell what kind of source it is"},
		{"", "'' does not tell what kind of source it is"},
		{".db", "'.db' does not tell what kind of source it is"},
		{"oracle:shop", "'oracle:shop' does not tell what kind of source it is"},
		{"duck:shop", "'duck:shop' does not tell what kind of source it is"},
		{"duckdb:", "the source 'duckdb:' names no file"},
		{"sqlite:", "the source 'sqlite:' names no file"},
		{"text.txt", "'text.txt' does not tell what kind of source it is"},
	};

	(void) state;
	write_file("text.txt", "a text of more than sixteen bytes");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const pawl_source_driver *driver = NULL;
		const char *location = NULL;
		FAILS(pawl_source_find(cases[i].url, &driver, &location, &error), PAWL_INVALID, cases[i].message);
		assert_string_equal(error.hint, "name it duckdb:FILE or sqlite:FILE or postgres://USER@HOST/DATABASE");
		assert_null(driver);
		assert_null(location);
	}
}

/* The passwords of servers that nobody knows here are not told again. */
static void test_secrets(void **state)
{
	(void) state;
	const pawl_source_driver *driver;
	const char *location;

	assert_int_equal(pawl_source_find("postgre://app:hunter2@db/shop.db", &driver, &location, &error), PAWL_INVALID);
	assert_null(strstr(error.message, "hunter2"));
	assert_null(strstr(error.hint, "hunter2"));
}

static void test_drivers(void **state)
{
	(void) state;
	for (size_t i = 0; pawl_source_drivers[i] != NULL; i++) {
		const pawl_source_driver *driver = pawl_source_drivers[i];
		assert_int_equal(driver->abi, PAWL_SOURCE_ABI);
		assert_int_equal(driver->size, sizeof(pawl_source_driver));
		assert_true(driver->magic == NULL || driver->magic_offset + strlen(driver->magic) <= 16);
		assert_true(driver->open != NULL && driver->close != NULL && driver->identity != NULL &&
		            driver->discover != NULL);
		assert_true(driver->snapshot_begin != NULL && driver->snapshot_end != NULL && driver->bounds != NULL);
		assert_true(driver->read_begin != NULL && driver->window_begin != NULL && driver->window_end != NULL);
		assert_true(driver->read_end != NULL && driver->explain != NULL);
	}
}

static void test_open(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	pawl_source *source = NULL;

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &duck, &error));
	const pawl_source_options options = {.engine = duck, .location = "ignored"};
	FAILS(pawl_source_open("nowhere.db", &options, &source, &error), PAWL_NOT_FOUND,
	      "source 'nowhere.db': No such file or directory");
	assert_int_equal(pawl_source_open("nowhere", &options, &source, &error), PAWL_INVALID);
	assert_null(source);
	pawl_source_close_pointer(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schemes), cmocka_unit_test(test_endings), cmocka_unit_test(test_content),
		cmocka_unit_test(test_others),  cmocka_unit_test(test_secrets), cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_open),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
