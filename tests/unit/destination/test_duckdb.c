/* The DuckDB destination, case by case. test_duckdb_model.c compares it with a model. */
#include "destination/destination.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "support.h"

static const pawl_destination_driver *const driver = &pawl_destination_duckdb;
static pawl_error error;
#define PATH "tester.db" /* the catalog is called as the schema: the harder case */

static int remove_file(void **state)
{
	(void) state;
	unlink(PATH);
	unlink(PATH ".wal");
	return 0;
}

static pawl_destination *open_as(const char *owner)
{
	pawl_destination *destination;
	const pawl_destination_options options = {.target = PATH, .schema = "tester", .owner = owner, .threads = 1};

	OK(driver->open(&options, &destination, &error));
	return destination;
}

static pawl_destination *open_file(void)
{
	return open_as("alpha");
}

static pawl_destination *open_again(pawl_destination *destination)
{
	driver->close(destination);
	return open_file();
}

static void run(pawl_destination *destination, const char *sql)
{
	OK(pawl_duck_run(driver->engine(destination), sql, &error));
}

/* The rows of a query of one text column, with '\n' after each. */
static const char *all_of(pawl_destination *destination, const char *sql)
{
	static char text[4096];
	pawl_duck_rows *rows;
	bool has_row;
	size_t used = 0;

	text[0] = '\0';
	OK(pawl_duck_query(driver->engine(destination), sql, NULL, 0, &rows, &error));
	for (;;) {
		OK(pawl_duck_rows_next(rows, &has_row, &error));
		if (!has_row)
			break;
		const char *value = pawl_duck_rows_text(rows, 0, NULL);
		used += (size_t) snprintf(text + used, sizeof(text) - used, "%s\n", value == NULL ? "NULL" : value);
	}
	pawl_duck_rows_close(&rows);
	return text;
}

static pawl_destination_table table_of(pawl_destination_column *columns, size_t count)
{
	static char name[] = "Order";
	return (pawl_destination_table) {name, columns, count};
}

#define COLUMN(name, type, is_key) {(char[]) {name}, type, is_key}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void commit(pawl_destination *destination, const pawl_destination_table *table, const pawl_changes *changes)
{
	int done;

	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, table, &done, &error));
	OK(driver->apply(destination, table, changes, &error));
	OK(driver->save_state(destination, "{}", &error));
	OK(driver->commit(destination, &error));
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

static void test_state(void **state)
{
	(void) state;
	const char *json = "{\"cursor\": \"it's \\\"quoted\\\"\", \"n\": 1.50}";
	pawl_destination *destination = open_file();
	char *found;

	OK(driver->load_state(destination, &found, &error));
	assert_null(found);
	OK(driver->begin(destination, &error));
	OK(driver->save_state(destination, json, &error));
	driver->rollback(destination);
	destination = open_again(destination);
	OK(driver->load_state(destination, &found, &error));
	assert_null(found);

	for (int i = 0; i < 2; i++) {
		OK(driver->begin(destination, &error));
		OK(driver->save_state(destination, i == 0 ? "{}" : json, &error));
		OK(driver->commit(destination, &error));
	}
	destination = open_again(destination);
	OK(driver->load_state(destination, &found, &error));
	assert_string_equal(found, json);
	pawl_free(found);
	assert_string_equal(all_of(destination, "SELECT count(*)::VARCHAR FROM tester._pawl.connector_state"), "1\n");
	driver->close(destination);
	driver->close(NULL);
}

