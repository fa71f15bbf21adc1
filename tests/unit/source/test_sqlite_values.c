/* Values of SQLite: each arrives as it was, or is refused by name. */
#include <string.h>

#include "base/memory.h"
#include "sqlite_support.h"

/* Puts one value into a column of the declared type. */
static opened open_with(const char *declared, const char *sql_value)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	remove(DATABASE);
	pawl_buffer_appendf(&sql, "CREATE TABLE t (id INTEGER PRIMARY KEY, v %s); INSERT INTO t VALUES (1, %s)",
		declared, sql_value);
	make_database(pawl_buffer_text(&sql));
	return open_database();
}

/* ---- types ----------------------------------------------------------------------------------------------------------- */

static const struct value_case {
	const char *declared, *value, *type;
	const char *text; /* NULL: a misfit */
} value_cases[] = {
	{"INTEGER", "9223372036854775807", "BIGINT", "9223372036854775807"},
	{"BIGINT", "-9223372036854775808", "BIGINT", "-9223372036854775808"},
	{"UNSIGNED BIG INT", "18446744073709551615", "BIGINT", NULL},
	{"INTEGER", "NULL", "BIGINT", "NULL"},
	{"INT", "1.5", "BIGINT", NULL},
	{"INT", "'abc'", "BIGINT", NULL},
	{"INT", "X'00'", "BIGINT", NULL},
	{"INT", "'12'", "BIGINT", "12"}, /* which SQLite has made an integer */
	{"BOOLEAN", "1", "BOOLEAN", "true"},
	{"BOOL", "0", "BOOLEAN", "false"},
	{"BOOLEAN", "2", "BOOLEAN", NULL},
	{"BOOLEAN", "'true'", "BOOLEAN", NULL},
	{"BOOLEAN", "NULL", "BOOLEAN", "NULL"},
	{"REAL", "0.1", "DOUBLE", "0.1"},
	{"DOUBLE PRECISION", "1.7976931348623157e308", "DOUBLE", "1.7976931348623157e+308"},
	{"FLOAT", "-9e999", "DOUBLE", "-inf"},
	{"FLOATING POINT", "7", "DOUBLE", "7.0"}, /* an integer, to SQLite */
	{"FLOATING POINT", "9007199254740993", "DOUBLE", NULL}, /* 2^53 + 1 */
	{"REAL", "'abc'", "DOUBLE", NULL},
	{"DECIMAL(10,2)", "12.5", "DECIMAL(10,2)", "12.50"},
	{"NUMERIC(10, 2)", "-0.07", "DECIMAL(10,2)", "-0.07"},
	{"decimal(10,2)", "3", "DECIMAL(10,2)", "3.00"},
	{"DECIMAL(10,2)", "99999999.99", "DECIMAL(10,2)", "99999999.99"},
	{"DECIMAL(10,2)", "100000000", "DECIMAL(10,2)", NULL},
	{"DECIMAL(10,2)", "0.1 + 0.2", "DECIMAL(10,2)", NULL}, /* 0.30000000000000004 */
	{"DECIMAL(10,2)", "1.005", "DECIMAL(10,2)", NULL},
	{"DECIMAL(4,1)", "999.9", "DECIMAL(4,1)", "999.9"},
	{"DECIMAL(4,1)", "1000", "DECIMAL(4,1)", NULL},
	{"DECIMAL(9)", "-123456789", "DECIMAL(9,0)", "-123456789"},
	{"DECIMAL(18,17)", "0.30000000000000004", "DECIMAL(18,17)", "0.30000000000000004"},
	{"DECIMAL(38,0)", "9223372036854775807", "DECIMAL(38,0)", "9223372036854775807"},
	{"DECIMAL(38,20)", "-5e-324", "DECIMAL(38,20)", NULL},
	{"DECIMAL(38,5)", "1e22", "DECIMAL(38,5)", "10000000000000000000000.00000"},
	{"DECIMAL(10,2)", "9e999", "DECIMAL(10,2)", NULL},
	{"DECIMAL(10,2)", "'abc'", "DECIMAL(10,2)", NULL},
	{"NUMERIC", "1.5", "DOUBLE", "1.5"},
	{"DECIMAL", "9007199254740992", "DOUBLE", "9007199254740992.0"},
	{"DECIMAL(65,30)", "1.5", "DOUBLE", "1.5"},
	{"DECIMAL(5,7)", "1.5", "DOUBLE", "1.5"},
	{"VARCHAR(20)", "'twelve bytes'", "VARCHAR", "twelve bytes"},
	{"TEXT", "'a text \xc3\xa9 that is longer than twelve bytes'", "VARCHAR", "a text \xc3\xa9 that is longer "
		"than twelve bytes"},
	{"TEXT", "''", "VARCHAR", ""},
	{"TEXT", "12", "VARCHAR", "12"},
	{"TEXT", "X'00'", "VARCHAR", NULL},
	{"CLOB", "'c'", "VARCHAR", "c"},
	{"BLOB", "X'00FF'", "BLOB", "\\x00\\xFF"},
	{"BLOB", "X''", "BLOB", ""},
	{"BLOB", "'text'", "BLOB", NULL},
	{"VARBINARY(3)", "X'616263'", "BLOB", "abc"},
	{"", "42", "VARCHAR", "42"},
	{"", "-0.5", "VARCHAR", "-0.5"},
	{"", "'text'", "VARCHAR", "text"},
	{"", "X'00'", "VARCHAR", NULL},
	{"ANY", "5.0", "VARCHAR", "5"},
	{"JSON", "'{\"a\": 1}'", "VARCHAR", "{\"a\": 1}"},
	{"UUID", "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'", "VARCHAR", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
	{"STRING", "'007x'", "VARCHAR", "007x"},
	{"ENUM", "'new'", "VARCHAR", "new"},
	{"DATE", "'2024-03-16'", "VARCHAR", "2024-03-16"},
	{"DATETIME", "'2024-03-16 16:40:29'", "VARCHAR", "2024-03-16 16:40:29"},
	{"TIMESTAMP", "1710607229", "VARCHAR", "1710607229"},
	{"TIMESTAMP WITH TIME ZONE", "2460386.19", "VARCHAR", "2460386.19"},
	{"TIME", "'16:40'", "VARCHAR", "16:40"},
};

static void test_types(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(value_cases) / sizeof(value_cases[0]); i++) {
		const struct value_case *expected = &value_cases[i];
		opened shop = open_with(expected->declared, expected->value);
		wish some = wish_for(&shop, "t");
		some.columns[0] = some.columns[1];
		some.read.column_count = 1;
		assert_string_equal(some.read.table->columns[1].type, expected->type);
		const char *rows = read_rows(&shop, &some, 10);
		const pawl_misfit misfit = shop.source->driver->misfit(shop.source);
		if (rows == NULL ? expected->text != NULL : expected->text == NULL || strcmp(rows, expected->text) != 0)
			fail_msg("%s %s: %s", expected->declared, expected->value, rows == NULL ? error.message : rows);
		assert_int_equal(misfit.is_there, rows == NULL);
		if (rows == NULL)
			assert_int_equal(misfit.column, 0);
		close_database(&shop);
	}
}

