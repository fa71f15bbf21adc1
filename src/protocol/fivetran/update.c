/* What a connector emits, as a stream of messages. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/internal.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/record.h"

/* A batch is sent as soon as it has one of these: what Fivetran takes at most, and what its own SDK sends. */
enum { BATCH_RECORDS = 100, BATCH_BYTES = 100000 };

typedef struct update_stream {
	pawl_grpc_call *call;
	const FivetranSdk__V2__Selection *selection;
	FILE *log;
	pawl_buffer record, records; /* the one at hand, and those before it that wait */
	size_t record_count;
} update_stream;

/* Sends an UpdateResponse of one member, that of the number. */
static pawl_status send_member(update_stream *stream, uint32_t number, const pawl_buffer *member, pawl_error *error)
{
	char head[2 * PAWL_WIRE_VARINT_BYTES];
	char *end = pawl_wire_put_varint(pawl_wire_put_tag(head, number, PAWL_WIRE_BYTES), member->length);
	const pawl_buffer parts[] = {{.text = head, .length = (size_t) (end - head)}, *member};
	PAWL_TRY(pawl_buffer_status(member, error));
	if (pawl_grpc_send(stream->call, parts, 2))
		return PAWL_OK;
	if (!pawl_grpc_is_wanted(stream->call))
		return pawl_error_set(error, PAWL_INTERRUPTED, "the client does not want the rest");
	if (parts[0].length + member->length <= PAWL_GRPC_MAX_MESSAGE_BYTES)
		return pawl_error_out_of_memory(error);
	return pawl_error_set(error, PAWL_INVALID, "a message has %zu bytes, more than %zu", parts[0].length + member->length,
	                      PAWL_GRPC_MAX_MESSAGE_BYTES);
}

static pawl_status send_text(update_stream *stream, uint32_t number, const char *text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer member = {0};
	pawl_wire_append_bytes(&member, PAWL_TEXT, text, strlen(text));
	return send_member(stream, number, &member, error);
}

static pawl_status flush(update_stream *stream, pawl_error *error)
{
	if (stream->record_count == 0)
		return PAWL_OK;
	PAWL_TRY(send_member(stream, PAWL_UPDATE_RECORDS, &stream->records, error));
	pawl_buffer_clear(&stream->records);
	stream->record_count = 0;
	return PAWL_OK;
}

/* ---- the receiver ------------------------------------------------------------------------------------------------------ */

static bool is_table_wanted(void *context, const char *table)
{
	const update_stream *stream = context;
	return pawl_fivetran_selects_table(stream->selection, table);
}

static bool is_column_wanted(void *context, const char *table, const char *column)
{
	const update_stream *stream = context;
	return pawl_fivetran_selects_column(stream->selection, table, column);
}

static pawl_status declare_table(void *context, const pawl_declared_table *table, pawl_error *error)
{
	update_stream *stream = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer change = {0};
	PAWL_TRY(flush(stream, error));
	PAWL_TRY(pawl_fivetran_schema_change(table, stream->selection, &change, error));
	return send_member(stream, PAWL_UPDATE_SCHEMA_CHANGE, &change, error);
}

static pawl_status begin_row(void *context, pawl_operation operation, const char *table, pawl_error *error)
{
	(void) error;
	update_stream *stream = context;
	pawl_record_begin(&stream->record, table, operation);
	return PAWL_OK;
}

static pawl_status add_field(void *context, const char *column, pawl_type type, const pawl_cell *cell, pawl_error *error)
{
	update_stream *stream = context;
	return pawl_record_append(&stream->record, column, type, cell, error);
}

/* A record that would make the batch too long goes into the next one. */
static pawl_status end_row(void *context, pawl_error *error)
{
	update_stream *stream = context;
	if (stream->records.length + stream->record.length > BATCH_BYTES)
		PAWL_TRY(flush(stream, error));
	pawl_record_end(&stream->record, &stream->records);
	stream->record_count++;
	return stream->record_count == BATCH_RECORDS ? flush(stream, error) : PAWL_OK;
}

static pawl_status checkpoint(void *context, const char *state, pawl_error *error)
{
	update_stream *stream = context;
	PAWL_TRY(flush(stream, error));
	return send_text(stream, PAWL_UPDATE_CHECKPOINT, state, error);
}

static bool is_wanted(void *context)
{
	const update_stream *stream = context;
	return pawl_grpc_is_wanted(stream->call);
}

static void take_log(void *context, pawl_log_level level, const char *message)
{
	const update_stream *stream = context;
	pawl_fivetran_log(stream->log, level, message);
}

/* What cannot be sent is found out by the next operation. */
static void take_warning(void *context, pawl_log_level level, const char *message)
{
	update_stream *stream = context;
	pawl_error ignored;
	pawl_fivetran_log(stream->log, level, message);
	if (flush(stream, &ignored) == PAWL_OK)
		send_text(stream, PAWL_UPDATE_WARNING, message, &ignored);
}

static void clear_stream(update_stream *stream)
{
	pawl_buffer_free(&stream->record);
	pawl_buffer_free(&stream->records);
}

/* ---- the call ---------------------------------------------------------------------------------------------------------- */

static const char *state_of(const FivetranSdk__V2__UpdateRequest *request)
{
	bool has_state = request->state_json_presence_case == FIVETRAN_SDK__V2__UPDATE_REQUEST__STATE_JSON_PRESENCE_STATE_JSON;
	return has_state && request->state_json[0] != '\0' ? request->state_json : "{}";
}

pawl_status pawl_fivetran_update(const pawl_connector *connector, const FivetranSdk__V2__UpdateRequest *request,
                                 pawl_grpc_call *call, FILE *log, pawl_error *error)
{
	bool has_selection = request->selection_presence_case == FIVETRAN_SDK__V2__UPDATE_REQUEST__SELECTION_PRESENCE_SELECTION;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer configuration = {0};
	PAWL_CLEANUP(clear_stream) update_stream stream = {
		.call = call, .selection = has_selection ? request->selection : NULL, .log = log};
	const pawl_receiver receiver = {
		.context = &stream,
		.is_table_wanted = is_table_wanted,
		.is_column_wanted = is_column_wanted,
		.table = declare_table,
		.begin_row = begin_row,
		.field = add_field,
		.end_row = end_row,
		.checkpoint = checkpoint,
		.is_wanted = is_wanted,
		.observer = {.context = &stream, .log = take_log, .notice = take_warning},
	};
	PAWL_TRY(pawl_fivetran_selection_check(stream.selection, error));
	PAWL_TRY(pawl_fivetran_configuration((void *const *) request->configuration, request->n_configuration, &configuration, error));
	pawl_status status = pawl_emit(connector, &(pawl_emit_input){configuration.text, state_of(request)}, &receiver, error);
	if (status == PAWL_CONNECTOR) {
		/* The connector's own word to its user: a task for them. What came after the last checkpoint is not wanted. */
		pawl_error ignored;
		send_text(&stream, PAWL_UPDATE_TASK, error->message, &ignored);
	}
	return status;
}
