/*
 * Random changes through the DuckDB destination, beside a model that is an array of rows. PAWL_TEST_SEED=n repeats a run.
 *
 * The key is (a SHORT, growing to LONG; b STRING; c UTC_DATETIME), of few different values so that rows meet. The other columns
 * come one by one, beyond the 62 of one word of given-bits, and some grow from LONG to STRING. The model keeps values as text.
 */
#include "destination/destination.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "duck/chunks.h"
#include "support.h"

enum { KEYS = 3, KEY_VALUES = 60, MAX_COLUMNS = 70, FLAGS = 2, ROUNDS = 40, STEPS = 12, MAX_ROWS = 50 };

typedef struct model_row {
	bool exists, is_deleted, is_touched; /* touched: _fivetran_synced is this commit's */
	int64_t values[MAX_COLUMNS];         /* of the columns after the key; -1 is NULL */
} model_row;

static const pawl_destination_driver *const driver = &pawl_destination_duckdb;
static pawl_error error;
static pawl_destination *destination;
static model_row model[KEY_VALUES];
static pawl_destination_column columns[MAX_COLUMNS];
static char names[MAX_COLUMNS][16];
static pawl_destination_table table = {(char[]) {"Model \"quoted\""}, columns, 0};
static uint64_t random_state;

static int below(int limit)
{
	return (int) random_next(&random_state, (uint64_t) limit);
}

static void add_column(const char *name, pawl_type type, bool is_key)
{
	size_t i = table.column_count++;
	snprintf(names[i], sizeof(names[i]), "%s", name);
	columns[i] = (pawl_destination_column) {names[i], type, is_key};
}

static void add_random_column(void)
{
	char name[sizeof(names[0])];
	snprintf(name, sizeof(name), "Column %u", (unsigned) table.column_count % 100);
	add_column(name, below(2) == 0 ? PAWL_LONG : PAWL_STRING, false);
}

static void start(void)
{
	bool is_wide = below(2) == 0;

	table.column_count = 0;
	add_column("a", PAWL_SHORT, true);
	add_column("b", PAWL_STRING, true);
	add_column("c", PAWL_UTC_DATETIME, true);
	while (is_wide && table.column_count < PAWL_GIVEN_BITS - 1)
		add_random_column();
	memset(model, 0, sizeof(model));
	for (size_t i = 0; i < KEY_VALUES; i++)
		for (size_t j = 0; j < MAX_COLUMNS; j++)
			model[i].values[j] = -1;
}

/* ---- a relation ------------------------------------------------------------------------------------------------------ */

static size_t given_words(void)
{
	return (table.column_count + PAWL_GIVEN_BITS - 1) / PAWL_GIVEN_BITS;
}

static pawl_chunks *new_relation(void)
{
	static char given[3][40];
	pawl_chunks_column all[MAX_COLUMNS + FLAGS + 3];
	pawl_chunks *chunks;
	size_t count = 0;

	for (size_t i = 0; i < table.column_count; i++)
		all[count++] = (pawl_chunks_column) {columns[i].name, columns[i].type};
	all[count++] = (pawl_chunks_column) {PAWL_COLUMN_IS_FULL, PAWL_BOOLEAN};
	all[count++] = (pawl_chunks_column) {PAWL_COLUMN_IS_DELETED, PAWL_BOOLEAN};
	for (size_t i = 0; i < given_words(); i++) {
		snprintf(given[i], sizeof(given[i]), PAWL_COLUMN_GIVEN "%zu", i);
		all[count++] = (pawl_chunks_column) {given[i], PAWL_LONG};
	}
	OK(pawl_chunks_new(all, count, &chunks, &error));
	OK(pawl_chunks_publish(chunks, driver->engine(destination), &error));
	return chunks;
}

