/* The warehouse as pawl sync sees it: tables, what is brought into them, and what is known of them. */
#include "destination/replica.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;
static pawl_replica *replica;

#define PATH "warehouse.duckdb"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int open_warehouse(void **state)
{
	if (enter_folder(state) != 0)
		return -1;
	OK(pawl_replica_open(&(pawl_replica_options) {.path = PATH, .threads = 2}, &replica, &error));
	OK(pawl_replica_prepare(replica, &error));
	return 0;
}

static int close_warehouse(void **state)
{
	pawl_replica_close_pointer(&replica);
	return leave_folder(state);
}

static void run(const char *sql)
{
	OK(pawl_duck_run(pawl_replica_engine(replica), sql, &error));
}

/* The rows of a query of one text column, with ' ' between. */
static const char *all_of(const char *sql)
{
	static char text[4096];
	pawl_duck_rows *rows;
	bool has_row;
	size_t used = 0;

	text[0] = '\0';
	OK(pawl_duck_query(pawl_replica_engine(replica), sql, NULL, 0, &rows, &error));
	for (;;) {
		OK(pawl_duck_rows_next(rows, &has_row, &error));
		if (!has_row)
			break;
		const char *value = pawl_duck_rows_text(rows, 0, NULL);
		used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%s", used == 0 ? "" : " ",
		                          value == NULL ? "NULL" : value);
	}
	pawl_duck_rows_close(&rows);
	return text;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

/* main.t (id INTEGER, the key; name VARCHAR), made in the warehouse. Free with pawl_replica_table_clear. */
static pawl_replica_table make_table(bool is_nullable)
{
	pawl_replica_table table = {.schema = pawl_duplicate("main"), .name = pawl_duplicate("t")};

	OK(pawl_replica_table_add(&table, "id", "INTEGER", 1, is_nullable, &error));
	OK(pawl_replica_table_add(&table, "name", "VARCHAR", 0, true, &error));
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	OK(pawl_replica_commit(replica, &error));
	return table;
}

static void stage(const char *relation, int64_t rows)
{
	int64_t staged;
	OK(pawl_replica_stage(replica, relation, &staged, &error));
	assert_int_equal(staged, rows);
}

static int64_t upsert(const pawl_replica_table *table)
{
	int64_t rows;
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_upsert(replica, table, &rows, &error));
	OK(pawl_replica_commit(replica, &error));
	OK(pawl_replica_unstage(replica, &error));
	return rows;
}

static int64_t append(const pawl_replica_table *table, uint64_t columns)
{
	int64_t rows;
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_append(replica, table, columns, NULL, &rows, &error));
	OK(pawl_replica_commit(replica, &error));
	OK(pawl_replica_unstage(replica, &error));
	return rows;
}

static const char rows_sql[] = "SELECT coalesce(id::VARCHAR, 'NULL') || coalesce(name, '-') FROM t "
                               "ORDER BY id NULLS FIRST, name";

static void test_create_and_describe(void **state)
{
	(void) state;
	pawl_replica_tables tables = {0};
	pawl_replica_table odd = {.schema = pawl_duplicate("main"), .name = pawl_duplicate("o\"dd.t 'x'")};

	OK(pawl_replica_table_add(&odd, "sel\"ect", "STRUCT(\"a b\" DECIMAL(38,2)[])", 0, true, &error));
	OK(pawl_replica_table_add(&odd, "group", "ENUM('x', 'y''z')", 1, false, &error));
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &odd, &error));
	OK(pawl_replica_commit(replica, &error));
	OK(pawl_replica_describe(replica, &tables, &error));
	const pawl_replica_table *found = pawl_replica_tables_find(&tables, "MAIN", "O\"DD.T 'X'");
	assert_non_null(found);
	assert_int_equal(found->column_count, 2);
	assert_string_equal(found->columns[0].name, "sel\"ect");
	assert_string_equal(found->columns[0].type, "STRUCT(\"a b\" DECIMAL(38,2)[])");
	assert_string_equal(found->columns[1].type, "ENUM('x', 'y''z')");
	assert_int_equal(pawl_replica_table_find(found, "GROUP"), 1);
	assert_int_equal(pawl_replica_table_find(found, "none"), -1);
	assert_null(pawl_replica_tables_find(&tables, "main", "none"));
	pawl_replica_tables_clear(&tables);
	pawl_replica_table_clear(&odd);
}

