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
static char *put_timestamp(char *out, uint32_t number, int64_t seconds, int64_t nanoseconds)
{
	char message[2 + 2 * PAWL_WIRE_VARINT_BYTES], *end = message;

	if (seconds != 0)
		end = put_integer(end, 1, seconds);
	if (nanoseconds != 0)
		end = put_integer(end, 2, nanoseconds);
	size_t length = (size_t) (end - message);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out, number, PAWL_WIRE_BYTES), length);
	memcpy(out, message, length);
	return out + length;
}

static char *put_microseconds(char *out, uint32_t number, int64_t us)
{
	int64_t seconds = us / 1000000, rest_us = us % 1000000;

	if (rest_us < 0) {
		seconds--;
		rest_us += 1000000;
	}
	return put_timestamp(out, number, seconds, rest_us * 1000);
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
		return put_microseconds(out, PAWL_INNER_NAIVE_DATE, cell->as.int32 * DAY_US);
	case PAWL_NAIVE_DATETIME:
		return put_microseconds(out, PAWL_INNER_NAIVE_DATETIME, cell->as.int64);
	default:
		return put_microseconds(out, PAWL_INNER_UTC_DATETIME, cell->as.int64);
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

/* DuckDB has two values that are later and earlier than any other. */
static const char *time_text(pawl_type type, const pawl_cell *cell, char out[PAWL_TIME_TEXT_BYTES])
{
	bool is_date = type == PAWL_NAIVE_DATE;
	int64_t last = is_date ? INT32_MAX : INT64_MAX, value = is_date ? cell->as.int32 : cell->as.int64;

	if (value == last || value == -last)
		return value > 0 ? "infinity" : "-infinity";
	if (is_date)
		pawl_time_format_date(cell->as.int32, out);
	else
		pawl_time_format_naive(cell->as.int64, out);
	return out;
}

static bool is_time(pawl_type type)
{
	return type == PAWL_NAIVE_DATE || type == PAWL_NAIVE_DATETIME || type == PAWL_UTC_DATETIME;
}

static bool has_timestamp(pawl_type type, const pawl_cell *cell)
{
	if (type == PAWL_NAIVE_DATE)
		return cell->as.int32 >= FIRST_TIMESTAMP_US / DAY_US && cell->as.int32 <= LAST_TIMESTAMP_US / DAY_US;
	return cell->as.int64 >= FIRST_TIMESTAMP_US && cell->as.int64 <= LAST_TIMESTAMP_US;
}

static pawl_status check_time(pawl_type type, const pawl_cell *cell, pawl_error *error)
{
	char text[PAWL_TIME_TEXT_BYTES];

	if (!is_time(type) || has_timestamp(type, cell))
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "'%s' is beyond the years 0001 to 9999, which are all that the protocol has",
	               time_text(type, cell, text));
	return pawl_error_hint(error, "declare the column as STRING");
}

void pawl_record_begin(pawl_buffer *record, const char *table, pawl_operation operation)
{
	pawl_buffer_clear(record);
	pawl_wire_append_bytes(record, PAWL_RECORD_TABLE, table, strlen(table));
	if (operation != PAWL_OPERATION_UPSERT)
		pawl_wire_append_varint(record, PAWL_RECORD_TYPE, operation);
}

void pawl_record_begin_in(pawl_buffer *record, const char *schema, const char *table, pawl_operation operation)
{
	pawl_record_begin(record, table, operation);
	pawl_wire_append_bytes(record, PAWL_RECORD_SCHEMA, schema, strlen(schema));
}

/* A ValueType: what stands in front, and bytes that may follow it. */
typedef struct record_value {
	char head[HEAD_BYTES + PAWL_DECIMAL_TEXT_BYTES], *end;
	const char *bytes;
	size_t bytes_length;
} record_value;

/* An entry of the map `data`: {1: name, 2: ValueType}. Members of a oneof are written even when they are 0 or empty. */
static pawl_status append_entry(pawl_buffer *record, const char *column, const record_value *value, pawl_error *error)
{
	size_t name_length = strlen(column), head_length = (size_t) (value->end - value->head);
	size_t value_length = head_length + value->bytes_length;
	size_t entry_length = 2 + pawl_wire_varint_bytes(name_length) + name_length + pawl_wire_varint_bytes(value_length) + value_length;

	char *start = pawl_buffer_reserve(record, entry_length + 1 + PAWL_WIRE_VARINT_BYTES);
	if (start == NULL)
		return pawl_error_out_of_memory(error);
	char *out = pawl_wire_put_varint(pawl_wire_put_tag(start, PAWL_RECORD_DATA, PAWL_WIRE_BYTES), entry_length);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out, PAWL_ENTRY_KEY, PAWL_WIRE_BYTES), name_length);
	memcpy(out, column, name_length);
	out = pawl_wire_put_varint(pawl_wire_put_tag(out + name_length, PAWL_ENTRY_VALUE, PAWL_WIRE_BYTES), value_length);
	memcpy(out, value->head, head_length);
	out += head_length;
	if (value->bytes_length > 0)
		memcpy(out, value->bytes, value->bytes_length);
	pawl_buffer_extend(record, (size_t) (out - start) + value->bytes_length);
	return PAWL_OK;
}

pawl_status pawl_record_append(pawl_buffer *record, const char *column, pawl_type type, const pawl_cell *cell,
                               pawl_error *error)
{
	record_value value;

	value.bytes = NULL;
	value.bytes_length = 0;
	if (cell->is_null) {
		value.end = put_integer(value.head, PAWL_INNER_NULL, 1);
	} else if (pawl_type_storage(type) == PAWL_STORAGE_BYTES) {
		value.bytes = cell->as.bytes;
		value.bytes_length = cell->length;
		value.end = pawl_wire_put_varint(pawl_wire_put_tag(value.head, bytes_member(type), PAWL_WIRE_BYTES), cell->length);
	} else {
		PAWL_TRY(check_time(type, cell, error));
		value.end = put_number(value.head, type, cell);
	}
	return append_entry(record, column, &value, error);
}

/* All of them lie within the years that the protocol has. */
pawl_status pawl_record_append_nanoseconds(pawl_buffer *record, const char *column, pawl_type type, const pawl_cell *cell,
                                           pawl_error *error)
{
	bool is_infinite = !cell->is_null && (cell->as.int64 == INT64_MAX || cell->as.int64 == -INT64_MAX);
	record_value value;

	if (cell->is_null || is_infinite)
		return pawl_record_append(record, column, type, cell, error);
	int64_t seconds = cell->as.int64 / 1000000000, nanoseconds = cell->as.int64 % 1000000000;
	if (nanoseconds < 0) {
		seconds--;
		nanoseconds += 1000000000;
	}
	value.bytes = NULL;
	value.bytes_length = 0;
	uint32_t number = type == PAWL_UTC_DATETIME ? PAWL_INNER_UTC_DATETIME : PAWL_INNER_NAIVE_DATETIME;
	value.end = put_timestamp(value.head, number, seconds, nanoseconds);
	return append_entry(record, column, &value, error);
}

void pawl_record_end(const pawl_buffer *record, pawl_buffer *records)
{
	pawl_wire_append_bytes(records, PAWL_RECORDS_RECORD, pawl_buffer_text(record), record->length);
	records->has_failed |= record->has_failed;
}
