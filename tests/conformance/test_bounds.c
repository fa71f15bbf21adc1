/* Bounds: where the keys of a snapshot stand, by the source's own comparison. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US   (3600 * SECOND_US)
#define LAG_US    (10 * SECOND_US)

static pawl_source_key key;
static size_t key_columns[2];
static const pawl_bounds_request with_lag = {.lag_us = LAG_US, .max_ahead_us = 48 * HOUR_US, .count_nulls = true};

/* Of the table t, by the column k. */
static pawl_read keyed_read(pawl_key_class key_class, pawl_key_format format)
{
	pawl_read read = read_of(find_table("t"));

	key_columns[0] = find_column(read.table, "k");
	key = (pawl_source_key) {.columns = key_columns, .column_count = 1, .key_class = key_class, .format = format};
	read.key = &key;
	return read;
}

static pawl_bounds bounds_of(const pawl_read *read)
{
	pawl_bounds bounds = {0};
	OK(subject->driver->bounds(source, read, &with_lag, &bounds, &error));
	return bounds;
}

/* ---- the newest ------------------------------------------------------------------------------------------------------ */

static char *unquoted(const char *literal)
{
	size_t length = strlen(literal);
	return literal[0] == '\'' ? strndup(literal + 1, length - 2) : strdup(literal);
}

/* Of each kind of key: the newest is the last in the source's own order, and what travels is its exact text. */
static void test_newest(void **state)
{
	(void) state;
	for (const key_case *keys = subject->keys; keys->name != NULL; keys++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		pawl_buffer_appendf(&sql, "CREATE TABLE t (id INTEGER PRIMARY KEY, k %s)", keys->type);
		for (int i = 0; i < KEY_VALUES_MAX && keys->values[i].literal != NULL; i++)
			pawl_buffer_appendf(&sql, "; INSERT INTO t VALUES (%d, %s)", i, keys->values[i].literal);
		setup(pawl_buffer_text(&sql));
		pawl_read read = keyed_read(keys->key_class, keys->format);
		for (int i = 0; i < KEY_VALUES_MAX && keys->values[i].literal != NULL; i++) {
			char where[32];
			char *text = unquoted(keys->values[i].text == NULL ? keys->values[i].literal : keys->values[i].text);
			snprintf(where, sizeof(where), "id <= %d", i);
			read.where = where;
			pawl_bounds bounds = bounds_of(&read);
			if (bounds.newest.text == NULL || strcmp(bounds.newest.text, text) != 0)
				fail_msg("key %s: the newest is '%s', not '%s'", keys->name, bounds.newest.text, text);
			free(text);
			pawl_bounds_clear(&bounds);
		}
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

static void assert_newest(const pawl_read *read, const char *newest)
{
	pawl_bounds bounds = bounds_of(read);

	if (newest == NULL)
		assert_null(bounds.newest.text);
	else
		assert_string_equal(bounds.newest.text, newest);
	/* A number without a format is no clock: nothing but the newest bounds it. */
	assert_null(bounds.horizon.text);
	assert_true(pawl_key_value_equal(&bounds.cursor, &bounds.newest));
	assert_int_equal(bounds.ahead_rows, 0);
	pawl_bounds_clear(&bounds);
}

static void test_limits(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER);"
	      "INSERT INTO t VALUES (1, 10), (2, 9), (3, 100), (4, NULL), (5, 20), (6, 20)");
	pawl_read read = keyed_read(PAWL_KEY_NUMBER, PAWL_FORMAT_NONE);

	assert_newest(&read, "100");
	read.before = integer_value("100");
	assert_newest(&read, "20");
	read.from = integer_value("20");
	assert_newest(&read, "20");
	read.from = integer_value("21");
	assert_newest(&read, NULL);
	read.before = (pawl_key_value) {0};
	read.has_null_keys = true;
	assert_newest(&read, "100");
	read.where = "id <> 3";
	assert_newest(&read, NULL);
	read.from = (pawl_key_value) {0};
	assert_newest(&read, "20");
	for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_PRIMARY_KEY; order++) {
		read.order = order; /* which is of no matter to it */
		assert_newest(&read, "20");
	}
	read.where = "id = 4";
	assert_newest(&read, NULL);
}

static void test_empty_table(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k TIMESTAMP)");
	const pawl_read read = keyed_read(PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE);
	pawl_bounds bounds = bounds_of(&read);

	assert_null(bounds.newest.text);
	assert_null(bounds.cursor.text); /* a clock alone is no place of a row */
	assert_int_equal(bounds.null_rows, 0);
	assert_int_equal(bounds.ahead_rows, 0);
	pawl_bounds_clear(&bounds);
}

