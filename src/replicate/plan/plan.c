#include "replicate/plan/internal.h"

#include <stdarg.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

/* What the engine may take of the process's memory: half of it, and what there is beside the program itself, which 10 million rows
 * showed to need this much (`bench/sync.py`). See docs/architecture.md. */
#define PROGRAM_BYTES (INT64_C(128) << 20)

void pawl_plan_hint_where(const pawl_table_plan *table, pawl_error *error)
{
	bool is_of_source = error->status == PAWL_DATABASE || error->status == PAWL_INVALID;

	if (table->settings.where != NULL && is_of_source && !error->is_retryable && error->hint[0] == '\0')
		pawl_error_hint(error, "'where' stands in the source's statement as it is written: is it a condition there?");
}

pawl_status pawl_plan_name_table(const char *source_name, pawl_error *error)
{
	static const char beginning[] = "table '";
	size_t length = sizeof(beginning) - 1, name_length = strlen(source_name);
	bool is_named = strncmp(error->message, beginning, length) == 0 &&
	                strncmp(error->message + length, source_name, name_length) == 0 && error->message[length + name_length] == '\'';

	return is_named ? error->status : pawl_error_prefix(error, "table '%s': ", source_name);
}

/* ---- notices --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_plan_add_notice(pawl_table_plan *table, pawl_notice_level level, const char *hint, pawl_error *error,
                                 const char *format, ...)
{
	pawl_plan_notice *grown = pawl_reallocate(table->notices, (table->notice_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	table->notices = grown;
	pawl_plan_notice *notice = &grown[table->notice_count++];
	notice->level = level;
	va_list arguments;
	va_start(arguments, format);
	pawl_text_format_va(notice->message, sizeof(notice->message), format, arguments);
	va_end(arguments);
	pawl_text_format(notice->hint, sizeof(notice->hint), "%s", hint);
	return PAWL_OK;
}

/* ---- freeing --------------------------------------------------------------------------------------------------------- */

static void clear_table(pawl_table_plan *table)
{
	pawl_table_settings_clear(&table->settings);
	pawl_replica_table_clear(&table->target);
	pawl_replica_state_clear(&table->state);
	pawl_free(table->source_name);
	pawl_free(table->target_name);
	pawl_free(table->columns);
	pawl_free(table->primary_key);
	pawl_free(table->key.columns);
	pawl_free(table->key.zone);
	pawl_free(table->key_text);
	pawl_free(table->changes);
	pawl_free(table->notices);
}

void pawl_plan_clear(pawl_plan *plan)
{
	for (size_t i = 0; i < plan->table_count; i++)
		clear_table(&plan->tables[i]);
	pawl_free(plan->tables);
	pawl_free(plan->source_identity);
	pawl_source_catalog_clear(&plan->catalog);
	pawl_replica_states_clear(&plan->states);
	pawl_replica_tables_clear(&plan->warehouse);
	pawl_source_close_pointer(&plan->source);
	pawl_replica_close(plan->replica);
	*plan = (pawl_plan) {0};
}

/* ---- one table ------------------------------------------------------------------------------------------------------- */

static pawl_status join_names(const char *schema, const char *name, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_appendf(&text, "%s.%s", schema, name);
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_text = pawl_buffer_take(&text);
	return PAWL_OK;
}

/* "{schema}.{table}" */
static pawl_status expand_name(const pawl_table_plan *table, pawl_buffer *text, pawl_error *error)
{
	for (const char *c = table->settings.name; *c != '\0'; c++) {
		if (strncmp(c, "{schema}", 8) == 0) {
			pawl_buffer_append(text, table->source->schema);
			c += 7;
		} else if (strncmp(c, "{table}", 7) == 0) {
			pawl_buffer_append(text, table->source->name);
			c += 6;
		} else {
			pawl_buffer_append_character(text, *c);
		}
	}
	return pawl_buffer_status(text, error);
}

