#include "cli/connector_verbs.h"
#include "cli/serve_options.h"
#include "cli/signals.h"

struct settings {
	pawl_serve_settings serve;
};

pawl_status pawl_serve_run(const pawl_program *program, const pawl_serve_settings *settings, pawl_fivetran_served served,
                           pawl_error *error)
{
	const pawl_fivetran_server_options options = {
		.served = served,
		.host = settings->host == NULL ? "localhost" : settings->host,
		.port = settings->has_any_port ? 0 : settings->port == 0 ? PAWL_FIVETRAN_PORT : (int) settings->port,
		.log = program->out,
	};
	pawl_signals signals;
	pawl_signals_catch(&signals, pawl_fivetran_request_stop);
	pawl_status status = pawl_fivetran_serve(&options, error);
	pawl_signals_release(&signals);
	return status;
}

static pawl_status run_serve(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *given = settings;

	return pawl_serve_run(program, &given->serve, pawl_fivetran_connector(program->context), error);
}

static const pawl_option options[] = {
	PAWL_SERVE_OPTIONS(struct settings, serve),
	{0},
};

const pawl_command pawl_connector_serve = {
	.name = "serve",
	.summary = "serve Fivetran's contract for sources over gRPC",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_serve,
};
