/*
 * protocol/grpc.h: gRPC over HTTP/2 without TLS (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md), by nghttp2. Knows bytes of
 * messages, and nothing of what they say.
 *
 *     static pawl_grpc_code echo(pawl_grpc_call *call, void *context, pawl_error *error)
 *     {
 *         PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
 *         if (pawl_grpc_receive(call, &message) && pawl_grpc_send(call, &message, 1))
 *             return PAWL_GRPC_OK;
 *         pawl_error_set(error, PAWL_INTERRUPTED, "nobody wants the rest");
 *         return PAWL_GRPC_CANCELLED;
 *     }
 *
 * Thread rule: one thread runs the server's loop; each call runs on a thread of its own, which may lend its pawl_grpc_call
 * to others until its method returns. One thread at a time receives and sends; any may ask pawl_grpc_is_wanted meanwhile. A client
 * belongs to one thread at a time.
 */
#ifndef PAWL_PROTOCOL_GRPC_H
#define PAWL_PROTOCOL_GRPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* What a call ends with (doc/statuscodes.md); those that are used. */
typedef enum pawl_grpc_code {
	PAWL_GRPC_OK = 0,
	PAWL_GRPC_CANCELLED = 1,
	PAWL_GRPC_UNKNOWN = 2,
	PAWL_GRPC_INVALID_ARGUMENT = 3,
	PAWL_GRPC_DEADLINE_EXCEEDED = 4,
	PAWL_GRPC_NOT_FOUND = 5,
	PAWL_GRPC_RESOURCE_EXHAUSTED = 8,
	PAWL_GRPC_FAILED_PRECONDITION = 9,
	PAWL_GRPC_UNIMPLEMENTED = 12,
	PAWL_GRPC_INTERNAL = 13,
	PAWL_GRPC_UNAVAILABLE = 14
} pawl_grpc_code;

#define PAWL_GRPC_MAX_MESSAGE_BYTES ((size_t) 128 * 1024 * 1024) /* Fivetran's limit, in both directions */

/* ---- calls, as the server's methods see them --------------------------------------------------------------------------- */

typedef struct pawl_grpc_call pawl_grpc_call;

/*
 * Waits for the client's next message, which replaces what is in `message`. False when there is none: the client has said all, or
 * the call is not wanted any more.
 */
bool pawl_grpc_receive(pawl_grpc_call *call, pawl_buffer *message);

/*
 * Sends one message, made of `count` parts. Waits while the client is so slow that PAWL_GRPC_OUTBOX_BYTES wait to be sent. False
 * when the call is not wanted any more, the message is too long, or there is no memory.
 */
bool pawl_grpc_send(pawl_grpc_call *call, const pawl_buffer *parts, size_t count);

#define PAWL_GRPC_OUTBOX_BYTES ((size_t) 1024 * 1024)

/* False once the client has cancelled or is gone, the deadline has passed, or the server stops. */
bool pawl_grpc_is_wanted(pawl_grpc_call *call);

/* Waits until the call is not wanted any more, or the server was asked to stop. */
void pawl_grpc_wait(pawl_grpc_call *call);

typedef struct pawl_grpc_method {
	const char *path; /* "/grpc.health.v1.Health/Check"; NULL ends a table */

	/* Runs a call to its end; the error's message goes to the client when the code is not OK. */
	pawl_grpc_code (*run)(pawl_grpc_call *call, void *context, pawl_error *error);
} pawl_grpc_method;

typedef struct pawl_grpc_service {
	const char *name;                /* "grpc.health.v1.Health" */
	const pawl_grpc_method *methods; /* ends in a NULL path */
	void *context;                   /* of its methods */
} pawl_grpc_service;

/* ---- the server ------------------------------------------------------------------------------------------------------ */

typedef struct pawl_grpc_server pawl_grpc_server;

/* A google.protobuf.FileDescriptorSet, which reflection answers from. */
typedef struct pawl_grpc_descriptors {
	const unsigned char *bytes;
	size_t length;
} pawl_grpc_descriptors;

typedef struct pawl_grpc_server_options {
	const char *host; /* a name or an address; every address that it has is listened on */
	int port;         /* 0: one that is free */
	const pawl_grpc_service *services;
	size_t service_count;
	pawl_grpc_descriptors descriptors;
	int64_t keepalive_us;       /* a client that is silent for so long is sent a ping; 0: 60 s */
	int64_t keepalive_reply_us; /* and is gone when it stays silent for so long; 0: 20 s */
	int64_t grace_us;           /* calls that run when the server is to stop may go on for so long; 0: 2 s */
	size_t most_request_bytes;  /* of all requests that no call has taken, whole or not: a call that is beyond it ends; 0: 256 MiB */
} pawl_grpc_server_options;

/* Listens. Health and reflection are served beside the services. The options must live as long as the server. */
pawl_status pawl_grpc_server_open(const pawl_grpc_server_options *options, pawl_grpc_server **ret_server, pawl_error *error);

int pawl_grpc_server_port(const pawl_grpc_server *server);

/* Serves until pawl_grpc_server_stop, and then until the last call has ended. */
pawl_status pawl_grpc_server_run(pawl_grpc_server *server, pawl_error *error);

/* Safe in a signal handler and on any thread. */
void pawl_grpc_server_stop(pawl_grpc_server *server);

void pawl_grpc_server_close(pawl_grpc_server *server); /* takes NULL; not while it runs */

/* For fuzzing: serves one connection that is there already, to its end. Takes the descriptor over. */
pawl_status pawl_grpc_server_serve_one(pawl_grpc_server *server, int fd, pawl_error *error);

/* ---- the client ------------------------------------------------------------------------------------------------------ */

typedef struct pawl_grpc_client pawl_grpc_client;

typedef struct pawl_grpc_client_options {
	const char *target;       /* "HOST:PORT", "[::1]:PORT" */
	int64_t patience_us;      /* how long a server that is not there yet is waited for */
	bool (*is_wanted)(void *context); /* asked now and then; false ends what is waited for with PAWL_INTERRUPTED; may be NULL */
	void *context;
} pawl_grpc_client_options;

/* A port of 127.0.0.1 at which nobody listens now, for a server that must be told one. */
pawl_status pawl_grpc_free_port(int *ret_port, pawl_error *error);

pawl_status pawl_grpc_client_open(const pawl_grpc_client_options *options, pawl_grpc_client **ret_client, pawl_error *error);
void pawl_grpc_client_close(pawl_grpc_client *client); /* takes NULL */

/* Begins a call with its one request. One call at a time: an earlier one that has not ended is cancelled. */
pawl_status pawl_grpc_client_call(pawl_grpc_client *client, const char *path, const pawl_buffer *request, pawl_error *error);

/*
 * Waits for the next message of the answer, which replaces what is in `message`; *ret_is_end is true when there is none. A status that
 * is not OK is an error: its code and message, and *ret_code, which may be NULL.
 */
pawl_status pawl_grpc_client_next(pawl_grpc_client *client, pawl_buffer *message, bool *ret_is_end, pawl_grpc_code *ret_code,
                                  pawl_error *error);

#endif
