/*
 * protocol/grpc/internal.h: what the files of the server share. For this folder alone.
 *
 *     server.c      the loop: it waits for sockets, deadlines and calls, and holds the lock whenever it does not wait
 *     connection.c  one client: nghttp2 and its callbacks, all on the loop's thread
 *     call.c        one call: what its thread does (pawl_grpc_receive, pawl_grpc_send), under the same lock
 *
 * A call ends three times: its method returns (has_returned), what it ends with is decided (is_ended), which a deadline or the
 * server may do before, and its stream is closed (connection is NULL). It is freed after the first and the last.
 */
#ifndef PAWL_PROTOCOL_GRPC_INTERNAL_H
#define PAWL_PROTOCOL_GRPC_INTERNAL_H

#include <pthread.h>
#include <signal.h>

#include <nghttp2/nghttp2.h>

#include "protocol/grpc.h"
#include "protocol/grpc/frame.h"

enum {
	PAWL_GRPC_MAX_LISTENERS = 8,
	PAWL_GRPC_MAX_CONNECTIONS = 128,
	PAWL_GRPC_MAX_CALLS = 64, /* that run, each on a thread */
	PAWL_GRPC_MAX_STREAMS = 100, /* of one connection */
	PAWL_GRPC_MAX_HEADER_BYTES = 64 * 1024
};

#define PAWL_GRPC_MAX_REQUEST_BYTES (2 * PAWL_GRPC_MAX_MESSAGE_BYTES)

typedef struct pawl_grpc_connection pawl_grpc_connection;

struct pawl_grpc_call {
	pawl_grpc_call *next;             /* of the server */
	pawl_grpc_server *server;
	pawl_grpc_connection *connection; /* NULL once the stream is closed */
	int32_t stream;
	pthread_t thread;
	pthread_cond_t changed; /* anything below, for the call's thread */

	/* What the headers said. */
	const pawl_grpc_service *service;
	const pawl_grpc_method *method;
	pawl_buffer path;
	size_t header_bytes;
	bool is_post, is_grpc, accepts_gzip, is_encoding_known;
	int64_t deadline_us; /* monotonic; INT64_MAX: none */

	pawl_grpc_inbox inbox;
	size_t request_bytes;    /* in the inbox, as the server has counted them */
	size_t uncredited_bytes; /* that came, and for which the client has no new window yet */
	bool has_all_requests;   /* the client says no more */

	pawl_buffer outbox; /* framed messages */
	size_t outbox_start; /* of what is not sent yet */
	bool is_deferred;    /* nghttp2 was told that there is nothing to send */

	bool has_thread, has_returned, has_headers_out, is_ended, is_unwanted;
	pawl_grpc_code code;
	pawl_error error; /* its message goes to the client */
};

struct pawl_grpc_connection {
	pawl_grpc_connection *next;
	pawl_grpc_server *server;
	int fd;
	nghttp2_session *session;
	pawl_buffer out;      /* frames for the socket */
	size_t out_start;
	int64_t opened_us;
	int64_t heard_us;     /* when something came last; monotonic */
	int64_t pinged_us;    /* 0: no ping is out */
	bool has_settings;    /* the client's first frame was there */
	bool is_readable, is_writable; /* what poll(2) said */
	bool is_gone;         /* to be closed */
	size_t open_calls;
};

struct pawl_grpc_server {
	pthread_mutex_t lock; /* of all that follows but the options */
	const pawl_grpc_server_options *options;
	const pawl_grpc_service **services; /* the options' and our own */
	size_t service_count;
	pawl_grpc_service own[3];
	int wake_fd;
	int listeners[PAWL_GRPC_MAX_LISTENERS];
	size_t listener_count;
	int port;
	pawl_grpc_connection *connections;
	pawl_grpc_call *calls;
	size_t connection_count, thread_count;
	size_t request_bytes; /* of all calls */
	bool is_woken;
	bool is_stopping;
	int64_t stop_us; /* when calls that run are ended; monotonic */
	volatile sig_atomic_t is_stop_requested;
};

/* ---- call.c ------------------------------------------------------------------------------------------------------------- */

/* The call of a new stream; NULL when there is no memory. */
pawl_grpc_call *pawl_grpc_call_new(pawl_grpc_connection *connection, int32_t stream);

/* Counts what is in the inbox; after each change of it. False when the server has too much of it in all. */
bool pawl_grpc_call_count_requests(pawl_grpc_call *call);

/* Starts the method's thread; a failure ends the call. */
void pawl_grpc_call_start(pawl_grpc_call *call);

/* Decides what the call ends with, if that is not decided yet; what waits to be sent is not, unless the code is OK. */
void pawl_grpc_call_end(pawl_grpc_call *call, pawl_grpc_code code, const char *format, ...) PAWL_PRINTF(3, 4);

/* Its thread's receive and send fail from now on. */
void pawl_grpc_call_unwant(pawl_grpc_call *call);

/* Frees it; its thread must have been joined. */
void pawl_grpc_call_free(pawl_grpc_call *call);

/* Makes the loop look at all calls again. */
void pawl_grpc_server_wake(pawl_grpc_server *server);

/* True once the server was asked to stop. */
bool pawl_grpc_is_stopping(pawl_grpc_call *call);

/* ---- connection.c ------------------------------------------------------------------------------------------------------- */

/* For a socket that is connected; takes it over, also on failure. */
pawl_status pawl_grpc_connection_new(pawl_grpc_server *server, int fd, pawl_error *error);

/* Reads what there is to read; then writes what can be written. Sets is_gone at the end. */
void pawl_grpc_connection_read(pawl_grpc_connection *connection);
void pawl_grpc_connection_write(pawl_grpc_connection *connection);

/* Brings a call's stream up to date: its headers, what waits to be sent, its end, and the client's window. */
void pawl_grpc_connection_serve(pawl_grpc_connection *connection, pawl_grpc_call *call);

void pawl_grpc_connection_ping(pawl_grpc_connection *connection);
void pawl_grpc_connection_refuse_more(pawl_grpc_connection *connection); /* GOAWAY */

/* Closes the socket; the calls are not wanted any more. */
void pawl_grpc_connection_free(pawl_grpc_connection *connection);

/* ---- session.c ---------------------------------------------------------------------------------------------------------- */

/* nghttp2's memory comes from base/memory.h. */
nghttp2_mem *pawl_grpc_memory(void);

/* What a session is made with, and does not keep. Windows are given back as bytes are taken, so that a slow taker slows the sender. */
int pawl_grpc_session_parts_new(nghttp2_session_callbacks **ret_callbacks, nghttp2_option **ret_option);
void pawl_grpc_session_parts_free(nghttp2_session_callbacks *callbacks, nghttp2_option *option);

/* ---- health.c, reflection.c --------------------------------------------------------------------------------------------- */

extern const pawl_grpc_method pawl_grpc_health_methods[];
extern const pawl_grpc_method pawl_grpc_reflection_methods[];
extern const pawl_grpc_method pawl_grpc_reflection_alpha_methods[];

#endif
