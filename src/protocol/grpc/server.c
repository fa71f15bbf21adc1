/* The loop of the server. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "protocol/grpc/address.h"
#include "protocol/grpc/internal.h"

#define SECOND_US          INT64_C(1000000)
#define HANDSHAKE_US       (10 * SECOND_US)
#define DEFAULT_SILENCE_US (60 * SECOND_US)
#define DEFAULT_REPLY_US   (20 * SECOND_US)
#define DEFAULT_GRACE_US   (2 * SECOND_US)
#define LAST_WORDS_US      SECOND_US /* after the grace: for what is to be sent still */

/* What poll(2) waits for: the eventfd, the listeners, the connections, in this order. */
typedef struct poll_set {
	struct pollfd fds[1 + PAWL_GRPC_MAX_LISTENERS + PAWL_GRPC_MAX_CONNECTIONS];
	pawl_grpc_connection *connections[PAWL_GRPC_MAX_CONNECTIONS];
	size_t listener_count, connection_count;
} poll_set;

static int64_t or_default(int64_t given, int64_t fallback)
{
	return given == 0 ? fallback : given;
}

/* ---- waking ---------------------------------------------------------------------------------------------------------- */

static void signal_eventfd(int fd)
{
	const uint64_t one = 1;
	ssize_t written = write(fd, &one, sizeof(one));
	(void) written; /* it is full, and so readable, when this fails */
}

void pawl_grpc_server_wake(pawl_grpc_server *server)
{
	if (!server->is_woken)
		signal_eventfd(server->wake_fd);
	server->is_woken = true;
}

void pawl_grpc_server_stop(pawl_grpc_server *server)
{
	server->is_stop_requested = 1;
	signal_eventfd(server->wake_fd);
}

static void drain_eventfd(pawl_grpc_server *server)
{
	uint64_t count;
	ssize_t taken = read(server->wake_fd, &count, sizeof(count));
	(void) taken; /* nothing was in it, then */
	server->is_woken = false;
}

/* ---- stopping -------------------------------------------------------------------------------------------------------- */

static void close_listeners(pawl_grpc_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++)
		close(server->listeners[i]);
	server->listener_count = 0;
}

static void begin_stop(pawl_grpc_server *server, int64_t now_us)
{
	server->is_stopping = true;
	server->stop_us = now_us + or_default(server->options->grace_us, DEFAULT_GRACE_US);
	close_listeners(server);
	for (pawl_grpc_connection *connection = server->connections; connection != NULL; connection = connection->next)
		pawl_grpc_connection_refuse_more(connection);
	for (pawl_grpc_call *call = server->calls; call != NULL; call = call->next)
		pthread_cond_broadcast(&call->changed);
}

/* ---- time ------------------------------------------------------------------------------------------------------------ */

static void sooner(int64_t *due_us, int64_t at_us)
{
	if (at_us < *due_us)
		*due_us = at_us;
}

/* When the connection is to be looked at, if nothing comes: for its first frame, a ping, or the answer to one. */
static int64_t silence_due_us(const pawl_grpc_server *server, const pawl_grpc_connection *connection)
{
	int64_t reply_us = or_default(server->options->keepalive_reply_us, DEFAULT_REPLY_US);
	int64_t silence_us = or_default(server->options->keepalive_us, DEFAULT_SILENCE_US);
	if (!connection->has_settings)
		return connection->opened_us + HANDSHAKE_US;
	return connection->pinged_us > 0 ? connection->pinged_us + reply_us : connection->heard_us + silence_us;
}

/* A client that does not take the end of its calls, when the server stops, is not waited for. */
static bool is_given_up(const pawl_grpc_server *server, int64_t now_us)
{
	return server->is_stopping && server->stop_us + LAST_WORDS_US <= now_us;
}

static int64_t connection_due_us(const pawl_grpc_server *server, const pawl_grpc_connection *connection)
{
	int64_t due_us = silence_due_us(server, connection);
	int64_t last_us = server->stop_us + LAST_WORDS_US;
	return server->is_stopping && last_us < due_us ? last_us : due_us;
}

