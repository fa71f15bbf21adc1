/* One table, phase after phase. */
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/run/sync.h"

void pawl_replicate_tell(const pawl_table_sync *sync, pawl_notice_level level, const char *hint, const char *format, ...)
{
	char message[PAWL_PLAN_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	pawl_text_format_va(message, sizeof(message), format, arguments);
	va_end(arguments);
	sync->hooks->notice(sync->hooks->context, sync->index, level, message, hint);
}

pawl_status pawl_replicate_stopped(pawl_error *error)
{
	pawl_error_set(error, PAWL_INTERRUPTED, "stopped before the end; what is committed is kept");
	return pawl_error_hint(error, "run it again to go on");
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

/* What was read as a time is not what the source has: its text is the time's. */
static const char *find_form(const pawl_table_sync *sync, size_t column)
{
	const pawl_read_column *read = &sync->plan->columns[column];

	if (sync->source->driver->text_form == NULL || read->format != PAWL_FORMAT_NONE)
		return NULL;
	return sync->source->driver->text_form(sync->plan->source->columns[read->index].native_type);
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
	grown[plan->change_count++] = (pawl_column_change) {.column = misfit.column, .form = find_form(sync, misfit.column)};
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
