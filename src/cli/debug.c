#include "base/error.h"
#include "cli/connector_run.h"
#include "cli/verbs.h"
#include "protocol/fivetran.h"

struct settings {
	pawl_debug_settings debug; /* first, as connector_run.h has it */
	const char *target, *name;
	int64_t patience_us;
};

#define DEFAULT_PATIENCE_US INT64_C(30000000)

static pawl_status run_debug(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *debug = settings;
	const pawl_fivetran_source_options options = {
		.target = debug->target,
		.name = debug->name == NULL ? "remote" : debug->name,
		.patience_us = debug->patience_us == 0 ? DEFAULT_PATIENCE_US : debug->patience_us,
	};
	pawl_fivetran_source *source;
	PAWL_TRY(pawl_fivetran_source_open(&options, &source, error));
	pawl_status status = pawl_debug_run(program, &debug->debug, pawl_fivetran_source_connector(source),
	                                    pawl_fivetran_source_request_stop, error);
	pawl_fivetran_source_close(source);
	return status;
}

static pawl_status check_settings(void *settings, pawl_error *error)
{
	const struct settings *debug = settings;
	if (debug->target != NULL)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "'--connect' is missing");
	return pawl_error_hint(error, "start the connector's server, and say where it listens: --connect localhost:50051");
}

static const pawl_option options[] = {
	{PAWL_OPTION_TEXT, "connect", "HOST:PORT", "where the connector's server listens", offsetof(struct settings, target), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "name", "NAME", "the connector's name, under which the state is kept (remote)",
	 offsetof(struct settings, name), 0, 0, NULL},
	{PAWL_OPTION_DURATION, "wait", "DURATION", "how long to wait for a server that does not listen yet (30s)",
	 offsetof(struct settings, patience_us), 1, INT64_C(3600000000), NULL},
	PAWL_DEBUG_OPTIONS,
	{0},
};

const pawl_command pawl_verb_debug = {
	.name = "debug",
	.summary = "run a connector that serves Fivetran's contract once, into a DuckDB file",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_debug,
	.prepare = check_settings,
};
