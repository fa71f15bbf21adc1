/* Reads of SQLite: orders, windows, positions. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "sqlite_support.h"

static void fresh(const char *sql)
{
	remove(DATABASE);
	make_database(sql);
}

static const char *explain(const opened *shop, wish *wanted)
{
	static char text[2048];
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	OK(shop->source->driver->explain(shop->source, read_of(wanted), &sql, &error));
	snprintf(text, sizeof(text), "%s", pawl_buffer_text(&sql));
	return text;
}

/* ---- no order -------------------------------------------------------------------------------------------------------- */

static void test_by_rowid(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (a TEXT, b INTEGER); INSERT INTO t VALUES ('x', 1), ('y', NULL), (NULL, 3); DELETE FROM "
		"t WHERE b = 1");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	assert_string_equal(read_rows(&shop, &all, 100), "y|NULL;NULL|3");
	assert_string_equal(positions[0], "{\"after\": [[\"integer\", \"3\"]]}");
	assert_string_equal(read_rows(&shop, &all, 1), "y|NULL/NULL|3");
	assert_string_equal(positions[0], "{\"after\": [[\"integer\", \"2\"]]}");
	assert_string_equal(positions[1], "{\"after\": [[\"integer\", \"3\"]]}");
	PAWL_CLEANUP(pawl_free_pointer) char *first = pawl_duplicate(positions[0]);
	PAWL_CLEANUP(pawl_free_pointer) char *last = pawl_duplicate(positions[1]);
	all.read.after = first;
	assert_string_equal(read_rows(&shop, &all, 1), "NULL|3");
	all.read.after = last;
	assert_string_equal(read_rows(&shop, &all, 1), "");
	assert_string_equal(positions[0], last); /* where it was */
	assert_string_equal(explain(&shop, &all), "SELECT \"a\", \"b\", rowid FROM main.\"t\" WHERE (rowid) > (3) "
		"ORDER BY rowid");
	close_database(&shop);
}

/* INTEGER PRIMARY KEY is the rowid, which then need not be read beside it; and columns may have its names. */
static void test_names_of_rowid(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (7, 'x'), (5, 'y');"
	      "CREATE TABLE u (rowid TEXT, _rowid_ TEXT); INSERT INTO u VALUES ('p', 'q');"
	      "CREATE TABLE v (rowid TEXT, _rowid_ TEXT, oid TEXT); INSERT INTO v VALUES ('p', 'q', 'r')");
	opened shop = open_database();
	wish all = wish_for(&shop, "t"), hidden = wish_for(&shop, "u"), gone = wish_for(&shop, "v");

	assert_string_equal(read_rows(&shop, &all, 1), "5|y/7|x");
	assert_string_equal(explain(&shop, &all), "SELECT \"id\", \"a\" FROM main.\"t\" ORDER BY rowid");
	assert_string_equal(read_rows(&shop, &hidden, 1), "p|q");
	assert_string_equal(positions[0], "{\"after\": [[\"integer\", \"1\"]]}");
	assert_string_equal(read_rows(&shop, &gone, 1), "p|q|r");
	assert_null(positions[0]);
	close_database(&shop);
}

static void test_without_rowid(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (k TEXT PRIMARY KEY, a INTEGER) WITHOUT ROWID; INSERT INTO t VALUES ('b', 1), ('a', 2), ('c', 3);"
	      "CREATE VIEW v AS SELECT k, a * 2 AS twice FROM t WHERE a > 1");
	opened shop = open_database();
	wish all = wish_for(&shop, "t"), seen = wish_for(&shop, "v");

	assert_string_equal(read_rows(&shop, &all, 2), "a|2;b|1/c|3");
	assert_null(positions[0]);
	all.read.after = "{\"after\": [[\"integer\", \"2\"]]}";
	assert_null(read_rows(&shop, &all, 2));
	assert_string_equal(error.message,
	                    "table 'main.t': a read without positions cannot go on from '{\"after\": [[\"integer\", \"2\"]]}'");
	assert_string_equal(read_rows(&shop, &seen, 100), "a|4;c|6");
	assert_null(positions[0]);
	close_database(&shop);
}

