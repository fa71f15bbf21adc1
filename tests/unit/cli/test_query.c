#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/query.h"
#include "cli/query_format.h"
#include "cli/query_statement.h"
#include "support.h"

static const pawl_command *const commands[] = {&pawl_query, NULL};
#define WAREHOUSE "warehouse.db"

/* A warehouse of every kind of column, made once. */
static int make_warehouse(void **state)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	pawl_error error;
	if (enter_folder(state) != 0)
		return -1;
	OK(pawl_duck_open(&(pawl_duck_options){.path = WAREHOUSE}, &duck, &error));
	OK(pawl_duck_run(duck,
	                 "CREATE TABLE t (id BIGINT, name VARCHAR, price DECIMAL(38,2), f DOUBLE, raw BLOB,"
	                 " doc JSON, stamp TIMESTAMPTZ, tags DOUBLE[], ok BOOLEAN);"
	                 "INSERT INTO t VALUES"
	                 " (9007199254740993, 'Zo\xc3\xab', 123456789012345678901234567890123456.10, 0.1, '\\xAA\\x00',"
	                 " '{\"a\":\n12345678901234567890123}', '2024-01-31 23:04:39.5+00', [1.5], true),"
	                 " (2, 'a,\"b\"' || chr(10) || 'c', -2.00, 'inf', '', 'null', NULL, ['nan'::DOUBLE], false),"
	                 " (3, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
	                 " (4, NULL, 0, 1e300, NULL, NULL, NULL, [], NULL);"
	                 "CREATE TABLE numbers AS SELECT i FROM range(150000) r(i);"
	                 "CREATE SCHEMA \"o'k, \"\"so\"; CREATE TABLE \"o'k, \"\"so\".entries AS SELECT 7 AS n;"
	                 "CREATE SCHEMA _pawl; CREATE TABLE _pawl.hidden AS SELECT 1 AS n;",
	                 &error));
	return 0;
}

static int run(FILE *out, FILE *err, const char *path, const char *sql, const char *option)
{
	const pawl_program program = {
		.name = "pawl", .summary = "", .version = "", .commands = commands, .out = out, .err = err};
	char *argv[] = {strdup("pawl"), strdup("query"), strdup(path), strdup(sql), option != NULL ? strdup(option) : NULL};
	int status = pawl_command_main(&program, option != NULL ? 5 : 4, argv);
	for (size_t i = 0; i < 5; i++)
		free(argv[i]);
	return status;
}

static void assert_output(const char *sql, const char *option, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(output.out, errors.out, WAREHOUSE, sql, option), 0);
	assert_string_equal(capture_text(&errors), "");
	assert_string_equal(capture_text(&output), expected);
}

static void assert_error(const char *path, const char *sql, const char *option, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(output.out, errors.out, path, sql, option), 1);
	assert_string_equal(capture_text(&output), "");
	assert_string_equal(capture_text(&errors), expected);
}

static void a_table_is_aligned(void **state)
{
	(void) state;
	assert_output("SELECT id, name, price, ok FROM t WHERE id < 9 ORDER BY id", NULL,
	              "id | name     | price | ok\n"
	              "-- + -------- + ----- + -----\n"
	              " 2 | a,\"b\"\\nc | -2.00 | false\n"
	              " 3 |          |  NULL | NULL\n"
	              " 4 | NULL     |  0.00 | NULL\n"
	              "(3 rows)\n");
}

static void csv_tells_null_from_empty(void **state)
{
	(void) state;
	assert_output("SELECT name, price, f, raw, doc, stamp, tags, ok, 1 AS \"a,b\" FROM t ORDER BY id DESC", "--format=csv",
	              "name,price,f,raw,doc,stamp,tags,ok,\"a,b\"\n"
	              "Zo\xc3\xab,123456789012345678901234567890123456.10,0.1,\\xAA\\x00,"
	              "\"{\"\"a\"\":\n12345678901234567890123}\",2024-01-31 23:04:39.5+00,[1.5],true,1\n"
	              ",0.00,1e+300,,,,[],,1\n"
	              "\"\",,,,,,,,1\n"
	              "\"a,\"\"b\"\"\nc\",-2.00,inf,\"\",null,,[nan],false,1\n");
}

static void json_is_exact(void **state)
{
	(void) state;
	assert_output("SELECT * FROM t ORDER BY id DESC", "--format=json",
	              "[\n"
	              "{\"id\":9007199254740993,\"name\":\"Zo\xc3\xab\",\"price\":123456789012345678901234567890123456.10,\"f\":0.1,"
	              "\"raw\":\"\\\\xAA\\\\x00\",\"doc\":{\"a\": 12345678901234567890123},\"stamp\":\"2024-01-31 23:04:39.5+00\","
	              "\"tags\":[1.5],\"ok\":true},\n"
	              "{\"id\":4,\"name\":null,\"price\":0.00,\"f\":1e+300,\"raw\":null,\"doc\":null,\"stamp\":null,"
	              "\"tags\":[],\"ok\":null},\n"
	              "{\"id\":3,\"name\":\"\",\"price\":null,\"f\":null,\"raw\":null,\"doc\":null,\"stamp\":null,"
	              "\"tags\":null,\"ok\":null},\n"
	              "{\"id\":2,\"name\":\"a,\\\"b\\\"\\nc\",\"price\":-2.00,\"f\":\"inf\",\"raw\":\"\",\"doc\":null,\"stamp\":null,"
	              "\"tags\":\"[NaN]\",\"ok\":false}\n"
	              "]\n");
}