static void test_columns_change(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(false);
	const pawl_replica_column added = {.name = (char *) (uintptr_t) "new one", .type = (char *) (uintptr_t) "DECIMAL(5,2)"};

	run("INSERT INTO t VALUES (1, 'a')");
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_add_column(replica, &table, &added, &error));
	OK(pawl_replica_change_type(replica, &table, "id", "BIGINT", NULL, &error));
	OK(pawl_replica_change_type(replica, &table, "new one", "VARCHAR", "'no ' || coalesce(#, 5) || '; ' || (# IS NULL)", &error));
	OK(pawl_replica_commit(replica, &error));
	assert_string_equal(all_of("SELECT typeof(id) || typeof(\"new one\") || \"new one\" FROM t"),
	                    "BIGINTVARCHARno 5.00; true");
}

static void test_rollback(void **state)
{
	(void) state;
	pawl_replica_table table = make_table(false);

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_drop(replica, "main", "t", &error));
	OK(pawl_replica_drop(replica, "main", "t", &error)); /* which is gone */
	pawl_replica_rollback(replica);
	pawl_replica_rollback(replica);
	pawl_replica_table_clear(&table);
	assert_string_equal(all_of("SELECT count(*)::VARCHAR FROM t"), "0");
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static void test_upsert(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(false);

	run("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL)");
	stage("(VALUES (2, 'B'), (4, 'd')) s(id, name)", 2);
	assert_int_equal(upsert(&table), 2);
	assert_string_equal(all_of(rows_sql), "1a 2B 3- 4d");
	stage("(SELECT 'x' AS name, 3 AS id)", 1); /* columns go by their names */
	assert_int_equal(upsert(&table), 1);
	assert_string_equal(all_of(rows_sql), "1a 2B 3x 4d");
	stage("(SELECT 1 AS id, 'x' AS name WHERE false)", 0);
	assert_int_equal(upsert(&table), 0);
	assert_string_equal(all_of(rows_sql), "1a 2B 3x 4d");
}

/* NULL is a value like others, where a column of the key may be NULL. */
static void test_upsert_with_null_keys(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);

	run("INSERT INTO t VALUES (NULL, 'a'), (1, 'b')");
	stage("(VALUES (NULL::INTEGER, 'A')) s(id, name)", 1);
	assert_int_equal(upsert(&table), 1);
	assert_string_equal(all_of(rows_sql), "NULLA 1b");
}

/* A row is added unless it is there, as often as it is there. */
static void test_append(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	static const uint64_t columns[] = {0, 1, 3};

	for (size_t i = 0; i < COUNT(columns); i++) {
		run("DELETE FROM t; INSERT INTO t VALUES (1, 'a'), (1, 'a'), (2, 'b'), (NULL, NULL)");
		stage("(VALUES (1, 'a'), (1, 'a'), (1, 'a'), (2, 'c'), (NULL, NULL), (NULL, 'x'), (3, 'y'), (3, 'y')) "
		      "s(id, name)", 8);
		assert_int_equal(append(&table, columns[i]), 5);
		assert_string_equal(all_of(rows_sql), "NULLx NULL- 1a 1a 1a 2b 2c 3y 3y");
		stage("(VALUES (1, 'a'), (3, 'y')) s(id, name)", 2);
		assert_int_equal(append(&table, columns[i]), 0);
	}
}

static void test_swap(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(false);
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {0};
	int64_t rows;

	run("INSERT INTO t VALUES (1, 'a')");
	OK(pawl_replica_beside(replica, &table, &beside, &error));
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &beside, &error));
	OK(pawl_replica_insert(replica, &beside, "(VALUES (7, 'z')) s(id, name)", &rows, &error));
	assert_int_equal(rows, 1);
	assert_string_equal(all_of(rows_sql), "1a");
	OK(pawl_replica_swap(replica, &table, &beside, &error));
	OK(pawl_replica_commit(replica, &error));
	assert_string_equal(all_of(rows_sql), "7z");
	assert_string_equal(all_of("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"), "t");
}

static void test_duplicates(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	PAWL_CLEANUP(pawl_free_pointer) char *example = NULL;
	int64_t rows;

	OK(pawl_replica_table_add(&table, "line", "INTEGER", 2, true, &error));
	OK(pawl_replica_count_duplicates(replica, &table, "(VALUES (1, 1), (1, 2), (2, 1), (NULL, 1)) s(id, line)", &rows,
	                                 &example, &error));
	assert_int_equal(rows, 0);
	assert_null(example);
	OK(pawl_replica_count_duplicates(replica, &table, "(VALUES (1, 1), (1, 2), (1, 2), (1, 2)) s(id, line)", &rows,
	                                 &example, &error));
	assert_int_equal(rows, 2);
	assert_string_equal(example, "1, 2");
	pawl_free(PAWL_TAKE(example));
	OK(pawl_replica_count_duplicates(replica, &table, "(VALUES (NULL, 1), (NULL, 1)) s(id, line)", &rows, &example,
	                                 &error));
	assert_int_equal(rows, 1); /* NULL equals NULL */
}

