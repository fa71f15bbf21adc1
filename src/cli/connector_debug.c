#include "cli/connector_verbs.h"
#include "cli/signals.h"
#include "report/connector_report.h"

struct settings {
	const char *configuration, *state, *warehouse;
	int64_t memory_limit_bytes, threads;
	int naming;
	bool is_reset, is_json;
};

const char *const pawl_connector_namings[] = {[PAWL_NAMING_FIVETRAN] = "FIVETRAN", [PAWL_NAMING_SOURCE] = "SOURCE", NULL};

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static pawl_status run_debug(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *debug = settings;
	const pawl_run_options options = {
		.configuration_path = debug->configuration,
		.state_path = debug->state,
		.warehouse_path = debug->warehouse,
		.naming = (pawl_naming) debug->naming,
		.is_reset = debug->is_reset,
		.memory_limit_bytes = debug->memory_limit_bytes,
		.threads = (int) debug->threads,
	};
	pawl_signals signals;
	pawl_connector_report report;
	pawl_run_result result = {0};
	const pawl_run_observer observer = pawl_connector_report_begin(&report, debug->is_json ? program->err : program->out);

	pawl_signals_catch(&signals, pawl_run_request_stop);
	pawl_status status = pawl_run(program->context, &options, &observer, &result, error);
	pawl_signals_release(&signals);
	pawl_connector_report_end(&report);
	if (!debug->is_json) {
		pawl_connector_report_print(&report, &result, status);
	} else {
		pawl_error print_error;
		pawl_status printed =
			pawl_connector_report_print_json(program->out, &result, status == PAWL_OK ? NULL : error, &print_error);
		if (status == PAWL_OK && printed != PAWL_OK) {
			*error = print_error;
			status = printed;
		}
	}
	pawl_run_result_clear(&result);
	return status;
}

static const pawl_option options[] = {
	{PAWL_OPTION_TEXT, "configuration", "FILE",
	 "the connector's settings (else $FIVETRAN_CONFIGURATION, configuration.json)",
	 offsetof(struct settings, configuration), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "state", "FILE", "where the state is kept (files/state.json)",
	 offsetof(struct settings, state), 0, 0, NULL},
	{PAWL_OPTION_TEXT, "warehouse", "FILE", "the DuckDB file to write (files/warehouse.db)",
	 offsetof(struct settings, warehouse), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "naming", "FIVETRAN|SOURCE", "rename tables and columns as Fivetran does (default), or keep names",
	 offsetof(struct settings, naming), 0, 0, pawl_connector_namings},
	{PAWL_OPTION_FLAG, "reset", NULL, "forget the state and the tables first", offsetof(struct settings, is_reset), 0, 0,
	 NULL},
	{PAWL_OPTION_FLAG, "json", NULL, "print the report as one JSON object; logs go to standard error",
	 offsetof(struct settings, is_json), 0, 0, NULL},
	{PAWL_OPTION_SIZE, "memory-limit", "SIZE", "memory of the whole process, at least 192MiB (256MiB)",
	 offsetof(struct settings, memory_limit_bytes), PAWL_RUN_LEAST_MEMORY_BYTES, INT64_MAX, NULL},
	{PAWL_OPTION_INTEGER, "threads", "N", "threads that the warehouse may use (all cores)",
	 offsetof(struct settings, threads), 1, 1024, NULL},
	{0},
};

const pawl_command pawl_connector_debug = {
	.name = "debug",
	.summary = "sync once into a DuckDB file and print a report",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_debug,
};
