/* What a source holds, and its keys: memory and copies. The drivers are found in source.c. */
#include "source/source.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

const char *const pawl_key_format_names[] = {
	[PAWL_FORMAT_NONE] = "none",       [PAWL_FORMAT_UNIX_S] = "unix_s",         [PAWL_FORMAT_UNIX_MS] = "unix_ms",
	[PAWL_FORMAT_ISO8601] = "iso8601", [PAWL_FORMAT_JULIAN_DAY] = "julian_day", NULL,
};

/* ---- catalog --------------------------------------------------------------------------------------------------------- */

static void clear_table(pawl_source_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_free(table->columns[i].name);
		pawl_free(table->columns[i].native_type);
		pawl_free(table->columns[i].type);
		pawl_free(table->columns[i].default_text);
		pawl_free(table->columns[i].index_problem);
	}
	pawl_free(table->columns);
	pawl_free(table->schema);
	pawl_free(table->name);
}

void pawl_source_catalog_clear(pawl_source_catalog *catalog)
{
	for (size_t i = 0; i < catalog->table_count; i++)
		clear_table(&catalog->tables[i]);
	for (size_t i = 0; i < catalog->denied_count; i++) {
		pawl_free(catalog->denied[i].schema);
		pawl_free(catalog->denied[i].name);
		pawl_free(catalog->denied[i].remedy);
	}
	pawl_free(catalog->tables);
	pawl_free(catalog->denied);
	*catalog = (pawl_source_catalog) {0};
}

/* Room for one more zeroed element, in steps that double; NULL: out of memory. */
static void *add_element(void **elements, size_t *count, size_t size)
{
	bool is_full = (*count & (*count - 1)) == 0; /* 0 or a power of two */
	void *grown = is_full ? pawl_reallocate(*elements, (*count == 0 ? 1 : *count * 2) * size) : *elements;
	if (grown == NULL)
		return NULL;
	*elements = grown;
	char *added = (char *) grown + (*count)++ * size;
	memset(added, 0, size);
	return added;
}

pawl_source_table *pawl_source_catalog_add(pawl_source_catalog *catalog)
{
	void *tables = catalog->tables;
	pawl_source_table *table = add_element(&tables, &catalog->table_count, sizeof(*table));
	catalog->tables = tables;
	if (table != NULL)
		table->estimated_rows = -1;
	return table;
}

pawl_source_column *pawl_source_table_add(pawl_source_table *table)
{
	void *columns = table->columns;
	pawl_source_column *column = add_element(&columns, &table->column_count, sizeof(*column));
	table->columns = columns;
	return column;
}

pawl_source_denied *pawl_source_catalog_deny(pawl_source_catalog *catalog)
{
	void *denied = catalog->denied;
	pawl_source_denied *table = add_element(&denied, &catalog->denied_count, sizeof(*table));
	catalog->denied = denied;
	return table;
}

ptrdiff_t pawl_source_table_find(const pawl_source_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (pawl_text_equal_ignore_case(table->columns[i].name, name))
			return (ptrdiff_t) i;
	return -1;
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

void pawl_key_value_clear(pawl_key_value *value)
{
	pawl_free(value->text);
	pawl_free(value->type);
	*value = (pawl_key_value) {0};
}

pawl_status pawl_key_value_copy(const pawl_key_value *value, pawl_key_value *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value copy = {0};

	if (value->text != NULL) {
		copy.text = pawl_duplicate(value->text);
		copy.type = value->type == NULL ? NULL : pawl_duplicate(value->type);
		if (copy.text == NULL || (copy.type == NULL && value->type != NULL))
			return pawl_error_out_of_memory(error);
	}
	*ret_copy = copy;
	copy = (pawl_key_value) {0};
	return PAWL_OK;
}

bool pawl_key_value_equal(const pawl_key_value *left, const pawl_key_value *right)
{
	if (left->text == NULL || right->text == NULL)
		return left->text == right->text;
	if (left->type == NULL || right->type == NULL)
		return left->type == right->type && strcmp(left->text, right->text) == 0;
	return strcmp(left->text, right->text) == 0 && strcmp(left->type, right->type) == 0;
}

void pawl_bounds_clear(pawl_bounds *bounds)
{
	pawl_key_value_clear(&bounds->newest);
	pawl_key_value_clear(&bounds->horizon);
	pawl_key_value_clear(&bounds->cursor);
	pawl_key_value_clear(&bounds->other_form);
	*bounds = (pawl_bounds) {0};
}

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

static size_t key_width(const pawl_source_table *table)
{
	size_t width = 0;
	for (size_t i = 0; i < table->column_count; i++)
		width += table->columns[i].key_rank > 0;
	return width;
}

bool pawl_read_is_unique(const pawl_read *read)
{
	const pawl_source_table *table = read->table;

	for (size_t i = 0; i < read->primary_key_count; i++) {
		const pawl_source_column *column = &table->columns[read->primary_key[i]];
		if (column->key_rank == 0 || column->is_nullable)
			return false;
	}
	return table->has_primary_key && read->primary_key_count > 0 && read->primary_key_count == key_width(table);
}
