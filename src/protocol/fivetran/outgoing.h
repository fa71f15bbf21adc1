/*
 * protocol/fivetran/outgoing.h: what an Update answers, message by message: records in batches, and what stands between them.
 *
 *     PAWL_CLEANUP(pawl_outgoing_clear) pawl_outgoing outgoing = {.call = call, .log = log};
 *     pawl_record_begin(&outgoing.record, "customers", PAWL_OPERATION_UPSERT);
 *     PAWL_TRY(pawl_record_append(&outgoing.record, "customer_id", PAWL_INT, &cell, error));
 *     PAWL_TRY(pawl_outgoing_end_record(&outgoing, error));
 *     PAWL_TRY(pawl_outgoing_checkpoint(&outgoing, "{\"cursor\":1}", error));
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_OUTGOING_H
#define PAWL_PROTOCOL_FIVETRAN_OUTGOING_H

#include <stdio.h>

#include "base/buffer.h"
#include "connector/run.h"
#include "protocol/grpc.h"

typedef struct pawl_outgoing {
	pawl_grpc_call *call;
	FILE *log;
	pawl_buffer record, records; /* the one at hand, and those before it that wait */
	size_t record_count;
} pawl_outgoing;

void pawl_outgoing_clear(pawl_outgoing *outgoing);

/* The record at hand is whole. A batch is sent when it is full; PAWL_INTERRUPTED when nobody wants it any more. */
pawl_status pawl_outgoing_end_record(pawl_outgoing *outgoing, pawl_error *error);

/* Behind the records before it: an UpdateResponse of one member, that of the number (numbers.h), which is a message. */
pawl_status pawl_outgoing_member(pawl_outgoing *outgoing, uint32_t number, const pawl_buffer *member, pawl_error *error);

/* The same for members of one text: checkpoint, warning. */
pawl_status pawl_outgoing_text(pawl_outgoing *outgoing, uint32_t number, const char *text, pawl_error *error);
pawl_status pawl_outgoing_checkpoint(pawl_outgoing *outgoing, const char *state, pawl_error *error);

/* In the place of the records that wait. */
void pawl_outgoing_task(pawl_outgoing *outgoing, const char *message);

/* To the log, and to the client. What cannot be sent is found out by the next record. */
void pawl_outgoing_warning(pawl_outgoing *outgoing, const char *message);

#endif
