/* Rows as messages and back: golden bytes of the contract's own generator, and all types at their limits. */
#include "protocol/fivetran/record.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <connector_sdk.pb-c.h>

#define SECOND INT64_C(1000000)

static pawl_buffer record, records, scratch;

static int free_buffers(void **state)
{
	(void) state;
	pawl_buffer_free(&record);
	pawl_buffer_free(&records);
	pawl_buffer_free(&scratch);
	return 0;
}

static void append(const char *column, pawl_type type, pawl_value value)
{
	pawl_cell cell = {.is_null = true};
	pawl_error error = {0};
	if (value.kind != PAWL_VALUE_NULL && pawl_cell_convert(&value, type, &scratch, &cell, &error) != PAWL_OK)
		fail_msg("%s", error.message);
	if (pawl_record_append(&record, column, type, &cell, &error) != PAWL_OK)
		fail_msg("%s", error.message);
}

/* The records as they stand within the field 6 of an UpdateResponse. */
static void assert_records(const char *hex)
{
	char text[512];
	pawl_buffer response = {0};
	pawl_wire_append_bytes(&response, 6, records.text, records.length);
	assert_in_range(response.length, 1, sizeof(text) / 2 - 1);
	for (size_t i = 0; i < response.length; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned char) response.text[i]);
	assert_string_equal(text, hex);
	pawl_buffer_free(&response);
	pawl_buffer_clear(&records);
}

static void test_golden_bytes(void **state)
{
	(void) state;
	pawl_record_begin(&record, "customers", PAWL_OPERATION_UPSERT);
	append("customer_id", PAWL_INT, pawl_integer(2));
	pawl_record_end(&record, &records);
	assert_records("32200a1e1209637573746f6d65727322110a0b637573746f6d65725f696412022002");

	pawl_record_begin(&record, "customers", PAWL_OPERATION_UPSERT);
	append("updated_at", PAWL_UTC_DATETIME, pawl_utc_datetime(1706742279 * SECOND));
	append("n", PAWL_STRING, pawl_null());
	pawl_record_end(&record, &records);
	assert_records("322e0a2c1209637573746f6d65727322160a0a757064617465645f6174120852060887a4ebad0622070a016e12020801");

	/* A 0 is written, as it is one of several. */
	pawl_record_begin(&record, "t", PAWL_OPERATION_DELETE);
	append("customer_id", PAWL_INT, pawl_integer(0));
	pawl_record_end(&record, &records);
	assert_records("321a0a18120174180222110a0b637573746f6d65725f696412022000");

	pawl_record_begin(&record, "t", PAWL_OPERATION_TRUNCATE);
	assert_int_equal(record.length, 5);
	assert_memory_equal(record.text, "\x12\x01t\x18\x03", 5);
}

/* ---- there and back ---------------------------------------------------------------------------------------------------- */

struct value_case {
	pawl_type type;
	pawl_value value;
	pawl_value_kind kind; /* that it comes back as */
};

static void assert_same(const struct value_case *expected, const pawl_value *actual)
{
	assert_int_equal(actual->kind, expected->kind);
	switch (expected->kind) {
	case PAWL_VALUE_NULL:
		break;
	case PAWL_VALUE_BOOLEAN:
		assert_int_equal(actual->as.boolean, expected->value.as.boolean);
		break;
	case PAWL_VALUE_FLOAT:
	case PAWL_VALUE_DOUBLE:
		if (isnan(expected->value.as.real))
			assert_true(isnan(actual->as.real));
		else
			assert_memory_equal(&actual->as.real, &expected->value.as.real, sizeof(double)); /* -0 is not 0 */
		break;
	case PAWL_VALUE_INTEGER:
	case PAWL_VALUE_NAIVE_DATE:
	case PAWL_VALUE_NAIVE_DATETIME:
	case PAWL_VALUE_UTC_DATETIME:
		assert_true(actual->as.integer == expected->value.as.integer);
		break;
	case PAWL_VALUE_UNSIGNED:
	case PAWL_VALUE_DECIMAL:
	case PAWL_VALUE_STRING:
	case PAWL_VALUE_BINARY:
	case PAWL_VALUE_XML:
	case PAWL_VALUE_JSON:
		assert_int_equal(actual->length, expected->value.length);
		assert_memory_equal(actual->as.bytes, expected->value.as.bytes, actual->length);
		break;
	}
}

