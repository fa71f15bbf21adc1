#include <string.h>

#include "base/memory.h"
#include "replicate/job.h"
#include "support.h"

static pawl_error error;

static pawl_status set(pawl_table_settings *settings, const char *name, const char *text)
{
	pawl_error_clear(&error);
	const pawl_table_field *field = pawl_field_find(name);
	assert_non_null(field);
	return pawl_field_set(field, settings, text, &error);
}

/* ---- the table of fields ---------------------------------------------------------------------------------------------- */

static void every_field_is_found_by_its_name(void **unused)
{
	(void) unused;
	static const char *const names[] = {
		"key", "primary_key", "mode", "columns.include", "columns.exclude", "columns.rename", "where", "start", "lag",
		"null_keys", "window_rows", "clock", "key_zone", "key_format", "schema_changes", "name", "max_ahead",
		"max_hold.after", "max_hold.then", "formats", "misfits", NULL,
	};
	size_t count = 0;

	for (; pawl_table_fields[count].kind != 0; count++) {
		assert_string_equal(pawl_table_fields[count].name, names[count]);
		assert_ptr_equal(pawl_field_find(names[count]), &pawl_table_fields[count]);
		assert_true(pawl_table_fields[count].help[0] != '\0');
	}
	assert_null(names[count]);
	assert_null(pawl_field_find("keys"));
	assert_null(pawl_field_find("columns"));
	assert_null(pawl_field_find("KEY"));
}

static void settings_begin_with_defaults(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings;

	OK(pawl_table_settings_init(&settings, &error));
	assert_int_equal(settings.given, 0);
	assert_int_equal(settings.mode, PAWL_MODE_AUTO);
	assert_int_equal(settings.lag_us, 60000000);
	assert_int_equal(settings.null_keys, PAWL_NULLS_INCLUDE);
	assert_int_equal(settings.window_rows, 500000);
	assert_int_equal(settings.clock, PAWL_CLOCK_APPLICATION);
	assert_int_equal(settings.key_format, PAWL_FORMAT_NONE);
	assert_int_equal(settings.schema_changes, PAWL_SCHEMA_EVOLVE);
	assert_string_equal(settings.name, "{schema}.{table}");
	assert_int_equal(settings.max_ahead_us, 600000000);
	assert_int_equal(settings.misfits, PAWL_MISFITS_TEXT);
	assert_int_equal(settings.key.count + settings.primary_key.count + settings.include.count + settings.exclude.count, 0);
	assert_int_equal(settings.rename.count + settings.formats.count, 0);
	assert_null(settings.where);
	assert_null(settings.start);
	assert_null(settings.key_zone);
}

/* ---- values ----------------------------------------------------------------------------------------------------------- */

static void values_are_set(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};

	OK(set(&settings, "mode", "Append"));
	assert_int_equal(settings.mode, PAWL_MODE_APPEND);
	OK(set(&settings, "lag", "1h30m"));
	assert_int_equal(settings.lag_us, INT64_C(5400000000));
	OK(set(&settings, "window_rows", "1"));
	assert_int_equal(settings.window_rows, 1);
	OK(set(&settings, "where", "a > 1"));
	OK(set(&settings, "where", "a > 2"));
	assert_string_equal(settings.where, "a > 2");
	OK(set(&settings, "where", ""));
	assert_null(settings.where);
	OK(set(&settings, "key_format", "unix_ms"));
	assert_int_equal(settings.key_format, PAWL_FORMAT_UNIX_MS);
	OK(set(&settings, "misfits", "error"));
	assert_int_equal(settings.misfits, PAWL_MISFITS_ERROR);
	OK(set(&settings, "schema_changes", "freeze"));
	assert_int_equal(settings.schema_changes, PAWL_SCHEMA_FREEZE);
	OK(set(&settings, "clock", "database"));
	assert_int_equal(settings.clock, PAWL_CLOCK_DATABASE);
	OK(set(&settings, "null_keys", "ignore"));
	assert_int_equal(settings.null_keys, PAWL_NULLS_IGNORE);
}

static void what_was_given_is_noted(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};

	OK(set(&settings, "key", "a"));
	assert_int_equal(settings.given, 1);
	OK(set(&settings, "mode", "auto"));
	assert_int_equal(settings.given, 5);
	FAILS(set(&settings, "lag", "soon"), PAWL_INVALID, "'soon' is not a duration");
	assert_int_equal(settings.given, 5);
}

