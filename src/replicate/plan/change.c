#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/plan/internal.h"

/* ---- what the state says of the settings ----------------------------------------------------------------------------- */

static pawl_status take(pawl_buffer *buffer, char **text, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(buffer, error));
	pawl_free(*text);
	*text = buffer->length == 0 ? NULL : pawl_buffer_take(buffer);
	return PAWL_OK;
}

static pawl_status describe_primary_key(const pawl_table_plan *table, pawl_replica_state *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	for (size_t i = 0; i < table->primary_key_count; i++)
		pawl_buffer_appendf(&text, "%s%s", i == 0 ? "" : ", ", table->source->columns[table->primary_key[i]].name);
	return take(&text, &state->primary_key, error);
}

static pawl_status describe_key_settings(const pawl_table_plan *table, pawl_replica_state *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	if (table->has_key && table->key.format != PAWL_FORMAT_NONE)
		pawl_buffer_append(&text, pawl_key_format_names[table->key.format]);
	if (table->has_key && table->key.zone != NULL)
		pawl_buffer_appendf(&text, "%s%s", text.length == 0 ? "" : ", ", table->key.zone);
	return take(&text, &state->key_settings, error);
}

static bool is_read(const pawl_table_plan *table, size_t column)
{
	for (size_t i = 0; i < table->target.column_count; i++)
		if (table->columns[i].index == column)
			return true;
	return false;
}

/* A line for each column that a selection leaves out, behind that of the settings. */
static void append_left_out(pawl_buffer *text, const pawl_table_plan *table)
{
	for (size_t i = 0; i < table->source->column_count; i++) {
		const char *name = table->source->columns[i].name;
		if (pawl_plan_takes_column(&table->settings, name) && !is_read(table, i))
			pawl_buffer_appendf(text, "\n%s", name);
	}
}

/* "id, name as customer, only" of the settings: columns that the source gets later are no change of them. */
static pawl_status describe_columns(const pawl_table_plan *table, pawl_replica_state *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	const pawl_table_settings *settings = &table->settings;

	for (size_t i = 0; i < settings->include.count; i++)
		pawl_buffer_appendf(&text, "%s%s", i == 0 ? "only " : ", ", settings->include.items[i]);
	for (size_t i = 0; i < settings->exclude.count; i++)
		pawl_buffer_appendf(&text, "%s%s", i > 0 ? ", " : text.length > 0 ? "; without " : "without ",
		                    settings->exclude.items[i]);
	for (size_t i = 0; i < settings->rename.count; i++)
		pawl_buffer_appendf(&text, "%s%s as %s", text.length > 0 ? "; " : "", settings->rename.names[i],
		                    settings->rename.values[i]);
	for (size_t i = 0; i < settings->formats.count; i++)
		pawl_buffer_appendf(&text, "%s%s is %s", text.length > 0 ? "; " : "", settings->formats.names[i],
		                    settings->formats.values[i]);
	append_left_out(&text, table);
	return take(&text, &state->columns, error);
}

/* Values of one kind are compared with those of another in some way or not at all. */
static const char *const key_class_names[] = {
	[PAWL_KEY_NONE] = "none", [PAWL_KEY_TIMESTAMPTZ] = "instant", [PAWL_KEY_TIMESTAMP] = "timestamp",
	[PAWL_KEY_DATE] = "date", [PAWL_KEY_NUMBER] = "number",       [PAWL_KEY_TEXT] = "text",
};

/* A state as the settings and the source make it, with nothing read yet. */
static pawl_status describe(const pawl_plan *plan, const pawl_table_plan *table, pawl_replica_state *state, pawl_error *error)
{
	PAWL_TRY(pawl_replica_set_text(&state->schema_name, table->target.schema, error));
	PAWL_TRY(pawl_replica_set_text(&state->table_name, table->target.name, error));
	PAWL_TRY(pawl_replica_set_text(&state->source, plan->source_identity, error));
	PAWL_TRY(pawl_replica_set_text(&state->source_schema, table->source->schema, error));
	PAWL_TRY(pawl_replica_set_text(&state->source_table, table->source->name, error));
	PAWL_TRY(pawl_replica_set_text(&state->mode, pawl_mode_names[table->mode], error));
	PAWL_TRY(pawl_replica_set_text(&state->replication_key, table->has_key ? table->key_text : NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->key_class, table->has_key ? key_class_names[table->key.key_class] : NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->where_clause, table->settings.where, error));
	PAWL_TRY(pawl_replica_set_text(&state->start, table->settings.start, error));
	PAWL_TRY(describe_primary_key(table, state, error));
	PAWL_TRY(describe_key_settings(table, state, error));
	PAWL_TRY(describe_columns(table, state, error));
	state->tail_rows = -1;
	return PAWL_OK;
}

