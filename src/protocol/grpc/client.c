/* The client: one connection, one call at a time, and no thread but its caller's. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/grpc/address.h"
#include "protocol/grpc/internal.h"
#include "protocol/grpc/text.h"

enum {
	CLIENT_READ_BYTES = 64 * 1024,
	CLIENT_WINDOW_BYTES = 1024 * 1024, /* so much may be under way or wait here: the server works while its answer is applied */
	ASK_MS = 200,                      /* how often it is asked whether the call is wanted */
	RETRY_MS = 100
};

struct pawl_grpc_client {
	const pawl_grpc_client_options *options;
	int fd;
	nghttp2_session *session;

	/* Of the call at hand. */
	int32_t stream; /* 0: there is none */
	pawl_buffer request;
	size_t request_start;
	pawl_grpc_inbox inbox;
	size_t uncredited_bytes;
	bool is_closed, has_status, is_grpc;
	int http_status, code;
	uint32_t reset_code;
	pawl_buffer message; /* grpc-message */
	pawl_error damage;   /* what was wrong with the answer; its status is PAWL_OK when nothing was */
};

/* ---- callbacks --------------------------------------------------------------------------------------------------------- */

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t room, uint32_t *flags,
                            nghttp2_data_source *source, void *user)
{
	(void) session;
	(void) stream;
	(void) user;
	pawl_grpc_client *client = source->ptr;
	size_t waiting = client->request.length - client->request_start;
	size_t taken = waiting < room ? waiting : room;
	memcpy(bytes, client->request.text + client->request_start, taken);
	client->request_start += taken;
	if (taken == waiting)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t) taken;
}

static int parse_code(const char *text, int fallback)
{
	int64_t code;
	return pawl_text_parse_integer(text, &code) && code >= 0 && code < 1000 ? (int) code : fallback;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name_bytes, size_t name_length,
                     const uint8_t *value_bytes, size_t length, uint8_t flags, void *user)
{
	(void) session;
	(void) name_length;
	(void) flags;
	pawl_grpc_client *client = user;
	const char *name = (const char *) name_bytes, *value = (const char *) value_bytes;
	if (frame->hd.stream_id != client->stream)
		return 0;
	if (strcmp(name, ":status") == 0) {
		client->http_status = parse_code(value, 0);
	} else if (strcmp(name, "content-type") == 0) {
		client->is_grpc = strncasecmp(value, "application/grpc", strlen("application/grpc")) == 0;
	} else if (strcmp(name, "grpc-encoding") == 0) {
		client->inbox.is_gzip = strcmp(value, "gzip") == 0;
	} else if (strcmp(name, "grpc-status") == 0) {
		client->has_status = true;
		client->code = parse_code(value, PAWL_GRPC_UNKNOWN);
	} else if (strcmp(name, "grpc-message") == 0) {
		pawl_buffer_clear(&client->message);
		pawl_grpc_append_unescaped(&client->message, value, length);
	}
	return 0;
}

static int on_data_chunk(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length, void *user)
{
	(void) flags;
	pawl_grpc_client *client = user;
	nghttp2_session_consume_connection(session, length);
	if (stream != client->stream || client->damage.status != PAWL_OK) {
		nghttp2_session_consume_stream(session, stream, length);
		return 0;
	}
	client->uncredited_bytes += length;
	pawl_grpc_inbox_feed(&client->inbox, bytes, length, &client->damage);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user)
{
	(void) session;
	pawl_grpc_client *client = user;
	if (stream == client->stream) {
		client->is_closed = true;
		client->reset_code = code;
	}
	return 0;
}

/* ---- the connection ---------------------------------------------------------------------------------------------------- */

static int new_session(pawl_grpc_client *client)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_option *option;
	int result = pawl_grpc_session_parts_new(&callbacks, &option);
	if (result != 0)
		return result;
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
	result = nghttp2_session_client_new3(&client->session, callbacks, client, option, pawl_grpc_memory());
	pawl_grpc_session_parts_free(callbacks, option);
	return result;
}

static int greet(pawl_grpc_client *client)
{
	static const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, CLIENT_WINDOW_BYTES},
		{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, CLIENT_READ_BYTES},
	};
	int result = nghttp2_submit_settings(client->session, NGHTTP2_FLAG_NONE, settings, sizeof(settings) / sizeof(*settings));
	if (result != 0)
		return result;
	return nghttp2_session_set_local_window_size(client->session, NGHTTP2_FLAG_NONE, 0, 2 * CLIENT_WINDOW_BYTES);
}