/* ---- as text --------------------------------------------------------------------------------------------------------- */

static const struct text_case {
	const char *value, *text;
} text_cases[] = {
	{"NULL", "NULL"},
	{"9223372036854775807", "9223372036854775807"},
	{"-9223372036854775808", "-9223372036854775808"},
	{"0", "0"},
	{"0.1", "0.1"},
	{"0.1 + 0.2", "0.30000000000000004"},
	{"1e300", "1e+300"},
	{"5e-324", "5e-324"},
	{"2.0", "2"},
	{"9e999", "Infinity"},
	{"-9e999", "-Infinity"},
	{"'text'", "text"},
	{"'a text that is longer than twelve bytes'", "a text that is longer than twelve bytes"},
	{"X'00ff'", "X'00FF'"},
	{"X''", "X''"},
};

static void test_as_text(void **state)
{
	static const char *const types[] = {"BOOLEAN", "", "BLOB", "DECIMAL(10,2)", "DATE"};
	(void) state;
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++)
		for (size_t i = 0; i < sizeof(text_cases) / sizeof(text_cases[0]); i++) {
			opened shop = open_with(types[t], text_cases[i].value);
			wish some = wish_for(&shop, "t");
			some.columns[1].as_text = true;
			some.columns[1].format = PAWL_FORMAT_ISO8601; /* which then is of no interest */
			const char *rows = read_rows(&shop, &some, 10);
			if (rows == NULL || rows[0] != '1' || strcmp(rows + 2, text_cases[i].text) != 0)
				fail_msg("%s %s: %s", types[t], text_cases[i].value, rows == NULL ? error.message : rows);
			close_database(&shop);
		}
}

