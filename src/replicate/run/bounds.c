/* The snapshot of a pass, and where keys stand in it. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/run/sync.h"

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

/* A key without a promise is read as well as can be. */
static void tell_other_form(pawl_table_sync *sync, const pawl_bounds *bounds)
{
	char reason[PAWL_PLAN_TEXT_BYTES];

	pawl_text_format(reason, sizeof(reason), "keys are written in more than one way, as '%s' and '%s', and do not compare "
	                 "as times do",
	                 bounds->newest.text, bounds->other_form.text);
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING,
	                    "write them in one way, or name a generated column that does as the key; then --full-refresh",
	                    "rows may be missed: %s", reason);
	pawl_plan_no_guarantee(sync->plan, reason);
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
	if (bounds->other_form.text != NULL)
		tell_other_form(sync, bounds);
	return PAWL_OK;
}
