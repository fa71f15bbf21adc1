/*
 * Random operations, checkpoints, failures and restarts against a model that applies them one by one. After every sync the
 * warehouse must be what the model is. The batch is tiny at times, so that folding in memory, staging and applying all have their turn.
 *
 * PAWL_TEST_SEED=n repeats a run.
 */
#include "base/buffer.h"
#include "base/memory.h"
#include "connector/run.h"
#include "duck/duck.h"
#include "support.h"

enum { TABLES = 2, NUMBERS = 6, NAMES = 4, KEYS = NUMBERS * NAMES, COLUMNS = 4, TEXT_BYTES = 80, SYNCS = 60 };

#define WAREHOUSE "warehouse.db"

static const char *const table_names[TABLES] = {"ledger", "Order Lines"};
static const char *const destination_names[TABLES] = {"ledger", "order_lines"};
static const char *const key_names[NAMES] = {"x", "", "it's", "\xc3\xa9t\xc3\xa9"};
static const char *const column_names[COLUMNS] = {"count", "note", "price", "select"};

static pawl_error error;

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
	return random_next(&scenario->random, below);
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
		snprintf(text, TEXT_BYTES, "%s %lld", draw(scenario, 2) ? "short" : "a text that is not kept inside of the vector",
		         (long long) number);
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

/*
 * The expression that gives a row as text: columns that are not there yet, since all was NULL, are NULL. False when there is no
 * table yet, since no row of it was committed.
 */
static bool append_row_expression(pawl_duck *duck, const char *table, pawl_buffer *sql)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;
	OK(pawl_duck_query(duck,
	                   "SELECT bool_or(column_name = $2), bool_or(column_name = $3), bool_or(column_name = $4), "
	                   "bool_or(column_name = $5) FROM duckdb_columns() WHERE schema_name = 'tester' AND table_name = $1",
	                   (const char *const[]){table, column_names[0], column_names[1], column_names[2], column_names[3]}, 1 + COLUMNS,
	                   &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	if (pawl_duck_rows_is_null(rows, 0))
		return false;
	pawl_buffer_append(sql, "concat_ws('|', name, number");
	for (size_t column = 0; column < COLUMNS; column++) {
		if (pawl_duck_rows_integer(rows, column))
			pawl_buffer_appendf(sql, ", coalesce(\"%s\"::VARCHAR, 'NULL')", column_names[column]);
		else
			pawl_buffer_append(sql, ", 'NULL'");
	}
	pawl_buffer_append(sql, ", _fivetran_deleted, _fivetran_synced IS NOT NULL)");
	return true;
}

/* The table as text, a line a row, in the order of the keys. */
static void read_table(pawl_duck *duck, const char *table, pawl_buffer *out)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_buffer_append(&sql, "SELECT ");
	if (!append_row_expression(duck, table, &sql))
		return;
	pawl_buffer_appendf(&sql, " FROM tester.\"%s\" ORDER BY name, number", table);
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	OK(pawl_duck_query(duck, pawl_buffer_text(&sql), NULL, 0, &rows, &error));
	for (;;) {
		bool has_row;
		OK(pawl_duck_rows_next(rows, &has_row, &error));
		if (!has_row)
			break;
		pawl_buffer_appendf(out, "%s\n", pawl_duck_rows_text(rows, 0, NULL));
	}
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

static void compare(const model_tables *model)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	OK(pawl_duck_open(&(pawl_duck_options){.path = WAREHOUSE, .is_read_only = true, .threads = 1}, &duck, &error));
	for (size_t table = 0; table < TABLES; table++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer have = {0}, want = {0};
		read_table(duck, destination_names[table], &have);
		print_model(model, table, &want);
		assert_string_equal(pawl_buffer_text(&have), pawl_buffer_text(&want));
	}
}

/* One sync of random length and fate, then the comparison. */
static void run_once(test_scenario *scenario)
{
	scenario->operations = (int) draw(scenario, 200);
	scenario->fails = draw(scenario, 4) == 0;
	scenario->now = scenario->committed;
	pawl_connector connector = {.name = "model", .schema = schema, .update = update, .context = scenario};
	pawl_run_options options = {.state_path = "state.json", .warehouse_path = WAREHOUSE, .threads = 1};
	options.batch_rows = draw(scenario, 3) == 0 ? 0 : 1 + (size_t) draw(scenario, 12);
	pawl_run_result result;
	pawl_status status = pawl_run(&connector, &options, NULL, &result, &error);
	pawl_run_result_clear(&result);
	if (scenario->fails)
		FAILS(status, PAWL_CONNECTOR, "on purpose");
	else
		OK(status);
	compare(&scenario->committed);
}

static void test_random_operations(void **unused)
{
	(void) unused;
	static test_scenario scenario;
	scenario.random = random_seed();
	for (size_t table = 0; table < TABLES; table++)
		for (size_t key = 0; key < KEYS; key++)
			for (size_t column = 0; column < COLUMNS; column++)
				scenario.committed.rows[table][key].is_null[column] = true;
	for (int i = 0; i < SYNCS; i++)
		run_once(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_random_operations, enter_folder, leave_folder)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