/* ---- times ----------------------------------------------------------------------------------------------------------- */

static const struct time_case {
	pawl_key_format format;
	const char *value;
	const char *text; /* NULL: a misfit */
} time_cases[] = {
	{PAWL_FORMAT_UNIX_S, "1710607229", "2024-03-16 16:40:29"},
	{PAWL_FORMAT_UNIX_S, "-1", "1969-12-31 23:59:59"},
	{PAWL_FORMAT_UNIX_S, "1710607229.123456", "2024-03-16 16:40:29.123456"},
	{PAWL_FORMAT_UNIX_S, "'1710607229.5'", "2024-03-16 16:40:29.5"},
	{PAWL_FORMAT_UNIX_S, "0.0000001", NULL},
	{PAWL_FORMAT_UNIX_S, "9223372036854775807", NULL},
	{PAWL_FORMAT_UNIX_S, "9e999", NULL},
	{PAWL_FORMAT_UNIX_S, "'now'", NULL},
	{PAWL_FORMAT_UNIX_S, "X'00'", NULL},
	{PAWL_FORMAT_UNIX_S, "NULL", "NULL"},
	{PAWL_FORMAT_UNIX_MS, "1710607229123", "2024-03-16 16:40:29.123"},
	{PAWL_FORMAT_UNIX_MS, "-1", "1969-12-31 23:59:59.999"},
	{PAWL_FORMAT_UNIX_MS, "'1710607229123'", "2024-03-16 16:40:29.123"},
	{PAWL_FORMAT_UNIX_MS, "0.0001", NULL},
	{PAWL_FORMAT_ISO8601, "'2024-03-16 16:40:29'", "2024-03-16 16:40:29"},
	{PAWL_FORMAT_ISO8601, "'2024-03-16T16:40:29.123456Z'", "2024-03-16 16:40:29.123456"},
	{PAWL_FORMAT_ISO8601, "'2024-03-16 16:40:29+02:00'", "2024-03-16 14:40:29"},
	{PAWL_FORMAT_ISO8601, "'2024-03-16'", "2024-03-16 00:00:00"},
	{PAWL_FORMAT_ISO8601, "'2024-03-16 16:40:29.1234567'", NULL},
	{PAWL_FORMAT_ISO8601, "'2024-02-30'", NULL},
	{PAWL_FORMAT_ISO8601, "'16.03.2024'", NULL},
	{PAWL_FORMAT_ISO8601, "'0000-00-00 00:00:00'", NULL},
	{PAWL_FORMAT_ISO8601, "20240316", NULL},
	{PAWL_FORMAT_JULIAN_DAY, "julianday('2024-03-16 16:40:29.123')", "2024-03-16 16:40:29.123"},
	{PAWL_FORMAT_JULIAN_DAY, "julianday('1582-10-15')", "1582-10-15 00:00:00"},
	{PAWL_FORMAT_JULIAN_DAY, "2460386", "2024-03-16 12:00:00"},
	{PAWL_FORMAT_JULIAN_DAY, "-1.5", NULL},
	{PAWL_FORMAT_JULIAN_DAY, "1e10", NULL},
	{PAWL_FORMAT_JULIAN_DAY, "'2024-03-16'", NULL},
};

static void test_times(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof(time_cases) / sizeof(time_cases[0]); i++) {
		const struct time_case *expected = &time_cases[i];
		opened shop = open_with("", expected->value);
		wish some = wish_for(&shop, "t");
		some.columns[1].format = expected->format;
		const char *rows = read_rows(&shop, &some, 10);
		if (rows == NULL ? expected->text != NULL : expected->text == NULL || strcmp(rows + 2, expected->text) != 0)
			fail_msg("%s %s: %s", pawl_key_format_names[expected->format], expected->value,
				rows == NULL ? error.message : rows);
		close_database(&shop);
	}
}

