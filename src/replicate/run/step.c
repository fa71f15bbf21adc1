#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* A window of a stream ends after this time, however few rows it has by then. */
#define WINDOW_US INT64_C(30000000)

/* Where nothing can go on behind a window, it is not worth a commit; so often at least, it is told how far the read is. */
#define TELLING_US INT64_C(10000000)

/* A window that took less was too small for its commit to be worth it. */
#define SHORT_WINDOW_US INT64_C(1500000)
#define WINDOW_GROWTH   4

/* Of DuckDB: as many are written at once when they come in one transaction. */
#define ROW_GROUP_ROWS 122880

void pawl_replicate_tell(const pawl_table_sync *sync, pawl_notice_level level, const char *hint, const char *format, ...)
{
	char message[PAWL_PLAN_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	pawl_text_format_va(message, sizeof(message), format, arguments);
	va_end(arguments);
	sync->hooks->notice(sync->hooks->context, sync->index, level, message, hint);
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

pawl_status pawl_replicate_stopped(pawl_error *error)
{
	pawl_error_set(error, PAWL_INTERRUPTED, "stopped before the end; what is committed is kept");
	return pawl_error_hint(error, "run it again to go on");
}

/* ---- snapshot and bounds --------------------------------------------------------------------------------------------- */

static void tell_hold(pawl_table_sync *sync)
{
	const pawl_table_plan *plan = sync->plan;

	if (!plan->is_hold_over || plan->settings.hold_then != PAWL_HOLD_WARN || sync->is_hold_told)
		return;
	sync->is_hold_told = true;
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "end it; or max_hold: {then: lag}", "the cursor is held back: %s",
	                    sync->snapshot.why);
}

/* The plan's promise was made at another moment: what came or went between, as a prepared transaction, makes another one of it. */
static void renew_promise(pawl_table_sync *sync)
{
	pawl_table_plan *plan = sync->plan;
	pawl_guarantee was = plan->guarantee;

	if (!plan->has_key || sync->snapshot.is_bound)
		return;
	pawl_plan_guarantee(plan, &sync->snapshot);
	tell_hold(sync);
	if (plan->guarantee < was)
		pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "", "the guarantee is now '%s': %s", plan->guarantee_text,
		                    plan->guarantee_reason);
}

pawl_status pawl_replicate_snapshot(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_TRY(sync->source->driver->snapshot_begin(sync->source, &sync->snapshot, error));
	renew_promise(sync);
	return PAWL_OK;
}

/* Known of both, or it is no news. */
bool pawl_replicate_is_other_history(const pawl_table_sync *sync)
{
	const char *was = sync->plan->state.source_history, *is = sync->snapshot.history;
	return was != NULL && *is != '\0' && strcmp(was, is) != 0;
}

/*
 * A standby may be behind the server that it was begun on: what it does not show yet in front of the position would be lost; and so
 * would what stands there again in another copy of the source.
 */
bool pawl_replicate_can_go_on(const pawl_table_sync *sync)
{
	const char *guarantee = sync->plan->state.guarantee;
	bool was_exact = guarantee != NULL && strcmp(guarantee, pawl_guarantee_names[PAWL_GUARANTEE_EXACT]) == 0;

	return !pawl_replicate_is_other_history(sync) &&
	       (!was_exact || sync->snapshot.guarantee == PAWL_GUARANTEE_EXACT || sync->snapshot.is_last_good);
}

/* The horizon of the source says nothing of a sequence, and none where the last one is to do. */
static pawl_status settle_cursor(const pawl_table_sync *sync, pawl_bounds *bounds, pawl_error *error)
{
	const pawl_table_plan *plan = sync->plan;
	const pawl_key_value cursor = {plan->state.cursor, plan->state.cursor_type};

	if (!plan->is_held && !plan->is_ripening)
		return PAWL_OK;
	pawl_key_value_clear(&bounds->cursor);
	if (!plan->is_held)
		return pawl_replicate_ripe_cursor(sync, &bounds->cursor, error);
	PAWL_TRY(pawl_key_value_copy(&cursor, &bounds->cursor, error));
	if (!plan->is_clock)
		return PAWL_OK;
	pawl_key_value_clear(&bounds->horizon);
	return pawl_key_value_copy(&cursor, &bounds->horizon, error);
}