static void json_numbers_have_a_digit_before_the_point(void **state)
{
	(void) state;
	assert_output("SELECT 0.5::DECIMAL(1,1) AS a, -0.25::DECIMAL(2,2) AS b, 0::DECIMAL(3,3) AS c, [0.5::DECIMAL(1,1)] AS d",
	              "--format=json", "[\n{\"a\":0.5,\"b\":-0.25,\"c\":0.000,\"d\":[0.5]}\n]\n");
}

static void no_rows_are_said(void **state)
{
	(void) state;
	assert_output("SELECT id FROM t WHERE false", NULL, "id\n--\n(0 rows)\n");
	assert_output("SELECT id, name FROM t WHERE false", "--format=csv", "id,name\n");
	assert_output("SELECT id FROM t WHERE false", "--format=json", "[]\n");
}

static void names_may_be_the_same_but_not_in_json(void **state)
{
	(void) state;
	assert_output("SELECT 1 AS a, 'x' AS a, 3 AS \"select\";", NULL, "a | a | select\n- + - + ------\n1 | x |      3\n(1 row)\n");
	assert_error(WAREHOUSE, "SELECT 1 AS a, 2 AS a", "--format=json",
	             "error: two columns are called 'a': a JSON object holds one of them\n"
	             "hint: give one of them another name with AS\n");
}

static void a_table_ends_at_the_limit(void **state)
{
	(void) state;
	assert_output("FROM numbers LIMIT 2", "--limit=2", "i\n-\n0\n1\n(2 rows)\n");
	assert_output("FROM numbers LIMIT 5", "--limit=2", "i\n-\n0\n1\n(2 rows)\n... 3 more: --limit N, or --format csv\n");
	assert_output("FROM numbers", "--limit=2", "i\n-\n0\n1\n(2 rows)\n... more rows: --limit N, or --format csv\n");
}

static void csv_is_not_limited(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	assert_int_equal(run(output.out, stderr, WAREHOUSE, "FROM numbers", "--format=csv"), 0);
	const char *text = capture_text(&output);
	assert_int_equal(output.kept->length, strlen("i\n") + 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 90000 * 6 + 50000 * 7);
	assert_memory_equal(text, "i\n0\n1\n2\n", 8);
	assert_string_equal(text + output.kept->length - 7, "149999\n");
}

static void other_statements_that_give_rows_do(void **state)
{
	(void) state;
	assert_output("SHOW TABLES", NULL, "name\n-------\nentries\nnumbers\nt\n(3 rows)\n");
	assert_output("SELECT n FROM entries", "--format=csv", "n\n7\n");
	assert_output("VALUES (1), (2) -- two", "--format=csv", "col0\n1\n2\n");
	assert_output("WITH x AS (SELECT 7 AS n) FROM x ;\n", "--format=csv", "n\n7\n");
}

static void statements_that_change_are_refused(void **state)
{
	(void) state;
	static const char *const statements[] = {"DROP TABLE t", "INSERT INTO t (id) VALUES (1)", "CREATE TABLE u (i INT)", "CHECKPOINT"};
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		assert_error(WAREHOUSE, statements[i], NULL,
		             "error: the statement is none that reads rows\n"
		             "hint: 'query' changes nothing: use SELECT, FROM, VALUES, WITH, DESCRIBE, SHOW or SUMMARIZE\n");
	assert_error(WAREHOUSE, " ; ", NULL, "error: the statement is empty\n");
}

static void mistakes_in_sql_are_shown(void **state)
{
	(void) state;
	assert_error(WAREHOUSE, "SELEC 1", NULL, "error: syntax error at or near 'SELEC'\n");
}

/* The statement stands inside of another one, of which nothing may be seen. */
static void errors_show_the_statement_alone(void **state)
{
	(void) state;
	assert_error(WAREHOUSE, "pragma version", NULL,
	             "error: the statement cannot stand in a FROM clause, as 'query' needs it\n"
	             "hint: instead of PRAGMA name, write FROM pragma_name()\n");
	assert_error(WAREHOUSE, "SELECT CAST('x' AS INTEGER) AS y", NULL, "error: could not convert string 'x' to INT32\n");
}

