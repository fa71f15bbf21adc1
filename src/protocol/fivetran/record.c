/* Cells as messages. */
#include "protocol/fivetran/record.h"

#include <string.h>

#include "base/time.h"
#include "protocol/fivetran/numbers.h"

/* A value before its bytes: tags, lengths, a number or a Timestamp. */
enum { HEAD_BYTES = 64 };

#define DAY_US            INT64_C(86400000000)
#define FIRST_TIMESTAMP_US (INT64_C(-62135596800) * 1000000) /* 0001-01-01T00:00:00Z, timestamp.proto */
#define LAST_TIMESTAMP_US  (INT64_C(253402300800) * 1000000 - 1) /* 9999-12-31T23:59:59.999999Z */

static char *put_integer(char *out, uint32_t number, int64_t integer)
{
	return pawl_wire_put_varint(pawl_wire_put_tag(out, number, PAWL_WIRE_VARINT), (uint64_t) integer);
}

static char *put_fixed(char *out, uint64_t bits, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		*out++ = (char) (bits >> (8 * i));
	return out;
}

static char *put_float(char *out, float real)
{
	uint32_t bits;
	memcpy(&bits, &real, sizeof(bits));
	return put_fixed(pawl_wire_put_tag(out, PAWL_INNER_FLOAT, PAWL_WIRE_FIXED32), bits, 4);
}

static char *put_double(char *out, double real)
{
	uint64_t bits;
	memcpy(&bits, &real, sizeof(bits));
	return put_fixed(pawl_wire_put_tag(out, PAWL_INNER_DOUBLE, PAWL_WIRE_FIXED64), bits, 8);
}

/* google.protobuf.Timestamp: seconds, which may be negative, and nanoseconds, which may not; zeros are left out. */
static char *put_timestamp(char *out, uint32_t number, int64_t us)
{
	char message[2 + 2 * PAWL_WIRE_VARINT_BYTES], *end = message;
	int64_t seconds = us / 1000000, rest_us = us % 1000000;
	if (rest_us < 0) {
		seconds--;
		rest_us += 1000000;
	}
	if (seconds != 0)
		end = put_integer(end, 1, seconds);
	if (rest_us != 0)
		end = put_integer(end, 2, rest_us * 1000);
	size_t length = (size_t) (end - message);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out, number, PAWL_WIRE_BYTES), length);
	memcpy(out, message, length);
	return out + length;
}

static char *put_text(char *out, uint32_t number, const char *text)
{
	size_t length = strlen(text);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out, number, PAWL_WIRE_BYTES), length);
	memcpy(out, text, length);
	return out + length;
}

/* A DECIMAL is stored in as many bytes as its precision needs. */
static pawl_int128 unscaled(pawl_type type, const pawl_cell *cell)
{
	pawl_storage storage = pawl_type_storage(type);
	if (storage == PAWL_STORAGE_INT16)
		return cell->as.int16;
	if (storage == PAWL_STORAGE_INT32)
		return cell->as.int32;
	return storage == PAWL_STORAGE_INT64 ? cell->as.int64 : cell->as.int128;
}

static char *put_decimal(char *out, pawl_type type, const pawl_cell *cell)
{
	char digits[PAWL_DECIMAL_TEXT_BYTES];
	pawl_decimal_format(unscaled(type, cell), pawl_type_scale(type), digits);
	return put_text(out, PAWL_INNER_DECIMAL, digits);
}

/* A value that has no bytes of its own. */
static char *put_number(char *out, pawl_type type, const pawl_cell *cell)
{
	switch (pawl_type_kind(type)) {
	case PAWL_BOOLEAN:
		return put_integer(out, PAWL_INNER_BOOL, cell->as.boolean);
	case PAWL_SHORT:
		return put_integer(out, PAWL_INNER_SHORT, cell->as.int16);
	case PAWL_INT:
		return put_integer(out, PAWL_INNER_INT, cell->as.int32);
	case PAWL_LONG:
		return put_integer(out, PAWL_INNER_LONG, cell->as.int64);
	case PAWL_KIND_DECIMAL:
		return put_decimal(out, type, cell);
	case PAWL_FLOAT:
		return put_float(out, cell->as.float32);
	case PAWL_DOUBLE:
		return put_double(out, cell->as.float64);
	case PAWL_NAIVE_DATE:
		return put_timestamp(out, PAWL_INNER_NAIVE_DATE, cell->as.int32 * DAY_US);
	case PAWL_NAIVE_DATETIME:
		return put_timestamp(out, PAWL_INNER_NAIVE_DATETIME, cell->as.int64);
	default:
		return put_timestamp(out, PAWL_INNER_UTC_DATETIME, cell->as.int64);
	}
}

