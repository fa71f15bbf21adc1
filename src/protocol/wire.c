#include "protocol/wire.h"

#include <string.h>

static bool damage(pawl_wire *wire)
{
	wire->is_damaged = true;
	return false;
}

static bool read_varint(pawl_wire *wire, uint64_t *ret_integer)
{
	uint64_t integer = 0;
	for (unsigned int shift = 0; shift < 70 && wire->next < wire->end; shift += 7) {
		unsigned char byte = (unsigned char) *wire->next++;
		if (shift == 63 && byte > 1)
			return damage(wire);
		integer |= (uint64_t) (byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_integer = integer;
			return true;
		}
	}
	return damage(wire);
}

/* Little-endian, as the machine may not be. */
static bool read_fixed(pawl_wire *wire, unsigned int bytes, uint64_t *ret_integer)
{
	if (pawl_wire_length(wire) < bytes)
		return damage(wire);
	uint64_t integer = 0;
	for (unsigned int i = 0; i < bytes; i++)
		integer |= (uint64_t) (unsigned char) wire->next[i] << (8 * i);
	wire->next += bytes;
	*ret_integer = integer;
	return true;
}

static bool read_bytes(pawl_wire *wire, pawl_wire *ret_bytes)
{
	uint64_t length;
	if (!read_varint(wire, &length))
		return false;
	if (length > pawl_wire_length(wire))
		return damage(wire);
	*ret_bytes = (pawl_wire){wire->next, wire->next + length, false};
	wire->next += length;
	return true;
}

bool pawl_wire_next(pawl_wire *wire, pawl_wire_field *ret_field)
{
	uint64_t tag;
	if (wire->is_damaged || wire->next == wire->end)
		return false;
	if (!read_varint(wire, &tag))
		return false;
	if (tag > UINT32_MAX || tag >> 3 == 0)
		return damage(wire);
	ret_field->number = (uint32_t) (tag >> 3);
	ret_field->type = (pawl_wire_type) (tag & 7);
	ret_field->bytes = (pawl_wire){0};
	switch (tag & 7) {
	case PAWL_WIRE_VARINT:
		return read_varint(wire, &ret_field->integer);
	case PAWL_WIRE_FIXED64:
		return read_fixed(wire, 8, &ret_field->integer);
	case PAWL_WIRE_BYTES:
		return read_bytes(wire, &ret_field->bytes);
	case PAWL_WIRE_FIXED32:
		return read_fixed(wire, 4, &ret_field->integer);
	default:
		return damage(wire);
	}
}

void pawl_wire_append_bytes(pawl_buffer *out, uint32_t number, const char *bytes, size_t length)
{
	char head[2 * PAWL_WIRE_VARINT_BYTES];
	char *end = pawl_wire_put_varint(pawl_wire_put_tag(head, number, PAWL_WIRE_BYTES), length);
	pawl_buffer_append_bytes(out, head, (size_t) (end - head));
	pawl_buffer_append_bytes(out, bytes, length);
}

void pawl_wire_append_varint(pawl_buffer *out, uint32_t number, uint64_t integer)
{
	char field[2 * PAWL_WIRE_VARINT_BYTES];
	char *end = pawl_wire_put_varint(pawl_wire_put_tag(field, number, PAWL_WIRE_VARINT), integer);
	pawl_buffer_append_bytes(out, field, (size_t) (end - field));
}
