#include "config/propose.h"

#include "base/memory.h"
#include "replicate/look.h"

#define DESTINATION "warehouse.duckdb" /* when none is named */

static const char in_tables[] = "  ", in_table[] = "    ";

static void append_head(pawl_buffer *yaml, const pawl_job *job)
{
	const char *destination = job->destination == NULL ? DESTINATION : job->destination;

	pawl_propose_comment(yaml, "",
	                     "Proposed by 'pawl init' for %s. Read it, and change what is not right; then", job->source_display);
	pawl_propose_comment(yaml, "",
	                     "'pawl check FILE' tells what is promised of each table, and 'pawl sync FILE' copies it.");
	pawl_buffer_append(yaml, "source: ");
	pawl_propose_value(yaml, job->source_display);
	pawl_buffer_append(yaml, "\ndestination: ");
	pawl_propose_value(yaml, destination);
	pawl_buffer_append(yaml, "\n\ntables:\n");
}

/* ---- comments -------------------------------------------------------------------------------------------------------- */

static void append_choices(pawl_buffer *yaml, const pawl_table_plan *table)
{
	const char *primary_key = table->state.primary_key;

	pawl_propose_comment(yaml, in_tables, "%s%s%s; %s%s", pawl_mode_names[table->mode], table->has_key ? " by " : "",
	                     table->has_key ? table->key_text : ": the whole table at every sync",
	                     primary_key == NULL ? "no primary key" : "primary key ", primary_key == NULL ? "" : primary_key);
	if (*table->key_reason != '\0')
		pawl_propose_comment(yaml, in_tables, "key: %s", table->key_reason);
	pawl_propose_comment(yaml, in_tables, "guarantee %s: %s", table->guarantee_text, table->guarantee_reason);
}

static void append_notices(pawl_buffer *yaml, const pawl_table_plan *table)
{
	for (size_t i = 0; i < table->notice_count; i++) {
		const pawl_plan_notice *notice = &table->notices[i];
		pawl_propose_comment(yaml, in_tables, "%s: %s%s%s", notice->level == PAWL_NOTICE_WARNING ? "warning" : "note",
		                     notice->message, *notice->hint == '\0' ? "" : "; ", notice->hint);
	}
}

/* ---- settings -------------------------------------------------------------------------------------------------------- */

static void append_setting(pawl_buffer *yaml, const char *name, const char *value)
{
	pawl_buffer_appendf(yaml, "%s%s: ", in_table, name);
	pawl_propose_value(yaml, value);
	pawl_buffer_append_character(yaml, '\n');
}

static void append_clock(pawl_buffer *yaml, const pawl_source_column *column)
{
	if (column->is_set_by_trigger)
		pawl_propose_comment(yaml, in_table,
		                     "A trigger seems to set it. If it does at each insert and update, take this in:");
	else if (column->is_set_by_default)
		pawl_propose_comment(yaml, in_table, "Its default covers inserts. If updates are covered too, take this in:");
	else
		return;
	pawl_propose_comment(yaml, in_table, "clock: database");
}

static void append_zone(pawl_buffer *yaml, const pawl_table_plan *table)
{
	if (table->key.key_class != PAWL_KEY_TIMESTAMP && table->key.key_class != PAWL_KEY_DATE)
		return;
	pawl_propose_comment(yaml, in_table,
	                     "It has no time zone: UTC is assumed. If its writers use another one, take this in:");
	pawl_propose_comment(yaml, in_table, "key_zone: Europe/Berlin");
}

/* Numbers and texts are no clock until somebody says which. */
static pawl_status append_format(pawl_buffer *yaml, const pawl_plan *plan, const pawl_table_plan *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *newest = NULL;
	pawl_key_format format;

	if (table->is_clock || table->source->columns[table->key.columns[0]].is_sequence)
		return PAWL_OK;
	PAWL_TRY(pawl_look_guess_format(plan, table, &format, &newest, error));
	if (format == PAWL_FORMAT_NONE) {
		pawl_propose_comment(yaml, in_table,
		                     "If it is a time, say which: key_format: unix_s, unix_ms, iso8601 or julian_day");
		return PAWL_OK;
	}
	pawl_propose_comment(yaml, in_table,
	                     "Its newest value is %s. With this, the guarantee is a lag instead of none:", newest);
	append_setting(yaml, "key_format", pawl_key_format_names[format]);
	return PAWL_OK;
}

static pawl_status append_table(pawl_buffer *yaml, const pawl_plan *plan, const pawl_table_plan *table, pawl_error *error)
{
	append_choices(yaml, table);
	append_notices(yaml, table);
	pawl_buffer_append(yaml, in_tables);
	pawl_propose_name(yaml, table->source_name);
	pawl_buffer_append(yaml, ":\n");
	if (!table->has_key) {
		append_setting(yaml, "mode", pawl_mode_names[table->mode]);
		return PAWL_OK;
	}
	append_setting(yaml, "key", table->key_text);
	append_clock(yaml, &table->source->columns[table->key.columns[0]]);
	append_zone(yaml, table);
	return append_format(yaml, plan, table, error);
}

/* ---- the file -------------------------------------------------------------------------------------------------------- */

static void append_failed(pawl_buffer *yaml, const pawl_table_plan *table)
{
	pawl_propose_comment(yaml, in_tables, "%s cannot be synced: %s%s%s", table->source_name, table->error.message,
	                     *table->error.hint == '\0' ? "" : "; ", table->error.hint);
}

static void append_views(pawl_buffer *yaml, const pawl_plan *plan)
{
	bool is_first = true;

	for (size_t i = 0; i < plan->catalog.table_count; i++) {
		const pawl_source_table *table = &plan->catalog.tables[i];
		if (!table->is_view)
			continue;
		if (is_first)
			pawl_propose_comment(yaml, "\n  ",
			                     "Views are copied only when they are named, and mostly need a primary_key:");
		is_first = false;
		pawl_propose_comment(yaml, in_tables, "%s.%s:", table->schema, table->name);
	}
}

pawl_status pawl_propose(const pawl_plan *plan, pawl_buffer *yaml, pawl_error *error)
{
	pawl_look_counts counts = pawl_look_count(plan);

	if (counts.failed == plan->table_count)
		return pawl_look_find_failure(plan, error);
	append_head(yaml, plan->job);
	for (size_t i = 0; i < plan->table_count; i++) {
		const pawl_table_plan *table = &plan->tables[i];
		pawl_buffer_append(yaml, i == 0 ? "" : "\n");
		if (table->error.status != PAWL_OK)
			append_failed(yaml, table);
		else
			PAWL_TRY(append_table(yaml, plan, table, error));
	}
	append_views(yaml, plan);
	return pawl_buffer_status(yaml, error);
}
