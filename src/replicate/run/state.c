/* What is kept of a table: in its state, and of its columns. */
#include "base/memory.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* ---- state ----------------------------------------------------------------------------------------------------------- */

pawl_status pawl_replicate_note_bounds(pawl_table_sync *sync, const pawl_bounds *bounds, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;
	const pawl_key_value *next = pawl_replicate_is_half_open(sync->plan) && bounds->newest.text != NULL ? &bounds->horizon
	                                                                                                : &bounds->cursor;

	PAWL_TRY(pawl_replica_set_text(&state->next_cursor, next->text, error));
	PAWL_TRY(pawl_replica_set_text(&state->next_type, next->type, error));
	PAWL_TRY(pawl_replica_set_text(&state->horizon, bounds->horizon.text, error));
	if (sync->plan->is_ripening)
		PAWL_TRY(pawl_replicate_note_newest(sync, &bounds->newest, error));
	if (bounds->newest.text != NULL) {
		PAWL_TRY(pawl_replica_set_text(&state->newest_key, bounds->newest.text, error));
		PAWL_TRY(pawl_replica_set_text(&state->newest_type, bounds->newest.type, error));
	}
	state->source_now_us = sync->snapshot.now_us;
	state->host_now_us = pawl_time_now_us();
	if (sync->snapshot.history[0] != '\0')
		PAWL_TRY(pawl_replica_set_text(&state->source_history, sync->snapshot.history, error));
	return pawl_replica_set_text(&state->guarantee, sync->plan->guarantee_text, error);
}

pawl_status pawl_replicate_finish_state(pawl_table_sync *sync, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;

	if (state->next_cursor != NULL) {
		PAWL_TRY(pawl_replica_set_text(&state->cursor, state->next_cursor, error));
		PAWL_TRY(pawl_replica_set_text(&state->cursor_type, state->next_type, error));
	}
	PAWL_TRY(pawl_replica_set_text(&state->next_cursor, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->next_type, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->position, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->source_version, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->new_columns, NULL, error));
	pawl_phase next = sync->plan->mode == PAWL_MODE_REPLACE ? PAWL_PHASE_REFRESH : PAWL_PHASE_INCREMENTAL;
	PAWL_TRY(pawl_replica_set_text(&state->phase, pawl_phase_names[next], error));
	state->synced_at_us = pawl_time_now_us();
	return PAWL_OK;
}

/* What the snapshot shows was delivered: all of it from the cursor on, unless the pass began in another snapshot, or stopped at the
 * horizon. */
static bool is_tail_delivered(const pawl_table_sync *sync)
{
	return !sync->is_behind && !pawl_replicate_is_half_open(sync->plan);
}

pawl_status pawl_replicate_note_tail(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	pawl_replica_state *state = &sync->plan->state;
	pawl_read read = pawl_plan_read(sync->plan);

	PAWL_TRY(pawl_replica_set_text(&state->tail_hash, NULL, error));
	state->tail_rows = -1;
	if (sync->source->driver->relation == NULL || state->cursor == NULL || !is_tail_delivered(sync))
		return PAWL_OK;
	read.from = (pawl_key_value) {state->cursor, state->cursor_type};
	PAWL_TRY(sync->source->driver->relation(sync->source, &read, &relation, error));
	return pawl_replica_fingerprint(sync->replica, &sync->plan->target, pawl_buffer_text(&relation), NULL, &state->tail_rows,
	                                &state->tail_hash, error);
}

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_status change_columns(pawl_table_sync *sync, pawl_error *error)
{
	const pawl_table_plan *plan = sync->plan;

	for (size_t i = 0; i < plan->change_count; i++) {
		const pawl_replica_column *column = &plan->target.columns[plan->changes[i].column];
		if (plan->changes[i].is_new)
			PAWL_TRY(pawl_replica_add_column(sync->replica, &plan->target, column, error));
		else
			PAWL_TRY(pawl_replica_change_type(sync->replica, &plan->target, column->name, column->type,
			                                  plan->changes[i].form, error));
	}
	return PAWL_OK;
}

/* In mode append, rows that are read again are told from new ones by all that they had when they came. */
static pawl_status note_new_columns(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_table_plan *plan = sync->plan;

	if (plan->mode != PAWL_MODE_APPEND)
		return PAWL_OK;
	pawl_buffer_append(&text, plan->state.new_columns == NULL ? "" : plan->state.new_columns);
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->changes[i].is_new)
			pawl_buffer_appendf(&text, "%s%s", text.length == 0 ? "" : "\n", plan->target.columns[plan->changes[i].column].name);
	PAWL_TRY(pawl_buffer_status(&text, error));
	return text.length == 0 ? PAWL_OK : pawl_replica_set_text(&plan->state.new_columns, pawl_buffer_text(&text), error);
}

/* What the rows of the tail hash to has changed with their columns. */
pawl_status pawl_replicate_change_columns(pawl_table_sync *sync, pawl_error *error)
{
	if (sync->plan->change_count == 0)
		return PAWL_OK;
	PAWL_TRY(pawl_replica_begin(sync->replica, error));
	PAWL_TRY(change_columns(sync, error));
	PAWL_TRY(note_new_columns(sync, error));
	PAWL_TRY(pawl_replica_set_text(&sync->plan->state.tail_hash, NULL, error));
	sync->plan->state.tail_rows = -1;
	PAWL_TRY(pawl_replica_save_state(sync->replica, &sync->plan->state, error));
	PAWL_TRY(pawl_replica_commit(sync->replica, error));
	sync->plan->change_count = 0;
	return PAWL_OK;
}
