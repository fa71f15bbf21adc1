#include "report/sync_report.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/time.h"
#include "report/format.h"
#include "report/line.h"
#include "report/sync_events.h"
#include "report/sync_live.h"
#include "report/sync_summary.h"

#define LIVE_INTERVAL_US  INT64_C(100000)
#define PLAIN_INTERVAL_US INT64_C(10000000) /* of a table in flight, between its lines */

const char *const pawl_report_style_names[] = {
	[PAWL_REPORT_AUTO] = "auto", [PAWL_REPORT_LIVE] = "live", [PAWL_REPORT_PLAIN] = "plain",
	[PAWL_REPORT_JSON] = "json", [PAWL_REPORT_NONE] = "none", NULL,
};

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

typedef enum line_level { LINE_INFO, LINE_WARNING, LINE_ERROR } line_level;

static const struct {
	const char *name;
	pawl_color color;
} levels[] = {
	[LINE_INFO] = {"INFO", PAWL_COLOR_NONE},
	[LINE_WARNING] = {"WARNING", PAWL_COLOR_YELLOW},
	[LINE_ERROR] = {"ERROR", PAWL_COLOR_RED},
};

static void begin_line(pawl_sync_report *report, line_level level)
{
	pawl_board_erase(&report->board);
	pawl_line_begin(report->out, &report->terminal, report->clock.utc_us(), levels[level].name, levels[level].color);
}

/* A line about a table: "main.orders: ". */
static void begin_line_of(pawl_sync_report *report, line_level level, const char *table)
{
	begin_line(report, level);
	pawl_line_print(report->out, table);
	fputs(": ", report->out);
}

static void print_hint(pawl_sync_report *report, line_level level, const char *hint)
{
	if (*hint == '\0')
		return;
	begin_line(report, level);
	fputs("hint: ", report->out);
	pawl_line_print(report->out, hint);
	pawl_line_end(report->out);
}

/* "main.orders: backfill of about 5,000,000 rows, upsert by updated_at" */
static void print_table_start(pawl_sync_report *report, const pawl_table_report *table)
{
	char rows[PAWL_FORMAT_BYTES];
	begin_line_of(report, LINE_INFO, table->source_name);
	fputs(pawl_phase_names[table->phase], report->out);
	if (table->estimated_rows >= 0) {
		pawl_format_rows(table->estimated_rows, rows);
		fprintf(report->out, " of about %s", rows);
	}
	fprintf(report->out, ", %s", pawl_mode_names[table->mode]);
	if (table->key != NULL) {
		fputs(" by ", report->out);
		pawl_line_print(report->out, table->key);
	}
	pawl_line_end(report->out);
}

/* "1,234 rows, 3 rows with a NULL key left out, guarantee exact" */
static void print_table_result(pawl_sync_report *report, const pawl_table_report *table)
{
	char rows[PAWL_FORMAT_BYTES], written[PAWL_FORMAT_BYTES], ignored[PAWL_FORMAT_BYTES];
	pawl_format_rows(table->rows_read, rows);
	fputs(rows, report->out);
	if (table->rows_written != table->rows_read) {
		pawl_format_count(table->rows_written, written);
		fprintf(report->out, " read, %s written", written);
	}
	if (table->null_keys_ignored > 0) {
		pawl_format_rows(table->null_keys_ignored, ignored);
		fprintf(report->out, ", %s with a NULL key left out", ignored);
	}
	if (table->guarantee != NULL) {
		fputs(", guarantee ", report->out);
		pawl_line_print(report->out, table->guarantee);
	}
}

