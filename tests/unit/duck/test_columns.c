#include "duck/duck.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;
static pawl_duck *duck;

static int open_duck(void **state)
{
	(void) state;
	return pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &duck, &error) == PAWL_OK ? 0 : -1;
}

static int close_duck(void **state)
{
	(void) state;
	pawl_duck_close(duck);
	return 0;
}

static int64_t count(const char *format, const char *relation)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	for (const char *c = format; *c != '\0'; c++)
		if (*c == '$')
			pawl_buffer_append(&sql, relation);
		else
			pawl_buffer_append_character(&sql, *c);
	OK(pawl_duck_query(duck, pawl_buffer_text(&sql), NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	return pawl_duck_rows_integer(rows, 0);
}

/* What duckdb_columns() says is what there is, in the order of its column_index. */
static void check_columns(int64_t expected, bool is_by_table)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	static const char difference[] =
		"SELECT count(*) FROM (SELECT schema_name, table_name, row_number() OVER of_table, column_name, data_type, "
		"is_nullable, column_default FROM $ WINDOW of_table AS (PARTITION BY schema_name, table_name ORDER BY column_index) "
		"EXCEPT ALL SELECT schema_name, table_name, row_number() OVER of_theirs, column_name, data_type, is_nullable, "
		"column_default FROM duckdb_columns() WHERE database_name = 'memory' AND NOT internal "
		"WINDOW of_theirs AS (PARTITION BY schema_name, table_name ORDER BY column_index))";

	OK(pawl_duck_append_columns(&relation, duck, "memory", &error));
	assert_int_equal(strstr(pawl_buffer_text(&relation), "duckdb_columns") == NULL, is_by_table);
	assert_int_equal(count("SELECT count(*) FROM $", pawl_buffer_text(&relation)), expected);
	assert_int_equal(count(difference, pawl_buffer_text(&relation)), 0);
}

static void columns_are_those_of_duckdb(void **state)
{
	(void) state;

	check_columns(0, false);
	OK(pawl_duck_run(duck,
	                 "CREATE SCHEMA \"a 'schema\"; CREATE TYPE mood AS ENUM ('a', 'b'); "
	                 "CREATE TABLE \"a 'schema\".\"t.1\" (\"a b\" INTEGER PRIMARY KEY, b DECIMAL(18,3) NOT NULL DEFAULT 1.5, "
	                 "c mood, d STRUCT(x INTEGER, \"y z\" VARCHAR[]), e TIMESTAMPTZ DEFAULT now(), f INTEGER AS (\"a b\" + 1), "
	                 "g VARCHAR DEFAULT 'x''y'); "
	                 "CREATE TABLE keys (a INTEGER, b VARCHAR, PRIMARY KEY (b, a))",
	                 &error));
	check_columns(9, true);
	OK(pawl_duck_run(duck, "CREATE TABLE \"quoted \"\" name\" (a INTEGER)", &error));
	check_columns(10, false);
}

static void views_and_many_tables_are_left_to_duckdb(void **state)
{
	(void) state;

	OK(pawl_duck_run(duck, "CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT a + 1 AS b FROM t", &error));
	check_columns(2, false);
	OK(pawl_duck_run(duck, "DROP VIEW v", &error));
	check_columns(1, true);
	for (int i = 0; i < 40; i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "CREATE TABLE t%d (a INTEGER, b VARCHAR)", i);
		OK(pawl_duck_run(duck, sql, &error));
	}
	check_columns(81, false);
}

#ifdef PAWL_TEST_HOOKS
static void unallocated_is_out_of_memory(void **state)
{
	(void) state;

	OK(pawl_duck_run(duck, "CREATE TABLE t (a INTEGER); CREATE TABLE u (b INTEGER)", &error));
	for (long n = 1;; n++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		pawl_memory_fail_at(n);
		pawl_status status = pawl_duck_append_columns(&sql, duck, "memory", &error);
		pawl_memory_fail_at(0);
		if (status == PAWL_OK)
			break;
		assert_int_equal(status, PAWL_OUT_OF_MEMORY);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(columns_are_those_of_duckdb, open_duck, close_duck),
		cmocka_unit_test_setup_teardown(views_and_many_tables_are_left_to_duckdb, open_duck, close_duck),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test_setup_teardown(unallocated_is_out_of_memory, open_duck, close_duck),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
