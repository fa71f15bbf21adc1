#include "duck/chunks.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;

static pawl_duck *open_duck(void)
{
	pawl_duck *duck;
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &duck, &error));
	return duck;
}

/* The one text that the query gives, valid until the next call. */
static const char *text_of(pawl_duck *duck, const char *sql)
{
	static char text[4096];
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_query(duck, sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	snprintf(text, sizeof(text), "%s", found == NULL ? "NULL" : found);
	pawl_duck_rows_close(&rows);
	return text;
}

static const char *select_from(pawl_duck *duck, const pawl_chunks *chunks, const char *expression)
{
	char sql[1024];
	snprintf(sql, sizeof(sql), "SELECT (%s)::VARCHAR FROM %s", expression, pawl_chunks_relation(chunks));
	return text_of(duck, sql);
}

static pawl_cell bytes_cell(const char *bytes, size_t length)
{
	return (pawl_cell) {.length = length, .as.bytes = bytes};
}

static pawl_cell text_cell(const char *text)
{
	return bytes_cell(text, strlen(text));
}

static pawl_cell int64_cell(int64_t integer)
{
	return (pawl_cell) {.as.int64 = integer};
}

static pawl_chunks *new_chunks(const pawl_chunks_column *columns, size_t count)
{
	pawl_chunks *chunks;
	OK(pawl_chunks_new(columns, count, &chunks, &error));
	return chunks;
}

static void put(pawl_chunks *chunks, size_t row, size_t column, pawl_cell cell)
{
	OK(pawl_chunks_set(chunks, row, column, &cell, &error));
}

static size_t append(pawl_chunks *chunks)
{
	size_t row;
	OK(pawl_chunks_append(chunks, &row, &error));
	return row;
}

/* ---- every storage at its limits ------------------------------------------------------------------------------------- */

static const pawl_int128 largest_decimal = ((pawl_int128) 5421010862427522170 << 64) + (pawl_int128) 687399551400673279;

static const struct limit {
	pawl_type type;
	pawl_cell cell;
	const char *text;
} limits[] = {
	{PAWL_BOOLEAN, {.as.boolean = true}, "true"},
	{PAWL_BOOLEAN, {.as.boolean = false}, "false"},
	{PAWL_SHORT, {.as.int16 = INT16_MIN}, "-32768"},
	{PAWL_SHORT, {.as.int16 = INT16_MAX}, "32767"},
	{PAWL_INT, {.as.int32 = INT32_MIN}, "-2147483648"},
	{PAWL_INT, {.as.int32 = INT32_MAX}, "2147483647"},
	{PAWL_LONG, {.as.int64 = INT64_MIN}, "-9223372036854775808"},
	{PAWL_LONG, {.as.int64 = INT64_MAX}, "9223372036854775807"},
	{PAWL_DECIMAL(4, 2), {.as.int16 = -9999}, "-99.99"},
	{PAWL_DECIMAL(9, 0), {.as.int32 = 999999999}, "999999999"},
	{PAWL_DECIMAL(18, 17), {.as.int64 = -1}, "-0.00000000000000001"},
	{PAWL_FLOAT, {.as.float32 = 0.1f}, "0.1"},
	{PAWL_DOUBLE, {.as.float64 = -1.7976931348623157e308}, "-1.7976931348623157e+308"},
	{PAWL_NAIVE_DATE, {.as.int32 = -719162}, "0001-01-01"},
	{PAWL_NAIVE_DATE, {.as.int32 = 2932896}, "9999-12-31"},
	{PAWL_NAIVE_DATETIME, {.as.int64 = 253402300799999999}, "9999-12-31 23:59:59.999999"},
	{PAWL_UTC_DATETIME, {.as.int64 = 1710607229500000}, "2024-03-16 16:40:29.5+00"},
	{PAWL_STRING, {.as.bytes = "", .length = 0}, ""},
	{PAWL_STRING, {.as.bytes = "twelve bytes", .length = 12}, "twelve bytes"},
	{PAWL_STRING, {.as.bytes = "thirteen byte", .length = 13}, "thirteen byte"},
	{PAWL_XML, {.as.bytes = "<a/>", .length = 4}, "<a/>"},
	{PAWL_JSON, {.as.bytes = "{\"a\": \"\xc3\xa9\"}", .length = 11}, "{\"a\": \"\xc3\xa9\"}"},
	{PAWL_BINARY, {.as.bytes = "\0\xff" "a", .length = 3}, "\\x00\\xFFa"},
};

static void test_limits(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		pawl_chunks *chunks = new_chunks(&(pawl_chunks_column) {"v", limits[i].type}, 1);
		pawl_cell back;
		put(chunks, append(chunks), 0, limits[i].cell);
		OK(pawl_chunks_publish(chunks, duck, &error));
		assert_string_equal(select_from(duck, chunks, "v"), limits[i].text);
		pawl_chunks_get(chunks, 0, 0, &back);
		assert_false(back.is_null);
		assert_int_equal(back.length, limits[i].cell.length);
		if (pawl_type_storage(limits[i].type) == PAWL_STORAGE_BYTES)
			assert_memory_equal(back.as.bytes, limits[i].cell.as.bytes, back.length);
		else if (pawl_type_storage(limits[i].type) == PAWL_STORAGE_INT64)
			assert_true(back.as.int64 == limits[i].cell.as.int64);
		else
			assert_true(back.as.int16 == limits[i].cell.as.int16);
		pawl_chunks_free(chunks);
	}
	pawl_duck_close(duck);
}

