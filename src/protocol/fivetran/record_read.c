/* Messages as values. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/numbers.h"
#include "protocol/fivetran/record.h"

#define DAY_SECONDS          86400
#define FIRST_SECOND         INT64_C(-62135596800) /* 0001-01-01T00:00:00Z, timestamp.proto */
#define LAST_SECOND          INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define NANOSECONDS_PER_SECOND 1000000000

/* ---- values ---------------------------------------------------------------------------------------------------------- */

static pawl_status refuse_damaged(pawl_error *error)
{
	return pawl_error_set(error, PAWL_INVALID, "the message is damaged");
}

static pawl_status read_timestamp(pawl_wire wire, int64_t *ret_seconds, int64_t *ret_nanoseconds, pawl_error *error)
{
	int64_t seconds = 0, nanoseconds = 0;
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field)) {
		if (pawl_wire_is(&field, 1, PAWL_WIRE_VARINT))
			seconds = (int64_t) field.integer;
		else if (pawl_wire_is(&field, 2, PAWL_WIRE_VARINT))
			nanoseconds = (int64_t) field.integer;
	}
	if (wire.is_damaged)
		return refuse_damaged(error);
	if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanoseconds < 0 || nanoseconds >= NANOSECONDS_PER_SECOND)
		return pawl_error_set(error, PAWL_INVALID, "its timestamp of %lld seconds and %lld nanoseconds is none of the years 0001 to 9999",
		                      (long long) seconds, (long long) nanoseconds);
	*ret_seconds = seconds;
	*ret_nanoseconds = nanoseconds;
	return PAWL_OK;
}

static pawl_status read_time(pawl_wire wire, pawl_value_kind kind, pawl_value *ret_value, pawl_error *error)
{
	int64_t seconds, nanoseconds;
	PAWL_TRY(read_timestamp(wire, &seconds, &nanoseconds, error));
	if (nanoseconds % 1000 != 0) {
		pawl_error_set(error, PAWL_INVALID, "its time has %lld nanoseconds, which are no whole microseconds", (long long) nanoseconds);
		return pawl_error_hint(error, "send it as STRING to keep all of it");
	}
	*ret_value = pawl_integer(seconds * 1000000 + nanoseconds / 1000);
	ret_value->kind = kind;
	return PAWL_OK;
}

static pawl_status read_date(pawl_wire wire, pawl_value *ret_value, pawl_error *error)
{
	int64_t seconds, nanoseconds;
	PAWL_TRY(read_timestamp(wire, &seconds, &nanoseconds, error));
	if (seconds % DAY_SECONDS != 0 || nanoseconds != 0)
		return pawl_error_set(error, PAWL_INVALID, "its date has a time of day");
	*ret_value = pawl_naive_date((int32_t) (seconds / DAY_SECONDS));
	return PAWL_OK;
}

static pawl_status read_bytes(const pawl_wire_field *field, pawl_value *ret_value, pawl_error *error)
{
	static const pawl_value_kind kinds[] = {
		[PAWL_INNER_DECIMAL] = PAWL_VALUE_DECIMAL, [PAWL_INNER_BINARY] = PAWL_VALUE_BINARY, [PAWL_INNER_STRING] = PAWL_VALUE_STRING,
		[PAWL_INNER_JSON] = PAWL_VALUE_JSON, [PAWL_INNER_XML] = PAWL_VALUE_XML,
	};
	switch (field->number) {
	case PAWL_INNER_NAIVE_DATE:
		return read_date(field->bytes, ret_value, error);
	case PAWL_INNER_NAIVE_DATETIME:
		return read_time(field->bytes, PAWL_VALUE_NAIVE_DATETIME, ret_value, error);
	case PAWL_INNER_UTC_DATETIME:
		return read_time(field->bytes, PAWL_VALUE_UTC_DATETIME, ret_value, error);
	case PAWL_INNER_NAIVE_TIME:
		pawl_error_set(error, PAWL_INVALID, "its value is a NAIVE_TIME, which sources cannot send");
		return pawl_error_hint(error, "send it as STRING");
	default:
		*ret_value = pawl_bytes(kinds[field->number], field->bytes.next, pawl_wire_length(&field->bytes));
		return PAWL_OK;
	}
}

static pawl_value read_number(const pawl_wire_field *field)
{
	uint32_t bits = (uint32_t) field->integer;
	float float32;
	double float64;
	switch (field->number) {
	case PAWL_INNER_NULL:
		return pawl_null();
	case PAWL_INNER_BOOL:
		return pawl_boolean(field->integer != 0);
	case PAWL_INNER_FLOAT:
		memcpy(&float32, &bits, sizeof(float32));
		return pawl_float(float32);
	case PAWL_INNER_DOUBLE:
		memcpy(&float64, &field->integer, sizeof(float64));
		return pawl_double(float64);
	case PAWL_INNER_LONG:
		return pawl_integer((int64_t) field->integer);
	default:
		return pawl_integer((int32_t) bits); /* as protobuf reads an int32 */
	}
}