/* What stands before the first point of the pattern is the schema; the points of a table's own name do not count. */
static pawl_status name_target(pawl_table_plan *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *pattern = pawl_duplicate(table->settings.name);

	if (pattern == NULL)
		return pawl_error_out_of_memory(error);
	char *point = strchr(pattern, '.');
	char *schema = point == NULL ? NULL : pattern;
	if (point != NULL)
		*point = '\0';
	pawl_table_plan part = *table;
	part.settings.name = schema == NULL ? (char *) (uintptr_t) "main" : schema;
	PAWL_TRY(expand_name(&part, &text, error));
	table->target.schema = pawl_buffer_take(&text);
	part.settings.name = point == NULL ? pattern : point + 1;
	PAWL_TRY(expand_name(&part, &text, error));
	table->target.name = pawl_buffer_take(&text);
	if (table->target.schema == NULL || table->target.name == NULL || *table->target.schema == '\0' || *table->target.name == '\0')
		return pawl_error_set(error, PAWL_INVALID, "'name' is '%s', which gives no name for a table", table->settings.name);
	if (pawl_text_equal_ignore_case(table->target.schema, "_pawl"))
		return pawl_error_set(error, PAWL_INVALID, "the schema '_pawl' is kept for Pawl's own tables");
	return join_names(table->target.schema, table->target.name, &table->target_name, error);
}

static pawl_status choose_mode(pawl_table_plan *table, pawl_error *error)
{
	pawl_mode asked = (pawl_mode) table->settings.mode;
	bool has_primary_key = table->primary_key_count > 0;

	table->mode = asked;
	if (asked == PAWL_MODE_AUTO)
		table->mode = table->has_key && has_primary_key ? PAWL_MODE_UPSERT : PAWL_MODE_REPLACE;
	if (asked == PAWL_MODE_AUTO && table->mode == PAWL_MODE_REPLACE)
		return pawl_plan_add_notice(table, PAWL_NOTICE_INFO,
		                            table->has_key ? "name its 'primary_key' if it has one" : "name its 'key' if it has one", error,
		                            "the table is copied whole every time: it has no %s",
		                            table->has_key ? "primary key" : "replication key");
	if (asked == PAWL_MODE_UPSERT && !has_primary_key) {
		pawl_error_set(error, PAWL_INVALID, "mode upsert needs a primary key, and the source declares none");
		return pawl_error_hint(error, "name the columns that tell rows apart: 'primary_key', --primary-key; or use another mode");
	}
	if ((asked == PAWL_MODE_UPSERT || asked == PAWL_MODE_APPEND) && !table->has_key) {
		pawl_error_set(error, PAWL_INVALID, "mode %s needs a replication key: %s", pawl_mode_names[asked], table->key_reason);
		return pawl_error_hint(error, "name it: 'key', --key; or use mode: replace");
	}
	return PAWL_OK;
}

static pawl_status note_start(pawl_table_plan *table, pawl_error *error)
{
	if (table->mode != PAWL_MODE_REPLACE || table->settings.start == NULL)
		return PAWL_OK;
	return pawl_plan_add_notice(table, PAWL_NOTICE_WARNING, "'where' leaves rows out of every copy", error,
	                            "'start' leaves nothing out, as the table is copied whole every time");
}

/* Rows of mode append that are read again are told from new ones by their keys. */
static pawl_status check_key_is_taken(const pawl_table_plan *table, pawl_error *error)
{
	for (size_t k = 0; table->mode == PAWL_MODE_APPEND && k < table->key.column_count; k++) {
		bool is_taken = false;
		for (size_t i = 0; i < table->target.column_count; i++)
			is_taken = is_taken || table->columns[i].index == table->key.columns[k];
		if (is_taken)
			continue;
		pawl_error_set(error, PAWL_INVALID, "mode append needs the replication key in the destination, and column '%s' is left out",
		               table->source->columns[table->key.columns[k]].name);
		return pawl_error_hint(error, "take it in: rows that are read again are told from new ones by it");
	}
	return PAWL_OK;
}

/* What a person should know who relies on the key. */
static pawl_status note_key(pawl_table_plan *table, pawl_error *error)
{
	const pawl_source_column *column = &table->source->columns[table->key.columns[0]];

	if (!column->is_indexed && !table->source->is_view)
		PAWL_TRY(pawl_plan_add_notice(table, PAWL_NOTICE_WARNING, "make an index on it: each sync reads the whole table until then",
		                              error, "no index leads with the replication key '%s'%s%s", table->key_text,
		                              column->index_problem == NULL ? "" : " that could be used: ",
		                              column->index_problem == NULL ? "" : column->index_problem));
	if (column->is_nullable && table->settings.null_keys == PAWL_NULLS_INCLUDE)
		PAWL_TRY(pawl_plan_add_notice(table, PAWL_NOTICE_INFO, "", error,
		                              "'%s' may be NULL: rows without it are read at every sync", table->key_text));
	return PAWL_OK;
}

