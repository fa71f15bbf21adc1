#include "base/memory.h"
#include "cli/job.h"
#include "cli/verbs.h"
#include "replicate/look.h"
#include "report/plan_json.h"
#include "report/plan_report.h"

struct settings {
	pawl_job_settings job;
	bool is_json;
};

static pawl_status make_plan(const pawl_job *job, pawl_plan *plan, pawl_error *error)
{
	PAWL_TRY(pawl_plan_make(job, PAWL_PLAN_LOOK, plan, error));
	return pawl_look_read(plan, error);
}

static pawl_status run_check(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *check = settings;
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {.job = &check->job.loaded};
	pawl_terminal terminal = pawl_terminal_detect(program->out);
	pawl_error print_error;

	pawl_status status = make_plan(&check->job.loaded, &plan, error);
	if (status != PAWL_OK && check->is_json)
		(void) pawl_plan_json_print(program->out, &plan, NULL, error, &print_error);
	PAWL_TRY(status);
	if (check->is_json)
		PAWL_TRY(pawl_plan_json_print(program->out, &plan, NULL, NULL, error));
	else
		pawl_check_print(program->out, &terminal, &plan);
	return pawl_look_find_failure(&plan, error);
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	return pawl_job_load(&((struct settings *) settings)->job, false, error);
}

static void clear(void *settings)
{
	pawl_job_clear(&((struct settings *) settings)->job.loaded);
}

static const pawl_option options[] = {
	PAWL_JOB_OPTIONS(struct settings, job),
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_check = {
	.name = "check",
	.summary = "tell whether tables can be synced, and what is promised of each",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_check,
	.prepare = prepare,
	.clear = clear,
};