static void test_wide_decimals(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_chunks *chunks = new_chunks(&(pawl_chunks_column) {"v", PAWL_DECIMAL(38, 10)}, 1);
	pawl_cell back;

	put(chunks, append(chunks), 0, (pawl_cell) {.as.int128 = largest_decimal});
	put(chunks, append(chunks), 0, (pawl_cell) {.as.int128 = -largest_decimal});
	OK(pawl_chunks_publish(chunks, duck, &error));
	assert_string_equal(select_from(duck, chunks, "max(v)"), "9999999999999999999999999999.9999999999");
	assert_string_equal(select_from(duck, chunks, "min(v)"), "-9999999999999999999999999999.9999999999");
	pawl_chunks_get(chunks, 1, 0, &back);
	assert_true(back.as.int128 == -largest_decimal);
	pawl_chunks_free(chunks);
	pawl_duck_close(duck);
}

static void test_not_finite(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_chunks *chunks = new_chunks((pawl_chunks_column[]) {{"f", PAWL_FLOAT}, {"d", PAWL_DOUBLE}}, 2);
	size_t row = append(chunks);
	pawl_cell back;

	put(chunks, row, 0, (pawl_cell) {.as.float32 = NAN});
	put(chunks, row, 1, (pawl_cell) {.as.float64 = -INFINITY});
	OK(pawl_chunks_publish(chunks, duck, &error));
	assert_string_equal(select_from(duck, chunks, "isnan(f) AND d = '-inf'::DOUBLE"), "true");
	pawl_chunks_get(chunks, row, 0, &back);
	assert_true(isnan(back.as.float32));
	pawl_chunks_free(chunks);
	pawl_duck_close(duck);
}

/* ---- overwriting, NULLs ---------------------------------------------------------------------------------------------- */

static void test_overwriting(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_chunks *chunks = new_chunks((pawl_chunks_column[]) {{"k", PAWL_LONG}, {"t", PAWL_STRING}}, 2);
	const pawl_cell null = {.is_null = true};
	pawl_cell back;
	size_t row = append(chunks);

	put(chunks, row, 0, int64_cell(1));
	put(chunks, row, 1, text_cell("a text that is longer than twelve bytes"));
	OK(pawl_chunks_publish(chunks, duck, &error));
	assert_string_equal(select_from(duck, chunks, "t"), "a text that is longer than twelve bytes");
	put(chunks, row, 1, text_cell("short"));
	assert_string_equal(select_from(duck, chunks, "t"), "short");
	put(chunks, row, 1, null);
	assert_string_equal(select_from(duck, chunks, "coalesce(t, 'none')"), "none");
	pawl_chunks_get(chunks, row, 1, &back);
	assert_true(back.is_null);
	put(chunks, row, 1, text_cell("sh"));
	assert_string_equal(select_from(duck, chunks, "t"), "sh");
	pawl_chunks_get(chunks, row, 1, &back);
	assert_false(back.is_null);

	/* What a longer text left behind must not make equal texts differ. */
	put(chunks, append(chunks), 0, int64_cell(2));
	put(chunks, 1, 1, text_cell("sh"));
	assert_string_equal(select_from(duck, chunks, "count(DISTINCT t)"), "1");
	pawl_chunks_free(chunks);
	pawl_duck_close(duck);
}

