/*
 * report/connector_report.h: what a run of a connector looks like, while it happens and afterwards.
 *
 *     pawl_connector_report report;
 *     pawl_run_observer observer = pawl_connector_report_begin(&report, stdout);
 *     pawl_status status = pawl_run(connector, &options, &observer, &result, &error);
 *     pawl_connector_report_end(&report);
 *     pawl_connector_report_print(stdout, &result, status);
 *
 * It draws, and decides nothing. The lines and the final table are those of the runner that Fivetran's Connector SDK has for
 * tests ("SYNC PROGRESS:", docs of the SDK, local testing), with times in UTC:
 *
 *     16:40:29.123 INFO     fetching records modified after 2024-01-01T00:00:00Z
 *     16:40:29.130 INFO     pawl: schema change detected: tester.customers created with 5 columns
 *
 * The connector's own lines stand as they are, Pawl's begin with "pawl:".
 */
#ifndef PAWL_REPORT_CONNECTOR_REPORT_H
#define PAWL_REPORT_CONNECTOR_REPORT_H

#include "base/error.h"
#include "connector/run.h"
#include "report/progress.h"

typedef struct pawl_connector_report {
	FILE *out;
	pawl_terminal terminal;
	pawl_progress progress;
	int64_t rows;                   /* operations on rows so far */
	int64_t next_checkpoint_us;     /* when the next checkpoint may have a line of its own */
} pawl_connector_report;

/* The observer points at `report`, which must stay where it is. Lines and progress go to `out`. */
pawl_run_observer pawl_connector_report_begin(pawl_connector_report *report, FILE *out);

/* The same for a terminal that is known already. */
pawl_run_observer pawl_connector_report_begin_on(pawl_connector_report *report, FILE *out, const pawl_terminal *terminal);

/* Takes the progress line away. */
void pawl_connector_report_end(pawl_connector_report *report);

/* The table of calls and one line: "Sync SUCCEEDED in 0.08 s: 3 rows, 37 rows/s, peak memory 61 MiB". */
void pawl_connector_report_print(FILE *out, const pawl_run_result *result, pawl_status status);

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
