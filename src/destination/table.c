#include "destination/table.h"

#include "base/memory.h"
#include "base/text.h"

void pawl_destination_table_clear(pawl_destination_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		pawl_free(table->columns[i].name);
	pawl_free(table->columns);
	pawl_free(table->name);
	*table = (pawl_destination_table) {0};
}

pawl_status pawl_destination_table_add(pawl_destination_table *table, const char *name, pawl_type type, bool is_key,
                                       pawl_error *error)
{
	pawl_destination_column *columns = pawl_reallocate(table->columns, (table->column_count + 1) * sizeof(*columns));
	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	table->columns = columns;
	char *copy = pawl_duplicate(name);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	columns[table->column_count++] = (pawl_destination_column) {copy, type, is_key};
	return PAWL_OK;
}

pawl_status pawl_destination_table_copy(const pawl_destination_table *table, pawl_destination_table *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_destination_table_clear) pawl_destination_table copy = {.name = pawl_duplicate(table->name)};

	if (copy.name == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_destination_column *column = &table->columns[i];
		PAWL_TRY(pawl_destination_table_add(&copy, column->name, column->type, column->is_key, error));
	}
	*ret_copy = copy;
	copy = (pawl_destination_table) {0};
	return PAWL_OK;
}

ptrdiff_t pawl_destination_table_find(const pawl_destination_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (pawl_text_equal_ignore_case(table->columns[i].name, name))
			return (ptrdiff_t) i;
	return -1;
}
