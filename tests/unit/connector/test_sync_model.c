/*
 * Random operations, checkpoints, failures and restarts against a model that applies them one by one. After every sync the
 * warehouse must be what the model is. The batch is tiny at times, so that folding in memory, staging and applying all have their turn.
 *
 * PAWL_TEST_SEED=n repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "connector/run.h"
#include "duck/duck.h"

enum { TABLES = 2, NUMBERS = 6, NAMES = 4, KEYS = NUMBERS * NAMES, COLUMNS = 4, TEXT_BYTES = 64, SYNCS = 60 };

static const char *const table_names[TABLES] = {"ledger", "Order Lines"};
static const char *const destination_names[TABLES] = {"ledger", "order_lines"};
static const char *const key_names[NAMES] = {"x", "", "it's", "\xc3\xa9t\xc3\xa9"};
static const char *const column_names[COLUMNS] = {"count", "note", "price", "select"};

typedef struct model_row {
	bool is_there, is_deleted;
	bool is_null[COLUMNS];
	char text[COLUMNS][TEXT_BYTES];
} model_row;

typedef struct model_tables {
	model_row rows[TABLES][KEYS];
	int64_t step;
} model_tables;

typedef struct test_scenario {
	uint64_t random;
	model_tables now, committed;
	int operations;
	bool fails;
} test_scenario;

static uint64_t draw(test_scenario *scenario, uint64_t below)
{
	scenario->random ^= scenario->random << 13;
	scenario->random ^= scenario->random >> 7;
	scenario->random ^= scenario->random << 17;
	return scenario->random % below;
}

static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	/* One table is declared but for a column, the other by its key alone. */
	pawl_table(schema, table_names[0], PAWL_KEYS("number", "name"),
	           PAWL_COLUMNS({"number", PAWL_INT}, {"name", PAWL_STRING}, {"count", PAWL_LONG}, {"price", PAWL_DECIMAL(12, 2)}));
	return pawl_table(schema, table_names[1], PAWL_KEYS("name", "number"), NULL);
}

/* A random value for a column, as the connector gives it, and as text in the model's row. */
static pawl_value draw_value(test_scenario *scenario, size_t column, char text[TEXT_BYTES], bool *is_null)
{
	*is_null = draw(scenario, 5) == 0;
	if (*is_null)
		return pawl_null();
	int64_t number = (int64_t) draw(scenario, 100000) - 50000;
	switch (column) {
	case 0:
		snprintf(text, TEXT_BYTES, "%lld", (long long) number);
		return pawl_of(number);
	case 2:
		snprintf(text, TEXT_BYTES, "%lld.%02d", (long long) number, (int) draw(scenario, 100));
		return pawl_decimal(text);
	default:
		snprintf(text, TEXT_BYTES, "%s %lld", draw(scenario, 2) ? "short" : "a text that is not kept inside of the vector", (long long) number);
		return pawl_string(text);
	}
}

/* One operation on both sides. */
static void operate(test_scenario *scenario, pawl_sync *sync)
{
	size_t table = draw(scenario, TABLES), key = draw(scenario, KEYS);
	model_row *row = &scenario->now.rows[table][key];
	uint64_t choice = draw(scenario, 40);
	if (choice == 0) {
		pawl_truncate(sync, table_names[table]);
		for (size_t i = 0; i < KEYS; i++)
			scenario->now.rows[table][i].is_deleted = true;
		return;
	}
	pawl_field fields[2 + COLUMNS] = {{"number", pawl_of((int) (key % NUMBERS))}, {"name", pawl_of(key_names[key / NUMBERS])}};
	size_t count = 2;
	if (choice < 8) {
		pawl_delete_fields(sync, table_names[table], fields, count);
		row->is_deleted = true;
		return;
	}
	bool is_upsert = choice < 26;
	model_row after = *row;
	for (size_t column = 0; column < COLUMNS; column++) {
		if (is_upsert)
			after.is_null[column] = true;
		if (draw(scenario, 3) == 0)
			continue;
		fields[count].column = column_names[column];
		fields[count].value = draw_value(scenario, column, after.text[column], &after.is_null[column]);
		count++;
	}
	if (is_upsert) {
		after.is_there = true;
		after.is_deleted = false;
		pawl_upsert_fields(sync, table_names[table], fields, count);
		*row = after;
	} else {
		pawl_update_fields(sync, table_names[table], fields, count);
		if (row->is_there)
			*row = after;
	}
}

static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	test_scenario *scenario = pawl_sync_context(sync);
	scenario->committed.step = pawl_state_integer(state, "step", 0);
	assert_int_equal(scenario->committed.step, scenario->now.step);
	for (int i = 0; i < scenario->operations; i++) {
		operate(scenario, sync);
		if (draw(scenario, 50) != 0)
			continue;
		scenario->now.step++;
		pawl_checkpoint(sync, {"step", pawl_of(scenario->now.step)});
		scenario->committed = scenario->now;
	}
	if (scenario->fails)
		return pawl_fail(sync, "on purpose");
	scenario->committed = scenario->now;
	return PAWL_OK;
}

