#include "base/memory.h"
#include "cli/job.h"
#include "cli/plan.h"
#include "cli/signals.h"
#include "cli/verbs.h"
#include "replicate/run.h"
#include "report/sync_json.h"
#include "report/sync_report.h"

struct settings {
	pawl_job_settings job;
	pawl_option_list full_refresh;
	int64_t limit_time_us;
	int progress;
	bool is_allow_empty, is_accept_source, is_dry_run, is_json;
};

static pawl_status set_run(const struct settings *sync, pawl_job *job, pawl_error *error)
{
	for (size_t i = 0; i < sync->full_refresh.count; i++)
		PAWL_TRY(pawl_names_add(&job->full_refresh, sync->full_refresh.items[i], error));
	job->limit_time_us = sync->limit_time_us;
	job->is_allow_empty = sync->is_allow_empty;
	job->is_accept_source = sync->is_accept_source;
	return PAWL_OK;
}

/* With --json the result alone is on standard output; what happens meanwhile goes to standard error. */
static pawl_status run_job(const pawl_program *program, const struct settings *sync, const pawl_job *job, pawl_error *error)
{
	pawl_sync_report report;
	pawl_sync_result result = {0};
	pawl_signals signals;
	pawl_error print_error;
	FILE *out = sync->is_json ? program->err : program->out;
	const pawl_sync_observer observer = pawl_sync_report_begin(&report, out, (pawl_report_style) sync->progress);

	pawl_signals_catch(&signals, pawl_sync_request_stop);
	pawl_status status = pawl_sync_run(job, &observer, &result, error);
	pawl_signals_release(&signals);
	const pawl_error *run_error = status == PAWL_OK ? NULL : error;
	if (sync->is_json)
		pawl_sync_report_erase(&report);
	pawl_status printed = sync->is_json ? pawl_sync_json_print(program->out, &result, run_error, &print_error)
	                                    : pawl_sync_report_end(&report, &result, run_error, &print_error);
	pawl_sync_result_clear(&result);
	if (status == PAWL_OK && printed != PAWL_OK) {
		*error = print_error;
		return printed;
	}
	return status;
}

static pawl_status run_sync(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *sync = settings;

	if (sync->is_dry_run)
		return pawl_plan_show(program, &sync->job.loaded, sync->is_json, error);
	return run_job(program, sync, &sync->job.loaded, error);
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *sync = settings;

	PAWL_TRY(pawl_job_load(&sync->job, true, error));
	return set_run(sync, &sync->job.loaded, error);
}

static void clear(void *settings)
{
	pawl_job_clear(&((struct settings *) settings)->job.loaded);
}

static const pawl_option options[] = {
	PAWL_JOB_OPTIONS(struct settings, job),
	{PAWL_OPTION_INTEGER, "tables-at-once", "N", "tables in flight (2)",
	 offsetof(struct settings, job.tables_at_once), 1, 64, NULL},
	{PAWL_OPTION_LIST, "full-refresh", "NAME", "copy these tables whole, and start anew from there; may be repeated",
	 offsetof(struct settings, full_refresh), 0, 0, NULL},
	{PAWL_OPTION_DURATION, "limit-time", "TIME", "stop at the first checkpoint after this time, as 10m",
	 offsetof(struct settings, limit_time_us), 1, INT64_MAX, NULL},
	{PAWL_OPTION_FLAG, "allow-empty", NULL, "let an empty source replace a table that has rows",
	 offsetof(struct settings, is_allow_empty), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "accept-source", NULL, "the source is the one of the state, in another place",
	 offsetof(struct settings, is_accept_source), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "dry-run", NULL, "tell what would be read, as 'plan' does, and change nothing",
	 offsetof(struct settings, is_dry_run), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "progress", "STYLE", "auto (default), live, plain, json or none",
	 offsetof(struct settings, progress), 0, 0, pawl_report_style_names},
	{PAWL_OPTION_FLAG, "json", NULL, "print the result as one JSON object; the rest goes to standard error",
	 offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_sync = {
	.name = "sync",
	.summary = "bring the tables of a warehouse up to date",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_sync,
	.prepare = prepare,
	.clear = clear,
};
