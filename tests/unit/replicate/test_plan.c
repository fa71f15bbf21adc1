/* What a run would do: which tables, their names, modes and phases, and what was changed since the last one. */
#include "replicate/plan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "support.h"

static pawl_error error;
static pawl_job job;
static pawl_plan plan;

static void run_sql(const char *path, const char *sql)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	OK(pawl_duck_open(&(pawl_duck_options) {.path = path, .threads = 1}, &duck, &error));
	OK(pawl_duck_run(duck, sql, &error));
}

static void init_job(void)
{
	OK(pawl_job_init(&job, &error));
	job.source = pawl_duplicate("shop.duckdb");
	job.destination = pawl_duplicate("warehouse.duckdb");
	job.threads = 1;
}

static int enter(void **state)
{
	if (enter_folder(state) != 0)
		return -1;
	run_sql("shop.duckdb",
	        "CREATE SCHEMA other; CREATE TABLE orders (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, note VARCHAR);"
	        "CREATE TABLE other.orders (id INTEGER); CREATE TABLE colors (name VARCHAR);"
	        "CREATE TABLE log_1 (id INTEGER PRIMARY KEY, seen TIMESTAMP); CREATE VIEW recent AS SELECT * FROM orders;"
	        "INSERT INTO orders VALUES (1, '2024-01-01', 'x')");
	init_job();
	return 0;
}

static int leave(void **state)
{
	pawl_plan_clear(&plan);
	pawl_job_clear(&job);
	return leave_folder(state);
}

static pawl_table_settings *add_rule(const char *pattern)
{
	pawl_table_rule *rule;
	OK(pawl_job_add_rule(&job, pattern, &rule, &error));
	return &rule->settings;
}

static void set(pawl_table_settings *settings, const char *name, const char *value)
{
	OK(pawl_field_set(pawl_field_find(name), settings, value, &error));
	settings->given |= pawl_field_bit(name);
}

static void make(void)
{
	pawl_plan_clear(&plan);
	OK(pawl_plan_make(&job, PAWL_PLAN_LOOK, &plan, &error));
}

static void sync_job(void)
{
	static const pawl_sync_observer nobody = {0};
	pawl_sync_result result = {0};
	OK(pawl_sync_run(&job, &nobody, &result, &error));
	pawl_sync_result_clear(&result);
}

/* "main.colors main.orders" */
static const char *names(void)
{
	static char text[512];
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan.table_count; i++)
		length += (size_t) snprintf(text + length, sizeof(text) - length, "%s%s", i == 0 ? "" : " ",
		                            plan.tables[i].source_name);
	return text;
}

static pawl_table_plan *table_of(const char *name)
{
	for (size_t i = 0; i < plan.table_count; i++)
		if (strcmp(plan.tables[i].source_name, name) == 0)
			return &plan.tables[i];
	fail_msg("the plan has no table '%s'", name);
	abort();
}

/* ---- which tables ---------------------------------------------------------------------------------------------------- */

static void test_all_tables(void **state)
{
	(void) state;
	make();
	assert_string_equal(names(), "main.colors main.log_1 main.orders other.orders"); /* no views */
	assert_int_equal(access("warehouse.duckdb", F_OK), -1);                            /* a look makes nothing */
}

static void test_rules(void **state)
{
	(void) state;
	add_rule("MAIN.o*");
	add_rule("log_?");
	make();
	assert_string_equal(names(), "main.log_1 main.orders");
	add_rule("recent"); /* a view, by its name */
	make();
	assert_string_equal(names(), "main.log_1 main.orders main.recent");
	OK(pawl_names_add(&job.select, "*.orders", &error));
	make();
	assert_string_equal(names(), "main.orders");
}

static void test_patterns_without_table(void **state)
{
	(void) state;
	add_rule("main.ordres");
	FAILS(pawl_plan_make(&job, PAWL_PLAN_LOOK, &plan, &error), PAWL_NOT_FOUND,
	      "table 'main.ordres': the source has no such table");
	assert_string_equal(error.hint, "did you mean 'main.orders'?");
	assert_int_equal(plan.table_count, 0);
}

/* ---- names and modes ------------------------------------------------------------------------------------------------- */

