/*
 * report/connector_report.h: what a run of a connector looks like, while it happens and afterwards.
 *
 *     pawl_connector_report report;
 *     pawl_run_observer observer = pawl_connector_report_begin(&report, stdout);
 *     pawl_status status = pawl_run(connector, &options, &observer, &result, &error);
 *     pawl_connector_report_end(&report);
 *     pawl_connector_report_print(&report, &result, status);
 *
 * It draws, and decides nothing. The lines and the final table are those of the runner that Fivetran's Connector SDK has for
 * tests ("SYNC PROGRESS:", docs of the SDK, local testing), with times in UTC:
 *
 *     16:40:29.123 INFO     fetching records modified after 2024-01-01T00:00:00Z
 *     16:40:29.130 INFO     pawl: schema change detected: tester.customers created
 *
 * The connector's own lines stand as they are, Pawl's begin with "pawl:".
 */
#ifndef PAWL_REPORT_CONNECTOR_REPORT_H
#define PAWL_REPORT_CONNECTOR_REPORT_H

#include "base/error.h"
#include "connector/run.h"
#include "report/progress.h"

#define PAWL_REPORT_STATE_BYTES 400 /* of a state, which may have megabytes, in a line */

typedef struct pawl_connector_report {
	FILE *out;
	pawl_terminal terminal;
	pawl_progress progress;
	bool has_started;           /* the sync, after its configuration, warehouse and state were accepted */
	int64_t rows;               /* operations on rows so far */
	int64_t next_checkpoint_us; /* when the next checkpoint may have a line of its own */
	struct pawl_report_checkpoint {
		int64_t number, at_us; /* number 0: none */
		size_t state_bytes;    /* in all */
		char state[PAWL_REPORT_STATE_BYTES + 1];
	} untold; /* the last checkpoint, when it came too soon after another one */
} pawl_connector_report;

/* The observer points at `report`, which must stay where it is. Lines and progress go to `out`. */
pawl_run_observer pawl_connector_report_begin(pawl_connector_report *report, FILE *out);

/* The same for a terminal that is known already. */
pawl_run_observer pawl_connector_report_begin_on(pawl_connector_report *report, FILE *out, const pawl_terminal *terminal);

/* Takes the progress line away, and tells of the last checkpoint, if that was not done yet. */
void pawl_connector_report_end(pawl_connector_report *report);

/*
 * The table of calls and one line: "Sync SUCCEEDED in 0.08 s: 3 rows, 37 rows/s, peak memory 61 MiB". Or "Sync FAILED before it
 * started" alone, when its configuration, warehouse or state was not accepted.
 */
void pawl_connector_report_print(const pawl_connector_report *report, const pawl_run_result *result, pawl_status status);

/*
 * The same as one JSON object on one line. `run_error` is NULL when the run succeeded.
 *
 *     status             "succeeded" or "failed"
 *     operations         {upserts, updates, deletes, truncates}: calls
 *     schema_changes, checkpoints, warnings
 *     rows_committed, rows_discarded, rows_per_second
 *     elapsed_seconds    with six decimals
 *     peak_memory_bytes
 *     state              the state as committed; null when there is none
 *     error              null, or {status, message, hint, sqlstate, retryable}; hint and sqlstate may be null
 */
pawl_status pawl_connector_report_print_json(FILE *out, const pawl_run_result *result, const pawl_error *run_error,
                                             pawl_error *error);

#endif
