#include "report/status_report.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "report/format.h"
#include "report/grid.h"
#include "report/line.h"

#define CELL_BYTES 80

static void append_count(pawl_grid *grid, int64_t count)
{
	char text[PAWL_FORMAT_BYTES] = "";
	if (count >= 0)
		pawl_format_count(count, text);
	pawl_grid_append(grid, text);
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* ---- a run in flight ------------------------------------------------------------------------------------------------- */

static pawl_status print_running_tables(FILE *out, const pawl_terminal *terminal, const pawl_running *run, pawl_error *error)
{
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "table", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "phase", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "outcome", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "rows read", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "written", PAWL_GRID_RIGHT);
	PAWL_TRY(pawl_grid_status(&grid, error));
	for (size_t i = 0; i < run->table_count; i++) {
		const pawl_running_table *table = &run->tables[i];
		pawl_grid_append(&grid, table->name);
		pawl_grid_append(&grid, table->phase);
		pawl_grid_append(&grid, strcmp(table->outcome, "in_flight") == 0 ? "in flight" : table->outcome);
		append_count(&grid, table->rows_read);
		append_count(&grid, table->rows_written);
	}
	PAWL_TRY(pawl_grid_status(&grid, error));
	fputc('\n', out);
	pawl_grid_print(&grid, out, terminal);
	return PAWL_OK;
}

static pawl_status print_running(FILE *out, const pawl_terminal *terminal, const char *warehouse, const pawl_running *run,
                                 int64_t now_us, pawl_error *error)
{
	char started[PAWL_FORMAT_BYTES];
	pawl_line_print(out, warehouse);
	fprintf(out, ": process %" PRId64 " on ", run->pid);
	pawl_line_print(out, run->host);
	fputs(" writes to it", out);
	if (run->started_at_us != 0) {
		pawl_format_ago(now_us - run->started_at_us, started);
		fprintf(out, ", begun %s", started);
	}
	fputc('\n', out);
	return run->table_count == 0 ? PAWL_OK : print_running_tables(out, terminal, run, error);
}

/* ---- the tables ------------------------------------------------------------------------------------------------------ */

static void append_name(pawl_grid *grid, const pawl_table_status *table)
{
	char name[CELL_BYTES * 2];
	snprintf(name, sizeof(name), "%s.%s", table->schema, table->name);
	pawl_grid_append(grid, name);
}

/* "done 12 s ago"; in capitals, what must not be overlooked. */
static void append_run(pawl_grid *grid, const pawl_replica_run *run, int64_t now_us)
{
	static const struct {
		const char *outcome, *mark;
	} marks[] = {{"failed", "FAILED"}, {"stopped", "STOPPED"}};
	char ago[PAWL_FORMAT_BYTES], text[CELL_BYTES];
	if (run == NULL) {
		pawl_grid_append(grid, "");
		return;
	}
	const char *outcome = or_empty(run->outcome);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strcmp(outcome, marks[i].outcome) == 0)
			outcome = marks[i].mark;
	pawl_format_ago(now_us - run->ended_at_us, ago);
	snprintf(text, sizeof(text), "%.20s %s", outcome, ago);
	pawl_grid_append(grid, text);
}

static void append_time(pawl_grid *grid, int64_t as_of_us, int64_t now_us)
{
	char ago[PAWL_FORMAT_BYTES] = "never";
	if (as_of_us != 0)
		pawl_format_ago(now_us - as_of_us, ago);
	pawl_grid_append(grid, ago);
}

static void append_table(pawl_grid *grid, const pawl_table_status *table, int64_t now_us)
{
	const pawl_replica_state *state = table->state;
	append_name(grid, table);
	append_count(grid, table->rows);
	pawl_grid_append(grid, state == NULL ? "" : or_empty(state->cursor));
	pawl_grid_append(grid, state == NULL ? "" : or_empty(state->horizon));
	pawl_grid_append(grid, or_empty(table->guarantee));
	append_run(grid, table->run, now_us);
	append_time(grid, table->as_of_us, now_us);
}

static void print_errors(FILE *out, const pawl_warehouse_status *status)
{
	bool is_first = true;
	for (size_t i = 0; i < status->table_count; i++) {
		const pawl_table_status *table = &status->tables[i];
		if (table->run == NULL || table->run->error == NULL)
			continue;
		fputs(is_first ? "\n" : "", out);
		is_first = false;
		pawl_line_print(out, table->schema);
		fputc('.', out);
		pawl_line_print(out, table->name);
		fputs(": ", out);
		pawl_line_print(out, table->run->error);
		fputc('\n', out);
	}
}

static pawl_status print_tables(FILE *out, const pawl_terminal *terminal, const pawl_warehouse_status *status, int64_t now_us,
                                pawl_error *error)
{
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	pawl_grid_append_column(&grid, "table", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "rows", PAWL_GRID_RIGHT);
	pawl_grid_append_column(&grid, "cursor", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "horizon", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "guarantee", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "last run", PAWL_GRID_LEFT);
	pawl_grid_append_column(&grid, "up to date as of", PAWL_GRID_LEFT);
	PAWL_TRY(pawl_grid_status(&grid, error));
	for (size_t i = 0; i < status->table_count; i++)
		append_table(&grid, &status->tables[i], now_us);
	PAWL_TRY(pawl_grid_status(&grid, error));
	pawl_grid_print(&grid, out, terminal);
	print_errors(out, status);
	return PAWL_OK;
}

pawl_status pawl_status_print(FILE *out, const pawl_terminal *terminal, const char *warehouse,
                              const pawl_warehouse_status *status, int64_t now_us, pawl_error *error)
{
	if (status->is_running)
		return print_running(out, terminal, warehouse, &status->run, now_us, error);
	if (status->table_count > 0)
		return print_tables(out, terminal, status, now_us, error);
	pawl_line_print(out, warehouse);
	fputs(": nothing was synced into it yet\n", out);
	return PAWL_OK;
}
