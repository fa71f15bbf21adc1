#include <stdatomic.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/time.h"
#include "replicate/run/internal.h"

#define LOCK_EVERY_US INT64_C(500000)

static atomic_bool is_stop_requested;

void pawl_sync_request_stop(void)
{
	atomic_store(&is_stop_requested, true);
}

bool pawl_replicate_run_is_stopping(const pawl_replicate_run *run)
{
	const pawl_sync_observer *observer = run->observer;

	return atomic_load(&is_stop_requested) || (run->deadline_us > 0 && pawl_time_monotonic_us() >= run->deadline_us) ||
	       (observer->is_wanted != NULL && !observer->is_wanted(observer->context));
}

static void tell_notice(pawl_replicate_run *run, pawl_notice_level level, const char *table, const char *message, const char *hint)
{
	run->warnings += level == PAWL_NOTICE_WARNING;
	if (run->observer->notice != NULL)
		run->observer->notice(run->observer->context, level, table, message, hint);
}

static void tell_change(pawl_replicate_run *run, size_t index)
{
	if (run->observer->table_changed != NULL)
		run->observer->table_changed(run->observer->context, run->reports, run->plan.table_count, index);
}

/* ---- hooks ----------------------------------------------------------------------------------------------------------- */

static bool hook_is_stopping(void *context)
{
	return pawl_replicate_run_is_stopping(context);
}

static void hook_notice(void *context, size_t table, pawl_notice_level level, const char *message, const char *hint)
{
	pawl_replicate_run *run = context;
	pthread_mutex_lock(&run->mutex);
	tell_notice(run, level, run->plan.tables[table].source_name, message, hint);
	pthread_mutex_unlock(&run->mutex);
}

static void hook_window(void *context, size_t table, const pawl_replicate_window *window)
{
	pawl_replicate_run *run = context;
	pawl_table_report *report = &run->reports[table];

	pthread_mutex_lock(&run->mutex);
	report->rows_read += window->rows_read;
	report->rows_written += window->rows_written;
	report->windows++;
	report->applying_us += window->applying_us;
	if (window->bytes >= 0)
		report->bytes_read = (report->bytes_read < 0 ? 0 : report->bytes_read) + window->bytes;
	if (run->observer->window != NULL)
		run->observer->window(run->observer->context, run->reports, run->plan.table_count, table);
	pthread_mutex_unlock(&run->mutex);
}

static pawl_status set_cursor(pawl_replicate_run *run, size_t table, const char *from, const char *to, pawl_error *error)
{
	pawl_replicate_texts *texts = &run->texts[table];
	pawl_status status = texts->is_cursor_known ? PAWL_OK : pawl_replica_set_text(&texts->cursor_from, from, error);
	texts->is_cursor_known = true; /* that of the run's first pass */
	if (status == PAWL_OK)
		status = pawl_replica_set_text(&texts->cursor_to, to, error);
	run->reports[table].cursor_from = texts->cursor_from;
	run->reports[table].cursor_to = texts->cursor_to;
	return status;
}

static pawl_status hook_cursor(void *context, size_t table, const char *from, const char *to, pawl_error *error)
{
	pawl_replicate_run *run = context;
	pthread_mutex_lock(&run->mutex);
	pawl_status status = set_cursor(run, table, from, to, error);
	pthread_mutex_unlock(&run->mutex);
	return status;
}

static void hook_expect(void *context, size_t table, int64_t estimated_rows)
{
	pawl_replicate_run *run = context;
	pthread_mutex_lock(&run->mutex);
	run->reports[table].estimated_rows = estimated_rows;
	pthread_mutex_unlock(&run->mutex);
}

static void hook_ignored(void *context, size_t table, int64_t rows)
{
	pawl_replicate_run *run = context;
	pthread_mutex_lock(&run->mutex);
	run->reports[table].null_keys_ignored = rows;
	pthread_mutex_unlock(&run->mutex);
}

pawl_replicate_hooks pawl_replicate_run_hooks(pawl_replicate_run *run)
{
	return (pawl_replicate_hooks) {run, hook_is_stopping, hook_notice, hook_window, hook_cursor, hook_expect, hook_ignored};
}

/* ---- a table --------------------------------------------------------------------------------------------------------- */

static void tell_plan(pawl_replicate_run *run, size_t index)
{
	const pawl_table_plan *plan = &run->plan.tables[index];
	for (size_t i = 0; i < plan->notice_count; i++)
		if (plan->notices[i].level == PAWL_NOTICE_WARNING || plan->phase != PAWL_PHASE_INCREMENTAL || plan->change_count > 0)
			tell_notice(run, plan->notices[i].level, plan->source_name, plan->notices[i].message, plan->notices[i].hint);
}

void pawl_replicate_run_begin_table(pawl_replicate_run *run, size_t index)
{
	pawl_table_report *report = &run->reports[index];

	pthread_mutex_lock(&run->mutex);
	report->outcome = PAWL_TABLE_IN_FLIGHT;
	report->started_us = pawl_time_monotonic_us();
	tell_change(run, index);
	if (run->plan.tables[index].error.status == PAWL_OK)
		tell_plan(run, index);
	pthread_mutex_unlock(&run->mutex);
}

void pawl_replicate_run_end_table(pawl_replicate_run *run, size_t index, pawl_status status)
{
	pawl_table_report *report = &run->reports[index];

	pthread_mutex_lock(&run->mutex);
	report->outcome = status == PAWL_OK ? PAWL_TABLE_DONE : status == PAWL_INTERRUPTED ? PAWL_TABLE_STOPPED : PAWL_TABLE_FAILED;
	report->ended_us = pawl_time_monotonic_us();
	if (report->outcome == PAWL_TABLE_FAILED)
		report->error = &run->texts[index].error;
	tell_change(run, index);
	pthread_mutex_unlock(&run->mutex);
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

void pawl_replicate_run_tell_start(pawl_replicate_run *run)
{
	if (run->observer->started != NULL)
		run->observer->started(run->observer->context, run->job->source_display, run->job->destination, run->reports,
		                       run->plan.table_count);
}

/* What `pawl status` says meanwhile. */
static void write_progress(pawl_replicate_run *run)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	static const char *const outcomes[] = {"waiting", "in_flight", "done", "stopped", "failed"};

	pawl_buffer_append(&text, "{\"tables\":[");
	for (size_t i = 0; i < run->plan.table_count; i++) {
		const pawl_table_report *report = &run->reports[i];
		pawl_buffer_append(&text, i == 0 ? "{\"table\":" : ",{\"table\":");
		pawl_buffer_append_json(&text, report->source_name, strlen(report->source_name));
		pawl_buffer_appendf(&text, ",\"phase\":\"%s\",\"outcome\":\"%s\",\"rows_read\":%lld,\"rows_written\":%lld}",
		                    pawl_phase_names[report->phase], outcomes[report->outcome], (long long) report->rows_read,
		                    (long long) report->rows_written);
	}
	pawl_buffer_append(&text, "]}");
	if (!text.has_failed)
		pawl_lock_write(run->lock, pawl_buffer_text(&text));
}

void pawl_replicate_run_tell_progress(pawl_replicate_run *run)
{
	int64_t now_us = pawl_time_monotonic_us();

	if (run->observer->progress != NULL)
		run->observer->progress(run->observer->context, run->reports, run->plan.table_count);
	if (run->lock != NULL && now_us >= run->lock_due_us) {
		run->lock_due_us = now_us + LOCK_EVERY_US;
		write_progress(run);
	}
}
