/* Opening SQLite databases, snapshots, and the errors of both. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "sqlite_support.h"

static void fresh(const char *sql)
{
	remove(DATABASE);
	make_database(sql);
}

static pawl_status open_source(const char *url, pawl_duck *duck, pawl_source **ret_source)
{
	return pawl_source_open(url, &(pawl_source_options) {.engine = duck}, ret_source, &error);
}

/* ---- open ------------------------------------------------------------------------------------------------------------ */

static void test_open(void **state)
{
	(void) state;
	char path[PATH_MAX], expected[PATH_MAX + 16];
	char *identity;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	opened shop = open_database();

	assert_non_null(realpath(DATABASE, path));
	snprintf(expected, sizeof(expected), "sqlite:%s", path);
	OK(shop.source->driver->identity(shop.source, &identity, &error));
	assert_string_equal(identity, expected);
	pawl_free(identity);
	assert_string_equal(shop.source->driver->name, "sqlite");
	assert_null(shop.source->driver->version);
	assert_null(shop.source->driver->relation);
	close_database(&shop);

	/* Another way to the same one. */
	pawl_duck *duck;
	pawl_source *source;
	assert_int_equal(symlink(DATABASE, "link.sqlite"), 0);
	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	OK(open_source("link.sqlite", duck, &source));
	OK(source->driver->identity(source, &identity, &error));
	assert_string_equal(identity, expected);
	pawl_free(identity);
	pawl_source_close_pointer(&source);
	pawl_source_sqlite.close(NULL);
	pawl_duck_close(duck);
}

static void test_finding(void **state)
{
	static const char *const urls[] = {"sqlite:" DATABASE, "SQLite:" DATABASE, DATABASE, "nowhere.sqlite",
	                                   "nowhere.sqlite3",
	                                   "NOWHERE.DB", "looks.duckdb"};
	const pawl_source_driver *driver;
	const char *location;

	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	assert_int_equal(link(DATABASE, "looks.duckdb"), 0);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		OK(pawl_source_find(urls[i], &driver, &location, &error));
		assert_ptr_equal(driver, &pawl_source_sqlite);
	}
}

static void test_open_errors(void **state)
{
	(void) state;
	pawl_duck *duck;
	pawl_source *source = NULL;
	char text[2000];

	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	FAILS(open_source("sqlite:nowhere.db", duck, &source), PAWL_NOT_FOUND,
	      "source 'nowhere.db': No such file or directory");
	assert_string_equal(error.hint, "check the path: a source is never created");
	assert_int_equal(access("nowhere.db", F_OK), -1);
	FAILS(open_source("sqlite:.", duck, &source), PAWL_IO, "source '.': it is a folder");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	write_file("text.db", text);
	FAILS(open_source("sqlite:text.db", duck, &source), PAWL_INVALID, "source 'text.db': file is not a database");
	assert_string_equal(error.hint, "give the path of a SQLite database; one that is encrypted cannot be read");
	assert_false(error.is_retryable);
	assert_null(source);

	/* A path that looks like a URI is a path. */
	make_database("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	assert_int_equal(rename(DATABASE, "file:b.db?mode=memory"), 0);
	OK(open_source("sqlite:file:b.db?mode=memory", duck, &source));
	pawl_source_close_pointer(&source);
	pawl_duck_close(duck);
}

static void test_locked(void **state)
{
	(void) state;
	pawl_duck *duck;
	pawl_source *source = NULL;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	sqlite3 *writer = open_writer();

	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	run_writer(writer, "BEGIN EXCLUSIVE");
	FAILS(open_source("sqlite:" DATABASE, duck, &source), PAWL_DATABASE, "source 'a.db': database is locked");
	assert_true(error.is_retryable);
	assert_string_equal(error.hint, "another process is writing to the database: try again, or wait longer for it");
	int64_t started_us = pawl_time_monotonic_us();
	const pawl_source_options patient = {.engine = duck, .busy_us = 300000};
	assert_int_equal(pawl_source_open("sqlite:" DATABASE, &patient, &source, &error), PAWL_DATABASE);
	assert_in_range(pawl_time_monotonic_us() - started_us, 250000, 10000000);
	run_writer(writer, "COMMIT");
	OK(open_source("sqlite:" DATABASE, duck, &source));

	/* Later, too. */
	pawl_snapshot snapshot;
	run_writer(writer, "BEGIN EXCLUSIVE");
	FAILS(source->driver->snapshot_begin(source, &snapshot, &error), PAWL_DATABASE, "database is locked");
	assert_true(error.is_retryable);
	run_writer(writer, "COMMIT");
	OK(source->driver->snapshot_begin(source, &snapshot, &error));
	sqlite3_close(writer);
	pawl_source_close_pointer(&source);
	pawl_duck_close(duck);
}

/* Views that somebody else made can call nothing that does more than reckon, and the file stays as it is. */
static void test_harmless(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"
	      "CREATE VIEW v AS SELECT load_extension('./x.so') AS id; CREATE VIEW w AS SELECT fts3_tokenizer('simple') AS id");
	struct stat before, after;
	assert_int_equal(stat(DATABASE, &before), 0);
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	assert_int_equal(shop.catalog.table_count, 1); /* the views cannot be read */
	assert_string_equal(read_rows(&shop, &all, 10), "1");
	close_database(&shop);
	assert_int_equal(stat(DATABASE, &after), 0);
	assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	assert_int_equal(after.st_size, before.st_size);
}

