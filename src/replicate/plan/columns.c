#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/plan/internal.h"

pawl_status pawl_plan_fail_unknown_column(const pawl_source_table *source, const char *setting, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) const char **names = pawl_allocate_array(source->column_count + 1, sizeof(*names));
	if (names == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < source->column_count; i++)
		names[i] = source->columns[i].name;
	const char *closest = pawl_text_closest(name, names);
	pawl_error_set(error, PAWL_INVALID, "'%s' names the column '%s', which the table does not have", setting, name);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "was it dropped or renamed at the source? Change the setting, and copy the table again with "
	                              "--full-refresh");
}

static bool has_name(const pawl_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (pawl_text_equal_ignore_case(names->items[i], name))
			return true;
	return false;
}

static const char *find_pair(const pawl_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (pawl_text_equal_ignore_case(pairs->names[i], name))
			return pairs->values[i];
	return NULL;
}

static pawl_status check_names(const pawl_source_table *source, const char *setting, char *const *names, size_t count,
                               pawl_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (pawl_source_table_find(source, names[i]) < 0)
			return pawl_plan_fail_unknown_column(source, setting, names[i], error);
	return PAWL_OK;
}

static pawl_key_format format_of(const pawl_table_settings *settings, const char *name)
{
	const char *format = find_pair(&settings->formats, name);
	for (size_t i = 0; format != NULL && pawl_key_format_names[i] != NULL; i++)
		if (strcmp(pawl_key_format_names[i], format) == 0)
			return (pawl_key_format) i;
	return PAWL_FORMAT_NONE;
}

/* ---- the primary key ------------------------------------------------------------------------------------------------- */

static pawl_status add_key_column(pawl_table_plan *table, size_t index, pawl_error *error)
{
	size_t *grown = pawl_reallocate(table->primary_key, (table->primary_key_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	table->primary_key = grown;
	grown[table->primary_key_count++] = index;
	table->is_key_not_null = table->is_key_not_null && !table->source->columns[index].is_nullable;
	return PAWL_OK;
}

static ptrdiff_t find_rank(const pawl_source_table *source, int rank)
{
	for (size_t i = 0; i < source->column_count; i++)
		if (source->columns[i].key_rank == rank)
			return (ptrdiff_t) i;
	return -1;
}

/* The one that was named, or else the source's own. */
static pawl_status find_primary_key(pawl_table_plan *table, pawl_error *error)
{
	const pawl_names *named = &table->settings.primary_key;
	int ranks = 0;

	table->is_key_not_null = true;
	PAWL_TRY(check_names(table->source, "primary_key", named->items, named->count, error));
	for (size_t i = 0; i < named->count; i++) {
		ptrdiff_t column = pawl_source_table_find(table->source, named->items[i]);
		PAWL_TRY(add_key_column(table, (size_t) column, error));
		ranks += table->source->columns[column].key_rank > 0;
	}
	if (named->count > 0) { /* a set that holds a unique one is unique */
		table->is_unique = table->source->has_primary_key && find_rank(table->source, ranks + 1) < 0;
		return PAWL_OK;
	}
	for (int rank = 1; find_rank(table->source, rank) >= 0; rank++)
		PAWL_TRY(add_key_column(table, (size_t) find_rank(table->source, rank), error));
	table->is_unique = table->source->has_primary_key;
	return PAWL_OK;
}

static int rank_of(const pawl_table_plan *table, size_t index)
{
	for (size_t i = 0; i < table->primary_key_count; i++)
		if (table->primary_key[i] == index)
			return (int) i + 1;
	return 0;
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_status add_column(pawl_table_plan *table, size_t index, pawl_error *error)
{
	const pawl_source_column *column = &table->source->columns[index];
	const char *renamed = find_pair(&table->settings.rename, column->name);
	const char *name = renamed == NULL ? column->name : renamed;
	pawl_key_format format = format_of(&table->settings, column->name);

	if (pawl_replica_table_find(&table->target, name) >= 0) {
		pawl_error_set(error, PAWL_INVALID, "two columns would be called '%s' in the destination", name);
		return pawl_error_hint(error, "rename one of them with columns.rename");
	}
	PAWL_TRY(pawl_replica_table_add(&table->target, name, format == PAWL_FORMAT_NONE ? column->type : "TIMESTAMP",
	                                rank_of(table, index), column->is_nullable, error));
	pawl_read_column *columns = pawl_reallocate(table->columns, table->target.column_count * sizeof(*columns));
	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	table->columns = columns;
	columns[table->target.column_count - 1] = (pawl_read_column) {.index = index, .format = format};
	return PAWL_OK;
}

static pawl_status check_key_is_taken(const pawl_table_plan *table, pawl_error *error)
{
	for (size_t i = 0; i < table->primary_key_count; i++) {
		const char *name = table->source->columns[table->primary_key[i]].name;
		bool is_taken = false;
		for (size_t c = 0; c < table->target.column_count; c++)
			is_taken = is_taken || table->columns[c].index == table->primary_key[i];
		if (!is_taken) {
			pawl_error_set(error, PAWL_INVALID, "column '%s' is part of the primary key and is left out", name);
			return pawl_error_hint(error, "take it in, or name other columns as primary_key");
		}
	}
	return PAWL_OK;
}

bool pawl_plan_takes_column(const pawl_table_settings *settings, const char *name)
{
	return (settings->include.count == 0 || has_name(&settings->include, name)) && !has_name(&settings->exclude, name);
}

static bool is_selected(const pawl_selection *selection, const pawl_table_plan *table, size_t index)
{
	const pawl_source_table *source = table->source;

	return selection == NULL || rank_of(table, index) > 0 ||
	       selection->wants_column(selection->context, source->schema, source->name, source->columns[index].name);
}

pawl_status pawl_plan_columns(const pawl_selection *selection, pawl_table_plan *table, pawl_error *error)
{
	const pawl_table_settings *settings = &table->settings;

	PAWL_TRY(check_names(table->source, "columns.include", settings->include.items, settings->include.count, error));
	PAWL_TRY(check_names(table->source, "columns.exclude", settings->exclude.items, settings->exclude.count, error));
	PAWL_TRY(check_names(table->source, "columns.rename", settings->rename.names, settings->rename.count, error));
	PAWL_TRY(check_names(table->source, "formats", settings->formats.names, settings->formats.count, error));
	PAWL_TRY(find_primary_key(table, error));
	for (size_t i = 0; i < table->source->column_count; i++) {
		if (pawl_plan_takes_column(settings, table->source->columns[i].name) && is_selected(selection, table, i))
			PAWL_TRY(add_column(table, i, error));
	}
	if (table->target.column_count == 0)
		return pawl_error_set(error, PAWL_INVALID, "no column is left to copy");
	for (size_t i = 0; i < table->target.column_count; i++)
		table->columns[i].name = table->target.columns[i].name;
	return check_key_is_taken(table, error);
}
