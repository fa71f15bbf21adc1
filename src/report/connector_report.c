#include "report/connector_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/line.h"
#include "report/verdict.h"

/* A connector may checkpoint thousands of times a second. */
#define CHECKPOINT_INTERVAL_US INT64_C(1000000)

static const struct level {
	const char *name;
	pawl_color color;
} levels[] = {
	[PAWL_LOG_DEBUG] = {"DEBUG", PAWL_COLOR_DIM},        [PAWL_LOG_FINE] = {"FINE", PAWL_COLOR_DIM},
	[PAWL_LOG_INFO] = {"INFO", PAWL_COLOR_NONE},         [PAWL_LOG_WARNING] = {"WARNING", PAWL_COLOR_YELLOW},
	[PAWL_LOG_SEVERE] = {"SEVERE", PAWL_COLOR_RED},
};

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

static struct level find_level(pawl_log_level level)
{
	size_t index = (size_t) level;
	if (index < sizeof(levels) / sizeof(levels[0]) && levels[index].name != NULL)
		return levels[index];
	return levels[PAWL_LOG_INFO];
}

static void begin_line_of(pawl_connector_report *report, pawl_log_level level, int64_t utc_us)
{
	struct level shown = find_level(level);
	pawl_progress_erase(&report->progress);
	pawl_line_begin(report->out, &report->terminal, utc_us, shown.name, shown.color);
}

static void begin_line(pawl_connector_report *report, pawl_log_level level)
{
	begin_line_of(report, level, pawl_time_now_us());
}

/* `bytes` are those of the whole state; `state` may be cut already, to those that are shown. */
static void print_state(pawl_connector_report *report, const char *state, size_t bytes)
{
	if (bytes <= PAWL_REPORT_STATE_BYTES) {
		pawl_format_print(report->out, state, bytes);
		return;
	}
	pawl_format_print(report->out, state, pawl_text_valid_utf8(state, PAWL_REPORT_STATE_BYTES));
	fprintf(report->out, "... (%zu bytes)", bytes);
}

/* ---- the observer ---------------------------------------------------------------------------------------------------- */

static void on_started(void *context, const char *connector, const char *warehouse, const char *schema, const char *state)
{
	pawl_connector_report *report = context;
	report->has_started = true;
	begin_line(report, PAWL_LOG_INFO);
	fputs("pawl: sync of connector ", report->out);
	pawl_line_print(report->out, connector);
	pawl_line_end(report->out);
	begin_line(report, PAWL_LOG_INFO);
	fputs("pawl: destination schema path: ", report->out);
	pawl_line_print(report->out, warehouse);
	fputs(" (schema=", report->out);
	pawl_line_print(report->out, schema);
	fputc(')', report->out);
	pawl_line_end(report->out);
	begin_line(report, PAWL_LOG_INFO);
	fputs("pawl: previous state: ", report->out);
	print_state(report, state, strlen(state));
	pawl_line_end(report->out);
}

static void on_log(void *context, pawl_log_level level, const char *message)
{
	pawl_connector_report *report = context;
	begin_line(report, level);
	pawl_line_print(report->out, message);
	pawl_line_end(report->out);
}

static void on_notice(void *context, pawl_log_level level, const char *message)
{
	pawl_connector_report *report = context;
	begin_line(report, level);
	fputs("pawl: ", report->out);
	pawl_line_print(report->out, message);
	pawl_line_end(report->out);
}

static void on_schema_change(void *context, const char *table, const char *change)
{
	pawl_connector_report *report = context;
	begin_line(report, PAWL_LOG_INFO);
	fputs("pawl: schema change detected: ", report->out);
	pawl_line_print(report->out, table);
	fputc(' ', report->out);
	pawl_line_print(report->out, change);
	pawl_line_end(report->out);
}