/* Every millisecond of julianday() comes back as the instant that SQLite itself reads from it. */
static void test_julian_days(void **state)
{
	(void) state;
	remove(DATABASE);
	make_database("CREATE TABLE t (id INTEGER PRIMARY KEY, j REAL, iso TEXT);"
	              "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
	              "INSERT INTO t SELECT i, julianday(s, 'unixepoch'), strftime('%Y-%m-%d %H:%M:%f', julianday(s, "
		"'unixepoch')) "
	              "FROM (SELECT i, 1700000000 + i * 86399.017 AS s FROM n)");
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");

	all.columns[1].format = PAWL_FORMAT_JULIAN_DAY;
	all.columns[2].format = PAWL_FORMAT_ISO8601;
	const char *relation;
	pawl_window window;
	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	OK(shop.source->driver->window_begin(shop.source, &(pawl_window_limit) {.rows = 10000}, &relation, &error));
	OK(pawl_duck_run(shop.duck, "CREATE TABLE d (id BIGINT, j TIMESTAMP, iso TIMESTAMP)", &error));
	OK(pawl_duck_run(shop.duck, "INSERT INTO d FROM pawl_stream(0)", &error));
	OK(shop.source->driver->window_end(shop.source, &window, &error));
	pawl_free(window.position);
	pawl_duck_rows *rows;
	bool has_row;
	OK(pawl_duck_query(shop.duck, "SELECT count(*), count(*) FILTER (j = iso) FROM d", NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_int_equal(pawl_duck_rows_integer(rows, 0), 5001);
	assert_int_equal(pawl_duck_rows_integer(rows, 1), 5001);
	pawl_duck_rows_close(&rows);
	close_database(&shop);
}

/* ---- what cannot be kept --------------------------------------------------------------------------------------------- */

#define MISFIT_HINT "correct the value, leave the column out (columns: exclude), or keep it as text (misfits: text)"

static void test_errors(void **state)
{
	static const struct {
		const char *sql, *primary_key, *message;
	} cases[] = {
		{"CREATE TABLE t (id INTEGER PRIMARY KEY, v INT); INSERT INTO t VALUES (17, 'a\nb')", "id",
	         "table 'main.t': column 'v': the row with id 17 has the text 'a\\x0Ab', which is no BIGINT"},
		{"CREATE TABLE t (id INTEGER PRIMARY KEY, v INT); INSERT INTO t VALUES (17, 1.5)", NULL,
	         "table 'main.t': column 'v': the row with id 17 has the real number '1.5', which is no BIGINT"},
		{"CREATE TABLE t (a TEXT, b INT, v DECIMAL(4,2), PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t "
			"VALUES ('it', 2, 1.005)", NULL,
	         "table 'main.t': column 'v': row 1 has the real number '1.005', which is no DECIMAL(4,2)"},
		{"CREATE TABLE t (v DATE); INSERT INTO t VALUES (X'00FF')", NULL,
	         "table 'main.t': column 'v': the row with rowid 1 has the blob '\\x00\\xFF', which is no VARCHAR"},
	};
	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		remove(DATABASE);
		make_database(cases[i].sql);
		opened shop = open_database();
		wish all = wish_for(&shop, "t");
		if (cases[i].primary_key != NULL)
			wish_primary_key(&all, cases[i].primary_key);
		assert_null(read_rows(&shop, &all, 10));
		assert_string_equal(error.message, cases[i].message);
		assert_string_equal(error.hint, MISFIT_HINT);
		assert_int_equal(error.status, PAWL_INVALID);
		close_database(&shop);
	}
}

/* A key of the order names the row too. */
static void test_errors_by_primary_key(void **state)
{
	(void) state;
	remove(DATABASE);
	make_database("CREATE TABLE t (a TEXT NOT NULL, b INT NOT NULL, v BOOLEAN, PRIMARY KEY (a, b)) WITHOUT ROWID;"
	              "INSERT INTO t VALUES ('it', 2, 7), ('is', 3, 1)");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	wish_primary_key(&all, "a");
	wish_primary_key(&all, "b");
	wish_key(&all, "b");
	all.read.order = PAWL_ORDER_KEY;
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message,
	                    "table 'main.t': column 'v': the row with a 'it', b 2 has the integer '7', which is no BOOLEAN");
	close_database(&shop);
}

static void test_formats_in_errors(void **state)
{
	(void) state;
	opened shop = open_with("DATETIME", "'yesterday'");
	wish all = wish_for(&shop, "t");

	all.columns[1].format = PAWL_FORMAT_ISO8601;
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': column 'v': the row with id 1 has the text 'yesterday', "
		"which is no time "
	                                   "of the format iso8601");
	assert_true(shop.source->driver->misfit(shop.source).is_there);
	close_database(&shop);
}

