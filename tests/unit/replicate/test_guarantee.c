/* What can be promised of a table, from its key, the clock that sets it, and what the source can do. */
#include <string.h>

#include "base/memory.h"
#include "replicate/plan.h"
#include "support.h"

static pawl_error error;

#define T(text) (char[]) {text}
#define SECOND_US INT64_C(1000000)

static pawl_source_column column = {.name = T("k"), .type = T("T"), .native_type = T("t")};
static pawl_source_table source = {.schema = T("main"), .name = T("t"), .columns = &column, .column_count = 1};
static size_t key_column;

static const pawl_snapshot exact = {.guarantee = PAWL_GUARANTEE_EXACT, .is_bound = true, .why = "nobody can write"};
static const pawl_snapshot lagging = {.guarantee = PAWL_GUARANTEE_LAG, .why = "sessions are hidden"};

/* A table with such a key, as the settings (name, value, ..., NULL) ask. */
static void make_table(pawl_table_plan *table, pawl_key_class key_class, const char *const *settings)
{
	memset(table, 0, sizeof(*table));
	table->source = &source;
	table->mode = PAWL_MODE_UPSERT;
	table->has_key = key_class != PAWL_KEY_NONE;
	table->key = (pawl_source_key) {.columns = &key_column, .column_count = 1, .key_class = key_class};
	OK(pawl_table_settings_init(&table->settings, &error));
	for (; *settings != NULL; settings += 2) {
		const pawl_table_field *field = pawl_field_find(settings[0]);
		OK(pawl_field_set(field, &table->settings, settings[1], &error));
		table->settings.given |= pawl_field_bit(settings[0]);
	}
	table->key.format = (pawl_key_format) table->settings.key_format;
	table->key.zone = table->settings.key_zone;
}

static void clear_table(pawl_table_plan *table)
{
	pawl_table_settings_clear(&table->settings);
}

#define SETTINGS(...) (const char *const[]) {__VA_ARGS__, NULL}
#define NO_SETTINGS   (const char *const[]) {NULL}

/* The guarantee in words, and what the horizon is lowered by. */
static void check(pawl_key_class key_class, const char *const *settings, const pawl_snapshot *snapshot, const char *text,
                  int64_t lag_us)
{
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	make_table(&table, key_class, settings);
	pawl_plan_guarantee(&table, snapshot);
	assert_string_equal(table.guarantee_text, text);
	assert_int_equal(table.lag_us, lag_us);
	assert_true(*table.guarantee_reason != '\0');
}

/* Clocks of applications: nobody knows but the lag. */
static void test_application_clocks(void **state)
{
	static const pawl_key_class clocks[] = {PAWL_KEY_TIMESTAMPTZ, PAWL_KEY_TIMESTAMP, PAWL_KEY_DATE};

	(void) state;
	for (size_t i = 0; i < 3; i++) {
		check(clocks[i], NO_SETTINGS, &exact, "lag 60s", 60 * SECOND_US);
		check(clocks[i], NO_SETTINGS, &lagging, "lag 60s", 60 * SECOND_US);
		/* Clocks are put right by two seconds without a word. */
		check(clocks[i], SETTINGS("lag", "250ms"), &exact, "lag 250ms", 2 * SECOND_US);
		check(clocks[i], SETTINGS("lag", "0"), &exact, "none", 2 * SECOND_US);
		check(clocks[i], SETTINGS("lag", "10m"), &exact, "lag 600s", 600 * SECOND_US);
	}
}

static void test_database_clocks(void **state)
{
	(void) state;
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database"), &exact, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database", "lag", "30s"), &exact, "exact", 30 * SECOND_US);
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database"), &lagging, "lag 60s", 60 * SECOND_US);
}

/* A local time goes back once a year: it must be known where. */
static void test_zones(void **state)
{
	pawl_snapshot in_utc = exact;

	(void) state;
	in_utc.is_clock_utc = true;
	check(PAWL_KEY_TIMESTAMP, SETTINGS("clock", "database"), &exact, "lag 60s", 60 * SECOND_US);
	check(PAWL_KEY_DATE, SETTINGS("clock", "database"), &exact, "lag 60s", 60 * SECOND_US);
	check(PAWL_KEY_TIMESTAMP, SETTINGS("clock", "database"), &in_utc, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TIMESTAMP, SETTINGS("clock", "database", "key_zone", "Europe/Berlin"), &exact, "exact", 2 * SECOND_US);
	check(PAWL_KEY_NUMBER, SETTINGS("clock", "database", "key_format", "unix_s"), &exact, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TEXT, SETTINGS("clock", "database", "key_format", "iso8601"), &exact, "lag 60s", 60 * SECOND_US);
}

/* Numbers and texts without a format are no times. */
static void test_no_clocks(void **state)
{
	(void) state;
	column.is_sequence = false;
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &exact, "none", 0);
	check(PAWL_KEY_TEXT, NO_SETTINGS, &exact, "none", 0);
	check(PAWL_KEY_NUMBER, SETTINGS("clock", "database"), &exact, "none", 0);
	check(PAWL_KEY_NUMBER, SETTINGS("key_format", "unix_ms"), &exact, "lag 60s", 60 * SECOND_US);
	column.is_sequence = true;
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &exact, "exact", 0);
	column.is_sequence = false;
}

