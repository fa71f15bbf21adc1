#include "cli/plan.h"

#include "base/memory.h"
#include "cli/job.h"
#include "cli/verbs.h"
#include "replicate/look.h"
#include "report/plan_json.h"
#include "report/plan_report.h"

struct settings {
	pawl_job_settings job;
	pawl_option_list full_refresh;
	bool is_json;
};

/* One for each table of a plan. */
typedef struct look_list {
	pawl_look *items;
	size_t count;
} look_list;

static void free_looks(look_list *looks)
{
	for (size_t i = 0; i < looks->count; i++)
		pawl_look_clear(&looks->items[i]);
	pawl_free(looks->items);
}

/* What a look fails for stays with the table, as what its plan failed for does. */
static pawl_status look_at(pawl_plan *plan, look_list *looks, pawl_error *error)
{
	looks->items = pawl_allocate_array(plan->table_count + 1, sizeof(*looks->items));
	if (looks->items == NULL)
		return pawl_error_out_of_memory(error);
	looks->count = plan->table_count;
	for (size_t i = 0; i < plan->table_count; i++) {
		pawl_table_plan *table = &plan->tables[i];
		if (table->error.status == PAWL_OK)
			(void) pawl_look_at(plan, table, &looks->items[i], &table->error);
	}
	return PAWL_OK;
}

static pawl_status make_plan(const pawl_job *job, pawl_plan *plan, look_list *looks, pawl_error *error)
{
	PAWL_TRY(pawl_plan_make(job, PAWL_PLAN_LOOK, plan, error));
	return look_at(plan, looks, error);
}

pawl_status pawl_plan_show(const pawl_program *program, const pawl_job *job, bool is_json, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {.job = job};
	PAWL_CLEANUP(free_looks) look_list looks = {0};
	pawl_terminal terminal = pawl_terminal_detect(program->out);
	pawl_error print_error;

	pawl_status status = make_plan(job, &plan, &looks, error);
	if (status != PAWL_OK && is_json)
		(void) pawl_plan_json_print(program->out, &plan, looks.items, error, &print_error);
	PAWL_TRY(status);
	if (is_json)
		PAWL_TRY(pawl_plan_json_print(program->out, &plan, looks.items, NULL, error));
	else
		pawl_plan_print(program->out, &terminal, &plan, looks.items);
	return pawl_look_find_failure(&plan, error);
}

static pawl_status run_plan(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *plan = settings;

	return pawl_plan_show(program, &plan->job.loaded, plan->is_json, error);
}

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *plan = settings;

	PAWL_TRY(pawl_job_load(&plan->job, true, error));
	for (size_t i = 0; i < plan->full_refresh.count; i++)
		PAWL_TRY(pawl_names_add(&plan->job.loaded.full_refresh, plan->full_refresh.items[i], error));
	return PAWL_OK;
}

static void clear(void *settings)
{
	pawl_job_clear(&((struct settings *) settings)->job.loaded);
}

static const pawl_option options[] = {
	PAWL_JOB_OPTIONS(struct settings, job),
	{PAWL_OPTION_LIST, "full-refresh", "NAME", "as if these tables were to be copied whole; may be repeated",
	 offsetof(struct settings, full_refresh), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_plan = {
	.name = "plan",
	.summary = "tell what a sync would read, and change nothing",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_plan,
	.prepare = prepare,
	.clear = clear,
};