static void bad_values_are_told(void **unused)
{
	(void) unused;
	static const struct {
		const char *name, *text, *message, *hint;
	} cases[] = {
		{"mode", "upsrt", "'upsrt' is none of the choices", "did you mean 'upsert'?"},
		{"mode", "", "'' is none of the choices", "it is one of 'auto', 'upsert', 'append', 'replace'"},
		{"mode", "full refresh", "'full refresh' is none of the choices",
		 "it is one of 'auto', 'upsert', 'append', 'replace'"},
		{"key_format", "epoch", "'epoch' is none of the choices",
		 "it is one of 'none', 'unix_s', 'unix_ms', 'iso8601', 'julian_day'"},
		{"window_rows", "0", "'0' is below 1", ""},
		{"window_rows", "-1", "'-1' is below 1", ""},
		{"window_rows", "1e6", "'1e6' is not an integer", ""},
		{"window_rows", "", "'' is not an integer", ""},
		{"window_rows", "9223372036854775808", "'9223372036854775808' is not an integer", ""},
		{"lag", "60", "'60' is not a duration", "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms"},
		{"name", "", "it is empty", ""},
		{"name", "{schema}_{tabel}", "'{schema}_{tabel}' has braces around something else than 'schema' or 'table'",
		 "write {schema} and {table} where these names shall stand"},
		{"name", "{schema}}", "'{schema}}' has braces around something else than 'schema' or 'table'",
		 "write {schema} and {table} where these names shall stand"},
		{"name", "{table", "'{table' has braces around something else than 'schema' or 'table'",
		 "write {schema} and {table} where these names shall stand"},
		{"key", "", "it is empty", ""},
		{"formats", "a", "'a' is one text, where names and values are expected", ""},
		{"mode", "\x1b[31m", "'\\x1B[31m' is none of the choices",
		 "it is one of 'auto', 'upsert', 'append', 'replace'"},
	};
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FAILS(set(&settings, cases[i].name, cases[i].text), PAWL_INVALID, cases[i].message);
		assert_string_equal(error.hint, cases[i].hint);
	}
	assert_int_equal(settings.given, 0);
}

static void names_of_destinations(void **unused)
{
	(void) unused;
	static const char *const good[] = {"orders", "{table}", "{schema}.{table}", "raw.{schema}__{table}", "{table}{table}"};
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		OK(set(&settings, "name", good[i]));
		assert_string_equal(settings.name, good[i]);
	}
}

/* ---- lists and mappings ----------------------------------------------------------------------------------------------- */

static void lists_grow(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};
	const pawl_table_field *key = pawl_field_find("key");

	OK(pawl_field_add_name(key, &settings, "updated_at", &error));
	OK(pawl_field_add_name(key, &settings, "created_at", &error));
	OK(pawl_field_add_name(key, &settings, "seen_at", &error));
	assert_int_equal(settings.key.count, 3);
	assert_string_equal(settings.key.items[0], "updated_at");
	assert_string_equal(settings.key.items[2], "seen_at");
	assert_int_equal(settings.given, 1);
	FAILS(pawl_field_add_name(key, &settings, "Created_At", &error), PAWL_INVALID, "'Created_At' is there twice");
	FAILS(pawl_field_add_name(key, &settings, "", &error), PAWL_INVALID, "a name is empty");
	assert_int_equal(settings.key.count, 3);

	OK(set(&settings, "key", "id"));
	assert_int_equal(settings.key.count, 1);
	assert_string_equal(settings.key.items[0], "id");
	FAILS(pawl_field_add_name(pawl_field_find("where"), &settings, "a", &error), PAWL_INTERNAL,
	      "the setting 'where' is no list");
}

static void mappings_grow(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};
	const pawl_table_field *rename = pawl_field_find("columns.rename"), *formats = pawl_field_find("formats");

	OK(pawl_field_add_pair(rename, &settings, "a", "b", &error));
	OK(pawl_field_add_pair(rename, &settings, "b", "a", &error));
	OK(pawl_field_add_pair(rename, &settings, "c", "d", &error));
	assert_int_equal(settings.rename.count, 3);
	assert_string_equal(settings.rename.names[1], "b");
	assert_string_equal(settings.rename.values[1], "a");
	FAILS(pawl_field_add_pair(rename, &settings, "A", "x", &error), PAWL_INVALID, "'A' is there twice");
	FAILS(pawl_field_add_pair(rename, &settings, "", "x", &error), PAWL_INVALID, "a name is empty");
	FAILS(pawl_field_add_pair(rename, &settings, "x", "", &error), PAWL_INVALID, "'x' has no value");
	assert_int_equal(settings.rename.count, 3);

	OK(pawl_field_add_pair(formats, &settings, "seen", "ISO8601", &error));
	assert_string_equal(settings.formats.values[0], "iso8601");
	FAILS(pawl_field_add_pair(formats, &settings, "made", "unix-ms", &error), PAWL_INVALID,
	      "'unix-ms' is none of the choices");
	assert_string_equal(error.hint, "did you mean 'unix_ms'?");
	assert_int_equal(settings.formats.count, 1);
	FAILS(pawl_field_add_pair(pawl_field_find("key"), &settings, "a", "b", &error), PAWL_INTERNAL,
	      "the setting 'key' takes no pairs");
}