/* No type helps here. */
static void test_not_utf8(void **state)
{
	(void) state;
	opened shop = open_with("TEXT", "CAST(X'6162FF63' AS TEXT)");
	wish all = wish_for(&shop, "t");

	for (int as_text = 0; as_text < 2; as_text++) {
		all.columns[1].as_text = as_text;
		assert_null(read_rows(&shop, &all, 10));
		assert_string_equal(error.message,
		                    "table 'main.t': column 'v': the row with id 1 has the text 'ab\\xFFc', which is "
			"not UTF-8");
		assert_string_equal(error.hint, "correct the value, or leave the column out (columns: exclude)");
		assert_false(shop.source->driver->misfit(shop.source).is_there);
	}
	close_database(&shop);
}

static void test_sizes(void **state)
{
	(void) state;
	opened shop = open_with("BLOB", "zeroblob(8388609)");
	wish all = wish_for(&shop, "t");

	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': column 'v': the row with id 1 has a value of 8388609 "
		"bytes, more than 8388608");
	assert_string_equal(error.hint, "leave the column out (columns: exclude), or the row (where)");
	assert_false(shop.source->driver->misfit(shop.source).is_there);
	all.read.column_count = 1;
	assert_string_equal(read_rows(&shop, &all, 10), "1");
	close_database(&shop);

	shop = open_with("BLOB", "zeroblob(8388608)");
	const char *relation;
	pawl_window window;
	all = wish_for(&shop, "t");
	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	OK(shop.source->driver->window_begin(shop.source, &(pawl_window_limit) {.rows = 10}, &relation, &error));
	OK(pawl_duck_run(shop.duck, "CREATE TABLE d AS SELECT octet_length(v) AS n FROM pawl_stream(0)", &error));
	OK(shop.source->driver->window_end(shop.source, &window, &error));
	assert_int_equal(window.bytes, 8388608 + 8);
	pawl_free(window.position);
	all.columns[1].as_text = true; /* twice as long, then */
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': column 'v': the row with id 1 has a value of 8388608 "
		"bytes, more than 8388608");
	close_database(&shop);
}

/* Whichever thread meets its value first, it is the first row's that is told; the rows before it are of no use. */
static void test_first_misfit(void **state)
{
	(void) state;
	remove(DATABASE);
	make_database("CREATE TABLE t (id INTEGER PRIMARY KEY, a DECIMAL(9,0), b INTEGER, c DECIMAL(9,0));"
	              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t "
		"SELECT i, i, i, i FROM n;"
	              "UPDATE t SET c = 0.5 WHERE id = 3000; UPDATE t SET a = 0.5 WHERE id = 3001; UPDATE t SET b = "
		"'x' WHERE id = 3002;"
	              "UPDATE t SET a = 0.5 WHERE id > 3002; UPDATE t SET b = 'x' WHERE id > 10000");
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");

	for (int i = 0; i < 20; i++) {
		assert_null(read_rows(&shop, &all, 100000));
		assert_string_equal(error.message,
		                    "table 'main.t': column 'c': the row with id 3000 has the real number '0.5', "
			"which is no DECIMAL(9,0)");
		assert_int_equal(shop.source->driver->misfit(shop.source).column, 3);
	}
	all.columns[3].as_text = true;
	assert_null(read_rows(&shop, &all, 100000));
	assert_int_equal(shop.source->driver->misfit(shop.source).column, 1);
	all.columns[1].as_text = true;
	assert_null(read_rows(&shop, &all, 100000));
	assert_string_equal(error.message, "table 'main.t': column 'b': the row with id 3002 has the text 'x', which "
		"is no BIGINT");
	assert_int_equal(shop.source->driver->misfit(shop.source).column, 2);
	all.columns[2].as_text = true;
	assert_non_null(read_rows(&shop, &all, 100000));
	assert_false(shop.source->driver->misfit(shop.source).is_there);
	close_database(&shop);
}

