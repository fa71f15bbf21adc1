/* What the server sends in an update, as the calls of a connector. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "connector/sync.h"
#include "protocol/fivetran/drive/internal.h"
#include "protocol/fivetran/numbers.h"

/* A table that was not declared is one whose columns are inferred; the platform makes it, too. */
static pawl_status know_table(pawl_sync *sync, const char *table)
{
	return pawl_sync_has_table(sync, table) ? PAWL_OK : pawl_sync_table(sync, table, NULL, NULL);
}

static pawl_status apply_record(pawl_fivetran_source *source, pawl_sync *sync, pawl_wire bytes)
{
	pawl_record record;
	PAWL_TRY(pawl_record_read(&source->reader, bytes, &record, sync->failure));
	const char *table = pawl_drive_full_name(record.schema, record.table, &source->table);
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
		return pawl_drive_schema_change(sync, field->bytes);
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
	pawl_drive_append_configuration(configuration, &request);
	pawl_wire_append_bytes(&request, STATE_JSON, json, strlen(json));
	return pawl_drive_call(source, "/fivetran_sdk.v2.SourceConnector/Update", &request, error);
}

pawl_status pawl_drive_update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
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
