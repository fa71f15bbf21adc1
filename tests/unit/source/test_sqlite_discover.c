/* What a SQLite database holds. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "sqlite_support.h"

static void fresh(const char *sql)
{
	remove(DATABASE);
	make_database(sql);
}

/* "main.t rows 3 key: id INTEGER=BIGINT key 1 indexed sequence class 4; ..." */
static const char *describe(const opened *shop, const char *name)
{
	static char text[4096];
	const pawl_source_table *table = find_table(shop, name);
	size_t length = (size_t) snprintf(text, sizeof(text), "%s.%s%s%s rows %" PRId64, table->schema, table->name,
		table->is_view ? " view" : "",
	                                  table->has_primary_key ? " keyed" : "", table->estimated_rows);

	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_source_column *column = &table->columns[i];
		length += (size_t) snprintf(text + length, sizeof(text) - length, "; %s %s=%s", column->name,
			column->native_type, column->type);
		if (column->key_rank > 0)
			length += (size_t) snprintf(text + length, sizeof(text) - length, " key %d", column->key_rank);
		length += (size_t) snprintf(text + length, sizeof(text) - length, "%s%s%s%s%s",
			column->is_nullable ? "" : " not null",
		                            column->is_indexed ? " indexed" : "", column->is_sequence ? " sequence" : "",
		                            column->is_set_by_default ? " clock" : "",
		                            column->is_set_by_trigger ? " trigger" : "");
		if (column->default_text != NULL)
			length += (size_t) snprintf(text + length, sizeof(text) - length, " default %s", column->default_text);
	}
	return text;
}

static void test_columns(void **state)
{
	(void) state;
	fresh("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INT NOT NULL, total DECIMAL(10,2) DEFAULT 0,"
	      "at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, seen DATETIME DEFAULT (datetime('now')), note, twice "
		"INT AS (customer * 2),"
	      "kept INT AS (customer * 3) STORED);"
	      "INSERT INTO orders (customer) VALUES (1), (2), (3)");
	opened shop = open_database();

	assert_string_equal(describe(&shop, "orders"),
	                    "main.orders keyed rows 3; id INTEGER=BIGINT key 1 not null indexed sequence; customer "
		"INT=BIGINT not null; "
	                    "total DECIMAL(10,2)=DECIMAL(10,2) default 0; at TIMESTAMP=VARCHAR not null clock default "
		"CURRENT_TIMESTAMP; "
	                    "seen DATETIME=VARCHAR clock default datetime('now'); note =VARCHAR; twice INT=BIGINT; "
		"kept INT=BIGINT");
	const pawl_source_table *table = find_table(&shop, "orders");
	static const pawl_key_class classes[] = {PAWL_KEY_NUMBER,    PAWL_KEY_NUMBER, PAWL_KEY_NUMBER, PAWL_KEY_TIMESTAMP,
	                                         PAWL_KEY_TIMESTAMP, PAWL_KEY_TEXT,   PAWL_KEY_NUMBER, PAWL_KEY_NUMBER};
	for (size_t i = 0; i < table->column_count; i++)
		assert_int_equal(table->columns[i].key_class, classes[i]);
	wish all = wish_for(&shop, "orders");
	all.columns[0] = all.columns[6];
	all.columns[1] = all.columns[7];
	all.read.column_count = 2;
	assert_string_equal(read_rows(&shop, &all, 10), "2|3;4|6;6|9");
	close_database(&shop);
}

