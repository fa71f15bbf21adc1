#include "cli/connector_run.h"
#include "cli/connector_verbs.h"
#include "cli/signals.h"
#include "report/connector_report.h"

const char *const pawl_connector_namings[] = {[PAWL_NAMING_FIVETRAN] = "FIVETRAN", [PAWL_NAMING_SOURCE] = "SOURCE", NULL};

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_debug_run(const pawl_program *program, const pawl_debug_settings *debug, const pawl_connector *connector,
                           void (*request_stop)(void), pawl_error *error)
{
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

	pawl_signals_catch(&signals, request_stop);
	pawl_status status = pawl_run(connector, &options, &observer, &result, error);
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

static pawl_status run_debug(const pawl_program *program, const void *settings, pawl_error *error)
{
	return pawl_debug_run(program, settings, program->context, pawl_run_request_stop, error);
}

static const pawl_option options[] = {
	PAWL_DEBUG_OPTIONS("all cores"),
	{0},
};

const pawl_command pawl_connector_debug = {
	.name = "debug",
	.summary = "sync once into a DuckDB file and print a report",
	.options = options,
	.settings_bytes = sizeof(pawl_debug_settings),
	.run = run_debug,
};