/* Any order of columns, some of them, one of them twice, under other names. */
static void test_columns(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, \"a \"\"b\"\"\" TEXT, \"select\" REAL);"
	      "INSERT INTO t VALUES (1, 'x', 0.5), (2, 'y', 1.5)");
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	some.columns[0] = (pawl_read_column) {.name = "Number", .index = 2};
	some.columns[1] = (pawl_read_column) {.name = "text", .index = 1};
	some.columns[2] = (pawl_read_column) {.name = "again", .index = 1};
	assert_string_equal(read_rows(&shop, &some, 1), "0.5|x|x/1.5|y|y");
	some.read.column_count = 1;
	some.read.where = "\"a \"\"b\"\"\" = 'y' -- the second one";
	assert_string_equal(read_rows(&shop, &some, 1), "1.5");
	close_database(&shop);
}

static void test_empty(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT)");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	assert_string_equal(read_rows(&shop, &all, 1), "");
	assert_int_equal(window_count, 1);
	assert_null(positions[0]);
	wish_key(&all, "k");
	wish_primary_key(&all, "id");
	all.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &all, 1), "");
	assert_null(positions[0]);
	close_database(&shop);
}

/* ---- the order of the key -------------------------------------------------------------------------------------------- */

#define KEYED \
	"CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER); CREATE INDEX i ON t (k);" \
	"INSERT INTO t VALUES (1, 30), (2, NULL), (3, 10), (4, 20), (5, 10), (6, NULL), (7, 20), (8, 10)"

static void test_by_key(void **state)
{
	(void) state;
	fresh(KEYED);
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	wish_key(&all, "k");
	wish_primary_key(&all, "id");
	all.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &all, 100), "2|NULL;6|NULL;3|10;5|10;8|10;4|20;7|20;1|30");
	assert_string_equal(positions[0], "{\"after\": [[\"integer\", \"30\"], [\"integer\", \"1\"]]}");
	assert_string_equal(read_rows(&shop, &all, 3), "2|NULL;6|NULL;3|10/5|10;8|10;4|20/7|20;1|30");
	assert_string_equal(positions[0], "{\"after\": [[\"integer\", \"10\"], [\"integer\", \"3\"]]}");
	assert_string_equal(read_rows(&shop, &all, 1), "2|NULL/6|NULL/3|10/5|10/8|10/4|20/7|20/1|30");
	assert_string_equal(positions[0], "{\"after\": [null, [\"integer\", \"2\"]]}");
	assert_string_equal(explain(&shop, &all),
	                    "SELECT \"id\", \"k\" FROM main.\"t\" WHERE \"k\" IS NULL ORDER BY \"id\";\n"
	                    "SELECT \"id\", \"k\" FROM main.\"t\" WHERE \"k\" IS NOT NULL ORDER BY \"k\", \"id\"");
	all.read.has_no_null_keys = true;
	assert_string_equal(read_rows(&shop, &all, 100), "3|10;5|10;8|10;4|20;7|20;1|30");
	close_database(&shop);
}

static void test_limits_of_keys(void **state)
{
	(void) state;
	fresh(KEYED);
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	wish_primary_key(&some, "id");
	some.read.order = PAWL_ORDER_KEY;
	some.read.from = value("integer", "20");
	assert_string_equal(read_rows(&shop, &some, 100), "4|20;7|20;1|30");
	some.read.has_null_keys = true;
	assert_string_equal(read_rows(&shop, &some, 100), "2|NULL;6|NULL;4|20;7|20;1|30");
	some.read.before = value("integer", "30");
	assert_string_equal(read_rows(&shop, &some, 100), "2|NULL;6|NULL;4|20;7|20");
	some.read.order = PAWL_ORDER_NONE;
	assert_string_equal(read_rows(&shop, &some, 100), "4|20;7|20;2|NULL;6|NULL"); /* by two looks into the index */
	assert_null(positions[0]);
	some.read.has_no_null_keys = true;
	assert_string_equal(read_rows(&shop, &some, 100), "4|20;7|20");
	some.read.from = (pawl_key_value) {0};
	some.read.where = "id <> 5";
	some.read.tail_from = value("integer", "20");
	some.read.before = (pawl_key_value) {0};
	some.read.has_no_null_keys = false;
	assert_string_equal(read_rows(&shop, &some, 100),
	                    "1|30|true;2|NULL|true;3|10|false;4|20|true;6|NULL|true;7|20|true;8|10|false");
	some.read.from = value(NULL, "20"); /* as a person wrote it */
	some.read.has_null_keys = false;
	assert_string_equal(read_rows(&shop, &some, 100), "4|20|true;7|20|true;1|30|true");
	close_database(&shop);
}

