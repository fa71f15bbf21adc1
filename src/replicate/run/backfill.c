#include <string.h>

#include "base/memory.h"
#include "base/step.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* Of a table that nobody has measured: a row of some columns, on an old machine. */
#define ASSUMED_ROWS_PER_SECOND INT64_C(300000)

/* What source_version says of a position in the order of the primary key, which is good in every snapshot. */
#define BY_PRIMARY_KEY "by primary key"

/*
 * One snapshot is enough where it costs the source nothing, or where the table is read soon. Else the table is read by ranges of
 * the primary key, each in a short one: an update between them moves the replication key, and comes with the next sync.
 */
static pawl_order choose_order(const pawl_table_sync *sync)
{
	const pawl_table_plan *plan = sync->plan;
	bool is_free = sync->source->driver->version != NULL;
	bool has_order = plan->is_unique && plan->is_key_not_null && plan->primary_key_count > 0;

	if (is_free || !has_order || plan->mode != PAWL_MODE_UPSERT || plan->source->estimated_rows < 0)
		return PAWL_ORDER_NONE;
	int64_t estimated_us = plan->source->estimated_rows * 1000000 / ASSUMED_ROWS_PER_SECOND;
	return estimated_us > sync->job->max_snapshot_us ? PAWL_ORDER_PRIMARY_KEY : PAWL_ORDER_NONE;
}

static pawl_status find_version(pawl_table_sync *sync, pawl_order order, char **ret_version, pawl_error *error)
{
	if (order == PAWL_ORDER_PRIMARY_KEY)
		return pawl_replica_set_text(ret_version, BY_PRIMARY_KEY, error);
	if (sync->source->driver->version == NULL)
		return PAWL_OK;
	return sync->source->driver->version(sync->source, ret_version, error);
}

/* ---- beginning ------------------------------------------------------------------------------------------------------- */

/* Whether a primary key that the source does not keep unique can be checked against the rows of an earlier run. */
static bool can_check_unique(const pawl_table_sync *sync)
{
	return pawl_replica_keeps_rows(sync->replica) || sync->plan->is_unique || sync->plan->mode != PAWL_MODE_UPSERT;
}

/* A backfill that did not end goes on, if the rows behind its position are still those that it would have read. */
static bool can_resume(const pawl_table_sync *sync, const char *version)
{
	const pawl_table_plan *plan = sync->plan;
	const pawl_replica_state *state = &plan->state;
	return plan->has_state && plan->has_target && can_check_unique(sync) && state->position != NULL &&
	       state->source_version != NULL && version != NULL && strcmp(state->source_version, version) == 0;
}

static pawl_status make_table(pawl_table_sync *sync, pawl_error *error)
{
	const pawl_table_plan *plan = sync->plan;

	PAWL_TRY(pawl_replica_begin(sync->replica, error));
	if (plan->has_state)
		PAWL_TRY(pawl_replica_drop(sync->replica, plan->target.schema, plan->target.name, error));
	PAWL_TRY(pawl_replica_create(sync->replica, &plan->target, error));
	PAWL_TRY(pawl_replica_save_state(sync->replica, &plan->state, error));
	PAWL_TRY(pawl_replica_commit(sync->replica, error));
	sync->plan->has_state = sync->plan->has_target = true;
	sync->plan->is_outdated = false;
	sync->plan->change_count = 0;
	return PAWL_OK;
}

static pawl_status start_anew(pawl_table_sync *sync, pawl_read *read, const char *version, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_replica_state *state = &sync->plan->state;

	if (read->key != NULL) {
		PAWL_TRY(pawl_replicate_ripen_first(sync, read, error));
		PAWL_TRY(pawl_replicate_bounds(sync, read, &bounds, error));
		PAWL_TRY(pawl_replicate_check_keys(sync, &bounds, error));
		PAWL_TRY(pawl_replicate_note_bounds(sync, &bounds, error));
	}
	PAWL_TRY(pawl_replica_set_text(&state->phase, pawl_phase_names[PAWL_PHASE_BACKFILL], error));
	PAWL_TRY(pawl_replica_set_text(&state->position, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state->source_version, version, error));
	return make_table(sync, error);
}