/* "main.orders: backfill done in 40.17 s: 5,000,123 rows, guarantee exact" */
static void print_table_end(pawl_sync_report *report, const pawl_table_report *table)
{
	static const struct {
		line_level level;
		const char *words;
	} ends[] = {
		[PAWL_TABLE_DONE] = {LINE_INFO, "done in"},
		[PAWL_TABLE_STOPPED] = {LINE_WARNING, "stopped after"},
		[PAWL_TABLE_FAILED] = {LINE_ERROR, "failed after"},
	};
	char elapsed[PAWL_FORMAT_BYTES];
	line_level level = ends[table->outcome].level;
	pawl_format_duration(pawl_sync_elapsed_us(table, report->clock.monotonic_us()), elapsed);
	begin_line_of(report, level, table->source_name);
	if (table->phase != PAWL_PHASE_NONE)
		fprintf(report->out, "%s ", pawl_phase_names[table->phase]);
	fprintf(report->out, "%s %s: ", ends[table->outcome].words, elapsed);
	print_table_result(report, table);
	pawl_line_end(report->out);
	if (table->error == NULL)
		return;
	begin_line_of(report, level, table->source_name);
	pawl_line_print(report->out, table->error->message);
	pawl_line_end(report->out);
	print_hint(report, level, table->error->hint);
}

/* ---- progress -------------------------------------------------------------------------------------------------------- */

static void draw(pawl_sync_report *report, const pawl_table_report *tables, size_t count, int64_t now_us)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer lines = {0};
	pawl_board *board = &report->board;
	if (now_us < report->due_us)
		return;
	report->due_us = now_us + LIVE_INTERVAL_US;
	pawl_terminal_measure(&board->terminal, board->out);
	pawl_sync_live_append(&lines, tables, count, report->started_us, now_us, pawl_board_width(board),
	                      pawl_board_height(board));
	if (!lines.has_failed)
		pawl_board_draw(board, lines.text);
}

/* A table has a line whenever another ten seconds of its own are over. */
static bool is_line_due(const pawl_table_report *table, int64_t before_us, int64_t now_us)
{
	return table->outcome == PAWL_TABLE_IN_FLIGHT && pawl_sync_elapsed_us(table, now_us) / PLAIN_INTERVAL_US >
	                                                         pawl_sync_elapsed_us(table, before_us) / PLAIN_INTERVAL_US;
}

static void print_due_lines(pawl_sync_report *report, const pawl_table_report *tables, size_t count, int64_t now_us)
{
	for (size_t i = 0; i < count; i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer words = {0};
		if (!is_line_due(&tables[i], report->progress_us, now_us))
			continue;
		pawl_sync_live_append_words(&words, &tables[i], now_us);
		begin_line_of(report, LINE_INFO, tables[i].source_name);
		fputs(pawl_buffer_text(&words), report->out);
		pawl_line_end(report->out);
	}
	report->progress_us = now_us;
}

static void show_progress(pawl_sync_report *report, const pawl_table_report *tables, size_t count)
{
	int64_t now_us = report->clock.monotonic_us();
	if (report->style == PAWL_REPORT_LIVE)
		draw(report, tables, count, now_us);
	else if (report->style == PAWL_REPORT_PLAIN)
		print_due_lines(report, tables, count, now_us);
}

/* ---- the observer ---------------------------------------------------------------------------------------------------- */

static void on_started(void *context, const char *source, const char *destination, const pawl_table_report *tables,
                       size_t count)
{
	pawl_sync_report *report = context;
	char table_count[PAWL_FORMAT_BYTES];
	(void) tables;
	report->has_started = true;
	if (report->style == PAWL_REPORT_NONE)
		return;
	pawl_format_tables((int64_t) count, table_count);
	begin_line(report, LINE_INFO);
	fputs("sync of ", report->out);
	pawl_line_print(report->out, source);
	fputs(" into ", report->out);
	pawl_line_print(report->out, destination);
	fprintf(report->out, ": %s", table_count);
	pawl_line_end(report->out);
}

