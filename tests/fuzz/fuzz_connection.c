/* Bytes as a client may send them, to a server with a service that answers with what it is told: frames, headers, messages. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "fuzz.h"
#include "protocol/grpc.h"

static pawl_grpc_code echo(pawl_grpc_call *call, void *context, pawl_error *error)
{
	(void) context;
	(void) error;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	while (pawl_grpc_receive(call, &message))
		if (!pawl_grpc_send(call, &message, 1))
			return PAWL_GRPC_CANCELLED;
	return PAWL_GRPC_OK;
}

static const pawl_grpc_method methods[] = {{"/fuzz.Echo/Echo", echo}, {0}};
static const pawl_grpc_service service = {"fuzz.Echo", methods, NULL};

/* All that fits into the socket; what the server answers is not read. */
static void say(int fd, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (written <= 0)
			break;
		bytes += written;
		length -= (size_t) written;
	}
	shutdown(fd, SHUT_WR);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const pawl_grpc_server_options options = {.services = &service, .service_count = 1};
	pawl_grpc_server *server;
	pawl_error error;
	int pair[2];
	if (pawl_grpc_server_open(&options, &server, &error) != PAWL_OK || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		abort();
	say(pair[0], bytes, length);
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	pawl_grpc_server_serve_one(server, pair[1], &error);
	pawl_grpc_server_close(server);
	close(pair[0]);
	return 0;
}
