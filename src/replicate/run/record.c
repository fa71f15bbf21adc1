#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "replicate/run/sync.h"

/* Of a table that is found as it was, so often at most: 'pawl status' tells by it how fresh the table is. */
#define WORD_EVERY_US INT64_C(60000000)

static const char *const outcomes[] = {
	[PAWL_TABLE_WAITING] = "stopped", [PAWL_TABLE_IN_FLIGHT] = "stopped", [PAWL_TABLE_DONE] = "done",
	[PAWL_TABLE_STOPPED] = "stopped", [PAWL_TABLE_FAILED] = "failed",
};

/* A word makes the warehouse write its tables' metadata anew, and a sync without changes is to be felt as instant. */
static bool is_worth_a_word(const pawl_table_plan *plan, const pawl_table_report *report, const pawl_replica_runs *recent)
{
	if (plan->target.schema == NULL || plan->target.name == NULL)
		return false; /* it could have no name */
	if (report->outcome != PAWL_TABLE_DONE || report->phase != PAWL_PHASE_INCREMENTAL || report->rows_read > 0)
		return true;
	const pawl_replica_run *last = pawl_replica_runs_find(recent, plan->target.schema, plan->target.name);
	return last == NULL || last->outcome == NULL || strcmp(last->outcome, outcomes[PAWL_TABLE_DONE]) != 0;
}

static pawl_status add(const pawl_plan *plan, size_t index, const pawl_table_report *report, int64_t started_at_us,
                       pawl_error *error)
{
	const pawl_replica_run run = {
		.started_at_us = started_at_us,
		.ended_at_us = pawl_time_now_us(),
		.schema_name = plan->tables[index].target.schema,
		.table_name = plan->tables[index].target.name,
		.phase = pawl_phase_names[report->phase],
		.outcome = outcomes[report->outcome],
		.rows_read = report->rows_read,
		.rows_written = report->rows_written,
		.cursor_from = report->cursor_from,
		.cursor_to = report->cursor_to,
		.guarantee = report->guarantee,
		.error = report->error == NULL ? NULL : report->error->message,
	};
	return pawl_replica_add_run(plan->replica, &run, error);
}

/* In a transaction that begins with the first word. */
static pawl_status add_all(const pawl_plan *plan, const pawl_table_report *reports, int64_t started_at_us, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_runs_clear) pawl_replica_runs recent = {0};
	bool has_words = false;

	PAWL_TRY(pawl_replica_load_last_runs(plan->replica, started_at_us - WORD_EVERY_US, &recent, error));
	for (size_t i = 0; i < plan->table_count; i++) {
		if (!is_worth_a_word(&plan->tables[i], &reports[i], &recent))
			continue;
		if (!has_words)
			PAWL_TRY(pawl_replica_begin(plan->replica, error));
		has_words = true;
		PAWL_TRY(add(plan, i, &reports[i], started_at_us, error));
	}
	return has_words ? pawl_replica_commit(plan->replica, error) : PAWL_OK;
}

void pawl_replicate_record(const pawl_plan *plan, const pawl_table_report *reports, int64_t started_at_us)
{
	pawl_error ignored;

	if (add_all(plan, reports, started_at_us, &ignored) != PAWL_OK)
		pawl_replica_rollback(plan->replica);
}