/* ---- fingerprints ---------------------------------------------------------------------------------------------------- */

/* Of a relation with a column v; until the next call. */
static const char *fingerprint(const char *type, const char *condition, const char *relation)
{
	static char hash[64];
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *found = NULL;
	int64_t rows;

	OK(pawl_replica_table_add(&table, "v", type, 0, true, &error));
	OK(pawl_replica_fingerprint(replica, &table, relation, condition, &rows, &found, &error));
	snprintf(hash, sizeof(hash), "%lld:%s", (long long) rows, found);
	return hash;
}

static void assert_same(const char *left, const char *right, bool is_same)
{
	char *first = strdup(fingerprint("INTEGER", NULL, left));
	assert_int_equal(strcmp(first, fingerprint("INTEGER", NULL, right)) == 0, is_same);
	free(first);
}

static void test_fingerprints_of_rows(void **state)
{
	(void) state;
	assert_same("(VALUES (1), (2), (3), (NULL)) s(v)", "(VALUES (3), (NULL), (1), (2)) s(v)", true);
	assert_same("(VALUES (1), (2)) s(v)", "(VALUES (1), (3)) s(v)", false);
	assert_same("(VALUES (1), (1)) s(v)", "(VALUES (1)) s(v)", false);
	assert_same("(VALUES (1), (1)) s(v)", "(VALUES (2), (2)) s(v)", false);
	assert_same("(SELECT 1 AS v WHERE false)", "(VALUES (NULL::INTEGER)) s(v)", false);
	assert_string_equal(fingerprint("INTEGER", NULL, "(SELECT 1 AS v WHERE false)"), "0:0");
	char *some = strdup(fingerprint("INTEGER", "v < 3", "(VALUES (1), (2), (3)) s(v)"));
	assert_string_equal(some, fingerprint("INTEGER", NULL, "(VALUES (1), (2)) s(v)"));
	free(some);
}

