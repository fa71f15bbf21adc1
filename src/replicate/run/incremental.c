#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/step.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* Clocks that disagree by more than this about the time that has passed were set. */
#define CLOCK_STEP_US INT64_C(2000000)

/* A pass over what changed. */
typedef struct key_pass {
	pawl_replicate_reading reading;
	pawl_bounds bounds;
	pawl_key_value from; /* the read's own, since the state moves on */
	bool is_resumed;     /* an unfinished pass goes on */
	bool is_other;       /* the source is another copy of itself, which has to be noted, whatever is read */
	bool is_unchanged; /* no row from the cursor on is another one than at the last sync, or there is none */
} key_pass;

static void clear_pass(key_pass *pass)
{
	pawl_bounds_clear(&pass->bounds);
	pawl_key_value_clear(&pass->from);
}

static bool is_equal(const char *left, const char *right)
{
	return left != NULL && right != NULL && strcmp(left, right) == 0;
}

/* ---- where to read from ---------------------------------------------------------------------------------------------- */

static pawl_status find_bounds(pawl_table_sync *sync, key_pass *pass, pawl_key_value from, pawl_error *error)
{
	pawl_read read = pass->reading.read;

	pawl_bounds_clear(&pass->bounds);
	read.from = from;
	return pawl_replicate_bounds(sync, &read, &pass->bounds, error);
}

/* The source's clock went back: keys that were set since may be lower than the cursor, by how much nobody knows. */
static bool was_clock_set_back(const pawl_table_sync *sync)
{
	const pawl_replica_state *state = &sync->plan->state;
	int64_t source_us = sync->snapshot.now_us - state->source_now_us, host_us = pawl_time_now_us() - state->host_now_us;

	return sync->plan->is_clock && state->source_now_us != 0 &&
	       (source_us < -CLOCK_STEP_US || source_us - host_us < -CLOCK_STEP_US);
}

/* But for what the first sync left out. */
static pawl_status read_all(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	pass->reading.read.from = (pawl_key_value) {sync->plan->settings.start, NULL};
	return find_bounds(sync, pass, pass->reading.read.from, error);
}

/* A clock goes on from where it is, or from the cursor where that is less: rows that changed meanwhile may lie between the two. */
static pawl_status choose_lesser(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds beyond = {0};
	const pawl_replica_state *state = &sync->plan->state;
	pawl_read read = pass->reading.read;

	read.from = (pawl_key_value) {state->cursor, state->cursor_type};
	PAWL_TRY(pawl_replicate_bounds(sync, &read, &beyond, error));
	pass->reading.read.from = beyond.newest.text != NULL ? read.from : pass->bounds.cursor;
	return PAWL_OK;
}

/* A counter may give the same numbers again, to other rows. */
static pawl_status forget_counter(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_TRY(pawl_replica_set_text(&sync->plan->state.cursor, NULL, error));
	return pawl_replica_set_text(&sync->plan->state.ripening, NULL, error);
}

/* No row has the newest key that was seen, nor a newer one. It was deleted, or the source is an older copy of itself. */
static pawl_status step_back(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	const pawl_replica_state *state = &sync->plan->state;

	if (!sync->plan->is_clock)
		PAWL_TRY(forget_counter(sync, error));
	PAWL_TRY(read_all(sync, pass, error));
	if (pass->bounds.newest.text == NULL) {
		pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "the rows that were synced stay; --full-refresh --allow-empty would take them away",
		               "the source has no row with a key any more; the newest one that was synced had '%s'", state->newest_key);
		return PAWL_OK;
	}
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "if rows were deleted, all is well; if a backup was restored, --full-refresh takes it over",
	               "the newest key of the source is '%s', and was '%s': what they have in common is read again",
	               pass->bounds.newest.text, state->newest_key);
	return sync->plan->is_clock ? choose_lesser(sync, pass, error) : PAWL_OK;
}

/* Where the newest key is the bound, one that is ahead bounds nothing: the cursor does. */
static bool is_newest_ahead(const pawl_table_sync *sync, const key_pass *pass)
{
	return sync->plan->is_bound && sync->plan->guarantee == PAWL_GUARANTEE_EXACT &&
	       !pawl_key_value_equal(&pass->bounds.newest, &pass->bounds.cursor);
}

/* A copy may have lost what was seen of the source, and gone on with the same keys: no row of it is known to be here. */
static pawl_status begin_again(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING,
	                    "what was synced and is lost at the source stays here; --full-refresh takes it away",
	                    "the source is another copy of itself since the last sync, as a standby that was promoted: the whole table is "
	                    "read again");
	if (!sync->plan->is_clock)
		PAWL_TRY(forget_counter(sync, error));
	pass->is_other = true;
	return read_all(sync, pass, error);
}

