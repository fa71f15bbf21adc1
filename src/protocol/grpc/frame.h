/*
 * protocol/grpc/frame.h: messages on a stream: a byte that says whether it is compressed, four of its length, its bytes. For this
 * folder alone.
 */
#ifndef PAWL_PROTOCOL_GRPC_FRAME_H
#define PAWL_PROTOCOL_GRPC_FRAME_H

#include "protocol/grpc.h"

#define PAWL_GRPC_PREFIX_BYTES 5

/* A whole message, in a queue. */
typedef struct pawl_grpc_message {
	struct pawl_grpc_message *next;
	pawl_buffer bytes;
} pawl_grpc_message;

/* Messages that are put together from what comes, and wait; a zeroed one is empty. */
typedef struct pawl_grpc_inbox {
	unsigned char prefix[PAWL_GRPC_PREFIX_BYTES];
	size_t prefix_length;
	pawl_buffer body; /* of the message that is not complete */
	bool is_gzip;     /* what a compressed message is compressed with is known */
	pawl_grpc_message *first, *last;
	size_t waiting_bytes; /* of whole messages */
} pawl_grpc_inbox;

/* Takes bytes as they come. What is wrong with them is the code; a message for the other side is in the error. */
pawl_grpc_code pawl_grpc_inbox_feed(pawl_grpc_inbox *inbox, const unsigned char *bytes, size_t length, pawl_error *error);

/* True when a message has begun and not ended. */
bool pawl_grpc_inbox_is_cut(const pawl_grpc_inbox *inbox);

/* The next message, in the place of what is in `message`; false when none is complete. */
bool pawl_grpc_inbox_take(pawl_grpc_inbox *inbox, pawl_buffer *message);

void pawl_grpc_inbox_clear(pawl_grpc_inbox *inbox);

/* Appends prefix and bytes of a message to `out`, compressed when it is worth it. False when it is too long or has no memory. */
bool pawl_grpc_frame(const pawl_buffer *parts, size_t count, bool is_gzip, pawl_buffer *out);

#endif