/* ---- many chunks ----------------------------------------------------------------------------------------------------- */

#define MANY 5000

static void fill(pawl_chunks *chunks, int64_t first)
{
	char text[64];

	for (int64_t i = 0; i < MANY; i++) {
		size_t row = append(chunks);
		snprintf(text, sizeof(text), "%s%lld", i % 2 == 0 ? "" : "a longer text of row ", (long long) (first + i));
		put(chunks, row, 0, int64_cell(first + i));
		put(chunks, row, 1, i % 7 == 0 ? (pawl_cell) {.is_null = true} : text_cell(text));
	}
}

static void test_many_rows(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_chunks *chunks = new_chunks((pawl_chunks_column[]) {{"k", PAWL_LONG}, {"t", PAWL_STRING}}, 2);

	OK(pawl_chunks_publish(chunks, duck, &error));
	assert_string_equal(select_from(duck, chunks, "count(*)"), "0");
	fill(chunks, 0);
	assert_int_equal(pawl_chunks_row_count(chunks), MANY);
	assert_string_equal(select_from(duck, chunks, "count(*)"), "5000");
	assert_string_equal(select_from(duck, chunks, "sum(k)"), "12497500");
	assert_string_equal(select_from(duck, chunks, "count(*) - count(t)"), "715");
	assert_string_equal(select_from(duck, chunks, "count(*) FILTER (t = CASE WHEN k % 2 = 0 THEN k::VARCHAR ELSE "
	                                              "'a longer text of row ' || k END)"),
	                    "4285");

	pawl_chunks_clear(chunks);
	assert_int_equal(pawl_chunks_row_count(chunks), 0);
	assert_string_equal(select_from(duck, chunks, "count(*)"), "0");
	fill(chunks, 1000000);
	assert_string_equal(select_from(duck, chunks, "min(k) || ' ' || max(k) || ' ' || count(t)"), "1000000 1004999 4285");
	pawl_chunks_free(chunks);
	pawl_duck_close(duck);
}

static void test_bytes(void **state)
{
	(void) state;
	pawl_chunks *chunks = new_chunks((pawl_chunks_column[]) {{"k", PAWL_LONG}, {"t", PAWL_STRING}}, 2);
	enum { LONG_TEXT = 1000000 };
	char *text = pawl_allocate(LONG_TEXT);

	memset(text, 'x', LONG_TEXT);
	assert_int_equal(pawl_chunks_bytes(chunks), 0);
	put(chunks, append(chunks), 1, text_cell("short"));
	assert_int_equal(pawl_chunks_bytes(chunks), (8 + 16) + 2 * 4096);
	put(chunks, 0, 1, bytes_cell(text, LONG_TEXT));
	assert_true(pawl_chunks_bytes(chunks) >= (8 + 16) + LONG_TEXT);
	put(chunks, 0, 1, bytes_cell(text, LONG_TEXT)); /* overwriting costs */
	assert_true(pawl_chunks_bytes(chunks) >= (8 + 16) + 2 * LONG_TEXT);
	pawl_chunks_clear(chunks);
	assert_true(pawl_chunks_bytes(chunks) < (8 + 16) + LONG_TEXT);
	assert_true(pawl_chunks_bytes(chunks) >= (8 + 16) + 2 * 4096);
	pawl_free(text);
	pawl_chunks_free(chunks);
}

