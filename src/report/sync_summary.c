#include "report/sync_summary.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/line.h"
#include "report/sync_live.h"
#include "report/verdict.h"

#define CELL_BYTES 40

/* In capitals, what must not be overlooked. */
static const char *const outcome_marks[] = {
	[PAWL_TABLE_WAITING] = "not started", [PAWL_TABLE_IN_FLIGHT] = "UNFINISHED", [PAWL_TABLE_DONE] = "",
	[PAWL_TABLE_STOPPED] = "STOPPED",     [PAWL_TABLE_FAILED] = "FAILED",
};

/* ---- the grid ---------------------------------------------------------------------------------------------------------- */

/* What a grid has room for, beside the names of tables. */
typedef enum cursor_detail { CURSOR_LEFT_OUT, CURSOR_TO, CURSOR_FROM_TO } cursor_detail;

#define COLUMNS_OF_CURSOR_TO      100
#define COLUMNS_OF_CURSOR_FROM_TO 140

static cursor_detail detail_for(const pawl_terminal *terminal)
{
	if (!terminal->is_live || terminal->width >= COLUMNS_OF_CURSOR_FROM_TO)
		return CURSOR_FROM_TO;
	return terminal->width >= COLUMNS_OF_CURSOR_TO ? CURSOR_TO : CURSOR_LEFT_OUT;
}

static void append_columns(pawl_grid *grid, cursor_detail detail)
{
	pawl_grid_append_column(grid, "table", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "phase", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "rows read", PAWL_GRID_RIGHT);
	pawl_grid_append_column(grid, "written", PAWL_GRID_RIGHT);
	if (detail != CURSOR_LEFT_OUT)
		pawl_grid_append_column(grid, "cursor", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "guarantee", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "time", PAWL_GRID_RIGHT);
}

/* "backfill", "FAILED backfill", "STOPPED": the mark comes first, and is still there when the cell is cut. */
static void append_phase(pawl_grid *grid, const pawl_table_report *table)
{
	char text[CELL_BYTES];
	const char *mark = outcome_marks[table->outcome];
	const char *phase = table->phase != PAWL_PHASE_NONE ? pawl_phase_names[table->phase] : "";
	snprintf(text, sizeof(text), "%s%s%s", mark, *mark != '\0' && *phase != '\0' ? " " : "", phase);
	pawl_grid_append(grid, text);
}

static void append_count(pawl_grid *grid, int64_t count)
{
	char text[PAWL_FORMAT_BYTES];
	pawl_format_count(count, text);
	pawl_grid_append(grid, text);
}

/* "2024-01-01 -> 2024-03-16"; "-> 2024-03-16", the first; "2024-03-16", the same as before */
static pawl_status append_cursor(pawl_grid *grid, const char *from, const char *to, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	bool has_moved = to != NULL && (from == NULL || strcmp(from, to) != 0);
	if (from != NULL)
		pawl_buffer_append(&text, from);
	if (has_moved)
		pawl_buffer_appendf(&text, "%s-> %s", from != NULL ? " " : "", to);
	pawl_grid_append(grid, pawl_buffer_text(&text));
	return pawl_buffer_status(&text, error);
}

static void append_time(pawl_grid *grid, const pawl_table_report *table)
{
	char text[PAWL_FORMAT_BYTES] = "";
	if (table->started_us != 0 && table->ended_us != 0)
		pawl_format_duration(pawl_sync_elapsed_us(table, table->ended_us), text);
	pawl_grid_append(grid, text);
}

static const char *text_of(const char *text)
{
	return text != NULL ? text : "";
}

static pawl_status append_row(pawl_grid *grid, const pawl_table_report *table, cursor_detail detail, pawl_error *error)
{
	pawl_grid_append(grid, table->source_name);
	append_phase(grid, table);
	append_count(grid, table->rows_read);
	append_count(grid, table->rows_written);
	if (detail == CURSOR_FROM_TO)
		PAWL_TRY(append_cursor(grid, table->cursor_from, table->cursor_to, error));
	else if (detail == CURSOR_TO)
		pawl_grid_append(grid, text_of(table->cursor_to));
	pawl_grid_append(grid, text_of(table->guarantee));
	append_time(grid, table);
	return PAWL_OK;
}

static pawl_status print_grid(FILE *out, const pawl_terminal *terminal, const pawl_sync_result *result, pawl_error *error)
{
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	cursor_detail detail = detail_for(terminal);
	append_columns(&grid, detail);
	PAWL_TRY(pawl_grid_status(&grid, error));
	for (size_t i = 0; i < result->table_count; i++)
		PAWL_TRY(append_row(&grid, &result->tables[i], detail, error));
	PAWL_TRY(pawl_grid_status(&grid, error));
	fputc('\n', out);
	pawl_grid_print(&grid, out, terminal);
	fputc('\n', out);
	return PAWL_OK;
}

/* ---- what else is to be known -------------------------------------------------------------------------------------------- */