static void test_every_type_at_its_limits(void **state)
{
	(void) state;
	const int64_t first = INT64_C(-62135596800) * SECOND, last = INT64_C(253402300800) * SECOND - 1;
	const struct value_case cases[] = {
		{PAWL_BOOLEAN, pawl_boolean(false), PAWL_VALUE_BOOLEAN},
		{PAWL_BOOLEAN, pawl_boolean(true), PAWL_VALUE_BOOLEAN},
		{PAWL_SHORT, pawl_integer(INT16_MIN), PAWL_VALUE_INTEGER},
		{PAWL_SHORT, pawl_integer(INT16_MAX), PAWL_VALUE_INTEGER},
		{PAWL_INT, pawl_integer(INT32_MIN), PAWL_VALUE_INTEGER},
		{PAWL_INT, pawl_integer(INT32_MAX), PAWL_VALUE_INTEGER},
		{PAWL_LONG, pawl_integer(INT64_MIN), PAWL_VALUE_INTEGER},
		{PAWL_LONG, pawl_integer(INT64_MAX), PAWL_VALUE_INTEGER},
		{PAWL_LONG, pawl_integer(0), PAWL_VALUE_INTEGER},
		{PAWL_DECIMAL(38, 0), pawl_decimal("-99999999999999999999999999999999999999"), PAWL_VALUE_DECIMAL},
		{PAWL_DECIMAL(38, 38), pawl_decimal("0.00000000000000000000000000000000000001"), PAWL_VALUE_DECIMAL},
		{PAWL_DECIMAL(4, 2), pawl_decimal("-99.99"), PAWL_VALUE_DECIMAL},
		{PAWL_DECIMAL(9, 9), pawl_decimal("0.999999999"), PAWL_VALUE_DECIMAL},
		{PAWL_DECIMAL(18, 1), pawl_decimal("-99999999999999999.9"), PAWL_VALUE_DECIMAL},
		{PAWL_DECIMAL(15, 2), pawl_decimal("0.00"), PAWL_VALUE_DECIMAL},
		{PAWL_FLOAT, pawl_float(3.4028235e38F), PAWL_VALUE_FLOAT},
		{PAWL_FLOAT, pawl_float(-1e-45F), PAWL_VALUE_FLOAT},
		{PAWL_FLOAT, pawl_float(NAN), PAWL_VALUE_FLOAT},
		{PAWL_DOUBLE, pawl_double(1.7976931348623157e308), PAWL_VALUE_DOUBLE},
		{PAWL_DOUBLE, pawl_double(4.9e-324), PAWL_VALUE_DOUBLE},
		{PAWL_DOUBLE, pawl_double(-0.0), PAWL_VALUE_DOUBLE},
		{PAWL_DOUBLE, pawl_double(-INFINITY), PAWL_VALUE_DOUBLE},
		{PAWL_NAIVE_DATE, pawl_naive_date(-719162), PAWL_VALUE_NAIVE_DATE}, /* 0001-01-01 */
		{PAWL_NAIVE_DATE, pawl_naive_date(2932896), PAWL_VALUE_NAIVE_DATE}, /* 9999-12-31 */
		{PAWL_NAIVE_DATE, pawl_naive_date(0), PAWL_VALUE_NAIVE_DATE},
		{PAWL_NAIVE_DATETIME, pawl_naive_datetime(first), PAWL_VALUE_NAIVE_DATETIME},
		{PAWL_NAIVE_DATETIME, pawl_naive_datetime(last), PAWL_VALUE_NAIVE_DATETIME},
		{PAWL_UTC_DATETIME, pawl_utc_datetime(-1), PAWL_VALUE_UTC_DATETIME},
		{PAWL_UTC_DATETIME, pawl_utc_datetime(0), PAWL_VALUE_UTC_DATETIME},
		{PAWL_BINARY, pawl_binary("\0\xff", 2), PAWL_VALUE_BINARY},
		{PAWL_BINARY, pawl_binary("", 0), PAWL_VALUE_BINARY},
		{PAWL_XML, pawl_xml("<a/>"), PAWL_VALUE_XML},
		{PAWL_STRING, pawl_string(""), PAWL_VALUE_STRING},
		{PAWL_STRING, pawl_string("gr\xc3\xbc\xc3\x9f"), PAWL_VALUE_STRING},
		{PAWL_JSON, pawl_json("{\"a\": 1.50}"), PAWL_VALUE_JSON},
		{PAWL_STRING, pawl_null(), PAWL_VALUE_NULL},
	};
	enum { COUNT = sizeof(cases) / sizeof(*cases) };
	char names[COUNT][8];
	pawl_record_begin(&record, "t", PAWL_OPERATION_UPDATE);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		append(names[i], cases[i].type, cases[i].value);
	}
	pawl_record_reader reader = {0};
	pawl_record read;
	pawl_error error = {0};
	for (int round = 0; round < 2; round++) {
		if (pawl_record_read(&reader, (pawl_wire){record.text, record.text + record.length, false}, &read, &error) != PAWL_OK)
			fail_msg("%s", error.message);
		assert_string_equal(read.table, "t");
		assert_null(read.schema);
		assert_int_equal(read.operation, PAWL_OPERATION_UPDATE);
		assert_int_equal(read.count, COUNT);
		for (size_t i = 0; i < COUNT; i++) {
			assert_string_equal(read.fields[i].column, names[i]);
			assert_same(&cases[i], &read.fields[i].value);
		}
	}
	pawl_record_reader_clear(&reader);
}

