/*
 * Wide tables and many tables within the memory that a connector's run gives the engine by default. DuckDB counts what it takes,
 * and fails when that is above the limit, whatever the memory really is: so these tests mean the same under any sanitizer.
 */
#include "destination/destination.h"

#include <stdlib.h>

#include "base/memory.h"
#include "duck/chunks.h"
#include "support.h"

#define SHARE_BYTES (INT64_C(96) << 20) /* of the 256 MiB of a process */

static const pawl_destination_driver *const driver = &pawl_destination_duckdb;
static pawl_error error;

static pawl_destination *open_file(int threads)
{
	const pawl_destination_options options = {
	    .target = "memory.db", .schema = "tester", .owner = "alpha", .memory_limit_bytes = SHARE_BYTES, .threads = threads};
	pawl_destination *destination;

	OK(driver->open(&options, &destination, &error));
	return destination;
}

/* A key and so many columns of text; free with free_table. */
static pawl_destination_table wide_table(size_t number, size_t column_count)
{
	pawl_destination_table table = {NULL, pawl_allocate_array(column_count + 1, sizeof(*table.columns)), column_count + 1};
	char name[32];

	snprintf(name, sizeof(name), "table_%zu", number);
	table.name = pawl_duplicate(name);
	for (size_t i = 0; i < table.column_count; i++) {
		snprintf(name, sizeof(name), "c%zu", i);
		table.columns[i] = (pawl_destination_column) {pawl_duplicate(name), i == 0 ? PAWL_LONG : PAWL_STRING, i == 0};
	}
	return table;
}

/* Full rows of the table, with keys from `first` on. */
static pawl_chunks *new_rows(pawl_destination *destination, const pawl_destination_table *table, int64_t first, int64_t count)
{
	static const char text[] = "value of some length";
	size_t words = (table->column_count + PAWL_GIVEN_BITS - 1) / PAWL_GIVEN_BITS, all = table->column_count + 2 + words;
	pawl_chunks_column *columns = pawl_allocate_array(all, sizeof(*columns));
	char(*given)[40] = pawl_allocate_array(words, sizeof(*given));
	pawl_chunks *chunks;
	size_t row;

	for (size_t i = 0; i < table->column_count; i++)
		columns[i] = (pawl_chunks_column) {table->columns[i].name, table->columns[i].type};
	columns[table->column_count] = (pawl_chunks_column) {PAWL_COLUMN_IS_FULL, PAWL_BOOLEAN};
	columns[table->column_count + 1] = (pawl_chunks_column) {PAWL_COLUMN_IS_DELETED, PAWL_BOOLEAN};
	for (size_t i = 0; i < words; i++) {
		snprintf(given[i], sizeof(given[i]), PAWL_COLUMN_GIVEN "%zu", i);
		columns[table->column_count + 2 + i] = (pawl_chunks_column) {given[i], PAWL_LONG};
	}
	OK(pawl_chunks_new(columns, all, &chunks, &error));
	OK(pawl_chunks_publish(chunks, driver->engine(destination), &error));
	pawl_free(columns);
	pawl_free(given);
	for (int64_t n = 0; n < count; n++) {
		OK(pawl_chunks_append(chunks, &row, &error));
		OK(pawl_chunks_set(chunks, row, 0, &(pawl_cell) {.as.int64 = first + n}, &error));
		for (size_t i = 1; i < table->column_count; i++)
			OK(pawl_chunks_set(chunks, row, i, &(pawl_cell) {.as.bytes = text, .length = sizeof(text) - 1}, &error));
		OK(pawl_chunks_set(chunks, row, table->column_count, &(pawl_cell) {.as.boolean = true}, &error));
		for (size_t i = 1; i < 2 + words; i++)
			OK(pawl_chunks_set(chunks, row, table->column_count + i, &(pawl_cell) {0}, &error));
	}
	return chunks;
}

static void stage(pawl_destination *destination, const pawl_destination_table *table, int64_t first, int64_t count)
{
	pawl_chunks *chunks = new_rows(destination, table, first, count);

	OK(driver->stage(destination, table, &(pawl_changes) {pawl_chunks_relation(chunks), false, pawl_chunks_text_bytes(chunks)}, &error));
	pawl_chunks_free(chunks);
}