/* ---- merging ---------------------------------------------------------------------------------------------------------- */

static void what_was_given_wins(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings, over = {0};

	OK(pawl_table_settings_init(&settings, &error));
	OK(set(&settings, "where", "a > 1"));
	OK(set(&settings, "start", "2020-01-01"));
	OK(set(&settings, "lag", "5m"));
	OK(set(&settings, "key", "updated_at"));
	OK(set(&settings, "mode", "append"));
	OK(pawl_field_add_pair(pawl_field_find("columns.rename"), &settings, "a", "b", &error));

	OK(set(&over, "where", ""));
	OK(set(&over, "mode", "auto"));
	OK(set(&over, "window_rows", "7"));
	OK(set(&over, "lag", "0"));
	OK(pawl_field_add_name(pawl_field_find("key"), &over, "x", &error));
	OK(pawl_field_add_name(pawl_field_find("key"), &over, "y", &error));
	OK(pawl_field_add_pair(pawl_field_find("columns.rename"), &over, "c", "d", &error));
	OK(pawl_table_settings_merge(&settings, &over, &error));
	pawl_table_settings_clear(&over);

	assert_null(settings.where);
	assert_string_equal(settings.start, "2020-01-01");
	assert_int_equal(settings.lag_us, 0);
	assert_int_equal(settings.mode, PAWL_MODE_AUTO);
	assert_int_equal(settings.window_rows, 7);
	assert_int_equal(settings.key.count, 2);
	assert_string_equal(settings.key.items[1], "y");
	assert_int_equal(settings.rename.count, 1);
	assert_string_equal(settings.rename.names[0], "c");
	assert_string_equal(settings.rename.values[0], "d");
	assert_string_equal(settings.name, "{schema}.{table}");
}

static void nothing_given_changes_nothing(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings, over;

	OK(pawl_table_settings_init(&over, &error));
	OK(pawl_table_settings_init(&settings, &error));
	OK(set(&settings, "lag", "5m"));
	OK(pawl_table_settings_merge(&settings, &over, &error));
	assert_int_equal(settings.lag_us, 300000000);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status fill(void *context, pawl_error *ret_error)
{
	static const char *const names[] = {"a", "b", "c"};
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings settings = {0};
	PAWL_CLEANUP(pawl_table_settings_clear) pawl_table_settings merged = {0};

	(void) context;
	PAWL_TRY(pawl_table_settings_init(&merged, ret_error));
	PAWL_TRY(pawl_field_set(pawl_field_find("primary_key"), &settings, "id", ret_error));
	PAWL_TRY(pawl_field_set(pawl_field_find("where"), &settings, "a > 1", ret_error));
	for (size_t i = 0; i < 3; i++) {
		PAWL_TRY(pawl_field_add_name(pawl_field_find("key"), &settings, names[i], ret_error));
		PAWL_TRY(pawl_field_add_pair(pawl_field_find("columns.rename"), &settings, names[i], "x", ret_error));
	}
	PAWL_TRY(pawl_table_settings_merge(&merged, &settings, ret_error));
	return pawl_table_settings_merge(&merged, &settings, ret_error);
}

static void every_allocation_may_be_refused(void **unused)
{
	(void) unused;
	assert_true(refuse_every_allocation(fill, NULL) > 30);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_found_by_its_name),
		cmocka_unit_test(settings_begin_with_defaults),
		cmocka_unit_test(values_are_set),
		cmocka_unit_test(what_was_given_is_noted),
		cmocka_unit_test(bad_values_are_told),
		cmocka_unit_test(names_of_destinations),
		cmocka_unit_test(lists_grow),
		cmocka_unit_test(mappings_grow),
		cmocka_unit_test(what_was_given_wins),
		cmocka_unit_test(nothing_given_changes_nothing),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_allocation_may_be_refused),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
