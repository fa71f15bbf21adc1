#include "cli/connector_verbs.h"
#include "cli/signals.h"
#include "protocol/fivetran.h"

struct settings {
	const char *host;
	int64_t port;
	bool has_any_port;
};

static pawl_status run_serve(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *serve = settings;
	const pawl_fivetran_server_options options = {
		.connector = program->context,
		.host = serve->host == NULL ? "localhost" : serve->host,
		.port = serve->has_any_port ? 0 : serve->port == 0 ? PAWL_FIVETRAN_PORT : (int) serve->port,
		.log = program->out,
	};
	pawl_signals signals;
	pawl_signals_catch(&signals, pawl_fivetran_request_stop);
	pawl_status status = pawl_fivetran_serve(&options, error);
	pawl_signals_release(&signals);
	return status;
}

static const pawl_option options[] = {
	{PAWL_OPTION_INTEGER, "port", "N", "the port to listen on (50051)", offsetof(struct settings, port), 1, 65535, NULL},
	{PAWL_OPTION_FLAG, "any-port", NULL, "listen on a port that is free; the first line says which",
	 offsetof(struct settings, has_any_port), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "host", "ADDRESS", "the address to listen on (localhost); :: or 0.0.0.0 is every one",
	 offsetof(struct settings, host), 0, 0, NULL},
	{0},
};

const pawl_command pawl_connector_serve = {
	.name = "serve",
	.summary = "serve Fivetran's contract for sources over gRPC",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_serve,
};
