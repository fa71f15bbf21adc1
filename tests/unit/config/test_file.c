#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "config/file.h"
#include "support.h"

static pawl_error error;

static pawl_status parse(const char *text, pawl_job *job)
{
	pawl_error_clear(&error);
	return pawl_config_parse("shop.yaml", text, strlen(text), job, &error);
}

static void assert_mistake(const char *text, const char *message, const char *hint)
{
	pawl_job job = {.threads = 77};

	FAILS(parse(text, &job), PAWL_INVALID, message);
	assert_string_equal(error.hint, hint);
	assert_int_equal(job.threads, 77); /* not touched */
	assert_null(job.source);
}

/* A mistake in what stands behind the two lines that every file has; so it begins in line 3. */
#define HEAD "source: a\ndestination: b\n"

/* ---- what it means ---------------------------------------------------------------------------------------------------- */

static void everything_in_a_file(void **unused)
{
	(void) unused;
	static const char text[] =
		"# The shop\n"
		"source: sqlite:shop.db\n"
		"destination: warehouse.duckdb\n"
		"memory_limit: 512MiB\n"
		"threads: 3\n"
		"tables_at_once: 4\n"
		"temp_directory: /var/tmp\n"
		"max_snapshot: 90s\n"
		"busy_timeout: 0\n"
		"retries: 7\n"
		"defaults:\n"
		"  key: updated_at\n"
		"  lag: 5m\n"
		"tables:\n"
		"  orders:\n"
		"    key: [updated_at, created_at]\n"
		"    primary_key: [id]\n"
		"    mode: upsert\n"
		"    columns:\n"
		"      include: [id, total, updated_at, created_at, no]\n"
		"      exclude: note\n"
		"      rename: {total: amount}\n"
		"    where: total > 0\n"
		"    start: 2024-01-01\n"
		"    lag: 0\n"
		"    null_keys: error\n"
		"    window_rows: 1000\n"
		"    clock: database\n"
		"    key_zone: Europe/Berlin\n"
		"    key_format: unix_ms\n"
		"    schema_changes: freeze\n"
		"    name: 'raw.{table}'\n"
		"    max_ahead: 1d\n"
		"    max_hold: {after: 90s, then: lag}\n"
		"    formats: {seen: julian_day}\n"
		"    misfits: error\n"
		"  main.customers:\n"
		"  log_*: {mode: append}\n";
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	OK(parse(text, &job));
	assert_string_equal(job.path, "shop.yaml");
	assert_string_equal(job.source, "sqlite:shop.db");
	assert_string_equal(job.destination, "warehouse.duckdb");
	assert_int_equal(job.memory_limit_bytes, 536870912);
	assert_int_equal(job.threads, 3);
	assert_int_equal(job.tables_at_once, 4);
	assert_string_equal(job.temp_directory, "/var/tmp");
	assert_int_equal(job.max_snapshot_us, 90000000);
	assert_int_equal(job.busy_us, 0);
	assert_int_equal(job.retries, 7);
	assert_string_equal(job.defaults.key.items[0], "updated_at");
	assert_int_equal(job.defaults.lag_us, 300000000);
	assert_int_equal(job.defaults.window_rows, 500000);

	assert_int_equal(job.rule_count, 3);
	const pawl_table_settings *orders = &job.rules[0].settings;
	assert_string_equal(job.rules[0].pattern, "orders");
	assert_int_equal(job.rules[0].line, 15);
	assert_int_equal(orders->given, (1 << 21) - 1);
	assert_int_equal(orders->key.count, 2);
	assert_string_equal(orders->key.items[1], "created_at");
	assert_string_equal(orders->primary_key.items[0], "id");
	assert_int_equal(orders->mode, PAWL_MODE_UPSERT);
	assert_int_equal(orders->include.count, 5);
	assert_string_equal(orders->include.items[4], "no");
	assert_string_equal(orders->exclude.items[0], "note");
	assert_string_equal(orders->rename.names[0], "total");
	assert_string_equal(orders->rename.values[0], "amount");
	assert_string_equal(orders->where, "total > 0");
	assert_string_equal(orders->start, "2024-01-01");
	assert_int_equal(orders->lag_us, 0);
	assert_int_equal(orders->null_keys, PAWL_NULLS_ERROR);
	assert_int_equal(orders->window_rows, 1000);
	assert_int_equal(orders->clock, PAWL_CLOCK_DATABASE);
	assert_string_equal(orders->key_zone, "Europe/Berlin");
	assert_int_equal(orders->key_format, PAWL_FORMAT_UNIX_MS);
	assert_int_equal(orders->schema_changes, PAWL_SCHEMA_FREEZE);
	assert_int_equal(orders->hold_after_us, 90000000);
	assert_int_equal(orders->hold_then, PAWL_HOLD_LAG);
	assert_string_equal(orders->name, "raw.{table}");
	assert_int_equal(orders->max_ahead_us, INT64_C(86400000000));
	assert_string_equal(orders->formats.values[0], "julian_day");
	assert_int_equal(orders->misfits, PAWL_MISFITS_ERROR);

	assert_string_equal(job.rules[1].pattern, "main.customers");
	assert_int_equal(job.rules[1].settings.given, 0);
	assert_string_equal(job.rules[2].pattern, "log_*");
	assert_int_equal(job.rules[2].line, 38);
	assert_int_equal(job.rules[2].settings.mode, PAWL_MODE_APPEND);
}

