#include "base/memory.h"
#include "cli/job.h"
#include "cli/verbs.h"
#include "replicate/plan.h"
#include "report/catalog_report.h"

struct settings {
	pawl_job_settings job;
	bool is_json;
};

static bool is_asked_for(const pawl_job_settings *settings, const pawl_source_table *table)
{
	for (size_t i = 0; i < settings->select.count; i++)
		if (pawl_pattern_matches(settings->select.items[i], table->schema, table->name))
			return true;
	return settings->select.count == 0;
}

static pawl_status show(const pawl_program *program, const struct settings *discover, const pawl_source_catalog *catalog,
                        pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) const pawl_source_table **tables = NULL;
	pawl_terminal terminal = pawl_terminal_detect(program->out);
	size_t count = 0;

	tables = pawl_allocate_array(catalog->table_count + 1, sizeof(*tables));
	if (tables == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < catalog->table_count; i++)
		if (is_asked_for(&discover->job, &catalog->tables[i]))
			tables[count++] = &catalog->tables[i];
	if (count == 0)
		return pawl_error_set(error, PAWL_NOT_FOUND, "the source has no %s",
		                      catalog->table_count == 0 ? "tables" : "such table");
	if (discover->is_json)
		return pawl_catalog_print_json(program->out, discover->job.loaded.source, tables, count, error);
	return pawl_catalog_print(program->out, &terminal, tables, count, error);
}

static pawl_status run_discover(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *discover = settings;
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};

	PAWL_TRY(pawl_plan_open(&discover->job.loaded, PAWL_PLAN_LOOK, &plan, error));
	return show(program, discover, &plan.catalog, error);
}

/* Of a job, the source alone: its warehouse may be in use. */
static pawl_status prepare(void *settings, pawl_error *error)
{
	struct settings *discover = settings;

	PAWL_TRY(pawl_job_load(&discover->job, false, error));
	pawl_free(PAWL_TAKE(discover->job.loaded.destination));
	return PAWL_OK;
}

static void clear(void *settings)
{
	pawl_job_clear(&((struct settings *) settings)->job.loaded);
}

static const pawl_option options[] = {
	PAWL_JOB_FILE_OPTION(struct settings, job),
	PAWL_JOB_FROM_OPTION(struct settings, job),
	{PAWL_OPTION_LIST, "table", "NAME", "only these tables; a table or pattern, may be repeated",
	 offsetof(struct settings, job.select), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_verb_discover = {
	.name = "discover",
	.summary = "list the tables of a source and their columns",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_discover,
	.prepare = prepare,
	.clear = clear,
};