pawl_status pawl_replicate_bounds(pawl_table_sync *sync, const pawl_read *read, pawl_bounds *ret_bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	const pawl_table_plan *plan = sync->plan;
	const pawl_bounds_request request = {
		.lag_us = plan->lag_us,
		.is_lag_of_clock = plan->is_lag_of_clock,
		.max_ahead_us = plan->settings.max_ahead_us,
		.count_nulls = plan->settings.null_keys != PAWL_NULLS_INCLUDE,
		.is_exact = plan->guarantee == PAWL_GUARANTEE_EXACT,
	};
	PAWL_TRY(sync->source->driver->bounds(sync->source, read, &request, &bounds, error));
	PAWL_TRY(settle_cursor(sync, &bounds, error));
	*ret_bounds = bounds;
	bounds = (pawl_bounds) {0};
	return PAWL_OK;
}

bool pawl_replicate_is_half_open(const pawl_table_plan *plan)
{
	return plan->mode == PAWL_MODE_APPEND && plan->is_clock && (plan->guarantee != PAWL_GUARANTEE_EXACT || !plan->is_bound);
}

pawl_status pawl_replicate_check_keys(pawl_table_sync *sync, const pawl_bounds *bounds, pawl_error *error)
{
	const pawl_table_plan *plan = sync->plan;

	if (bounds->null_rows > 0 && plan->settings.null_keys == PAWL_NULLS_ERROR) {
		pawl_error_set(error, PAWL_INVALID, "%" PRId64 " rows have no replication key: '%s' is NULL", bounds->null_rows,
		               plan->key_text);
		return pawl_error_hint(error, "set it at the source; or null_keys: include, which reads them at every sync");
	}
	if (bounds->null_rows > 0)
		sync->hooks->ignored(sync->hooks->context, sync->index, bounds->null_rows);
	if (bounds->ahead_rows > 0)
		pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "they are read again at every sync until their time has come; see max_ahead",
		               "%" PRId64 " rows have a key in the future, up to %s", bounds->ahead_rows, bounds->newest.text);
	return PAWL_OK;
}

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
			PAWL_TRY(pawl_replica_change_type(sync->replica, &plan->target, column->name, column->type, error));
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
	pawl_buffer_append(&text, or_empty(plan->state.new_columns));
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

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

pawl_status pawl_replicate_begin_read(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position, pawl_error *error)
{
	PAWL_TRY(pawl_replica_set_text(&reading->after, position, error));
	reading->read.after = reading->after;
	return sync->source->driver->read_begin(sync->source, &reading->read, error);
}

pawl_status pawl_replicate_renew_snapshot(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position,
                                          pawl_error *error)
{
	const pawl_source_driver *driver = sync->source->driver;
	int64_t now_us = pawl_time_monotonic_us();

	if (driver->version != NULL || position == NULL || reading->read.order == PAWL_ORDER_NONE ||
	    now_us - reading->begun_us < sync->job->max_snapshot_us / 2)
		return PAWL_OK;
	driver->read_end(sync->source);
	driver->snapshot_end(sync->source);
	PAWL_TRY(pawl_replicate_snapshot(sync, error));
	reading->begun_us = now_us;
	return pawl_replicate_begin_read(sync, reading, position, error);
}

void pawl_replicate_end_read(pawl_table_sync *sync, pawl_replicate_reading *reading)
{
	sync->source->driver->read_end(sync->source);
	pawl_free(PAWL_TAKE(reading->after));
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

/* About what a value takes in memory before it is compressed. */
static int64_t row_bytes(const pawl_table_plan *plan)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < plan->target.column_count; i++)
		bytes += strchr(plan->target.columns[i].type, '(') != NULL || strcmp(plan->target.columns[i].type, "VARCHAR") == 0 ? 32 : 8;
	return bytes;
}