/*
 * Without a primary key that tells rows apart, a group of equal keys is never cut: to go on behind half of it would lose the
 * rest.
 */
static void test_groups(void **state)
{
	(void) state;
	fresh(KEYED);
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	wish_key(&all, "k");
	all.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &all, 1), "2|NULL;6|NULL/3|10;5|10;8|10/4|20;7|20/1|30");
	assert_string_equal(positions[0], "{\"after\": [null]}");
	assert_string_equal(positions[1], "{\"after\": [[\"integer\", \"10\"]]}");
	assert_string_equal(read_rows(&shop, &all, 4), "2|NULL;6|NULL;3|10;5|10;8|10/4|20;7|20;1|30");
	all.read.after = "{\"after\": [null]}";
	assert_string_equal(read_rows(&shop, &all, 6), "3|10;5|10;8|10;4|20;7|20;1|30");
	all.read.after = "{\"after\": [[\"integer\", \"10\"]]}";
	assert_string_equal(read_rows(&shop, &all, 1), "4|20;7|20/1|30");
	close_database(&shop);
}

/* A primary key that is not one of the source, or may be NULL, does not tell rows apart. */
static void test_loose_primary_keys(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (p TEXT PRIMARY KEY, q INTEGER, k INTEGER);"
	      "INSERT INTO t VALUES ('a', 1, 10), (NULL, 1, 10), (NULL, 1, 10), ('b', 1, 10), ('c', 2, 20)");
	opened shop = open_database();
	wish nullable = wish_for(&shop, "t"), foreign = wish_for(&shop, "t");

	wish_key(&nullable, "k");
	wish_primary_key(&nullable, "p");
	nullable.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &nullable, 1), "NULL|1|10;NULL|1|10;a|1|10;b|1|10/c|2|20");
	wish_key(&foreign, "k");
	wish_primary_key(&foreign, "q");
	foreign.read.order = PAWL_ORDER_KEY;
	foreign.read.where = "p IS NOT NULL";
	assert_string_equal(read_rows(&shop, &foreign, 1), "a|1|10;b|1|10/c|2|20");
	foreign.read.order = PAWL_ORDER_PRIMARY_KEY; /* windows end anywhere, but there is nothing to go on from */
	assert_string_equal(read_rows(&shop, &foreign, 1), "a|1|10/b|1|10/c|2|20");
	assert_null(positions[0]);
	close_database(&shop);
}

static void test_collation(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE); CREATE VIEW v AS SELECT * FROM t;"
	      "CREATE TABLE r (id INTEGER PRIMARY KEY, k TEXT COLLATE RTRIM); INSERT INTO r VALUES (1, 'a '), (2, "
		"'a'), (3, 'b');"
	      "INSERT INTO t VALUES (1, 'b'), (2, 'A'), (3, 'a'), (4, 'B'), (5, 'c')");
	opened shop = open_database();
	wish all = wish_for(&shop, "t"), seen = wish_for(&shop, "v"), trimmed = wish_for(&shop, "r");

	wish_key(&all, "k");
	all.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &all, 1), "2|A;3|a/1|b;4|B/5|c");
	wish_key(&seen, "k");
	seen.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &seen, 1), "2|A;3|a/1|b;4|B/5|c");
	wish_key(&trimmed, "k");
	trimmed.read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_rows(&shop, &trimmed, 1), "1|a ;2|a/3|b");
	wish_primary_key(&all, "id");
	assert_string_equal(read_rows(&shop, &all, 1), "2|A/3|a/1|b/4|B/5|c");
	all.read.after = "{\"after\": [[\"text\", \"a\"], [\"integer\", \"2\"]]}";
	assert_string_equal(read_rows(&shop, &all, 100), "3|a;1|b;4|B;5|c");
	all.read.after = NULL;
	all.read.from = value("text", "B");
	assert_string_equal(read_rows(&shop, &all, 100), "1|b;4|B;5|c");
	close_database(&shop);
}

