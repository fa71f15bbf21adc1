/* Where the keys of a SQLite database stand. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "sqlite_support.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)

static void fresh(const char *sql)
{
	remove(DATABASE);
	make_database(sql);
}

static pawl_bounds bounds_of(const opened *shop, wish *wanted, pawl_bounds_request request)
{
	pawl_bounds bounds;
	OK(shop->source->driver->bounds(shop->source, read_of(wanted), &request, &bounds, &error));
	return bounds;
}

/* "newest, horizon, cursor", each with its type. */
static const char *describe(pawl_bounds bounds)
{
	static char text[512];
	const pawl_key_value *values[] = {&bounds.newest, &bounds.horizon, &bounds.cursor};
	size_t length = 0;

	for (size_t i = 0; i < 3; i++)
		length += (size_t) snprintf(text + length, sizeof(text) - length, "%s%s%s%s", i == 0 ? "" : ", ",
		                            values[i]->type == NULL ? "none" : values[i]->type,
		                            values[i]->text == NULL ? "" : " ",
		                            values[i]->text == NULL ? "" : values[i]->text);
	pawl_bounds_clear(&bounds);
	return text;
}

static const pawl_bounds_request ahead_by_an_hour = {.is_exact = true, .max_ahead_us = HOUR_US};

/* An hour from now, before or after, as SQLite's strftime writes it. */
static const char *time_text(const char *format, int64_t offset_seconds)
{
	static char texts[8][64];
	static size_t next;
	char *text = texts[next++ % 8];
	sqlite3 *memory;
	sqlite3_stmt *statement;
	char sql[128];

	assert_int_equal(sqlite3_open(":memory:", &memory), SQLITE_OK);
	snprintf(sql, sizeof(sql), "SELECT strftime('%s', 'now', '%" PRId64 " seconds')", format, offset_seconds);
	assert_int_equal(sqlite3_prepare_v2(memory, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	snprintf(text, 64, "%s", (const char *) sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(memory);
	return text;
}

/* ---- keys that are no clock ------------------------------------------------------------------------------------------ */

static void test_sequences(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v TEXT); INSERT INTO t VALUES (1, 10, 'a'), (2, 30, "
		"'B'), (3, NULL, 'c'),"
	      "(4, 20, NULL), (5, 9223372036854775807, 'b')");
	opened shop = open_database();
	wish some = wish_for(&shop, "t"), text = wish_for(&shop, "t");

	wish_key(&some, "k");
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {0})),
	                    "integer 9223372036854775807, none, integer 9223372036854775807");
	some.read.before = value("integer", "30");
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {0})), "integer 20, none, integer 20");
	some.read.from = value("integer", "25");
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {0})), "none, none, none");
	some.read.before = (pawl_key_value) {0};
	some.read.where = "id < 5";
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {0})), "integer 30, none, integer 30");

	/* Rows without a key are counted whatever the limits, when they are asked for. */
	some.read.where = NULL;
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {0});
	assert_int_equal(bounds.null_rows, 0);
	pawl_bounds_clear(&bounds);
	bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.count_nulls = true});
	assert_int_equal(bounds.null_rows, 1);
	pawl_bounds_clear(&bounds);
	some.read.where = "id <> 3";
	bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.count_nulls = true});
	assert_int_equal(bounds.null_rows, 0);
	pawl_bounds_clear(&bounds);

	/* Text by its own collation, with NULLs last of all. */
	wish_key(&text, "v");
	assert_string_equal(describe(bounds_of(&shop, &text, (pawl_bounds_request) {0})), "text c, none, text c");
	close_database(&shop);
}