/* Two connectors in one file would each start from the other's cursor. */
static void test_other_owner(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("a", PAWL_LONG, true)};
	pawl_destination_table table = table_of(columns, 1);
	pawl_destination *destination = open_file();
	char *found = NULL;

	commit(destination, &table, NULL);
	driver->close(destination);
	destination = open_as("beta");
	FAILS(driver->load_state(destination, &found, &error), PAWL_INVALID,
	      "the warehouse's schema 'tester' belongs to connector 'alpha'");
	assert_string_equal(error.hint,
	                    "give this connector a file of its own with --warehouse; --reset would drop the tables of 'alpha'");
	assert_null(found);
	OK(driver->reset(destination, &error));
	destination = open_again(destination);
	FAILS(driver->load_state(destination, &found, &error), PAWL_INVALID,
	      "the warehouse's schema 'tester' belongs to connector 'beta'");
	assert_string_equal(all_of(destination, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'tester'"), "");
	driver->close(destination);
}

static void test_newer_format(void **state)
{
	(void) state;
	pawl_destination *destination = open_file();
	char message[256];

	run(destination, "CREATE SCHEMA _pawl; CREATE TABLE _pawl.version AS SELECT 2 AS format");
	driver->close(destination);
	destination = NULL;
	const pawl_destination_options options = {.target = PATH, .schema = "tester", .owner = "alpha"};
	assert_int_equal(driver->open(&options, &destination, &error), PAWL_INVALID);
	assert_null(destination);
	snprintf(message, sizeof(message), "warehouse '%s' was written by a newer Pawl: its format is 2, this one knows 1", PATH);
	assert_string_equal(error.message, message);
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static void test_every_type(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {
		COLUMN("id", PAWL_LONG, true),     COLUMN("b", PAWL_BOOLEAN, false),        COLUMN("s", PAWL_SHORT, false),
		COLUMN("i", PAWL_INT, false),      COLUMN("dec", PAWL_DECIMAL(38, 10), false), COLUMN("f", PAWL_FLOAT, false),
		COLUMN("d", PAWL_DOUBLE, false),   COLUMN("day", PAWL_NAIVE_DATE, false),   COLUMN("n", PAWL_NAIVE_DATETIME, false),
		COLUMN("u", PAWL_UTC_DATETIME, false), COLUMN("bin", PAWL_BINARY, false),   COLUMN("x", PAWL_XML, false),
		COLUMN("t", PAWL_STRING, false),   COLUMN("select", PAWL_JSON, false),
	};
	pawl_destination_table table = table_of(columns, COUNT(columns)), found;
	pawl_destination *destination = open_file();
	bool exists = true;
	int changes;

	OK(driver->describe_table(destination, "order", &exists, &found, &error));
	assert_false(exists);
	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, &table, &changes, &error));
	assert_int_equal(changes, PAWL_TABLE_CREATED);
	OK(driver->ensure_table(destination, &table, &changes, &error));
	assert_int_equal(changes, 0);
	OK(driver->commit(destination, &error));

	destination = open_again(destination);
	OK(driver->describe_table(destination, "order", &exists, &found, &error));
	assert_true(exists);
	assert_string_equal(found.name, "Order");
	assert_int_equal(found.column_count, COUNT(columns));
	for (size_t i = 0; i < COUNT(columns); i++) {
		bool is_text = columns[i].type == PAWL_XML || columns[i].type == PAWL_JSON;
		assert_string_equal(found.columns[i].name, columns[i].name);
		assert_int_equal(found.columns[i].type, is_text ? PAWL_STRING : columns[i].type);
		assert_int_equal(found.columns[i].is_key, i == 0);
	}
	pawl_destination_table_clear(&found);
	assert_string_equal(all_of(destination, "SELECT column_name || ' ' || data_type FROM duckdb_columns() "
	                                        "WHERE table_name = 'Order' ORDER BY column_index DESC LIMIT 2"),
	                    "_fivetran_synced TIMESTAMP WITH TIME ZONE\n_fivetran_deleted BOOLEAN\n");
	driver->close(destination);
}

static pawl_status ensure_alone(pawl_destination_column *columns, size_t count)
{
	pawl_destination_table table = table_of(columns, count);
	pawl_destination *destination = open_file();
	int changes = -1;

	OK(driver->begin(destination, &error));
	pawl_status status = driver->ensure_table(destination, &table, &changes, &error);
	if (status == PAWL_OK)
		OK(driver->commit(destination, &error));
	else
		driver->rollback(destination);
	driver->close(destination);
	return status;
}

