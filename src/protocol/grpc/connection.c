/* One client of the server. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/time.h"
#include "protocol/grpc/internal.h"
#include "protocol/grpc/text.h"

enum {
	READ_BYTES = 64 * 1024,
	WRITE_BYTES = 256 * 1024,     /* frames are collected up to so many bytes, for one write */
	INBOX_BYTES = 256 * 1024,     /* of whole messages that nobody has taken: beyond it the client's window is not opened */
	WINDOW_BYTES = 1024 * 1024    /* of the connection, for what clients send */
};

/* ---- answers --------------------------------------------------------------------------------------------------------- */

static nghttp2_nv header(const char *name, const char *value)
{
	union {
		const char *text;
		uint8_t *bytes; /* nghttp2 copies it */
	} left = {name}, right = {value};
	return (nghttp2_nv){left.bytes, right.bytes, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

/* What could not be submitted would leave a stream without an end: the connection is given up instead. */
static void submitted(pawl_grpc_connection *connection, int result)
{
	connection->is_gone |= nghttp2_is_fatal(result) != 0;
}

/* grpc-status and grpc-message, as trailers or at the end of headers that have no body. */
static void end_stream(pawl_grpc_connection *connection, pawl_grpc_call *call, bool is_trailer)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	char code[12];
	snprintf(code, sizeof(code), "%d", call->code);
	if (call->code != PAWL_GRPC_OK)
		pawl_grpc_append_message(&message, call->error.message);
	nghttp2_nv headers[] = {
		header(":status", "200"),
		header("content-type", "application/grpc"),
		header("grpc-accept-encoding", "identity,gzip"),
		header("grpc-status", code),
		header("grpc-message", pawl_buffer_text(&message)),
	};
	size_t count = message.length > 0 ? 5 : 4;
	if (is_trailer)
		submitted(connection, nghttp2_submit_trailer(connection->session, call->stream, headers + 3, count - 3));
	else
		submitted(connection, nghttp2_submit_response(connection->session, call->stream, headers, count, NULL));
}

/* nghttp2 asks for the next bytes of a stream, when the windows have room for them. */
static ssize_t read_outbox(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t room, uint32_t *flags,
                           nghttp2_data_source *source, void *user)
{
	(void) session;
	(void) stream;
	pawl_grpc_call *call = source->ptr;
	size_t waiting = call->outbox.length - call->outbox_start;
	size_t taken = waiting < room ? waiting : room;
	if (taken > 0) {
		memcpy(bytes, call->outbox.text + call->outbox_start, taken);
		call->outbox_start += taken;
		if (waiting - taken < PAWL_GRPC_OUTBOX_BYTES)
			pthread_cond_broadcast(&call->changed);
	}
	if (taken == waiting && call->is_ended) {
		*flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
		end_stream(user, call, true);
	} else if (taken == 0) {
		call->is_deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	return (ssize_t) taken;
}

static void begin_answer(pawl_grpc_connection *connection, pawl_grpc_call *call)
{
	bool is_gzip = call->inbox.is_gzip && call->accepts_gzip;
	const nghttp2_nv headers[] = {
		header(":status", "200"),
		header("content-type", "application/grpc"),
		header("grpc-encoding", is_gzip ? "gzip" : "identity"),
		header("grpc-accept-encoding", "identity,gzip"),
	};
	nghttp2_data_provider provider = {.source.ptr = call, .read_callback = read_outbox};
	size_t count = sizeof(headers) / sizeof(*headers);
	submitted(connection, nghttp2_submit_response(connection->session, call->stream, headers, count, &provider));
}

static void credit(pawl_grpc_connection *connection, pawl_grpc_call *call)
{
	if (call->uncredited_bytes == 0 || call->inbox.waiting_bytes > INBOX_BYTES)
		return;
	submitted(connection, nghttp2_session_consume_stream(connection->session, call->stream, call->uncredited_bytes));
	call->uncredited_bytes = 0;
}

void pawl_grpc_connection_serve(pawl_grpc_connection *connection, pawl_grpc_call *call)
{
	credit(connection, call);
	bool has_output = call->outbox.length > call->outbox_start;
	if (!call->has_headers_out && (has_output || call->is_ended)) {
		call->has_headers_out = true;
		if (has_output)
			begin_answer(connection, call);
		else
			end_stream(connection, call, false);
	} else if (call->is_deferred && (has_output || call->is_ended)) {
		call->is_deferred = false;
		submitted(connection, nghttp2_session_resume_data(connection->session, call->stream));
	}
}

/* Something that is no gRPC gets an answer of HTTP. */
static void refuse_http(pawl_grpc_connection *connection, pawl_grpc_call *call, const char *status)
{
	const nghttp2_nv headers[] = {header(":status", status)};
	call->has_headers_out = true;
	pawl_grpc_call_end(call, PAWL_GRPC_INTERNAL, "the request is no gRPC");
	submitted(connection, nghttp2_submit_response(connection->session, call->stream, headers, 1, NULL));
}

/* ---- what the client sends ------------------------------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	pawl_grpc_call *call = pawl_grpc_call_new(user, frame->hd.stream_id);
	if (call == NULL)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
	return 0;
}

static void take_encoding(pawl_grpc_call *call, const char *value, size_t length)
{
	call->inbox.is_gzip = length == 4 && memcmp(value, "gzip", 4) == 0;
	call->is_encoding_known = call->inbox.is_gzip || (length == 8 && memcmp(value, "identity", 8) == 0);
}

static void take_timeout(pawl_grpc_call *call, const char *value, size_t length)
{
	int64_t timeout_us;
	if (pawl_grpc_parse_timeout(value, length, &timeout_us))
		call->deadline_us = pawl_time_monotonic_us() + timeout_us;
	else
		pawl_grpc_call_end(call, PAWL_GRPC_INTERNAL, "its grpc-timeout is none");
}

static void take_content_type(pawl_grpc_call *call, const char *value, size_t length)
{
	static const char grpc[] = "application/grpc";
	size_t known = sizeof(grpc) - 1;
	call->is_grpc = length >= known && strncasecmp(value, grpc, known) == 0 &&
	                (length == known || value[known] == '+' || value[known] == ';');
}

static void take_header(pawl_grpc_call *call, const char *name, const char *value, size_t length)
{
	if (strcmp(name, ":path") == 0)
		pawl_buffer_append_bytes(&call->path, value, length);
	else if (strcmp(name, ":method") == 0)
		call->is_post = length == 4 && memcmp(value, "POST", 4) == 0;
	else if (strcmp(name, "content-type") == 0)
		take_content_type(call, value, length);
	else if (strcmp(name, "grpc-encoding") == 0)
		take_encoding(call, value, length);
	else if (strcmp(name, "grpc-accept-encoding") == 0)
		call->accepts_gzip = pawl_grpc_list_has(value, length, "gzip");
	else if (strcmp(name, "grpc-timeout") == 0)
		take_timeout(call, value, length);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t length, uint8_t flags, void *user)
{
	(void) flags;
	(void) user;
	pawl_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (call == NULL)
		return 0;
	call->header_bytes += name_length + length + 32; /* as SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2) */
	if (call->header_bytes > PAWL_GRPC_MAX_HEADER_BYTES)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		take_header(call, (const char *) name, (const char *) value, length);
	return 0;
}

static bool find_method(pawl_grpc_call *call)
{
	const pawl_grpc_server *server = call->server;
	for (size_t i = 0; i < server->service_count; i++)
		for (const pawl_grpc_method *method = server->services[i]->methods; method->path != NULL; method++)
			if (strcmp(method->path, pawl_buffer_text(&call->path)) == 0) {
				call->service = server->services[i];
				call->method = method;
				return true;
			}
	return false;
}

static void accept_request(pawl_grpc_connection *connection, pawl_grpc_call *call)
{
	if (call->path.has_failed)
		pawl_grpc_call_end(call, PAWL_GRPC_RESOURCE_EXHAUSTED, "there is no memory for the call");
	else if (!call->is_post)
		refuse_http(connection, call, "405");
	else if (!call->is_grpc)
		refuse_http(connection, call, "415");
	else if (!call->is_encoding_known)
		pawl_grpc_call_end(call, PAWL_GRPC_UNIMPLEMENTED, "messages may be compressed with gzip, and nothing else");
	else if (!find_method(call))
		pawl_grpc_call_end(call, PAWL_GRPC_UNIMPLEMENTED, "unknown method '%s'", pawl_buffer_text(&call->path));
}

static void take_end_of_requests(pawl_grpc_call *call)
{
	call->has_all_requests = true;
	if (pawl_grpc_inbox_is_cut(&call->inbox))
		pawl_grpc_call_end(call, PAWL_GRPC_INTERNAL, "the request ends in the middle of a message");
	else if (!call->has_thread && call->inbox.first == NULL)
		pawl_grpc_call_end(call, PAWL_GRPC_INTERNAL, "the request has no message");
	pthread_cond_broadcast(&call->changed);
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	pawl_grpc_connection *connection = user;
	connection->has_settings |= frame->hd.type == NGHTTP2_SETTINGS;
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	pawl_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (call == NULL)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		accept_request(connection, call);
	if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
		take_end_of_requests(call);
	pawl_grpc_connection_serve(connection, call);
	return 0;
}

static void refuse_request(pawl_grpc_call *call)
{
	pawl_grpc_call_end(call, PAWL_GRPC_RESOURCE_EXHAUSTED, "the server has as many requests as it can hold");
	pawl_grpc_inbox_clear(&call->inbox);
	pawl_grpc_call_count_requests(call);
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length, void *user)
{
	(void) flags;
	(void) user;
	nghttp2_session_consume_connection(session, length);
	pawl_grpc_call *call = nghttp2_session_get_stream_user_data(session, stream);
	if (call == NULL || call->is_ended) {
		nghttp2_session_consume_stream(session, stream, length);
		return 0;
	}
	pawl_error error;
	pawl_error_clear(&error);
	call->uncredited_bytes += length;
	pawl_grpc_code code = pawl_grpc_inbox_feed(&call->inbox, bytes, length, &error);
	bool has_room = pawl_grpc_call_count_requests(call);
	if (code != PAWL_GRPC_OK)
		pawl_grpc_call_end(call, code, "%s", error.message);
	else if (!has_room)
		refuse_request(call);
	else if (!call->has_thread && call->inbox.first != NULL)
		pawl_grpc_call_start(call);
	pthread_cond_broadcast(&call->changed);
	pawl_grpc_connection_serve(call->connection, call);
	return 0;
}

/* The call has nothing to do with the connection from now on. */
static void detach(pawl_grpc_connection *connection, pawl_grpc_call *call)
{
	call->connection = NULL;
	connection->open_calls--;
	call->is_ended = true;
	pawl_grpc_call_unwant(call);
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user)
{
	(void) code;
	pawl_grpc_call *call = nghttp2_session_get_stream_user_data(session, stream);
	if (call != NULL)
		detach(user, call);
	return 0;
}

/* A client that is answered before it has said all is told to be quiet (RFC 9113, 8.1). */
static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	(void) user;
	if (frame->hd.type != NGHTTP2_HEADERS || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
		return 0;
	const pawl_grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	if (call != NULL && !call->has_all_requests)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
	return 0;
}

/* ---- the session ----------------------------------------------------------------------------------------------------- */

static int new_session(pawl_grpc_connection *connection)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	int result = pawl_grpc_session_parts_new(&callbacks, &option);
	if (result != 0)
		return result;
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
	nghttp2_option_set_no_closed_streams(option, 1);
	result = nghttp2_session_server_new3(&connection->session, callbacks, connection, option, pawl_grpc_memory());
	pawl_grpc_session_parts_free(callbacks, option);
	return result;
}