static bool is_member(const pawl_wire_field *field)
{
	static const unsigned char types[] = {
		[PAWL_INNER_NULL] = PAWL_WIRE_VARINT, [PAWL_INNER_BOOL] = PAWL_WIRE_VARINT, [PAWL_INNER_SHORT] = PAWL_WIRE_VARINT,
		[PAWL_INNER_INT] = PAWL_WIRE_VARINT, [PAWL_INNER_LONG] = PAWL_WIRE_VARINT, [PAWL_INNER_FLOAT] = PAWL_WIRE_FIXED32,
		[PAWL_INNER_DOUBLE] = PAWL_WIRE_FIXED64, [PAWL_INNER_NAIVE_DATE] = PAWL_WIRE_BYTES,
		[PAWL_INNER_NAIVE_DATETIME] = PAWL_WIRE_BYTES, [PAWL_INNER_UTC_DATETIME] = PAWL_WIRE_BYTES,
		[PAWL_INNER_DECIMAL] = PAWL_WIRE_BYTES, [PAWL_INNER_BINARY] = PAWL_WIRE_BYTES, [PAWL_INNER_STRING] = PAWL_WIRE_BYTES,
		[PAWL_INNER_JSON] = PAWL_WIRE_BYTES, [PAWL_INNER_XML] = PAWL_WIRE_BYTES, [PAWL_INNER_NAIVE_TIME] = PAWL_WIRE_BYTES,
	};
	return field->number >= PAWL_INNER_NULL && field->number <= PAWL_INNER_NAIVE_TIME && types[field->number] == field->type;
}

/* A value that has no member that is known may be of a later contract: it is refused, since it cannot be kept. */
static pawl_status read_value(pawl_wire wire, pawl_value *ret_value, pawl_error *error)
{
	bool has_value = false;
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field)) {
		if (!is_member(&field))
			continue;
		has_value = true;
		if (field.type == PAWL_WIRE_BYTES)
			PAWL_TRY(read_bytes(&field, ret_value, error));
		else
			*ret_value = read_number(&field);
	}
	if (wire.is_damaged)
		return refuse_damaged(error);
	return has_value ? PAWL_OK : pawl_error_set(error, PAWL_INVALID, "its value is of no type that is known");
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

static pawl_status keep_name(pawl_record_reader *reader, const pawl_wire *bytes, const pawl_record_name **ret_name,
                             pawl_error *error)
{
	size_t length = pawl_wire_length(bytes);
	pawl_record_name *name;
	HASH_FIND(hh, reader->names, bytes->next, length, name);
	if (name == NULL) {
		if (memchr(bytes->next, '\0', length) != NULL)
			return pawl_error_set(error, PAWL_INVALID, "a name holds a NUL");
		name = pawl_arena_allocate(&reader->memory, sizeof(*name));
		char *text = pawl_arena_allocate(&reader->memory, length + 1);
		if (name == NULL || text == NULL)
			return pawl_error_out_of_memory(error);
		memcpy(text, bytes->next, length);
		text[length] = '\0';
		*name = (pawl_record_name){.text = text, .length = length};
		HASH_ADD_KEYPTR(hh, reader->names, name->text, length, name);
		pawl_record_name *added;
		HASH_FIND(hh, reader->names, text, length, added);
		if (added != name)
			return pawl_error_out_of_memory(error);
	}
	*ret_name = name;
	return PAWL_OK;
}

/* The same name as last time in this place, most likely. */
static pawl_status find_name(pawl_record_reader *reader, const pawl_wire *bytes, const pawl_record_name **guess,
                             pawl_error *error)
{
	static const char nothing[1];
	static const pawl_wire empty = {nothing, nothing, false};
	size_t length = pawl_wire_length(bytes);
	if (length == 0)
		bytes = &empty; /* one that is absent has no bytes to point to */
	if (*guess != NULL && (*guess)->length == length && memcmp((*guess)->text, bytes->next, length) == 0)
		return PAWL_OK;
	return keep_name(reader, bytes, guess, error);
}

/* ---- records --------------------------------------------------------------------------------------------------------- */

