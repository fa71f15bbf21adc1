#include "protocol/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define WIRE(bytes) ((pawl_wire){(bytes), (bytes) + sizeof(bytes) - 1, false})

static void test_fields_are_read_as_they_were_written(void **state)
{
	(void) state;
	pawl_buffer bytes = {0};
	pawl_wire_append_varint(&bytes, 1, UINT64_MAX);
	pawl_wire_append_bytes(&bytes, 1000, "a\0b", 3);
	pawl_wire_append_varint(&bytes, 2, 0);
	pawl_wire wire = {bytes.text, bytes.text + bytes.length, false};
	pawl_wire_field field;
	assert_true(pawl_wire_next(&wire, &field));
	assert_true(pawl_wire_is(&field, 1, PAWL_WIRE_VARINT));
	assert_true(field.integer == UINT64_MAX);
	assert_true(pawl_wire_next(&wire, &field));
	assert_true(pawl_wire_is(&field, 1000, PAWL_WIRE_BYTES));
	assert_int_equal(pawl_wire_length(&field.bytes), 3);
	assert_memory_equal(field.bytes.next, "a\0b", 3);
	assert_true(pawl_wire_next(&wire, &field));
	assert_true(pawl_wire_is(&field, 2, PAWL_WIRE_VARINT));
	assert_int_equal(field.integer, 0);
	assert_false(pawl_wire_next(&wire, &field));
	assert_false(wire.is_damaged);
	pawl_buffer_free(&bytes);
}

static void test_fixed_numbers_are_little_endian(void **state)
{
	(void) state;
	pawl_wire wire = WIRE("\x0d\x01\x02\x03\x04\x11\x01\x02\x03\x04\x05\x06\x07\x08");
	pawl_wire_field field;
	assert_true(pawl_wire_next(&wire, &field));
	assert_true(pawl_wire_is(&field, 1, PAWL_WIRE_FIXED32));
	assert_int_equal(field.integer, 0x04030201);
	assert_true(pawl_wire_next(&wire, &field));
	assert_true(pawl_wire_is(&field, 2, PAWL_WIRE_FIXED64));
	assert_true(field.integer == UINT64_C(0x0807060504030201));
}

static void assert_damaged(pawl_wire wire)
{
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field))
		continue;
	assert_true(wire.is_damaged);
}

static void test_what_is_no_message_is_damaged(void **state)
{
	(void) state;
	assert_damaged(WIRE("\x08"));                                             /* a tag alone */
	assert_damaged(WIRE("\x08\xff"));                                         /* a varint that does not end */
	assert_damaged(WIRE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"));     /* of more than 64 bits */
	assert_damaged(WIRE("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")); /* of eleven bytes */
	assert_damaged(WIRE("\x0a\x02x"));                                        /* bytes that are cut */
	assert_damaged(WIRE("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"));
	assert_damaged(WIRE("\x0d\x01\x02\x03"));
	assert_damaged(WIRE("\x11\x01\x02\x03\x04"));
	assert_damaged(WIRE("\x0b\x0c")); /* a group */
	assert_damaged(WIRE("\x00\x01")); /* field 0 */
}

static void test_lengths_of_varints(void **state)
{
	(void) state;
	char out[PAWL_WIRE_VARINT_BYTES];
	for (unsigned int bit = 0; bit < 64; bit++)
		assert_int_equal(pawl_wire_put_varint(out, UINT64_C(1) << bit) - out, pawl_wire_varint_bytes(UINT64_C(1) << bit));
	assert_int_equal(pawl_wire_varint_bytes(0), 1);
	assert_int_equal(pawl_wire_varint_bytes(UINT64_MAX), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_read_as_they_were_written),
		cmocka_unit_test(test_fixed_numbers_are_little_endian),
		cmocka_unit_test(test_what_is_no_message_is_damaged),
		cmocka_unit_test(test_lengths_of_varints),
	};
	return cmocka_run_group_tests_name("protocol/wire", tests, NULL, NULL);
}
