#include "protocol/grpc/address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/grpc.h"

static pawl_status resolve(const char *host, const char *port, int flags, struct addrinfo **ret_addresses, pawl_error *error)
{
	const struct addrinfo hints = {.ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	int result = getaddrinfo(host, port, &hints, ret_addresses);
	if (result == 0)
		return PAWL_OK;
	return pawl_error_set(error, PAWL_INVALID, "'%s' port '%s': %s", host, port, gai_strerror(result));
}

/* Frames are written as a whole: waiting for more to send would only delay them. */
static void set_no_delay(int fd)
{
	static const int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* ---- listening ------------------------------------------------------------------------------------------------------- */

static void set_port(struct addrinfo *address, int port)
{
	if (address->ai_family == AF_INET)
		((struct sockaddr_in *) (void *) address->ai_addr)->sin_port = htons((uint16_t) port);
	else if (address->ai_family == AF_INET6)
		((struct sockaddr_in6 *) (void *) address->ai_addr)->sin6_port = htons((uint16_t) port);
}

static int get_port(int fd)
{
	struct sockaddr_storage name;
	socklen_t length = sizeof(name);
	if (getsockname(fd, (struct sockaddr *) &name, &length) != 0)
		return 0;
	const void *any = &name;
	return ntohs(name.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *) any)->sin6_port
	                                        : ((const struct sockaddr_in *) any)->sin_port);
}

/* The socket, or -1 with errno. An address of IPv6 takes no clients of IPv4, which have a socket of their own. */
static int listen_on(const struct addrinfo *address)
{
	static const int on = 1;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	int reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

static pawl_status refuse_listen(const char *host, int port, int reason, size_t count, const int *fds, pawl_error *error)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	pawl_error_set(error, PAWL_IO, "listening on '%s' port %d: %s", host, port, strerror(reason));
	return reason == EADDRINUSE ? pawl_error_hint(error, "another program listens there: choose another port with --port")
	                            : error->status;
}

pawl_status pawl_grpc_listen(const char *host, int port, size_t most, int *ret_fds, size_t *ret_count, int *ret_port,
                             pawl_error *error)
{
	char digits[12];
	snprintf(digits, sizeof(digits), "%d", port);
	struct addrinfo *addresses;
	PAWL_TRY(resolve(host, digits, AI_PASSIVE | AI_NUMERICSERV, &addresses, error));
	int reason = EADDRNOTAVAIL;
	size_t count = 0;
	for (struct addrinfo *address = addresses; address != NULL && count < most; address = address->ai_next) {
		set_port(address, port);
		int fd = listen_on(address);
		if (fd >= 0) {
			ret_fds[count++] = fd;
			port = get_port(fd);
		} else {
			reason = errno;
			if (reason != EADDRNOTAVAIL && reason != EAFNOSUPPORT)
				break;
		}
	}
	freeaddrinfo(addresses);
	if (count == 0 || (reason != EADDRNOTAVAIL && reason != EAFNOSUPPORT))
		return refuse_listen(host, port, reason, count, ret_fds, error);
	*ret_count = count;
	*ret_port = port;
	return PAWL_OK;
}

pawl_status pawl_grpc_free_port(int *ret_port, pawl_error *error)
{
	int fd;
	size_t count;
	PAWL_TRY(pawl_grpc_listen("127.0.0.1", 0, 1, &fd, &count, ret_port, error));
	close(fd);
	return PAWL_OK;
}

/* ---- connecting ------------------------------------------------------------------------------------------------------ */

/* "[::1]:50051" is host ::1, port 50051. */
static pawl_status split_target(const char *target, char *host, size_t room, const char **ret_port, pawl_error *error)
{
	const char *colon = strrchr(target, ':'), *start = target, *end = colon;
	if (colon != NULL && target[0] == '[' && colon > target && colon[-1] == ']') {
		start = target + 1;
		end = colon - 1;
	}
	if (colon == NULL || end <= start || colon[1] == '\0' || (size_t) (end - start) >= room) {
		pawl_error_set(error, PAWL_INVALID, "'%s' is not HOST:PORT", target);
		return pawl_error_hint(error, "such as localhost:50051, or [::1]:50051");
	}
	memcpy(host, start, (size_t) (end - start));
	host[end - start] = '\0';
	*ret_port = colon + 1;
	return PAWL_OK;
}

pawl_status pawl_grpc_connect(const char *target, int *ret_fd, pawl_error *error)
{
	char host[256];
	const char *port = "";
	struct addrinfo *addresses;
	PAWL_TRY(split_target(target, host, sizeof(host), &port, error));
	PAWL_TRY(resolve(host, port, 0, &addresses, error));
	int fd = -1, reason = ECONNREFUSED;
	for (const struct addrinfo *address = addresses; address != NULL && fd < 0; address = address->ai_next) {
		fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) == 0)
			break;
		reason = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(addresses);
	if (fd < 0) {
		pawl_error_set(error, PAWL_IO, "connecting to '%s': %s", target, strerror(reason));
		error->is_retryable = reason == ECONNREFUSED || reason == ETIMEDOUT;
		return pawl_error_hint(error, "look whether a server listens there");
	}
	set_no_delay(fd);
	*ret_fd = fd;
	return PAWL_OK;
}
