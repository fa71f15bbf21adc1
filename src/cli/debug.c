#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "cli/connector_run.h"
#include "cli/verbs.h"
#include "protocol/fivetran.h"

struct settings {
	pawl_debug_settings debug; /* first, as connector_run.h has it */
	const char *folder, *target, *name, *python;
	int64_t patience_us;
};

#define DEFAULT_PATIENCE_US INT64_C(30000000)

static pawl_status run_source(const pawl_program *program, const struct settings *settings,
                              const pawl_fivetran_source_options *options, pawl_error *error)
{
	pawl_fivetran_source *source;
	pawl_debug_settings debug = settings->debug;
	if (debug.threads == 0)
		debug.threads = 1; /* the server and the client are busy, too, and each thread takes memory that DuckDB does not count */
	PAWL_TRY(pawl_fivetran_source_open(options, &source, error));
	pawl_status status = pawl_debug_run(program, &debug, pawl_fivetran_source_connector(source),
	                                    pawl_fivetran_source_request_stop, error);
	pawl_fivetran_source_close(source);
	return status;
}

/* ---- a project of Python ----------------------------------------------------------------------------------------------- */

static bool is_running(void *python)
{
	return pawl_fivetran_python_is_running(python);
}

static pawl_status run_project(const pawl_program *program, const struct settings *settings,
                               pawl_fivetran_source_options *options, pawl_error *error)
{
	pawl_fivetran_python *python;
	char target[32];
	PAWL_TRY(pawl_fivetran_python_start(settings->folder, settings->python == NULL ? "python3" : settings->python, &python, error));
	snprintf(target, sizeof(target), "127.0.0.1:%d", pawl_fivetran_python_port(python));
	options->target = target;
	options->is_alive = is_running;
	options->context = python;
	pawl_status status = run_source(program, settings, options, error);
	if (status != PAWL_OK)
		status = pawl_fivetran_python_explain(python, error);
	pawl_fivetran_python_stop(python);
	return status;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------------- */

static pawl_status run_debug(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *debug = settings;
	pawl_fivetran_source_options options = {
		.target = debug->target,
		.name = debug->name == NULL ? "remote" : debug->name,
		.patience_us = debug->patience_us == 0 ? DEFAULT_PATIENCE_US : debug->patience_us,
	};
	if (debug->folder != NULL)
		return run_project(program, debug, &options, error);
	return run_source(program, debug, &options, error);
}

static pawl_status check_settings(void *settings, pawl_error *error)
{
	const struct settings *debug = settings;
	if ((debug->target == NULL) != (debug->folder == NULL))
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, debug->target == NULL ? "neither a folder nor '--connect' says which connector"
	                                                          : "a folder and '--connect' are given");
	return pawl_error_hint(error, "name the folder of a project in Python, or where a connector's server listens: --connect "
	                              "localhost:50051");
}

static const pawl_option options[] = {
	{PAWL_OPTION_OPTIONAL_OPERAND, "FOLDER", NULL, "a project in Python, which holds a connector.py", offsetof(struct settings, folder),
	 0, 0, NULL},
	{PAWL_OPTION_TEXT, "connect", "HOST:PORT", "where the connector's server listens", offsetof(struct settings, target), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "name", "NAME", "the connector's name, under which the state is kept (remote)",
	 offsetof(struct settings, name), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "python", "PROGRAM", "the interpreter for a project in Python (python3)", offsetof(struct settings, python), 0, 0,
	 NULL},
	{PAWL_OPTION_DURATION, "wait", "DURATION", "how long to wait for a server that does not listen yet (30s)",
	 offsetof(struct settings, patience_us), 1, INT64_C(3600000000), NULL},
	PAWL_DEBUG_OPTIONS("1"),
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