static uint32_t bytes_member(pawl_type type)
{
	switch (type) {
	case PAWL_BINARY:
		return PAWL_INNER_BINARY;
	case PAWL_XML:
		return PAWL_INNER_XML;
	case PAWL_JSON:
		return PAWL_INNER_JSON;
	default:
		return PAWL_INNER_STRING;
	}
}

static pawl_status check_time(pawl_type type, const pawl_cell *cell, pawl_error *error)
{
	int64_t us;
	if (type == PAWL_NAIVE_DATE)
		us = cell->as.int32 * DAY_US;
	else if (type == PAWL_NAIVE_DATETIME || type == PAWL_UTC_DATETIME)
		us = cell->as.int64;
	else
		return PAWL_OK;
	if (us >= FIRST_TIMESTAMP_US && us <= LAST_TIMESTAMP_US)
		return PAWL_OK;
	char text[PAWL_TIME_TEXT_BYTES];
	pawl_time_format_naive(us, text);
	pawl_error_set(error, PAWL_INVALID, "'%s' is beyond the years 0001 to 9999, which are all that the protocol has", text);
	return pawl_error_hint(error, "declare the column as STRING");
}

void pawl_record_begin(pawl_buffer *record, const char *table, pawl_operation operation)
{
	pawl_buffer_clear(record);
	pawl_wire_append_bytes(record, PAWL_RECORD_TABLE, table, strlen(table));
	if (operation != PAWL_OPERATION_UPSERT)
		pawl_wire_append_varint(record, PAWL_RECORD_TYPE, operation);
}

/* An entry of the map `data`: {1: name, 2: ValueType}. Members of a oneof are written even when they are 0 or empty. */
pawl_status pawl_record_append(pawl_buffer *record, const char *column, pawl_type type, const pawl_cell *cell,
                               pawl_error *error)
{
	char value[HEAD_BYTES + PAWL_DECIMAL_TEXT_BYTES], *value_end;
	size_t name_length = strlen(column), bytes_length = 0;
	if (cell->is_null) {
		value_end = put_integer(value, PAWL_INNER_NULL, 1);
	} else if (pawl_type_storage(type) == PAWL_STORAGE_BYTES) {
		bytes_length = cell->length;
		value_end = pawl_wire_put_varint(pawl_wire_put_tag(value, bytes_member(type), PAWL_WIRE_BYTES), bytes_length);
	} else {
		PAWL_TRY(check_time(type, cell, error));
		value_end = put_number(value, type, cell);
	}
	size_t value_length = (size_t) (value_end - value) + bytes_length;
	size_t entry_length = 2 + pawl_wire_varint_bytes(name_length) + name_length + pawl_wire_varint_bytes(value_length) + value_length;

	char *start = pawl_buffer_reserve(record, entry_length + 1 + PAWL_WIRE_VARINT_BYTES);
	if (start == NULL)
		return pawl_error_out_of_memory(error);
	char *out = pawl_wire_put_varint(pawl_wire_put_tag(start, PAWL_RECORD_DATA, PAWL_WIRE_BYTES), entry_length);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out, PAWL_ENTRY_KEY, PAWL_WIRE_BYTES), name_length);
	memcpy(out, column, name_length);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out + name_length, PAWL_ENTRY_VALUE, PAWL_WIRE_BYTES), value_length);
	memcpy(out, value, (size_t) (value_end - value));
	out += value_end - value;
	if (bytes_length > 0)
		memcpy(out, cell->as.bytes, bytes_length);
	pawl_buffer_extend(record, (size_t) (out - start) + bytes_length);
	return PAWL_OK;
}

void pawl_record_end(const pawl_buffer *record, pawl_buffer *records)
{
	pawl_wire_append_bytes(records, PAWL_RECORDS_RECORD, pawl_buffer_text(record), record->length);
	records->has_failed |= record->has_failed;
}