static void test_collation(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k TEXT COLLATE NOCASE); INSERT INTO t VALUES ('a'), ('B'), ('c'), ('D'); CREATE TABLE "
		"e (k INTEGER);"
	      "CREATE TABLE m (k); INSERT INTO m VALUES (9e999), ('x'), (NULL), (X'6100'), (CAST(X'FF' AS TEXT))");
	opened shop = open_database();
	wish some = wish_for(&shop, "t"), empty = wish_for(&shop, "e"), mixed = wish_for(&shop, "m");

	wish_key(&some, "k");
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {0})), "text D, none, text D");
	wish_key(&empty, "k");
	empty.key.format = PAWL_FORMAT_UNIX_S;
	assert_string_equal(describe(bounds_of(&shop, &empty, (pawl_bounds_request) {0})), "none, none, none");
	wish_key(&mixed, "k");
	assert_string_equal(describe(bounds_of(&shop, &mixed, (pawl_bounds_request) {0})), "blob 6100, none, blob 6100");
	mixed.read.where = "typeof(k) = 'text'";
	assert_string_equal(describe(bounds_of(&shop, &mixed, (pawl_bounds_request) {0})), "text hex FF, none, text hex FF");
	mixed.read.where = "typeof(k) = 'real'";
	assert_string_equal(describe(bounds_of(&shop, &mixed, (pawl_bounds_request) {0})), "real Infinity, none, real "
		"Infinity");
	close_database(&shop);
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------- */

/* How a clock's keys are written, and how the horizon then is. */
static const struct clock_case {
	const char *declared;
	pawl_key_format format;
	const char *newest;  /* of an hour ago, strftime's format; with a suffix that is no part of it */
	const char *suffix;
	const char *type;
	const char *horizon; /* strftime's format; NULL: it is no clock */
	int64_t step;        /* what the horizon is rounded down to, in seconds */
} clock_cases[] = {
	{"TIMESTAMP", PAWL_FORMAT_NONE, "%Y-%m-%d %H:%M:%S", "", "text", "%Y-%m-%d %H:%M:%S", 1},
	{"TIMESTAMP", PAWL_FORMAT_NONE, "%Y-%m-%dT%H:%M:%S", "", "text", "%Y-%m-%dT%H:%M:%S", 1},
	{"TIMESTAMP", PAWL_FORMAT_NONE, "%Y-%m-%dT%H:%M:%S", ".123456Z", "text", "%Y-%m-%dT%H:%M:%S", 1},
	{"DATETIME", PAWL_FORMAT_NONE, "%Y-%m-%d %H:%M:%S", ".5+00:00", "text", "%Y-%m-%d %H:%M:%S", 1},
	{"DATETIME", PAWL_FORMAT_NONE, "%Y-%m-%d %H:%M", "", "text", "%Y-%m-%d %H:%M", 60},
	{"DATE", PAWL_FORMAT_NONE, "%Y-%m-%d", "", "text", "%Y-%m-%d", 86400},
	{"TEXT", PAWL_FORMAT_ISO8601, "%Y-%m-%d %H:%M:%S", "", "text", "%Y-%m-%d %H:%M:%S", 1},
	{"TEXT", PAWL_FORMAT_NONE, "%Y-%m-%d %H:%M:%S", "", "text", NULL, 1},
	{"TEXT", PAWL_FORMAT_ISO8601, "%d.%m.%Y %H:%M:%S", "", "text", NULL, 1},
	{"TEXT", PAWL_FORMAT_ISO8601, "%Y-%m-%d %H:%M:%S", " later", "text", NULL, 1},
	{"INTEGER", PAWL_FORMAT_UNIX_S, "%s", "", "integer", "%s", 1},
	{"INTEGER", PAWL_FORMAT_UNIX_MS, "%s", "123", "integer", "%s000", 1},
	{"REAL", PAWL_FORMAT_UNIX_S, "%s", ".25", "real", "%s", 1},
	{"TEXT", PAWL_FORMAT_UNIX_S, "%s", "", "text", "%s", 1},
	{"INTEGER", PAWL_FORMAT_NONE, "%s", "", "integer", NULL, 1},
	{"TIMESTAMP", PAWL_FORMAT_NONE, "%s", "", "integer", "%s", 1},
	{"TIMESTAMP", PAWL_FORMAT_NONE, "%s", "123", "integer", "%s000", 1},
	{"INTEGER", PAWL_FORMAT_ISO8601, "%s", "", "integer", NULL, 1},
};