/* NULL < numbers < texts < blobs, as SQLite orders them; each comes back as what it was. */
static void test_keys_of_all_kinds(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, k); INSERT INTO t VALUES (1, X'FF00'), (2, 'text'), (3, 2.5), "
		"(4, 2), (5, NULL),"
	      "(6, CAST(X'6100FF' AS TEXT)), (7, 9223372036854775807), (8, '\"quoted\" \xc3\xa9'), (9, 9e999), (10, 0.1)");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	wish_key(&all, "k");
	wish_primary_key(&all, "id");
	all.read.order = PAWL_ORDER_KEY;
	all.read.column_count = 1;
	assert_string_equal(read_rows(&shop, &all, 1), "5/10/4/3/7/9/8/6/2/1");
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer keys = {0};
	char *kept[MOST_POSITIONS] = {0};
	for (size_t i = 0; i < window_count; i++) {
		pawl_buffer_appendf(&keys, "%s\n", positions[i]);
		kept[i] = pawl_duplicate(positions[i]);
	}
	assert_string_equal(pawl_buffer_text(&keys), "{\"after\": [null, [\"integer\", \"5\"]]}\n"
	                                             "{\"after\": [[\"real\", \"0.1\"], [\"integer\", \"10\"]]}\n"
	                                             "{\"after\": [[\"integer\", \"2\"], [\"integer\", \"4\"]]}\n"
	                                             "{\"after\": [[\"real\", \"2.5\"], [\"integer\", \"3\"]]}\n"
	                                             "{\"after\": [[\"integer\", \"9223372036854775807\"], "
		"[\"integer\", \"7\"]]}\n"
	                                             "{\"after\": [[\"real\", \"Infinity\"], [\"integer\", \"9\"]]}\n"
	                                             "{\"after\": [[\"text\", \"\\\"quoted\\\" \xc3\xa9\"], "
		"[\"integer\", \"8\"]]}\n"
	                                             "{\"after\": [[\"text hex\", \"6100FF\"], [\"integer\", \"6\"]]}\n"
	                                             "{\"after\": [[\"text\", \"text\"], [\"integer\", \"2\"]]}\n"
	                                             "{\"after\": [[\"blob\", \"FF00\"], [\"integer\", \"1\"]]}\n");
	static const char *const rests[] = {"10;4;3;7;9;8;6;2;1", "4;3;7;9;8;6;2;1", "3;7;9;8;6;2;1", "7;9;8;6;2;1",
		"9;8;6;2;1",
	                                    "8;6;2;1", "6;2;1", "2;1", "1", ""};
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		all.read.after = kept[i];
		assert_string_equal(read_rows(&shop, &all, 100), rests[i]);
		pawl_free(kept[i]);
	}
	all.read.after = NULL;
	all.read.from = value("text hex", "6100FF");
	assert_string_equal(explain(&shop, &all),
	                    "SELECT \"id\", \"k\" FROM main.\"t\" WHERE \"k\" >= CAST(X'6100FF' AS TEXT) ORDER BY "
		"\"k\", \"id\"");
	close_database(&shop);
}