static void what_is_left_out_has_its_default(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	OK(parse(HEAD "defaults:\n", &job));
	assert_int_equal(job.memory_limit_bytes, PAWL_JOB_MEMORY_BYTES);
	assert_int_equal(job.threads, 0);
	assert_int_equal(job.rule_count, 0);
	assert_int_equal(job.defaults.given, 0);
	assert_int_equal(job.defaults.lag_us, 60000000);
}

static void tables_may_be_a_list(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	OK(parse(HEAD "tables:\n- orders\n- 'log_*'\n", &job));
	assert_int_equal(job.rule_count, 2);
	assert_string_equal(job.rules[1].pattern, "log_*");
	assert_int_equal(job.rules[1].line, 5);
	assert_int_equal(job.rules[1].settings.given, 0);
}

/* What the defaults say can be taken back. */
static void empty_values_are_given(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	OK(parse(HEAD "defaults: {where: a, key: b, formats: {c: unix_s}}\n"
	              "tables: {t: {where: '', key: [], formats: {}}}\n", &job));
	OK(pawl_table_settings_merge(&job.defaults, &job.rules[0].settings, &error));
	assert_null(job.defaults.where);
	assert_int_equal(job.defaults.key.count, 0);
	assert_int_equal(job.defaults.formats.count, 0);
}

/* ---- mistakes --------------------------------------------------------------------------------------------------------- */

static void unknown_settings(void **unused)
{
	static const char job_settings[] = "there are: source, destination, defaults, tables, memory_limit, threads, "
	                                   "tables_at_once, temp_directory, max_snapshot, busy_timeout, retries";

	(void) unused;
	assert_mistake(HEAD "tables:\n  orders:\n    primry_key: id\n", "shop.yaml:5:5: unknown setting 'primry_key'",
	               "did you mean 'primary_key'?");
	assert_mistake(HEAD "tabels: [a]\n", "shop.yaml:3:1: unknown setting 'tabels'", "did you mean 'tables'?");
	assert_mistake(HEAD "defaults: {colums: {}}\n", "shop.yaml:3:12: unknown setting 'colums'", "did you mean 'columns'?");
	assert_mistake(HEAD "defaults: {columns: {exlude: a}}\n", "shop.yaml:3:22: unknown setting 'columns.exlude'",
	               "did you mean 'exclude'?");
	assert_mistake(HEAD "dest: c\n", "shop.yaml:3:1: unknown setting 'dest'",
	               job_settings);
	assert_mistake(HEAD "defaults: {columns: {drop: a}}\n", "shop.yaml:3:22: unknown setting 'columns.drop'",
	               "there are: include, exclude, rename");
	assert_mistake(HEAD "defaults: {columns.include: a}\n", "shop.yaml:3:12: unknown setting 'columns.include'",
	               "there are: key, primary_key, mode, columns, where, start, lag, null_keys, window_rows, clock, "
	               "key_zone, key_format, schema_changes, name, max_ahead, max_hold, formats, misfits");
	assert_mistake(HEAD "'': c\n", "shop.yaml:3:1: unknown setting ''",
	               job_settings);
}

