/* A connector that is spoken to over the wire, as a connector that runs here. */
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "connector/configuration.h"
#include "connector/sync.h"
#include "protocol/fivetran.h"
#include "protocol/fivetran/messages.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/record.h"
#include "protocol/grpc.h"

struct pawl_fivetran_source {
	pawl_connector connector;
	pawl_fivetran_source_options options;
	pawl_grpc_client_options client_options;
	pawl_grpc_client *client;
	pawl_record_reader reader;
	pawl_buffer message;  /* the one at hand */
	pawl_buffer table;    /* "schema.table", for tables that are in one */
	const char *last;     /* the table of the last record, which is known; borrowed from the reader */
};

/* Set by a signal handler, as that of connector/sync.c is. */
static volatile sig_atomic_t is_stop_requested;

void pawl_fivetran_source_request_stop(void)
{
	is_stop_requested = 1;
	pawl_run_request_stop();
}

static bool is_wanted(void *context)
{
	const pawl_fivetran_source_options *options = context;
	return !is_stop_requested && (options->is_alive == NULL || options->is_alive(options->context));
}

/* ---- requests ---------------------------------------------------------------------------------------------------------- */

/* The map `configuration`, which is field 1 of both requests. */
static void append_configuration(const pawl_configuration *configuration, pawl_buffer *request)
{
	const char *key;
	json_t *value;
	json_object_foreach(configuration->root, key, value) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer entry = {0};
		pawl_wire_append_bytes(&entry, PAWL_ENTRY_KEY, key, strlen(key));
		pawl_wire_append_bytes(&entry, PAWL_ENTRY_VALUE, json_string_value(value), json_string_length(value));
		pawl_wire_append_bytes(request, 1, pawl_buffer_text(&entry), entry.length);
		request->has_failed |= entry.has_failed;
	}
}

static pawl_status call(pawl_fivetran_source *source, const char *method, const pawl_buffer *request, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(request, error));
	return pawl_grpc_client_call(source->client, method, request, error);
}

/* ---- schema ------------------------------------------------------------------------------------------------------------ */

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

/* "schema.table", or the table alone. */
static const char *full_name(const char *schema, const char *table, pawl_buffer *name)
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
	const char *name = full_name(in_schema, table->name, &full);
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
	append_configuration(configuration, &request);
	pawl_status status = call(source, "/fivetran_sdk.v2.SourceConnector/Schema", &request, error);
	if (status == PAWL_OK)
		status = receive_answer(source, error);
	return status == PAWL_OK ? PAWL_OK : pawl_error_prefix(error, "Schema: ");
}

static pawl_status drive_schema(pawl_schema *schema, const pawl_configuration *configuration)
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

/* ---- update ------------------------------------------------------------------------------------------------------------ */

/* A table that was not declared is one whose columns are inferred; the platform makes it, too. */
static pawl_status know_table(pawl_sync *sync, const char *table)
{
	return pawl_sync_has_table(sync, table) ? PAWL_OK : pawl_sync_table(sync, table, NULL, NULL);
}

static pawl_status apply_record(pawl_fivetran_source *source, pawl_sync *sync, pawl_wire bytes)
{
	pawl_record record;
	PAWL_TRY(pawl_record_read(&source->reader, bytes, &record, sync->failure));
	const char *table = full_name(record.schema, record.table, &source->table);
	PAWL_TRY(pawl_buffer_status(&source->table, sync->failure));
	if (source->last != table || record.schema != NULL)
		PAWL_TRY(know_table(sync, table));
	source->last = table;
	switch (record.operation) {
	case PAWL_OPERATION_UPSERT:
		return pawl_upsert_fields(sync, table, record.fields, record.count);
	case PAWL_OPERATION_UPDATE:
		return pawl_update_fields(sync, table, record.fields, record.count);
	case PAWL_OPERATION_DELETE:
		return pawl_delete_fields(sync, table, record.fields, record.count);
	case PAWL_OPERATION_TRUNCATE:
		break;
	}
	return pawl_truncate(sync, table);
}

static pawl_status refuse_damaged(pawl_sync *sync)
{
	return pawl_error_set(sync->failure, PAWL_INVALID, "Update: a message is damaged");
}

static pawl_status apply_records(pawl_fivetran_source *source, pawl_sync *sync, pawl_wire records)
{
	pawl_wire_field field;
	while (pawl_wire_next(&records, &field))
		if (pawl_wire_is(&field, PAWL_RECORDS_RECORD, PAWL_WIRE_BYTES))
			PAWL_TRY(apply_record(source, sync, field.bytes));
	return records.is_damaged ? refuse_damaged(sync) : PAWL_OK;
}

/* The one text of a Checkpoint, Warning or Task; free with pawl_free. */
static pawl_status copy_text(pawl_sync *sync, pawl_wire message, char **ret_text)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_wire_field field;
	while (pawl_wire_next(&message, &field))
		if (pawl_wire_is(&field, PAWL_TEXT, PAWL_WIRE_BYTES)) {
			pawl_buffer_clear(&text);
			pawl_buffer_append_bytes(&text, field.bytes.next, pawl_wire_length(&field.bytes));
		}
	PAWL_TRY(pawl_buffer_status(&text, sync->failure));
	if (message.is_damaged || memchr(pawl_buffer_text(&text), '\0', text.length) != NULL)
		return refuse_damaged(sync);
	*ret_text = pawl_duplicate(pawl_buffer_text(&text));
	return *ret_text == NULL ? pawl_error_out_of_memory(sync->failure) : PAWL_OK;
}

