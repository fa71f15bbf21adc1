/* The server as a client sees it that speaks in frames of its own (RFC 9113): silence, and what it takes before it refuses more. */
#include "protocol/grpc.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "support.h"

enum {
	FRAME_HEAD_BYTES = 9,
	DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6,
	ACK = 1, END_STREAM = 1, END_HEADERS = 4,
	SILENCE_US = 200000, /* pings come this often, */
	REPLY_US = 400000,   /* and have to be answered within this */
	MOST_US = 20000000,  /* of any wait, on a machine that has much else to do */
	MOST_REQUEST_BYTES = 100000
};

static pawl_grpc_code wait_for_end(pawl_grpc_call *call, void *context, pawl_error *error)
{
	(void) context;
	(void) error;
	pawl_grpc_wait(call);
	return PAWL_GRPC_OK;
}

static const pawl_grpc_method methods[] = {{"/test.Test/Wait", wait_for_end}, {0}};
static const pawl_grpc_service service = {"test.Test", methods, NULL};
static const pawl_grpc_server_options options = {
	.host = "127.0.0.1",
	.services = &service,
	.service_count = 1,
	.keepalive_us = SILENCE_US,
	.keepalive_reply_us = REPLY_US,
	.most_request_bytes = MOST_REQUEST_BYTES,
};
static pawl_grpc_server *server;

static void *run(void *unused)
{
	pawl_error error;
	assert_int_equal(pawl_grpc_server_run(server, &error), PAWL_OK);
	return unused;
}

static pthread_t thread;

static int start(void **unused)
{
	(void) unused;
	pawl_error error;
	return pawl_grpc_server_open(&options, &server, &error) == PAWL_OK && pthread_create(&thread, NULL, run, NULL) == 0 ? 0 : -1;
}

static int stop(void **unused)
{
	(void) unused;
	pawl_grpc_server_stop(server);
	pthread_join(thread, NULL);
	pawl_grpc_server_close(server);
	return 0;
}

/* ---- a client ---------------------------------------------------------------------------------------------------------- */

typedef struct frame {
	size_t length;
	unsigned char type, flags, stream, payload[16384];
} frame;

static void say(int fd, const void *bytes, size_t length)
{
	assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static void say_frame(int fd, unsigned char type, unsigned char flags, unsigned char stream, const void *payload, size_t length)
{
	const unsigned char head[FRAME_HEAD_BYTES] = {(unsigned char) (length >> 16), (unsigned char) (length >> 8), (unsigned char) length,
	                                              type, flags, 0, 0, 0, stream};
	say(fd, head, sizeof(head));
	say(fd, payload, length);
}

/* A connection whose beginning is over. */
static int connect_client(void)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) pawl_grpc_server_port(server)),
	                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *) &address, sizeof(address)), 0);
	say(fd, preface, sizeof(preface) - 1);
	say_frame(fd, SETTINGS, 0, 0, "", 0);
	return fd;
}

/* False at the end of the connection. */
static bool hear(int fd, void *bytes, size_t length)
{
	for (size_t taken = 0; taken < length;) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&wait, 1, MOST_US / 1000), 1);
		ssize_t got = recv(fd, (char *) bytes + taken, length - taken, 0);
		if (got <= 0)
			return false;
		taken += (size_t) got;
	}
	return true;
}

static bool hear_frame(int fd, frame *ret_frame)
{
	unsigned char head[FRAME_HEAD_BYTES];
	if (!hear(fd, head, sizeof(head)))
		return false;
	ret_frame->length = (size_t) head[0] << 16 | (size_t) head[1] << 8 | head[2];
	ret_frame->type = head[3];
	ret_frame->flags = head[4];
	ret_frame->stream = head[8];
	assert_true(ret_frame->length <= sizeof(ret_frame->payload));
	return hear(fd, ret_frame->payload, ret_frame->length);
}

/* The next frame of that type; false when the connection ends before. */
static bool hear_type(int fd, unsigned char type, frame *ret_frame)
{
	while (hear_frame(fd, ret_frame))
		if (ret_frame->type == type)
			return true;
	return false;
}

/* ---- tests ------------------------------------------------------------------------------------------------------------- */

static void test_a_silent_client_is_sent_pings(void **unused)
{
	(void) unused;
	int fd = connect_client();
	int64_t start_us = pawl_time_monotonic_us();
	frame ping;
	for (int i = 1; i <= 3; i++) { /* longer than one that does not answer would be there */
		assert_true(hear_type(fd, PING, &ping));
		assert_int_equal(ping.flags & ACK, 0);
		assert_int_equal(ping.length, 8);
		assert_true(pawl_time_monotonic_us() - start_us >= i * SILENCE_US);
		say_frame(fd, PING, ACK, 0, ping.payload, ping.length);
	}
	close(fd);
}

static void test_a_client_that_does_not_answer_is_dropped(void **unused)
{
	(void) unused;
	int fd = connect_client();
	int64_t start_us = pawl_time_monotonic_us();
	frame ping;
	assert_true(hear_type(fd, PING, &ping));
	assert_false(hear_type(fd, PING, &ping));
	assert_true(pawl_time_monotonic_us() - start_us >= SILENCE_US + REPLY_US);
	assert_true(pawl_time_monotonic_us() - start_us < MOST_US);
	close(fd);
}

/* Headers without any compression (RFC 7541, 6.2.2). */
static void begin_call(int fd, unsigned char stream)
{
	static const char headers[] = "\0\7:method\4POST" "\0\7:scheme\4http" "\0\12:authority\1x"
	                              "\0\5:path\17/test.Test/Wait" "\0\14content-type\20application/grpc";
	say_frame(fd, HEADERS, END_HEADERS, stream, headers, sizeof(headers) - 1);
}

/* Each of them is within what one message may have, but not all of them together. */
static void test_requests_that_wait_are_bounded(void **unused)
{
	(void) unused;
	static const unsigned char part[16384] = {0, 0, 0, 0xff, 0xff}; /* of a message of 65,535 bytes */
	int fd = connect_client();
	frame answer;
	for (unsigned char stream = 1; stream <= 5; stream += 2)
		begin_call(fd, stream);
	for (int i = 0; i < 2; i++)
		for (unsigned char stream = 1; stream <= 5; stream += 2)
			say_frame(fd, DATA, 0, stream, i == 0 ? part : part + 5, sizeof(part) - 5);
	begin_call(fd, 7);
	say_frame(fd, DATA, 0, 7, part, sizeof(part) - 5);
	assert_true(hear_type(fd, HEADERS, &answer));
	assert_int_equal(answer.stream, 7); /* the last one is refused, the others go on waiting */
	assert_true(answer.flags & END_STREAM);
	close(fd);
}

#define SERVER_TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(test_a_silent_client_is_sent_pings),
		SERVER_TEST(test_a_client_that_does_not_answer_is_dropped),
		SERVER_TEST(test_requests_that_wait_are_bounded),
	};
	return cmocka_run_group_tests_name("protocol/server", tests, NULL, NULL);
}