static bool has_same_guarantee(const pawl_table_report *left, const pawl_table_report *right)
{
	return right->guarantee != NULL && right->guarantee_reason != NULL && strcmp(left->guarantee, right->guarantee) == 0 &&
	       strcmp(left->guarantee_reason, right->guarantee_reason) == 0;
}

static void print_guarantee(FILE *out, const pawl_table_report *table, int64_t table_count)
{
	char count[PAWL_FORMAT_BYTES];
	pawl_format_tables(table_count, count);
	fputs("Guarantee ", out);
	pawl_line_print(out, table->guarantee);
	fputs(" (", out);
	pawl_line_print(out, table_count == 1 ? table->source_name : count);
	fputs("): ", out);
	pawl_line_print(out, table->guarantee_reason);
	fputc('\n', out);
}

/* Each guarantee with its reason once, by the first table that has it. Returns whether there were any. */
static bool print_guarantees(FILE *out, const pawl_table_report *tables, size_t count)
{
	bool is_printed = false;
	for (size_t i = 0; i < count; i++) {
		bool is_known = tables[i].guarantee != NULL && tables[i].guarantee_reason != NULL;
		for (size_t k = 0; is_known && k < i; k++)
			is_known = !has_same_guarantee(&tables[i], &tables[k]);
		if (!is_known)
			continue;
		int64_t alike = 1;
		for (size_t k = i + 1; k < count; k++)
			alike += has_same_guarantee(&tables[i], &tables[k]);
		print_guarantee(out, &tables[i], alike);
		is_printed = true;
	}
	return is_printed;
}

static bool print_ignored(FILE *out, const pawl_table_report *tables, size_t count)
{
	char rows[PAWL_FORMAT_BYTES];
	int64_t ignored = 0;
	for (size_t i = 0; i < count; i++)
		ignored += tables[i].null_keys_ignored;
	if (ignored == 0)
		return false;
	pawl_format_rows(ignored, rows);
	fprintf(out, "Left out: %s whose replication key is NULL (null_keys: ignore)\n", rows);
	return true;
}

const char pawl_sync_blind_spot[] =
	"What a replication key cannot see stays as it was: rows deleted at the source, changed primary keys, rows that left "
	"`where`, and updates that do not touch the key.\n";

static void print_blind_spot(FILE *out, const pawl_table_report *tables, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tables[i].mode == PAWL_MODE_UPSERT) {
			fputs(pawl_sync_blind_spot, out);
			return;
		}
}

/* ---- the verdict --------------------------------------------------------------------------------------------------------- */

/* "3 tables", "1 of 3 tables failed, 1 stopped" */
static void print_tables(FILE *out, const pawl_sync_result *result)
{
	char number[PAWL_FORMAT_BYTES], all[PAWL_FORMAT_BYTES];
	const struct {
		size_t count;
		const char *word;
	} parts[] = {{result->failed_count, "failed"}, {result->stopped_count, "stopped"}};
	bool is_first = true;
	pawl_format_tables((int64_t) result->table_count, all);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].count == 0)
			continue;
		pawl_format_count((int64_t) parts[i].count, number);
		if (is_first)
			fprintf(out, "%s of %s %s", number, all, parts[i].word);
		else
			fprintf(out, ", %s %s", number, parts[i].word);
		is_first = false;
	}
	if (is_first)
		fputs(all, out);
}

static void print_verdict(FILE *out, const pawl_terminal *terminal, const pawl_sync_result *result, pawl_verdict verdict)
{
	char elapsed[PAWL_FORMAT_BYTES], rows[PAWL_FORMAT_BYTES], written[PAWL_FORMAT_BYTES], memory[PAWL_FORMAT_BYTES];
	pawl_format_duration(result->elapsed_us, elapsed);
	pawl_format_rows(result->rows_read, rows);
	pawl_format_count(result->rows_written, written);
	pawl_format_size(result->peak_memory_bytes, memory);
	const char *advice = verdict == PAWL_VERDICT_STOPPED ? " (run again to go on)" : "";
	pawl_verdict_print(out, terminal, verdict);
	fprintf(out, " in %s: ", elapsed);
	print_tables(out, result);
	fprintf(out, ", %s read, %s written, peak memory %s%s\n", rows, written, memory, advice);
}

pawl_status pawl_sync_summary_print(FILE *out, const pawl_terminal *terminal, const pawl_sync_result *result,
                                    bool has_started, const pawl_error *run_error, pawl_error *error)
{
	pawl_verdict verdict = pawl_verdict_of(run_error);
	pawl_status status = PAWL_OK;
	if (!has_started) {
		pawl_verdict_print(out, terminal, verdict);
		fputs(run_error == NULL ? "\n" : " before it started\n", out);
		fflush(out);
		return PAWL_OK;
	}
	if (result->table_count > 0)
		status = print_grid(out, terminal, result, error);
	bool has_guarantees = print_guarantees(out, result->tables, result->table_count);
	bool has_ignored = print_ignored(out, result->tables, result->table_count);
	if (has_guarantees || has_ignored)
		fputc('\n', out);
	print_verdict(out, terminal, result, verdict);
	print_blind_spot(out, result->tables, result->table_count);
	fflush(out);
	return status;
}