/* What was written by hand is what protobuf-c understands. */
static void test_protobuf_c_reads_the_same(void **state)
{
	(void) state;
	pawl_record_begin(&record, "t", PAWL_OPERATION_UPDATE);
	append("at", PAWL_NAIVE_DATETIME, pawl_naive_datetime(-1));
	append("price", PAWL_DECIMAL(9, 2), pawl_decimal("-1.5"));
	FivetranSdk__V2__Record *read =
		fivetran_sdk__v2__record__unpack(NULL, record.length, (const uint8_t *) record.text);
	assert_non_null(read);
	assert_string_equal(read->table_name, "t");
	assert_int_equal(read->type, FIVETRAN_SDK__V2__RECORD_TYPE__UPDATE);
	assert_int_equal(read->n_data, 2);
	assert_int_equal(read->data[0]->value->inner_case, FIVETRAN_SDK__V2__VALUE_TYPE__INNER_NAIVE_DATETIME);
	assert_int_equal(read->data[0]->value->naive_datetime->seconds, -1);
	assert_int_equal(read->data[0]->value->naive_datetime->nanos, 999999000);
	assert_string_equal(read->data[1]->key, "price");
	assert_string_equal(read->data[1]->value->decimal, "-1.50");
	fivetran_sdk__v2__record__free_unpacked(read, NULL);
}

/* ---- what is refused --------------------------------------------------------------------------------------------------- */