static void test_several_columns(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER);"
	      "INSERT INTO t VALUES (1, 5, NULL, 1), (2, NULL, NULL, NULL), (3, 1, 2, 3), (4, NULL, 4, NULL), (5, 2, 1, 2)");
	opened shop = open_database();
	wish greatest = wish_for(&shop, "t");

	wish_key(&greatest, "a");
	wish_key(&greatest, "b");
	wish_key(&greatest, "c");
	wish_primary_key(&greatest, "id");
	greatest.read.order = PAWL_ORDER_KEY;
	greatest.read.column_count = 1;
	assert_string_equal(read_rows(&shop, &greatest, 1), "2/5/3/4/1");
	assert_string_equal(positions[4], "{\"after\": [[\"integer\", \"5\"], [\"integer\", \"1\"]]}");
	greatest.read.from = value("integer", "3");
	assert_string_equal(read_rows(&shop, &greatest, 100), "3;4;1");
	greatest.read.from = (pawl_key_value) {0};
	greatest.key.kind = PAWL_KEY_COALESCE;
	greatest.key_columns[0] = 2;
	greatest.key_columns[1] = 1;
	assert_string_equal(read_rows(&shop, &greatest, 1), "2/5/3/4/1");
	assert_string_equal(positions[2], "{\"after\": [[\"integer\", \"2\"], [\"integer\", \"3\"]]}");
	close_database(&shop);
}

static void test_by_primary_key(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (a TEXT, b INTEGER, v TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"
	      "INSERT INTO t VALUES ('y', 1, 'p'), ('x', 2, 'q'), ('x', 1, 'r')");
	opened shop = open_database();
	wish all = wish_for(&shop, "t");

	wish_primary_key(&all, "a");
	wish_primary_key(&all, "b");
	all.read.order = PAWL_ORDER_PRIMARY_KEY;
	assert_string_equal(read_rows(&shop, &all, 1), "x|1|r/x|2|q/y|1|p");
	assert_string_equal(positions[0], "{\"after\": [[\"text\", \"x\"], [\"integer\", \"1\"]]}");
	all.read.after = "{\"after\": [[\"text\", \"x\"], [\"integer\", \"1\"]]}";
	assert_string_equal(read_rows(&shop, &all, 100), "x|2|q;y|1|p");
	close_database(&shop);
}

/* ---- random tables --------------------------------------------------------------------------------------------------- */

/* Whatever the table, the order and the windows: each row comes once, and behind each position comes exactly the rest. */
static void check_positions(const opened *shop, wish *wanted, int64_t window_rows)
{
	PAWL_CLEANUP(pawl_free_pointer) char *all = pawl_duplicate(read_rows(shop, wanted, 100000));
	PAWL_CLEANUP(pawl_free_pointer) char *windows = pawl_duplicate(read_rows(shop, wanted, window_rows));
	char *kept[MOST_POSITIONS] = {0};
	size_t count = window_count < MOST_POSITIONS ? window_count : MOST_POSITIONS;

	for (size_t i = 0; i < count; i++)
		kept[i] = positions[i] == NULL ? NULL : pawl_duplicate(positions[i]);
	const char *rest = windows;
	for (size_t i = 0; i < count; i++) {
		rest += strcspn(rest, "/");
		rest += *rest != '\0';
		if (kept[i] == NULL)
			continue;
		PAWL_CLEANUP(pawl_free_pointer) char *expected = pawl_duplicate(rest);
		for (char *c = expected; *c != '\0'; c++)
			*c = *c == '/' ? ';' : *c;
		wanted->read.after = kept[i];
		const char *found = read_rows(shop, wanted, 100000);
		if (strcmp(found, expected) != 0)
			fail_msg("of %s\nin windows %s\n%s\nthere are '%s',\nand not '%s', by\n%s", all, windows,
				kept[i], found, expected, explain(shop, wanted));
		pawl_free(kept[i]);
	}
	wanted->read.after = NULL;
	for (char *c = windows; *c != '\0'; c++)
		*c = *c == '/' ? ';' : *c;
	assert_string_equal(windows, all);
}

static void make_random_table(uint64_t *seed, pawl_buffer *sql)
{
	static const char *const keys[] = {"NULL", "1", "2", "2.5", "-3", "'a'", "'A'", "'a '", "'b'", "''", "X'00'", "9e999"};
	static const char *const types[] = {"", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM", "INTEGER", "NUMERIC",
		"BLOB", "REAL"};
	static const char *const primary[] = {"INTEGER PRIMARY KEY", "INTEGER", "TEXT PRIMARY KEY NOT NULL",
		"TEXT PRIMARY KEY"};

	pawl_buffer_appendf(sql, "CREATE TABLE t (id %s, k %s);", primary[random_next(seed, 4)], types[random_next(seed, 7)]);
	if (random_next(seed, 2) == 0)
		pawl_buffer_append(sql, "CREATE INDEX i ON t (k);");
	size_t count = random_next(seed, 40);
	for (size_t i = 0; i < count; i++)
		pawl_buffer_appendf(sql, "INSERT INTO t VALUES (%zu, %s);", (i * 7 + 3) % 41, keys[random_next(seed, 12)]);
}

