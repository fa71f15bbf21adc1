#include "protocol/grpc/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static pawl_buffer make_message(size_t length)
{
	pawl_buffer message = {0};
	for (size_t i = 0; i < length; i++)
		pawl_buffer_append_character(&message, (char) (i * i >> 3));
	return message;
}

/* Frames the message, feeds it in pieces of `step` bytes, and expects it back. */
static void assert_round_trip(size_t length, bool is_gzip, size_t step)
{
	pawl_buffer message = make_message(length), framed = {0}, back = {0};
	const pawl_buffer parts[] = {{.text = message.text, .length = length / 3},
	                             {.text = length == 0 ? NULL : message.text + length / 3, .length = length - length / 3}};
	pawl_grpc_inbox inbox = {.is_gzip = is_gzip};
	pawl_error error = {0};
	assert_true(pawl_grpc_frame(parts, 2, is_gzip, &framed));
	assert_true(pawl_grpc_frame(parts, 2, is_gzip, &framed));
	for (size_t start = 0; start < framed.length; start += step) {
		size_t rest = framed.length - start;
		assert_int_equal(pawl_grpc_inbox_feed(&inbox, (const unsigned char *) framed.text + start, rest < step ? rest : step, &error),
		                 PAWL_GRPC_OK);
	}
	assert_false(pawl_grpc_inbox_is_cut(&inbox));
	assert_int_equal(inbox.waiting_bytes, 2 * length);
	for (int i = 0; i < 2; i++) {
		assert_true(pawl_grpc_inbox_take(&inbox, &back));
		assert_int_equal(back.length, length);
		if (length > 0)
			assert_memory_equal(back.text, message.text, length);
	}
	assert_false(pawl_grpc_inbox_take(&inbox, &back));
	pawl_grpc_inbox_clear(&inbox);
	pawl_buffer_free(&message);
	pawl_buffer_free(&framed);
	pawl_buffer_free(&back);
}

static void test_messages_come_back(void **state)
{
	(void) state;
	static const size_t lengths[] = {0, 1, 511, 512, 100000, 300000};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		for (int gzip = 0; gzip < 2; gzip++) {
			assert_round_trip(lengths[i], gzip, 1 + lengths[i] / 7);
			assert_round_trip(lengths[i], gzip, 1000000);
		}
	assert_round_trip(5, false, 1);
}

static void assert_refused(const char *bytes, size_t length, bool is_gzip, pawl_grpc_code code, const char *message)
{
	pawl_grpc_inbox inbox = {.is_gzip = is_gzip};
	pawl_error error = {0};
	assert_int_equal(pawl_grpc_inbox_feed(&inbox, (const unsigned char *) bytes, length, &error), code);
	assert_string_equal(error.message, message);
	pawl_grpc_inbox_clear(&inbox);
}

static void test_what_is_no_message_is_refused(void **state)
{
	(void) state;
	assert_refused("\0\x08\0\0\x01", 5, false, PAWL_GRPC_RESOURCE_EXHAUSTED, "a message has 134217729 bytes, more than 134217728");
	assert_refused("\x02\0\0\0\0", 5, false, PAWL_GRPC_INTERNAL, "a message begins with byte 2, not 0 or 1");
	assert_refused("\x01\0\0\0\0", 5, false, PAWL_GRPC_INTERNAL, "a message is compressed, but no grpc-encoding says how");
	assert_refused("\x01\0\0\0\x03xyz", 8, true, PAWL_GRPC_INTERNAL, "a message is not gzip, though it says so");
	assert_refused("\x01\0\0\0\0", 5, true, PAWL_GRPC_INTERNAL, "a message is not gzip, though it says so");
}

/* A gzip member that is cut, and one with something behind it. */
static void test_gzip_that_is_not_whole_is_refused(void **state)
{
	(void) state;
	pawl_buffer message = make_message(2000), framed = {0};
	assert_true(pawl_grpc_frame(&message, 1, true, &framed));
	framed.text[4] = (char) (framed.text[4] - 1);
	assert_refused(framed.text, framed.length - 1, true, PAWL_GRPC_INTERNAL, "a message is not gzip, though it says so");
	pawl_buffer_free(&message);
	pawl_buffer_free(&framed);
}

/* 1 KiB of gzip for each MiB of zeros. */
static void test_what_grows_beyond_the_limit_is_refused(void **state)
{
	(void) state;
	pawl_buffer zeros = {0}, framed = {0};
	static const char some[4096];
	for (size_t i = 0; i <= PAWL_GRPC_MAX_MESSAGE_BYTES / 2; i += sizeof(some))
		pawl_buffer_append_bytes(&zeros, some, sizeof(some));
	const pawl_buffer twice[] = {zeros, zeros};
	assert_false(pawl_grpc_frame(twice, 2, true, &framed));
	pawl_buffer_free(&zeros);
	pawl_buffer_free(&framed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_come_back),
		cmocka_unit_test(test_what_is_no_message_is_refused),
		cmocka_unit_test(test_gzip_that_is_not_whole_is_refused),
		cmocka_unit_test(test_what_grows_beyond_the_limit_is_refused),
	};
	return cmocka_run_group_tests_name("protocol/frame", tests, NULL, NULL);
}