/* ---- changes of the settings ----------------------------------------------------------------------------------------- */

static bool is_same(const char *left, const char *right)
{
	return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static const char *or_none(const char *text)
{
	return text == NULL ? "none" : text;
}

/* Of the settings: what a selection leaves out may change. */
static bool is_same_choice(const char *was, const char *is)
{
	size_t was_length = strcspn(was == NULL ? "" : was, "\n"), is_length = strcspn(is == NULL ? "" : is, "\n");

	return was_length == is_length && (was_length == 0 || memcmp(was, is, was_length) == 0);
}

/* Rows that were sent before are without a column that was left out then. */
static pawl_status check_selection(pawl_table_plan *table, const pawl_replica_state *was, pawl_error *error)
{
	const char *left_out = was->columns == NULL ? NULL : strchr(was->columns, '\n');

	for (size_t i = 0; i < table->target.column_count; i++) {
		const char *name = table->source->columns[table->columns[i].index].name;
		if (!pawl_text_has_line(left_out, name))
			continue;
		table->is_outdated = true;
		return pawl_error_set(error, PAWL_INVALID, "column '%s' was not selected at the last sync, and is now", name);
	}
	return PAWL_OK;
}

/* Rows that were delivered under other rules would stay as they are, in silence. */
static pawl_status check_settings(pawl_table_plan *table, const pawl_replica_state *was, const pawl_replica_state *is,
                                  pawl_error *error)
{
	bool is_choice_same = is_same_choice(was->columns, is->columns);
	const struct {
		const char *what, *was, *is;
	} settings[] = {
		{"mode", was->mode, is->mode},
		{"replication key", was->replication_key, is->replication_key},
		{"replication key's kind of values", was->key_class, is->key_class},
		{"key's format and zone", was->key_settings, is->key_settings},
		{"primary key", was->primary_key, is->primary_key},
		{"'where'", was->where_clause, is->where_clause},
		{"choice of columns", is_choice_same ? NULL : or_none(was->columns), is_choice_same ? NULL : or_none(is->columns)},
		{"'start'", was->start, is->start},
	};
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (is_same(settings[i].was, settings[i].is))
			continue;
		table->is_outdated = true;
		pawl_error_set(error, PAWL_INVALID, "the %s was '%s' at the last sync, and is '%s' now", settings[i].what,
		               or_none(settings[i].was), or_none(settings[i].is));
		return pawl_error_hint(error, "--full-refresh %s copies the table again under the new rule; or take the change back",
		                       table->source_name);
	}
	return PAWL_OK;
}

static pawl_status check_source(const pawl_plan *plan, const pawl_table_plan *table, pawl_error *error)
{
	const pawl_replica_state *state = &table->state;

	if (!is_same(state->source_schema, table->source->schema) || !is_same(state->source_table, table->source->name)) {
		pawl_error_set(error, PAWL_INVALID, "'%s' in the warehouse came from the table '%s.%s'", table->target_name,
		               or_none(state->source_schema), or_none(state->source_table));
		return pawl_error_hint(error, "give this table another name with 'name'; or, if it was renamed at the source, copy it again "
		                       "with --full-refresh %s", table->source_name);
	}
	if (is_same(state->source, plan->source_identity) || plan->job->is_accept_source)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "'%s' in the warehouse came from '%s', and this source is '%s'", table->target_name,
	               or_none(state->source), plan->source_identity);
	return pawl_error_hint(error, "--accept-source if it is the same database in another place; --full-refresh %s copies it anew",
	                       table->source_name);
}

/* ---- changes of the table -------------------------------------------------------------------------------------------- */

