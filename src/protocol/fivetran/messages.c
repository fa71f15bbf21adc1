/* Messages of protobuf-c, with Pawl's memory. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/messages.h"

/* Where a message is unpacked to. */
typedef struct unpacking {
	pawl_arena *memory;
	bool has_failed; /* there was no memory; protobuf-c itself does not tell that from damage */
} unpacking;

static void *allocate(void *context, size_t bytes)
{
	unpacking *into = context;
	void *piece = pawl_arena_allocate(into->memory, bytes);
	into->has_failed |= piece == NULL;
	return piece;
}

/* What lies in an arena is freed with it. */
static void release(void *context, void *memory)
{
	(void) context;
	(void) memory;
}

void *pawl_fivetran_unpack(const ProtobufCMessageDescriptor *descriptor, const pawl_buffer *bytes, pawl_arena *memory,
                           pawl_error *error)
{
	unpacking into = {memory, false};
	ProtobufCAllocator allocator = {allocate, release, &into};
	void *message =
		protobuf_c_message_unpack(descriptor, &allocator, bytes->length, (const uint8_t *) pawl_buffer_text(bytes));
	if (message == NULL && into.has_failed)
		pawl_error_out_of_memory(error);
	else if (message == NULL)
		pawl_error_set(error, PAWL_INVALID, "no message '%s'", descriptor->name);
	return message;
}

pawl_status pawl_fivetran_pack(const void *message, pawl_buffer *out, pawl_error *error)
{
	size_t length = protobuf_c_message_get_packed_size(message);
	pawl_buffer_clear(out);
	char *room = pawl_buffer_reserve(out, length);
	if (room == NULL)
		return pawl_error_out_of_memory(error);
	pawl_buffer_extend(out, protobuf_c_message_pack(message, (uint8_t *) room));
	return PAWL_OK;
}

pawl_status pawl_fivetran_configuration(void *const *entries, size_t count, pawl_buffer *json, pawl_error *error)
{
	pawl_buffer_append_character(json, '{');
	for (size_t i = 0; i < count; i++) {
		const pawl_configuration_entry *entry = entries[i];
		pawl_buffer_append(json, i == 0 ? "" : ",");
		pawl_buffer_append_json(json, entry->key, strlen(entry->key));
		pawl_buffer_append_character(json, ':');
		pawl_buffer_append_json(json, entry->value, strlen(entry->value));
	}
	pawl_buffer_append_character(json, '}');
	return pawl_buffer_status(json, error);
}