static void settings_at_another_place(void **unused)
{
	(void) unused;
	assert_mistake(HEAD "mode: append\n", "shop.yaml:3:1: unknown setting 'mode'",
	               "'mode' is a setting of tables: put it under 'defaults' or a table");
	assert_mistake(HEAD "columns: {}\n", "shop.yaml:3:1: unknown setting 'columns'",
	               "'columns' is a setting of tables: put it under 'defaults' or a table");
	assert_mistake(HEAD "defaults: {threads: 3}\n", "shop.yaml:3:12: unknown setting 'threads'",
	               "'threads' stands at the top of the file");
	assert_mistake(HEAD "defaults: {include: a}\n", "shop.yaml:3:12: unknown setting 'include'",
	               "'include' belongs under 'columns'");
	assert_mistake(HEAD "defaults: {columns: {where: a}}\n", "shop.yaml:3:22: unknown setting 'columns.where'",
	               "'where' stands beside 'columns', not under it");
}

static void other_kinds_than_expected(void **unused)
{
	(void) unused;
	assert_mistake("- a\n", "shop.yaml:1:1: a list, where a mapping of settings is expected", "");
	assert_mistake("just words\n", "shop.yaml:1:1: a text, where a mapping of settings is expected", "");
	assert_mistake("source: [a]\n", "shop.yaml:1:9: 'source' is a list, where a text is expected", "");
	assert_mistake("source: {a: b}\n", "shop.yaml:1:9: 'source' is a mapping, where a text is expected", "");
	assert_mistake("source:\n", "shop.yaml:1:8: 'source' has no value", "leave it out, or give it a text");
	assert_mistake(HEAD "threads: {}\n", "shop.yaml:3:10: 'threads' is a mapping, where an integer is expected", "");
	assert_mistake(HEAD "defaults: a\n", "shop.yaml:3:11: 'defaults' is a text, where a mapping of settings is expected",
	               "");
	assert_mistake(HEAD "defaults: {lag: [1s]}\n",
	               "shop.yaml:3:17: 'lag' is a list, where a duration such as 90s is expected", "");
	assert_mistake(HEAD "defaults: {where: ~}\n", "shop.yaml:3:19: 'where' has no value",
	               "leave it out, or give it a text");
	assert_mistake(HEAD "defaults: {key: {a: b}}\n",
	               "shop.yaml:3:17: 'key' is a mapping, where a name or a list of names is expected", "");
	assert_mistake(HEAD "defaults: {key: [a, [b]]}\n",
	               "shop.yaml:3:21: 'key' is a list, where a name or a list of names is expected", "");
	assert_mistake(HEAD "defaults: {columns: a}\n",
	               "shop.yaml:3:21: 'columns' is a text, where a mapping of settings is expected",
	               "");
	assert_mistake(HEAD "defaults: {columns: }\n", "shop.yaml:3:21: 'columns' has no value",
	               "leave it out, or give it a mapping of settings");
	assert_mistake(HEAD "defaults: {formats: unix_s}\n",
	               "shop.yaml:3:21: 'formats' is a text, where a mapping of names to values is expected", "");
	assert_mistake(HEAD "tables: orders\n",
	               "shop.yaml:3:9: 'tables' is a text, where a mapping of tables, or a list of their names is expected",
	               "");
	assert_mistake(HEAD "tables: {orders: updated_at}\n",
	               "shop.yaml:3:18: 'orders' is a text, where a mapping of settings is expected", "");
	assert_mistake(HEAD "tables: [orders: {mode: append}]\n",
	               "shop.yaml:3:10: a table in a list has a name, and no settings",
	               "write 'tables' as a mapping, without the dashes");
}

static void no_tables_are_not_all_tables(void **unused)
{
	(void) unused;
	static const char *const texts[] = {HEAD "tables: {}\n", HEAD "tables: []\n", HEAD "tables:\n# - a\n"};
	static const char *const columns[] = {"9", "9", "8"};
	char message[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(message, sizeof(message), "shop.yaml:3:%s: 'tables' names no table", columns[i]);
		assert_mistake(texts[i], message, "leave it out to copy every table");
	}
}

