/* The methods of SourceConnector. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/serve.h"

extern const unsigned char pawl_protocol_descriptors[];
extern const size_t pawl_protocol_descriptors_length;

/* ---- errors ------------------------------------------------------------------------------------------------------------ */

static pawl_grpc_code code_of(const pawl_error *error)
{
	switch (error->status) {
	case PAWL_OK:
		return PAWL_GRPC_OK;
	case PAWL_INVALID:
		return PAWL_GRPC_INVALID_ARGUMENT;
	case PAWL_NOT_FOUND:
		return PAWL_GRPC_NOT_FOUND;
	case PAWL_OUT_OF_MEMORY:
		return PAWL_GRPC_RESOURCE_EXHAUSTED;
	case PAWL_IO:
	case PAWL_DATABASE:
		return PAWL_GRPC_UNAVAILABLE;
	case PAWL_INTERRUPTED:
		return PAWL_GRPC_CANCELLED;
	case PAWL_CONNECTOR:
		return PAWL_GRPC_UNKNOWN; /* as the SDK for Python says it */
	case PAWL_INTERNAL:
	default:
		return PAWL_GRPC_INTERNAL;
	}
}

void pawl_fivetran_join_hint(pawl_error *error)
{
	const pawl_error told = *error;

	if (told.hint[0] != '\0')
		pawl_error_set(error, told.status, "%s (%s)", told.message, told.hint);
}

/* A failed call: its error is logged, and told to the client with its hint. */
static pawl_grpc_code fail(const pawl_fivetran_server_options *options, const char *method, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer line = {0};
	pawl_grpc_code code = code_of(error);
	pawl_fivetran_join_hint(error);
	pawl_buffer_appendf(&line, "%s: %s", method, error->message);
	pawl_fivetran_log(options->log, code == PAWL_GRPC_CANCELLED ? PAWL_LOG_INFO : PAWL_LOG_SEVERE, pawl_buffer_text(&line));
	return code;
}

/* ---- methods ----------------------------------------------------------------------------------------------------------- */

/* The one request of a call; NULL, with an error, when there is none or it is not what it should be. */
static void *receive(pawl_grpc_call *call, const ProtobufCMessageDescriptor *descriptor, pawl_arena *memory, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer bytes = {0};
	if (!pawl_grpc_receive(call, &bytes)) {
		pawl_error_set(error, PAWL_INTERRUPTED, "nobody wants the answer");
		return NULL;
	}
	void *message = pawl_fivetran_unpack(descriptor, &bytes, memory, error);
	if (message == NULL && error->status == PAWL_INVALID)
		pawl_error_prefix(error, "the request is ");
	return message;
}

static pawl_grpc_code answer(pawl_grpc_call *call, const pawl_fivetran_server_options *options, const char *method,
                             pawl_status status, const pawl_buffer *response, pawl_error *error)
{
	if (status != PAWL_OK)
		return fail(options, method, error);
	if (pawl_grpc_send(call, response, 1))
		return PAWL_GRPC_OK;
	if (pawl_grpc_is_wanted(call))
		pawl_error_out_of_memory(error); /* no answer of one message is too long */
	else
		pawl_error_set(error, PAWL_INTERRUPTED, "nobody wants the answer");
	return fail(options, method, error);
}

static pawl_grpc_code serve_form(pawl_grpc_call *call, void *context, pawl_error *error)
{
	const pawl_fivetran_server_options *options = context;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer response = {0};
	pawl_status status;
	if (receive(call, &fivetran_sdk__v2__configuration_form_request__descriptor, &memory, error) == NULL)
		status = error->status;
	else
		status = options->served.methods->form(options->served.context, &response, error);
	return answer(call, options, "ConfigurationForm", status, &response, error);
}

