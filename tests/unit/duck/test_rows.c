#include "duck/duck.h"

#include <string.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;
static pawl_duck *duck;

static int open_duck(void **state)
{
	(void) state;
	return pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &duck, &error) == PAWL_OK ? 0 : -1;
}

static int close_duck(void **state)
{
	(void) state;
	pawl_duck_close(duck);
	return 0;
}

static void test_types(void **state)
{
	(void) state;
	pawl_duck_rows *rows;
	bool has_row;
	size_t length;

	OK(pawl_duck_query(duck,
	                   "SELECT 'text' AS a, 'a text of more than twelve bytes' AS \"B c\", '' AS e, NULL::VARCHAR AS n, "
	                   "'a' || chr(0) || 'b' AS z, 9223372036854775807 AS l, -5::INTEGER AS i, true AS t, NULL::BIGINT AS m",
	                   NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	assert_string_equal(pawl_duck_rows_text(rows, 0, &length), "text");
	assert_int_equal(length, 4);
	assert_string_equal(pawl_duck_rows_text(rows, 1, NULL), "a text of more than twelve bytes");
	assert_string_equal(pawl_duck_rows_text(rows, 2, &length), "");
	assert_int_equal(length, 0);
	assert_null(pawl_duck_rows_text(rows, 3, NULL));
	assert_true(pawl_duck_rows_is_null(rows, 3));
	assert_memory_equal(pawl_duck_rows_text(rows, 4, &length), "a\0b", 4);
	assert_int_equal(length, 3);
	assert_true(pawl_duck_rows_integer(rows, 5) == INT64_MAX);
	assert_int_equal(pawl_duck_rows_integer(rows, 6), -5);
	assert_int_equal(pawl_duck_rows_integer(rows, 7), 1);
	assert_false(pawl_duck_rows_is_null(rows, 7));
	assert_int_equal(pawl_duck_rows_integer(rows, 8), 0);
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_false(has_row);
	pawl_duck_rows_close(&rows);
	assert_null(rows);
	pawl_duck_rows_close(&rows);
}

static void test_cells(void **state)
{
	(void) state;
	pawl_duck_rows *rows;
	pawl_cell cell[10];
	bool has_row;

	OK(pawl_duck_query_cells(duck,
	                         "SELECT true, 7::SMALLINT, -1::INTEGER, 1.25::DECIMAL(4,2), -123456789.1::DECIMAL(38,1), 0.5::FLOAT, "
	                         "0.1::DOUBLE, DATE '1970-01-03', TIMESTAMP_NS '1970-01-01 00:00:00.000000001', 'a text of more than twelve bytes' "
	                         "UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY 2 NULLS LAST",
	                         &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	for (size_t i = 0; i < 10; i++) {
		pawl_duck_rows_cell(rows, i, &cell[i]);
		assert_false(cell[i].is_null);
	}
	static const pawl_storage storages[] = {
		PAWL_STORAGE_BOOLEAN, PAWL_STORAGE_INT16, PAWL_STORAGE_INT32, PAWL_STORAGE_INT16, PAWL_STORAGE_INT128,
		PAWL_STORAGE_FLOAT, PAWL_STORAGE_DOUBLE, PAWL_STORAGE_INT32, PAWL_STORAGE_INT64, PAWL_STORAGE_BYTES};
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(pawl_duck_rows_storage(rows, i), storages[i]);
	assert_true(cell[0].as.boolean);
	assert_int_equal(cell[1].as.int16, 7);
	assert_int_equal(cell[2].as.int32, -1);
	assert_int_equal(cell[3].as.int16, 125);
	assert_true(cell[4].as.int128 == -1234567891);
	assert_true(cell[5].as.float32 == 0.5f);
	assert_true(cell[6].as.float64 == 0.1);
	assert_int_equal(cell[7].as.int32, 2);
	assert_int_equal(cell[8].as.int64, 1);
	assert_int_equal(cell[9].length, 32);
	assert_memory_equal(cell[9].as.bytes, "a text of more than twelve bytes", 32);
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	for (size_t i = 0; i < 10; i++) {
		pawl_duck_rows_cell(rows, i, &cell[i]);
		assert_true(cell[i].is_null);
	}
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_false(has_row);
	pawl_duck_rows_close(&rows);
	FAILS(pawl_duck_query_cells(duck, "SELECT 1::TINYINT AS x", &rows, &error), PAWL_INTERNAL,
	      "column 'x' has a type that is no cell's");
}

static void test_many_rows(void **state)
{
	(void) state;
	pawl_duck_rows *rows;
	bool has_row;
	int64_t count = 0, sum = 0;

	OK(pawl_duck_query(duck, "SELECT i, i::VARCHAR FROM range(10000) t(i) WHERE i % 3 = 0", NULL, 0, &rows, &error));
	for (;;) {
		char text[32];
		OK(pawl_duck_rows_next(rows, &has_row, &error));
		if (!has_row)
			break;
		snprintf(text, sizeof(text), "%d", (int) pawl_duck_rows_integer(rows, 0));
		assert_string_equal(pawl_duck_rows_text(rows, 1, NULL), text);
		sum += pawl_duck_rows_integer(rows, 0);
		count++;
	}
	assert_int_equal(count, 3334);
	assert_int_equal(sum, 16668333);
	pawl_duck_rows_close(&rows);
}

static void test_parameters(void **state)
{
	(void) state;
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_query(duck, "SELECT $2 || $1, $3::VARCHAR", (const char *const[]) {"'; DROP TABLE t", "\xc3\xa9", NULL}, 3,
	                   &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_string_equal(pawl_duck_rows_text(rows, 0, NULL), "\xc3\xa9'; DROP TABLE t");
	assert_true(pawl_duck_rows_is_null(rows, 1));
	pawl_duck_rows_close(&rows);
	assert_int_equal(pawl_duck_query(duck, "SELECT 1", (const char *const[]) {"a"}, 1, &rows, &error), PAWL_INTERNAL);
	assert_string_equal(error.message, "DuckDB refuses parameter 1 of: SELECT 1");
}

static void test_changes(void **state)
{
	(void) state;
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_run(duck, "CREATE TABLE c (i INTEGER)", &error));
	OK(pawl_duck_query(duck, "INSERT INTO c VALUES (1), (2)", NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	assert_int_equal(pawl_duck_rows_integer(rows, 0), 2);
	pawl_duck_rows_close(&rows);
}

/* Reads a query's rows to the end or the error, and counts them. */
static pawl_status count_rows(const char *sql, int64_t *ret_count)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	pawl_status status;
	bool has_row = true;

	*ret_count = 0;
	OK(pawl_duck_query(duck, sql, NULL, 0, &rows, &error));
	while ((status = pawl_duck_rows_next(rows, &has_row, &error)) == PAWL_OK && has_row)
		++*ret_count;
	return status;
}

/* Rows that came before an error are good; the error comes instead of the end. Of several threads DuckDB (1.5.5) now and then tells of
 * one that the other one's failure has interrupted. */
static void test_late_error(void **state)
{
	(void) state;
	pawl_status status;
	int64_t count;
	int tries = 0;

	do
		status = count_rows("SELECT if(i = 900000, error('row of sorrow'), 1)::INTEGER FROM range(1000000) t(i)", &count);
	while (status == PAWL_INTERRUPTED && ++tries < 10);
	assert_int_equal(status, PAWL_DATABASE);
	assert_string_equal(error.message, "row of sorrow");
	assert_in_range(count, 1, 900000);
	OK(pawl_duck_run(duck, "SELECT 1", &error));
}

static void test_refused(void **state)
{
	(void) state;
	pawl_duck_rows *rows = NULL;

	assert_int_equal(pawl_duck_query(duck, "SELECT 1; SELECT 2", NULL, 0, &rows, &error), PAWL_DATABASE);
	assert_int_equal(pawl_duck_query(duck, "SELECT a", NULL, 0, &rows, &error), PAWL_DATABASE);
	assert_string_equal(error.message, "referenced column 'a' was not found because the FROM clause is missing");
	assert_null(rows);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status small_query(void)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(duck, "SELECT 'a', 'b'", NULL, 0, &rows, &error));
	return pawl_duck_rows_next(rows, &has_row, &error);
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_status status;
	long n = 0;

	do {
		pawl_memory_fail_at(++n);
		status = small_query();
		pawl_memory_fail_at(0);
		assert_true(status == PAWL_OK || status == PAWL_OUT_OF_MEMORY);
	} while (status != PAWL_OK);
	assert_int_equal(n, 5); /* the rows, their columns, two texts */
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),      cmocka_unit_test(test_cells),   cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_parameters), cmocka_unit_test(test_changes), cmocka_unit_test(test_late_error),
		cmocka_unit_test(test_refused),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, open_duck, close_duck);
}