/* Values of one type that are not the same, however much they are alike. */
static void test_fingerprints_of_types(void **state)
{
	static const struct {
		const char *type, *left, *right;
	} cases[] = {
		{"BOOLEAN", "true", "false"},
		{"INTEGER", "0", "NULL"},
		{"HUGEINT", "170141183460469231731687303715884105727", "170141183460469231731687303715884105726"},
		{"BIGNUM", "1", "-1"},
		{"DECIMAL(38,38)", "'0.00000000000000000000000000000000000001'", "'0.00000000000000000000000000000000000002'"},
		{"FLOAT", "0.0", "'-0.0'"},
		{"DOUBLE", "0.0", "'-0.0'"},
		{"DOUBLE", "'nan'", "NULL"},
		{"VARCHAR", "''", "NULL"},
		{"VARCHAR", "'a'", "'a' || chr(0)"},
		{"VARCHAR", "'a'", "'A'"},
		{"BLOB", "'\\x00'::BLOB", "''::BLOB"},
		{"BIT", "'0'", "'00'"},
		{"DATE", "'infinity'", "'5881580-07-10'"},
		{"TIMESTAMP", "'2024-01-01 00:00:00.000001'", "'2024-01-01 00:00:00.000002'"},
		{"TIMESTAMP_NS", "'2024-01-01 00:00:00.000000001'", "'2024-01-01 00:00:00.000000002'"},
		{"TIMETZ", "'12:00:00+01'", "'11:00:00+00'"},
		{"INTERVAL", "INTERVAL 1 MONTH", "INTERVAL 30 DAYS"},
		{"INTERVAL", "INTERVAL 1 DAY", "INTERVAL 24 HOURS"},
		{"JSON", "'{\"a\": 1}'", "'{\"a\":1}'"},
		{"ENUM('a', 'b')", "'a'", "'b'"},
		{"INTEGER[]", "[]", "NULL"},
		{"INTEGER[]", "[NULL]", "NULL"},
		{"INTEGER[]", "[NULL]", "[]"},
		{"INTEGER[][]", "[[1], [2]]", "[[1, 2], []]"},
		{"DOUBLE[]", "[0.0::DOUBLE]", "['-0.0'::DOUBLE]"},
		{"VARCHAR[]", "['a', 'b']", "['a, b']"},
		{"VARCHAR[]", "['NULL']", "[NULL]"},
		{"INTEGER[1]", "[NULL]", "NULL"},
		{"STRUCT(a INTEGER)", "{'a': NULL}", "NULL"},
		{"STRUCT(a INTEGER[], b INTEGER)", "{'a': [], 'b': 1}", "{'a': NULL, 'b': 1}"},
		{"MAP(INTEGER, INTEGER)", "MAP {1: 2}", "MAP {2: 1}"},
		{"MAP(INTEGER, INTEGER)", "MAP {}", "NULL"},
		{"UNION(a INTEGER, b INTEGER)", "union_value(a := 1)", "union_value(b := 1)"},
		{"VARIANT", "1::VARIANT", "2::VARIANT"},
		{"GEOMETRY", "'POINT(1 2)'", "'POINT(2 1)'"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char relation[2][256];
		snprintf(relation[0], sizeof(relation[0]), "(SELECT (%s)::%s AS v)", cases[i].left, cases[i].type);
		snprintf(relation[1], sizeof(relation[1]), "(SELECT (%s)::%s AS v)", cases[i].right, cases[i].type);
		char *left = strdup(fingerprint(cases[i].type, NULL, relation[0]));
		if (strcmp(left, fingerprint(cases[i].type, NULL, relation[1])) == 0)
			fail_msg("%s: %s and %s have one fingerprint", cases[i].type, cases[i].left, cases[i].right);
		assert_string_equal(left, fingerprint(cases[i].type, NULL, relation[0]));
		free(left);
	}
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

#define T(text) (char[]) {text}
static const pawl_replica_state full = {
	.schema_name = T("main"), .table_name = T("o'rders"), .source = T("duckdb:/x"), .source_schema = T("s"),
	.source_table = T("t"), .mode = T("upsert"), .replication_key = T("greatest(a, b)"),
	.key_settings = T("unix_s, UTC"), .primary_key = T("id, line"), .where_clause = T("a = 'b' -- c"),
	.columns = T("only a"), .start = T("2024"), .phase = T("backfill"), .cursor = T("9223372036854775807"),
	.position = T("{\"after\": [null]}"), .next_cursor = T("ü\n"), .newest_key = T(""), .horizon = T("h"),
	.source_version = T("v"), .source_history = T("h"), .tail_hash = T("-1"), .tail_rows = INT64_MAX, .source_now_us = 1700000000123456,
	.host_now_us = 1, .rows_written = 5, .guarantee = T("lag 60s"), .synced_at_us = -1,
};
static const pawl_replica_state empty = {.schema_name = T("a"), .table_name = T("b"), .tail_rows = -1};

static void save(const pawl_replica_state *state)
{
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_save_state(replica, state, &error));
	OK(pawl_replica_commit(replica, &error));
}

static void assert_equal_states(const pawl_replica_state *left, const pawl_replica_state *right)
{
	const struct {
		const char *left, *right;
	} texts[] = {
		{left->schema_name, right->schema_name}, {left->table_name, right->table_name}, {left->source, right->source},
		{left->source_schema, right->source_schema}, {left->source_table, right->source_table},
		{left->mode, right->mode},
		{left->replication_key, right->replication_key}, {left->key_settings, right->key_settings},
		{left->primary_key, right->primary_key}, {left->where_clause, right->where_clause},
		{left->columns, right->columns},
		{left->start, right->start}, {left->phase, right->phase}, {left->cursor, right->cursor},
		{left->position, right->position},
		{left->next_cursor, right->next_cursor}, {left->newest_key, right->newest_key}, {left->horizon, right->horizon},
		{left->source_version, right->source_version}, {left->source_history, right->source_history}, {left->tail_hash, right->tail_hash},
		{left->guarantee, right->guarantee},
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(texts[i].left == NULL, texts[i].right == NULL);
		if (texts[i].left != NULL)
			assert_string_equal(texts[i].left, texts[i].right);
	}
	assert_int_equal(left->tail_rows, right->tail_rows);
	assert_int_equal(left->source_now_us, right->source_now_us);
	assert_int_equal(left->host_now_us, right->host_now_us);
	assert_int_equal(left->rows_written, right->rows_written);
	assert_int_equal(left->synced_at_us, right->synced_at_us);
}

static void test_states(void **state)
{
	(void) state;
	pawl_replica_states states = {0};

	save(&full);
	save(&full);
	save(&empty);
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_int_equal(states.count, 2);
	assert_equal_states(pawl_replica_states_find(&states, "MAIN", "O'Rders"), &full);
	assert_equal_states(pawl_replica_states_find(&states, "a", "b"), &empty);
	assert_null(pawl_replica_states_find(&states, "a", "c"));
	pawl_replica_state copy = {0};
	OK(pawl_replica_state_copy(&full, &copy, &error));
	assert_equal_states(&copy, &full);
	pawl_replica_state_clear(&copy);
	pawl_replica_states_clear(&states);
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_forget_state(replica, "main", "o'rders", &error));
	OK(pawl_replica_commit(replica, &error));
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_int_equal(states.count, 1);
	pawl_replica_states_clear(&states);
}