static void show_progress(pawl_connector_report *report, const pawl_run_counts *counts, int64_t now_us)
{
	report->rows = counts->upserts + counts->updates + counts->deletes;
	if (!pawl_progress_is_due(&report->progress, now_us))
		return;
	if (!report->terminal.is_live) {
		char text[PAWL_PROGRESS_BYTES];
		pawl_progress_format(&report->progress, report->rows, now_us, text);
		on_notice(report, PAWL_LOG_INFO, text);
	}
	pawl_progress_draw(&report->progress, report->rows, now_us);
}

static void on_progress(void *context, const pawl_run_counts *counts)
{
	show_progress(context, counts, pawl_time_monotonic_us());
}

static void keep_checkpoint(pawl_connector_report *report, int64_t number, const char *state)
{
	struct pawl_report_checkpoint *kept = &report->untold;
	kept->number = number;
	kept->at_us = pawl_time_now_us();
	kept->state_bytes = strlen(state);
	size_t shown = kept->state_bytes < PAWL_REPORT_STATE_BYTES ? kept->state_bytes : PAWL_REPORT_STATE_BYTES;
	memcpy(kept->state, state, shown);
	kept->state[shown] = '\0';
}

static void tell_checkpoint(pawl_connector_report *report)
{
	const struct pawl_report_checkpoint *kept = &report->untold;
	if (kept->number == 0)
		return;
	begin_line_of(report, PAWL_LOG_INFO, kept->at_us);
	fprintf(report->out, "pawl: checkpoint %" PRId64 ": ", kept->number);
	print_state(report, kept->state, kept->state_bytes);
	pawl_line_end(report->out);
	report->untold.number = 0;
}

static void on_checkpoint(void *context, const pawl_run_counts *counts, const char *state)
{
	pawl_connector_report *report = context;
	int64_t now_us = pawl_time_monotonic_us();
	keep_checkpoint(report, counts->checkpoints, state);
	if (now_us >= report->next_checkpoint_us) {
		report->next_checkpoint_us = now_us + CHECKPOINT_INTERVAL_US;
		tell_checkpoint(report);
	}
	show_progress(report, counts, now_us);
}

pawl_run_observer pawl_connector_report_begin_on(pawl_connector_report *report, FILE *out, const pawl_terminal *terminal)
{
	*report = (pawl_connector_report){.out = out, .terminal = *terminal};
	pawl_progress_begin(&report->progress, out, terminal, pawl_time_monotonic_us());
	return (pawl_run_observer){
		.context = report,
		.started = on_started,
		.log = on_log,
		.notice = on_notice,
		.schema_change = on_schema_change,
		.progress = on_progress,
		.checkpoint = on_checkpoint,
	};
}

pawl_run_observer pawl_connector_report_begin(pawl_connector_report *report, FILE *out)
{
	pawl_terminal terminal = pawl_terminal_detect(out);
	return pawl_connector_report_begin_on(report, out, &terminal);
}

void pawl_connector_report_end(pawl_connector_report *report)
{
	tell_checkpoint(report);
	pawl_progress_erase(&report->progress);
	fflush(report->out);
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

/* Of a connector that was stopped nobody knows whether its next sync goes on. */
static pawl_verdict verdict_of(bool has_succeeded)
{
	return has_succeeded ? PAWL_VERDICT_SUCCEEDED : PAWL_VERDICT_FAILED;
}

static void print_verdict(const pawl_connector_report *report, const pawl_run_result *result, pawl_verdict verdict)
{
	char elapsed[PAWL_FORMAT_BYTES], rows[PAWL_FORMAT_BYTES], rate[PAWL_FORMAT_BYTES], memory[PAWL_FORMAT_BYTES];
	char discarded[PAWL_FORMAT_BYTES];
	pawl_format_duration(result->elapsed_us, elapsed);
	pawl_format_rows(result->committed_rows, rows);
	pawl_format_rows(pawl_format_rate(result->committed_rows, result->elapsed_us), rate);
	pawl_format_rows(result->discarded_rows, discarded);
	pawl_format_size(result->peak_memory_bytes, memory);
	pawl_verdict_print(report->out, &report->terminal, verdict);
	if (verdict == PAWL_VERDICT_SUCCEEDED)
		fprintf(report->out, " in %s: %s, %s/s, peak memory %s\n", elapsed, rows, rate, memory);
	else
		fprintf(report->out, " in %s: %s committed, %s discarded, peak memory %s\n", elapsed, rows, discarded, memory);
}

static void print_calls(FILE *out, const pawl_run_counts *counts)
{
	const struct {
		const char *operation;
		int64_t calls;
	} rows[] = {
		{"Upserts", counts->upserts},
		{"Updates", counts->updates},
		{"Deletes", counts->deletes},
		{"Truncates", counts->truncates},
		{"SchemaChanges", counts->schema_changes},
		{"Checkpoints", counts->checkpoints},
		{"Warnings", counts->warnings},
	};
	fputs("\nSYNC PROGRESS:\n"
	      "Operation     |        Calls\n"
	      "------------- + ------------\n",
	      out);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char calls[PAWL_FORMAT_BYTES];
		pawl_format_count(rows[i].calls, calls);
		fprintf(out, "%-13s | %12s\n", rows[i].operation, calls);
	}
	fputc('\n', out);
}

