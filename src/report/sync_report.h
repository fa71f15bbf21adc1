/*
 * report/sync_report.h: what a sync looks like, while it happens and afterwards.
 *
 *     pawl_sync_report report;
 *     pawl_sync_observer observer = pawl_sync_report_begin(&report, stdout, PAWL_REPORT_AUTO);
 *     pawl_status status = pawl_sync_run(&job, &observer, &result, error);
 *     PAWL_TRY(pawl_sync_report_end(&report, &result, status == PAWL_OK ? NULL : error, &print_error));
 *
 * It draws, and decides nothing. A pipe gets lines; so does a terminal, with the tables in flight below them, drawn over:
 *
 *     16:40:29.123 INFO     sync of shop.duckdb into warehouse.duckdb: 3 tables
 *     16:40:29.130 INFO     main.orders: backfill of about 5,000,000 rows, upsert by updated_at
 *     16:40:39.130 INFO     main.orders: backfill, 1,234,567 rows, 123,456 rows/s, 24%, ETA 30 s
 *     16:41:09.300 INFO     main.orders: backfill done in 40.17 s: 5,000,123 rows, guarantee exact
 *     16:41:09.301 WARNING  main.customers: the key has no index
 *     16:41:09.301 WARNING  hint: CREATE INDEX ON main.customers (updated_at)
 *
 * Then comes report/sync_summary.h. Programs read the events of report/sync_events.h, or the result of report/sync_json.h. Text
 * of others is escaped; it is for those who run the sync to keep secrets out of it.
 */
#ifndef PAWL_REPORT_SYNC_REPORT_H
#define PAWL_REPORT_SYNC_REPORT_H

#include "replicate/run.h"
#include "report/board.h"

typedef enum pawl_report_style {
	PAWL_REPORT_AUTO,  /* live on a terminal, plain elsewhere */
	PAWL_REPORT_LIVE,  /* as on a terminal of 80 columns and 24 lines, if it is none */
	PAWL_REPORT_PLAIN, /* lines alone */
	PAWL_REPORT_JSON,  /* events, and no summary */
	PAWL_REPORT_NONE   /* warnings, tables that failed, and the summary */
} pawl_report_style;

extern const char *const pawl_report_style_names[]; /* "auto", "live", "plain", "json", "none"; ends in NULL */

/* Where the time comes from: base/time.h, but for tests. */
typedef struct pawl_report_clock {
	int64_t (*utc_us)(void);
	int64_t (*monotonic_us)(void);
} pawl_report_clock;

typedef struct pawl_sync_report {
	FILE *out;
	pawl_report_style style; /* not AUTO */
	pawl_terminal terminal;
	pawl_report_clock clock;
	pawl_board board;
	bool has_started;    /* the run, after its source, warehouse and tables were accepted */
	int64_t started_us;  /* monotonic, as those below */
	int64_t progress_us; /* when progress was last looked at */
	int64_t due_us;      /* when it may be shown again */
	bool has_failed;     /* memory was refused to an event */
} pawl_sync_report;

/* The observer points at `report`, which must stay where it is. */
pawl_sync_observer pawl_sync_report_begin(pawl_sync_report *report, FILE *out, pawl_report_style style);

/* The same on a terminal that is known already, with that clock. */
pawl_sync_observer pawl_sync_report_begin_on(pawl_sync_report *report, FILE *out, pawl_report_style style,
                                             const pawl_terminal *terminal, const pawl_report_clock *clock);

/*
 * Takes the live lines away and writes the summary, or the event "finished". `run_error` is NULL when the run succeeded.
 * PAWL_OUT_OF_MEMORY when that, or an event before it, could not be written.
 */
pawl_status pawl_sync_report_end(pawl_sync_report *report, const pawl_sync_result *result, const pawl_error *run_error,
                                 pawl_error *error);

/* Takes the live lines away, and nothing more: for a verb that prints the result as JSON. Again is harmless. */
void pawl_sync_report_erase(pawl_sync_report *report);

#endif