/* The horizon is a time between the test's two looks at the clock. */
static void check_horizon(const struct clock_case *expected, const char *before, const pawl_bounds *bounds)
{
	const char *after = time_text(expected->horizon, 0);

	assert_string_equal(bounds->horizon.type, expected->type);
	if (strcmp(bounds->horizon.text, before) < 0 || strcmp(bounds->horizon.text, after) > 0)
		fail_msg("%s '%s': the horizon is '%s', not '%s' to '%s'", expected->declared, bounds->newest.text,
			bounds->horizon.text, before,
		         after);
}

static void test_clocks(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(clock_cases) / sizeof(clock_cases[0]); i++) {
		const struct clock_case *expected = &clock_cases[i];
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		pawl_buffer_appendf(&sql, "CREATE TABLE t (k %s); INSERT INTO t VALUES ('%s%s')", expected->declared,
		                    time_text(expected->newest, -3600 * 24), expected->suffix);
		fresh(pawl_buffer_text(&sql));
		const char *before = time_text(expected->horizon == NULL ? "" : expected->horizon, 0);
		opened shop = open_database();
		wish some = wish_for(&shop, "t");
		wish_key(&some, "k");
		some.key.format = expected->format;
		pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {0});
		assert_string_equal(bounds.newest.type, expected->type);
		assert_true(pawl_key_value_equal(&bounds.cursor, &bounds.newest)); /* which is older than the horizon */
		if (expected->horizon == NULL)
			assert_null(bounds.horizon.text);
		else
			check_horizon(expected, before, &bounds);
		pawl_bounds_clear(&bounds);
		close_database(&shop);
	}
}

static void test_julian_days(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k REAL); INSERT INTO t VALUES (julianday('now'))");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	some.key.format = PAWL_FORMAT_JULIAN_DAY;
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.lag_us = HOUR_US});
	double newest, horizon;
	assert_int_equal(sscanf(bounds.newest.text, "%lf", &newest), 1);
	assert_int_equal(sscanf(bounds.horizon.text, "%lf", &horizon), 1);
	assert_string_equal(bounds.horizon.type, "real");
	assert_true(newest - horizon > 1.0 / 24 - 60.0 / 86400 && newest - horizon < 1.0 / 24 + 60.0 / 86400);
	assert_true(pawl_key_value_equal(&bounds.cursor, &bounds.horizon));
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

/* ---- keys ahead of the clock ----------------------------------------------------------------------------------------- */

static void test_lag(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *recent = time_text("%Y-%m-%d %H:%M:%S", -30);
	pawl_buffer_appendf(&sql, "CREATE TABLE t (k TIMESTAMP); INSERT INTO t VALUES ('2020-01-01 00:00:00'), ('%s')", recent);
	fresh(pawl_buffer_text(&sql));
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.lag_us = 0, .max_ahead_us = HOUR_US});
	assert_string_equal(bounds.cursor.text, recent);
	pawl_bounds_clear(&bounds);
	bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.lag_us = HOUR_US, .max_ahead_us = HOUR_US});
	assert_string_equal(bounds.cursor.text, bounds.horizon.text);
	assert_true(strcmp(bounds.cursor.text, time_text("%Y-%m-%d %H:%M:%S", -3600)) <= 0);
	assert_true(strcmp(bounds.cursor.text, time_text("%Y-%m-%d %H:%M:%S", -3660)) > 0);
	assert_int_equal(bounds.ahead_rows, 0);
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

/*
 * A row of the year 2099 must hide nothing. With no lag, the cursor is the greatest key that is not ahead: the clock itself
 * may be ahead of a writer that has read it and has not committed yet.
 */