void pawl_connector_report_print(const pawl_connector_report *report, const pawl_run_result *result, pawl_status status)
{
	pawl_verdict verdict = verdict_of(status == PAWL_OK);
	if (report->has_started) {
		print_calls(report->out, &result->counts);
		print_verdict(report, result, verdict);
	} else {
		pawl_verdict_print(report->out, &report->terminal, PAWL_VERDICT_FAILED);
		fputs(" before it started\n", report->out);
	}
	fflush(report->out);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------ */

/* JSON may be broken into lines between its tokens alone, so that a blank can stand for each line end. */
static void append_state(pawl_buffer *json, const char *state)
{
	pawl_fields_append_name(json, "state");
	size_t start = json->length;
	pawl_buffer_append(json, state != NULL ? state : "null");
	for (size_t i = start; i < json->length; i++)
		if (json->text[i] == '\n' || json->text[i] == '\r')
			json->text[i] = ' ';
}

static void append_operations(pawl_buffer *json, const pawl_run_counts *counts)
{
	pawl_fields_append_name(json, "operations");
	pawl_buffer_append(json, "{");
	pawl_fields_append_integer(json, "upserts", counts->upserts);
	pawl_fields_append_integer(json, "updates", counts->updates);
	pawl_fields_append_integer(json, "deletes", counts->deletes);
	pawl_fields_append_integer(json, "truncates", counts->truncates);
	pawl_buffer_append(json, "}");
}

pawl_status pawl_connector_report_print_json(FILE *out, const pawl_run_result *result, const pawl_error *run_error,
                                             pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	const pawl_run_counts *counts = &result->counts;
	pawl_buffer_append(&json, "{");
	pawl_fields_append_text(&json, "status", pawl_verdict_names[verdict_of(run_error == NULL)]);
	append_operations(&json, counts);
	pawl_fields_append_integer(&json, "schema_changes", counts->schema_changes);
	pawl_fields_append_integer(&json, "checkpoints", counts->checkpoints);
	pawl_fields_append_integer(&json, "warnings", counts->warnings);
	pawl_fields_append_integer(&json, "rows_committed", result->committed_rows);
	pawl_fields_append_integer(&json, "rows_discarded", result->discarded_rows);
	pawl_fields_append_integer(&json, "rows_per_second", pawl_format_rate(result->committed_rows, result->elapsed_us));
	pawl_fields_append_seconds(&json, "elapsed_seconds", result->elapsed_us);
	pawl_fields_append_integer(&json, "peak_memory_bytes", result->peak_memory_bytes);
	append_state(&json, result->state);
	pawl_fields_append_error(&json, "error", run_error);
	pawl_buffer_append(&json, "}\n");
	PAWL_TRY(pawl_buffer_status(&json, error));
	fwrite(json.text, 1, json.length, out);
	return PAWL_OK;
}