static void set_value(pawl_chunks *chunks, size_t row, size_t column, int64_t value)
{
	char text[32];
	pawl_cell cell = {.is_null = value < 0};

	snprintf(text, sizeof(text), "%lld", (long long) value);
	switch (columns[column].type) {
	case PAWL_SHORT:
		cell.as.int16 = (int16_t) value;
		break;
	case PAWL_STRING:
		cell.as.bytes = text;
		cell.length = strlen(text);
		break;
	default:
		cell.as.int64 = value;
	}
	OK(pawl_chunks_set(chunks, row, column, &cell, &error));
}

static void set_key(pawl_chunks *chunks, size_t row, int key)
{
	set_value(chunks, row, 0, key % 5);
	set_value(chunks, row, 1, key / 5 % 4);
	set_value(chunks, row, 2, key / 20);
}

/* One row of the relation and what it means to the model. */
static void change_row(pawl_chunks *chunks, int key, bool has_partial_rows)
{
	model_row *row = &model[key];
	bool is_full = !has_partial_rows || below(2) == 0, is_deleted = below(4) == 0;
	uint64_t given[3] = {0};
	size_t index;
	pawl_cell cell;

	OK(pawl_chunks_append(chunks, &index, &error));
	set_key(chunks, index, key);
	for (size_t i = KEYS; i < table.column_count; i++) {
		int64_t value = below(5) == 0 ? -1 : below(1000000);
		bool is_given = below(2) == 0;
		set_value(chunks, index, i, value);
		if (is_given)
			given[i / PAWL_GIVEN_BITS] |= UINT64_C(1) << i % PAWL_GIVEN_BITS;
		if (is_full || (row->exists && is_given))
			row->values[i] = value;
	}
	if (is_full)
		row->is_deleted = is_deleted;
	else if (row->exists)
		row->is_deleted = row->is_deleted || is_deleted;
	row->exists = row->exists || is_full;
	row->is_touched = row->exists;

	cell = (pawl_cell) {.as.boolean = is_full};
	OK(pawl_chunks_set(chunks, index, table.column_count, &cell, &error));
	cell = (pawl_cell) {.as.boolean = is_deleted};
	OK(pawl_chunks_set(chunks, index, table.column_count + 1, &cell, &error));
	for (size_t i = 0; i < given_words(); i++) {
		cell = (pawl_cell) {.as.int64 = (int64_t) given[i]};
		OK(pawl_chunks_set(chunks, index, table.column_count + FLAGS + i, &cell, &error));
	}
}

static pawl_chunks *random_relation(bool has_partial_rows)
{
	pawl_chunks *chunks = new_relation();
	bool is_used[KEY_VALUES] = {false};

	for (int i = below(MAX_ROWS); i > 0; i--) {
		int key = below(KEY_VALUES);
		if (!is_used[key])
			change_row(chunks, key, has_partial_rows);
		is_used[key] = true;
	}
	return chunks;
}

/* ---- steps ----------------------------------------------------------------------------------------------------------- */

static void random_schema_change(void)
{
	if (below(3) > 0) {
		for (int i = below(8); i >= 0 && table.column_count < MAX_COLUMNS; i--)
			add_random_column();
		return;
	}
	size_t column = (size_t) below((int) table.column_count);
	if (column == 0)
		columns[0].type = PAWL_LONG;
	else if (columns[column].type == PAWL_LONG)
		columns[column].type = PAWL_STRING;
}

static void stage(void)
{
	bool has_partial_rows = below(3) > 0;
	pawl_chunks *chunks = random_relation(has_partial_rows);
	const pawl_changes changes = {pawl_chunks_relation(chunks), has_partial_rows, pawl_chunks_text_bytes(chunks)};

	OK(driver->stage(destination, &table, &changes, &error));
	pawl_chunks_free(chunks);
}

static void truncate(void)
{
	OK(driver->truncate(destination, &table, &error));
	for (size_t i = 0; i < KEY_VALUES; i++)
		model[i].is_deleted = model[i].exists;
}