/* Rows of a wide table are committed in smaller windows: what a transaction adds to a row group stays in memory. */
static int64_t fit_rows(const pawl_table_sync *sync, int64_t wanted)
{
	int64_t most_bytes = sync->job->memory_limit_bytes / 8;
	int64_t most_rows = most_bytes / row_bytes(sync->plan);

	return most_rows >= ROW_GROUP_ROWS || wanted <= most_rows ? wanted : most_rows;
}

pawl_window_limit pawl_replicate_limit(const pawl_table_sync *sync, pawl_order order)
{
	const pawl_table_settings *settings = &sync->plan->settings;
	bool has_version = sync->source->driver->version != NULL;
	bool is_given = (settings->given & pawl_field_bit("window_rows")) != 0;
	pawl_window_limit limit = {.rows = fit_rows(sync, settings->window_rows), .us = WINDOW_US};

	if (order == PAWL_ORDER_NONE && !has_version && !is_given)
		limit = (pawl_window_limit) {.rows = INT64_MAX, .us = TELLING_US};
	/* See pawl_replicate_renew_snapshot: the rest is for the window's commit. */
	if (order != PAWL_ORDER_NONE && !has_version && limit.us > sync->job->max_snapshot_us / 4)
		limit.us = sync->job->max_snapshot_us / 4;
	return limit;
}

void pawl_replicate_grow_limit(const pawl_table_sync *sync, int64_t took_us, pawl_window_limit *limit)
{
	bool is_given = (sync->plan->settings.given & pawl_field_bit("window_rows")) != 0;

	if (!is_given && took_us < SHORT_WINDOW_US && limit->rows < INT64_MAX / WINDOW_GROWTH)
		limit->rows = fit_rows(sync, limit->rows * WINDOW_GROWTH);
}

pawl_status pawl_replicate_read_window(pawl_table_sync *sync, const pawl_window_limit *limit, pawl_replicate_consume *consume,
                                       pawl_window *ret_window, pawl_error *error)
{
	const pawl_source_driver *driver = sync->source->driver;
	const char *relation;
	pawl_window window = {0};
	pawl_error end_error;
	int64_t rows = 0;

	PAWL_TRY(driver->window_begin(sync->source, limit, &relation, error));
	pawl_status status = consume(sync, relation, &rows, error);
	pawl_status end_status = driver->window_end(sync->source, &window, &end_error);
	/* That not all was read is a matter of course when the statement failed by itself. */
	if (end_status != PAWL_OK && (status == PAWL_OK || end_status != PAWL_INTERNAL)) {
		*error = end_error;
		return end_status;
	}
	if (status != PAWL_OK) {
		pawl_free(window.position);
		return status;
	}
	if (window.rows < 0)
		window.rows = rows;
	*ret_window = window;
	return PAWL_OK;
}

/* A constraint that lets NULLs in holds them to differ from each other: of the rows without one it keeps the key unique. */
static void append_doubtful(pawl_buffer *sql, const pawl_table_plan *plan, const char *relation)
{
	const char *separator = " WHERE ";

	pawl_buffer_appendf(sql, "(SELECT * FROM %s", relation);
	for (size_t i = 0; plan->is_unique && i < plan->target.column_count; i++) {
		const pawl_replica_column *column = &plan->target.columns[i];
		if (column->key_rank == 0 || !column->is_nullable)
			continue;
		pawl_buffer_append(sql, separator);
		pawl_buffer_append_identifier(sql, column->name);
		pawl_buffer_append(sql, " IS NULL");
		separator = " OR ";
	}
	pawl_buffer_append_character(sql, ')');
}

