#include "report/plan_report.h"

#include <string.h>

#include "report/facts.h"
#include "report/format.h"
#include "report/line.h"
#include "report/sync_summary.h"

/* ---- a table --------------------------------------------------------------------------------------------------------- */

/* "main.orders", "main.orders -> sales.orders" */
static void print_name(FILE *out, const pawl_table_plan *table)
{
	pawl_line_print(out, table->source_name);
	if (table->source->is_view)
		fputs(" (a view)", out);
	if (table->target_name != NULL && strcmp(table->source_name, table->target_name) != 0) {
		fputs(" -> ", out);
		pawl_line_print(out, table->target_name);
	}
	fputc('\n', out);
}

static void print_mode(FILE *out, const pawl_table_plan *table)
{
	const char *primary_key = table->state.primary_key;
	pawl_facts_printf(out, "mode", "%s%s%s; %s%s", pawl_mode_names[table->mode], table->has_key ? " by " : "",
	                  table->has_key ? table->key_text : "", primary_key == NULL ? "no primary key" : "primary key ",
	                  primary_key == NULL ? "" : primary_key);
}

static void print_notices(FILE *out, const pawl_terminal *terminal, const pawl_table_plan *table)
{
	for (size_t i = 0; i < table->notice_count; i++) {
		const pawl_plan_notice *notice = &table->notices[i];
		if (notice->level == PAWL_NOTICE_WARNING)
			pawl_facts_print(out, terminal, PAWL_COLOR_YELLOW, "warning", notice->message);
		else
			pawl_facts_print(out, terminal, PAWL_COLOR_NONE, "note", notice->message);
		if (*notice->hint != '\0')
			pawl_facts_print(out, terminal, PAWL_COLOR_DIM, "hint", notice->hint);
	}
}

static void print_error(FILE *out, const pawl_terminal *terminal, const pawl_error *error)
{
	pawl_facts_print(out, terminal, PAWL_COLOR_RED, "ERROR", error->message);
	if (*error->hint != '\0')
		pawl_facts_print(out, terminal, PAWL_COLOR_DIM, "hint", error->hint);
}

static void print_checked(FILE *out, const pawl_terminal *terminal, const pawl_table_plan *table)
{
	print_mode(out, table);
	if (*table->key_reason != '\0')
		pawl_facts_printf(out, "key", "%s: %s", table->has_key ? table->key_text : "none", table->key_reason);
	pawl_facts_printf(out, "guarantee", "%s: %s", table->guarantee_text, table->guarantee_reason);
	print_notices(out, terminal, table);
}

/* ---- what is to be read ---------------------------------------------------------------------------------------------- */

static void print_phase(FILE *out, const pawl_table_plan *table, const pawl_look *look)
{
	static const char *const meanings[] = {
		[PAWL_PHASE_NONE] = "nothing",
		[PAWL_PHASE_BACKFILL] = "the first copy",
		[PAWL_PHASE_INCREMENTAL] = "what changed since the last sync",
		[PAWL_PHASE_REFRESH] = "the whole table, beside the old one",
	};
	pawl_facts_printf(out, "phase", "%s: %s%s", pawl_phase_names[table->phase], meanings[table->phase],
	                  look->is_resumed ? "; it goes on where the last run stopped" : "");
}

static void print_rows(FILE *out, const pawl_look *look)
{
	char rows[PAWL_FORMAT_BYTES];
	pawl_format_rows(look->rows, rows);
	if (look->rows < 0)
		pawl_facts_printf(out, "reads", "nobody knows how many rows");
	else
		pawl_facts_printf(out, "reads", "%s%s", look->is_estimate ? "about " : "", rows);
}

static void print_changes(FILE *out, const pawl_table_plan *table)
{
	for (size_t i = 0; i < table->change_count; i++) {
		const pawl_replica_column *column = &table->target.columns[table->changes[i].column];
		const char *verb = table->changes[i].is_new ? "is added as" : "becomes";
		pawl_facts_printf(out, i == 0 ? "columns" : "", "%s %s %s", column->name, verb, column->type);
	}
}