/* Of a server with many writers: numbers are given out before they are committed. */
static void test_sequences(void **state)
{
	const pawl_snapshot many = {.guarantee = PAWL_GUARANTEE_EXACT, .why = "all is seen"};

	(void) state;
	column.is_sequence = true;
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &many, "exact", 2 * SECOND_US);
	check(PAWL_KEY_NUMBER, SETTINGS("lag", "30s"), &many, "exact", 30 * SECOND_US);
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &lagging, "lag 60s", 60 * SECOND_US);
	column.is_sequence_cached = true;
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &many, "lag 60s", 60 * SECOND_US);
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &exact, "exact", 0); /* nobody writes */
	column.is_sequence = column.is_sequence_cached = false;
	check(PAWL_KEY_NUMBER, NO_SETTINGS, &many, "none", 0);
}

/* max_hold: what is held back for longer than the user wants to wait. */
static void test_hold(void **state)
{
	const pawl_snapshot held = {.guarantee = PAWL_GUARANTEE_EXACT, .now_us = 700 * SECOND_US, .held_since_us = 100 * SECOND_US,
	                            .why = "pid 7 of user 'u' holds it"};
	pawl_snapshot longer = held;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	(void) state;
	longer.now_us++;
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database", "max_hold.then", "lag"), &held, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database"), &longer, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database", "max_hold.then", "warn"), &longer, "exact", 2 * SECOND_US);
	check(PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database", "max_hold.then", "lag"), &longer, "lag 60s", 60 * SECOND_US);
	column.is_sequence = true;
	check(PAWL_KEY_NUMBER, SETTINGS("max_hold.then", "lag"), &longer, "lag 60s", 60 * SECOND_US);
	column.is_sequence = false;

	make_table(&table, PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database", "max_hold.then", "lag"));
	pawl_plan_guarantee(&table, &longer);
	assert_true(table.is_hold_over && table.is_lag_of_clock);
	assert_string_equal(table.guarantee_reason, "max_hold is over: pid 7 of user 'u' holds it");
}

/* A prepared transaction: what was exact stays so where it is. */
static void test_last_horizon(void **state)
{
	const pawl_snapshot prepared = {.guarantee = PAWL_GUARANTEE_LAG, .is_last_good = true, .why = "one is prepared"};
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	(void) state;
	make_table(&table, PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database"));
	table.phase = PAWL_PHASE_INCREMENTAL;
	table.state.cursor = T("2024-01-01 00:00:00+00");
	table.state.guarantee = T("lag 60s");
	pawl_plan_guarantee(&table, &prepared);
	assert_string_equal(table.guarantee_text, "lag 60s");
	assert_false(table.is_held);
	table.state.guarantee = T("exact");
	pawl_plan_guarantee(&table, &prepared);
	assert_string_equal(table.guarantee_text, "exact");
	assert_true(table.is_held);
	assert_string_equal(table.guarantee_reason, "the cursor stays where it is: one is prepared; given that the database's clock "
	                                            "sets the key on every insert and update");
	pawl_plan_guarantee(&table, &lagging);
	assert_string_equal(table.guarantee_text, "lag 60s");
	assert_false(table.is_held);
	table.state.cursor = NULL;
	pawl_plan_guarantee(&table, &prepared);
	assert_string_equal(table.guarantee_text, "lag 60s");
}

static void test_whole_tables(void **state)
{
	(void) state;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	check(PAWL_KEY_NONE, NO_SETTINGS, &lagging, "exact", 0);
	make_table(&table, PAWL_KEY_TIMESTAMP, NO_SETTINGS);
	table.mode = PAWL_MODE_REPLACE;
	pawl_plan_guarantee(&table, &lagging);
	assert_string_equal(table.guarantee_text, "exact");
	assert_string_equal(table.guarantee_reason, "the whole table is read, in one snapshot");
}

/* Each promise says what it rests on. */
static void test_reasons(void **state)
{
	(void) state;
	PAWL_CLEANUP(clear_table) pawl_table_plan table;

	make_table(&table, PAWL_KEY_TIMESTAMPTZ, SETTINGS("clock", "database"));
	pawl_plan_guarantee(&table, &exact);
	assert_string_equal(table.guarantee_reason,
	                    "nobody can write; given that the database's clock sets the key on every insert and update");
	pawl_plan_guarantee(&table, &lagging);
	assert_string_equal(table.guarantee_reason, "sessions are hidden");
	assert_true(table.is_clock);
	assert_false(table.is_bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_application_clocks), cmocka_unit_test(test_database_clocks), cmocka_unit_test(test_zones),
		cmocka_unit_test(test_no_clocks),          cmocka_unit_test(test_whole_tables),
		cmocka_unit_test(test_reasons),            cmocka_unit_test(test_sequences),     cmocka_unit_test(test_hold),
		cmocka_unit_test(test_last_horizon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
