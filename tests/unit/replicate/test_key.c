/* Which key a table gets: the one that is asked for, or the one that is chosen. */
#include <string.h>

#include "base/memory.h"
#include "replicate/plan/internal.h"
#include "support.h"

static pawl_error error;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T(text) (char[]) {text}

static pawl_source_column column_of(char *name, char *type, pawl_key_class key_class)
{
	return (pawl_source_column) {.name = name, .type = type, .native_type = type, .key_class = key_class,
	                             .is_indexed = true};
}

#define TIMESTAMP(name) column_of(T(name), T("TIMESTAMP"), PAWL_KEY_TIMESTAMP)
#define DATE(name)      column_of(T(name), T("DATE"), PAWL_KEY_DATE)
#define BIGINT(name)    column_of(T(name), T("BIGINT"), PAWL_KEY_NUMBER)
#define BLOB(name)      column_of(T(name), T("BLOB"), PAWL_KEY_NONE)

/* ---- choosing -------------------------------------------------------------------------------------------------------- */

/* The name of the column that is chosen of these, or "". */
static const char *choose(pawl_source_column *columns, size_t count)
{
	char reason[PAWL_PLAN_TEXT_BYTES];
	const pawl_source_table table = {.columns = columns, .column_count = count};
	ptrdiff_t chosen = pawl_key_choose(&table, reason);

	assert_true(*reason != '\0');
	return chosen < 0 ? "" : columns[chosen].name;
}

static void test_names(void **state)
{
	static const struct {
		char name[32];
		bool is_key;
	} cases[] = {
		{"updated_at", true},      {"UpdatedAt", true},    {"UPDATED-AT", true},   {"last modified", true},
		{"mtime", true},
		{"LastModifiedDate", true}, {"SystemModstamp", true}, {"created_at", false}, {"updated_at_old", false},
		{"id", false},
		{"updated_by", false},     {"update", false},      {"", false},            {"ünï", false},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[32];
		memcpy(name, cases[i].name, sizeof(name));
		pawl_source_column column = column_of(name, T("TIMESTAMP"), PAWL_KEY_TIMESTAMP);
		if ((*choose(&column, 1) != '\0' || *name == '\0') != (cases[i].is_key || *name == '\0'))
			fail_msg("'%s' is %s chosen", name, cases[i].is_key ? "not" : "wrongly");
	}
}

static void test_best_of_several(void **state)
{
	(void) state;
	pawl_source_column by_name[] = {TIMESTAMP("modified_at"), TIMESTAMP("updated_at")};
	assert_string_equal(choose(by_name, 2), "updated_at");
	pawl_source_column by_class[] = {DATE("updated_at"), TIMESTAMP("mtime"), BIGINT("modified_at")};
	assert_string_equal(choose(by_class, 3), "mtime");
	pawl_source_column by_order[] = {TIMESTAMP("updated_at"), TIMESTAMP("updatedAt")};
	assert_ptr_equal(choose(by_order, 2), by_order[0].name);
	pawl_source_column without_order[] = {BLOB("updated_at"), DATE("changed")};
	assert_string_equal(choose(without_order, 2), "changed");
	pawl_source_column by_trigger[] = {TIMESTAMP("updated_at"), TIMESTAMP("modified_at")};
	by_trigger[1].is_set_by_trigger = true;
	assert_string_equal(choose(by_trigger, 2), "modified_at");
	pawl_source_column by_index[] = {TIMESTAMP("updated_at"), TIMESTAMP("modified_at")};
	by_index[0].is_indexed = false;
	assert_string_equal(choose(by_index, 2), "modified_at");
	pawl_source_column by_null[] = {TIMESTAMP("updated_at"), TIMESTAMP("modified_at")};
	by_null[0].is_nullable = true;
	assert_string_equal(choose(by_null, 2), "modified_at");
	assert_string_equal(choose(NULL, 0), "");
}

/* ---- what is asked for ----------------------------------------------------------------------------------------------- */

static pawl_source_column columns[] = {
	{.name = T("id"), .type = T("BIGINT"), .native_type = T("bigint"), .key_class = PAWL_KEY_NUMBER},
	{.name = T("Made_At"), .type = T("TIMESTAMP"), .native_type = T("datetime"), .key_class = PAWL_KEY_TIMESTAMP},
	{.name = T("updated_at"), .type = T("TIMESTAMP"), .native_type = T("datetime"), .key_class = PAWL_KEY_TIMESTAMP},
	{.name = T("picture"), .type = T("BLOB"), .native_type = T("blob"), .key_class = PAWL_KEY_NONE},
};
static pawl_source_table source = {.schema = T("main"), .name = T("t"), .columns = columns, .column_count = COUNT(columns)};

