#include "protocol/fivetran/outgoing.h"

#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/record.h"
#include "protocol/fivetran/serve.h"

/* A batch is sent as soon as it has one of these: what Fivetran takes at most, and what its own SDK sends. */
enum { BATCH_RECORDS = 100, BATCH_BYTES = 100000 };

void pawl_outgoing_clear(pawl_outgoing *outgoing)
{
	pawl_buffer_free(&outgoing->record);
	pawl_buffer_free(&outgoing->records);
}

static pawl_status send_member(pawl_outgoing *outgoing, uint32_t number, const pawl_buffer *member, pawl_error *error)
{
	char head[2 * PAWL_WIRE_VARINT_BYTES];
	char *end = pawl_wire_put_varint(pawl_wire_put_tag(head, number, PAWL_WIRE_BYTES), member->length);
	const pawl_buffer parts[] = {{.text = head, .length = (size_t) (end - head)}, *member};
	PAWL_TRY(pawl_buffer_status(member, error));
	if (pawl_grpc_send(outgoing->call, parts, 2))
		return PAWL_OK;
	if (!pawl_grpc_is_wanted(outgoing->call))
		return pawl_error_set(error, PAWL_INTERRUPTED, "the client does not want the rest");
	if (parts[0].length + member->length <= PAWL_GRPC_MAX_MESSAGE_BYTES)
		return pawl_error_out_of_memory(error);
	return pawl_error_set(error, PAWL_INVALID, "a message has %zu bytes, more than %zu", parts[0].length + member->length,
	                      PAWL_GRPC_MAX_MESSAGE_BYTES);
}

static pawl_status flush(pawl_outgoing *outgoing, pawl_error *error)
{
	if (outgoing->record_count == 0)
		return PAWL_OK;
	PAWL_TRY(send_member(outgoing, PAWL_UPDATE_RECORDS, &outgoing->records, error));
	pawl_buffer_clear(&outgoing->records);
	outgoing->record_count = 0;
	return PAWL_OK;
}

/* A record that would make the batch too long goes into the next one. */
pawl_status pawl_outgoing_end_record(pawl_outgoing *outgoing, pawl_error *error)
{
	if (outgoing->records.length + outgoing->record.length > BATCH_BYTES)
		PAWL_TRY(flush(outgoing, error));
	pawl_record_end(&outgoing->record, &outgoing->records);
	outgoing->record_count++;
	return outgoing->record_count == BATCH_RECORDS ? flush(outgoing, error) : PAWL_OK;
}

pawl_status pawl_outgoing_member(pawl_outgoing *outgoing, uint32_t number, const pawl_buffer *member, pawl_error *error)
{
	PAWL_TRY(flush(outgoing, error));
	return send_member(outgoing, number, member, error);
}

pawl_status pawl_outgoing_text(pawl_outgoing *outgoing, uint32_t number, const char *text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer member = {0};
	pawl_wire_append_bytes(&member, PAWL_TEXT, text, strlen(text));
	return pawl_outgoing_member(outgoing, number, &member, error);
}

pawl_status pawl_outgoing_checkpoint(pawl_outgoing *outgoing, const char *state, pawl_error *error)
{
	return pawl_outgoing_text(outgoing, PAWL_UPDATE_CHECKPOINT, state, error);
}

void pawl_outgoing_task(pawl_outgoing *outgoing, const char *message)
{
	pawl_error ignored;
	outgoing->record_count = 0;
	pawl_outgoing_text(outgoing, PAWL_UPDATE_TASK, message, &ignored);
}

void pawl_outgoing_warning(pawl_outgoing *outgoing, const char *message)
{
	pawl_error ignored;
	pawl_fivetran_log(outgoing->log, PAWL_LOG_WARNING, message);
	pawl_outgoing_text(outgoing, PAWL_UPDATE_WARNING, message, &ignored);
}
