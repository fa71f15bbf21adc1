/* Relations: keys of several columns, conditions, names, views, and values that arrive in another form than they have. */
#include "conformance.h"

#include "base/memory.h"

/* ---- keys of several columns ----------------------------------------------------------------------------------------- */

static pawl_source_key two_columns(pawl_key_kind kind)
{
	static size_t columns[2];
	columns[0] = find_column(find_table("t"), "a");
	columns[1] = find_column(find_table("t"), "b");
	return (pawl_source_key) {.kind = kind, .columns = columns, .column_count = 2, .key_class = PAWL_KEY_NUMBER};
}

static void test_keys_of_two_columns(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);"
	      "INSERT INTO t VALUES (1, 1, 9), (2, 5, NULL), (3, NULL, 6), (4, NULL, NULL), (5, 7, 2)");
	pawl_read read = read_of(find_table("t"));
	pawl_source_key greatest = two_columns(PAWL_KEY_GREATEST), coalesce = two_columns(PAWL_KEY_COALESCE);

	read.order = PAWL_ORDER_KEY;
	read.key = &greatest; /* 9, 5, 6, NULL, 7 */
	read.from = integer_value("6");
	assert_string_equal(read_ids(&read), "1 3 5");
	read.before = integer_value("9");
	assert_string_equal(read_ids(&read), "3 5");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "3 4 5");
	read.has_null_keys = false;
	read.key = &coalesce; /* 1, 5, 6, NULL, 7 */
	assert_string_equal(read_ids(&read), "3 5");
	read.from = integer_value("1");
	read.before = integer_value("6");
	assert_string_equal(read_ids(&read), "1 2");
	read.from = read.before = (pawl_key_value) {0};
	read.has_no_null_keys = true;
	assert_string_equal(read_ids(&read), "1 2 3 5");
}

/* ---- conditions, names, empty tables --------------------------------------------------------------------------------- */

static void test_where(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, \"odd name\" VARCHAR);"
	      "INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'a'), (4, NULL, 'a'), (5, NULL, 'b')");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	read.where = "\"odd name\" = 'a' OR id = 2";
	assert_string_equal(read_ids(&read), "1 2 3 4");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	read.from = integer_value("20");
	assert_string_equal(read_ids(&read), "2 3");
	read.where = "\"odd name\" = 'a' -- and no more";
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "3 4");
	read.where = "id IS NULL";
	assert_string_equal(read_ids(&read), "");
}

/* A value that a person wrote has no type: the driver finds out. */
static void test_values_of_people(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO t VALUES (1, 9), (2, 10), (3, 100)");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	read.key = &key;
	read.from = (pawl_key_value) {.text = (char *) (uintptr_t) "10"};
	for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_KEY; order++) {
		read.order = order;
		assert_string_equal(read_ids(&read), "2 3");
	}
}

static void test_empty_table(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER)");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	assert_string_equal(read_ids(&read), "");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_ids(&read), "");
	read.from = integer_value("1");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "");
}

/* Names with everything in them that could mean something to SQL; columns get the names that the read gives. */
static void test_names(void **state)
{
	(void) state;
	setup("CREATE TABLE \"sel\"\"ect.from ünï'\" (id INTEGER PRIMARY KEY, \"k.\"\"k' x\" INTEGER);"
	      "INSERT INTO \"sel\"\"ect.from ünï'\" VALUES (1, 5), (2, 6)");
	const pawl_source_table *table = find_table("sel\"ect.from ünï'");
	size_t column = find_column(table, "k.\"k' x");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	const pawl_read_column columns[] = {{.name = "a \"b\".c", .index = column}, {.name = "id", .index = 0}};
	const pawl_read read = {.table = table, .columns = columns, .column_count = 2, .key = &key, .order = PAWL_ORDER_KEY,
	                        .from = integer_value("6")};
	const pawl_window_limit limit = rows_limit(10);
	const char *relation;
	pawl_window window;

	assert_string_equal(read_ids(&read), "2");
	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	assert_string_equal(query_text("SELECT \"a \"\"b\"\".c\" || '/' || id FROM %s", relation), "6/2");
	OK(subject->driver->window_end(source, &window, &error));
	pawl_free(window.position);
	subject->driver->read_end(source);
}

