/* A connector that is spoken to over the wire, as a connector that runs here. */
#include "protocol/fivetran/drive/internal.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "connector/configuration.h"
#include "protocol/fivetran/numbers.h"

/* Set by a signal handler, as that of connector/sync.c is. */
static volatile sig_atomic_t is_stop_requested;

void pawl_fivetran_source_request_stop(void)
{
	is_stop_requested = 1;
	pawl_run_request_stop();
}

static bool is_wanted(void *context)
{
	const pawl_fivetran_source_options *options = context;
	return !is_stop_requested && (options->is_alive == NULL || options->is_alive(options->context));
}

/* ---- requests ---------------------------------------------------------------------------------------------------------- */

void pawl_drive_append_configuration(const pawl_configuration *configuration, pawl_buffer *request)
{
	const char *key;
	json_t *value;
	json_object_foreach(configuration->root, key, value) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer entry = {0};
		pawl_wire_append_bytes(&entry, PAWL_ENTRY_KEY, key, strlen(key));
		pawl_wire_append_bytes(&entry, PAWL_ENTRY_VALUE, json_string_value(value), json_string_length(value));
		pawl_wire_append_bytes(request, 1, pawl_buffer_text(&entry), entry.length);
		request->has_failed |= entry.has_failed;
	}
}

pawl_status pawl_drive_call(pawl_fivetran_source *source, const char *method, const pawl_buffer *request, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(request, error));
	return pawl_grpc_client_call(source->client, method, request, error);
}

/* ---- open and close ---------------------------------------------------------------------------------------------------- */

pawl_status pawl_fivetran_source_open(const pawl_fivetran_source_options *options, pawl_fivetran_source **ret_source,
                                      pawl_error *error)
{
	pawl_fivetran_source *source = pawl_allocate(sizeof(*source));
	if (source == NULL)
		return pawl_error_out_of_memory(error);
	source->connector = (pawl_connector){
		.name = options->name, .schema = pawl_drive_schema, .update = pawl_drive_update, .context = source};
	source->options = *options;
	source->client_options = (pawl_grpc_client_options){
		.target = options->target, .patience_us = options->patience_us, .is_wanted = is_wanted, .context = &source->options};
	pawl_status status = pawl_grpc_client_open(&source->client_options, &source->client, error);
	if (status != PAWL_OK) {
		pawl_fivetran_source_close(source);
		return status;
	}
	*ret_source = source;
	return PAWL_OK;
}

const pawl_connector *pawl_fivetran_source_connector(const pawl_fivetran_source *source)
{
	return &source->connector;
}

void pawl_fivetran_source_close(pawl_fivetran_source *source)
{
	if (source == NULL)
		return;
	pawl_grpc_client_close(source->client);
	pawl_record_reader_clear(&source->reader);
	pawl_buffer_free(&source->message);
	pawl_buffer_free(&source->table);
	pawl_free(source);
}