static void test_future(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, k TIMESTAMP); INSERT INTO t VALUES (1, '2020-01-01 00:00:00'), "
		"(2, '2020-01-02 00:00:00'),"
	      "(3, '2099-01-01 00:00:00'), (4, '2099-01-02 00:00:00'), (5, NULL)");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	pawl_bounds bounds = bounds_of(&shop, &some, ahead_by_an_hour);
	assert_int_equal(bounds.ahead_rows, 2);
	assert_string_equal(describe(bounds), "text 2099-01-02 00:00:00, text 2020-01-02 00:00:00, text 2020-01-02 00:00:00");

	/* The rows that are asked for are all ahead: others of the table tell. */
	some.read.from = value("text", "2099-01-01 00:00:00");
	assert_string_equal(describe(bounds_of(&shop, &some, ahead_by_an_hour)),
	                    "text 2099-01-02 00:00:00, text 2020-01-02 00:00:00, text 2020-01-02 00:00:00");
	some.read.from = (pawl_key_value) {0};

	bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.lag_us = SECOND_US, .max_ahead_us = 100 * 365 * 24 * HOUR_US});
	assert_int_equal(bounds.ahead_rows, 0);
	assert_string_equal(bounds.cursor.text, bounds.horizon.text);
	assert_true(strncmp(bounds.cursor.text, "202", 3) == 0 && strcmp(bounds.cursor.text, "2020-01-02 00:00:00") > 0);
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

static void test_only_future(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k INTEGER); INSERT INTO t VALUES (4070908800)");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	some.key.format = PAWL_FORMAT_UNIX_S;
	some.read.from = value("integer", "1600000000");
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {.is_exact = true})),
	                    "integer 4070908800, integer 1600000000, integer 1600000000");
	some.read.from.type = NULL; /* what a person wrote */
	assert_string_equal(describe(bounds_of(&shop, &some, (pawl_bounds_request) {.is_exact = true})),
	                    "integer 4070908800, integer 1600000000, integer 1600000000");
	some.read.from = (pawl_key_value) {0};
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.is_exact = true});
	assert_null(bounds.cursor.text); /* a writer may be slow, whose clock was read before ours */
	assert_null(bounds.horizon.text);
	assert_int_equal(bounds.ahead_rows, 1);
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

/* ---- zones ----------------------------------------------------------------------------------------------------------- */

/* The horizon of a table whose writers live in a zone, less what it would be in UTC, in hours. */
static void check_zone(const char *zone, const char *suffix, int64_t least_hours, int64_t most_hours)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_time_parts local, now;
	const char *reason;

	pawl_buffer_appendf(&sql, "CREATE TABLE t (k TIMESTAMP); INSERT INTO t VALUES ('2020-01-01 00:00:00%s')", suffix);
	fresh(pawl_buffer_text(&sql));
	opened shop = open_database();
	wish some = wish_for(&shop, "t");
	wish_key(&some, "k");
	some.key.zone = (char *) (uintptr_t) zone;
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {0});
	const char *utc = time_text("%Y-%m-%d %H:%M:%S", 0);
	assert_true(pawl_time_parse(bounds.horizon.text, strlen(bounds.horizon.text), &local, &reason));
	assert_true(pawl_time_parse(utc, strlen(utc), &now, &reason));
	int64_t seconds = (local.local_us - now.local_us) / SECOND_US;
	if (seconds < least_hours * 3600 - 60 || seconds > most_hours * 3600)
		fail_msg("%s '%s': the horizon is %" PRId64 " seconds from UTC", zone, suffix, seconds);
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