/* Statements and conditions may have several lines. */
static void print_sql(FILE *out, const char *sql)
{
	const char *label = "sql";
	for (;;) {
		size_t length = strcspn(sql, "\n");
		pawl_facts_print_bytes(out, label, sql, length);
		if (sql[length] == '\0')
			return;
		sql += length + 1;
		label = "";
	}
}

static void print_planned(FILE *out, const pawl_terminal *terminal, const pawl_table_plan *table, const pawl_look *look)
{
	print_phase(out, table, look);
	print_mode(out, table);
	if (table->phase == PAWL_PHASE_INCREMENTAL && table->state.cursor != NULL)
		pawl_facts_print(out, terminal, PAWL_COLOR_NONE, "cursor", table->state.cursor);
	print_rows(out, look);
	print_changes(out, table);
	pawl_facts_printf(out, "guarantee", "%s", table->guarantee_text);
	print_sql(out, look->sql);
	print_notices(out, terminal, table);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static void print_ends(FILE *out, const pawl_plan *plan)
{
	fputs("source ", out);
	pawl_line_print(out, plan->job->source_display);
	if (plan->job->destination != NULL) {
		fputs(", warehouse ", out);
		pawl_line_print(out, plan->job->destination);
	}
	fputs("\n\n", out);
}

static bool has_upsert(const pawl_plan *plan)
{
	for (size_t i = 0; i < plan->table_count; i++)
		if (plan->tables[i].error.status == PAWL_OK && plan->tables[i].mode == PAWL_MODE_UPSERT)
			return true;
	return false;
}

/* "3 tables, 2 warnings", "1 of 3 tables cannot be synced" */
static void print_counts(FILE *out, const pawl_plan *plan)
{
	char tables[PAWL_FORMAT_BYTES];
	pawl_look_counts counts = pawl_look_count(plan);
	pawl_format_tables((int64_t) plan->table_count, tables);
	if (counts.failed > 0)
		fprintf(out, "%zu of %s cannot be synced", counts.failed, tables);
	else
		fputs(tables, out);
	if (counts.warnings > 0)
		fprintf(out, counts.warnings == 1 ? ", %zu warning" : ", %zu warnings", counts.warnings);
	fputc('\n', out);
}

/* What is not read though the job means it. */
static void print_missed(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan)
{
	for (size_t i = 0; i < plan->catalog.denied_count; i++) {
		const pawl_source_denied *denied = &plan->catalog.denied[i];
		if (!pawl_plan_misses(plan, denied))
			continue;
		pawl_line_print(out, denied->schema);
		fputc('.', out);
		pawl_line_print(out, denied->name);
		fputc('\n', out);
		pawl_facts_print(out, terminal, PAWL_COLOR_YELLOW, "left out", "it may not be read");
		pawl_facts_print(out, terminal, PAWL_COLOR_DIM, "hint", denied->remedy);
		fputc('\n', out);
	}
}

static void print_verdict(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan)
{
	bool has_failed = pawl_look_count(plan).failed > 0;
	fprintf(out, "Check %s%s%s: ", pawl_terminal_color(terminal, has_failed ? PAWL_COLOR_RED : PAWL_COLOR_GREEN),
	        has_failed ? "FAILED" : "PASSED", pawl_terminal_color(terminal, PAWL_COLOR_NONE));
	print_counts(out, plan);
}

void pawl_check_print(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan)
{
	print_ends(out, plan);
	for (size_t i = 0; i < plan->table_count; i++) {
		const pawl_table_plan *table = &plan->tables[i];
		print_name(out, table);
		if (table->error.status != PAWL_OK)
			print_error(out, terminal, &table->error);
		else
			print_checked(out, terminal, table);
		fputc('\n', out);
	}
	print_missed(out, terminal, plan);
	print_verdict(out, terminal, plan);
	if (has_upsert(plan))
		fputs(pawl_sync_blind_spot, out);
}

void pawl_plan_print(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan, const pawl_look *looks)
{
	print_ends(out, plan);
	for (size_t i = 0; i < plan->table_count; i++) {
		const pawl_table_plan *table = &plan->tables[i];
		print_name(out, table);
		if (table->error.status != PAWL_OK)
			print_error(out, terminal, &table->error);
		else
			print_planned(out, terminal, table, &looks[i]);
		fputc('\n', out);
	}
	print_counts(out, plan);
}
