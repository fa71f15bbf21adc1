/* A connector of this process, as what is served. */
#include "base/error.h"
#include "connector/form.h"
#include "protocol/fivetran/connector/internal.h"

static pawl_status make_form(const void *context, pawl_buffer *response, pawl_error *error)
{
	const pawl_connector *connector = context;
	pawl_fivetran_form_parts parts = {.settings = connector->form == NULL ? NULL : connector->form->settings};
	pawl_test test;
	while (pawl_form_test(connector, parts.test_count, &test))
		parts.test_count++;
	PAWL_CLEANUP(pawl_free_pointer) pawl_test *tests = pawl_allocate_array(parts.test_count, sizeof(*tests));
	if (tests == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < parts.test_count; i++)
		pawl_form_test(connector, i, &tests[i]);
	parts.tests = tests;
	return pawl_fivetran_form_pack(&parts, response, error);
}

static pawl_status try_test(const void *context, const FivetranSdk__V2__TestRequest *request, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer configuration = {0};
	void *const *entries = (void *const *) request->configuration;
	PAWL_TRY(pawl_fivetran_configuration(entries, request->n_configuration, &configuration, error));
	return pawl_form_try(context, request->name, configuration.text, error);
}

static pawl_status make_schema(const void *context, const FivetranSdk__V2__SchemaRequest *request, pawl_buffer *response,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer configuration = {0};
	void *const *entries = (void *const *) request->configuration;
	PAWL_TRY(pawl_fivetran_configuration(entries, request->n_configuration, &configuration, error));
	return pawl_fivetran_schema(context, configuration.text, response, error);
}

static pawl_status update(const void *context, const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log,
                          pawl_error *error)
{
	return pawl_fivetran_update(context, request, call, log, error);
}

pawl_fivetran_served pawl_fivetran_connector(const pawl_connector *connector)
{
	static const pawl_fivetran_methods methods = {make_form, try_test, make_schema, update};

	return (pawl_fivetran_served) {connector->name, &methods, connector};
}