static void test_refused_tables(void **state)
{
	(void) state;
	pawl_destination *destination = open_file();
	pawl_destination_column one_key[] = {COLUMN("a", PAWL_LONG, true), COLUMN("b", PAWL_LONG, false)};
	pawl_destination_column two_keys[] = {COLUMN("a", PAWL_LONG, true), COLUMN("b", PAWL_LONG, true)};
	pawl_destination_column swapped[] = {COLUMN("b", PAWL_LONG, false), COLUMN("A", PAWL_LONG, true)};
	pawl_destination_column binary[] = {COLUMN("a", PAWL_LONG, true), COLUMN("b", PAWL_BINARY, false)};
	pawl_destination_column reserved[] = {COLUMN("a", PAWL_LONG, true), COLUMN("_Fivetran_Synced", PAWL_LONG, false)};
	pawl_destination_column untyped[] = {COLUMN("a", PAWL_LONG, true), COLUMN("b", PAWL_UNSPECIFIED, false)};
	pawl_destination_column keyless[] = {COLUMN("a", PAWL_LONG, false)};
	bool exists;
	pawl_destination_table found;

	run(destination, "CREATE SCHEMA tester.tester; CREATE TABLE tester.tester.order AS SELECT 1 AS a");
	driver->close(destination);
	assert_int_equal(ensure_alone(one_key, 2), PAWL_INVALID);
	assert_string_equal(error.message, "the schema 'tester' has a table of this name that Pawl did not make");
	destination = open_file();
	assert_int_equal(driver->describe_table(destination, "Order", &exists, &found, &error), PAWL_INVALID);
	run(destination, "DROP TABLE tester.tester.order");
	driver->close(destination);

	OK(ensure_alone(one_key, 2));
	OK(ensure_alone(swapped, 2));
	assert_int_equal(ensure_alone(two_keys, 2), PAWL_INVALID);
	assert_string_equal(error.message, "its primary key was (a), the connector now says (a, b)");
	assert_string_equal(error.hint, "give the table another name, or start anew with --reset");
	assert_int_equal(ensure_alone(binary, 2), PAWL_INVALID);
	assert_string_equal(error.message,
	                    "column 'b': no type keeps both the LONG that is there and the BINARY that comes now");
	assert_int_equal(ensure_alone(reserved, 2), PAWL_INVALID);
	assert_string_equal(error.message, "column '_Fivetran_Synced' has a name that Pawl keeps for itself");
	assert_int_equal(ensure_alone(untyped, 2), PAWL_INTERNAL);
	assert_int_equal(ensure_alone(keyless, 1), PAWL_INTERNAL);

	destination = open_file();
	run(destination, "ALTER TABLE tester.tester.order ADD COLUMN h HUGEINT");
	destination = open_again(destination);
	assert_int_equal(driver->describe_table(destination, "Order", &exists, &found, &error), PAWL_INVALID);
	assert_string_equal(error.message, "column 'h' has the type 'HUGEINT', which Pawl does not write");
	driver->close(destination);
}

/* Its cursor says that its rows are there. */
static void test_gone_by_hand(void **state)
{
	static const char *const statements[] = {"DROP TABLE tester.tester.order", "ALTER TABLE tester.tester.order RENAME TO mine",
	                                         "DROP SCHEMA tester.tester CASCADE"};
	static const char message[] = "it was synced before, and is gone from the warehouse";
	pawl_destination_column columns[] = {COLUMN("a", PAWL_LONG, true), COLUMN("b", PAWL_LONG, false)};
	pawl_destination_table found;
	bool exists;

	(void) state;
	for (size_t i = 0; i < COUNT(statements); i++) {
		OK(ensure_alone(columns, 2));
		pawl_destination *destination = open_file();
		run(destination, statements[i]);
		destination = open_again(destination);
		FAILS(driver->describe_table(destination, "ORDER", &exists, &found, &error), PAWL_INVALID, message);
		driver->close(destination);
		FAILS(ensure_alone(columns, 2), PAWL_INVALID, message);
		assert_string_equal(error.hint, "--reset starts again from nothing");
		destination = open_file();
		OK(driver->reset(destination, &error));
		driver->close(destination);
		OK(ensure_alone(columns, 2));
		remove_file(NULL);
	}
}