static void test_targets(void **state)
{
	(void) state;
	make();
	assert_string_equal(table_of("main.orders")->target_name, "main.orders");
	assert_string_equal(table_of("other.orders")->target_name, "other.orders");
	set(&job.defaults, "name", "raw.{schema}_{table}");
	make();
	assert_string_equal(table_of("other.orders")->target.schema, "raw");
	assert_string_equal(table_of("other.orders")->target.name, "other_orders");
	set(&job.defaults, "name", "{table}");
	FAILS(pawl_plan_make(&job, PAWL_PLAN_LOOK, &plan, &error), PAWL_INVALID,
	      "tables 'main.orders' and 'other.orders' would both be called 'main.orders' in the warehouse");
	set(&job.defaults, "name", "_pawl.{table}");
	make();
	assert_string_equal(table_of("main.orders")->error.message, "the schema '_pawl' is kept for Pawl's own tables");
}

static void test_modes(void **state)
{
	(void) state;
	make();
	assert_int_equal(table_of("main.orders")->mode, PAWL_MODE_UPSERT);
	assert_string_equal(table_of("main.orders")->key_text, "updated_at");
	assert_int_equal(table_of("main.orders")->phase, PAWL_PHASE_BACKFILL);
	assert_int_equal(table_of("main.log_1")->mode, PAWL_MODE_REPLACE);
	assert_string_equal(table_of("main.log_1")->notices[0].message,
	                    "the table is copied whole every time: it has no replication key");
	assert_int_equal(table_of("main.colors")->mode, PAWL_MODE_REPLACE);
	assert_int_equal(table_of("main.colors")->phase, PAWL_PHASE_REFRESH);
	set(&job.defaults, "mode", "upsert");
	make();
	assert_int_equal(table_of("main.orders")->error.status, PAWL_OK);
	assert_string_equal(table_of("main.colors")->error.message,
	                    "mode upsert needs a primary key, and the source declares none");
	assert_int_equal(table_of("main.log_1")->error.status, PAWL_INVALID);
}

/* A byte more in front of characters of two bytes: one of both is cut within a character, unless it is cut in front of it. */
static void test_long_notices(void **state)
{
	(void) state;
	for (size_t before = 0; before < 2; before++) {
		char name[512], sql[1024];
		size_t length = (size_t) snprintf(name, sizeof(name), "%.*s", (int) before, "a");
		for (size_t i = 0; i < 200; i++)
			length += (size_t) snprintf(name + length, sizeof(name) - length, "\u00e9");
		pawl_plan_clear(&plan); /* which has the source open */
		snprintf(sql, sizeof(sql), "CREATE OR REPLACE TABLE orders (id INTEGER PRIMARY KEY, %s TIMESTAMP)", name);
		run_sql("shop.duckdb", sql);
		set(&job.defaults, "key", name);
		make();
		assert_int_equal(table_of("main.orders")->notice_count, 1);
		const char *message = table_of("main.orders")->notices[0].message;
		assert_true(strlen(message) >= PAWL_PLAN_TEXT_BYTES - 2);
		assert_int_equal(pawl_text_valid_utf8(message, strlen(message)), strlen(message));
	}
}

static void test_columns(void **state)
{
	(void) state;
	pawl_table_settings *settings = add_rule("main.orders");

	OK(pawl_field_add_name(pawl_field_find("columns.exclude"), settings, "NOTE", &error));
	settings->given |= pawl_field_bit("columns.exclude");
	OK(pawl_field_add_pair(pawl_field_find("columns.rename"), settings, "updated_at", "changed", &error));
	settings->given |= pawl_field_bit("columns.rename");
	make();
	const pawl_table_plan *table = table_of("main.orders");
	assert_int_equal(table->target.column_count, 2);
	assert_string_equal(table->target.columns[1].name, "changed");
	assert_int_equal(table->target.columns[0].key_rank, 1);
	const pawl_read read = pawl_plan_read(table);
	assert_int_equal(read.column_count, 2);
	assert_string_equal(read.columns[1].name, "changed");
	assert_int_equal(read.columns[1].index, 1);
	assert_true(read.has_null_keys);
	assert_false(read.has_no_null_keys);
}

/* ---- what was changed ------------------------------------------------------------------------------------------------ */

static const char *fault_of(const char *name)
{
	make();
	return table_of(name)->error.message;
}

static void test_phases(void **state)
{
	(void) state;
	sync_job();
	make();
	assert_int_equal(table_of("main.orders")->phase, PAWL_PHASE_INCREMENTAL);
	assert_int_equal(table_of("main.colors")->phase, PAWL_PHASE_REFRESH);
	OK(pawl_names_add(&job.full_refresh, "orders", &error));
	make();
	assert_int_equal(table_of("main.orders")->phase, PAWL_PHASE_REFRESH);
}