pawl_status pawl_replicate_check_unique(pawl_table_sync *sync, const char *relation, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *example = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer doubtful = {0};
	const pawl_table_plan *plan = sync->plan;
	int64_t rows;

	if (plan->mode != PAWL_MODE_UPSERT || (plan->is_unique && plan->is_key_not_null))
		return PAWL_OK;
	append_doubtful(&doubtful, plan, relation);
	PAWL_TRY(pawl_buffer_status(&doubtful, error));
	PAWL_TRY(pawl_replica_count_duplicates(sync->replica, &plan->target, pawl_buffer_text(&doubtful), &rows, &example, error));
	if (rows == 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the primary key (%s) is not unique: %" PRId64 " rows share theirs with another one, as (%s)",
	               or_empty(plan->state.primary_key), rows, or_empty(example));
	return pawl_error_hint(error, "name all columns that tell rows apart, or use mode: append or replace");
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static pawl_status run_phase(pawl_table_sync *sync, pawl_error *error)
{
	switch (sync->plan->phase) {
	case PAWL_PHASE_BACKFILL:
		return pawl_replicate_backfill(sync, error);
	case PAWL_PHASE_INCREMENTAL:
		return pawl_replicate_incremental(sync, error);
	case PAWL_PHASE_REFRESH:
		return pawl_replicate_refresh(sync, error);
	case PAWL_PHASE_NONE:
		break;
	}
	return pawl_error_set(error, PAWL_INTERNAL, "the table has no phase");
}

/* A value did not fit its column's type: the column becomes text, in which each value is kept exactly. */
static pawl_status widen_misfit(pawl_table_sync *sync, bool *ret_is_widened, pawl_error *error)
{
	pawl_table_plan *plan = sync->plan;
	pawl_misfit misfit = {0};

	*ret_is_widened = false;
	if (sync->source->driver->misfit != NULL && plan->settings.misfits == PAWL_MISFITS_TEXT)
		misfit = sync->source->driver->misfit(sync->source);
	if (!misfit.is_there || misfit.column >= plan->target.column_count || plan->columns[misfit.column].as_text)
		return PAWL_OK;
	pawl_replica_column *column = &plan->target.columns[misfit.column];
	plan->columns[misfit.column].as_text = true;
	*ret_is_widened = true;
	if (strcmp(column->type, "VARCHAR") == 0) /* of which it was no text: a blob */
		return PAWL_OK;
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, "misfits: error refuses such values instead", "column '%s' becomes text: %s", column->name,
	               error->message);
	pawl_column_change *grown = pawl_reallocate(plan->changes, (plan->change_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	plan->changes = grown;
	grown[plan->change_count++] = (pawl_column_change) {.column = misfit.column};
	return pawl_replica_set_text(&column->type, "VARCHAR", error);
}

static void end_reading(pawl_table_sync *sync)
{
	pawl_error ignored;

	pawl_replica_rollback(sync->replica);
	(void) pawl_replica_unstage(sync->replica, &ignored);
	sync->source->driver->read_end(sync->source);
	sync->source->driver->snapshot_end(sync->source);
}

/* One phase, with as many columns made text as it needs. */
static pawl_status run_to_end(pawl_table_sync *sync, pawl_error *error)
{
	for (;;) {
		pawl_status status = run_phase(sync, error);
		bool is_widened = false;
		if (status != PAWL_OK && status != PAWL_INTERRUPTED)
			status = widen_misfit(sync, &is_widened, error) == PAWL_OK ? status : error->status;
		end_reading(sync);
		if (!is_widened)
			return status;
	}
}

pawl_status pawl_replicate_table(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_TRY(run_to_end(sync, error));
	if (!sync->is_behind)
		return PAWL_OK;
	if (sync->hooks->is_stopping(sync->hooks->context))
		return pawl_replicate_stopped(error);
	sync->is_behind = false;
	sync->plan->phase = PAWL_PHASE_INCREMENTAL;
	return run_to_end(sync, error);
}