static void look_at_times(pawl_grpc_server *server, int64_t now_us)
{
	for (pawl_grpc_connection *connection = server->connections; connection != NULL; connection = connection->next) {
		if (connection_due_us(server, connection) > now_us)
			continue;
		if (connection->has_settings && connection->pinged_us == 0 && !is_given_up(server, now_us))
			pawl_grpc_connection_ping(connection);
		else
			connection->is_gone = true;
	}
	for (pawl_grpc_call *call = server->calls; call != NULL; call = call->next) {
		if (call->deadline_us <= now_us)
			pawl_grpc_call_end(call, PAWL_GRPC_DEADLINE_EXCEEDED, "the deadline has passed");
		if (server->is_stopping && server->stop_us <= now_us)
			pawl_grpc_call_end(call, PAWL_GRPC_UNAVAILABLE, "the server is stopping");
	}
}

/* Milliseconds to the next moment at which something is to be done without anybody's word; -1: none. */
static int wait_ms(const pawl_grpc_server *server, int64_t now_us)
{
	int64_t due_us = INT64_MAX;
	for (const pawl_grpc_connection *connection = server->connections; connection != NULL; connection = connection->next)
		sooner(&due_us, connection_due_us(server, connection));
	for (const pawl_grpc_call *call = server->calls; call != NULL; call = call->next) {
		if (call->is_ended)
			continue;
		sooner(&due_us, call->deadline_us);
		if (server->is_stopping)
			sooner(&due_us, server->stop_us);
	}
	if (due_us == INT64_MAX)
		return -1;
	int64_t wait_us = due_us < now_us ? 0 : due_us - now_us;
	return wait_us > 3600 * SECOND_US ? 3600 * 1000 : (int) (wait_us / 1000) + 1;
}

/* ---- one round ------------------------------------------------------------------------------------------------------- */

static bool has_output(const pawl_grpc_connection *connection)
{
	return connection->out_start < connection->out.length;
}

static void fill_poll_set(const pawl_grpc_server *server, poll_set *set)
{
	struct pollfd *next = set->fds;
	*next++ = (struct pollfd){.fd = server->wake_fd, .events = POLLIN};
	bool has_room = server->connection_count < PAWL_GRPC_MAX_CONNECTIONS;
	set->listener_count = has_room ? server->listener_count : 0;
	for (size_t i = 0; i < set->listener_count; i++)
		*next++ = (struct pollfd){.fd = server->listeners[i], .events = POLLIN};
	set->connection_count = 0;
	for (pawl_grpc_connection *connection = server->connections; connection != NULL; connection = connection->next) {
		short events = has_output(connection) ? POLLIN | POLLOUT : POLLIN;
		*next++ = (struct pollfd){.fd = connection->fd, .events = events};
		set->connections[set->connection_count++] = connection;
	}
}

/* A client that is gone already, or for which there is no memory, is nobody's error. */
static void accept_client(pawl_grpc_server *server, int listener)
{
	static const int on = 1;
	pawl_error ignored;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	pawl_grpc_connection_new(server, fd, &ignored);
}