static void test_view(void **state)
{
	(void) state;
	setup("CREATE TABLE kept (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO kept VALUES (1, 3), (2, NULL), (3, 1), "
	      "(4, 3), (5, 2);"
	      "CREATE VIEW t AS SELECT id, k FROM kept");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	assert_string_equal(read_ids(&read), "1 2 3 4 5");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_ids(&read), "1 2 3 4 5");
	read.from = integer_value("2");
	assert_string_equal(read_ids(&read), "1 4 5");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "1 2 4 5");
}

/* ---- how values arrive ----------------------------------------------------------------------------------------------- */

/* The value of the one row, as the engine's type and text. */
static const char *arrived(bool as_text, pawl_key_format format)
{
	const pawl_source_table *table = find_table("t");
	const pawl_read_column column = {.name = "x", .index = find_column(table, "x"), .as_text = as_text, .format = format};
	const pawl_read read = {.table = table, .columns = &column, .column_count = 1};
	const pawl_window_limit limit = rows_limit(10);
	const char *relation;
	pawl_window window;

	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	const char *text = query_text("SELECT typeof(x) || ' ' || x::VARCHAR FROM %s", relation);
	OK(subject->driver->window_end(source, &window, &error));
	assert_true(window.is_last);
	pawl_free(window.position);
	subject->driver->read_end(source);
	return text;
}

static void test_as_text(void **state)
{
	static const struct {
		const char *type, *literal, *text;
	} cases[] = {
		{"INTEGER", "-5", "-5"},
		{"BIGINT", "9223372036854775807", "9223372036854775807"},
		{"DOUBLE PRECISION", "0.1", "0.1"},
		{"VARCHAR", "'007'", "007"},
		{"DECIMAL(5,2)", "12.25", "12.25"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[64];
		setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, x %s); INSERT INTO t VALUES (1, %s)", cases[i].type,
		             cases[i].literal);
		snprintf(want, sizeof(want), "VARCHAR %s", cases[i].text);
		assert_string_equal(arrived(true, PAWL_FORMAT_NONE), want);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

static void test_formats(void **state)
{
	static const struct {
		const char *type, *literal;
		pawl_key_format format;
		const char *text;
	} cases[] = {
		{"BIGINT", "1700000000", PAWL_FORMAT_UNIX_S, "2023-11-14 22:13:20"},
		{"BIGINT", "-1", PAWL_FORMAT_UNIX_S, "1969-12-31 23:59:59"},
		{"DECIMAL(18,6)", "1700000000.123456", PAWL_FORMAT_UNIX_S, "2023-11-14 22:13:20.123456"},
		{"BIGINT", "1700000000123", PAWL_FORMAT_UNIX_MS, "2023-11-14 22:13:20.123"},
		{"VARCHAR", "'2023-11-14 22:13:20'", PAWL_FORMAT_ISO8601, "2023-11-14 22:13:20"},
		{"VARCHAR", "'2023-11-14T22:13:20.123456Z'", PAWL_FORMAT_ISO8601, "2023-11-14 22:13:20.123456"},
		{"VARCHAR", "'2023-11-14 22:13:20+05:30'", PAWL_FORMAT_ISO8601, "2023-11-14 16:43:20"},
		{"VARCHAR", "'2023-11-14'", PAWL_FORMAT_ISO8601, "2023-11-14 00:00:00"},
		{"DOUBLE PRECISION", "2440587.5", PAWL_FORMAT_JULIAN_DAY, "1970-01-01 00:00:00"},
		{"DOUBLE PRECISION", "2460263.4261574", PAWL_FORMAT_JULIAN_DAY, "2023-11-14 22:13:39.999"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[64];
		setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, x %s); INSERT INTO t VALUES (1, %s)", cases[i].type,
		             cases[i].literal);
		snprintf(want, sizeof(want), "TIMESTAMP %s", cases[i].text);
		assert_string_equal(arrived(false, cases[i].format), want);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_keys_of_two_columns),
		CONFORMANCE_TEST(test_where),
		CONFORMANCE_TEST(test_values_of_people),
		CONFORMANCE_TEST(test_empty_table),
		CONFORMANCE_TEST(test_names),
		CONFORMANCE_TEST(test_view),
		CONFORMANCE_TEST(test_as_text),
		CONFORMANCE_TEST(test_formats),
	};
	return conformance_main(argc, argv, "relations", tests, COUNT(tests));
}