/* A test that fails is an answer, not an error. */
static pawl_status try_test(const pawl_fivetran_served *served, const FivetranSdk__V2__TestRequest *request, pawl_buffer *response,
                            pawl_error *error)
{
	FivetranSdk__V2__TestResponse message = FIVETRAN_SDK__V2__TEST_RESPONSE__INIT;
	pawl_error failure;
	pawl_error_clear(&failure);
	pawl_status status = served->methods->test(served->context, request, &failure);
	if (status == PAWL_NOT_FOUND || status == PAWL_OUT_OF_MEMORY) {
		*error = failure;
		return status;
	}
	pawl_fivetran_join_hint(&failure);
	message.response_case = status == PAWL_OK ? FIVETRAN_SDK__V2__TEST_RESPONSE__RESPONSE_SUCCESS
	                                          : FIVETRAN_SDK__V2__TEST_RESPONSE__RESPONSE_FAILURE;
	if (status == PAWL_OK)
		message.success = 1;
	else
		message.failure = failure.message;
	return pawl_fivetran_pack(&message, response, error);
}

static pawl_grpc_code serve_test(pawl_grpc_call *call, void *context, pawl_error *error)
{
	const pawl_fivetran_server_options *options = context;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer response = {0};
	const FivetranSdk__V2__TestRequest *request = receive(call, &fivetran_sdk__v2__test_request__descriptor, &memory, error);
	pawl_status status = request == NULL ? error->status : try_test(&options->served, request, &response, error);
	return answer(call, options, "Test", status, &response, error);
}

static pawl_grpc_code serve_schema(pawl_grpc_call *call, void *context, pawl_error *error)
{
	const pawl_fivetran_server_options *options = context;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer response = {0};
	const FivetranSdk__V2__SchemaRequest *request = receive(call, &fivetran_sdk__v2__schema_request__descriptor, &memory, error);
	const pawl_fivetran_served *served = &options->served;
	pawl_status status = request == NULL ? error->status : served->methods->schema(served->context, request, &response, error);
	return answer(call, options, "Schema", status, &response, error);
}

static pawl_grpc_code serve_update(pawl_grpc_call *call, void *context, pawl_error *error)
{
	const pawl_fivetran_server_options *options = context;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	const FivetranSdk__V2__UpdateRequest *request = receive(call, &fivetran_sdk__v2__update_request__descriptor, &memory, error);
	const pawl_fivetran_served *served = &options->served;
	if (request == NULL || served->methods->update(served->context, request, call, options->log, error) != PAWL_OK)
		return fail(options, "Update", error);
	return PAWL_GRPC_OK;
}

static const pawl_grpc_method methods[] = {
	{"/fivetran_sdk.v2.SourceConnector/ConfigurationForm", serve_form},
	{"/fivetran_sdk.v2.SourceConnector/Test", serve_test},
	{"/fivetran_sdk.v2.SourceConnector/Schema", serve_schema},
	{"/fivetran_sdk.v2.SourceConnector/Update", serve_update},
	{0},
};

/* ---- the server -------------------------------------------------------------------------------------------------------- */

/* For the signal handler alone, which has no context. */
static pawl_grpc_server *volatile running;

void pawl_fivetran_request_stop(void)
{
	if (running != NULL)
		pawl_grpc_server_stop(running);
}

static void announce(const pawl_fivetran_server_options *options, const pawl_grpc_server *server)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer line = {0};
	pawl_buffer_appendf(&line, "connector '%s' listens on %s port %d", options->served.name, options->host,
	                    pawl_grpc_server_port(server));
	pawl_fivetran_log(options->log, PAWL_LOG_INFO, pawl_buffer_text(&line));
}

pawl_status pawl_fivetran_serve(const pawl_fivetran_server_options *options, pawl_error *error)
{
	union {
		const pawl_fivetran_server_options *options;
		void *context; /* the methods only read it */
	} shared = {options};
	const pawl_grpc_service service = {"fivetran_sdk.v2.SourceConnector", methods, shared.context};
	const pawl_grpc_server_options server_options = {
		.host = options->host,
		.port = options->port,
		.services = &service,
		.service_count = 1,
		.descriptors = {pawl_protocol_descriptors, pawl_protocol_descriptors_length},
	};
	pawl_grpc_server *server;
	PAWL_TRY(pawl_grpc_server_open(&server_options, &server, error));
	running = server;
	announce(options, server);
	pawl_status status = pawl_grpc_server_run(server, error);
	running = NULL;
	pawl_grpc_server_close(server);
	return status;
}
