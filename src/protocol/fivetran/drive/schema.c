/* Tables that the server declares. */
#include <string.h>

#include "base/error.h"
#include "connector/sync.h"
#include "protocol/fivetran/drive/internal.h"
#include "protocol/fivetran/messages.h"

static pawl_type column_type(const FivetranSdk__V2__Column *column)
{
	if (column->type != FIVETRAN_SDK__V2__DATA_TYPE__DECIMAL)
		return (pawl_type) column->type; /* the numbers are the same, pawl/value.h */
	const FivetranSdk__V2__DataTypeParams *params = column->params;
	if (params == NULL || params->params_case != FIVETRAN_SDK__V2__DATA_TYPE_PARAMS__PARAMS_DECIMAL || params->decimal == NULL)
		return PAWL_UNSPECIFIED; /* its values say how many digits they have */
	uint32_t precision = params->decimal->precision, scale = params->decimal->scale;
	return precision > 0xff || scale > 0xff ? PAWL_DECIMAL(0xff, 0xff) : PAWL_DECIMAL(precision, scale);
}

/* Arrays for pawl_table: columns, and the names of those in the key. */
static pawl_status copy_table(const FivetranSdk__V2__Table *table, pawl_arena *memory, const pawl_column **ret_columns,
                              const char ***ret_key, pawl_error *error)
{
	pawl_column *columns = pawl_arena_allocate(memory, (table->n_columns + 1) * sizeof(*columns));
	const char **key = pawl_arena_allocate(memory, (table->n_columns + 1) * sizeof(*key));
	if (columns == NULL || key == NULL)
		return pawl_error_out_of_memory(error);
	size_t key_count = 0;
	for (size_t i = 0; i < table->n_columns; i++) {
		const FivetranSdk__V2__Column *column = table->columns[i];
		if (column->type == FIVETRAN_SDK__V2__DATA_TYPE__NAIVE_TIME)
			return pawl_error_set(error, PAWL_INVALID, "table '%s': column '%s': it is a NAIVE_TIME, which sources cannot send",
			                      table->name, column->name);
		columns[i] = (pawl_column){column->name, column_type(column)};
		if (column->primary_key)
			key[key_count++] = column->name;
	}
	columns[table->n_columns] = (pawl_column){NULL, PAWL_UNSPECIFIED};
	key[key_count] = NULL;
	*ret_columns = columns;
	*ret_key = key_count == 0 ? NULL : key;
	return PAWL_OK;
}

const char *pawl_drive_full_name(const char *schema, const char *table, pawl_buffer *name)
{
	if (schema == NULL)
		return table;
	pawl_buffer_clear(name);
	pawl_buffer_appendf(name, "%s.%s", schema, table);
	return pawl_buffer_text(name);
}

/* Where tables are declared: in the schema, or, once there is one, in the sync. */
typedef struct declarations {
	pawl_schema *schema;
	pawl_sync *sync; /* NULL: the schema takes them */
	pawl_arena *memory;
	pawl_error *failure;
} declarations;

static pawl_status declare_table(const declarations *to, const char *in_schema, const FivetranSdk__V2__Table *table)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};
	const pawl_column *columns = NULL;
	const char **key = NULL;
	PAWL_TRY(copy_table(table, to->memory, &columns, &key, to->failure));
	const char *name = pawl_drive_full_name(in_schema, table->name, &full);
	PAWL_TRY(pawl_buffer_status(&full, to->failure));
	return to->sync != NULL ? pawl_sync_extend_table(to->sync, name, key, columns) : pawl_table(to->schema, name, key, columns);
}

static pawl_status declare_list(const declarations *to, const FivetranSdk__V2__TableList *list)
{
	for (size_t i = 0; i < list->n_tables; i++)
		PAWL_TRY(declare_table(to, NULL, list->tables[i]));
	return PAWL_OK;
}

static pawl_status declare_schemas(const declarations *to, const FivetranSdk__V2__SchemaList *list)
{
	for (size_t i = 0; i < list->n_schemas; i++)
		for (size_t j = 0; j < list->schemas[i]->n_tables; j++)
			PAWL_TRY(declare_table(to, list->schemas[i]->name, list->schemas[i]->tables[j]));
	return PAWL_OK;
}

/* The one answer of a unary call, in source->message. */
static pawl_status receive_answer(pawl_fivetran_source *source, pawl_error *error)
{
	bool is_end;
	PAWL_TRY(pawl_grpc_client_next(source->client, &source->message, &is_end, NULL, error));
	if (is_end)
		return pawl_error_set(error, PAWL_CONNECTOR, "the answer has no message");
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer more = {0};
	PAWL_TRY(pawl_grpc_client_next(source->client, &more, &is_end, NULL, error));
	return is_end ? PAWL_OK : pawl_error_set(error, PAWL_CONNECTOR, "the answer has more than one message");
}

static pawl_status ask_for_schema(pawl_fivetran_source *source, const pawl_configuration *configuration, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer request = {0};
	pawl_drive_append_configuration(configuration, &request);
	pawl_status status = pawl_drive_call(source, "/fivetran_sdk.v2.SourceConnector/Schema", &request, error);
	if (status == PAWL_OK)
		status = receive_answer(source, error);
	return status == PAWL_OK ? PAWL_OK : pawl_error_prefix(error, "Schema: ");
}

pawl_status pawl_drive_schema(pawl_schema *schema, const pawl_configuration *configuration)
{
	pawl_fivetran_source *source = pawl_schema_context(schema);
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_TRY(ask_for_schema(source, configuration, schema->failure));
	const FivetranSdk__V2__SchemaResponse *response =
		pawl_fivetran_unpack(&fivetran_sdk__v2__schema_response__descriptor, &source->message, &memory, schema->failure);
	if (response == NULL)
		return pawl_error_prefix(schema->failure, "Schema: ");
	const declarations to = {.schema = schema, .memory = &memory, .failure = schema->failure};
	if (response->response_case == FIVETRAN_SDK__V2__SCHEMA_RESPONSE__RESPONSE_WITHOUT_SCHEMA)
		return declare_list(&to, response->without_schema);
	if (response->response_case == FIVETRAN_SDK__V2__SCHEMA_RESPONSE__RESPONSE_WITH_SCHEMA)
		return declare_schemas(&to, response->with_schema);
	return PAWL_OK; /* tables are inferred from the records */
}

pawl_status pawl_drive_schema_change(pawl_sync *sync, pawl_wire bytes)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	const declarations to = {.sync = sync, .memory = &memory, .failure = sync->failure};
	pawl_buffer_append_bytes(&message, bytes.next, pawl_wire_length(&bytes));
	PAWL_TRY(pawl_buffer_status(&message, sync->failure));
	const FivetranSdk__V2__SchemaChange *change =
		pawl_fivetran_unpack(&fivetran_sdk__v2__schema_change__descriptor, &message, &memory, sync->failure);
	if (change == NULL)
		return pawl_error_prefix(sync->failure, "Update: ");
	if (change->change_case == FIVETRAN_SDK__V2__SCHEMA_CHANGE__CHANGE_WITHOUT_SCHEMA)
		return declare_list(&to, change->without_schema);
	if (change->change_case == FIVETRAN_SDK__V2__SCHEMA_CHANGE__CHANGE_WITH_SCHEMA)
		return declare_schemas(&to, change->with_schema);
	return PAWL_OK;
}
