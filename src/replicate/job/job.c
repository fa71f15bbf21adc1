#include "replicate/job.h"

#include "base/memory.h"

/* ---- names ----------------------------------------------------------------------------------------------------------- */

pawl_status pawl_names_add(pawl_names *names, const char *name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = pawl_duplicate(name);
	bool is_full = (names->count & (names->count - 1)) == 0; /* 0 or a power of two */

	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	if (is_full) {
		char **grown = pawl_reallocate(names->items, (names->count == 0 ? 1 : names->count * 2) * sizeof(*grown));
		if (grown == NULL)
			return pawl_error_out_of_memory(error);
		names->items = grown;
	}
	names->items[names->count++] = PAWL_TAKE(copy);
	return PAWL_OK;
}

void pawl_names_clear(pawl_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		pawl_free(names->items[i]);
	pawl_free(names->items);
	*names = (pawl_names){0};
}

/* ---- the job --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_job_init(pawl_job *job, pawl_error *error)
{
	*job = (pawl_job){
		.memory_limit_bytes = PAWL_JOB_MEMORY_BYTES,
		.tables_at_once = 2,
		.max_snapshot_us = INT64_C(300000000),
		.busy_us = INT64_C(10000000),
		.retries = 5,
	};
	return pawl_table_settings_init(&job->defaults, error);
}

void pawl_job_clear(pawl_job *job)
{
	for (size_t i = 0; i < job->rule_count; i++) {
		pawl_free(job->rules[i].pattern);
		pawl_table_settings_clear(&job->rules[i].settings);
	}
	pawl_free(job->rules);
	pawl_table_settings_clear(&job->defaults);
	pawl_names_clear(&job->select);
	pawl_names_clear(&job->full_refresh);
	pawl_free(job->path);
	pawl_free(job->source);
	pawl_free(job->source_display);
	pawl_free(job->destination);
	pawl_free(job->temp_directory);
	*job = (pawl_job){0};
}

pawl_status pawl_job_add_rule(pawl_job *job, const char *pattern, pawl_table_rule **ret_rule, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = pawl_duplicate(pattern);
	bool is_full = (job->rule_count & (job->rule_count - 1)) == 0; /* 0 or a power of two */

	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	if (*pattern == '\0')
		return pawl_error_set(error, PAWL_INVALID, "the name of a table is empty");
	if (is_full) {
		size_t capacity = job->rule_count == 0 ? 1 : job->rule_count * 2;
		pawl_table_rule *grown = pawl_reallocate(job->rules, capacity * sizeof(*grown));
		if (grown == NULL)
			return pawl_error_out_of_memory(error);
		job->rules = grown;
	}
	pawl_table_rule *rule = &job->rules[job->rule_count++];
	*rule = (pawl_table_rule){.pattern = PAWL_TAKE(copy)};
	*ret_rule = rule;
	return PAWL_OK;
}