static void test_nulls_are_counted(void **state)
{
	(void) state;
	pawl_bounds bounds = {0};
	pawl_bounds_request request = with_lag;

	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER);"
	      "INSERT INTO t VALUES (1, NULL), (2, 5), (3, NULL), (4, 7), (5, NULL)");
	pawl_read read = keyed_read(PAWL_KEY_NUMBER, PAWL_FORMAT_NONE);
	read.where = "id < 5";
	read.from = integer_value("6"); /* which says nothing of them */
	read.has_no_null_keys = true;   /* nor does this: they are counted because they do not come */
	bounds = bounds_of(&read);
	assert_int_equal(bounds.null_rows, 2);
	assert_string_equal(bounds.newest.text, "7");
	pawl_bounds_clear(&bounds);
	request.count_nulls = false;
	OK(subject->driver->bounds(source, &read, &request, &bounds, &error));
	assert_int_equal(bounds.null_rows, 0);
	pawl_bounds_clear(&bounds);
}

static void test_keys_of_two_columns(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, l INTEGER);"
	      "INSERT INTO t VALUES (1, 1, 9), (2, 8, NULL), (3, NULL, 6), (4, NULL, NULL)");
	pawl_read read = keyed_read(PAWL_KEY_NUMBER, PAWL_FORMAT_NONE);
	key_columns[1] = find_column(read.table, "l");
	key.column_count = 2;

	key.kind = PAWL_KEY_GREATEST;
	assert_newest(&read, "9");
	key.kind = PAWL_KEY_COALESCE;
	assert_newest(&read, "8");
	pawl_bounds bounds = bounds_of(&read);
	assert_int_equal(bounds.null_rows, 1);
	pawl_bounds_clear(&bounds);
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------- */

/* A column that is a clock. `value` and `back` are SQL of the engine: a key from the microseconds $, and the other way
 * round. */
typedef struct clock_case {
	const char *type;
	pawl_key_class key_class;
	pawl_key_format format;
	const char *value, *back;
	int64_t step_us; /* the horizon is rounded down to a multiple of it, give or take nothing */
} clock_case;