static void test_random_tables(void **state)
{
	(void) state;
	uint64_t seed = random_seed();

	for (int round = 0; round < 60; round++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		make_random_table(&seed, &sql);
		fresh(pawl_buffer_text(&sql));
		opened shop = open_database();
		wish wanted = wish_for(&shop, "t");
		wish_key(&wanted, "k");
		if (random_next(&seed, 3) > 0)
			wish_primary_key(&wanted, "id");
		wanted.columns[1].as_text = true;
		wanted.read.order = (pawl_order) random_next(&seed, 3);
		if (random_next(&seed, 3) == 0)
			wanted.read.from = value("integer", "2");
		wanted.read.has_null_keys = random_next(&seed, 2) == 0;
		wanted.read.has_no_null_keys = random_next(&seed, 4) == 0;
		check_positions(&shop, &wanted, (int64_t) random_next(&seed, 9) + 1);
		close_database(&shop);
	}
}

/* ---- large tables ---------------------------------------------------------------------------------------------------- */

#define MANY_ROWS \
	"CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v TEXT);" \
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)" \
	"INSERT INTO t SELECT i, i / 30000, 'the text of row ' || i FROM n;"

static void run_window(const opened *shop, const pawl_window_limit *limit, const char *expression, char *out, size_t bytes,
                       pawl_window *window)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	const char *relation;
	char sql[512];
	bool has_row;

	OK(shop->source->driver->window_begin(shop->source, limit, &relation, &error));
	snprintf(sql, sizeof(sql), "SELECT (%s)::VARCHAR FROM %s", expression, relation);
	OK(pawl_duck_query(shop->duck, sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	snprintf(out, bytes, "%s", pawl_duck_rows_text(rows, 0, NULL));
	OK(shop->source->driver->window_end(shop->source, window, &error));
}

static void test_many_rows(void **state)
{
	(void) state;
	fresh(MANY_ROWS);
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");
	pawl_window window;
	char text[256];

	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	run_window(&shop, &(pawl_window_limit) {.rows = 1000000},
	           "count(*) || ' ' || sum(id) || ' ' || count(*) FILTER (v = 'the text of row ' || id AND k = id // "
		"30000)", text,
	           sizeof(text), &window);
	assert_string_equal(text, "100000 5000050000 100000");
	assert_int_equal(window.rows, 100000);
	assert_int_equal(window.bytes, 100000 * (8 + 8 + 16) + 488895); /* the digits of all numbers */
	assert_true(window.is_last);
	pawl_free(window.position);

	/* Columns that nobody wants. */
	all.read.order = PAWL_ORDER_KEY;
	wish_key(&all, "k");
	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	run_window(&shop, &(pawl_window_limit) {.rows = 10}, "count(*)", text, sizeof(text), &window);
	assert_string_equal(text, "29999");
	assert_string_equal(window.position, "{\"after\": [[\"integer\", \"0\"]]}");
	assert_false(window.is_last);
	pawl_free(window.position);
	run_window(&shop, &(pawl_window_limit) {.rows = 30000}, "max(v) || ' ' || count(*)", text, sizeof(text), &window);
	assert_string_equal(text, "the text of row 59999 30000");
	assert_int_equal(window.rows, 30000);
	pawl_free(window.position);
	close_database(&shop); /* in the middle of a read */
}

/* A window that is asked to stop, or whose time is up, ends early, and the next one goes on. */
static void test_stopping(void **state)
{
	(void) state;
	fresh(MANY_ROWS);
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");
	pawl_window window;
	int64_t rows = 0;
	char text[64];

	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	run_window(&shop, &(pawl_window_limit) {.rows = 1000000, .us = 1}, "count(*)", text, sizeof(text), &window);
	assert_int_equal(window.rows, 2048);
	assert_string_equal(text, "2048");
	assert_string_equal(window.position, "{\"after\": [[\"integer\", \"2048\"]]}");
	assert_false(window.is_last);
	pawl_free(window.position);
	pawl_source_stop(shop.source);
	run_window(&shop, &(pawl_window_limit) {.rows = 1000000}, "min(id)", text, sizeof(text), &window);
	assert_string_equal(text, "2049");
	assert_int_equal(window.rows, 2048);
	pawl_free(window.position);
	shop.source->is_stopping = false;
	for (window.is_last = false; !window.is_last; pawl_free(window.position)) {
		run_window(&shop, &(pawl_window_limit) {.rows = 20000}, "count(*)", text, sizeof(text), &window);
		rows += window.rows;
	}
	assert_int_equal(rows, 100000 - 2 * 2048);
	close_database(&shop);
}

/* A step that finds no row for long is ended when the source is to stop: nothing came of it. */
static void test_stopping_in_a_step(void **state)
{
	(void) state;
	fresh(MANY_ROWS);
	opened shop = open_database();
	wish none = wish_for(&shop, "t");
	int64_t started_us = pawl_time_monotonic_us();

	none.read.where = "(SELECT count(*) FROM t a, t b WHERE a.v || b.v = t.v) > 0";
	pawl_source_stop(shop.source);
	assert_null(read_rows(&shop, &none, 10));
	assert_int_equal(error.status, PAWL_INTERRUPTED);
	assert_string_equal(error.message, "table 'main.t': interrupted");
	assert_in_range(pawl_time_monotonic_us() - started_us, 900000, 20000000);
	close_database(&shop);
}

/* ---- failures -------------------------------------------------------------------------------------------------------- */

/* A page that cannot be read is an error where it is met, not the end of the rows. */
static void test_corrupt_page(void **state)
{
	(void) state;
	fresh(MANY_ROWS);
	FILE *file = fopen(DATABASE, "r+");
	char garbage[4096];
	memset(garbage, 0xa5, sizeof(garbage));
	for (long page = 300; page < 320; page++) {
		assert_int_equal(fseek(file, page * 4096, SEEK_SET), 0);
		assert_int_equal(fwrite(garbage, sizeof(garbage), 1, file), 1);
	}
	fclose(file);
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");

	all.read.column_count = 1;
	assert_null(read_rows(&shop, &all, 5000));
	assert_int_equal(error.status, PAWL_DATABASE);
	assert_string_equal(error.message, "table 'main.t': database disk image is malformed");
	assert_true(window_count > 1);
	assert_string_equal(error.hint, "run 'PRAGMA integrity_check' with sqlite3, and restore the file from a copy");
	const pawl_misfit misfit = shop.source->driver->misfit(shop.source);
	assert_false(misfit.is_there);
	close_database(&shop);
}

static void test_bad_conditions(void **state)
{
	static const struct {
		const char *where, *message;
	} cases[] = {
		{"nope = 1", "table 'main.t': no such column: nope"},
		{"id = ?", "table 'main.t': the condition has a parameter: SELECT \"id\", \"k\" FROM main.\"t\" WHERE "
			"(id = ?\n) ORDER BY rowid"},
		{"1); DELETE FROM t; --", "table 'main.t': this is not one statement: SELECT \"id\", \"k\" FROM "
			"main.\"t\" WHERE (1); "
	                                  "DELETE FROM t; --\n) ORDER BY rowid"},
		{"load_extension('x')", "table 'main.t': not authorized"},
		{"id = \"nope\"", "table 'main.t': no such column: nope"},
	};
	(void) state;
	fresh(KEYED);
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		some.read.where = cases[i].where;
		if (read_rows(&shop, &some, 10) != NULL)
			fail_msg("'%s' is no error", cases[i].where);
		assert_string_equal(error.message, cases[i].message);
	}
	close_database(&shop);
}

