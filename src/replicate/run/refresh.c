#include <inttypes.h>

#include "base/memory.h"
#include "base/step.h"
#include "replicate/run/sync.h"

/* What is filled beside the table. The hooks of a window know no other context than the sync. */
static pawl_status insert(pawl_table_sync *sync, const char *relation, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {0};

	PAWL_TRY(pawl_replica_beside(sync->replica, &sync->plan->target, &beside, error));
	return pawl_replica_insert(sync->replica, &beside, relation, ret_rows, error);
}

/* The cursor that the next sync starts from, for a table that is synced by its key again from then on. */
static pawl_status find_cursor(pawl_table_sync *sync, pawl_read *read, pawl_bounds *bounds, pawl_error *error)
{
	if (read->key == NULL)
		return PAWL_OK;
	PAWL_TRY(pawl_replicate_ripen_first(sync, read, error));
	PAWL_TRY(pawl_replicate_bounds(sync, read, bounds, error));
	PAWL_TRY(pawl_replicate_check_keys(sync, bounds, error));
	if (pawl_replicate_is_half_open(sync->plan))
		read->before = bounds->horizon;
	PAWL_TRY(pawl_replicate_note_bounds(sync, bounds, error));
	return sync->hooks->cursor(sync->hooks->context, sync->index, NULL, sync->plan->state.next_cursor, error);
}

/* The table's, before it is replaced. */
static pawl_status count_old_rows(pawl_table_sync *sync, int64_t *ret_rows, pawl_error *error)
{
	*ret_rows = 0;
	return sync->plan->has_target ? pawl_replica_count_rows(sync->replica, &sync->plan->target, ret_rows, error) : PAWL_OK;
}

pawl_status pawl_replicate_refuse_empty(pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "the source gave no rows, and the warehouse has some: nothing was replaced");
	return pawl_error_hint(error, "--allow-empty if the table is meant to be empty");
}

static pawl_status check(pawl_table_sync *sync, const pawl_replica_table *beside, int64_t old_rows, int64_t rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	int64_t count;

	PAWL_TRY(pawl_replica_count_rows(sync->replica, beside, &count, error));
	if (count != rows)
		return pawl_error_set(error, PAWL_INTERNAL, "%" PRId64 " rows were read, and %" PRId64 " are there", rows, count);
	pawl_replica_append_table(&relation, sync->replica, beside);
	PAWL_TRY(pawl_buffer_status(&relation, error));
	PAWL_TRY(pawl_replicate_check_unique(sync, pawl_buffer_text(&relation), error));
	if (rows > 0 || old_rows == 0 || sync->job->is_allow_empty)
		return PAWL_OK;
	return pawl_replicate_refuse_empty(error);
}

static pawl_status fill(pawl_table_sync *sync, const pawl_replica_table *beside, const pawl_read *read, int64_t *ret_rows,
                        pawl_error *error)
{
	const pawl_window_limit limit = pawl_replicate_limit(sync, read->order);
	pawl_window window = {0};
	int64_t rows = 0;

	PAWL_TRY(pawl_replica_drop(sync->replica, beside->schema, beside->name, error));
	PAWL_TRY(pawl_replica_create(sync->replica, beside, error));
	PAWL_TRY(sync->source->driver->read_begin(sync->source, read, error));
	while (!window.is_last) {
		PAWL_TRY(pawl_replicate_read_window(sync, &limit, insert, &window, error));
		pawl_free(window.position);
		rows += window.rows;
		sync->hooks->window(sync->hooks->context, sync->index, &(pawl_replicate_window) {window.rows, 0, window.bytes, 0});
		PAWL_STEP("refresh: window copied");
		if (!window.is_last && sync->hooks->is_stopping(sync->hooks->context))
			return pawl_replicate_stopped(error);
	}
	*ret_rows = rows;
	return PAWL_OK;
}

static pawl_status swap(pawl_table_sync *sync, const pawl_replica_table *beside, int64_t old_rows, int64_t rows, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;

	PAWL_TRY(check(sync, beside, old_rows, rows, error));
	PAWL_TRY(pawl_replica_swap(sync->replica, &sync->plan->target, beside, error));
	PAWL_TRY(pawl_replicate_finish_state(sync, error));
	PAWL_TRY(pawl_replicate_note_tail(sync, error));
	state->rows_written += rows;
	PAWL_TRY(pawl_replica_save_state(sync->replica, state, error));
	return pawl_replica_commit(sync->replica, error);
}

/* All in one transaction: nobody sees a table that is not whole. */
static pawl_status run(pawl_table_sync *sync, const pawl_replica_table *beside, pawl_read *read, pawl_bounds *bounds,
                       pawl_error *error)
{
	int64_t old_rows, rows = 0;

	PAWL_TRY(count_old_rows(sync, &old_rows, error));
	PAWL_TRY(pawl_replicate_snapshot(sync, error));
	PAWL_TRY(find_cursor(sync, read, bounds, error));
	PAWL_TRY(pawl_replica_begin(sync->replica, error));
	PAWL_TRY(fill(sync, beside, read, &rows, error));
	PAWL_TRY(swap(sync, beside, old_rows, rows, error));
	PAWL_STEP("refresh: committed");
	sync->plan->change_count = 0;
	sync->hooks->window(sync->hooks->context, sync->index, &(pawl_replicate_window) {0, rows, -1, 0});
	return PAWL_OK;
}

pawl_status pawl_replicate_refresh(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {0};
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_read read = pawl_plan_read(sync->plan);

	if (sync->plan->settings.start != NULL && read.key != NULL)
		read.from = (pawl_key_value) {sync->plan->settings.start, NULL};
	sync->hooks->expect(sync->hooks->context, sync->index, sync->plan->source->estimated_rows);
	PAWL_TRY(pawl_replica_beside(sync->replica, &sync->plan->target, &beside, error));
	pawl_status status = run(sync, &beside, &read, &bounds, error);
	sync->source->driver->read_end(sync->source); /* which borrows from here */
	return status;
}