static void test_primary_keys(void **state)
{
	(void) state;
	fresh("CREATE TABLE a (k TEXT PRIMARY KEY, v INT); CREATE TABLE b (k TEXT PRIMARY KEY, v INT) WITHOUT ROWID;"
	      "CREATE TABLE c (k TEXT PRIMARY KEY, v INT) STRICT; CREATE TABLE d (x INT, y INT, z INT, PRIMARY KEY (z, x));"
	      "CREATE TABLE e (k INTEGER PRIMARY KEY DESC); CREATE TABLE f (k INT PRIMARY KEY); CREATE TABLE g (v INT);"
	      "CREATE TABLE h (k INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE i (v INT, k INTEGER NOT NULL, "
		"PRIMARY KEY (k))");
	opened shop = open_database();

	assert_string_equal(describe(&shop, "a"), "main.a keyed rows 0; k TEXT=VARCHAR key 1 indexed; v INT=BIGINT");
	assert_string_equal(describe(&shop, "b"), "main.b keyed rows -1; k TEXT=VARCHAR key 1 not null indexed; v INT=BIGINT");
	assert_string_equal(describe(&shop, "c"), "main.c keyed rows 0; k TEXT=VARCHAR key 1 not null indexed; v INT=BIGINT");
	assert_string_equal(describe(&shop, "d"), "main.d keyed rows 0; x INT=BIGINT key 2; y INT=BIGINT; z "
		"INT=BIGINT key 1 indexed");
	assert_string_equal(describe(&shop, "e"), "main.e keyed rows 0; k INTEGER=BIGINT key 1 indexed");
	assert_string_equal(describe(&shop, "f"), "main.f keyed rows 0; k INT=BIGINT key 1 indexed");
	assert_string_equal(describe(&shop, "g"), "main.g rows 0; v INT=BIGINT");
	assert_string_equal(describe(&shop, "h"), "main.h keyed rows 0; k INTEGER=BIGINT key 1 not null indexed sequence");
	assert_string_equal(describe(&shop, "i"), "main.i keyed rows 0; v INT=BIGINT; k INTEGER=BIGINT key 1 not null "
		"indexed sequence");
	assert_int_equal(shop.catalog.table_count, 9);
	close_database(&shop);
}

/* Of use is an index that a column leads, over all rows, in the column's own collation. */
static void test_indexes(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (a INT, b INT, c INT, d INT, e TEXT COLLATE NOCASE, f TEXT COLLATE NOCASE, g INT UNIQUE);"
	      "CREATE INDEX i1 ON t (a, b); CREATE INDEX i2 ON t (c) WHERE c > 0; CREATE INDEX i3 ON t (d + 1);"
	      "CREATE INDEX i4 ON t (e); CREATE INDEX i5 ON t (f COLLATE BINARY)");
	opened shop = open_database();

	assert_string_equal(describe(&shop, "t"), "main.t rows 0; a INT=BIGINT indexed; b INT=BIGINT; c INT=BIGINT; d "
		"INT=BIGINT; "
	                                          "e TEXT=VARCHAR indexed; f TEXT=VARCHAR; g INT=BIGINT indexed");
	close_database(&shop);
}

static void test_triggers(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, \"the b\" TEXT, c TEXT, d TEXT, e TEXT); CREATE TABLE "
		"u (a TEXT);"
	      "CREATE TRIGGER x AFTER UPDATE ON t BEGIN "
	      "UPDATE t /* SET c = 1 */ SET A = CURRENT_TIMESTAMP, \"the b\" = 'SET d = 2' WHERE id = new.id AND e = "
		"old.e; END;"
	      "CREATE TRIGGER y AFTER INSERT ON u BEGIN UPDATE t SET c = 1; END");
	opened shop = open_database();

	assert_string_equal(describe(&shop, "t"),
	                    "main.t keyed rows 0; id INTEGER=BIGINT key 1 not null indexed sequence; a TEXT=VARCHAR trigger; "
	                    "the b TEXT=VARCHAR trigger; c TEXT=VARCHAR; d TEXT=VARCHAR; e TEXT=VARCHAR");
	assert_string_equal(describe(&shop, "u"), "main.u rows 0; a TEXT=VARCHAR");
	close_database(&shop);
}

static void test_views(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a DECIMAL(5,1)); INSERT INTO t VALUES (1, 2.5), (2, NULL);"
	      "CREATE TABLE gone (x INT); CREATE VIEW broken AS SELECT x FROM gone; DROP TABLE gone;"
	      "CREATE VIEW v AS SELECT id, a, id + 1 AS next FROM t");
	opened shop = open_database();
	wish all = wish_for(&shop, "v");

	assert_int_equal(shop.catalog.table_count, 2);
	assert_string_equal(describe(&shop, "v"), "main.v view rows -1; id INTEGER=BIGINT; a "
		"DECIMAL(5,1)=DECIMAL(5,1); next =VARCHAR");
	assert_string_equal(read_rows(&shop, &all, 10), "1|2.5|2;2|NULL|3");
	close_database(&shop);
}