static void a_statement_ends_with_its_last_word(void **state)
{
	(void) state;
	static const struct {
		const char *sql, *expected;
	} cases[] = {
		{"", ""},
		{" ; \n", ""},
		{"-- only this", ""},
		{"SELECT 1;", "SELECT 1"},
		{"SELECT 1 ;; -- x", "SELECT 1"},
		{"SELECT 1; /* a /* b */ ; */ -- c\n;", "SELECT 1"},
		{"-- x\nSELECT 1", "-- x\nSELECT 1"},
		{"SELECT 1; SELECT 2;", "SELECT 1; SELECT 2"},
		{"SELECT '-- no; ''comment'' /*';", "SELECT '-- no; ''comment'' /*'"},
		{"SELECT e'it\\'s; --';", "SELECT e'it\\'s; --'"},
		{"SELECT 1 AS \"a;--\"; -- x", "SELECT 1 AS \"a;--\""},
		{"SELECT $$;--$$ ;", "SELECT $$;--$$"},
		{"SELECT $a$ $$ ; $b$ -- $a$;", "SELECT $a$ $$ ; $b$ -- $a$"},
		{"SELECT $1; --", "SELECT $1"},
		{"SELECT 1 - -1", "SELECT 1 - -1"},
		{"SELECT 'open;", "SELECT 'open;"},
		{"SELECT e'open;\\", "SELECT e'open;\\"},
		{"SELECT $$open;", "SELECT $$open;"},
		{"SELECT 1 /* open;", "SELECT 1"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *trimmed = pawl_query_trim(cases[i].sql);
		assert_non_null(trimmed);
		assert_string_equal(trimmed, cases[i].expected);
		pawl_free(trimmed);
	}
}

static void a_missing_file_is_not_made(void **state)
{
	(void) state;
	assert_error("none.db", "SELECT 1", NULL, "error: there is no warehouse 'none.db'\n");
	assert_false(pawl_file_exists("none.db"));
}

static void types_have_a_kind(void **state)
{
	(void) state;
	assert_int_equal(pawl_query_kind_of("BIGINT"), PAWL_QUERY_NUMBER);
	assert_int_equal(pawl_query_kind_of("UHUGEINT"), PAWL_QUERY_NUMBER);
	assert_int_equal(pawl_query_kind_of("DECIMAL(18,3)"), PAWL_QUERY_NUMBER);
	assert_int_equal(pawl_query_kind_of("FLOAT"), PAWL_QUERY_FLOATING);
	assert_int_equal(pawl_query_kind_of("BOOLEAN"), PAWL_QUERY_BOOLEAN);
	assert_int_equal(pawl_query_kind_of("JSON"), PAWL_QUERY_JSON);
	assert_int_equal(pawl_query_kind_of("INTEGER[3]"), PAWL_QUERY_NESTED);
	assert_int_equal(pawl_query_kind_of("STRUCT(a INTEGER)"), PAWL_QUERY_NESTED);
	assert_int_equal(pawl_query_kind_of("MAP(INTEGER, VARCHAR)"), PAWL_QUERY_NESTED);
	assert_int_equal(pawl_query_kind_of("VARCHAR"), PAWL_QUERY_TEXT);
	assert_int_equal(pawl_query_kind_of("ENUM('a]')"), PAWL_QUERY_TEXT);
	assert_int_equal(pawl_query_kind_of("INTERVAL"), PAWL_QUERY_TEXT);
	assert_int_equal(pawl_query_kind_of(""), PAWL_QUERY_TEXT);
}

#ifdef PAWL_TEST_HOOKS

static void every_refused_allocation_is_told(void **state)
{
	(void) state;
	static const char *const format_options[] = {"--format=table", "--format=csv", "--format=json"};
	for (size_t i = 0; i < 3; i++) {
		int status;
		long n = 0;
		do {
			PAWL_CLEANUP(capture_close) capture output = capture_open();
			PAWL_CLEANUP(capture_close) capture errors = capture_open();
			pawl_memory_fail_at(++n);
			status = run(output.out, errors.out, WAREHOUSE, "SELECT * FROM t", format_options[i]);
			pawl_memory_fail_at(0);
			if (status == 0)
				assert_string_equal(capture_text(&errors), "");
			else
				assert_memory_equal(capture_text(&errors), "error: out of memory\nhint: ", 27);
		} while (status != 0);
		assert_true(n > 10);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_aligned),
		cmocka_unit_test(csv_tells_null_from_empty),
		cmocka_unit_test(json_is_exact),
		cmocka_unit_test(json_numbers_have_a_digit_before_the_point),
		cmocka_unit_test(no_rows_are_said),
		cmocka_unit_test(names_may_be_the_same_but_not_in_json),
		cmocka_unit_test(a_table_ends_at_the_limit),
		cmocka_unit_test(csv_is_not_limited),
		cmocka_unit_test(other_statements_that_give_rows_do),
		cmocka_unit_test(statements_that_change_are_refused),
		cmocka_unit_test(mistakes_in_sql_are_shown),
		cmocka_unit_test(errors_show_the_statement_alone),
		cmocka_unit_test(a_statement_ends_with_its_last_word),
		cmocka_unit_test(a_missing_file_is_not_made),
		cmocka_unit_test(types_have_a_kind),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_refused_allocation_is_told),
#endif
	};
	return cmocka_run_group_tests(tests, make_warehouse, leave_folder);
}
