/* What the DuckDB driver says to DuckDB: values, limits, and instants in the form of a key. */
#include <string.h>

#include "source/duckdb/internal.h"
#include "support.h"

static pawl_error error;
static pawl_duck *duck;

static pawl_source_column columns[2];
static pawl_source_table table = {.columns = columns, .column_count = 2};
static size_t key_columns[] = {1, 0};
static pawl_source_key key;
static pawl_read read_of_key;

static int open_duck(void **state)
{
	(void) state;
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &duck, &error));
	return 0;
}

static int close_duck(void **state)
{
	(void) state;
	pawl_duck_close_pointer(&duck);
	return 0;
}

/* A key of such a column, called k; the other one is called "i d". */
static void set_key(const char *type, pawl_key_class key_class, pawl_key_format format, const char *zone)
{
	table.schema = (char *) (uintptr_t) "ma\"in";
	table.name = (char *) (uintptr_t) "t";
	columns[0] = (pawl_source_column) {.name = (char *) (uintptr_t) "i d", .type = (char *) (uintptr_t) "INTEGER"};
	columns[1] = (pawl_source_column) {.name = (char *) (uintptr_t) "k", .type = (char *) (uintptr_t) type};
	key = (pawl_source_key) {.columns = key_columns, .column_count = 1, .key_class = key_class, .format = format,
	                         .zone = (char *) (uintptr_t) zone};
	read_of_key = (pawl_read) {.table = &table, .key = &key};
}

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

static void assert_where(const char *sql)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer where = {0};
	const char *separator;

	pawl_duckdb_append_where(&where, &read_of_key, &separator);
	assert_string_equal(pawl_buffer_text(&where), sql);
	assert_string_equal(separator, *sql == '\0' ? " WHERE " : " AND ");
}

