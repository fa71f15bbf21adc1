/* Tables of a replica, in memory. */
#include "destination/replica_driver.h"

#include "base/memory.h"
#include "base/text.h"

/* ---- a table --------------------------------------------------------------------------------------------------------- */

void pawl_replica_table_clear(pawl_replica_table *table)
{
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_free(table->columns[i].name);
		pawl_free(table->columns[i].type);
	}
	pawl_free(table->columns);
	pawl_free(table->schema);
	pawl_free(table->name);
	*table = (pawl_replica_table) {0};
}

pawl_status pawl_replica_table_add(pawl_replica_table *table, const char *name, const char *type, int key_rank, bool is_nullable,
                                   pawl_error *error)
{
	pawl_replica_column *columns = pawl_reallocate(table->columns, (table->column_count + 1) * sizeof(*columns));
	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	table->columns = columns;
	pawl_replica_column *column = &columns[table->column_count++];
	*column = (pawl_replica_column) {pawl_duplicate(name), pawl_duplicate(type), key_rank, is_nullable};
	return column->name == NULL || column->type == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

ptrdiff_t pawl_replica_table_find(const pawl_replica_table *table, const char *name)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (pawl_text_equal_ignore_case(table->columns[i].name, name))
			return (ptrdiff_t) i;
	return -1;
}

pawl_status pawl_replica_table_add_all(pawl_replica_table *table, const pawl_replica_table *from, pawl_error *error)
{
	for (size_t i = 0; i < from->column_count; i++) {
		const pawl_replica_column *column = &from->columns[i];
		PAWL_TRY(pawl_replica_table_add(table, column->name, column->type, column->key_rank, column->is_nullable, error));
	}
	return PAWL_OK;
}

pawl_status pawl_replica_name_table(pawl_replica_table *table, const char *schema, const char *prefix, const char *name,
                                    pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};

	pawl_buffer_appendf(&full, "%s%s", prefix, name);
	PAWL_TRY(pawl_buffer_status(&full, error));
	table->name = pawl_buffer_take(&full);
	table->schema = pawl_duplicate(schema);
	return table->schema == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

void pawl_replica_append_columns(pawl_buffer *sql, const pawl_replica_table *table, const char *alias)
{
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		if (alias != NULL)
			pawl_buffer_appendf(sql, "%s.", alias);
		pawl_buffer_append_identifier(sql, table->columns[i].name);
	}
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

void pawl_replica_tables_clear(pawl_replica_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		pawl_replica_table_clear(&tables->items[i]);
	pawl_free(tables->items);
	*tables = (pawl_replica_tables) {0};
}

pawl_replica_table *pawl_replica_tables_find(const pawl_replica_tables *tables, const char *schema, const char *name)
{
	for (size_t i = 0; i < tables->count; i++)
		if (pawl_replica_is_called(tables->items[i].schema, schema, tables->is_case_sensitive) &&
		    pawl_replica_is_called(tables->items[i].name, name, tables->is_case_sensitive))
			return &tables->items[i];
	return NULL;
}

pawl_replica_table *pawl_replica_tables_add(pawl_replica_tables *tables)
{
	pawl_replica_table *items = pawl_reallocate(tables->items, (tables->count + 1) * sizeof(*items));

	if (items == NULL)
		return NULL;
	tables->items = items;
	items[tables->count] = (pawl_replica_table) {0};
	return &items[tables->count++];
}