/* The SDK for Python wraps what it has to say: {"message": "..."}. */
static const char *unwrap(const char *text, json_t **root)
{
	pawl_error ignored;
	if (text[0] != '{' || pawl_json_parse_object("message", text, strlen(text), root, &ignored) != PAWL_OK)
		return text;
	const char *message = json_string_value(json_object_get(*root, "message"));
	return message == NULL ? text : message;
}

static pawl_status apply_text(pawl_sync *sync, uint32_t member, pawl_wire message)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	PAWL_TRY(copy_text(sync, message, &text));
	if (member == PAWL_UPDATE_CHECKPOINT)
		return pawl_checkpoint_json(sync, text[0] == '\0' ? "{}" : text);
	if (member == PAWL_UPDATE_WARNING)
		return pawl_warning(sync, "%s", unwrap(text, &root));
	return pawl_fail(sync, "%s", unwrap(text, &root));
}

/* Tables that are new, and new columns and types of those that are known. */
static pawl_status apply_schema_change(pawl_sync *sync, pawl_wire bytes)
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

static pawl_status apply_member(pawl_fivetran_source *source, pawl_sync *sync, const pawl_wire_field *field)
{
	if (field->type != PAWL_WIRE_BYTES)
		return PAWL_OK;
	switch (field->number) {
	case PAWL_UPDATE_RECORD:
		return apply_record(source, sync, field->bytes);
	case PAWL_UPDATE_RECORDS:
		return apply_records(source, sync, field->bytes);
	case PAWL_UPDATE_CHECKPOINT:
	case PAWL_UPDATE_WARNING:
	case PAWL_UPDATE_TASK:
		return apply_text(sync, field->number, field->bytes);
	case PAWL_UPDATE_SCHEMA_CHANGE:
		return apply_schema_change(sync, field->bytes);
	case PAWL_UPDATE_UNSTRUCTURED:
		return pawl_fail(sync, "Update: the connector sends a file, which is not supported");
	default:
		return PAWL_OK;
	}
}

static pawl_status apply_message(pawl_fivetran_source *source, pawl_sync *sync)
{
	const char *bytes = pawl_buffer_text(&source->message);
	pawl_wire wire = {bytes, bytes + source->message.length, false};
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field))
		PAWL_TRY(apply_member(source, sync, &field));
	return wire.is_damaged ? refuse_damaged(sync) : PAWL_OK;
}

static pawl_status begin_update(pawl_fivetran_source *source, const pawl_configuration *configuration, const pawl_state *state,
                                pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer request = {0};
	enum { STATE_JSON = 3 }; /* of UpdateRequest */
	const char *json = pawl_state_json(state);
	append_configuration(configuration, &request);
	pawl_wire_append_bytes(&request, STATE_JSON, json, strlen(json));
	return call(source, "/fivetran_sdk.v2.SourceConnector/Update", &request, error);
}

static pawl_status drive_update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	pawl_fivetran_source *source = pawl_sync_context(sync);
	bool is_end = false;
	pawl_error error;
	pawl_error_clear(&error);
	pawl_status status = begin_update(source, configuration, state, &error);
	while (status == PAWL_OK) {
		status = pawl_grpc_client_next(source->client, &source->message, &is_end, NULL, &error);
		if (status != PAWL_OK || is_end)
			break;
		PAWL_TRY(apply_message(source, sync));
	}
	if (status == PAWL_OK)
		return PAWL_OK;
	PAWL_TRY(pawl_sync_check(sync));
	*sync->failure = error;
	return status == PAWL_INTERRUPTED ? status : pawl_error_prefix(sync->failure, "Update: ");
}

/* ---- open and close ---------------------------------------------------------------------------------------------------- */

pawl_status pawl_fivetran_source_open(const pawl_fivetran_source_options *options, pawl_fivetran_source **ret_source,
                                      pawl_error *error)
{
	pawl_fivetran_source *source = pawl_allocate(sizeof(*source));
	if (source == NULL)
		return pawl_error_out_of_memory(error);
	source->connector = (pawl_connector){
		.name = options->name, .schema = drive_schema, .update = drive_update, .context = source};
	source->options = *options;
	source->client_options = (pawl_grpc_client_options){
		.target = options->target, .patience_us = options->patience_us, .is_wanted = is_wanted, .context = &source->options};
	pawl_status status = pawl_grpc_client_open(&source->client_options, &source->client, error);
	if (status != PAWL_OK) {
		pawl_fivetran_source_close(source);
		return status;
	}
	*ret_source = source;
	return PAWL_OK;
}

const pawl_connector *pawl_fivetran_source_connector(const pawl_fivetran_source *source)
{
	return &source->connector;
}

void pawl_fivetran_source_close(pawl_fivetran_source *source)
{
	if (source == NULL)
		return;
	pawl_grpc_client_close(source->client);
	pawl_record_reader_clear(&source->reader);
	pawl_buffer_free(&source->message);
	pawl_buffer_free(&source->table);
	pawl_free(source);
}
