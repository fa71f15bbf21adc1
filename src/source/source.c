#include "source/source.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	}
	pawl_free(table->columns);
	pawl_free(table->schema);
	pawl_free(table->name);
}

void pawl_source_catalog_clear(pawl_source_catalog *catalog)
{
	for (size_t i = 0; i < catalog->table_count; i++)
		clear_table(&catalog->tables[i]);
	pawl_free(catalog->tables);
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
		copy.type = pawl_duplicate(value->type);
		if (copy.text == NULL || copy.type == NULL)
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
	return strcmp(left->text, right->text) == 0 && strcmp(left->type, right->type) == 0;
}

void pawl_bounds_clear(pawl_bounds *bounds)
{
	pawl_key_value_clear(&bounds->newest);
	pawl_key_value_clear(&bounds->horizon);
	pawl_key_value_clear(&bounds->cursor);
	*bounds = (pawl_bounds) {0};
}

/* ---- drivers --------------------------------------------------------------------------------------------------------- */

const pawl_source_driver *const pawl_source_drivers[] = {&pawl_source_duckdb, &pawl_source_sqlite, NULL};

static bool has_ending(const char *path, const char *ending)
{
	size_t length = strlen(path), ending_length = strlen(ending);
	return length > ending_length && strcasecmp(path + length - ending_length, ending) == 0;
}

/* "sqlite:shop.db": the driver named by what stands before the colon. */
static const pawl_source_driver *find_scheme(const char *url, const char **ret_location)
{
	size_t length = strcspn(url, ":");

	for (size_t i = 0; url[length] == ':' && pawl_source_drivers[i] != NULL; i++) {
		const char *name = pawl_source_drivers[i]->name;
		if (strlen(name) != length || strncasecmp(name, url, length) != 0)
			continue;
		*ret_location = url + length + 1;
		return pawl_source_drivers[i];
	}
	return NULL;
}

static const pawl_source_driver *find_ending(const char *path)
{
	for (size_t i = 0; pawl_source_drivers[i] != NULL; i++)
		for (const char *const *ending = pawl_source_drivers[i]->endings; *ending != NULL; ending++)
			if (has_ending(path, *ending))
				return pawl_source_drivers[i];
	return NULL;
}

/* By the first bytes of the file: both formats say there what they are. */
static const pawl_source_driver *find_content(const char *path)
{
	char head[16] = {0};
	FILE *file = fopen(path, "rbe");
	if (file == NULL)
		return NULL;
	size_t length = fread(head, 1, sizeof(head), file);
	fclose(file);
	for (size_t i = 0; length == sizeof(head) && pawl_source_drivers[i] != NULL; i++) {
		const pawl_source_driver *driver = pawl_source_drivers[i];
		if (driver->magic != NULL && memcmp(head + driver->magic_offset, driver->magic, strlen(driver->magic)) == 0)
			return driver;
	}
	return NULL;
}

pawl_status pawl_source_find(const char *url, const pawl_source_driver **ret_driver, const char **ret_location, pawl_error *error)
{
	const char *location = url;
	const pawl_source_driver *driver = find_scheme(url, &location);

	if (driver == NULL)
		driver = find_content(url);
	if (driver == NULL)
		driver = find_ending(url);
	if (driver != NULL && *location != '\0') {
		*ret_driver = driver;
		*ret_location = location;
		return PAWL_OK;
	}
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer schemes = {0};
	for (size_t i = 0; pawl_source_drivers[i] != NULL; i++)
		pawl_buffer_appendf(&schemes, "%s%s:FILE", i == 0 ? "" : " or ", pawl_source_drivers[i]->name);
	PAWL_TRY(pawl_buffer_status(&schemes, error));
	if (driver != NULL)
		pawl_error_set(error, PAWL_INVALID, "the source '%s' names no file", url);
	else
		pawl_error_set(error, PAWL_INVALID, "'%s' does not tell what kind of source it is", url);
	return pawl_error_hint(error, "name it %s", pawl_buffer_text(&schemes));
}

pawl_status pawl_source_open(const char *url, const pawl_source_options *options, pawl_source **ret_source, pawl_error *error)
{
	const pawl_source_driver *driver;
	pawl_source_options located = *options;

	PAWL_TRY(pawl_source_find(url, &driver, &located.location, error));
	return driver->open(&located, ret_source, error);
}

void pawl_source_close_pointer(pawl_source **source)
{
	if (*source != NULL)
		(*source)->driver->close(*source);
	*source = NULL;
}
