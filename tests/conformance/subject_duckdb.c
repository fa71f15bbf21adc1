/* What is particular of the DuckDB driver. */
#include "conformance.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static pawl_status run_sql(const char *path, const char *sql, pawl_error *run_error)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;

	PAWL_TRY(pawl_duck_open(&(pawl_duck_options) {.path = path, .threads = 1}, &duck, run_error));
	return pawl_duck_run(duck, sql, run_error);
}

static const char *another_way(void)
{
	assert_int_equal(symlink("shop", "link"), 0);
	return "./link";
}

/* Blocks of 256 KiB, each with a checksum, begin behind three headers of 4 KiB. The first one and the last ones hold the
 * schema. */
static void damage(const char *path)
{
	enum { HEADERS_BYTES = 3 * 4096, BLOCK_BYTES = 262144, PLACE = HEADERS_BYTES + BLOCK_BYTES + 1000 };
	static const char rubbish[64] = "rubbish";
	struct stat state;

	assert_int_equal(stat(path, &state), 0);
	assert_true(state.st_size > 4 * BLOCK_BYTES);
	FILE *file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, PLACE, SEEK_SET), 0);
	assert_int_equal(fwrite(rubbish, 1, sizeof(rubbish), file), sizeof(rubbish));
	assert_int_equal(fclose(file), 0);
}