/* The table as text, a line a row, in the order of the keys. */
static void read_warehouse(const char *path, const char *table, pawl_buffer *out)
{
	pawl_error error;
	pawl_duck *duck;
	if (pawl_duck_open(&(pawl_duck_options){.path = path, .is_read_only = true}, &duck, &error) != PAWL_OK)
		fail_msg("%s", error.message);
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_buffer_append(&sql, "SELECT concat_ws('|', name, number");
	for (size_t column = 0; column < COLUMNS; column++) {
		PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
		bool has_row = false;
		const char *parameters[] = {table, column_names[column]};
		assert_int_equal(pawl_duck_query(duck, "SELECT 1 FROM duckdb_columns() WHERE schema_name = 'tester' AND table_name = $1 AND column_name = $2",
		                                 parameters, 2, &rows, &error), PAWL_OK);
		assert_int_equal(pawl_duck_rows_next(rows, &has_row, &error), PAWL_OK);
		if (has_row)
			pawl_buffer_appendf(&sql, ", coalesce(\"%s\"::VARCHAR, 'NULL')", column_names[column]);
		else
			pawl_buffer_append(&sql, ", 'NULL'");
	}
	pawl_buffer_appendf(&sql, ", _fivetran_deleted, _fivetran_synced IS NOT NULL) FROM tester.\"%s\" ORDER BY name, number", table);
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	if (pawl_duck_query(duck, pawl_buffer_text(&sql), NULL, 0, &rows, &error) != PAWL_OK)
		fail_msg("%s", error.message);
	bool has_row;
	while (pawl_duck_rows_next(rows, &has_row, &error) == PAWL_OK && has_row)
		pawl_buffer_appendf(out, "%s\n", pawl_duck_rows_text(rows, 0, NULL));
	pawl_duck_rows_close(&rows);
	pawl_duck_close(duck);
}

static void print_model(const model_tables *model, size_t table, pawl_buffer *out)
{
	static const size_t order[NAMES] = {1, 2, 0, 3}; /* "", "it's", "x", "été": the order of their bytes */
	for (size_t name = 0; name < NAMES; name++) {
		for (size_t number = 0; number < NUMBERS; number++) {
			const model_row *row = &model->rows[table][order[name] * NUMBERS + number];
			if (!row->is_there)
				continue;
			pawl_buffer_appendf(out, "%s|%zu", key_names[order[name]], number);
			for (size_t column = 0; column < COLUMNS; column++)
				pawl_buffer_appendf(out, "|%s", row->is_null[column] ? "NULL" : row->text[column]);
			pawl_buffer_appendf(out, "|%s|true\n", row->is_deleted ? "true" : "false");
		}
	}
}

/* One sync of random length and fate, then the comparison. */
static void run_once(test_scenario *scenario, const char *folder)
{
	char warehouse[256], state[256];
	snprintf(warehouse, sizeof warehouse, "%s/warehouse.db", folder);
	snprintf(state, sizeof state, "%s/state.json", folder);
	scenario->operations = (int) draw(scenario, 200);
	scenario->fails = draw(scenario, 4) == 0;
	scenario->now = scenario->committed;
	pawl_connector connector = {"model", schema, update, scenario};
	pawl_run_options options = {.state_path = NULL, .warehouse_path = warehouse, .threads = 1};
	options.state_path = access(state, F_OK) == 0 ? state : NULL;
	if (options.state_path == NULL) {
		FILE *file = fopen(state, "w");
		fputs("{}\n", file);
		fclose(file);
		options.state_path = state;
	}
	options.batch_rows = draw(scenario, 3) == 0 ? 0 : 1 + (size_t) draw(scenario, 12);
	pawl_run_result result;
	pawl_error error;
	pawl_status status = pawl_run(&connector, &options, NULL, &result, &error);
	pawl_run_result_clear(&result);
	if (status != (scenario->fails ? PAWL_CONNECTOR : PAWL_OK))
		fail_msg("%s: %s", pawl_status_name(status), error.message);
	if (scenario->fails)
		assert_string_equal(error.message, "on purpose");
	for (size_t table = 0; table < TABLES; table++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer have = {0}, want = {0};
		read_warehouse(warehouse, destination_names[table], &have);
		print_model(&scenario->committed, table, &want);
		assert_string_equal(pawl_buffer_text(&have), pawl_buffer_text(&want));
	}
}

static void test_random_operations(void **unused)
{
	(void) unused;
	const char *seed = getenv("PAWL_TEST_SEED");
	static test_scenario scenario;
	scenario.random = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t) time(NULL) * 2654435761u | 1;
	print_message("PAWL_TEST_SEED=%llu\n", (unsigned long long) scenario.random);
	for (size_t table = 0; table < TABLES; table++)
		for (size_t key = 0; key < KEYS; key++)
			for (size_t column = 0; column < COLUMNS; column++)
				scenario.committed.rows[table][key].is_null[column] = true;
	char folder[] = "/tmp/pawl-model-XXXXXX";
	assert_non_null(mkdtemp(folder));
	for (int i = 0; i < SYNCS; i++)
		run_once(&scenario, folder);
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_operations)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