static bool is_wanted(const pawl_grpc_client *client)
{
	return client->options->is_wanted == NULL || client->options->is_wanted(client->options->context);
}

static pawl_status check_wanted(const pawl_grpc_client *client, pawl_error *error)
{
	return is_wanted(client) ? PAWL_OK : pawl_error_set(error, PAWL_INTERRUPTED, "interrupted by a signal");
}

static pawl_status connect_patiently(pawl_grpc_client *client, pawl_error *error)
{
	int64_t end_us = pawl_time_monotonic_us() + client->options->patience_us;
	for (;;) {
		pawl_status status = pawl_grpc_connect(client->options->target, &client->fd, error);
		if (status == PAWL_OK || !error->is_retryable || pawl_time_monotonic_us() >= end_us)
			return status;
		PAWL_TRY(check_wanted(client, error));
		poll(NULL, 0, RETRY_MS);
	}
}

pawl_status pawl_grpc_client_open(const pawl_grpc_client_options *options, pawl_grpc_client **ret_client, pawl_error *error)
{
	pawl_grpc_client *client = pawl_allocate(sizeof(*client));
	if (client == NULL)
		return pawl_error_out_of_memory(error);
	client->options = options;
	client->fd = -1;
	pawl_status status = connect_patiently(client, error);
	if (status == PAWL_OK && (new_session(client) != 0 || greet(client) != 0))
		status = pawl_error_out_of_memory(error);
	if (status != PAWL_OK) {
		pawl_grpc_client_close(client);
		return status;
	}
	*ret_client = client;
	return PAWL_OK;
}

static pawl_status lose(const pawl_grpc_client *client, const char *reason, pawl_error *error)
{
	pawl_error_set(error, PAWL_IO, "the connection to '%s' was lost: %s", client->options->target, reason);
	error->is_retryable = true;
	return error->status;
}

/* What nghttp2 says of its session. */
static pawl_status fail_session(const pawl_grpc_client *client, int code, pawl_error *error)
{
	return code == NGHTTP2_ERR_NOMEM ? pawl_error_out_of_memory(error) : lose(client, nghttp2_strerror(code), error);
}

/* Sends all that there is to send: requests are short, and what else a client says is, too. */
static pawl_status write_all(pawl_grpc_client *client, pawl_error *error)
{
	for (;;) {
		const uint8_t *bytes;
		ssize_t length = nghttp2_session_mem_send(client->session, &bytes);
		if (length < 0)
			return fail_session(client, (int) length, error);
		if (length == 0)
			return PAWL_OK;
		for (ssize_t start = 0; start < length;) {
			ssize_t sent = send(client->fd, bytes + start, (size_t) (length - start), MSG_NOSIGNAL);
			if (sent < 0 && errno == EINTR)
				PAWL_TRY(check_wanted(client, error));
			else if (sent < 0)
				return lose(client, strerror(errno), error);
			else
				start += sent;
		}
	}
}

/* Waits for bytes, and lets nghttp2 have them. */
static pawl_status read_some(pawl_grpc_client *client, pawl_error *error)
{
	struct pollfd wait = {.fd = client->fd, .events = POLLIN};
	int result = poll(&wait, 1, ASK_MS);
	if (result < 0 && errno != EINTR)
		return lose(client, strerror(errno), error);
	PAWL_TRY(check_wanted(client, error));
	if (result <= 0)
		return PAWL_OK;
	uint8_t bytes[CLIENT_READ_BYTES];
	ssize_t length = recv(client->fd, bytes, sizeof(bytes), 0);
	if (length < 0 && errno == EINTR)
		return PAWL_OK;
	if (length <= 0)
		return lose(client, length == 0 ? "the server has closed it" : strerror(errno), error);
	ssize_t taken = nghttp2_session_mem_recv(client->session, bytes, (size_t) length);
	if (taken < 0)
		return fail_session(client, (int) taken, error);
	return PAWL_OK;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------- */

static void forget_call(pawl_grpc_client *client)
{
	pawl_grpc_inbox_clear(&client->inbox);
	client->inbox = (pawl_grpc_inbox){0};
	pawl_buffer_clear(&client->request);
	pawl_buffer_clear(&client->message);
	client->request_start = client->uncredited_bytes = 0;
	client->is_closed = client->has_status = client->is_grpc = false;
	client->http_status = 0;
	client->code = PAWL_GRPC_UNKNOWN;
	client->stream = 0;
	pawl_error_clear(&client->damage);
}

/* Tells the server that nobody wants the rest. */
static void cancel(pawl_grpc_client *client)
{
	pawl_error ignored;
	if (client->stream != 0 && !client->is_closed) {
		nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, client->stream, NGHTTP2_CANCEL);
		write_all(client, &ignored);
	}
	forget_call(client);
}