static const clock_case clocks[] = {
	{"TIMESTAMP", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "strftime(make_timestamp($), '''%Y-%m-%d %H:%M:%S.%f''')",
	 "epoch_us('$'::TIMESTAMP)", SECOND_US},
	{"DATE", PAWL_KEY_DATE, PAWL_FORMAT_NONE, "strftime(make_timestamp($), '''%Y-%m-%d''')", "epoch_us('$'::TIMESTAMP)",
	 24 * HOUR_US},
	{"BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_S, "($ // 1000000)::VARCHAR", "'$'::BIGINT * 1000000", SECOND_US},
	{"BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_MS, "($ // 1000)::VARCHAR", "'$'::BIGINT * 1000", SECOND_US},
	{"DOUBLE PRECISION", PAWL_KEY_NUMBER, PAWL_FORMAT_JULIAN_DAY, "($ / 86400e6 + 2440587.5)::VARCHAR",
	 "(('$'::DOUBLE - 2440587.5) * 86400e6)::BIGINT", SECOND_US + 1000},
	{"VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_ISO8601, "strftime(make_timestamp($), '''%Y-%m-%d %H:%M:%S''')",
	 "epoch_us('$'::TIMESTAMP)", SECOND_US},
	{"VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_ISO8601, "strftime(make_timestamp($), '''%Y-%m-%dT%H:%M:%S.%fZ''')",
	 "epoch_us('$'::TIMESTAMPTZ)", SECOND_US},
};

/* With $ replaced; until the next call. */
static const char *evaluate(const char *expression, const char *argument)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT (");
	for (const char *c = expression; *c != '\0'; c++)
		if (*c == '$')
			pawl_buffer_append(&sql, argument);
		else
			pawl_buffer_append_character(&sql, *c);
	pawl_buffer_append(&sql, ")::VARCHAR");
	return query_text("%s", pawl_buffer_text(&sql));
}

/* Makes the table t with keys at these distances from now. */
static void make_clock_table(const clock_case *of, const int64_t *distances_us, size_t count)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	int64_t now_us = pawl_time_now_us();

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &engine, &error));
	pawl_buffer_appendf(&sql, "CREATE TABLE t (id INTEGER PRIMARY KEY, k %s)", of->type);
	for (size_t i = 0; i < count; i++) {
		char us[32];
		snprintf(us, sizeof(us), "%lld::BIGINT", (long long) (now_us + distances_us[i]));
		pawl_buffer_appendf(&sql, "; INSERT INTO t VALUES (%zu, %s)", i, evaluate(of->value, us));
	}
	pawl_duck_close_pointer(&engine);
	setup(pawl_buffer_text(&sql));
}

static int64_t instant_of(const clock_case *of, const pawl_key_value *value)
{
	return strtoll(evaluate(of->back, value->text), NULL, 10);
}

/* All keys are in the past: the newest one is the cursor. */
static void check_past(const clock_case *of)
{
	static const int64_t distances[] = {-400 * HOUR_US, -100 * HOUR_US, -200 * HOUR_US};

	make_clock_table(of, distances, COUNT(distances));
	const pawl_read read = keyed_read(of->key_class, of->format);
	pawl_bounds bounds = bounds_of(&read);
	assert_non_null(bounds.horizon.text);
	assert_true(pawl_key_value_equal(&bounds.cursor, &bounds.newest));
	assert_in_range(instant_of(of, &bounds.newest), pawl_time_now_us() - 124 * HOUR_US, pawl_time_now_us() - 99 * HOUR_US);
	assert_int_equal(bounds.ahead_rows, 0);
	pawl_bounds_clear(&bounds);
}

/* One row of the future hides nothing: the clock less the lag is the cursor, and never beyond it. */
static void check_future(const clock_case *of)
{
	static const int64_t distances[] = {-100 * HOUR_US, 100 * HOUR_US, 24 * HOUR_US, 5000 * HOUR_US};

	make_clock_table(of, distances, COUNT(distances));
	const pawl_read read = keyed_read(of->key_class, of->format);
	int64_t before_us = pawl_time_now_us();
	pawl_bounds bounds = bounds_of(&read);
	int64_t cursor_us = instant_of(of, &bounds.cursor);
	assert_true(pawl_key_value_equal(&bounds.cursor, &bounds.horizon));
	if (cursor_us > pawl_time_now_us() - LAG_US || cursor_us < before_us - LAG_US - 2 * SECOND_US - of->step_us)
		fail_msg("key %s %s: the cursor '%s' is %lld us from the horizon", of->type, pawl_key_format_names[of->format],
		         bounds.cursor.text, (long long) (cursor_us - before_us + LAG_US));
	assert_int_equal(bounds.ahead_rows, 2); /* by more than 48 hours */
	pawl_bounds_clear(&bounds);
}

static void test_clocks(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(clocks); i++) {
		check_past(&clocks[i]);
		close_source();
		assert_int_equal(remove(subject->path), 0);
		check_future(&clocks[i]);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

/* The writers' local time, which is ahead of UTC or behind it. */
static void test_zones(void **state)
{
	static const struct {
		const char *zone;
		int64_t ahead_us;
	} zones[] = {{"Asia/Kolkata", 11 * HOUR_US / 2}, {"America/Phoenix", -7 * HOUR_US}, {"UTC", 0}}; /* no summer time */
	static const int64_t distances[] = {-100 * HOUR_US, 100 * HOUR_US};

	(void) state;
	make_clock_table(&clocks[0], distances, COUNT(distances));
	const pawl_read read = keyed_read(PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE);
	for (size_t i = 0; i < COUNT(zones); i++) {
		key.zone = (char *) (uintptr_t) zones[i].zone;
		int64_t before_us = pawl_time_now_us();
		pawl_bounds bounds = bounds_of(&read);
		int64_t horizon_us = instant_of(&clocks[0], &bounds.horizon) - zones[i].ahead_us + LAG_US;
		assert_in_range(horizon_us, before_us - 2 * SECOND_US, pawl_time_now_us());
		pawl_bounds_clear(&bounds);
	}
	key.zone = (char *) (uintptr_t) "Nowhere/Atall";
	pawl_bounds bounds = {0};
	assert_int_not_equal(subject->driver->bounds(source, &read, &with_lag, &bounds, &error), PAWL_OK);
	assert_non_null(strstr(error.message, "Nowhere/Atall"));
}

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_newest),
		CONFORMANCE_TEST(test_limits),
		CONFORMANCE_TEST(test_empty_table),
		CONFORMANCE_TEST(test_nulls_are_counted),
		CONFORMANCE_TEST(test_keys_of_two_columns),
		CONFORMANCE_TEST(test_clocks),
		CONFORMANCE_TEST(test_zones),
	};
	return conformance_main(argc, argv, "bounds", tests, COUNT(tests));
}