/* ---- snapshots ------------------------------------------------------------------------------------------------------- */

static void test_snapshot(void **state)
{
	(void) state;
	fresh("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
	sqlite3 *writer = open_writer();
	opened shop = open_database();
	wish all = wish_for(&shop, "t");
	pawl_snapshot snapshot;

	run_writer(writer, "INSERT INTO t VALUES (2)"); /* before the first read of a row */
	assert_string_equal(read_rows(&shop, &all, 10), "1");
	run_writer(writer, "INSERT INTO t VALUES (3)");
	assert_string_equal(read_rows(&shop, &all, 10), "1");
	int64_t before_us = pawl_time_now_us();
	OK(shop.source->driver->snapshot_begin(shop.source, &snapshot, &error)); /* instead of the old one */
	assert_string_equal(read_rows(&shop, &all, 10), "1;2;3");
	assert_in_range(snapshot.now_us, before_us / 1000 * 1000, pawl_time_now_us());
	assert_int_equal(snapshot.horizon_us, snapshot.now_us / 1000000 * 1000000);
	assert_int_equal(snapshot.guarantee, PAWL_GUARANTEE_EXACT);
	assert_string_equal(snapshot.why, "SQLite has one writer at a time: the read transaction is the bound");
	shop.source->driver->snapshot_end(shop.source);
	shop.source->driver->snapshot_end(shop.source);
	sqlite3_close(writer);
	close_database(&shop);
}

/* Without a log the snapshot keeps writers from committing: it holds its lock from the beginning, not from the first row on. */
static void test_snapshot_locks(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	sqlite3 *writer = open_writer();
	opened shop = open_database();

	assert_int_equal(sqlite3_exec(writer, "INSERT INTO t VALUES (1)", NULL, NULL, NULL), SQLITE_BUSY);
	shop.source->driver->snapshot_end(shop.source);
	run_writer(writer, "INSERT INTO t VALUES (1)");
	sqlite3_close(writer);
	close_database(&shop);
}

/* Discovering leaves no lock behind. */
static void test_discover_unlocks(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	sqlite3 *writer = open_writer();
	opened shop = open_database();

	shop.source->driver->snapshot_end(shop.source);
	pawl_source_catalog_clear(&shop.catalog);
	OK(shop.source->driver->discover(shop.source, &shop.catalog, &error));
	run_writer(writer, "INSERT INTO t VALUES (1); CREATE TABLE u (id INTEGER PRIMARY KEY)");
	pawl_source_catalog_clear(&shop.catalog);
	OK(shop.source->driver->discover(shop.source, &shop.catalog, &error));
	assert_int_equal(shop.catalog.table_count, 2);
	sqlite3_close(writer);
	close_database(&shop);
}

/* The table is gone when it is to be read. */
static void test_dropped(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");
	pawl_snapshot snapshot;

	shop.source->driver->snapshot_end(shop.source);
	make_database("ALTER TABLE t DROP COLUMN a");
	OK(shop.source->driver->snapshot_begin(shop.source, &snapshot, &error));
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': no such column: a");
	shop.source->driver->snapshot_end(shop.source);
	make_database("DROP TABLE t");
	OK(shop.source->driver->snapshot_begin(shop.source, &snapshot, &error));
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': no such table: main.t");
	close_database(&shop);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status open_and_close(void *duck, pawl_error *ret_error)
{
	pawl_source *source;
	char *identity;

	PAWL_TRY(pawl_source_open("sqlite:" DATABASE, &(pawl_source_options) {.engine = duck}, &source, ret_error));
	pawl_snapshot snapshot;
	pawl_status status = source->driver->identity(source, &identity, ret_error);
	if (status == PAWL_OK) {
		pawl_free(identity);
		status = source->driver->snapshot_begin(source, &snapshot, ret_error);
	}
	source->driver->close(source);
	return status;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_duck *duck;

	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	assert_int_equal(refuse_every_allocation(open_and_close, duck), 3);
	pawl_duck_close(duck);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_finding, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_open_errors, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_locked, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_harmless, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_snapshot, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_snapshot_locks, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_discover_unlocks, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_dropped, enter_folder, leave_folder),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test_setup_teardown(test_out_of_memory, enter_folder, leave_folder),
#endif
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	forget_positions();
	return failed;
}