static void test_zones(void **state)
{
	(void) state;
	check_zone(NULL, "", 0, 0);
	check_zone("UTC", "", 0, 0);
	check_zone("Asia/Tokyo", "", 9, 9);
	check_zone("Europe/Berlin", "", 1, 2);
	check_zone("America/Los_Angeles", "", -8, -7);
	check_zone("Asia/Tokyo", "Z", 0, 0);         /* the text knows better */
	check_zone("Asia/Tokyo", "+09:00", -12, -12); /* other rows may have another offset */
	check_zone(NULL, "-03:00", -12, -12);

	fresh("CREATE TABLE t (k TIMESTAMP); INSERT INTO t VALUES ('2020-01-01 00:00:00')");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");
	pawl_bounds bounds;
	wish_key(&some, "k");
	some.key.zone = (char *) (uintptr_t) "Europe/Nowhere";
	assert_int_not_equal(
		shop.source->driver->bounds(shop.source, read_of(&some), &(pawl_bounds_request) {0}, &bounds, &error), PAWL_OK);
	assert_non_null(strstr(error.message, "the key's time zone 'Europe/Nowhere': "));
	close_database(&shop);
}

/* ---- writers --------------------------------------------------------------------------------------------------------- */

/*
 * A writer whose transaction was open at the snapshot, and who commits after it, has keys that are not below the cursor. This
 * is what "exact" says.
 */
static void test_open_transaction(void **state)
{
	(void) state;
	fresh("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, k TIMESTAMP DEFAULT CURRENT_TIMESTAMP);"
	      "INSERT INTO t (id) VALUES (1); INSERT INTO t VALUES (2, '2099-01-01 00:00:00')");
	sqlite3 *writer = open_writer();
	run_writer(writer, "BEGIN; INSERT INTO t (id) VALUES (3)");
	sqlite3_sleep(2100); /* the clock goes on while it is open */
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	wish_primary_key(&some, "id");
	pawl_bounds bounds = bounds_of(&shop, &some, (pawl_bounds_request) {.is_exact = true});
	run_writer(writer, "COMMIT");
	sqlite3_close(writer);
	shop.source->driver->snapshot_end(shop.source);
	pawl_snapshot snapshot;
	OK(shop.source->driver->snapshot_begin(shop.source, &snapshot, &error));
	some.read.order = PAWL_ORDER_KEY;
	some.read.from = bounds.cursor;
	some.read.column_count = 1;
	assert_string_equal(read_rows(&shop, &some, 10), "1;3;2");
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

/* A key that does not compare with the newest as their times do, with an index on the keys and without one. */
static void test_other_forms(void **state)
{
	static const struct {
		const char *declared, *keys, *other;
	} cases[] = {
		{"DATETIME", "('2024-05-01 10:00:00'), ('2024-05-01 10:00:00.5'), ('2024-05-02 08:00'), (NULL)", NULL},
		{"DATETIME", "('2024-05-01T10:00:00+02:00'), ('2024-05-01T10:00:00.123+02:00')", NULL},
		{"DATETIME", "('2024-05-01T10:00:00Z'), ('2024-05-01T10:00:01.5Z')", NULL},
		{"DATETIME", "(1700000000), (1700000000.5)", NULL},
		{"DATE", "('2024-05-01'), ('2024-05-02')", NULL},
		{"TEXT", "('2024-05-01 10:00:00'), ('2024-05-01T09:00:00')", NULL}, /* nobody said that it is a time */
		{"DATETIME", "('2024-05-01 10:00:00'), ('2024-05-02T09:00:00')", "2024-05-01 10:00:00"},
		{"DATETIME", "('2024-04-01T10:00:00'), ('2024-05-02 10:00:00'), ('2024-05-02T09:00:00')", "2024-05-02 10:00:00"},
		{"DATETIME", "('2024-04-01 10:00:00'), ('2024-05-02'), ('2024-05-02 09:00:00')", "2024-05-02"},
		{"DATETIME", "('2024-10-27T02:30:00+02:00'), ('2024-10-27T02:40:00+01:00')", "2024-10-27T02:30:00+02:00"},
		{"DATETIME", "(1800000000), ('2024-05-02T09:00:00')", "1800000000"},
		{"DATETIME", "('2024-05-02T09:00:00'), (X'00')", "2024-05-02T09:00:00"},
	};
	(void) state;

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[512];
		snprintf(sql, sizeof(sql), "CREATE TABLE t (k %s); %s; INSERT INTO t VALUES %s", cases[i / 2].declared,
		         i % 2 == 0 ? "CREATE INDEX i ON t (k)" : "SELECT 1", cases[i / 2].keys);
		fresh(sql);
		opened shop = open_database();
		wish all = wish_for(&shop, "t");
		wish_key(&all, "k");
		pawl_bounds bounds = bounds_of(&shop, &all, ahead_by_an_hour);
		assert_int_equal(bounds.other_form.text == NULL, cases[i / 2].other == NULL);
		if (cases[i / 2].other != NULL)
			assert_string_equal(bounds.other_form.text, cases[i / 2].other);
		pawl_bounds_clear(&bounds);
		close_database(&shop);
	}
}