static pawl_status make_room(pawl_record_reader *reader, size_t count, pawl_error *error)
{
	if (count < reader->capacity)
		return PAWL_OK;
	size_t capacity = reader->capacity == 0 ? 16 : reader->capacity * 2;
	pawl_field *fields = pawl_reallocate(reader->fields, capacity * sizeof(*fields));
	if (fields == NULL)
		return pawl_error_out_of_memory(error);
	reader->fields = fields;
	const pawl_record_name **names = pawl_reallocate(reader->field_names, capacity * sizeof(const pawl_record_name *));
	if (names == NULL)
		return pawl_error_out_of_memory(error);
	memset(names + reader->capacity, 0, (capacity - reader->capacity) * sizeof(const pawl_record_name *));
	reader->field_names = names;
	reader->capacity = capacity;
	return PAWL_OK;
}

static pawl_status read_entry(pawl_record_reader *reader, pawl_wire wire, size_t i, pawl_error *error)
{
	PAWL_TRY(make_room(reader, i, error));
	pawl_wire name = {0}, value = {0};
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field)) {
		if (pawl_wire_is(&field, PAWL_ENTRY_KEY, PAWL_WIRE_BYTES))
			name = field.bytes;
		else if (pawl_wire_is(&field, PAWL_ENTRY_VALUE, PAWL_WIRE_BYTES))
			value = field.bytes;
	}
	if (wire.is_damaged)
		return refuse_damaged(error);
	PAWL_TRY(find_name(reader, &name, &reader->field_names[i], error));
	reader->fields[i].column = reader->field_names[i]->text;
	if (read_value(value, &reader->fields[i].value, error) != PAWL_OK)
		return pawl_error_prefix(error, "column '%s': ", reader->fields[i].column);
	return PAWL_OK;
}

static pawl_status read_schema_name(pawl_record_reader *reader, const pawl_wire *bytes, pawl_record *record, pawl_error *error)
{
	const pawl_record_name *name = NULL;
	PAWL_TRY(find_name(reader, bytes, &name, error));
	record->schema = name->text;
	return PAWL_OK;
}

static pawl_status read_record_field(pawl_record_reader *reader, const pawl_wire_field *field, pawl_record *record,
                                     pawl_wire *table, pawl_error *error)
{
	if (pawl_wire_is(field, PAWL_RECORD_DATA, PAWL_WIRE_BYTES))
		return read_entry(reader, field->bytes, record->count++, error);
	if (pawl_wire_is(field, PAWL_RECORD_TABLE, PAWL_WIRE_BYTES))
		*table = field->bytes;
	else if (pawl_wire_is(field, PAWL_RECORD_SCHEMA, PAWL_WIRE_BYTES))
		return read_schema_name(reader, &field->bytes, record, error);
	else if (pawl_wire_is(field, PAWL_RECORD_ROW_DATA, PAWL_WIRE_BYTES))
		return pawl_error_set(error, PAWL_INVALID, "the record has its values as row_data, which is not supported");
	else if (pawl_wire_is(field, PAWL_RECORD_TYPE, PAWL_WIRE_VARINT)) {
		if (field->integer > PAWL_OPERATION_TRUNCATE)
			return pawl_error_set(error, PAWL_INVALID, "the record's type is %llu, which is none that is known",
			                      (unsigned long long) field->integer);
		record->operation = (pawl_operation) field->integer;
	}
	return PAWL_OK;
}

pawl_status pawl_record_read(pawl_record_reader *reader, pawl_wire bytes, pawl_record *ret_record, pawl_error *error)
{
	pawl_record record = {.operation = PAWL_OPERATION_UPSERT};
	pawl_wire table = {0};
	pawl_wire_field field;
	pawl_status status = PAWL_OK;
	while (status == PAWL_OK && pawl_wire_next(&bytes, &field))
		status = read_record_field(reader, &field, &record, &table, error);
	if (status == PAWL_OK && bytes.is_damaged)
		status = refuse_damaged(error);
	if (status == PAWL_OK)
		status = find_name(reader, &table, &reader->table_name, error);
	if (status != PAWL_OK && table.next == table.end)
		return pawl_error_prefix(error, "a record: ");
	if (status != PAWL_OK)
		return pawl_error_prefix(error, "table '%.*s': ", (int) strnlen(table.next, pawl_wire_length(&table)), table.next);
	record.table = reader->table_name->text;
	record.fields = reader->fields;
	*ret_record = record;
	return PAWL_OK;
}

void pawl_record_reader_clear(pawl_record_reader *reader)
{
	HASH_CLEAR(hh, reader->names); /* the names themselves lie in the arena */
	pawl_free_pointer(&reader->fields);
	pawl_free_pointer(&reader->field_names);
	pawl_arena_free(&reader->memory);
}
