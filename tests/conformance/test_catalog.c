/* What a source holds, and which one it is. */
#include "conformance.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"

static const pawl_source_column *column_of(const char *table, const char *name)
{
	const pawl_source_table *found = find_table(table);
	return &found->columns[find_column(found, name)];
}

/* The same for each way to the source. */
static void test_identity(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_free_pointer) char *plain = NULL;
	PAWL_CLEANUP(pawl_free_pointer) char *again = NULL;

	setup("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	OK(subject->driver->identity(source, &plain, &error));
	assert_memory_equal(plain, subject->identity, strlen(subject->identity));
	close_source();

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &engine, &error));
	pawl_source_options options = source_options();
	options.location = subject->another_way();
	OK(subject->driver->open(&options, &source, &error));
	OK(subject->driver->identity(source, &again, &error));
	assert_string_equal(again, plain);
}

static void test_order(void **state)
{
	static const char *const names[] = {"A", "b", "c", "view", "é"};

	(void) state;
	setup("CREATE TABLE c (id INTEGER PRIMARY KEY); CREATE TABLE \"é\" (id INTEGER PRIMARY KEY);"
	      "CREATE TABLE \"A\" (id INTEGER);"
	      "CREATE TABLE b (z INTEGER, a INTEGER, m INTEGER); CREATE VIEW view AS SELECT a, z FROM b");
	assert_int_equal(catalog.table_count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_string_equal(catalog.tables[i].name, names[i]);
		assert_string_equal(catalog.tables[i].schema, subject->schema);
		assert_int_equal(catalog.tables[i].is_view, i == 3);
	}
	assert_string_equal(find_table("b")->columns[0].name, "z");
	assert_string_equal(find_table("b")->columns[2].name, "m");
	assert_int_equal(find_table("view")->column_count, 2);
	assert_string_equal(find_table("view")->columns[0].name, "a");
	assert_int_equal(find_table("view")->estimated_rows, -1);
	assert_false(find_table("view")->has_primary_key);
}

static void test_names(void **state)
{
	static const char *const names[] = {"select", "a.b", "quo\"te", "apo'strophe", "ünï 🐱", " "};

	(void) state;
	setup("CREATE TABLE \"order\" (\"select\" INTEGER, \"a.b\" INTEGER, \"quo\"\"te\" INTEGER, \"apo'strophe\" INTEGER, "
	      "\"ünï 🐱\" INTEGER, \" \" INTEGER)");
	const pawl_source_table *table = find_table("order");
	assert_int_equal(table->column_count, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(table->columns[i].name, names[i]);
}

/* A key's columns by their place in the key, which is not that in the table. */
static void test_primary_keys(void **state)
{
	(void) state;
	setup("CREATE TABLE one (x INTEGER, id INTEGER PRIMARY KEY);"
	      "CREATE TABLE two (a INTEGER NOT NULL, b INTEGER, c INTEGER NOT NULL, PRIMARY KEY (c, a));"
	      "CREATE TABLE nullable (x INTEGER, t VARCHAR PRIMARY KEY);"
	      "CREATE TABLE none (a INTEGER UNIQUE, b INTEGER NOT NULL)");
	assert_true(find_table("one")->has_primary_key);
	assert_int_equal(column_of("one", "x")->key_rank, 0);
	assert_int_equal(column_of("one", "id")->key_rank, 1);
	assert_true(find_table("two")->has_primary_key);
	assert_int_equal(column_of("two", "a")->key_rank, 2);
	assert_int_equal(column_of("two", "b")->key_rank, 0);
	assert_int_equal(column_of("two", "c")->key_rank, 1);
	assert_false(column_of("two", "a")->is_nullable);
	assert_true(column_of("two", "b")->is_nullable);
	assert_false(column_of("one", "id")->is_nullable);
	assert_int_equal(column_of("nullable", "t")->is_nullable, subject->has_null_primary_keys);
	assert_false(find_table("none")->has_primary_key);
	assert_int_equal(column_of("none", "a")->key_rank, 0);
	assert_true(column_of("none", "a")->is_nullable);
	assert_false(column_of("none", "b")->is_nullable);
}

static void test_types(void **state)
{
	(void) state;
	setup_format("CREATE TABLE t (i INTEGER, d DECIMAL(18,2), v VARCHAR, b %s, f DOUBLE PRECISION, w BOOLEAN)",
	             subject->bytes_declared);
	assert_string_equal(column_of("t", "i")->type, subject->integer_type);
	assert_string_equal(column_of("t", "i")->native_type, subject->integer_native);
	assert_int_equal(column_of("t", "i")->key_class, PAWL_KEY_NUMBER);
	assert_string_equal(column_of("t", "d")->type, "DECIMAL(18,2)");
	assert_string_equal(column_of("t", "d")->native_type, subject->decimal_native);
	assert_int_equal(column_of("t", "d")->key_class, PAWL_KEY_NUMBER);
	assert_string_equal(column_of("t", "v")->type, "VARCHAR");
	assert_int_equal(column_of("t", "v")->key_class, PAWL_KEY_TEXT);
	assert_string_equal(column_of("t", "b")->type, "BLOB");
	assert_int_equal(column_of("t", "b")->key_class, PAWL_KEY_NONE);
	assert_string_equal(column_of("t", "f")->type, "DOUBLE");
	assert_int_equal(column_of("t", "f")->key_class, PAWL_KEY_NUMBER);
	assert_string_equal(column_of("t", "w")->type, "BOOLEAN");
	assert_int_equal(column_of("t", "w")->key_class, PAWL_KEY_NONE);
}

static void test_key_classes(void **state)
{
	(void) state;
	for (const key_case *keys = subject->keys; keys->name != NULL; keys++) {
		setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, k %s)", keys->type);
		if (column_of("t", "k")->key_class != keys->key_class)
			fail_msg("key %s: of class %d, not %d", keys->name, column_of("t", "k")->key_class, keys->key_class);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

static void test_defaults(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 5, made_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, "
	      "note VARCHAR DEFAULT 'x')");
	assert_null(column_of("t", "id")->default_text);
	assert_string_equal(column_of("t", "n")->default_text, "5");
	assert_false(column_of("t", "n")->is_set_by_default);
	assert_true(column_of("t", "made_at")->is_set_by_default);
	assert_non_null(strcasestr(column_of("t", "made_at")->default_text, "current_timestamp"));
	assert_string_equal(column_of("t", "note")->default_text, subject->text_default);
	assert_false(column_of("t", "note")->is_set_by_default);
}

static void test_indexes(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER);"
	      "CREATE INDEX first ON t (a, b);"
	      "CREATE UNIQUE INDEX second ON t (c)");
	assert_true(column_of("t", "id")->is_indexed);
	assert_true(column_of("t", "a")->is_indexed);
	assert_int_equal(column_of("t", "b")->is_indexed, subject->is_indexed_always);
	assert_true(column_of("t", "c")->is_indexed);
	assert_int_equal(column_of("t", "d")->is_indexed, subject->is_indexed_always);
}

