/* A call on its own thread. */
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "protocol/grpc/internal.h"

pawl_grpc_call *pawl_grpc_call_new(pawl_grpc_connection *connection, int32_t stream)
{
	pawl_grpc_call *call = pawl_allocate(sizeof(*call));
	if (call == NULL)
		return NULL;
	pawl_grpc_server *server = connection->server;
	pthread_cond_init(&call->changed, NULL);
	call->server = server;
	call->connection = connection;
	call->stream = stream;
	call->deadline_us = INT64_MAX;
	call->is_encoding_known = true;
	call->next = server->calls;
	server->calls = call;
	connection->open_calls++;
	return call;
}

bool pawl_grpc_call_count_requests(pawl_grpc_call *call)
{
	pawl_grpc_server *server = call->server;
	size_t most = server->options->most_request_bytes, bytes = call->inbox.body.length + call->inbox.waiting_bytes;
	server->request_bytes += bytes - call->request_bytes;
	call->request_bytes = bytes;
	return server->request_bytes <= (most == 0 ? PAWL_GRPC_MAX_REQUEST_BYTES : most);
}

void pawl_grpc_call_free(pawl_grpc_call *call)
{
	pawl_grpc_call **link = &call->server->calls;
	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
	pthread_cond_destroy(&call->changed);
	pawl_grpc_inbox_clear(&call->inbox);
	pawl_grpc_call_count_requests(call);
	pawl_buffer_free(&call->path);
	pawl_buffer_free(&call->outbox);
	pawl_free(call);
}

void pawl_grpc_call_unwant(pawl_grpc_call *call)
{
	call->is_unwanted = true;
	pthread_cond_broadcast(&call->changed);
}

void pawl_grpc_call_end(pawl_grpc_call *call, pawl_grpc_code code, const char *format, ...)
{
	if (call->is_ended)
		return;
	va_list arguments;
	va_start(arguments, format);
	pawl_error_set_va(&call->error, PAWL_CONNECTOR, format, arguments);
	va_end(arguments);
	call->code = code;
	call->is_ended = true;
	pawl_grpc_call_unwant(call);
	pawl_buffer_free(&call->outbox);
	call->outbox_start = 0;
}

static void *run(void *argument)
{
	pawl_grpc_call *call = argument;
	pawl_grpc_server *server = call->server;
	pawl_error error;
	pawl_error_clear(&error);
	pawl_grpc_code code = call->method->run(call, call->service->context, &error);
	pthread_mutex_lock(&server->lock);
	if (!call->is_ended) {
		call->is_ended = true;
		call->code = code;
		call->error = error;
	}
	call->has_returned = true;
	pawl_grpc_server_wake(server);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* Signals are for the thread of the loop. */
static int start_thread(pawl_grpc_call *call)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int result = pthread_create(&call->thread, NULL, run, call);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return result;
}

void pawl_grpc_call_start(pawl_grpc_call *call)
{
	pawl_grpc_server *server = call->server;
	if (server->thread_count == PAWL_GRPC_MAX_CALLS) {
		pawl_grpc_call_end(call, PAWL_GRPC_RESOURCE_EXHAUSTED, "%d calls run already", PAWL_GRPC_MAX_CALLS);
	} else if (start_thread(call) != 0) {
		pawl_grpc_call_end(call, PAWL_GRPC_RESOURCE_EXHAUSTED, "there is no thread for the call");
	} else {
		call->has_thread = true;
		server->thread_count++;
	}
}

/* ---- what methods call ------------------------------------------------------------------------------------------------- */

bool pawl_grpc_receive(pawl_grpc_call *call, pawl_buffer *message)
{
	pawl_grpc_server *server = call->server;
	pthread_mutex_lock(&server->lock);
	while (call->inbox.first == NULL && !call->has_all_requests && !call->is_unwanted)
		pthread_cond_wait(&call->changed, &server->lock);
	bool has_message = !call->is_unwanted && pawl_grpc_inbox_take(&call->inbox, message);
	pawl_grpc_call_count_requests(call);
	if (call->uncredited_bytes > 0)
		pawl_grpc_server_wake(server);
	pthread_mutex_unlock(&server->lock);
	return has_message;
}

/* Moves what waits to the beginning of the outbox, once what was sent takes more room than it. */
static void compact(pawl_grpc_call *call)
{
	size_t waiting = call->outbox.length - call->outbox_start;
	if (call->outbox_start < waiting)
		return;
	if (waiting > 0)
		memcpy(call->outbox.text, call->outbox.text + call->outbox_start, waiting);
	call->outbox.length = waiting;
	call->outbox_start = 0;
}

bool pawl_grpc_send(pawl_grpc_call *call, const pawl_buffer *parts, size_t count)
{
	pawl_grpc_server *server = call->server;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer framed = {0};
	if (!pawl_grpc_frame(parts, count, call->inbox.is_gzip && call->accepts_gzip, &framed))
		return false;
	pthread_mutex_lock(&server->lock);
	while (call->outbox.length - call->outbox_start >= PAWL_GRPC_OUTBOX_BYTES && !call->is_unwanted)
		pthread_cond_wait(&call->changed, &server->lock);
	bool is_sent = !call->is_unwanted;
	if (is_sent) {
		compact(call);
		pawl_buffer_append_bytes(&call->outbox, framed.text, framed.length);
		is_sent = !call->outbox.has_failed;
		pawl_grpc_server_wake(server);
	}
	pthread_mutex_unlock(&server->lock);
	return is_sent;
}

bool pawl_grpc_is_wanted(pawl_grpc_call *call)
{
	pthread_mutex_lock(&call->server->lock);
	bool is_wanted = !call->is_unwanted;
	pthread_mutex_unlock(&call->server->lock);
	return is_wanted;
}

bool pawl_grpc_is_stopping(pawl_grpc_call *call)
{
	pthread_mutex_lock(&call->server->lock);
	bool is_stopping = call->server->is_stopping;
	pthread_mutex_unlock(&call->server->lock);
	return is_stopping;
}

void pawl_grpc_wait(pawl_grpc_call *call)
{
	pawl_grpc_server *server = call->server;
	pthread_mutex_lock(&server->lock);
	while (!call->is_unwanted && !server->is_stopping)
		pthread_cond_wait(&call->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}
