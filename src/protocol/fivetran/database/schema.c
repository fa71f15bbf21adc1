/* Tables of databases as messages. */
#include "protocol/fivetran/database/internal.h"

#include <string.h>

#include "base/error.h"

/* The schemas, whose tables come one after the other. */
typedef struct schema_list {
	pawl_arena memory;
	FivetranSdk__V2__Schema **schemas;
	size_t count;
} schema_list;

static void clear_list(schema_list *list)
{
	pawl_arena_free(&list->memory);
}

static FivetranSdk__V2__Schema *new_schema(pawl_arena *memory, const char *name, size_t table_count)
{
	FivetranSdk__V2__Schema *schema = pawl_arena_allocate(memory, sizeof(*schema));

	if (schema == NULL)
		return NULL;
	fivetran_sdk__v2__schema__init(schema);
	schema->name = pawl_arena_duplicate(memory, name);
	schema->tables = pawl_arena_allocate(memory, (table_count + 1) * sizeof(FivetranSdk__V2__Table *));
	return schema->name == NULL || schema->tables == NULL ? NULL : schema;
}

/* A column whose values cannot be sent is left out: an update says so of its table, and the other tables are to be had. */
static pawl_status add_columns(pawl_arena *memory, const pawl_replica_table *from, FivetranSdk__V2__Table *table, pawl_error *error)
{
	for (size_t i = 0; i < from->column_count; i++) {
		const pawl_replica_column *column = &from->columns[i];
		pawl_received_type type;
		pawl_error ignored;
		if (pawl_received_type_of(column->type, &type, &ignored) != PAWL_OK)
			continue;
		const pawl_fivetran_column added = {column->name, type.type, column->key_rank > 0};
		if (!pawl_fivetran_table_add(memory, table, &added))
			return pawl_error_out_of_memory(error);
	}
	return PAWL_OK;
}

static pawl_status add_table(schema_list *list, const pawl_plan *plan, const pawl_replica_table *from, pawl_error *error)
{
	FivetranSdk__V2__Schema *schema = list->count == 0 ? NULL : list->schemas[list->count - 1];

	if (schema == NULL || strcmp(schema->name, from->schema) != 0) {
		schema = new_schema(&list->memory, from->schema, plan->table_count);
		if (schema == NULL)
			return pawl_error_out_of_memory(error);
		list->schemas[list->count++] = schema;
	}
	FivetranSdk__V2__Table *table = pawl_fivetran_table_new(&list->memory, from->name, from->column_count);
	if (table == NULL)
		return pawl_error_out_of_memory(error);
	schema->tables[schema->n_tables++] = table;
	return add_columns(&list->memory, from, table, error);
}

pawl_status pawl_database_schema(const pawl_job *job, pawl_buffer *response, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};
	PAWL_CLEANUP(clear_list) schema_list list = {0};
	FivetranSdk__V2__SchemaList schemas = FIVETRAN_SDK__V2__SCHEMA_LIST__INIT;
	FivetranSdk__V2__SchemaResponse message = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__INIT;

	PAWL_TRY(pawl_plan_make(job, PAWL_PLAN_LOOK, &plan, error));
	list.schemas = pawl_arena_allocate(&list.memory, (plan.table_count + 1) * sizeof(FivetranSdk__V2__Schema *));
	if (list.schemas == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < plan.table_count; i++)
		if (plan.tables[i].target.column_count > 0) /* else an update says what is wrong with it */
			PAWL_TRY(add_table(&list, &plan, &plan.tables[i].target, error));
	schemas.schemas = list.schemas;
	schemas.n_schemas = list.count;
	message.response_case = FIVETRAN_SDK__V2__SCHEMA_RESPONSE__RESPONSE_WITH_SCHEMA;
	message.with_schema = &schemas;
	return pawl_fivetran_pack(&message, response, error);
}

pawl_status pawl_database_schema_change(const pawl_received_table *table, pawl_buffer *change, pawl_error *error)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	FivetranSdk__V2__SchemaList schemas = FIVETRAN_SDK__V2__SCHEMA_LIST__INIT;
	FivetranSdk__V2__SchemaChange message = FIVETRAN_SDK__V2__SCHEMA_CHANGE__INIT;
	FivetranSdk__V2__Schema *schema = new_schema(&memory, table->schema, 1);
	FivetranSdk__V2__Table *changed = pawl_fivetran_table_new(&memory, table->name, table->column_count);

	if (schema == NULL || changed == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_fivetran_column column = {table->columns[i].name, table->columns[i].type.type, table->columns[i].is_key};
		if (!pawl_fivetran_table_add(&memory, changed, &column))
			return pawl_error_out_of_memory(error);
	}
	schema->tables[schema->n_tables++] = changed;
	schemas.schemas = &schema;
	schemas.n_schemas = 1;
	message.change_case = FIVETRAN_SDK__V2__SCHEMA_CHANGE__CHANGE_WITH_SCHEMA;
	message.with_schema = &schemas;
	return pawl_fivetran_pack(&message, change, error);
}