static void test_where(void **state)
{
	(void) state;
	set_key("VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_NONE, NULL);
	assert_where("");
	read_of_key.from = (pawl_key_value) {(char *) (uintptr_t) "O'B", (char *) (uintptr_t) "VARCHAR"};
	assert_where(" WHERE (\"k\" >= 'O''B'::VARCHAR)");
	read_of_key.before = (pawl_key_value) {.text = (char *) (uintptr_t) "x"};
	assert_where(" WHERE (\"k\" >= 'O''B'::VARCHAR AND \"k\" < 'x'::VARCHAR)");
	read_of_key.has_null_keys = true;
	assert_where(" WHERE ((\"k\" >= 'O''B'::VARCHAR AND \"k\" < 'x'::VARCHAR) OR \"k\" IS NULL)");
	read_of_key.from = (pawl_key_value) {0};
	assert_where(" WHERE ((\"k\" < 'x'::VARCHAR) OR \"k\" IS NULL)");
	read_of_key.where = "a OR b -- c";
	read_of_key.before = (pawl_key_value) {0};
	assert_where(" WHERE (a OR b -- c\n)");
	read_of_key.has_no_null_keys = true;
	assert_where(" WHERE (a OR b -- c\n) AND \"k\" IS NOT NULL");
	read_of_key.key = NULL;
	assert_where(" WHERE (a OR b -- c\n)");
}

static void test_keys(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	set_key("INTEGER", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE, NULL);
	pawl_duckdb_append_key(&sql, &read_of_key);
	key.column_count = 2;
	key.kind = PAWL_KEY_GREATEST;
	pawl_duckdb_append_key(&sql, &read_of_key);
	key.kind = PAWL_KEY_COALESCE;
	pawl_duckdb_append_key(&sql, &read_of_key);
	assert_string_equal(pawl_buffer_text(&sql), "\"k\"greatest(\"k\", \"i d\")coalesce(\"k\", \"i d\")");
	pawl_buffer_clear(&sql);
	pawl_duckdb_append_from(&sql, &read_of_key);
	assert_string_equal(pawl_buffer_text(&sql), "pawl_source.\"ma\"\"in\".\"t\"");
}

/* In the order of a key, rows within limits and those without a key come from a look of their own each. */
static void test_from_with_null_keys(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	set_key("INTEGER", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE, NULL);
	read_of_key.order = PAWL_ORDER_KEY;
	read_of_key.has_null_keys = true;
	read_of_key.from = (pawl_key_value) {(char *) (uintptr_t) "5", (char *) (uintptr_t) "INTEGER"};
	pawl_duckdb_append_from(&sql, &read_of_key);
	assert_string_equal(pawl_buffer_text(&sql),
	                    "(SELECT * FROM pawl_source.\"ma\"\"in\".\"t\" WHERE (\"k\" >= '5'::INTEGER) UNION ALL "
	                    "SELECT * FROM pawl_source.\"ma\"\"in\".\"t\" WHERE \"k\" IS NULL) AS \"t\"");
	assert_where("");
}

static void test_select(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_read_column read_columns[] = {{.name = "a\"b", .index = 0, .as_text = true}, {.name = "k", .index = 1}};

	set_key("INTEGER", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE, NULL);
	read_of_key.columns = read_columns;
	read_of_key.column_count = 2;
	read_of_key.tail_from = (pawl_key_value) {(char *) (uintptr_t) "5", (char *) (uintptr_t) "INTEGER"};
	pawl_duckdb_append_select(&sql, &read_of_key);
	assert_string_equal(pawl_buffer_text(&sql),
	                    "SELECT CAST(\"i d\" AS VARCHAR) AS \"a\"\"b\", \"k\" AS \"k\", "
	                    "coalesce(\"k\" >= '5'::INTEGER, true) AS _pawl_is_tail FROM pawl_source.\"ma\"\"in\".\"t\"");
}

/* ---- instants -------------------------------------------------------------------------------------------------------- */

/* The instant as a value of the key, evaluated; `newest` is an expression. */
static void assert_instant(int64_t us, const char *newest, const char *text)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT CAST(");
	pawl_duckdb_append_instant(&sql, &read_of_key, us, newest);
	pawl_buffer_append(&sql, " AS VARCHAR)");
	OK(pawl_duck_query(duck, pawl_buffer_text(&sql), NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	if (text == NULL)
		assert_null(found);
	else
		assert_string_equal(found, text);
}

#define NOON INT64_C(1709208000123456) /* 2024-02-29 12:00:00.123456 */

/* What is coarser is rounded down, also before 1970. */
static void test_instants_of_each_class(void **state)
{
	static const struct {
		const char *type;
		pawl_key_class key_class;
		pawl_key_format format;
		const char *noon, *before_1970; /* 1969-12-31 23:59:59.999999 */
	} cases[] = {
		{"TIMESTAMP", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "2024-02-29 12:00:00.123456", "1969-12-31 23:59:59.999999"},
		{"TIMESTAMP_NS", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "2024-02-29 12:00:00.123456",
		 "1969-12-31 23:59:59.999999"},
		{"TIMESTAMP_MS", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "2024-02-29 12:00:00.123", "1969-12-31 23:59:59.999"},
		{"TIMESTAMP_S", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "2024-02-29 12:00:00", "1969-12-31 23:59:59"},
		{"TIMESTAMP WITH TIME ZONE", PAWL_KEY_TIMESTAMPTZ, PAWL_FORMAT_NONE, "2024-02-29 12:00:00.123456+00",
		 "1969-12-31 23:59:59.999999+00"},
		{"DATE", PAWL_KEY_DATE, PAWL_FORMAT_NONE, "2024-02-29", "1969-12-31"},
		{"BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_S, "1709208000", "-1"},
		{"BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_MS, "1709208000123", "-1"},
		{"DECIMAL(18,6)", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_S, "1709208000.000000", "-1.000000"},
		{"DOUBLE", PAWL_KEY_NUMBER, PAWL_FORMAT_JULIAN_DAY, "2460370.0", "2440587.499988426"},
		{"BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE, NULL, NULL},
		{"VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_NONE, NULL, NULL},
		{"VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_ISO8601, "2024-02-29 12:00:00", "1969-12-31 23:59:59"},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_key(cases[i].type, cases[i].key_class, cases[i].format, NULL);
		assert_instant(NOON, "NULL::VARCHAR", cases[i].noon);
		assert_instant(-1, "NULL::VARCHAR", cases[i].before_1970);
	}
}

/* A text is written as the newest one is. */
static void test_texts(void **state)
{
	(void) state;
	set_key("VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_ISO8601, NULL);
	assert_instant(NOON, "'2024-01-01T00:00:00Z'", "2024-02-29T12:00:00");
	assert_instant(NOON, "'2024-01-01 00:00:00'", "2024-02-29 12:00:00");
	assert_instant(NOON, "'2024-01-01 T'", "2024-02-29 12:00:00");
}

/* 27 October 2024: clocks in Berlin go from 03:00 back to 02:00 at 01:00 UTC; from 00:00 UTC on, 02:00 will be shown again. */
static void test_zones(void **state)
{
	const int64_t midnight_us = INT64_C(1729987200000000), minute_us = INT64_C(60000000);
	static const struct {
		int minutes; /* from midnight, UTC */
		const char *local;
	} cases[] = {
		{-26 * 60, "2024-10-26 00:00:00"}, /* more than a day before */
		{-10, "2024-10-27 01:50:00"},
		{0, "2024-10-27 02:00:00"},
		{10, "2024-10-27 02:00:00"}, /* 02:10 it is, and 02:00 comes again */
		{59, "2024-10-27 02:00:00"},
		{60, "2024-10-27 02:00:00"},
		{61, "2024-10-27 02:01:00"},
		{120, "2024-10-27 03:00:00"},
	};

	(void) state;
	set_key("TIMESTAMP", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "Europe/Berlin");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_instant(midnight_us + cases[i].minutes * minute_us, "NULL", cases[i].local);
	/* In spring an hour is left out, which takes nothing back. */
	assert_instant(INT64_C(1711846740000000), "NULL", "2024-03-31 01:59:00");
	assert_instant(INT64_C(1711846800000000), "NULL", "2024-03-31 03:00:00");
	/* Half an hour, on Lord Howe Island: at 15:00 UTC of 6 April, 02:00 becomes 01:30. */
	set_key("TIMESTAMP", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE, "Australia/Lord_Howe");
	assert_instant(INT64_C(1712415540000000), "NULL", "2024-04-07 01:30:00");
	set_key("DATE", PAWL_KEY_DATE, PAWL_FORMAT_NONE, "Pacific/Kiritimati");
	assert_instant(NOON, "NULL", "2024-03-01");
	set_key("VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_ISO8601, "Europe/Berlin");
	assert_instant(NOON, "'2024-01-01T'", "2024-02-29T13:00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where), cmocka_unit_test(test_from_with_null_keys), cmocka_unit_test(test_keys),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_instants_of_each_class), cmocka_unit_test(test_texts), cmocka_unit_test(test_zones),
	};
	return cmocka_run_group_tests(tests, open_duck, close_duck);
}
