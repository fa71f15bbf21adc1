#include "report/sync_events.h"

#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/sync_json.h"
#include "report/sync_live.h"

#define PROGRESS_INTERVAL_US INT64_C(1000000)

static const char *const level_names[] = {[PAWL_NOTICE_INFO] = "info", [PAWL_NOTICE_WARNING] = "warning"};

static void begin_event(pawl_sync_report *report, pawl_buffer *json, const char *event)
{
	char time[PAWL_TIME_TEXT_BYTES];
	pawl_time_format_utc(report->clock.utc_us(), time);
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "event", event);
	pawl_fields_append_text(json, "time", time);
}

/* An event is written whole or not at all; that one is missing is said at the end. */
static void end_event(pawl_sync_report *report, pawl_buffer *json)
{
	pawl_buffer_append(json, "}\n");
	if (json->has_failed) {
		report->has_failed = true;
		return;
	}
	fwrite(json->text, 1, json->length, report->out);
	fflush(report->out);
}

static void on_started(void *context, const char *source, const char *destination, const pawl_table_report *tables,
                       size_t count)
{
	pawl_sync_report *report = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	report->has_started = true;
	begin_event(report, &json, "started");
	pawl_fields_append_text(&json, "source", source);
	pawl_fields_append_text(&json, "destination", destination);
	pawl_fields_append_name(&json, "tables");
	pawl_buffer_append(&json, "[");
	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&json, i > 0 ? "," : "");
		pawl_buffer_append_json(&json, tables[i].source_name, strlen(tables[i].source_name));
	}
	pawl_buffer_append(&json, "]");
	end_event(report, &json);
}

static void on_table_changed(void *context, const pawl_table_report *tables, size_t count, size_t index)
{
	pawl_sync_report *report = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	(void) count;
	begin_event(report, &json, "table");
	pawl_fields_append_name(&json, "table");
	pawl_sync_json_append_table(&json, &tables[index], report->clock.monotonic_us());
	end_event(report, &json);
}

static void append_in_flight(pawl_buffer *json, const pawl_table_report *table, int64_t now_us)
{
	pawl_buffer_append(json, "{");
	pawl_fields_append_text(json, "source_name", table->source_name);
	pawl_fields_append_text(json, "phase", pawl_phase_names[table->phase]);
	pawl_fields_append_known(json, "estimated_rows", table->estimated_rows);
	pawl_fields_append_integer(json, "rows_read", table->rows_read);
	pawl_fields_append_integer(json, "rows_written", table->rows_written);
	pawl_fields_append_known(json, "bytes_read", table->bytes_read);
	pawl_sync_json_append_elapsed(json, table, now_us);
	pawl_buffer_append(json, "}");
}

static void append_all_in_flight(pawl_buffer *json, const pawl_table_report *tables, size_t count, int64_t now_us)
{
	const char *comma = "";
	pawl_fields_append_name(json, "tables");
	pawl_buffer_append(json, "[");
	for (size_t i = 0; i < count; i++) {
		if (tables[i].outcome != PAWL_TABLE_IN_FLIGHT)
			continue;
		pawl_buffer_append(json, comma);
		append_in_flight(json, &tables[i], now_us);
		comma = ",";
	}
	pawl_buffer_append(json, "]");
}

static void on_progress(void *context, const pawl_table_report *tables, size_t count)
{
	pawl_sync_report *report = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	int64_t now_us = report->clock.monotonic_us();
	if (now_us < report->due_us)
		return;
	report->due_us = now_us + PROGRESS_INTERVAL_US;
	pawl_sync_totals totals = pawl_sync_totals_of(tables, count);
	int64_t elapsed_us = now_us - report->started_us;
	begin_event(report, &json, "progress");
	pawl_fields_append_integer(&json, "tables_total", (int64_t) totals.tables);
	pawl_fields_append_integer(&json, "tables_ended", (int64_t) totals.ended);
	pawl_fields_append_integer(&json, "tables_failed", (int64_t) totals.failed);
	pawl_fields_append_integer(&json, "rows_read", totals.rows_read);
	pawl_fields_append_integer(&json, "rows_written", totals.rows_written);
	pawl_fields_append_integer(&json, "rows_per_second", pawl_format_rate(totals.rows_read, elapsed_us));
	pawl_fields_append_seconds(&json, "elapsed_seconds", elapsed_us);
	append_all_in_flight(&json, tables, count, now_us);
	end_event(report, &json);
}

static void on_window(void *context, const pawl_table_report *tables, size_t count, size_t index)
{
	pawl_sync_report *report = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	const pawl_table_report *table = &tables[index];
	(void) count;
	begin_event(report, &json, "window");
	pawl_fields_append_text(&json, "source_name", table->source_name);
	pawl_fields_append_integer(&json, "windows", table->windows);
	pawl_fields_append_integer(&json, "rows_read", table->rows_read);
	pawl_fields_append_integer(&json, "rows_written", table->rows_written);
	pawl_fields_append_text(&json, "cursor_to", table->cursor_to);
	end_event(report, &json);
}

static void on_notice(void *context, pawl_notice_level level, const char *table, const char *message, const char *hint)
{
	pawl_sync_report *report = context;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	begin_event(report, &json, "notice");
	pawl_fields_append_text(&json, "level", level_names[level]);
	pawl_fields_append_text(&json, "table", table);
	pawl_fields_append_text(&json, "message", message);
	pawl_fields_append_text(&json, "hint", *hint != '\0' ? hint : NULL);
	end_event(report, &json);
}

pawl_sync_observer pawl_sync_events_observer(pawl_sync_report *report)
{
	return (pawl_sync_observer){
		.context = report,
		.started = on_started,
		.table_changed = on_table_changed,
		.progress = on_progress,
		.window = on_window,
		.notice = on_notice,
	};
}

pawl_status pawl_sync_events_finish(pawl_sync_report *report, const pawl_sync_result *result, const pawl_error *run_error,
                                    pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	begin_event(report, &json, "finished");
	pawl_sync_json_append_result(&json, result, run_error, report->clock.monotonic_us());
	end_event(report, &json);
	return report->has_failed ? pawl_error_out_of_memory(error) : PAWL_OK;
}
