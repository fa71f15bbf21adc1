/* What is particular of the SQLite driver. */
#include "conformance.h"

#include <sqlite3.h>
#include <unistd.h>

static pawl_status run_sql(const char *path, const char *sql, pawl_error *run_error)
{
	sqlite3 *database;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
		pawl_error_set(run_error, PAWL_DATABASE, "%s", message);
	else
		pawl_error_clear(run_error);
	sqlite3_free(message);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
	return run_error->status;
}

static const char *another_way(void)
{
	assert_int_equal(symlink("shop", "link"), 0);
	return "./link";
}

/* The first pages hold the schema and the roots of trees, which know the leaves that follow; a leaf in their midst is lost. */
static void damage(const char *path)
{
	enum { PAGE_BYTES = 4096, PAGE = 40 };
	static const char rubbish[64] = "rubbish";

	FILE *file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, PAGE * PAGE_BYTES, SEEK_SET), 0);
	assert_int_equal(fwrite(rubbish, 1, sizeof(rubbish), file), sizeof(rubbish));
	assert_int_equal(fclose(file), 0);
}

static const key_case keys[] = {
	{"datetime", "DATETIME", PAWL_KEY_TIMESTAMP, PAWL_FORMAT_NONE,
	 {{"'0001-01-01 00:00:00'", NULL, NULL},
	  {"'2024-01-01 00:00:00'", NULL, NULL},
	  {"'2024-01-01 00:00:00.001'", NULL, NULL},
	  {"'2024-01-01 00:00:01'", NULL, NULL},
	  {"'9999-12-31 23:59:59.999'", NULL, NULL}}},
	{"date", "DATE", PAWL_KEY_DATE, PAWL_FORMAT_NONE,
	 {{"'0001-01-01'", NULL, NULL}, {"'2024-02-29'", NULL, NULL}, {"'2024-03-01'", NULL, NULL},
	  {"'9999-12-31'", NULL, NULL}}},
	{"seconds", "INTEGER", PAWL_KEY_NUMBER, PAWL_FORMAT_UNIX_S,
	 {{"-1", NULL, NULL}, {"0", NULL, NULL}, {"1700000000", NULL, NULL}, {"1700000001", NULL, NULL}}},
	{"julian days", "REAL", PAWL_KEY_NUMBER, PAWL_FORMAT_JULIAN_DAY,
	 {{"0.0", "0", NULL}, {"2440587.5", NULL, NULL}, {"2460310.5000001", NULL, NULL}, {"2460310.5000002", NULL, NULL}}},
	{"integer", "INTEGER", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-9223372036854775808", NULL, NULL}, {"-1", NULL, NULL}, {"0", NULL, "'0'"}, {"9", NULL, NULL}, {"10", NULL, NULL},
	  {"9223372036854775806", NULL, NULL}, {"9223372036854775807", NULL, NULL}}},
	{"real", "REAL", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-9e999", "-Infinity", NULL},
	  {"-1.7976931348623157e308", "-1.7976931348623157e+308", NULL},
	  {"0.0", "0", "-0.0"},
	  {"5e-324", NULL, NULL},
	  {"0.1", NULL, NULL},
	  {"0.10000000000000002", NULL, NULL},
	  {"9007199254740994.0", "9007199254740994", NULL},
	  {"9e999", "Infinity", NULL}}},
	{"decimal", "DECIMAL(18,6)", PAWL_KEY_NUMBER, PAWL_FORMAT_NONE,
	 {{"-1.5", NULL, NULL}, {"0", NULL, NULL}, {"0.000001", "1e-06", NULL}, {"9", NULL, NULL},
	  {"123456789.123456", NULL, NULL}}},
	{"text", "TEXT", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
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
	{"text with zero bytes", "TEXT", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'a'", NULL, NULL}, {"CAST(X'6100' AS TEXT)", "6100", NULL}, {"CAST(X'610062' AS TEXT)", "610062", NULL},
	  {"'ab'", NULL, NULL},
	  {"CAST(X'FF' AS TEXT)", "FF", NULL}}},
	{"text without case", "TEXT COLLATE NOCASE", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"'1'", NULL, NULL}, {"'a'", NULL, "'A'"}, {"'B'", NULL, "'b'"}, {"'c'", NULL, NULL}}},
	{"any", "", PAWL_KEY_TEXT, PAWL_FORMAT_NONE,
	 {{"-1", NULL, NULL}, {"2", NULL, "2.0"}, {"2.5", NULL, NULL}, {"10", NULL, NULL}, {"'10'", NULL, NULL},
	  {"'2'", NULL, NULL},
	  {"'a'", NULL, NULL}, {"X''", "", NULL}, {"X'00FF'", "00FF", NULL}}},
	{0},
};

static const refusal refusals[] = {
	{"shop", "check the path: a source is never created", PAWL_NOT_FOUND, "source 'shop': No such file or directory"},
	{0},
};

const conformance_subject conformance_sqlite = {
	.driver = &pawl_source_sqlite,
	.path = "shop",
	.another_way = another_way,
	.identity = "sqlite:/",
	.schema = "main",
	.run_sql = run_sql,
	.damage = damage,
	.keys = keys,
	.refusals = refusals,
	.broken_sql = "CREATE TABLE broken (id INTEGER PRIMARY KEY, n INTEGER);"
	              "INSERT INTO broken WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5000) "
	              "SELECT i, CASE WHEN i = 4321 THEN 'x' ELSE 1 END FROM r",
	.broken_error = "table 'main.broken': column 'n': the row with id 4321 has the text 'x', which is no BIGINT",
	.can_split_ties = true,
	.is_stream = true,
	.has_primary_key_order = true,
	.has_null_primary_keys = true,
	.trigger_sql = "CREATE TRIGGER touch AFTER UPDATE ON t BEGIN UPDATE t SET updated_at = CURRENT_TIMESTAMP "
	               "WHERE id = NEW.id; END",
	.place = "{\"after\": [[\"integer\", \"5\"]]}",
	.place_rows = 1,
	.integer_type = "BIGINT",
	.integer_class = "integer",
	.integer_native = "INTEGER",
	.decimal_native = "DECIMAL(18,2)",
	.bytes_declared = "BLOB",
	.text_default = "'x'",
};
