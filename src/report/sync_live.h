/*
 * report/sync_live.h: the tables of a sync that are in flight, as the lines of a board, or in words.
 *
 *     main.orders     backfill      1,234,567 rows    812,345 rows/s  [####......]  45%  ETA 2 s        61 MiB
 *     main.customers  incremental          37 rows         12 rows/s
 *     1 of 3 tables, 1,234,604 rows, 812,357 rows/s, 12.34 s
 *
 * Of a narrow terminal, some columns are left out, the least telling ones first; of a low one, some tables. A rate is that of
 * all the time so far, and what is left is reckoned with it from the estimate of the table's rows.
 */
#ifndef PAWL_REPORT_SYNC_LIVE_H
#define PAWL_REPORT_SYNC_LIVE_H

#include "base/buffer.h"
#include "replicate/run.h"

/* All tables together. */
typedef struct pawl_sync_totals {
	size_t tables, in_flight;
	size_t ended, failed; /* those that failed or were stopped have ended, too */
	int64_t rows_read, rows_written;
} pawl_sync_totals;

pawl_sync_totals pawl_sync_totals_of(const pawl_table_report *tables, size_t count);

/* How long a table took, or has taken until now; 0 when it did not start. All times are monotonic microseconds. */
int64_t pawl_sync_elapsed_us(const pawl_table_report *table, int64_t now_us);

/* Lines for pawl_board_draw: at most `height`, which is at least 1; the last is the total. The run began at `started_us`. */
void pawl_sync_live_append(pawl_buffer *out, const pawl_table_report *tables, size_t count, int64_t started_us, int64_t now_us,
                           size_t width, size_t height);

/* "backfill, 1,234,567 rows, 812,345 rows/s, 45%, ETA 1m 05s, 61 MiB" */
void pawl_sync_live_append_words(pawl_buffer *out, const pawl_table_report *table, int64_t now_us);

#endif