static void test_state_is_rolled_back(void **state)
{
	(void) state;
	pawl_replica_states states = {0};

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_save_state(replica, &full, &error));
	pawl_replica_rollback(replica);
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_int_equal(states.count, 0);
	pawl_replica_states_clear(&states);
}

static void test_other_format(void **state)
{
	(void) state;
	pawl_replica_states states = {0};

	run("UPDATE _pawl.format SET format = 99");
	assert_int_equal(pawl_replica_load_states(replica, &states, &error), PAWL_INVALID);
	assert_non_null(strstr(error.message, "was written by a newer Pawl: the format of its state is 99, this one knows "));
	assert_string_equal(error.hint, "use that newer Pawl, or another warehouse");
	assert_int_equal(states.count, 0);

	run("UPDATE _pawl.format SET format = 1");
	assert_int_equal(pawl_replica_load_states(replica, &states, &error), PAWL_INVALID);
	assert_non_null(strstr(error.message, "was written by an older Pawl: the format of its state is 1, this one knows "));
	assert_string_equal(error.hint, "use that older Pawl, or another warehouse");
}

static void test_runs(void **state)
{
	(void) state;
	const pawl_replica_run done = {
		.started_at_us = 1700000000000000, .ended_at_us = 1700000001500000, .schema_name = "main", .table_name = "t",
		.phase = "backfill", .outcome = "done", .rows_read = 3, .rows_written = 2};

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_add_run(replica, &done, &error));
	OK(pawl_replica_commit(replica, &error));
	assert_string_equal(all_of("SELECT concat_ws(',', started_at, ended_at - started_at, table_name, outcome, rows_read, "
	                           "rows_written, "
	                           "coalesce(error, '-')) FROM _pawl.runs"),
	                    "2023-11-14 22:13:20+00,00:00:01.5,t,done,3,2,-");
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

#define LIMIT_BYTES (INT64_C(64) << 20)
#define GROUPS      "SELECT count(DISTINCT row_group_id)::VARCHAR FROM pragma_storage_info('t')"

/* The groups that 20,000 rows are written in, through another connection and in a file whose name is hard to quote. */
static const char *groups_of(const char *path, int64_t text_bytes)
{
	pawl_replica *first;

	pawl_replica_close_pointer(&replica);
	OK(pawl_replica_open(&(pawl_replica_options) {.path = path, .memory_limit_bytes = LIMIT_BYTES}, &first, &error));
	OK(pawl_replica_isolate(first, &error));
	OK(pawl_replica_fit(first, 2, text_bytes, &error));
	OK(pawl_replica_connect(first, &replica, &error));
	run("CREATE TABLE t AS SELECT i, repeat('x', 40) FROM range(20000) r(i)");
	pawl_replica_close(replica);
	replica = first;
	run("CHECKPOINT");
	return all_of(GROUPS);
}

static void test_long_rows_lie_in_small_groups(void **state)
{
	(void) state;
	assert_string_equal(groups_of("short.duckdb", 128), "1");
	assert_string_equal(groups_of("it's \"long\".v2.duckdb", 1024), "3"); /* of 8,192 rows */
	assert_string_equal(groups_of("longest.duckdb", 1 << 20), "10");      /* of 2,048, which is DuckDB's least */
	assert_string_equal(all_of("SELECT (count(*) = 20000)::VARCHAR FROM t"), "true");
}

static void test_what_has_no_limit_is_not_fitted(void **state)
{
	(void) state;
	OK(pawl_replica_fit(replica, 100, 1 << 20, &error));
	run("CREATE TABLE t AS SELECT i FROM range(20000) r(i)");
	assert_string_equal(all_of(GROUPS), "1");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_warehouse, close_warehouse)
	const struct CMUnitTest tests[] = {
		TEST(test_create_and_describe), TEST(test_columns_change),       TEST(test_rollback),
		TEST(test_upsert),              TEST(test_upsert_with_null_keys), TEST(test_append),
		TEST(test_swap),                TEST(test_duplicates),           TEST(test_fingerprints_of_rows),
		TEST(test_fingerprints_of_types), TEST(test_states),             TEST(test_state_is_rolled_back),
		TEST(test_other_format),        TEST(test_runs),                 TEST(test_long_rows_lie_in_small_groups),
		TEST(test_what_has_no_limit_is_not_fitted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