static int greet(pawl_grpc_connection *connection)
{
	static const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, PAWL_GRPC_MAX_STREAMS},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, PAWL_GRPC_MAX_HEADER_BYTES},
	};
	int result = nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, sizeof(settings) / sizeof(*settings));
	if (result != 0)
		return result;
	return nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES);
}

pawl_status pawl_grpc_connection_new(pawl_grpc_server *server, int fd, pawl_error *error)
{
	pawl_grpc_connection *connection = pawl_allocate(sizeof(*connection));
	if (connection == NULL) {
		close(fd);
		return pawl_error_out_of_memory(error);
	}
	connection->server = server;
	connection->fd = fd;
	connection->opened_us = connection->heard_us = pawl_time_monotonic_us();
	if (new_session(connection) != 0 || greet(connection) != 0) {
		nghttp2_session_del(connection->session);
		pawl_free(connection);
		close(fd);
		return pawl_error_out_of_memory(error);
	}
	connection->next = server->connections;
	server->connections = connection;
	server->connection_count++;
	return PAWL_OK;
}

void pawl_grpc_connection_read(pawl_grpc_connection *connection)
{
	uint8_t bytes[READ_BYTES];
	ssize_t length = recv(connection->fd, bytes, sizeof(bytes), 0);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		connection->is_gone = true;
		return;
	}
	connection->heard_us = pawl_time_monotonic_us();
	connection->pinged_us = 0;
	/* What breaks the rules of a session that stands is answered by nghttp2, with a GOAWAY; what is no HTTP/2 at all is not. */
	if (nghttp2_session_mem_recv(connection->session, bytes, (size_t) length) < 0)
		connection->is_gone = true;
}