static void test_times_that_a_timestamp_has_not_are_refused(void **state)
{
	(void) state;
	pawl_error error = {0};
	pawl_cell cell = {.as.int64 = INT64_C(-62135596800) * SECOND - 1};
	assert_int_equal(pawl_record_append(&record, "at", PAWL_UTC_DATETIME, &cell, &error), PAWL_INVALID);
	assert_string_equal(error.message,
	                    "'0000-12-31T23:59:59.999999' is beyond the years 0001 to 9999, which are all that the protocol has");
	cell.as.int64 = INT64_C(253402300800) * SECOND;
	assert_int_equal(pawl_record_append(&record, "at", PAWL_NAIVE_DATETIME, &cell, &error), PAWL_INVALID);
	cell.as.int32 = 2932897;
	assert_int_equal(pawl_record_append(&record, "at", PAWL_NAIVE_DATE, &cell, &error), PAWL_INVALID);
}

/* A record of table t with a column c whose ValueType has these bytes. */
static void assert_value_refused(const char *bytes, size_t length, const char *message)
{
	pawl_buffer entry = {0}, whole = {0};
	pawl_wire_append_bytes(&entry, 1, "c", 1);
	pawl_wire_append_bytes(&entry, 2, bytes, length);
	pawl_wire_append_bytes(&whole, 2, "t", 1);
	pawl_wire_append_bytes(&whole, 4, entry.text, entry.length);
	pawl_record_reader reader = {0};
	pawl_record read;
	pawl_error error = {0};
	assert_int_equal(pawl_record_read(&reader, (pawl_wire){whole.text, whole.text + whole.length, false}, &read, &error),
	                 PAWL_INVALID);
	assert_string_equal(error.message, message);
	pawl_record_reader_clear(&reader);
	pawl_buffer_free(&entry);
	pawl_buffer_free(&whole);
}

static void test_values_that_cannot_be_kept_are_refused(void **state)
{
	(void) state;
	assert_value_refused("", 0, "table 't': column 'c': its value is of no type that is known");
	assert_value_refused("\x98\x06\x01", 3, "table 't': column 'c': its value is of no type that is known");
	assert_value_refused("\x52\x02\x10\x01", 4,
	                     "table 't': column 'c': its time has 1 nanoseconds, which are no whole microseconds");
	assert_value_refused("\x42\x02\x08\x01", 4, "table 't': column 'c': its date has a time of day");
	assert_value_refused("\x52\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13,
	                     "table 't': column 'c': its timestamp of 0 seconds and -1 nanoseconds is none of the years 0001 to 9999");
	assert_value_refused("\x82\x01\x00", 3, "table 't': column 'c': its value is a NAIVE_TIME, which sources cannot send");
	assert_value_refused("\x6a\x02x", 3, "table 't': column 'c': the message is damaged");
}

static void test_records_that_are_none_are_refused(void **state)
{
	(void) state;
	static const struct {
		const char *bytes;
		size_t length;
		const char *message;
	} cases[] = {
		{"\x12", 1, "a record: the message is damaged"},
		{"\x18\x04", 2, "a record: the record's type is 4, which is none that is known"},
		{"\x12\x01t\x2a\x00", 5, "table 't': the record has its values as row_data, which is not supported"},
		{"\x12\x02t\x00", 4, "table 't': a name holds a NUL"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pawl_record_reader reader = {0};
		pawl_record read;
		pawl_error error = {0};
		pawl_wire wire = {cases[i].bytes, cases[i].bytes + cases[i].length, false};
		assert_int_equal(pawl_record_read(&reader, wire, &read, &error), PAWL_INVALID);
		assert_string_equal(error.message, cases[i].message);
		pawl_record_reader_clear(&reader);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_bytes),
		cmocka_unit_test(test_every_type_at_its_limits),
		cmocka_unit_test(test_protobuf_c_reads_the_same),
		cmocka_unit_test(test_times_that_a_timestamp_has_not_are_refused),
		cmocka_unit_test(test_values_that_cannot_be_kept_are_refused),
		cmocka_unit_test(test_records_that_are_none_are_refused),
	};
	return cmocka_run_group_tests_name("protocol/record", tests, NULL, free_buffers);
}
