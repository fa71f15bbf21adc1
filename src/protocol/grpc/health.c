/* grpc.health.v1: a server that answers, serves; one that was asked to stop does not. */
#include <string.h>

#include "base/memory.h"
#include "protocol/grpc/internal.h"
#include "protocol/wire.h"

/* health.proto: HealthCheckRequest and HealthCheckResponse have one field each. */
enum { SERVICE_FIELD = 1, STATUS_FIELD = 1 };

typedef enum serving_status { SERVING = 1, NOT_SERVING = 2, SERVICE_UNKNOWN = 3 } serving_status;

/* The service that is asked for; *ret_is_known is false when the server has it not. No name is the server itself. */
static bool receive_request(pawl_grpc_call *call, const pawl_grpc_server *server, bool *ret_is_known, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	if (!pawl_grpc_receive(call, &message)) {
		pawl_error_set(error, PAWL_INVALID, "the request has no message");
		return false;
	}
	pawl_wire wire = {message.text, message.text + message.length, false}, name = {0};
	pawl_wire_field field;
	while (pawl_wire_next(&wire, &field))
		if (pawl_wire_is(&field, SERVICE_FIELD, PAWL_WIRE_BYTES))
			name = field.bytes;
	if (wire.is_damaged) {
		pawl_error_set(error, PAWL_INVALID, "the request is no HealthCheckRequest");
		return false;
	}
	size_t length = pawl_wire_length(&name);
	*ret_is_known = length == 0;
	for (size_t i = 0; i < server->service_count; i++)
		if (strlen(server->services[i]->name) == length && memcmp(server->services[i]->name, name.next, length) == 0)
			*ret_is_known = true;
	return true;
}

static bool send_status(pawl_grpc_call *call, serving_status status)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	pawl_wire_append_varint(&message, STATUS_FIELD, status);
	return pawl_grpc_send(call, &message, 1);
}

static serving_status current_status(pawl_grpc_call *call, bool is_known)
{
	if (!is_known)
		return SERVICE_UNKNOWN;
	return pawl_grpc_is_stopping(call) ? NOT_SERVING : SERVING;
}

static pawl_grpc_code check(pawl_grpc_call *call, void *context, pawl_error *error)
{
	bool is_known;
	if (!receive_request(call, context, &is_known, error))
		return PAWL_GRPC_INVALID_ARGUMENT;
	if (!is_known) {
		pawl_error_set(error, PAWL_NOT_FOUND, "unknown service");
		return PAWL_GRPC_NOT_FOUND;
	}
	return send_status(call, current_status(call, true)) ? PAWL_GRPC_OK : PAWL_GRPC_CANCELLED;
}

/* Tells how it is, and again when it changes, which is once: when the server stops. */
static pawl_grpc_code watch(pawl_grpc_call *call, void *context, pawl_error *error)
{
	bool is_known;
	if (!receive_request(call, context, &is_known, error))
		return PAWL_GRPC_INVALID_ARGUMENT;
	if (!send_status(call, current_status(call, is_known)))
		return PAWL_GRPC_CANCELLED;
	pawl_grpc_wait(call);
	if (pawl_grpc_is_wanted(call) && is_known)
		send_status(call, current_status(call, true));
	return PAWL_GRPC_OK;
}

const pawl_grpc_method pawl_grpc_health_methods[] = {
	{"/grpc.health.v1.Health/Check", check},
	{"/grpc.health.v1.Health/Watch", watch},
	{0},
};
