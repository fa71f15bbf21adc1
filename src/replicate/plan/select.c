/* Which tables are planned. */
#include "replicate/plan/internal.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static bool is_exact(const char *pattern)
{
	return strpbrk(pattern, "*?") == NULL;
}

bool pawl_plan_rule_matches(const pawl_table_rule *rule, const pawl_source_table *source)
{
	return pawl_pattern_matches(rule->pattern, source->schema, source->name) && (!source->is_view || is_exact(rule->pattern));
}

static bool names_tables(const pawl_job *job)
{
	for (size_t i = 0; i < job->rule_count; i++)
		if (!job->rules[i].is_settings_only)
			return true;
	return false;
}

static bool is_named(const pawl_job *job, const pawl_source_table *source)
{
	if (!names_tables(job))
		return !source->is_view;
	for (size_t i = 0; i < job->rule_count; i++)
		if (!job->rules[i].is_settings_only && pawl_plan_rule_matches(&job->rules[i], source))
			return true;
	return false;
}

bool pawl_plan_misses(const pawl_plan *plan, const pawl_source_denied *denied)
{
	const pawl_job *job = plan->job;

	for (size_t i = 0; i < job->rule_count; i++)
		if (!job->rules[i].is_settings_only && pawl_pattern_matches(job->rules[i].pattern, denied->schema, denied->name))
			return true;
	return !names_tables(job);
}

bool pawl_plan_matches_any(const pawl_names *patterns, const pawl_source_table *source)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (pawl_pattern_matches(patterns->items[i], source->schema, source->name))
			return true;
	return false;
}

static bool is_selected(const pawl_job *job, const pawl_source_table *source)
{
	const pawl_selection *selection = job->selection;

	return (job->select.count == 0 || pawl_plan_matches_any(&job->select, source)) &&
	       (selection == NULL || selection->wants_table(selection->context, source->schema, source->name));
}

bool pawl_plan_wants(const pawl_job *job, const pawl_source_table *source)
{
	return is_named(job, source) && is_selected(job, source);
}

static pawl_status suggest_table(const pawl_source_catalog *catalog, const char *pattern, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) const char **names = pawl_allocate_array(catalog->table_count + 1, sizeof(*names));
	PAWL_CLEANUP(pawl_arena_free) pawl_arena arena = {0};
	bool has_schema = strchr(pattern, '.') != NULL;

	if (names == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < catalog->table_count; i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer full = {0};
		if (has_schema)
			pawl_buffer_appendf(&full, "%s.", catalog->tables[i].schema);
		pawl_buffer_append(&full, catalog->tables[i].name);
		names[i] = pawl_arena_duplicate(&arena, pawl_buffer_text(&full));
		if (full.has_failed || names[i] == NULL)
			return pawl_error_out_of_memory(error);
	}
	const char *closest = pawl_text_closest(pattern, names);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "'pawl discover' lists the tables");
}

static const pawl_source_denied *find_denied(const pawl_source_catalog *catalog, const char *pattern)
{
	for (size_t i = 0; i < catalog->denied_count; i++)
		if (pawl_pattern_matches(pattern, catalog->denied[i].schema, catalog->denied[i].name))
			return &catalog->denied[i];
	return NULL;
}

static pawl_status check_pattern(const pawl_plan *plan, const char *what, const char *pattern, int line, pawl_error *error)
{
	for (size_t i = 0; i < plan->catalog.table_count; i++)
		if (pawl_pattern_matches(pattern, plan->catalog.tables[i].schema, plan->catalog.tables[i].name))
			return PAWL_OK;
	const pawl_source_denied *denied = find_denied(&plan->catalog, pattern);
	const char *why = denied == NULL ? "the source has no such table" : "it is there, and may not be read";
	if (line > 0)
		pawl_error_set(error, PAWL_NOT_FOUND, "%s:%d: %s '%s': %s", plan->job->path, line, what, pattern, why);
	else
		pawl_error_set(error, PAWL_NOT_FOUND, "%s '%s': %s", what, pattern, why);
	return denied == NULL ? suggest_table(&plan->catalog, pattern, error) : pawl_error_hint(error, "%s", denied->remedy);
}

pawl_status pawl_plan_check_patterns(const pawl_plan *plan, pawl_error *error)
{
	const pawl_job *job = plan->job;

	for (size_t i = 0; i < job->rule_count; i++)
		PAWL_TRY(check_pattern(plan, "table", job->rules[i].pattern, job->rules[i].line, error));
	for (size_t i = 0; i < job->select.count; i++)
		PAWL_TRY(check_pattern(plan, "--select", job->select.items[i], 0, error));
	for (size_t i = 0; i < job->full_refresh.count; i++)
		PAWL_TRY(check_pattern(plan, "--full-refresh", job->full_refresh.items[i], 0, error));
	return PAWL_OK;
}