static pawl_status settle(pawl_plan *plan, pawl_table_plan *table, pawl_error *error)
{
	PAWL_TRY(name_target(table, error));
	PAWL_TRY(pawl_plan_columns(plan->job->selection, table, error));
	PAWL_TRY(pawl_plan_key(table, error));
	PAWL_TRY(choose_mode(table, error));
	PAWL_TRY(note_start(table, error));
	PAWL_TRY(check_key_is_taken(table, error));
	if (table->mode == PAWL_MODE_REPLACE && table->has_key) {
		pawl_text_format(table->key_reason, sizeof(table->key_reason), "'%s' is of no use without a primary key",
		                 table->key_text);
		table->has_key = false;
	}
	if (table->mode == PAWL_MODE_APPEND) /* each change is another row */
		for (size_t i = 0; i < table->target.column_count; i++)
			table->target.columns[i].key_rank = 0;
	table->target.is_key_unique = table->is_unique;
	if (table->has_key)
		PAWL_TRY(note_key(table, error));
	PAWL_TRY(pawl_plan_state(plan, table, error));
	pawl_plan_guarantee(table, &plan->snapshot);
	return PAWL_OK;
}

static pawl_status merge_settings(const pawl_job *job, pawl_table_plan *table, pawl_error *error)
{
	PAWL_TRY(pawl_table_settings_init(&table->settings, error));
	PAWL_TRY(pawl_table_settings_merge(&table->settings, &job->defaults, error));
	for (size_t i = 0; i < job->rule_count; i++)
		if (pawl_plan_rule_matches(&job->rules[i], table->source))
			PAWL_TRY(pawl_table_settings_merge(&table->settings, &job->rules[i].settings, error));
	return PAWL_OK;
}

