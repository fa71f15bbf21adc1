#include "base/memory.h"
#include "cli/job.h"
#include "cli/verbs.h"
#include "config/propose.h"

struct settings {
	pawl_job_settings job;
};

/* The warehouse is named in the file, and of no matter yet. */
static pawl_status make_plan(pawl_job job, pawl_plan *plan, pawl_error *error)
{
	job.destination = NULL;
	return pawl_plan_make(&job, PAWL_PLAN_LOOK, plan, error);
}

static pawl_status run_init(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *init = settings;
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer yaml = {0};

	PAWL_TRY(make_plan(init->job.loaded, &plan, error));
	plan.job = &init->job.loaded;
	PAWL_TRY(pawl_propose(&plan, &yaml, error));
	fputs(pawl_buffer_text(&yaml), program->out);
	return PAWL_OK;
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *init = settings;

	if (init->job.from == NULL) {
		pawl_error_set(error, PAWL_INVALID, "no source is named");
		return pawl_error_hint(error, "write 'pawl init --from SOURCE'");
	}
	return pawl_job_load(&init->job, false, error);
}

static void clear(void *settings)
{
	pawl_job_clear(&((struct settings *) settings)->job.loaded);
}

static const pawl_option options[] = {
	PAWL_JOB_FROM_OPTION(struct settings, job),
	PAWL_JOB_TABLE_OPTIONS(struct settings, job),
	{0},
};

const pawl_command pawl_verb_init = {
	.name = "init",
	.summary = "propose a job for a source, as a file with comments",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_init,
	.prepare = prepare,
	.clear = clear,
};