static bool collect(pawl_grpc_connection *connection)
{
	if (connection->out_start == connection->out.length) {
		pawl_buffer_clear(&connection->out);
		connection->out_start = 0;
	}
	while (connection->out.length < WRITE_BYTES) {
		const uint8_t *bytes;
		ssize_t length = nghttp2_session_mem_send(connection->session, &bytes);
		if (length == 0)
			return true;
		if (length < 0)
			return false;
		pawl_buffer_append_bytes(&connection->out, (const char *) bytes, (size_t) length);
		if (connection->out.has_failed)
			return false;
	}
	return true;
}

void pawl_grpc_connection_write(pawl_grpc_connection *connection)
{
	for (;;) {
		if (!collect(connection)) {
			connection->is_gone = true;
			return;
		}
		size_t waiting = connection->out.length - connection->out_start;
		if (waiting == 0)
			break;
		ssize_t sent = send(connection->fd, connection->out.text + connection->out_start, waiting, MSG_NOSIGNAL);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (sent < 0) {
			connection->is_gone = true;
			return;
		}
		connection->out_start += (size_t) sent;
	}
	if (!nghttp2_session_want_read(connection->session) && !nghttp2_session_want_write(connection->session))
		connection->is_gone = true;
}

void pawl_grpc_connection_ping(pawl_grpc_connection *connection)
{
	connection->pinged_us = pawl_time_monotonic_us();
	nghttp2_submit_ping(connection->session, NGHTTP2_FLAG_NONE, NULL);
}

void pawl_grpc_connection_refuse_more(pawl_grpc_connection *connection)
{
	int32_t last = nghttp2_session_get_last_proc_stream_id(connection->session);
	nghttp2_submit_goaway(connection->session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, NULL, 0);
}

void pawl_grpc_connection_free(pawl_grpc_connection *connection)
{
	pawl_grpc_server *server = connection->server;
	pawl_grpc_connection **link = &server->connections;
	while (*link != connection)
		link = &(*link)->next;
	*link = connection->next;
	server->connection_count--;
	nghttp2_session_del(connection->session);
	for (pawl_grpc_call *call = server->calls; call != NULL; call = call->next)
		if (call->connection == connection)
			detach(connection, call);
	close(connection->fd);
	pawl_buffer_free(&connection->out);
	pawl_free(connection);
}