/* Tables that a virtual one keeps its things in are not the user's; nor are SQLite's own. */
static void test_virtual_tables(void **state)
{
	(void) state;
	fresh("CREATE VIRTUAL TABLE words USING fts5(title, body); INSERT INTO words VALUES ('a title', 'a body');"
	      "CREATE TABLE sqlitelike (v INT); CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t "
		"VALUES (1); ANALYZE");
	opened shop = open_database();
	wish all = wish_for(&shop, "words");

	assert_int_equal(shop.catalog.table_count, 3);
	assert_string_equal(shop.catalog.tables[0].name, "sqlitelike");
	assert_string_equal(shop.catalog.tables[1].name, "t");
	assert_string_equal(describe(&shop, "words"), "main.words rows -1; title =VARCHAR; body =VARCHAR");
	assert_string_equal(read_rows(&shop, &all, 10), "a title|a body");
	close_database(&shop);
}

static void test_estimates(void **state)
{
	(void) state;
	fresh("CREATE TABLE counted (id INTEGER PRIMARY KEY, a INT); CREATE INDEX i ON counted (a); CREATE INDEX p ON "
		"counted (a) WHERE a < 10;"
	      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO counted "
		"SELECT i * 5, i FROM n;"
	      "ANALYZE; CREATE TABLE later (id INTEGER PRIMARY KEY); INSERT INTO later VALUES (100), (150), (199);"
	      "CREATE TABLE sparse (id INTEGER PRIMARY KEY); INSERT INTO sparse VALUES (-9000000000000000000), "
		"(9000000000000000000)");
	opened shop = open_database();

	assert_int_equal(find_table(&shop, "counted")->estimated_rows, 1000);
	assert_int_equal(find_table(&shop, "later")->estimated_rows, 100);
	assert_in_range(find_table(&shop, "sparse")->estimated_rows, 2, 1000000);
	close_database(&shop);
}

/* Names in quotes of all kinds, in other letters, and with what would end a statement. */
static void test_names(void **state)
{
	(void) state;
	fresh("CREATE TABLE \"a \"\"b\"\"; DROP TABLE c\" (\"x; y\" INT, \"\xc3\xa4\" INT); INSERT INTO \"a "
		"\"\"b\"\"; DROP TABLE c\" VALUES (1, 2);"
	      "CREATE TABLE B (v INT); CREATE TABLE a (v INT)");
	opened shop = open_database();
	wish all = wish_for(&shop, "a \"b\"; DROP TABLE c");

	assert_string_equal(shop.catalog.tables[0].name, "B"); /* by their bytes */
	assert_string_equal(shop.catalog.tables[1].name, "a");
	assert_string_equal(read_rows(&shop, &all, 10), "1|2");
	close_database(&shop);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status discover(void *source, pawl_error *ret_error)
{
	pawl_source_catalog catalog = {0};
	pawl_status status = ((pawl_source *) source)->driver->discover(source, &catalog, ret_error);
	pawl_source_catalog_clear(&catalog);
	return status;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	fresh("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x'); CREATE VIEW v AS SELECT * FROM t;"
	      "CREATE TRIGGER x AFTER UPDATE ON t BEGIN UPDATE t SET a = 1; END");
	opened shop = open_database();

	assert_in_range(refuse_every_allocation(discover, shop.source), 20, 40);
	close_database(&shop);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_primary_keys),
		cmocka_unit_test(test_indexes),
		cmocka_unit_test(test_triggers),
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_virtual_tables),
		cmocka_unit_test(test_estimates),
		cmocka_unit_test(test_names),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	int failed = cmocka_run_group_tests(tests, enter_folder, leave_folder);
	forget_positions();
	return failed;
}