static int64_t number_of(pawl_destination *destination, const char *sql)
{
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_query(driver->engine(destination), sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	int64_t number = pawl_duck_rows_integer(rows, 0);
	pawl_duck_rows_close(&rows);
	return number;
}

#define THREADS_SQL "SELECT current_setting('threads')::BIGINT"

/* Stages `stages` times `count` rows of each table, commits them, and looks whether they are there. */
static void sync_tables(size_t table_count, size_t column_count, int64_t stages, int64_t count, int threads)
{
	pawl_destination *destination = open_file(threads);
	pawl_destination_table *tables = pawl_allocate_array(table_count, sizeof(*tables));
	char sql[80];
	int changes;

	for (size_t i = 0; i < table_count; i++)
		tables[i] = wide_table(i, column_count);
	for (int64_t n = 0; n < stages; n++)
		for (size_t i = 0; i < table_count; i++)
			stage(destination, &tables[i], n * count, count);
	OK(driver->begin(destination, &error));
	for (size_t i = 0; i < table_count; i++) {
		OK(driver->ensure_table(destination, &tables[i], &changes, &error));
		OK(driver->apply(destination, &tables[i], NULL, &error));
	}
	OK(driver->commit(destination, &error));
	for (size_t i = 0; i < table_count; i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM tester.%s", tables[i].name);
		assert_int_equal(number_of(destination, sql), stages * count);
		pawl_destination_table_clear(&tables[i]);
	}
	pawl_free(tables);
	driver->close(destination);
}

static void test_wide_table(void **state)
{
	(void) state;
	sync_tables(1, 1000, 1, 10, 2);
}

static void test_wide_table_of_many_rows(void **state)
{
	(void) state;
	sync_tables(1, 200, 3, 2000, 2);
}

/* The joins of partial rows with those that are staged, and with those of the table. */
static void test_wide_updates(void **state)
{
	(void) state;
	pawl_destination *destination = open_file(2);
	pawl_destination_table table = wide_table(0, 500);
	int changes;

	for (int i = 0; i < 2; i++) {
		pawl_chunks *chunks = new_rows(destination, &table, 0, 1000);
		const pawl_changes rows = {pawl_chunks_relation(chunks), true, pawl_chunks_text_bytes(chunks)};
		const pawl_cell partial = {.as.boolean = false};
		for (size_t row = 0; row < 1000; row += 2)
			OK(pawl_chunks_set(chunks, row, table.column_count, &partial, &error));
		for (int n = 0; n < 2; n++)
			OK(driver->stage(destination, &table, &rows, &error));
		OK(driver->begin(destination, &error));
		OK(driver->ensure_table(destination, &table, &changes, &error));
		OK(driver->apply(destination, &table, NULL, &error));
		OK(driver->commit(destination, &error));
		pawl_chunks_free(chunks);
	}
	assert_int_equal(number_of(destination, "SELECT count(*) FROM tester.table_0"), 500); /* rows of which there was no full one */
	pawl_destination_table_clear(&table);
	driver->close(destination);
}

/* The longest values that a connector may give. */
static void test_long_values(void **state)
{
	(void) state;
	pawl_destination *destination = open_file(2);
	pawl_destination_table table = wide_table(0, 1);
	const pawl_changes rows = {"(SELECT range AS c0, repeat('abcdefgh', 1048576) AS c1, true AS _pawl_is_full, "
	                           "false AS _pawl_is_deleted, 0::BIGINT AS _pawl_given_0 FROM range(4))",
	                           false, 32 << 20};
	int changes;

	OK(driver->stage(destination, &table, &rows, &error));
	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, &table, &changes, &error));
	OK(driver->apply(destination, &table, NULL, &error));
	OK(driver->commit(destination, &error));
	assert_int_equal(number_of(destination, "SELECT sum(strlen(c1))::BIGINT FROM tester.table_0"), 32 << 20);
	pawl_destination_table_clear(&table);
	driver->close(destination);
}

static void test_many_tables(void **state)
{
	(void) state;
	sync_tables(100, 20, 1, 1, 2);
}

static void test_many_wide_tables(void **state)
{
	(void) state;
	sync_tables(20, 100, 2, 50, 2);
}

static void test_many_threads(void **state)
{
	(void) state;
	sync_tables(1, 20, 3, 61440, 16);
}

static void test_column_by_column(void **state)
{
	(void) state;
	enum { COLUMNS = 250 };
	pawl_destination *destination = open_file(2);
	pawl_destination_table table = wide_table(0, COLUMNS), part = table;
	int changes;

	for (size_t i = 2; i <= table.column_count; i++) {
		part.column_count = i;
		stage(destination, &part, (int64_t) i, 1);
	}
	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, &table, &changes, &error));
	OK(driver->apply(destination, &table, NULL, &error));
	OK(driver->commit(destination, &error));
	assert_int_equal(number_of(destination, "SELECT count(*) FROM tester.table_0"), COLUMNS);
	pawl_destination_table_clear(&table);
	driver->close(destination);
}