/* A new key in another form is found between those that the least and the newest one tell of. */
static void test_new_other_form(void **state)
{
	char newest[] = "2024-05-02T09:00:00", text[] = "text";
	(void) state;

	fresh("CREATE TABLE t (k DATETIME); CREATE INDEX i ON t (k);"
	      "INSERT INTO t VALUES ('2024-05-01T10:00:00'), ('2024-05-03 10:00:00'), ('2024-05-04T10:00:00')");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");
	wish_key(&all, "k");
	pawl_bounds bounds = bounds_of(&shop, &all, ahead_by_an_hour);
	assert_null(bounds.other_form.text);
	pawl_bounds_clear(&bounds);
	all.read.from = (pawl_key_value) {newest, text};
	bounds = bounds_of(&shop, &all, ahead_by_an_hour);
	assert_string_equal(bounds.other_form.text, "2024-05-03 10:00:00");
	pawl_bounds_clear(&bounds);
	close_database(&shop);
}

static void test_without_snapshot(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k INTEGER)");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");
	pawl_bounds bounds;

	const pawl_bounds_request request = {0};
	assert_int_equal(shop.source->driver->bounds(shop.source, read_of(&some), &request, &bounds, &error), PAWL_INTERNAL);
	wish_key(&some, "k");
	shop.source->driver->snapshot_end(shop.source);
	assert_int_equal(shop.source->driver->bounds(shop.source, read_of(&some), &request, &bounds, &error), PAWL_INTERNAL);
	assert_int_equal(shop.source->driver->read_begin(shop.source, read_of(&some), &error), PAWL_INTERNAL);
	close_database(&shop);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status find_bounds(void *context, pawl_error *ret_error)
{
	const opened *shop = context;
	wish some = wish_for(shop, "t");
	pawl_bounds bounds;

	wish_key(&some, "k");
	some.key.zone = (char *) (uintptr_t) "Europe/Berlin";
	const pawl_bounds_request request = {.count_nulls = true};
	PAWL_TRY(shop->source->driver->bounds(shop->source, read_of(&some), &request, &bounds, ret_error));
	pawl_bounds_clear(&bounds);
	return PAWL_OK;
}

static pawl_status find_bounds_without_zone(void *context, pawl_error *ret_error)
{
	const opened *shop = context;
	wish some = wish_for(shop, "t");
	pawl_bounds bounds;

	wish_key(&some, "k");
	const pawl_bounds_request request = {.is_exact = true, .count_nulls = true};
	PAWL_TRY(shop->source->driver->bounds(shop->source, read_of(&some), &request, &bounds, ret_error));
	pawl_bounds_clear(&bounds);
	return PAWL_OK;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k TIMESTAMP); INSERT INTO t VALUES ('2020-01-01 00:00:00'), ('2099-01-01 00:00:00'), (NULL)");
	opened shop = open_database();

	assert_in_range(refuse_every_allocation(find_bounds_without_zone, &shop), 20, 60);
	assert_in_range(refuse_every_allocation(find_bounds, &shop), 25, 80);
	close_database(&shop);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_collation),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_julian_days),
		cmocka_unit_test(test_lag),
		cmocka_unit_test(test_future),
		cmocka_unit_test(test_only_future),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_open_transaction),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_new_other_form),
		cmocka_unit_test(test_without_snapshot),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