/* What is wrong with the table stays with it; only running out of memory is told to the caller. */
static pawl_status add_table(pawl_plan *plan, const pawl_source_table *source, pawl_error *error)
{
	pawl_table_plan *grown = pawl_reallocate(plan->tables, (plan->table_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	plan->tables = grown;
	pawl_table_plan *table = &grown[plan->table_count++];
	memset(table, 0, sizeof(*table));
	table->source = source;
	table->is_full_refresh = pawl_plan_matches_any(&plan->job->full_refresh, source);
	PAWL_TRY(join_names(source->schema, source->name, &table->source_name, error));
	PAWL_TRY(merge_settings(plan->job, table, error));
	if (settle(plan, table, &table->error) == PAWL_OUT_OF_MEMORY) {
		*error = table->error;
		return error->status;
	}
	return PAWL_OK;
}

static bool is_same_target(const pawl_job *job, const char *left, const char *right)
{
	return job->is_case_sensitive ? strcmp(left, right) == 0 : pawl_text_equal_ignore_case(left, right);
}

/* Two tables that would become one. */
static pawl_status check_targets(pawl_plan *plan, pawl_error *error)
{
	for (size_t i = 0; i < plan->table_count; i++)
		for (size_t k = i + 1; k < plan->table_count; k++) {
			const char *left = plan->tables[i].target_name, *right = plan->tables[k].target_name;
			if (left == NULL || right == NULL || !is_same_target(plan->job, left, right))
				continue;
			pawl_error_set(error, PAWL_INVALID, "tables '%s' and '%s' would both be called '%s' in the warehouse",
			               plan->tables[i].source_name, plan->tables[k].source_name, left);
			return pawl_error_hint(error, "give them names of their own with 'name'");
		}
	return PAWL_OK;
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

pawl_source_options pawl_plan_source_options(const pawl_job *job, pawl_duck *engine)
{
	bool keeps_misfits = job->defaults.misfits == PAWL_MISFITS_TEXT;
	return (pawl_source_options) {.engine = engine, .busy_us = job->busy_us, .keeps_misfits = keeps_misfits};
}

static int64_t engine_share(int64_t memory_bytes)
{
	int64_t half_bytes = memory_bytes / 2, left_bytes = memory_bytes - PROGRAM_BYTES;
	return half_bytes < left_bytes ? half_bytes : left_bytes;
}

static pawl_status open_warehouse(pawl_plan *plan, pawl_plan_purpose purpose, pawl_error *error)
{
	const pawl_job *job = plan->job;
	bool is_there = job->receiver == NULL && job->destination != NULL && pawl_file_exists(job->destination);
	const pawl_replica_options options = {
		.path = purpose == PAWL_PLAN_LOOK && !is_there ? NULL : job->destination,
		.is_read_only = purpose == PAWL_PLAN_LOOK && is_there,
		.memory_limit_bytes = engine_share(job->memory_limit_bytes),
		.threads = (int) job->threads,
		.temp_directory = job->temp_directory,
		.receiver = purpose == PAWL_PLAN_SYNC ? job->receiver : NULL,
	};

	PAWL_TRY(pawl_replica_open(&options, &plan->replica, error));
	PAWL_TRY(pawl_replica_load_states(plan->replica, &plan->states, error));
	return pawl_replica_describe(plan->replica, &plan->warehouse, error);
}

static pawl_status open_source(pawl_plan *plan, pawl_error *error)
{
	pawl_source_options options = pawl_plan_source_options(plan->job, pawl_replica_engine(plan->replica));
	const pawl_source_driver *driver;

	PAWL_TRY(pawl_source_find(plan->job->source, &driver, &plan->source_location, error));
	options.location = plan->source_location;
	PAWL_TRY(driver->open(&options, &plan->source, error));
	PAWL_TRY(driver->identity(plan->source, &plan->source_identity, error));
	PAWL_TRY(driver->snapshot_begin(plan->source, &plan->snapshot, error));
	driver->snapshot_end(plan->source);
	return driver->discover(plan->source, &plan->catalog, error);
}

pawl_status pawl_plan_open(const pawl_job *job, pawl_plan_purpose purpose, pawl_plan *ret_plan, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {.job = job};

	PAWL_TRY(open_warehouse(&plan, purpose, error));
	PAWL_TRY(open_source(&plan, error));
	PAWL_TRY(pawl_replica_isolate(plan.replica, error));
	*ret_plan = plan;
	plan = (pawl_plan) {0};
	return PAWL_OK;
}

pawl_status pawl_plan_make(const pawl_job *job, pawl_plan_purpose purpose, pawl_plan *ret_plan, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};

	PAWL_TRY(pawl_plan_open(job, purpose, &plan, error));
	PAWL_TRY(pawl_plan_check_patterns(&plan, error));
	for (size_t i = 0; i < plan.catalog.table_count; i++) {
		const pawl_source_table *source = &plan.catalog.tables[i];
		if (pawl_plan_wants(job, source))
			PAWL_TRY(add_table(&plan, source, error));
	}
	if (plan.table_count == 0 && job->selection == NULL) {
		pawl_error_set(error, PAWL_NOT_FOUND, "there is no table to sync");
		if (plan.catalog.denied_count > 0)
			return pawl_error_hint(error, "%s", plan.catalog.denied[0].remedy);
		return pawl_error_hint(error, "'pawl discover --from %s' lists the tables", job->source_display);
	}
	PAWL_TRY(check_targets(&plan, error));
	*ret_plan = plan;
	plan = (pawl_plan) {0};
	return PAWL_OK;
}

/* Both functions that make one key of several columns skip NULLs. */
static bool is_key_nullable(const pawl_table_plan *table)
{
	for (size_t i = 0; i < table->key.column_count; i++)
		if (!table->source->columns[table->key.columns[i]].is_nullable)
			return false;
	return true;
}

pawl_read pawl_plan_read(const pawl_table_plan *table)
{
	return (pawl_read) {
		.table = table->source,
		.columns = table->columns,
		.column_count = table->target.column_count,
		.primary_key = table->primary_key,
		.primary_key_count = table->primary_key_count,
		.key = table->has_key ? &table->key : NULL,
		.where = table->settings.where,
		.has_null_keys = table->has_key && table->settings.null_keys == PAWL_NULLS_INCLUDE && is_key_nullable(table),
		.has_no_null_keys = table->has_key && table->settings.null_keys == PAWL_NULLS_IGNORE,
	};
}
