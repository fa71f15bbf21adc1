/* The databases of pawl sync, as what is served. */
#include "protocol/fivetran/database/internal.h"

#include "base/error.h"

static pawl_status make_job(const void *context, void *const *entries, size_t count, pawl_job *ret_job, pawl_error *error)
{
	const pawl_database_settings settings = {(const pawl_configuration_entry *const *) entries, count};

	return pawl_database_job(context, &settings, ret_job, error);
}

static pawl_status make_form(const void *context, pawl_buffer *response, pawl_error *error)
{
	(void) context;
	return pawl_database_form(response, error);
}

static pawl_status try_test(const void *context, const FivetranSdk__V2__TestRequest *request, pawl_error *error)
{
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	PAWL_TRY(make_job(context, (void *const *) request->configuration, request->n_configuration, &job, error));
	pawl_status status = pawl_database_try(&job, request->name, error);
	pawl_database_adapt_hint(error);
	return status;
}

static pawl_status make_schema(const void *context, const FivetranSdk__V2__SchemaRequest *request, pawl_buffer *response,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	PAWL_TRY(make_job(context, (void *const *) request->configuration, request->n_configuration, &job, error));
	pawl_status status = pawl_database_schema(&job, response, error);
	pawl_database_adapt_hint(error);
	return status;
}

static pawl_status update(const void *context, const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log,
                          pawl_error *error)
{
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	PAWL_TRY(make_job(context, (void *const *) request->configuration, request->n_configuration, &job, error));
	pawl_status status = pawl_database_update(context, &job, request, call, log, error);
	pawl_database_adapt_hint(error);
	return status;
}

pawl_fivetran_served pawl_fivetran_database(const pawl_fivetran_database_options *options)
{
	static const pawl_fivetran_methods methods = {make_form, try_test, make_schema, update};

	return (pawl_fivetran_served) {"pawl", &methods, options};
}