/* Tables that a stop found waiting are left to the summary: there may be thousands. */
static void tell_change(pawl_sync_report *report, const pawl_table_report *table)
{
	switch (table->outcome) {
	case PAWL_TABLE_WAITING:
		break;
	case PAWL_TABLE_IN_FLIGHT:
		if (report->style == PAWL_REPORT_PLAIN && table->phase != PAWL_PHASE_NONE)
			print_table_start(report, table);
		break;
	case PAWL_TABLE_DONE:
		if (report->style != PAWL_REPORT_NONE)
			print_table_end(report, table);
		break;
	case PAWL_TABLE_STOPPED:
		if (report->style != PAWL_REPORT_NONE && table->started_us != 0)
			print_table_end(report, table);
		break;
	case PAWL_TABLE_FAILED:
		print_table_end(report, table);
		break;
	}
}

static void on_table_changed(void *context, const pawl_table_report *tables, size_t count, size_t index)
{
	tell_change(context, &tables[index]);
	show_progress(context, tables, count);
}

static void on_progress(void *context, const pawl_table_report *tables, size_t count)
{
	show_progress(context, tables, count);
}

static void on_window(void *context, const pawl_table_report *tables, size_t count, size_t index)
{
	(void) index;
	show_progress(context, tables, count);
}

static void on_notice(void *context, pawl_notice_level level, const char *table, const char *message, const char *hint)
{
	pawl_sync_report *report = context;
	line_level shown = level == PAWL_NOTICE_WARNING ? LINE_WARNING : LINE_INFO;
	if (report->style == PAWL_REPORT_NONE && shown == LINE_INFO)
		return;
	if (table != NULL)
		begin_line_of(report, shown, table);
	else
		begin_line(report, shown);
	pawl_line_print(report->out, message);
	pawl_line_end(report->out);
	print_hint(report, shown, hint);
}

/* ---- begin and end --------------------------------------------------------------------------------------------------- */

static void choose_style(pawl_sync_report *report)
{
	if (report->style == PAWL_REPORT_AUTO)
		report->style = report->terminal.is_live ? PAWL_REPORT_LIVE : PAWL_REPORT_PLAIN;
	if (report->style == PAWL_REPORT_LIVE && !report->terminal.is_live)
		report->terminal = pawl_terminal_assume();
}

pawl_sync_observer pawl_sync_report_begin_on(pawl_sync_report *report, FILE *out, pawl_report_style style,
                                             const pawl_terminal *terminal, const pawl_report_clock *clock)
{
	*report = (pawl_sync_report){.out = out, .style = style, .terminal = *terminal, .clock = *clock};
	choose_style(report);
	report->started_us = report->progress_us = clock->monotonic_us();
	report->due_us = report->started_us + LIVE_INTERVAL_US;
	pawl_board_begin(&report->board, out, &report->terminal);
	if (report->style == PAWL_REPORT_JSON)
		return pawl_sync_events_observer(report);
	return (pawl_sync_observer){
		.context = report,
		.started = on_started,
		.table_changed = on_table_changed,
		.progress = on_progress,
		.window = on_window,
		.notice = on_notice,
	};
}

pawl_sync_observer pawl_sync_report_begin(pawl_sync_report *report, FILE *out, pawl_report_style style)
{
	static const pawl_report_clock clock = {pawl_time_now_us, pawl_time_monotonic_us};
	pawl_terminal terminal = pawl_terminal_detect(out);
	return pawl_sync_report_begin_on(report, out, style, &terminal, &clock);
}

void pawl_sync_report_erase(pawl_sync_report *report)
{
	pawl_board_erase(&report->board);
	fflush(report->out);
}

pawl_status pawl_sync_report_end(pawl_sync_report *report, const pawl_sync_result *result, const pawl_error *run_error,
                                 pawl_error *error)
{
	pawl_sync_report_erase(report);
	if (report->style == PAWL_REPORT_JSON)
		return pawl_sync_events_finish(report, result, run_error, error);
	return pawl_sync_summary_print(report->out, &report->terminal, result, report->has_started, run_error, error);
}