static bool has_triggers(const conformance_subject *driver)
{
	return driver->trigger_sql != NULL;
}

static void test_triggers(void **state)
{
	(void) state;
	setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, note VARCHAR); %s", subject->trigger_sql);
	assert_true(column_of("t", "updated_at")->is_set_by_trigger);
	assert_false(column_of("t", "note")->is_set_by_trigger);
	assert_false(column_of("t", "id")->is_set_by_trigger);
}

static void test_estimated_rows(void **state)
{
	(void) state;
	setup("CREATE TABLE none (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY);"
	      "INSERT INTO t WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 1000) SELECT i FROM r");
	assert_int_equal(find_table("none")->estimated_rows, 0);
	assert_in_range(find_table("t")->estimated_rows, 200, 5000);
	close_source();
	OK(subject->run_sql(subject->path, "ANALYZE", &error));
	open_source();
	assert_int_equal(find_table("none")->estimated_rows, 0);
	assert_in_range(find_table("t")->estimated_rows, 500, 2000);
}

static void test_no_tables(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER); DROP TABLE t");
	assert_int_equal(catalog.table_count, 0);
}

/* The same again, whether there is a snapshot or not. */
static void test_discover_again(void **state)
{
	(void) state;
	pawl_source_catalog again = {0};

	setup("CREATE TABLE t (id INTEGER PRIMARY KEY)");
	OK(subject->driver->discover(source, &again, &error));
	assert_int_equal(again.table_count, 1);
	pawl_source_catalog_clear(&again);
	subject->driver->snapshot_end(source);
	OK(subject->driver->discover(source, &again, &error));
	assert_string_equal(again.tables[0].name, "t");
	pawl_source_catalog_clear(&again);
}

/* What is not there, or lets nobody in, is not made. */
static void test_refusals(void **state)
{
	(void) state;
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &engine, &error));
	for (const refusal *refused = subject->refusals; refused->location != NULL; refused++) {
		const pawl_source_options options = {.location = refused->location, .engine = engine};
		assert_int_equal(subject->driver->open(&options, &source, &error), refused->status);
		if (strstr(error.message, refused->message) == NULL)
			fail_msg("'%s': the error is '%s'", refused->location, error.message);
		assert_string_equal(error.hint, refused->hint);
		assert_null(source);
		assert_int_not_equal(access(subject->path, F_OK), 0);
	}
	subject->driver->close(NULL);
}

static void test_other_file(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	for (int i = 0; i < 1000; i++)
		pawl_buffer_append(&text, "id,name\n1,alice\n");
	write_file(subject->path, pawl_buffer_text(&text));
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &engine, &error));
	const pawl_source_options options = source_options();
	assert_int_not_equal(subject->driver->open(&options, &source, &error), PAWL_OK);
	assert_null(source);
	assert_non_null(strstr(error.message, subject->path));
}

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_identity),
		CONFORMANCE_TEST(test_order),
		CONFORMANCE_TEST(test_names),
		CONFORMANCE_TEST(test_primary_keys),
		CONFORMANCE_TEST(test_types),
		CONFORMANCE_TEST(test_key_classes),
		CONFORMANCE_TEST(test_defaults),
		CONFORMANCE_TEST(test_indexes),
		CONFORMANCE_TEST_IF(test_triggers, has_triggers),
		CONFORMANCE_TEST(test_estimated_rows),
		CONFORMANCE_TEST(test_no_tables),
		CONFORMANCE_TEST(test_discover_again),
		CONFORMANCE_TEST(test_refusals),
		CONFORMANCE_TEST_IF(test_other_file, is_of_files),
	};
	return conformance_main(argc, argv, "catalog", tests, COUNT(tests));
}
