#include "sqlite_support.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

pawl_error error;
char *positions[MOST_POSITIONS];
size_t window_count;

/* ---- databases ------------------------------------------------------------------------------------------------------- */

sqlite3 *open_writer(void)
{
	sqlite3 *writer;
	assert_int_equal(sqlite3_open(DATABASE, &writer), SQLITE_OK);
	return writer;
}

void run_writer(sqlite3 *writer, const char *sql)
{
	if (sqlite3_exec(writer, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sqlite3_errmsg(writer), sql);
}

void make_database(const char *sql)
{
	sqlite3 *writer = open_writer();
	run_writer(writer, "PRAGMA synchronous = OFF");
	run_writer(writer, sql);
	sqlite3_close(writer);
}

static opened open_with_threads(int threads)
{
	opened shop = {0};
	pawl_snapshot snapshot;

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = threads}, &shop.duck, &error));
	const pawl_source_options options = {.engine = shop.duck, .keeps_misfits = true};
	OK(pawl_source_open("sqlite:" DATABASE, &options, &shop.source, &error));
	OK(shop.source->driver->snapshot_begin(shop.source, &snapshot, &error));
	OK(shop.source->driver->discover(shop.source, &shop.catalog, &error));
	return shop;
}

opened open_database(void)
{
	return open_with_threads(1);
}

opened open_for_two(void)
{
	return open_with_threads(2);
}

void close_database(opened *shop)
{
	pawl_source_catalog_clear(&shop->catalog);
	pawl_source_close_pointer(&shop->source);
	pawl_duck_close(shop->duck);
}

const pawl_source_table *find_table(const opened *shop, const char *name)
{
	for (size_t i = 0; i < shop->catalog.table_count; i++)
		if (strcmp(shop->catalog.tables[i].name, name) == 0)
			return &shop->catalog.tables[i];
	fail_msg("there is no table '%s'", name);
	abort(); /* which compilers understand: cmocka's function does not return */
}

size_t find_column(const pawl_source_table *table, const char *name)
{
	ptrdiff_t index = pawl_source_table_find(table, name);
	assert_true(index >= 0);
	return (size_t) index;
}

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

wish wish_for(const opened *shop, const char *table)
{
	wish wanted = {.read.table = find_table(shop, table)};

	wanted.read.column_count = wanted.read.table->column_count;
	for (size_t i = 0; i < wanted.read.column_count; i++)
		wanted.columns[i] = (pawl_read_column) {.name = wanted.read.table->columns[i].name, .index = i};
	return wanted;
}

void wish_key(wish *wanted, const char *name)
{
	size_t index = find_column(wanted->read.table, name);
	wanted->key.kind = wanted->key.column_count == 0 ? PAWL_KEY_COLUMN : PAWL_KEY_GREATEST;
	wanted->key.key_class = wanted->read.table->columns[index].key_class;
	wanted->key_columns[wanted->key.column_count++] = index;
}

void wish_primary_key(wish *wanted, const char *name)
{
	wanted->primary_key[wanted->read.primary_key_count++] = find_column(wanted->read.table, name);
}

const pawl_read *read_of(wish *wanted)
{
	wanted->read.columns = wanted->columns;
	wanted->read.primary_key = wanted->primary_key;
	wanted->key.columns = wanted->key_columns;
	wanted->read.key = wanted->key.column_count == 0 ? NULL : &wanted->key;
	return &wanted->read;
}

void forget_positions(void)
{
	for (size_t i = 0; i < MOST_POSITIONS; i++) {
		pawl_free(positions[i]);
		positions[i] = NULL;
	}
	window_count = 0;
}

static void append_row(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, "SELECT string_agg(");
	for (size_t i = 0; i < read->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "coalesce(" : " || '|' || coalesce(");
		pawl_buffer_append_identifier(sql, read->columns[i].name);
		pawl_buffer_append(sql, "::VARCHAR, 'NULL')");
	}
	if (read->tail_from.text != NULL)
		pawl_buffer_append(sql, " || '|' || coalesce(" PAWL_COLUMN_IS_TAIL "::VARCHAR, 'NULL')");
	pawl_buffer_append(sql, ", ';') FROM ");
}

static pawl_status read_window(const opened *shop, const pawl_read *read, int64_t window_rows, pawl_buffer *text,
                               pawl_window *window)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	const char *relation;
	pawl_error statement_error;
	bool has_row;

	const pawl_window_limit limit = {.rows = window_rows};
	PAWL_TRY(shop->source->driver->window_begin(shop->source, &limit, &relation, &error));
	append_row(&sql, read);
	pawl_buffer_append(&sql, relation);
	if (pawl_duck_query(shop->duck, pawl_buffer_text(&sql), NULL, 0, &rows, &statement_error) == PAWL_OK &&
	    pawl_duck_rows_next(rows, &has_row, &statement_error) == PAWL_OK && pawl_duck_rows_text(rows, 0, NULL) != NULL)
		pawl_buffer_append(text, pawl_duck_rows_text(rows, 0, NULL));
	pawl_duck_rows_close(&rows);
	return shop->source->driver->window_end(shop->source, window, &error);
}

static pawl_status read_windows(const opened *shop, const pawl_read *read, int64_t window_rows, pawl_buffer *text)
{
	pawl_window window = {0};

	PAWL_TRY(shop->source->driver->read_begin(shop->source, read, &error));
	while (!window.is_last) {
		pawl_buffer_append(text, window_count == 0 ? "" : "/");
		PAWL_TRY(read_window(shop, read, window_rows, text, &window));
		if (window_count < MOST_POSITIONS)
			positions[window_count] = window.position;
		else
			pawl_free(window.position);
		window_count++;
	}
	return PAWL_OK;
}

const char *read_rows(const opened *shop, wish *wanted, int64_t window_rows)
{
	static char rows[65536];
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	forget_positions();
	pawl_status status = read_windows(shop, read_of(wanted), window_rows, &text);
	shop->source->driver->read_end(shop->source);
	snprintf(rows, sizeof(rows), "%s", pawl_buffer_text(&text));
	return status == PAWL_OK ? rows : NULL;
}

pawl_key_value value(const char *type, const char *text)
{
	return (pawl_key_value) {.text = (char *) (uintptr_t) text, .type = (char *) (uintptr_t) type};
}