/* A length that no memory stands behind: it must be refused before a byte is read. */
static void test_too_long(void **state)
{
	(void) state;
	pawl_chunks *chunks = new_chunks(&(pawl_chunks_column) {"t", PAWL_STRING}, 1);
	pawl_cell cell = bytes_cell("x", (size_t) UINT32_MAX + 1);

	assert_int_equal(pawl_chunks_set(chunks, append(chunks), 0, &cell, &error), PAWL_INVALID);
	assert_string_equal(error.message, "a value of 4294967296 bytes is longer than DuckDB can keep, 4294967295");
	pawl_chunks_free(chunks);
}

/* ---- publishing ------------------------------------------------------------------------------------------------------ */

static void test_publishing(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_chunks *first = new_chunks(&(pawl_chunks_column) {"a", PAWL_LONG}, 1);
	pawl_chunks *second = new_chunks((pawl_chunks_column[]) {{"b", PAWL_LONG}, {"Order", PAWL_LONG}}, 2);

	put(first, append(first), 0, int64_cell(1));
	put(second, append(second), 0, int64_cell(2));
	put(second, 0, 1, int64_cell(3));
	OK(pawl_chunks_publish(first, duck, &error));
	OK(pawl_chunks_publish(second, duck, &error));
	assert_string_equal(pawl_chunks_relation(first), "pawl_chunks(0)");
	assert_string_equal(pawl_chunks_relation(second), "pawl_chunks(1)");
	assert_int_equal(pawl_chunks_publish(first, duck, &error), PAWL_INTERNAL);
	assert_string_equal(error.message, "'pawl_chunks(0)' is published already");

	/* Some columns, in another order, twice in a statement, joined with others. */
	assert_string_equal(select_from(duck, second, "\"Order\" || ' ' || b || ' ' || \"Order\""), "3 2 3");
	assert_string_equal(text_of(duck, "SELECT (x.b + y.b + a)::VARCHAR FROM pawl_chunks(1) x, pawl_chunks(1) y, pawl_chunks(0)"),
	                    "5");

	pawl_chunks_free(first);
	assert_int_equal(pawl_duck_run(duck, "FROM pawl_chunks(0)", &error), PAWL_DATABASE);
	assert_string_equal(error.message, "pawl: no chunks are published under this number");
	assert_int_equal(pawl_duck_run(duck, "FROM pawl_chunks(2)", &error), PAWL_DATABASE);
	assert_int_equal(pawl_duck_run(duck, "FROM pawl_chunks(-1)", &error), PAWL_DATABASE);
	assert_int_equal(pawl_duck_run(duck, "FROM pawl_chunks(NULL)", &error), PAWL_DATABASE);
	pawl_duck_close(duck); /* before the chunks */
	pawl_chunks_free(second);
	pawl_chunks_free(NULL);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status small_run(pawl_duck *duck)
{
	pawl_chunks *chunks;
	pawl_cell cell = text_cell("a text that is longer than twelve bytes");
	pawl_status status = pawl_chunks_new(&(pawl_chunks_column) {"t", PAWL_STRING}, 1, &chunks, &error);
	size_t row;

	if (status != PAWL_OK)
		return status;
	if ((status = pawl_chunks_append(chunks, &row, &error)) == PAWL_OK &&
	    (status = pawl_chunks_set(chunks, row, 0, &cell, &error)) == PAWL_OK &&
	    (status = pawl_chunks_publish(chunks, duck, &error)) == PAWL_OK) {
		char sql[64];
		snprintf(sql, sizeof(sql), "FROM %s", pawl_chunks_relation(chunks));
		status = pawl_duck_run(duck, sql, &error);
	}
	pawl_chunks_free(chunks);
	return status;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	pawl_status status;
	long n = 0;

	do {
		pawl_memory_fail_at(++n);
		status = small_run(duck);
		pawl_memory_fail_at(0);
		assert_true(status == PAWL_OK || status == PAWL_OUT_OF_MEMORY);
	} while (status != PAWL_OK);
	assert_in_range(n, 8, 20);
	pawl_duck_close(duck);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_wide_decimals), cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_overwriting), cmocka_unit_test(test_many_rows),    cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_too_long),   cmocka_unit_test(test_publishing),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