#define LIMIT_SQL "SELECT (regexp_extract(current_setting('memory_limit'), '^[0-9]+'))::BIGINT" /* MiB */

/* The limit is raised while a wide table is changed, and only then. */
static void test_limit(void **state)
{
	(void) state;
	pawl_destination *destination = open_file(8);
	pawl_destination_table narrow = wide_table(0, 4), wide = wide_table(1, 100);

	stage(destination, &narrow, 0, 1);
	assert_int_equal(number_of(destination, LIMIT_SQL), 96);
	assert_int_equal(number_of(destination, THREADS_SQL), 6);
	stage(destination, &wide, 0, 1);
	assert_int_equal(number_of(destination, LIMIT_SQL), 96 + 80); /* 103 * 768 KiB + 110 * 96 KiB, in steps of 16 MiB */
	assert_int_equal(number_of(destination, THREADS_SQL), 1);
	OK(driver->begin(destination, &error));
	OK(driver->commit(destination, &error));
	assert_int_equal(number_of(destination, LIMIT_SQL), 96);
	stage(destination, &narrow, 0, 1);
	assert_int_equal(number_of(destination, THREADS_SQL), 6);
	pawl_destination_table_clear(&narrow);
	pawl_destination_table_clear(&wide);
	driver->close(destination);
}

static void commit(pawl_destination *destination, const pawl_destination_table *table)
{
	int changes;

	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, table, &changes, &error));
	OK(driver->apply(destination, table, NULL, &error));
	OK(driver->commit(destination, &error));
}

/* On one thread a sync of narrow tables has less than the share, until it needs more. */
static void test_tight_limit(void **state)
{
	(void) state;
	enum { TIGHT = 24, COLUMNS = 5 /* (4 + 1 + 2) * (768 + 96) KiB */, SHARE = 96 };
	pawl_destination *destination = open_file(1);
	pawl_destination_table table = wide_table(0, 4);
	pawl_chunks *chunks = new_rows(destination, &table, 10, 1);
	const pawl_changes partial = {pawl_chunks_relation(chunks), true, 0}, is_long = {pawl_chunks_relation(chunks), false, 4 << 20};

	assert_int_equal(number_of(destination, LIMIT_SQL), TIGHT);
	for (int64_t n = 0; n < 2; n++) { /* keys that are new, staged and committed */
		stage(destination, &table, n, 1);
		assert_int_equal(number_of(destination, LIMIT_SQL), TIGHT + COLUMNS);
	}
	commit(destination, &table);
	assert_int_equal(number_of(destination, LIMIT_SQL), TIGHT);

	stage(destination, &table, 0, 1); /* a key that is committed */
	OK(driver->begin(destination, &error));
	OK(driver->apply(destination, &table, NULL, &error));
	assert_int_equal(number_of(destination, LIMIT_SQL), SHARE);
	OK(driver->commit(destination, &error));
	assert_int_equal(number_of(destination, LIMIT_SQL), TIGHT);

	for (int n = 0; n < 2; n++) /* one that is staged */
		stage(destination, &table, 5, 1);
	assert_int_equal(number_of(destination, LIMIT_SQL), SHARE);
	commit(destination, &table);

	OK(driver->stage(destination, &table, &partial, &error));
	assert_int_equal(number_of(destination, LIMIT_SQL), SHARE);
	commit(destination, &table);
	OK(driver->stage(destination, &table, &is_long, &error));
	assert_int_equal(number_of(destination, LIMIT_SQL), SHARE);
	commit(destination, &table);
	assert_int_equal(number_of(destination, "SELECT count(*) FROM tester.table_0"), 4); /* 0, 1, 5, 10 */
	pawl_chunks_free(chunks);
	pawl_destination_table_clear(&table);
	driver->close(destination);
}

static void test_tight_rows(void **state)
{
	(void) state;
	sync_tables(1, 7, 3, 61440, 1);
}

#define FOLDER_TEST(function) cmocka_unit_test_setup_teardown(function, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(test_wide_table),  FOLDER_TEST(test_wide_table_of_many_rows), FOLDER_TEST(test_wide_updates),
		FOLDER_TEST(test_long_values), FOLDER_TEST(test_many_tables),             FOLDER_TEST(test_many_wide_tables),
		FOLDER_TEST(test_many_threads), FOLDER_TEST(test_column_by_column),       FOLDER_TEST(test_limit),
		FOLDER_TEST(test_tight_limit), FOLDER_TEST(test_tight_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
