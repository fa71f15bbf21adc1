/*
 * protocol/fivetran/messages.h: messages of protobuf-c, with Pawl's memory. Rows go another way, record.h.
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_MESSAGES_H
#define PAWL_PROTOCOL_FIVETRAN_MESSAGES_H

#include <connector_sdk.pb-c.h>

#include "base/buffer.h"
#include "base/memory.h"

/* Unpacks into the arena; NULL, with an error, when the bytes are no such message (PAWL_INVALID), or there is no memory. */
void *pawl_fivetran_unpack(const ProtobufCMessageDescriptor *descriptor, const pawl_buffer *bytes, pawl_arena *memory,
                           pawl_error *error);

/* Packs, in the place of what is in `out`. */
pawl_status pawl_fivetran_pack(const void *message, pawl_buffer *out, pawl_error *error);

/* The entries of a map<string, string> have one form, whatever message they are of. */
typedef FivetranSdk__V2__TestRequest__ConfigurationEntry pawl_configuration_entry;

/* The configuration as JSON. */
pawl_status pawl_fivetran_configuration(void *const *entries, size_t count, pawl_buffer *json, pawl_error *error);

#endif