/* DuckDB compares names without the case of ASCII letters, and of no others. */
static void test_names_beyond_ascii(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("a", PAWL_LONG, true)};
	pawl_destination_table upper = {(char[]) {"\xc3\x84pfel"}, columns, 1}, lower = {(char[]) {"\xc3\xa4pfel"}, columns, 1};
	pawl_destination_table found;
	pawl_destination *destination = open_file();
	bool exists;

	commit(destination, &upper, NULL);
	commit(destination, &lower, NULL);
	destination = open_again(destination);
	OK(driver->describe_table(destination, "\xc3\x84PFEL", &exists, &found, &error));
	assert_true(exists);
	assert_string_equal(found.name, upper.name);
	pawl_destination_table_clear(&found);
	OK(driver->describe_table(destination, lower.name, &exists, &found, &error));
	assert_true(exists);
	assert_string_equal(found.name, lower.name);
	pawl_destination_table_clear(&found);
	driver->close(destination);
}

static void test_reset(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("a", PAWL_LONG, true)};
	pawl_destination_table table = table_of(columns, 1), found;
	pawl_destination *destination = open_file();
	char *json;
	bool exists;

	OK(driver->reset(destination, &error)); /* of a file that had nothing: the state is there, as after any other */
	destination = open_again(destination);
	OK(driver->load_state(destination, &json, &error));
	assert_string_equal(json, "{}");
	pawl_free(json);
	commit(destination, &table, NULL);
	run(destination, "CREATE TABLE tester.tester.mine AS SELECT 1 AS i");
	OK(driver->begin(destination, &error));
	OK(driver->save_state(destination, "{\"n\": 1}", &error));
	OK(driver->commit(destination, &error));
	OK(driver->reset(destination, &error));
	destination = open_again(destination);
	OK(driver->load_state(destination, &json, &error));
	assert_string_equal(json, "{}");
	pawl_free(json);
	OK(driver->describe_table(destination, "Order", &exists, &found, &error));
	assert_false(exists);
	assert_string_equal(all_of(destination, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'tester'"), "mine\n");
	commit(destination, &table, NULL);
	driver->close(destination);
}

/* ---- widening -------------------------------------------------------------------------------------------------------- */

/* What the file keeps of a value once its column has become text is what a text column would have got at once. */
static void test_widening_to_text(void **state)
{
	static const struct {
		pawl_type type;
		const char *value, *text;
	} cases[] = {
		{PAWL_BOOLEAN, "true", "true"},
		{PAWL_LONG, "-9223372036854775808", "-9223372036854775808"},
		{PAWL_DECIMAL(5, 2), "0.50", "0.50"},
		{PAWL_DECIMAL(3, 3), "-0.125", "-0.125"},
		{PAWL_NAIVE_DATE, "'0001-01-01'", "0001-01-01"},
		{PAWL_NAIVE_DATE, "'9999-12-31'", "9999-12-31"},
		{PAWL_NAIVE_DATE, "'10000-01-01'", "+10000-01-01"},
		{PAWL_NAIVE_DATE, "'0001-03-15 (BC)'", "0000-03-15"},
		{PAWL_NAIVE_DATE, "'0044-03-15 (BC)'", "-0043-03-15"},
		{PAWL_NAIVE_DATETIME, "'12345-06-07 00:00:00.5'", "+12345-06-07T00:00:00.5"},
		{PAWL_NAIVE_DATETIME, "'0044-03-15 (BC) 01:02:03'", "-0043-03-15T01:02:03"},
		{PAWL_NAIVE_DATETIME, "'0001-12-31 (BC) 23:59:59.999999'", "0000-12-31T23:59:59.999999"},
		{PAWL_UTC_DATETIME, "'294246-01-01 00:00:00Z'", "+294246-01-01T00:00:00Z"},
		{PAWL_UTC_DATETIME, "'0044-03-15 (BC) 01:02:03Z'", "-0043-03-15T01:02:03Z"},
		{PAWL_UTC_DATETIME, "'0001-01-01 00:00:00Z'", "0001-01-01T00:00:00Z"},
		{PAWL_NAIVE_DATETIME, "'2024-03-16 16:40:29'", "2024-03-16T16:40:29"},
		{PAWL_NAIVE_DATETIME, "'9999-12-31 23:59:59.999999'", "9999-12-31T23:59:59.999999"},
		{PAWL_UTC_DATETIME, "'2024-03-16 16:40:29.5Z'", "2024-03-16T16:40:29.5Z"},
		{PAWL_UTC_DATETIME, "'2024-03-16 18:10:00+01:30'", "2024-03-16T16:40:00Z"},
		{PAWL_FLOAT, "0.1", "0.1"},
		{PAWL_FLOAT, "16777216", "16777216"},
		{PAWL_FLOAT, "'-inf'", "-Infinity"},
		{PAWL_FLOAT, "1e-45", "1e-45"},
		{PAWL_DOUBLE, "1", "1"},
		{PAWL_DOUBLE, "0.1", "0.1"},
		{PAWL_DOUBLE, "1e15", "1e+15"},
		{PAWL_DOUBLE, "'0.30000000000000004'", "0.30000000000000004"},
		{PAWL_DOUBLE, "'1.7976931348623157e308'", "1.7976931348623157e+308"},
		{PAWL_DOUBLE, "'5e-324'", "5e-324"},
		{PAWL_DOUBLE, "'-0.0'", "-0"},
		{PAWL_DOUBLE, "'nan'", "NaN"},
		{PAWL_DOUBLE, "'inf'", "Infinity"},
		{PAWL_LONG, "NULL", "NULL"},
		{PAWL_JSON, "'[1]'", "[1]"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		pawl_destination_column columns[] = {COLUMN("k", PAWL_LONG, true), COLUMN("v", cases[i].type, false)};
		pawl_destination_table table = table_of(columns, 2);
		pawl_destination *destination = open_file();
		char sql[128];

		commit(destination, &table, NULL);
		snprintf(sql, sizeof(sql), "INSERT INTO tester.tester.order (k, v) VALUES (1, %s)", cases[i].value);
		run(destination, sql);
		columns[1].type = PAWL_STRING;
		commit(destination, &table, NULL);
		snprintf(sql, sizeof(sql), "%s\n", cases[i].text);
		assert_string_equal(all_of(destination, "SELECT v FROM tester.tester.order"), sql);
		driver->close(destination);
		remove_file(NULL);
	}
}

static void test_widening_numbers(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {
		COLUMN("k", PAWL_SHORT, true), COLUMN("v", PAWL_INT, false), COLUMN("w", PAWL_NAIVE_DATE, false)};
	pawl_destination_table table = table_of(columns, 3);
	pawl_destination *destination = open_file();
	int changes;

	commit(destination, &table, NULL);
	run(destination, "INSERT INTO tester.tester.order VALUES (1, 2, '2024-01-01', false, now())");
	columns[0].type = PAWL_LONG;
	columns[1].type = PAWL_DECIMAL(4, 2);
	columns[2].type = PAWL_NAIVE_DATETIME;
	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, &table, &changes, &error));
	assert_int_equal(changes, PAWL_TABLE_COLUMNS_WIDENED);
	columns[0].type = PAWL_SHORT; /* narrower than what is there: nothing to do */
	OK(driver->ensure_table(destination, &table, &changes, &error));
	assert_int_equal(changes, 0);
	OK(driver->commit(destination, &error));
	assert_string_equal(all_of(destination, "SELECT typeof(k) || ' ' || typeof(v) || ' ' || v || ' ' || w FROM tester.tester.order"),
	                    "BIGINT DECIMAL(12,2) 2.00 2024-01-01 00:00:00\n");
	driver->close(destination);
}