static void test_settings_change(void **state)
{
	static const struct {
		const char *setting, *value, *message;
	} cases[] = {
		{"mode", "append", "the mode was 'upsert' at the last sync, and is 'append' now"},
		{"where", "id > 0", "the 'where' was 'none' at the last sync, and is 'id > 0' now"},
		{"key", "id", "the replication key was 'updated_at' at the last sync, and is 'id' now"},
		{"key_zone", "UTC", "the key's format and zone was 'none' at the last sync, and is 'UTC' now"},
		{"primary_key", "note", "the primary key was 'id' at the last sync, and is 'note' now"},
		{"start", "2024-01-01", "the 'start' was 'none' at the last sync, and is '2024-01-01' now"},
	};

	(void) state;
	add_rule("main.orders");
	sync_job();
	assert_string_equal(fault_of("main.orders"), "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pawl_job_clear(&job);
		init_job();
		set(add_rule("main.orders"), cases[i].setting, cases[i].value);
		assert_string_equal(fault_of("main.orders"), cases[i].message);
	}
}

static void test_columns_change(void **state)
{
	(void) state;
	add_rule("main.orders");
	sync_job();
	run_sql("shop.duckdb", "ALTER TABLE orders ADD COLUMN added DECIMAL(5,2); ALTER TABLE orders DROP COLUMN note;"
	                       "ALTER TABLE orders ADD COLUMN \"more\" INTEGER");
	make();
	const pawl_table_plan *table = table_of("main.orders");
	assert_int_equal(table->error.status, PAWL_OK);
	assert_int_equal(table->change_count, 2);
	assert_true(table->changes[0].is_new);
	assert_string_equal(table->target.columns[table->changes[0].column].name, "added");
	assert_string_equal(table->target.columns[table->changes[1].column].name, "more");
	pawl_plan_clear(&plan);
	set(&job.rules[0].settings, "schema_changes", "freeze");
	assert_string_equal(fault_of("main.orders"), "column 'added' is new at the source, and 'schema_changes' is freeze");
}

static void test_types_change(void **state)
{
	static const struct {
		const char *type, *target; /* NULL: refused */
	} cases[] = {{"TINYINT", "INTEGER"}, {"BIGINT", "BIGINT"}, {"DECIMAL(12,2)", "DECIMAL(12,2)"}, {"TIMESTAMP", NULL}};

	(void) state;
	run_sql("shop.duckdb", "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v INTEGER)");
	add_rule("main.t");
	sync_job();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char sql[160];
		pawl_plan_clear(&plan);
		snprintf(sql, sizeof(sql), "DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v %s)",
		         cases[i].type);
		run_sql("shop.duckdb", sql);
		make();
		const pawl_table_plan *table = table_of("main.t");
		if (cases[i].target == NULL)
			assert_string_equal(table->error.message, "column 'v' is INTEGER in the warehouse and TIMESTAMP at "
			                                          "the source: neither keeps the other's values");
		else
			assert_string_equal(table->target.columns[2].type, cases[i].target);
	}
}

static void test_foreign_tables(void **state)
{
	(void) state;
	run_sql("warehouse.duckdb", "CREATE TABLE orders (mine INTEGER)");
	assert_string_equal(fault_of("main.orders"), "the warehouse has a table 'main.orders' that Pawl did not make");
	assert_int_equal(table_of("main.colors")->error.status, PAWL_OK);
}

static void test_other_source(void **state)
{
	(void) state;
	add_rule("main.orders");
	sync_job();
	assert_int_equal(rename("shop.duckdb", "moved.duckdb"), 0);
	pawl_free(job.source);
	job.source = pawl_duplicate("moved.duckdb");
	assert_non_null(strstr(fault_of("main.orders"), "'main.orders' in the warehouse came from 'duckdb:/"));
	job.is_accept_source = true;
	assert_string_equal(fault_of("main.orders"), "");
}

static void test_gone_tables(void **state)
{
	(void) state;
	add_rule("main.orders");
	sync_job();
	run_sql("warehouse.duckdb", "DROP TABLE orders");
	assert_string_equal(fault_of("main.orders"), "'main.orders' was synced before, and is gone from the warehouse");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, enter, leave)
	const struct CMUnitTest tests[] = {
		TEST(test_all_tables), TEST(test_rules),           TEST(test_patterns_without_table), TEST(test_targets),
		TEST(test_modes),      TEST(test_columns),         TEST(test_phases),
		TEST(test_settings_change), TEST(test_long_notices),
		TEST(test_columns_change), TEST(test_types_change), TEST(test_foreign_tables),        TEST(test_other_source),
		TEST(test_gone_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