void pawl_grpc_client_close(pawl_grpc_client *client)
{
	if (client == NULL)
		return;
	if (client->session != NULL)
		cancel(client);
	nghttp2_session_del(client->session);
	if (client->fd >= 0)
		close(client->fd);
	pawl_grpc_inbox_clear(&client->inbox);
	pawl_buffer_free(&client->request);
	pawl_buffer_free(&client->message);
	pawl_free(client);
}

static nghttp2_nv header(const char *name, const char *value)
{
	union {
		const char *text;
		uint8_t *bytes; /* nghttp2 copies it */
	} left = {name}, right = {value};
	return (nghttp2_nv){left.bytes, right.bytes, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

pawl_status pawl_grpc_client_call(pawl_grpc_client *client, const char *path, const pawl_buffer *request, pawl_error *error)
{
	cancel(client);
	bool is_framed = pawl_grpc_frame(request, 1, false, &client->request);
	PAWL_TRY(pawl_buffer_status(&client->request, error));
	if (!is_framed)
		return pawl_error_set(error, PAWL_INVALID, "the request of '%s' is longer than %zu bytes", path, PAWL_GRPC_MAX_MESSAGE_BYTES);
	const nghttp2_nv headers[] = {
		header(":method", "POST"),
		header(":scheme", "http"),
		header(":path", path),
		header(":authority", client->options->target),
		header("content-type", "application/grpc"),
		header("te", "trailers"),
		header("grpc-accept-encoding", "identity,gzip"),
	};
	nghttp2_data_provider provider = {.source.ptr = client, .read_callback = read_request};
	int32_t stream = nghttp2_submit_request(client->session, NULL, headers, sizeof(headers) / sizeof(*headers), &provider, NULL);
	if (stream < 0)
		return fail_session(client, stream, error);
	client->stream = stream;
	return write_all(client, error);
}

/* What an answer that has ended says. */
static pawl_status judge(const pawl_grpc_client *client, pawl_grpc_code *ret_code, pawl_error *error)
{
	if (ret_code != NULL)
		*ret_code = client->has_status ? (pawl_grpc_code) client->code : PAWL_GRPC_UNKNOWN;
	if (client->damage.status != PAWL_OK) {
		*error = client->damage;
		return error->status;
	}
	if (!client->has_status && (client->http_status != 200 || !client->is_grpc))
		return pawl_error_set(error, PAWL_CONNECTOR, "the server's answer is no gRPC (status of HTTP: %d, reset: %u)",
		                      client->http_status, client->reset_code);
	if (!client->has_status)
		return pawl_error_set(error, PAWL_CONNECTOR, "the server's answer ends without a status (reset: %u)", client->reset_code);
	if (client->code == PAWL_GRPC_OK && pawl_grpc_inbox_is_cut(&client->inbox))
		return pawl_error_set(error, PAWL_CONNECTOR, "the server's answer ends in the middle of a message");
	if (client->code == PAWL_GRPC_OK)
		return PAWL_OK;
	PAWL_TRY(pawl_buffer_status(&client->message, error));
	const char *name = pawl_grpc_code_name(client->code);
	pawl_error_set(error, PAWL_CONNECTOR, "%s (%s)", pawl_buffer_text(&client->message), name == NULL ? "an unknown code" : name);
	error->is_retryable = client->code == PAWL_GRPC_UNAVAILABLE;
	return error->status;
}

static void credit(pawl_grpc_client *client)
{
	if (client->uncredited_bytes == 0 || client->inbox.waiting_bytes >= CLIENT_WINDOW_BYTES)
		return;
	nghttp2_session_consume_stream(client->session, client->stream, client->uncredited_bytes);
	client->uncredited_bytes = 0;
}

pawl_status pawl_grpc_client_next(pawl_grpc_client *client, pawl_buffer *message, bool *ret_is_end, pawl_grpc_code *ret_code,
                                  pawl_error *error)
{
	*ret_is_end = false;
	while (!pawl_grpc_inbox_take(&client->inbox, message)) {
		if (client->is_closed || client->damage.status != PAWL_OK) {
			*ret_is_end = true;
			return judge(client, ret_code, error);
		}
		credit(client);
		PAWL_TRY(write_all(client, error));
		PAWL_TRY(read_some(client, error));
	}
	return PAWL_OK;
}