/* Who wants misfits to be errors is not told of a way around them. */
static void test_misfits_are_errors(void **state)
{
	(void) state;
	opened shop = open_with("INT", "'x'");
	pawl_source *strict;
	pawl_snapshot snapshot;
	wish all = wish_for(&shop, "t");

	OK(pawl_source_open("sqlite:" DATABASE, &(pawl_source_options) {.engine = shop.duck}, &strict, &error));
	OK(strict->driver->snapshot_begin(strict, &snapshot, &error));
	pawl_source_close_pointer(&shop.source);
	shop.source = strict;
	assert_null(read_rows(&shop, &all, 10));
	assert_string_equal(error.message, "table 'main.t': column 'v': the row with id 1 has the text 'x', which is "
		"no BIGINT");
	assert_false(strict->driver->misfit(strict).is_there);
	close_database(&shop);
}

/* A database in UTF-16, and texts with NULs. */
static void test_encodings(void **state)
{
	(void) state;
	remove(DATABASE);
	make_database("PRAGMA encoding = 'UTF-16be'; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
	              "INSERT INTO t VALUES (1, 'Gr\xc3\xbc\xc3\x9f" "e \xf0\x9f\x98\x80'), (2, char(97, 0, 98))");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");
	const char *relation;
	pawl_window window;

	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	OK(shop.source->driver->window_begin(shop.source, &(pawl_window_limit) {.rows = 10}, &relation, &error));
	OK(pawl_duck_run(shop.duck, "CREATE TABLE d AS SELECT * FROM pawl_stream(0)", &error));
	OK(shop.source->driver->window_end(shop.source, &window, &error));
	pawl_free(window.position);
	pawl_duck_rows *rows;
	bool has_row;
	OK(pawl_duck_query(shop.duck, "SELECT hex(v) FROM d ORDER BY id", NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_string_equal(pawl_duck_rows_text(rows, 0, NULL), "4772C3BCC39F6520F09F9880");
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_string_equal(pawl_duck_rows_text(rows, 0, NULL), "610062");
	pawl_duck_rows_close(&rows);
	close_database(&shop);
}

/* A wide table's batches have fewer rows, and none is lost. */
static void test_wide_table(void **state)
{
	enum { WIDE = 1000 };
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	remove(DATABASE);
	pawl_buffer_append(&sql, "CREATE TABLE t (id INTEGER PRIMARY KEY");
	for (int i = 0; i < WIDE; i++)
		pawl_buffer_appendf(&sql, ", c%d TEXT DEFAULT 'text %d'", i, i);
	pawl_buffer_append(&sql, "); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) "
		"INSERT INTO t (id) SELECT i FROM n");
	make_database(pawl_buffer_text(&sql));
	opened shop = open_for_two();
	const pawl_source_table *table = find_table(&shop, "t");
	pawl_read_column *columns = pawl_allocate_array(WIDE + 1, sizeof(*columns));
	for (size_t i = 0; i <= WIDE; i++)
		columns[i] = (pawl_read_column) {.name = table->columns[i].name, .index = i};
	const pawl_read read = {.table = table, .columns = columns, .column_count = WIDE + 1};
	const char *relation;
	pawl_window window;
	pawl_duck_rows *rows;
	bool has_row;

	OK(shop.source->driver->read_begin(shop.source, &read, &error));
	OK(shop.source->driver->window_begin(shop.source, &(pawl_window_limit) {.rows = 1000}, &relation, &error));
	OK(pawl_duck_run(shop.duck, "CREATE TABLE d AS SELECT * FROM pawl_stream(0)", &error));
	OK(shop.source->driver->window_end(shop.source, &window, &error));
	assert_int_equal(window.rows, 700);
	pawl_free(window.position);
	OK(pawl_duck_query(shop.duck, "SELECT count(*), sum(id)::BIGINT, count(*) FILTER (c0 = 'text 0' AND c999 = "
		"'text 999') FROM d", NULL, 0,
	                   &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_int_equal(pawl_duck_rows_integer(rows, 0), 700);
	assert_int_equal(pawl_duck_rows_integer(rows, 1), 245350);
	assert_int_equal(pawl_duck_rows_integer(rows, 2), 700);
	pawl_duck_rows_close(&rows);
	pawl_free(columns);
	close_database(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_as_text),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_julian_days),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_errors_by_primary_key),
		cmocka_unit_test(test_formats_in_errors),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_first_misfit),
		cmocka_unit_test(test_misfits_are_errors),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_wide_table),
	};
	int failed = cmocka_run_group_tests(tests, enter_folder, leave_folder);
	forget_positions();
	return failed;
}
