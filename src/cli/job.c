#include "cli/job.h"

#include "base/memory.h"
#include "config/file.h"

const char *const pawl_job_modes[] = {"auto", "upsert", "append", "replace", NULL};

static pawl_status set_text(char **text, const char *value, pawl_error *error)
{
	if (value == NULL)
		return PAWL_OK;
	char *copy = pawl_duplicate(value);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	pawl_free(*text);
	*text = copy;
	return PAWL_OK;
}

/* What holds for each of the tables that are named here. */
static pawl_status set_table(const pawl_job_settings *settings, pawl_table_settings *table, pawl_error *error)
{
	for (size_t i = 0; i < settings->keys.count; i++)
		PAWL_TRY(pawl_field_add_name(pawl_field_find("key"), table, settings->keys.items[i], error));
	for (size_t i = 0; i < settings->primary_key.count; i++)
		PAWL_TRY(pawl_field_add_name(pawl_field_find("primary_key"), table, settings->primary_key.items[i], error));
	if (settings->mode != PAWL_MODE_AUTO)
		PAWL_TRY(pawl_field_set(pawl_field_find("mode"), table, pawl_job_modes[settings->mode], error));
	return PAWL_OK;
}

static pawl_status set_tables(const pawl_job_settings *settings, pawl_job *job, pawl_error *error)
{
	for (size_t i = 0; i < settings->tables.count; i++) {
		pawl_table_rule *rule;
		PAWL_TRY(pawl_job_add_rule(job, settings->tables.items[i], &rule, error));
		PAWL_TRY(set_table(settings, &rule->settings, error));
	}
	return settings->tables.count > 0 ? PAWL_OK : set_table(settings, &job->defaults, error);
}

static pawl_status fail_mixed(const char *option, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "%s and a file: the file says it", option);
	return pawl_error_hint(error, "leave one of them out");
}

static pawl_status check_mixture(const pawl_job_settings *settings, pawl_error *error)
{
	const struct {
		const char *name;
		bool is_given;
	} options[] = {
		{"--from", settings->from != NULL},          {"--to", settings->to != NULL},
		{"--table", settings->tables.count > 0},     {"--key", settings->keys.count > 0},
		{"--primary-key", settings->primary_key.count > 0}, {"--mode", settings->mode != PAWL_MODE_AUTO},
	};
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].is_given)
			return fail_mixed(options[i].name, error);
	return PAWL_OK;
}

static pawl_status load(const pawl_job_settings *settings, bool needs_destination, pawl_job *job, pawl_error *error)
{
	if (settings->path != NULL) {
		PAWL_TRY(check_mixture(settings, error));
		return pawl_config_load(settings->path, job, error);
	}
	if (settings->from == NULL || (needs_destination && settings->to == NULL)) {
		pawl_error_set(error, PAWL_INVALID, settings->from == NULL ? "no source is named" : "no warehouse is named");
		return pawl_error_hint(error, "give a file, as shop.yaml; or --from SOURCE%s",
		                       needs_destination ? " --to WAREHOUSE" : "");
	}
	PAWL_TRY(pawl_job_init(job, error));
	PAWL_TRY(set_text(&job->source, settings->from, error));
	PAWL_TRY(set_text(&job->destination, settings->to, error));
	return set_tables(settings, job, error);
}

static pawl_status set_process(const pawl_job_settings *settings, pawl_job *job, pawl_error *error)
{
	if (settings->memory_limit_bytes > 0)
		job->memory_limit_bytes = settings->memory_limit_bytes;
	if (settings->threads > 0)
		job->threads = settings->threads;
	if (settings->tables_at_once > 0)
		job->tables_at_once = settings->tables_at_once;
	return set_text(&job->temp_directory, settings->temp_directory, error);
}

pawl_status pawl_job_load(pawl_job_settings *settings, bool needs_destination, pawl_error *error)
{
	const pawl_source_driver *driver;
	const char *location;
	pawl_job *job = &settings->loaded;

	PAWL_TRY(load(settings, needs_destination, job, error));
	PAWL_TRY(pawl_source_find(job->source, &driver, &location, error));
	PAWL_TRY(pawl_source_display(job->source, &job->source_display, error));
	for (size_t i = 0; i < settings->select.count; i++)
		PAWL_TRY(pawl_names_add(&job->select, settings->select.items[i], error));
	return set_process(settings, job, error);
}