/* A plan that is asked for these keys; ends in NULL. */
static void init_table(pawl_table_plan *table, const char *const *keys)
{
	memset(table, 0, sizeof(*table));
	table->source = &source;
	OK(pawl_table_settings_init(&table->settings, &error));
	for (; *keys != NULL; keys++)
		OK(pawl_names_add(&table->settings.key, *keys, &error));
}

static void clear_table(pawl_table_plan *table)
{
	pawl_table_settings_clear(&table->settings);
	pawl_free(table->key.columns);
	pawl_free(table->key.zone);
	pawl_free(table->key_text);
}

static void check_asked(const char *const *keys, pawl_key_kind kind, const char *text, const char *reason)
{
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	init_table(&table, keys);
	OK(pawl_plan_key(&table, &error));
	assert_true(table.has_key);
	assert_int_equal(table.key.kind, kind);
	assert_string_equal(table.key_text, text);
	assert_string_equal(table.key_reason, reason);
}

#define KEYS(...) (const char *const[]) {__VA_ARGS__, NULL}

static void test_asked(void **state)
{
	(void) state;
	check_asked((const char *const[]) {NULL}, PAWL_KEY_COLUMN, "updated_at",
	            "chosen by its name; datetime, not NULL, no index");
	check_asked(KEYS("ID"), PAWL_KEY_COLUMN, "id", "asked for");
	check_asked(KEYS("updated_at", "made_at"), PAWL_KEY_GREATEST, "greatest(updated_at, Made_At)", "asked for");
	check_asked(KEYS("coalesce(updated_at, made_at)"), PAWL_KEY_COALESCE, "coalesce(updated_at, Made_At)", "asked for");
	check_asked(KEYS("COALESCE(updated_at,made_at)"), PAWL_KEY_COALESCE, "coalesce(updated_at, Made_At)", "asked for");
	check_asked(KEYS("greatest(made_at, updated_at)"), PAWL_KEY_GREATEST, "greatest(Made_At, updated_at)", "asked for");
}

static void check_refused(const char *const *keys, const char *message, const char *hint)
{
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	init_table(&table, keys);
	FAILS(pawl_plan_key(&table, &error), PAWL_INVALID, message);
	assert_false(table.has_key);
	if (hint != NULL)
		assert_string_equal(error.hint, hint);
}

static void test_refused(void **state)
{
	(void) state;
	check_refused(KEYS("updatd_at"), "'key' names the column 'updatd_at', which the table does not have",
	              "did you mean 'updated_at'?");
	check_refused(KEYS("coalesce(updated_at, nothing)"), "'key' names the column 'nothing', which the table does not have",
	              NULL);
	check_refused(KEYS("picture"), "column 'picture' cannot be the replication key: values of blob have no order",
	              "name a column of times, numbers or text, or use mode: replace");
	check_refused(KEYS("id", "updated_at"),
	              "the columns of a key must be of one type: 'id' is bigint, 'updated_at' is datetime",
	              "make a view that casts them, and replicate that");
	check_refused(KEYS("coalesce()"), "'key' names no column", NULL);
}

static void test_settings(void **state)
{
	(void) state;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	init_table(&table, KEYS("id"));
	OK(pawl_field_set(pawl_field_find("key_format"), &table.settings, "unix_ms", &error));
	OK(pawl_field_set(pawl_field_find("key_zone"), &table.settings, "Europe/Berlin", &error));
	OK(pawl_plan_key(&table, &error));
	assert_int_equal(table.key.key_class, PAWL_KEY_NUMBER);
	assert_int_equal(table.key.format, PAWL_FORMAT_UNIX_MS);
	assert_string_equal(table.key.zone, "Europe/Berlin");
}

static void test_mode_replace(void **state)
{
	(void) state;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	init_table(&table, KEYS("nothing"));
	OK(pawl_field_set(pawl_field_find("mode"), &table.settings, "replace", &error));
	OK(pawl_plan_key(&table, &error));
	assert_false(table.has_key);
	assert_string_equal(table.key_reason, "mode replace needs none");
}

#ifdef PAWL_TEST_HOOKS
static pawl_status plan_made_key(void *context, pawl_error *plan_error)
{
	pawl_table_plan *table = context;
	pawl_free(PAWL_TAKE(table->key.columns));
	pawl_free(PAWL_TAKE(table->key_text));
	table->key = (pawl_source_key) {0};
	return pawl_plan_key(table, plan_error);
}

static void test_out_of_memory(void **state)
{
	(void) state;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	init_table(&table, KEYS("coalesce(updated_at, made_at)"));
	assert_true(refuse_every_allocation(plan_made_key, &table) >= 4);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),        cmocka_unit_test(test_best_of_several), cmocka_unit_test(test_asked),
		cmocka_unit_test(test_refused),      cmocka_unit_test(test_settings),
		cmocka_unit_test(test_mode_replace),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