static void bad_values(void **unused)
{
	(void) unused;
	static const char duration[] = "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms";

	assert_mistake("source: ''\n", "shop.yaml:1:9: 'source': it is empty", "");
	assert_mistake(HEAD "memory_limit: 191MiB\n", "shop.yaml:3:15: 'memory_limit': '191MiB' is below 192MiB", "");
	assert_mistake(HEAD "memory_limit: lots\n", "shop.yaml:3:15: 'memory_limit': 'lots' is not a size",
	               "write an integer and a unit: 512MiB, 2GiB");
	assert_mistake(HEAD "threads: 0\n", "shop.yaml:3:10: 'threads': '0' is not from 1 to 1024", "");
	assert_mistake(HEAD "threads: all\n", "shop.yaml:3:10: 'threads': 'all' is not an integer", "");
	assert_mistake(HEAD "tables_at_once: 65\n", "shop.yaml:3:17: 'tables_at_once': '65' is not from 1 to 64", "");
	assert_mistake(HEAD "max_snapshot: 10ms\n", "shop.yaml:3:15: 'max_snapshot': '10ms' is below 1s", "");
	assert_mistake(HEAD "busy_timeout: 10\n", "shop.yaml:3:15: 'busy_timeout': '10' is not a duration", duration);
	assert_mistake(HEAD "defaults:\n  lag: soon\n", "shop.yaml:4:8: 'lag': 'soon' is not a duration", duration);
	assert_mistake(HEAD "defaults:\n  mode: upsrt\n", "shop.yaml:4:9: 'mode': 'upsrt' is none of the choices",
	               "did you mean 'upsert'?");
	assert_mistake(HEAD "defaults: {key: [a, A]}\n", "shop.yaml:3:21: 'key': 'A' is there twice", "");
	assert_mistake(HEAD "defaults: {formats: {a: epoch}}\n", "shop.yaml:3:25: 'formats': 'epoch' is none of the choices",
	               "it is one of 'none', 'unix_s', 'unix_ms', 'iso8601', 'julian_day'");
	assert_mistake(HEAD "defaults: {columns: {rename: {a: ''}}}\n", "shop.yaml:3:34: 'columns.rename': 'a' has no value",
	               "");
	assert_mistake(HEAD "tables: {'': {}}\n", "shop.yaml:3:10: the name of a table is empty", "");
	assert_mistake(HEAD "tables: [a, b, a]\n", "shop.yaml:3:16: the table is there twice, first in line 3", "");
}

static void what_must_be_there(void **unused)
{
	(void) unused;
	assert_mistake("", "shop.yaml: 'source' is missing", "add a line like 'source: shop.duckdb'");
	assert_mistake("destination: b\n", "shop.yaml: 'source' is missing", "add a line like 'source: shop.duckdb'");
	assert_mistake("source: a\n", "shop.yaml: 'destination' is missing", "add a line like 'destination: warehouse.duckdb'");
	assert_mistake("source: a\nsource: b\n", "shop.yaml:2:1: 'source' is there twice, first in line 1", "");
}

/* ---- the environment -------------------------------------------------------------------------------------------------- */

static void variables_stand_in_values(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	setenv("PAWL_TEST_FILE", "shop.db", 1);
	setenv("PAWL_TEST_COLUMN", "id", 1);
	setenv("PAWL_TEST_NUMBER", "7", 1);
	unsetenv("PAWL_TEST_UNSET");
	OK(parse("source: sqlite:${PAWL_TEST_FILE}\n"
	         "destination: ${PAWL_TEST_UNSET:-w.duckdb}\n"
	         "threads: ${PAWL_TEST_NUMBER}\n"
	         "defaults:\n"
	         "  key: [\"${PAWL_TEST_COLUMN}\", '$${b}']\n"
	         "  window_rows: ${PAWL_TEST_NUMBER}\n"
	         "  columns: {rename: {'${a}': 'x_${PAWL_TEST_COLUMN}'}}\n"
	         "tables: ['${PAWL_TEST_COLUMN}s']\n", &job));
	assert_string_equal(job.source, "sqlite:shop.db");
	assert_string_equal(job.destination, "w.duckdb");
	assert_int_equal(job.threads, 7);
	assert_int_equal(job.defaults.window_rows, 7);
	assert_string_equal(job.defaults.key.items[0], "id");
	assert_string_equal(job.defaults.key.items[1], "${b}");
	assert_string_equal(job.defaults.rename.names[0], "${a}");
	assert_string_equal(job.defaults.rename.values[0], "x_id");
	assert_string_equal(job.rules[0].pattern, "ids");
}