static void take_events(pawl_grpc_server *server, const poll_set *set)
{
	const struct pollfd *next = set->fds + 1;
	for (size_t i = 0; i < set->listener_count; i++, next++)
		if (next->revents != 0 && server->connection_count < PAWL_GRPC_MAX_CONNECTIONS)
			accept_client(server, next->fd);
	for (size_t i = 0; i < set->connection_count; i++, next++)
		if ((next->revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			pawl_grpc_connection_read(set->connections[i]);
}

/* Threads that have returned are joined, and calls that nobody needs are freed. */
static void reap_calls(pawl_grpc_server *server)
{
	pawl_grpc_call *next;
	for (pawl_grpc_call *call = server->calls; call != NULL; call = next) {
		next = call->next;
		if (call->has_thread && call->has_returned) {
			pthread_join(call->thread, NULL);
			call->has_thread = false;
			server->thread_count--;
		}
		if (!call->has_thread && call->connection == NULL)
			pawl_grpc_call_free(call);
	}
}

static void serve_connections(pawl_grpc_server *server)
{
	for (pawl_grpc_call *call = server->calls; call != NULL; call = call->next)
		if (call->connection != NULL)
			pawl_grpc_connection_serve(call->connection, call);
	pawl_grpc_connection *next;
	for (pawl_grpc_connection *connection = server->connections; connection != NULL; connection = next) {
		next = connection->next;
		if (!connection->is_gone)
			pawl_grpc_connection_write(connection);
		if (connection->is_gone || (server->is_stopping && connection->open_calls == 0 && !has_output(connection)))
			pawl_grpc_connection_free(connection);
	}
	reap_calls(server);
}

/* Serves until it was stopped, or, with `is_once`, until the connection that there is has ended. */
static pawl_status serve(pawl_grpc_server *server, bool is_once, pawl_error *error)
{
	poll_set set;
	pthread_mutex_lock(&server->lock);
	pawl_status status = PAWL_OK;
	for (;;) {
		int64_t now_us = pawl_time_monotonic_us();
		if (server->is_stop_requested && !server->is_stopping)
			begin_stop(server, now_us);
		look_at_times(server, now_us);
		serve_connections(server);
		if ((server->is_stopping || is_once) && server->connections == NULL && server->calls == NULL)
			break;
		fill_poll_set(server, &set);
		int timeout_ms = wait_ms(server, now_us);
		pthread_mutex_unlock(&server->lock);
		int result = poll(set.fds, 1 + set.listener_count + set.connection_count, timeout_ms);
		int reason = errno;
		pthread_mutex_lock(&server->lock);
		if (result < 0 && reason != EINTR) {
			status = pawl_error_set(error, PAWL_IO, "waiting for clients: %s", strerror(reason));
			break;
		}
		if (result < 0)
			continue;
		if (set.fds[0].revents != 0)
			drain_eventfd(server);
		take_events(server, &set);
	}
	pthread_mutex_unlock(&server->lock);
	return status;
}

pawl_status pawl_grpc_server_run(pawl_grpc_server *server, pawl_error *error)
{
	return serve(server, false, error);
}

pawl_status pawl_grpc_server_serve_one(pawl_grpc_server *server, int fd, pawl_error *error)
{
	PAWL_TRY(pawl_grpc_connection_new(server, fd, error));
	return serve(server, true, error);
}

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static pawl_status list_services(pawl_grpc_server *server, pawl_error *error)
{
	size_t own_count = sizeof(server->own) / sizeof(*server->own), count = server->options->service_count;
	server->services = pawl_allocate_array(count + own_count, sizeof(*server->services));
	if (server->services == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < count; i++)
		server->services[server->service_count++] = &server->options->services[i];
	for (size_t i = 0; i < own_count; i++)
		server->services[server->service_count++] = &server->own[i];
	return PAWL_OK;
}

static pawl_status open_server(pawl_grpc_server *server, pawl_error *error)
{
	PAWL_TRY(list_services(server, error));
	if (server->wake_fd < 0)
		return pawl_error_set(error, PAWL_IO, "eventfd: %s", strerror(errno));
	if (server->options->host == NULL)
		return PAWL_OK;
	return pawl_grpc_listen(server->options->host, server->options->port, PAWL_GRPC_MAX_LISTENERS, server->listeners,
	                        &server->listener_count, &server->port, error);
}

pawl_status pawl_grpc_server_open(const pawl_grpc_server_options *options, pawl_grpc_server **ret_server, pawl_error *error)
{
	pawl_grpc_server *server = pawl_allocate(sizeof(*server));
	if (server == NULL)
		return pawl_error_out_of_memory(error);
	pthread_mutex_init(&server->lock, NULL);
	server->options = options;
	server->own[0] = (pawl_grpc_service){"grpc.health.v1.Health", pawl_grpc_health_methods, server};
	server->own[1] = (pawl_grpc_service){"grpc.reflection.v1.ServerReflection", pawl_grpc_reflection_methods, server};
	server->own[2] = (pawl_grpc_service){"grpc.reflection.v1alpha.ServerReflection", pawl_grpc_reflection_alpha_methods, server};
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pawl_status status = open_server(server, error);
	if (status != PAWL_OK) {
		pawl_grpc_server_close(server);
		return status;
	}
	*ret_server = server;
	return PAWL_OK;
}

int pawl_grpc_server_port(const pawl_grpc_server *server)
{
	return server->port;
}

void pawl_grpc_server_close(pawl_grpc_server *server)
{
	if (server == NULL)
		return;
	close_listeners(server);
	if (server->wake_fd >= 0)
		close(server->wake_fd);
	pthread_mutex_destroy(&server->lock);
	pawl_free(server->services);
	pawl_free(server);
}
