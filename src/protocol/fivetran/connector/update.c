/* What a connector emits, as a stream of messages. */
#include "base/error.h"
#include "protocol/fivetran/connector/internal.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/outgoing.h"
#include "protocol/fivetran/record.h"

typedef struct update_stream {
	pawl_outgoing outgoing;
	const FivetranSdk__V2__Selection *selection;
} update_stream;

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
	PAWL_TRY(pawl_fivetran_schema_change(table, stream->selection, &change, error));
	return pawl_outgoing_member(&stream->outgoing, PAWL_UPDATE_SCHEMA_CHANGE, &change, error);
}

static pawl_status begin_row(void *context, pawl_operation operation, const char *table, pawl_error *error)
{
	(void) error;
	update_stream *stream = context;
	pawl_record_begin(&stream->outgoing.record, table, operation);
	return PAWL_OK;
}

static pawl_status add_field(void *context, const char *column, pawl_type type, const pawl_cell *cell, pawl_error *error)
{
	update_stream *stream = context;
	return pawl_record_append(&stream->outgoing.record, column, type, cell, error);
}

static pawl_status end_row(void *context, pawl_error *error)
{
	update_stream *stream = context;
	return pawl_outgoing_end_record(&stream->outgoing, error);
}

static pawl_status checkpoint(void *context, const char *state, pawl_error *error)
{
	update_stream *stream = context;
	return pawl_outgoing_checkpoint(&stream->outgoing, state, error);
}

static bool is_wanted(void *context)
{
	const update_stream *stream = context;
	return pawl_grpc_is_wanted(stream->outgoing.call);
}

static void take_log(void *context, pawl_log_level level, const char *message)
{
	const update_stream *stream = context;
	pawl_fivetran_log(stream->outgoing.log, level, message);
}

static void take_notice(void *context, pawl_log_level level, const char *message)
{
	(void) level; /* they are warnings */
	update_stream *stream = context;
	pawl_outgoing_warning(&stream->outgoing, message);
}

static void clear_stream(update_stream *stream)
{
	pawl_outgoing_clear(&stream->outgoing);
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
		.outgoing = {.call = call, .log = log}, .selection = has_selection ? request->selection : NULL};
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
		.observer = {.context = &stream, .log = take_log, .notice = take_notice},
	};
	PAWL_TRY(pawl_fivetran_selection_check(stream.selection, error));
	PAWL_TRY(pawl_fivetran_configuration((void *const *) request->configuration, request->n_configuration, &configuration, error));
	pawl_status status = pawl_emit(connector, &(pawl_emit_input){configuration.text, state_of(request)}, &receiver, error);
	/* Its own word to its user: a task for them. What came after the last checkpoint is not wanted. */
	if (status == PAWL_CONNECTOR)
		pawl_outgoing_task(&stream.outgoing, error->message);
	return status;
}