/* Most of the time the newest key is still there, which is one look. */
static pawl_status find_start(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	const pawl_replica_state *state = &sync->plan->state;

	if (state->cursor == NULL)
		return read_all(sync, pass, error);
	pass->reading.read.from = (pawl_key_value) {state->cursor, state->cursor_type};
	if (pawl_replicate_is_other_history(sync))
		return begin_again(sync, pass, error);
	if (was_clock_set_back(sync)) {
		pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "", "the source's clock was set back: the whole table is read again");
		return read_all(sync, pass, error);
	}
	PAWL_TRY(find_bounds(sync, pass, (pawl_key_value) {state->newest_key, state->newest_type}, error));
	if (pass->bounds.newest.text == NULL)
		return step_back(sync, pass, error);
	if (is_newest_ahead(sync, pass))
		return find_bounds(sync, pass, pass->reading.read.from, error);
	return PAWL_OK;
}

/* ---- unchanged? ------------------------------------------------------------------------------------------------------ */

static bool is_tail(const pawl_table_sync *sync, int64_t rows, const char *hash)
{
	return rows == sync->plan->state.tail_rows && is_equal(hash, sync->plan->state.tail_hash);
}

/* Where the source gives relations, the rows from the cursor on are looked at before they are copied. */
static pawl_status look_at_tail(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *hash = NULL;
	const pawl_source_driver *driver = sync->source->driver;
	int64_t rows;

	if (driver->relation == NULL || sync->plan->state.tail_hash == NULL || pass->is_resumed ||
	    !pawl_key_value_equal(&pass->reading.read.from, &pass->bounds.cursor))
		return PAWL_OK;
	PAWL_TRY(driver->relation(sync->source, &pass->reading.read, &relation, error));
	PAWL_TRY(pawl_replica_fingerprint(sync->replica, &sync->plan->target, pawl_buffer_text(&relation), NULL, &rows, &hash, error));
	pass->is_unchanged = is_tail(sync, rows, hash);
	return PAWL_OK;
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static pawl_status stage(pawl_table_sync *sync, const char *relation, int64_t *ret_rows, pawl_error *error)
{
	return pawl_replica_stage(sync->replica, relation, ret_rows, error);
}

/* The columns of the key, by their place in the destination's table; 0 unless it has them all. */
static uint64_t find_key_columns(const pawl_table_plan *plan)
{
	uint64_t columns = 0;

	for (size_t k = 0; k < plan->key.column_count; k++) {
		uint64_t found = 0;
		for (size_t i = 0; i < plan->target.column_count && i < 64; i++)
			if (plan->columns[i].index == plan->key.columns[k])
				found = UINT64_C(1) << i;
		if (found == 0)
			return 0;
		columns |= found;
	}
	return columns;
}

static pawl_status apply(pawl_table_sync *sync, int64_t *ret_rows, pawl_error *error)
{
	const pawl_table_plan *plan = sync->plan;

	if (plan->mode == PAWL_MODE_APPEND)
		return pawl_replica_append(sync->replica, &plan->target, find_key_columns(plan), plan->state.new_columns, ret_rows,
		                           error);
	return pawl_replica_upsert(sync->replica, &plan->target, ret_rows, error);
}

/* A pass in one window knows its tail: the rows that the source marked. */
static pawl_status note_staged_tail(pawl_table_sync *sync, key_pass *pass, bool is_only, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;
	char *hash;

	if (!is_only || pass->reading.read.tail_from.text == NULL)
		return pawl_replicate_note_tail(sync, error);
	PAWL_TRY(pawl_replica_fingerprint(sync->replica, &sync->plan->target, pawl_replica_staged, PAWL_COLUMN_IS_TAIL, &state->tail_rows,
	                                  &hash, error));
	pawl_free(state->tail_hash);
	state->tail_hash = hash;
	return PAWL_OK;
}

/* What is staged is what the last sync saw, or nothing at all: nothing is to be done. The cursor is good where it is. */
static pawl_status look_at_staged(pawl_table_sync *sync, key_pass *pass, const pawl_window *window, bool is_only, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *hash = NULL;
	int64_t rows;

	pass->is_unchanged = is_only && window->rows == 0 && !pass->is_other;
	if (!is_only || pass->is_unchanged || pass->is_other || sync->plan->state.tail_hash == NULL ||
	    !pawl_key_value_equal(&pass->reading.read.from, &pass->bounds.cursor))
		return PAWL_OK;
	PAWL_TRY(pawl_replica_fingerprint(sync->replica, &sync->plan->target, pawl_replica_staged, NULL, &rows, &hash, error));
	pass->is_unchanged = is_tail(sync, rows, hash);
	return PAWL_OK;
}

static pawl_status save(pawl_table_sync *sync, key_pass *pass, const pawl_window *window, bool is_only, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;

	if (window->is_last) {
		PAWL_TRY(pawl_replicate_finish_state(sync, error));
		PAWL_TRY(note_staged_tail(sync, pass, is_only, error));
	} else {
		PAWL_TRY(pawl_replica_set_text(&state->position, window->position, error));
	}
	return pawl_replica_save_state(sync->replica, state, error);
}

static pawl_status commit_window(pawl_table_sync *sync, key_pass *pass, const pawl_window *window, bool is_only,
                                 pawl_replicate_window *done, pawl_error *error)
{
	PAWL_TRY(pawl_replicate_check_unique(sync, pawl_replica_staged, error));
	int64_t from_us = pawl_time_monotonic_us();
	PAWL_TRY(pawl_replica_begin(sync->replica, error));
	PAWL_TRY(apply(sync, &done->rows_written, error));
	sync->plan->state.rows_written += done->rows_written;
	PAWL_TRY(save(sync, pass, window, is_only, error));
	PAWL_TRY(pawl_replica_commit(sync->replica, error));
	done->applying_us = pawl_time_monotonic_us() - from_us;
	PAWL_STEP("incremental: window committed");
	return PAWL_OK;
}

static void free_window(pawl_window *window)
{
	pawl_free(window->position);
}

static pawl_status copy_window(pawl_table_sync *sync, key_pass *pass, bool is_first, bool *ret_is_last, pawl_error *error)
{
	PAWL_CLEANUP(free_window) pawl_window window = {0};
	const pawl_window_limit limit = pawl_replicate_limit(sync, pass->reading.read.order);
	pawl_replicate_window done = {0};

	PAWL_TRY(pawl_replicate_read_window(sync, &limit, stage, &window, error));
	done.rows_read = window.rows;
	done.bytes = window.bytes;
	bool is_only = is_first && window.is_last && !pass->is_resumed;
	PAWL_TRY(look_at_staged(sync, pass, &window, is_only, error));
	if (!pass->is_unchanged)
		PAWL_TRY(commit_window(sync, pass, &window, is_only, &done, error));
	PAWL_TRY(pawl_replica_unstage(sync->replica, error));
	sync->hooks->window(sync->hooks->context, sync->index, &done);
	*ret_is_last = window.is_last;
	return PAWL_OK;
}

static pawl_status copy_windows(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	bool is_first = true, is_last = false;

	PAWL_TRY(pawl_replicate_begin_read(sync, &pass->reading, sync->plan->state.position, error));
	for (;;) {
		PAWL_TRY(copy_window(sync, pass, is_first, &is_last, error));
		is_first = false;
		if (is_last)
			return PAWL_OK;
		if (sync->hooks->is_stopping(sync->hooks->context))
			return pawl_replicate_stopped(error);
		PAWL_TRY(pawl_replicate_renew_snapshot(sync, &pass->reading, sync->plan->state.position, error));
	}
}

/* ---- the pass -------------------------------------------------------------------------------------------------------- */

/* A pass that was not finished goes on behind its position, and ends with the cursor that it had in view. */
static void resume(pawl_table_sync *sync, key_pass *pass)
{
	const pawl_replica_state *state = &sync->plan->state;

	pass->is_resumed = sync->is_behind = true;
	pass->reading.read.from = (pawl_key_value) {state->cursor, state->cursor_type};
	if (pawl_replicate_is_half_open(sync->plan))
		pass->reading.read.before = (pawl_key_value) {state->next_cursor, state->next_type};
	pawl_replicate_tell(sync, PAWL_NOTICE_INFO, "", "going on where the last run stopped");
}

static pawl_status prepare(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;

	pass->reading.read.order = PAWL_ORDER_KEY;
	if (state->position != NULL && pawl_replicate_can_go_on(sync)) {
		resume(sync, pass);
		return PAWL_OK;
	}
	PAWL_TRY(pawl_replica_set_text(&state->position, NULL, error));
	PAWL_TRY(find_start(sync, pass, error));
	PAWL_TRY(pawl_replicate_check_keys(sync, &pass->bounds, error));
	if (pawl_replicate_is_half_open(sync->plan))
		pass->reading.read.before = pass->bounds.horizon;
	else if (sync->plan->mode == PAWL_MODE_UPSERT)
		pass->reading.read.tail_from = pass->bounds.cursor;
	return look_at_tail(sync, pass, error);
}

static pawl_status run(pawl_table_sync *sync, key_pass *pass, pawl_error *error)
{
	pawl_replica_state *state = &sync->plan->state;

	PAWL_TRY(pawl_replicate_snapshot(sync, error));
	PAWL_TRY(prepare(sync, pass, error));
	PAWL_TRY(pawl_key_value_copy(&pass->reading.read.from, &pass->from, error));
	pass->reading.read.from = pass->from;
	if (!pass->is_resumed)
		PAWL_TRY(pawl_replicate_note_bounds(sync, &pass->bounds, error));
	PAWL_TRY(sync->hooks->cursor(sync->hooks->context, sync->index, state->cursor, state->next_cursor, error));
	return pass->is_unchanged ? PAWL_OK : copy_windows(sync, pass, error);
}

pawl_status pawl_replicate_incremental(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(clear_pass) key_pass pass = {
		.reading = {.read = pawl_plan_read(sync->plan), .begun_us = pawl_time_monotonic_us()},
	};

	PAWL_TRY(pawl_replicate_change_columns(sync, error));
	pawl_status status = run(sync, &pass, error);
	pawl_replicate_end_read(sync, &pass.reading);
	return status;
}
