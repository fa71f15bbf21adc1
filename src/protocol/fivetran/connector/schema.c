/* Declared tables as a message. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/connector/internal.h"

/* What the visits share. After the first failure they do nothing. */
typedef struct table_list {
	pawl_arena memory;
	FivetranSdk__V2__Table **tables;
	size_t count, capacity;
	bool has_failed;
} table_list;

static bool is_key(const pawl_declared_table *table, const char *column)
{
	for (size_t i = 0; table->primary_key != NULL && table->primary_key[i] != NULL; i++)
		if (strcmp(table->primary_key[i], column) == 0)
			return true;
	return false;
}

static FivetranSdk__V2__Table *make_table(pawl_arena *memory, const pawl_declared_table *declared)
{
	size_t count = 0;
	while (declared->columns[count].name != NULL)
		count++;
	FivetranSdk__V2__Table *table = pawl_fivetran_table_new(memory, declared->name, count);
	for (size_t i = 0; table != NULL && i < count; i++) {
		const pawl_column *from = &declared->columns[i];
		const pawl_fivetran_column column = {from->name, from->type, is_key(declared, from->name)};
		if (!pawl_fivetran_table_add(memory, table, &column))
			return NULL;
	}
	return table;
}

static void visit(void *context, const pawl_declared_table *declared)
{
	table_list *list = context;
	if (list->count == list->capacity && !list->has_failed) {
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		FivetranSdk__V2__Table **tables = pawl_reallocate(list->tables, capacity * sizeof(FivetranSdk__V2__Table *));
		list->has_failed = tables == NULL;
		if (tables != NULL) {
			list->tables = tables;
			list->capacity = capacity;
		}
	}
	FivetranSdk__V2__Table *table = list->has_failed ? NULL : make_table(&list->memory, declared);
	if (table == NULL)
		list->has_failed = true;
	else
		list->tables[list->count++] = table;
}

static pawl_status respond(const table_list *list, pawl_buffer *response, pawl_error *error)
{
	FivetranSdk__V2__TableList tables = FIVETRAN_SDK__V2__TABLE_LIST__INIT;
	FivetranSdk__V2__SchemaResponse message = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__INIT;
	tables.tables = list->tables;
	tables.n_tables = list->count;
	message.response_case = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__RESPONSE_WITHOUT_SCHEMA;
	message.without_schema = &tables;
	return pawl_fivetran_pack(&message, response, error);
}

static void clear_list(table_list *list)
{
	pawl_free(list->tables);
	pawl_arena_free(&list->memory);
}

pawl_status pawl_fivetran_schema(const pawl_connector *connector, const char *configuration, pawl_buffer *response,
                                 pawl_error *error)
{
	PAWL_CLEANUP(clear_list) table_list list = {0};
	PAWL_TRY(pawl_emit_schema(connector, configuration, visit, &list, error));
	if (list.has_failed)
		return pawl_error_out_of_memory(error);
	if (connector->schema != NULL)
		return respond(&list, response, error);
	FivetranSdk__V2__SchemaResponse message = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__INIT;
	message.response_case = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__RESPONSE_SCHEMA_RESPONSE_NOT_SUPPORTED;
	message.schema_response_not_supported = 1;
	return pawl_fivetran_pack(&message, response, error);
}

/* ---- one table during an update -------------------------------------------------------------------------------------- */

static bool is_selected(const FivetranSdk__V2__Selection *selection, const char *table, const FivetranSdk__V2__Column *column)
{
	return column->primary_key || pawl_fivetran_selects_column(selection, table, column->name);
}

pawl_status pawl_fivetran_schema_change(const pawl_declared_table *declared, const FivetranSdk__V2__Selection *selection,
                                        pawl_buffer *change, pawl_error *error)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	FivetranSdk__V2__Table *table = make_table(&memory, declared);
	if (table == NULL)
		return pawl_error_out_of_memory(error);
	size_t count = 0;
	for (size_t i = 0; i < table->n_columns; i++)
		if (is_selected(selection, declared->name, table->columns[i]))
			table->columns[count++] = table->columns[i];
	table->n_columns = count;
	FivetranSdk__V2__TableList tables = FIVETRAN_SDK__V2__TABLE_LIST__INIT;
	FivetranSdk__V2__SchemaChange message = FIVETRAN_SDK__V2__SCHEMA_CHANGE__INIT;
	tables.tables = &table;
	tables.n_tables = 1;
	message.change_case = FIVETRAN_SDK__V2__SCHEMA_CHANGE__CHANGE_WITHOUT_SCHEMA;
	message.without_schema = &tables;
	return pawl_fivetran_pack(&message, change, error);
}