static pawl_status begin(pawl_table_sync *sync, pawl_read *read, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *version = NULL;
	pawl_replica_state *state = &sync->plan->state;

	PAWL_TRY(find_version(sync, read->order, &version, error));
	if (!can_resume(sync, version) || !pawl_replicate_can_go_on(sync)) {
		PAWL_TRY(start_anew(sync, read, version, error));
	} else {
		pawl_replicate_tell(sync, PAWL_NOTICE_INFO, "", "going on where the last run stopped");
		sync->is_behind = read->order == PAWL_ORDER_PRIMARY_KEY; /* else the source has not changed */
		PAWL_TRY(pawl_replicate_change_columns(sync, error));
	}
	if (pawl_replicate_is_half_open(sync->plan))
		read->before = (pawl_key_value) {state->next_cursor, state->next_type};
	return sync->hooks->cursor(sync->hooks->context, sync->index, NULL, state->next_cursor, error);
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static pawl_status insert(pawl_table_sync *sync, const char *relation, int64_t *ret_rows, pawl_error *error)
{
	return pawl_replica_insert(sync->replica, &sync->plan->target, relation, ret_rows, error);
}

static pawl_status check_unique(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};

	pawl_replica_append_table(&name, sync->replica, &sync->plan->target);
	PAWL_TRY(pawl_buffer_status(&name, error));
	return pawl_replicate_check_unique(sync, pawl_buffer_text(&name), error);
}

static pawl_status finish(pawl_table_sync *sync, pawl_error *error)
{
	if (pawl_replica_is_replacing(sync->replica) && !sync->job->is_allow_empty)
		return pawl_replicate_refuse_empty(error);
	PAWL_TRY(check_unique(sync, error));
	PAWL_TRY(pawl_replicate_finish_state(sync, error));
	return pawl_replicate_note_tail(sync, error);
}

/* One window and its position, in one transaction. */
static pawl_status copy_window(pawl_table_sync *sync, const pawl_window_limit *limit, bool *ret_is_last, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;
	pawl_window window;

	PAWL_TRY(pawl_replica_begin(sync->replica, error));
	PAWL_TRY(pawl_replicate_read_window(sync, limit, insert, &window, error));
	pawl_free(state->position);
	state->position = window.position;
	state->rows_written += window.rows;
	if (window.is_last)
		PAWL_TRY(finish(sync, error));
	PAWL_TRY(pawl_replica_save_state(sync->replica, state, error));
	PAWL_TRY(pawl_replica_commit(sync->replica, error));
	sync->hooks->window(sync->hooks->context, sync->index, &(pawl_replicate_window) {window.rows, window.rows, window.bytes, 0});
	*ret_is_last = window.is_last;
	return PAWL_OK;
}

static pawl_status copy_windows(pawl_table_sync *sync, pawl_replicate_reading *reading, pawl_error *error)
{
	const pawl_replica_state *state = &sync->plan->state;
	pawl_window_limit limit = pawl_replicate_limit(sync, reading->read.order);
	bool is_last = false;

	PAWL_TRY(pawl_replicate_begin_read(sync, reading, state->position, error));
	for (;;) {
		int64_t begun_us = pawl_time_monotonic_us();
		PAWL_TRY(copy_window(sync, &limit, &is_last, error));
		pawl_replicate_grow_limit(sync, pawl_time_monotonic_us() - begun_us, &limit);
		PAWL_STEP("backfill: window committed");
		if (is_last)
			return PAWL_OK;
		if (sync->hooks->is_stopping(sync->hooks->context))
			return pawl_replicate_stopped(error);
		PAWL_TRY(pawl_replicate_renew_snapshot(sync, reading, state->position, error));
	}
}

static pawl_status run(pawl_table_sync *sync, pawl_replicate_reading *reading, pawl_error *error)
{
	PAWL_TRY(pawl_replicate_snapshot(sync, error));
	PAWL_TRY(begin(sync, &reading->read, error));
	return copy_windows(sync, reading, error);
}

pawl_status pawl_replicate_backfill(pawl_table_sync *sync, pawl_error *error)
{
	pawl_replicate_reading reading = {.read = pawl_plan_read(sync->plan), .begun_us = pawl_time_monotonic_us()};

	reading.read.order = choose_order(sync);
	if (sync->plan->settings.start != NULL)
		reading.read.from = (pawl_key_value) {sync->plan->settings.start, NULL};
	sync->hooks->expect(sync->hooks->context, sync->index, sync->plan->source->estimated_rows);
	pawl_status status = run(sync, &reading, error);
	pawl_replicate_end_read(sync, &reading);
	return status;
}