static void test_bad_positions(void **state)
{
	static const char *const bad[] = {"",
	                                  "[1]",
	                                  "{}",
	                                  "{\"after\": []}",
	                                  "{\"after\": [[\"integer\", \"1\"]]}",
	                                  "{\"after\": [[\"integer\", \"1\"], null]}",
	                                  "{\"after\": [[\"integer\", 1], [\"integer\", \"1\"]]}",
	                                  "{\"after\": [[\"integer\", \"x\"], [\"integer\", \"1\"]]}",
	                                  "{\"after\": [[\"blob\", \"A\"], [\"integer\", \"1\"]]}"};
	(void) state;
	fresh(KEYED);
	opened shop = open_database();
	wish some = wish_for(&shop, "t");

	wish_key(&some, "k");
	wish_primary_key(&some, "id");
	some.read.order = PAWL_ORDER_KEY;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		some.read.after = bad[i];
		if (read_rows(&shop, &some, 10) != NULL)
			fail_msg("'%s' is a position", bad[i]);
		assert_int_equal(error.status, PAWL_INVALID);
	}
	close_database(&shop);
}

/* A relation that was not read to its end has not given all rows. */
static void test_not_read_to_the_end(void **state)
{
	(void) state;
	fresh(MANY_ROWS);
	opened shop = open_for_two();
	wish all = wish_for(&shop, "t");
	const char *relation;
	pawl_window window;
	char sql[128];

	OK(shop.source->driver->read_begin(shop.source, read_of(&all), &error));
	OK(shop.source->driver->window_begin(shop.source, &(pawl_window_limit) {.rows = 50000}, &relation, &error));
	snprintf(sql, sizeof(sql), "SELECT id FROM %s LIMIT 1", relation);
	OK(pawl_duck_run(shop.duck, sql, &error));
	assert_int_equal(shop.source->driver->window_end(shop.source, &window, &error), PAWL_INTERNAL);
	close_database(&shop);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status small_read(void *context, pawl_error *ret_error)
{
	opened *shop = context;
	const pawl_source_driver *driver = shop->source->driver;
	wish all = wish_for(shop, "t");
	const char *relation;
	char sql[64];
	pawl_window window = {0};

	wish_key(&all, "k");
	wish_primary_key(&all, "id");
	all.read.order = PAWL_ORDER_KEY;
	all.read.after = "{\"after\": [null, [\"integer\", \"2\"]]}";
	pawl_status status = driver->read_begin(shop->source, read_of(&all), ret_error);
	if (status == PAWL_OK)
		status = driver->window_begin(shop->source, &(pawl_window_limit) {.rows = 3}, &relation, ret_error);
	if (status == PAWL_OK) {
		snprintf(sql, sizeof(sql), "FROM %s", relation);
		pawl_error end_error;
		status = pawl_duck_run(shop->duck, sql, ret_error);
		pawl_status end_status = driver->window_end(shop->source, &window, &end_error);
		if (end_status != PAWL_OK && (status == PAWL_OK || end_status != PAWL_INTERNAL)) {
			*ret_error = end_error;
			status = end_status;
		}
		pawl_free(window.position);
	}
	driver->read_end(shop->source);
	return status;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	fresh(KEYED);
	opened shop = open_for_two();

	assert_in_range(refuse_every_allocation(small_read, &shop), 40, 120);
	close_database(&shop);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_rowid),
		cmocka_unit_test(test_names_of_rowid),
		cmocka_unit_test(test_without_rowid),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_by_key),
		cmocka_unit_test(test_limits_of_keys),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_loose_primary_keys),
		cmocka_unit_test(test_collation),
		cmocka_unit_test(test_keys_of_all_kinds),
		cmocka_unit_test(test_several_columns),
		cmocka_unit_test(test_by_primary_key),
		cmocka_unit_test(test_random_tables),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_stopping),
		cmocka_unit_test(test_stopping_in_a_step),
		cmocka_unit_test(test_corrupt_page),
		cmocka_unit_test(test_bad_conditions),
		cmocka_unit_test(test_bad_positions),
		cmocka_unit_test(test_not_read_to_the_end),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	int failed = cmocka_run_group_tests(tests, enter_folder, leave_folder);
	forget_positions();
	return failed;
}
