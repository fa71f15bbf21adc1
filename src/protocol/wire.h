/*
 * protocol/wire.h: the wire format of Protocol Buffers (protobuf.dev, "Encoding"), for messages that come by the million or
 * whose text needs its length; all others go through protobuf-c.
 *
 *     pawl_wire wire = {bytes, bytes + length, false};
 *     pawl_wire_field field;
 *     while (pawl_wire_next(&wire, &field))
 *         if (pawl_wire_is(&field, 2, PAWL_WIRE_BYTES))
 *             name = field.bytes;
 *     if (wire.is_damaged)
 *         ...
 */
#ifndef PAWL_PROTOCOL_WIRE_H
#define PAWL_PROTOCOL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* What is left to read. */
typedef struct pawl_wire {
	const char *next, *end;
	bool is_damaged;
} pawl_wire;

typedef enum pawl_wire_type {
	PAWL_WIRE_VARINT = 0,
	PAWL_WIRE_FIXED64 = 1,
	PAWL_WIRE_BYTES = 2,
	PAWL_WIRE_FIXED32 = 5
} pawl_wire_type;

typedef struct pawl_wire_field {
	uint32_t number;
	pawl_wire_type type;
	uint64_t integer; /* of all types but BYTES */
	pawl_wire bytes;  /* of BYTES: what is in it */
} pawl_wire_field;

/* The next field; false at the end, and where the bytes are no message: groups, which proto3 does not have, too. */
bool pawl_wire_next(pawl_wire *wire, pawl_wire_field *ret_field);

static inline bool pawl_wire_is(const pawl_wire_field *field, uint32_t number, pawl_wire_type type)
{
	return field->number == number && field->type == type;
}

static inline size_t pawl_wire_length(const pawl_wire *wire)
{
	return (size_t) (wire->end - wire->next);
}

#define PAWL_WIRE_VARINT_BYTES 10 /* of the longest */

/* Writes a varint, and returns the place behind it. */
static inline char *pawl_wire_put_varint(char *out, uint64_t integer)
{
	while (integer >= 0x80) {
		*out++ = (char) (integer | 0x80);
		integer >>= 7;
	}
	*out++ = (char) integer;
	return out;
}

static inline size_t pawl_wire_varint_bytes(uint64_t integer)
{
	return (size_t) (63 - __builtin_clzll(integer | 1)) / 7 + 1;
}

static inline char *pawl_wire_put_tag(char *out, uint32_t number, pawl_wire_type type)
{
	return pawl_wire_put_varint(out, number << 3 | type);
}

/* Appends a field of BYTES. */
void pawl_wire_append_bytes(pawl_buffer *out, uint32_t number, const char *bytes, size_t length);

/* Appends a field of VARINT. */
void pawl_wire_append_varint(pawl_buffer *out, uint32_t number, uint64_t integer);

#endif
