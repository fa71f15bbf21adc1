/*
 * cli/serve_options.h: where a verb that serves listens.
 */
#ifndef PAWL_CLI_SERVE_OPTIONS_H
#define PAWL_CLI_SERVE_OPTIONS_H

#include "cli/command.h"
#include "protocol/fivetran.h"

typedef struct pawl_serve_settings {
	const char *host;
	int64_t port;
	bool has_any_port;
} pawl_serve_settings;

/* Rows of an option table; `serve` is the member of the settings. */
#define PAWL_SERVE_OPTIONS(settings, serve)                                                                            \
	{PAWL_OPTION_INTEGER, "port", "N", "the port to listen on (50051)", offsetof(settings, serve.port), 1, 65535, NULL}, \
	{PAWL_OPTION_FLAG, "any-port", NULL, "listen on a port that is free; the first line says which",               \
	 offsetof(settings, serve.has_any_port), 0, 0, NULL},                                                          \
	{PAWL_OPTION_TEXT, "host", "ADDRESS", "the address to listen on (localhost); :: or 0.0.0.0 is every one",       \
	 offsetof(settings, serve.host), 0, 0, NULL}

/* Serves until a signal asks to stop. */
pawl_status pawl_serve_run(const pawl_program *program, const pawl_serve_settings *settings, pawl_fivetran_served served,
                           pawl_error *error);

#endif