static void what_variables_hold_is_not_shown(void **unused)
{
	(void) unused;
	static const struct {
		const char *text, *message, *hint;
	} cases[] = {
		{HEAD "defaults: {lag: '${PAWL_TEST_SECRET}'}\n",
		 "shop.yaml:3:17: 'lag': the value of ${PAWL_TEST_SECRET} is not what it takes",
		 "it takes a duration such as 90s"},
		{HEAD "defaults: {mode: '${PAWL_TEST_SECRET}'}\n",
		 "shop.yaml:3:18: 'mode': the value of ${PAWL_TEST_SECRET} is not what it takes",
		 "it takes one of a few words"},
		{HEAD "defaults: {key: [hunter22, '${PAWL_TEST_SECRET}']}\n",
		 "shop.yaml:3:28: 'key': the value of ${PAWL_TEST_SECRET} is not what it takes",
		 "it takes a name or a list of names"},
		{HEAD "defaults: {formats: {a: '${PAWL_TEST_SECRET}'}}\n",
		 "shop.yaml:3:25: 'formats': the value of ${PAWL_TEST_SECRET} is not what it takes",
		 "it takes a mapping of names to values"},
		{HEAD "memory_limit: 5${PAWL_TEST_SECRET}\n",
		 "shop.yaml:3:15: 'memory_limit': the value of ${PAWL_TEST_SECRET} is not what it takes",
		 "it takes a size such as 512MiB"},
		{HEAD "tables: [hunter22, '${PAWL_TEST_SECRET}']\n",
		 "shop.yaml:3:20: the table is there twice, first in line 3", ""},
	};

	setenv("PAWL_TEST_SECRET", "hunter22", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_mistake(cases[i].text, cases[i].message, cases[i].hint);
}

static void variables_that_are_not_there(void **unused)
{
	(void) unused;
	unsetenv("PAWL_TEST_UNSET");
	assert_mistake("source: ${PAWL_TEST_UNSET}\n", "shop.yaml:1:9: 'source': the variable ${PAWL_TEST_UNSET} is not set",
	               "set it, or give it a default: ${PAWL_TEST_UNSET:-default}");
	setenv("PAWL_TEST_SECRET", "hunter22", 1);
	assert_mistake(HEAD "defaults: {where: '${PAWL_TEST_SECRET} ${PAWL_TEST_UNSET}'}\n",
	               "shop.yaml:3:19: 'where': the variable ${PAWL_TEST_UNSET} is not set",
	               "set it, or give it a default: ${PAWL_TEST_UNSET:-default}");
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static void files_are_read(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	write_file("a.yaml", "source: x.db\ndestination: y.duckdb\n");
	OK(pawl_config_load("a.yaml", &job, &error));
	assert_string_equal(job.path, "a.yaml");
	assert_string_equal(job.source, "x.db");
	FAILS(pawl_config_load("gone.yaml", &job, &error), PAWL_NOT_FOUND,
	      "cannot open 'gone.yaml': No such file or directory");
}

static void files_have_a_limit(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_append(&text, HEAD "#");
	while (text.length < PAWL_CONFIG_MAX_BYTES)
		pawl_buffer_append_character(&text, 'x');
	write_file("long.yaml", pawl_buffer_text(&text));
	OK(pawl_config_load("long.yaml", &job, &error));
	pawl_buffer_append_character(&text, 'x');
	write_file("long.yaml", pawl_buffer_text(&text));
	FAILS(pawl_config_load("long.yaml", &job, &error), PAWL_INVALID, "file 'long.yaml' is longer than 1048576 bytes");
}

#ifdef PAWL_TEST_HOOKS
static pawl_status load(void *context, pawl_error *ret_error)
{
	static const char text[] = "source: a\ndestination: ${PAWL_TEST_UNSET:-b}\n"
	                           "defaults: {key: [a, b], columns: {rename: {a: b}}}\n"
	                           "tables: {orders: {where: a}, 'log_*': }\n";
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	(void) context;
	return pawl_config_parse("shop.yaml", text, sizeof(text) - 1, &job, ret_error);
}

static void every_allocation_may_be_refused(void **unused)
{
	(void) unused;
	assert_true(refuse_every_allocation(load, NULL) > 20);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_in_a_file),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(tables_may_be_a_list),
		cmocka_unit_test(empty_values_are_given),
		cmocka_unit_test(unknown_settings),
		cmocka_unit_test(settings_at_another_place),
		cmocka_unit_test(other_kinds_than_expected),
		cmocka_unit_test(no_tables_are_not_all_tables),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(what_must_be_there),
		cmocka_unit_test(variables_stand_in_values),
		cmocka_unit_test(what_variables_hold_is_not_shown),
		cmocka_unit_test(variables_that_are_not_there),
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(files_have_a_limit),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_allocation_may_be_refused),
#endif
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