static const key_case keys[] = {
	{"timestamp", "TIMESTAMP", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'-infinity'", NULL, NULL},
	  {"'290309-12-22 (BC) 00:00:00'", NULL, NULL},
	  {"'0044-03-15 (BC) 12:00:00'", NULL, NULL},
	  {"'2024-01-01 00:00:00'", NULL, "'2024-01-01'"},
	  {"'2024-01-01 00:00:00.000001'", NULL, NULL},
	  {"'2024-01-01 00:00:00.999999'", NULL, NULL},
	  {"'12024-01-01 00:00:00'", NULL, NULL},
	  {"'294247-01-10 04:00:54.775806'", NULL, NULL},
	  {"'infinity'", NULL, NULL}}},
	{"timestamptz", "TIMESTAMP WITH TIME ZONE", PAWL_KEY_TIMESTAMPTZ, PAWL_FORMAT_NONE,
	 {{"'-infinity'", NULL, NULL},
	  {"'0044-03-15 (BC) 12:00:00+00'", NULL, NULL},
	  {"'2024-01-01 00:00:00+00'", NULL, "'2024-01-01 05:30:00+05:30'"},
	  {"'2024-01-01 00:00:00.000001+00'", NULL, NULL},
	  {"'12024-01-01 00:00:00+00'", NULL, NULL},
	  {"'infinity'", NULL, NULL}}},
	{"timestamp_s", "TIMESTAMP_S", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'1969-12-31 23:59:59'", NULL, NULL}, {"'2024-01-01 00:00:00'", NULL, NULL}, {"'2024-01-01 00:00:01'", NULL, NULL}}},
	{"timestamp_ms", "TIMESTAMP_MS", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'1969-12-31 23:59:59.999'", NULL, NULL}, {"'2024-01-01 00:00:00'", NULL, NULL},
	  {"'2024-01-01 00:00:00.001'", NULL, NULL}}},
	{"timestamp_ns", "TIMESTAMP_NS", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'1969-12-31 23:59:59.999999999'", NULL, NULL},
	  {"'2024-01-01 00:00:00'", NULL, NULL},
	  {"'2024-01-01 00:00:00.000000001'", NULL, NULL},
	  {"'2024-01-01 00:00:00.000000002'", NULL, NULL}}},
	{"date", "DATE", PAWL_KEY_DATE, PAWL_FORMAT_NONE,
	 {{"'-infinity'", NULL, NULL},
	  {"'5877642-06-25 (BC)'", NULL, NULL},
	  {"'2024-02-29'", NULL, NULL},
	  {"'2024-03-01'", NULL, NULL},
	  {"'5881580-07-10'", NULL, NULL},
	  {"'infinity'", NULL, NULL}}},
	{"bigint", "BIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-9223372036854775808'", NULL, NULL}, {"-1", NULL, NULL}, {"0", NULL, NULL}, {"9", NULL, NULL}, {"10", NULL, NULL},
	  {"9223372036854775806", NULL, NULL}, {"9223372036854775807", NULL, NULL}}},
	{"ubigint", "UBIGINT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"0", NULL, NULL}, {"9223372036854775807", NULL, NULL}, {"9223372036854775808", NULL, NULL},
	  {"18446744073709551614", NULL, NULL}, {"18446744073709551615", NULL, NULL}}},
	{"hugeint", "HUGEINT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-170141183460469231731687303715884105728'", NULL, NULL}, {"0", NULL, NULL},
	  {"'170141183460469231731687303715884105726'", NULL, NULL},
	  {"'170141183460469231731687303715884105727'", NULL, NULL}}},
	{"uhugeint", "UHUGEINT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"0", NULL, NULL}, {"'340282366920938463463374607431768211454'", NULL, NULL},
	  {"'340282366920938463463374607431768211455'", NULL, NULL}}},
	{"decimal", "DECIMAL(38,10)", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-9999999999999999999999999999.9999999999'", NULL, NULL},
	  {"0", "0.0000000000", "'0.00'"},
	  {"0.0000000001", NULL, NULL},
	  {"'9999999999999999999999999999.9999999998'", NULL, NULL},
	  {"'9999999999999999999999999999.9999999999'", NULL, NULL}}},
	{"double", "DOUBLE", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-infinity'", "-inf", NULL},
	  {"'-1.7976931348623157e308'", "-1.7976931348623157e+308", NULL},
	  {"'-0.0'", NULL, "0"},
	  {"'5e-324'", NULL, NULL},
	  {"0.1", NULL, NULL},
	  {"'0.10000000000000002'", NULL, NULL},
	  {"'9007199254740993.5'", "9007199254740994.0", NULL},
	  {"'infinity'", "inf", NULL},
	  {"'nan'", NULL, NULL}}},
	{"float", "FLOAT", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"'-infinity'", "-inf", NULL}, {"0.1", NULL, NULL}, {"16777216", "16777216.0", "16777217"},
	  {"16777218", "16777218.0", NULL},
	  {"'nan'", NULL, NULL}}},
	{"text", "VARCHAR", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"''", "", NULL},
	  {"'10'", NULL, NULL},
	  {"'9'", NULL, NULL},
	  {"'A'", NULL, NULL},
	  {"'O''Brien'", "O'Brien", NULL},
	  {"'a'", NULL, NULL},
	  {"'a '", NULL, NULL},
	  {"'é'", NULL, NULL},
	  {"'日本'", NULL, NULL},
	  {"'🐱'", NULL, NULL}}},
	{"text without case", "VARCHAR COLLATE NOCASE", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'1'", NULL, NULL}, {"'a'", NULL, "'A'"}, {"'B'", NULL, "'b'"}, {"'c'", NULL, NULL}}},
	{"uuid", "UUID", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'00000000-0000-0000-0000-000000000000'", NULL, NULL},
	  {"'7fffffff-ffff-ffff-ffff-ffffffffffff'", NULL, NULL},
	  {"'80000000-0000-0000-0000-000000000000'", NULL, NULL},
	  {"'ffffffff-ffff-ffff-ffff-ffffffffffff'", NULL, NULL}}},
	{0},
};

static const refusal refusals[] = {
	{"shop", "check the path: a source is never created", PAWL_NOT_FOUND, "source 'shop': No such file or directory"},
	{0},
};

const conformance_subject conformance_duckdb = {
	.driver = &pawl_source_duckdb,
	.path = "shop",
	.another_way = another_way,
	.identity = "duckdb:/",
	.schema = "main",
	.run_sql = run_sql,
	.damage = damage,
	.keys = keys,
	.refusals = refusals,
	.broken_sql = "CREATE TABLE kept (id INTEGER PRIMARY KEY, t VARCHAR);"
	              "INSERT INTO kept SELECT i, CASE WHEN i = 4321 THEN 'x' ELSE '1' END FROM range(1, 5001) r(i);"
	              "CREATE VIEW broken AS SELECT id, CAST(t AS INTEGER) AS n FROM kept",
	.broken_error = "could not convert string 'x' to INT32",
	.has_nulls_in_one_window = true,
	.is_indexed_always = true,
	.place_rows = 122880,
	.integer_type = "INTEGER",
	.integer_class = "INTEGER",
	.integer_native = "INTEGER",
	.decimal_native = "DECIMAL(18,2)",
	.bytes_declared = "BLOB",
	.text_default = "'x'",
};