static void commit(void)
{
	bool has_changes = below(2) == 0, has_partial_rows = below(2) == 0;
	pawl_chunks *chunks = has_changes ? random_relation(has_partial_rows) : NULL;
	const pawl_changes changes = {has_changes ? pawl_chunks_relation(chunks) : "", has_partial_rows, 0};
	int done;

	OK(driver->begin(destination, &error));
	OK(driver->ensure_table(destination, &table, &done, &error));
	OK(driver->apply(destination, &table, has_changes ? &changes : NULL, &error));
	OK(driver->save_state(destination, "{}", &error));
	OK(driver->commit(destination, &error));
	pawl_chunks_free(chunks);
}

/* ---- comparison ------------------------------------------------------------------------------------------------------ */

static void append_row_query(pawl_buffer *sql)
{
	pawl_buffer_append(sql, "SELECT a::VARCHAR, b, epoch_us(c)::VARCHAR, _fivetran_deleted, _fivetran_synced >= make_timestamptz("
	                        "$1::BIGINT)");
	for (size_t i = KEYS; i < table.column_count; i++)
		pawl_buffer_appendf(sql, ", \"%s\"::VARCHAR", names[i]);
	pawl_buffer_append(sql, " FROM tester.\"Model \"\"quoted\"\"\"");
}

static void compare_row(pawl_duck_rows *rows, bool is_seen[KEY_VALUES])
{
	int key = atoi(pawl_duck_rows_text(rows, 0, NULL)) + 5 * atoi(pawl_duck_rows_text(rows, 1, NULL)) +
	          20 * atoi(pawl_duck_rows_text(rows, 2, NULL));
	char expected[32];

	assert_in_range(key, 0, KEY_VALUES - 1);
	assert_false(is_seen[key]);
	is_seen[key] = true;
	assert_true(model[key].exists);
	assert_int_equal(pawl_duck_rows_integer(rows, 3), model[key].is_deleted);
	assert_int_equal(pawl_duck_rows_integer(rows, 4), model[key].is_touched);
	for (size_t i = KEYS; i < table.column_count; i++) {
		const char *found = pawl_duck_rows_text(rows, i - KEYS + 5, NULL);
		snprintf(expected, sizeof(expected), "%lld", (long long) model[key].values[i]);
		if (strcmp(found == NULL ? "-1" : found, expected) != 0)
			fail_msg("key %d, column %zu: '%s', expected '%s'", key, i, found == NULL ? "-1" : found, expected);
	}
}

static void compare(int64_t since_us)
{
	pawl_duck_rows *rows;
	pawl_buffer sql = {0};
	bool is_seen[KEY_VALUES] = {false};
	char since[32];
	bool has_row;

	snprintf(since, sizeof(since), "%lld", (long long) since_us);
	append_row_query(&sql);
	OK(pawl_duck_query(driver->engine(destination), pawl_buffer_text(&sql), (const char *const[]) {since}, 1, &rows, &error));
	for (;;) {
		OK(pawl_duck_rows_next(rows, &has_row, &error));
		if (!has_row)
			break;
		compare_row(rows, is_seen);
	}
	pawl_duck_rows_close(&rows);
	pawl_buffer_free(&sql);
	for (size_t i = 0; i < KEY_VALUES; i++) {
		assert_int_equal(is_seen[i], model[i].exists);
		model[i].is_touched = false;
	}
}

static void test_model(void **state)
{
	const pawl_destination_options options = {.target = NULL, .schema = "tester", .owner = "model", .threads = 2};

	(void) state;
	for (int round = 0; round < ROUNDS; round++) {
		OK(driver->open(&options, &destination, &error));
		start();
		int64_t since_us = pawl_time_now_us();
		for (int step = 0; step < STEPS; step++) {
			int choice = below(10);
			if (choice < 2)
				random_schema_change();
			else if (choice < 6)
				stage();
			else if (choice < 7)
				truncate();
			if (choice >= 7 || step == STEPS - 1) {
				commit();
				compare(since_us);
				since_us = pawl_time_now_us();
			}
		}
		driver->close(destination);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_model)};

	random_state = random_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