static pawl_status add_change(pawl_table_plan *table, size_t column, bool is_new, pawl_error *error)
{
	pawl_column_change *grown = pawl_reallocate(table->changes, (table->change_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	table->changes = grown;
	grown[table->change_count++] = (pawl_column_change) {.column = column, .is_new = is_new};
	return PAWL_OK;
}

static pawl_status note_new_column(pawl_table_plan *table, size_t column, pawl_error *error)
{
	PAWL_TRY(pawl_plan_add_notice(table, PAWL_NOTICE_INFO, "", error, "column '%s' is new: rows that were synced before have NULL there",
	                              table->target.columns[column].name));
	pawl_text_format(table->notices[table->notice_count - 1].hint, PAWL_PLAN_TEXT_BYTES, "--full-refresh %s fills it",
	                 table->source_name);
	return add_change(table, column, true, error);
}

static pawl_status set_type(pawl_replica_column *column, const char *type, pawl_error *error)
{
	return pawl_replica_set_text(&column->type, type, error);
}

static pawl_status refuse_type(pawl_table_plan *table, const char *name, const char *have, const char *come, pawl_error *error)
{
	table->is_outdated = true;
	pawl_error_set(error, PAWL_INVALID, "column '%s' is %s in the warehouse and %s at the source: neither keeps the other's values",
	               name, have, come);
	return pawl_error_hint(error, "--full-refresh %s makes it anew with the source's type", table->source_name);
}

/* The column of the plan gets the type that the destination's column keeps or gets. Where the source has misfits, a column
 * became text for one of them, whatever the type of the others. */
static pawl_status compare_column(pawl_table_plan *table, size_t index, const pawl_replica_column *existing, bool has_misfits,
                                  pawl_error *error)
{
	pawl_replica_column *column = &table->target.columns[index];
	char space[PAWL_WIDEN_BYTES];
	const char *type;

	switch (pawl_widen(existing->type, column->type, space, &type)) {
	case PAWL_WIDEN_KEEP:
		return set_type(column, existing->type, error);
	case PAWL_WIDEN_AS_TEXT:
		table->columns[index].as_text = true;
		return set_type(column, existing->type, error);
	case PAWL_WIDEN_TO:
		PAWL_TRY(pawl_plan_add_notice(table, PAWL_NOTICE_INFO, "", error, "column '%s' is widened from %s to %s", column->name,
		                              existing->type, type));
		table->columns[index].as_text = strcmp(type, "VARCHAR") == 0 && strcmp(column->type, "VARCHAR") != 0;
		PAWL_TRY(set_type(column, type, error));
		return add_change(table, index, false, error);
	case PAWL_WIDEN_NEVER:
		if (!has_misfits || strcmp(existing->type, "VARCHAR") != 0)
			break;
		table->columns[index].as_text = true;
		return set_type(column, existing->type, error);
	}
	return refuse_type(table, column->name, existing->type, column->type, error);
}

static pawl_status note_dropped(pawl_table_plan *table, const pawl_replica_table *existing, pawl_error *error)
{
	for (size_t i = 0; i < existing->column_count; i++)
		if (pawl_replica_table_find(&table->target, existing->columns[i].name) < 0 &&
		    pawl_source_table_find(table->source, existing->columns[i].name) < 0)
			PAWL_TRY(pawl_plan_add_notice(table, PAWL_NOTICE_WARNING, "", error,
			                              "column '%s' is gone from the source: it stays, with NULL in rows that change",
			                              existing->columns[i].name));
	return PAWL_OK;
}

static pawl_status refuse_changes(const pawl_table_plan *table, pawl_error *error)
{
	const pawl_column_change *change = &table->changes[0];
	pawl_error_set(error, PAWL_INVALID, "column '%s' %s, and 'schema_changes' is freeze", table->target.columns[change->column].name,
	               change->is_new ? "is new at the source" : "has another type at the source");
	return pawl_error_hint(error, "schema_changes: evolve takes it over; columns.exclude leaves it out");
}

static pawl_status compare_tables(pawl_table_plan *table, const pawl_replica_table *existing, bool has_misfits,
                                  pawl_error *error)
{
	for (size_t i = 0; i < table->target.column_count; i++) {
		ptrdiff_t found = pawl_replica_table_find(existing, table->target.columns[i].name);
		if (found < 0)
			PAWL_TRY(note_new_column(table, i, error));
		else
			PAWL_TRY(compare_column(table, i, &existing->columns[found], has_misfits, error));
	}
	if (table->settings.schema_changes == PAWL_SCHEMA_FREEZE && table->change_count > 0)
		return refuse_changes(table, error);
	return note_dropped(table, existing, error);
}

/* ---- the phase ------------------------------------------------------------------------------------------------------- */

static pawl_status compare_with_state(const pawl_plan *plan, pawl_table_plan *table, pawl_replica_state *fresh,
                                      const pawl_replica_table *existing, pawl_error *error)
{
	PAWL_TRY(check_source(plan, table, error));
	PAWL_TRY(check_settings(table, &table->state, fresh, error));
	PAWL_TRY(check_selection(table, &table->state, error));
	if (!is_same(table->state.source, plan->source_identity)) /* so that there is something to commit, and the new name with it */
		PAWL_TRY(pawl_replica_set_text(&table->state.tail_hash, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&table->state.source, plan->source_identity, error));
	PAWL_TRY(pawl_replica_set_text(&table->state.columns, fresh->columns, error));
	if (existing == NULL) {
		pawl_error_set(error, PAWL_INVALID, "'%s' was synced before, and is gone from the warehouse", table->target_name);
		return pawl_error_hint(error, "--full-refresh %s copies it again", table->source_name);
	}
	table->phase = is_same(table->state.phase, pawl_phase_names[PAWL_PHASE_BACKFILL]) ? PAWL_PHASE_BACKFILL
	                                                                                  : PAWL_PHASE_INCREMENTAL;
	return compare_tables(table, existing, plan->source->driver->misfit != NULL, error);
}

static pawl_status refuse_foreign_table(const pawl_table_plan *table, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "the warehouse has a table '%s' that Pawl did not make", table->target_name);
	return pawl_error_hint(error, "rename or drop that table; or choose another name with 'name'");
}

/* What is there is of another table, so to speak: it goes, and all comes again. */
static pawl_status copy_anew(pawl_table_plan *table, pawl_error *error)
{
	const pawl_error reason = *error;

	pawl_error_clear(error);
	table->change_count = 0;
	return pawl_plan_add_notice(table, PAWL_NOTICE_WARNING, "", error, "the table is copied again: %s", reason.message);
}

/* With what the last sync left. */
static pawl_status compare_with_last(const pawl_plan *plan, pawl_table_plan *table, pawl_replica_state *fresh,
                                     const pawl_replica_table *existing, pawl_error *error)
{
	if (table->phase != PAWL_PHASE_REFRESH)
		return compare_with_state(plan, table, fresh, existing, error);
	PAWL_TRY(check_source(plan, table, error));
	return check_settings(table, &table->state, fresh, error);
}

pawl_status pawl_plan_state(const pawl_plan *plan, pawl_table_plan *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state fresh = {0};
	const pawl_replica_state *found = pawl_replica_states_find(&plan->states, table->target.schema, table->target.name);
	const pawl_replica_table *existing = pawl_replica_tables_find(&plan->warehouse, table->target.schema, table->target.name);
	bool is_whole = table->mode == PAWL_MODE_REPLACE || table->is_full_refresh;

	PAWL_TRY(describe(plan, table, &fresh, error));
	table->has_target = existing != NULL;
	table->has_state = found != NULL;
	if (existing != NULL && found == NULL)
		return refuse_foreign_table(table, error);
	table->phase = is_whole ? PAWL_PHASE_REFRESH : PAWL_PHASE_BACKFILL;
	if (found != NULL && !table->is_full_refresh) {
		PAWL_TRY(pawl_replica_state_copy(found, &table->state, error));
		pawl_status status = compare_with_last(plan, table, &fresh, existing, error);
		if (status != PAWL_OK && (!table->is_outdated || !plan->job->is_copying_anew))
			return status;
		if (status == PAWL_OK && !is_whole)
			return PAWL_OK;
		if (status != PAWL_OK)
			PAWL_TRY(copy_anew(table, error));
		table->phase = is_whole ? PAWL_PHASE_REFRESH : PAWL_PHASE_BACKFILL;
	}
	fresh.rows_written = found == NULL ? 0 : found->rows_written;
	pawl_replica_state_clear(&table->state);
	table->state = fresh;
	fresh = (pawl_replica_state) {0};
	return PAWL_OK;
}