/* ---- changes --------------------------------------------------------------------------------------------------------- */

/* Values that are narrower than their column, key included, end as the text that the column's own values have. */
static void test_narrow_changes(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("k", PAWL_STRING, true), COLUMN("v", PAWL_STRING, false)};
	pawl_destination_table table = table_of(columns, 2);
	pawl_destination *destination = open_file();
	pawl_changes changes = {"temp.main.r", true, 0};

	run(destination, "CREATE TEMP TABLE r AS SELECT '2024-01-01T00:00:00Z' AS k, 'old' AS v, true AS _pawl_is_full, "
	                 "false AS _pawl_is_deleted, 0::BIGINT AS _pawl_given_0");
	commit(destination, &table, &changes);
	run(destination, "DROP TABLE r; CREATE TEMP TABLE r AS SELECT '2024-01-01 00:00:00Z'::TIMESTAMPTZ AS k, 1.0::DOUBLE AS v, "
	                 "false AS _pawl_is_full, false AS _pawl_is_deleted, 2::BIGINT AS _pawl_given_0");
	columns[0].type = PAWL_UTC_DATETIME;
	columns[1].type = PAWL_DOUBLE;
	OK(driver->stage(destination, &table, &changes, &error));
	commit(destination, &table, NULL);
	assert_string_equal(all_of(destination, "SELECT k || ' ' || v FROM tester.tester.order"), "2024-01-01T00:00:00Z 1\n");
	driver->close(destination);
}

/* What was staged and truncated is forgotten by a commit, and by closing without one. */
static void test_forgetting(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("k", PAWL_LONG, true)};
	pawl_destination_table table = table_of(columns, 1);
	pawl_destination *destination = open_file();
	pawl_changes changes = {"temp.main.r", false, 0};
	const char *rows = "CREATE TEMP TABLE r AS SELECT 1::BIGINT AS k, true AS _pawl_is_full, false AS _pawl_is_deleted, "
	                   "0::BIGINT AS _pawl_given_0";

	run(destination, rows);
	OK(driver->stage(destination, &table, &changes, &error));
	OK(driver->truncate(destination, &table, &error));
	commit(destination, &table, NULL);
	assert_string_equal(all_of(destination, "SELECT k || ' ' || _fivetran_deleted FROM tester.tester.order"), "1 true\n");
	assert_string_equal(all_of(destination, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'pawl%'"), "");
	commit(destination, &table, &changes);
	assert_string_equal(all_of(destination, "SELECT k || ' ' || _fivetran_deleted FROM tester.tester.order"), "1 false\n");
	commit(destination, &table, NULL); /* no truncate is left */
	assert_string_equal(all_of(destination, "SELECT k || ' ' || _fivetran_deleted FROM tester.tester.order"), "1 false\n");

	OK(driver->truncate(destination, &table, &error));
	OK(driver->stage(destination, &table, &changes, &error));
	destination = open_again(destination);
	commit(destination, &table, NULL);
	assert_string_equal(all_of(destination, "SELECT k || ' ' || _fivetran_deleted FROM tester.tester.order"), "1 false\n");
	driver->close(destination);
}

static void test_errors_name_the_table(void **state)
{
	(void) state;
	pawl_destination_column columns[] = {COLUMN("k", PAWL_LONG, true)};
	pawl_destination_column moved[] = {COLUMN("j", PAWL_LONG, true)};
	pawl_destination_table table = table_of(columns, 1), moved_table = table_of(moved, 1);
	pawl_destination *destination = open_file();

	FAILS(driver->stage(destination, &table, &(pawl_changes) {.relation = "temp.main.nope"}, &error), PAWL_DATABASE,
	      "table with name nope does not exist");
	FAILS(driver->stage(destination, &moved_table, &(pawl_changes) {.relation = "temp.main.nope"}, &error), PAWL_INTERNAL,
	      "column 'j' stands where 'k' stood since the last commit");
	destination = open_again(destination);
	OK(driver->begin(destination, &error));
	assert_int_equal(driver->apply(destination, &table, NULL, &error), PAWL_INTERNAL);
	assert_string_equal(error.message, "changes are applied to a table that was not ensured");
	driver->close(destination);
}

#ifdef PAWL_TEST_HOOKS
#define FLAGS "true AS _pawl_is_full, false AS _pawl_is_deleted, 0::BIGINT AS _pawl_given_0"

static pawl_status small_run(void)
{
	static const char *const relations[] = {
		"CREATE OR REPLACE TEMP TABLE r AS SELECT 1::BIGINT AS k, 2::BIGINT AS v, " FLAGS,
		"CREATE OR REPLACE TEMP TABLE r AS SELECT 1::BIGINT AS k, 'two' AS v, " FLAGS,
	};
	pawl_destination_column columns[] = {COLUMN("k", PAWL_LONG, true), COLUMN("v", PAWL_LONG, false)};
	pawl_destination_table table = table_of(columns, 2), found;
	pawl_changes changes = {"temp.main.r", true, 0};
	pawl_destination *destination = NULL;
	pawl_status status;
	char *json;
	bool exists;
	int done;
	const pawl_destination_options options = {.target = NULL, .schema = "tester", .owner = "alpha", .threads = 1};

	if ((status = driver->open(&options, &destination, &error)) != PAWL_OK)
		return status;
	for (int i = 0; i < 2 && status == PAWL_OK; i++) {
		columns[1].type = i == 0 ? PAWL_LONG : PAWL_STRING;
		if ((status = pawl_duck_run(driver->engine(destination), relations[i], &error)) == PAWL_OK &&
		    (status = driver->truncate(destination, &table, &error)) == PAWL_OK &&
		    (status = driver->stage(destination, &table, &changes, &error)) == PAWL_OK &&
		    (status = driver->stage(destination, &table, &changes, &error)) == PAWL_OK &&
		    (status = driver->begin(destination, &error)) == PAWL_OK &&
		    (status = driver->ensure_table(destination, &table, &done, &error)) == PAWL_OK &&
		    (status = driver->apply(destination, &table, NULL, &error)) == PAWL_OK &&
		    (status = driver->save_state(destination, "{}", &error)) == PAWL_OK &&
		    (status = driver->commit(destination, &error)) == PAWL_OK &&
		    (status = driver->load_state(destination, &json, &error)) == PAWL_OK)
			pawl_free(json);
		if (status == PAWL_OK && (status = driver->describe_table(destination, "Order", &exists, &found, &error)) == PAWL_OK)
			pawl_destination_table_clear(&found);
	}
	if (status == PAWL_OK)
		status = driver->reset(destination, &error);
	driver->rollback(destination);
	driver->close(destination);
	return status;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_status status;
	long n = 0;

	do {
		pawl_memory_fail_at(++n);
		status = small_run();
		pawl_memory_fail_at(0);
		if (status != PAWL_OK && status != PAWL_OUT_OF_MEMORY)
			fail_msg("allocation %ld: %s", n, error.message);
	} while (status != PAWL_OK);
	assert_in_range(n, 50, 1000);
}
#endif

#define FILE_TEST(function) cmocka_unit_test_setup(function, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_state),
		FILE_TEST(test_other_owner),
		FILE_TEST(test_newer_format),
		FILE_TEST(test_every_type),
		FILE_TEST(test_refused_tables),
		FILE_TEST(test_gone_by_hand),
		FILE_TEST(test_names_beyond_ascii),
		FILE_TEST(test_reset),
		FILE_TEST(test_widening_to_text),
		FILE_TEST(test_widening_numbers),
		FILE_TEST(test_narrow_changes),
		FILE_TEST(test_forgetting),
		FILE_TEST(test_errors_name_the_table),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
