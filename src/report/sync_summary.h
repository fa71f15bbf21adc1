/*
 * report/sync_summary.h: a sync that is over, for people.
 *
 *     table        | phase           | rows read | written | cursor                   | guarantee |   time
 *     ------------ + --------------- + --------- + ------- + ------------------------ + --------- + ------
 *     main.orders  | incremental     |     1,234 |   1,234 | 2024-01-01 -> 2024-03-16 | exact     | 0.71 s
 *     main.items   | FAILED backfill |         0 |       0 |                          | lag 60s   | 0.12 s
 *
 *     Guarantee exact (main.orders): the file is opened read-only: nobody can write
 *     Guarantee lag 60s (main.items): the key is set by applications
 *
 *     Sync FAILED in 1.23 s: 1 of 2 tables failed, 1,234 rows read, 1,234 written, peak memory 61 MiB
 *
 * and, where a table was upserted, what its key cannot see. On a terminal of less than 140 columns the
 * cursor is the new one alone, on one of less than 100 it is left out.
 */
#ifndef PAWL_REPORT_SYNC_SUMMARY_H
#define PAWL_REPORT_SYNC_SUMMARY_H

#include <stdio.h>

#include "replicate/run.h"
#include "report/terminal.h"

/*
 * `run_error` is NULL when the run succeeded. The verdict alone, when it failed before it started. PAWL_OUT_OF_MEMORY when the
 * grid could not be made; the verdict is printed nevertheless.
 */
pawl_status pawl_sync_summary_print(FILE *out, const pawl_terminal *terminal, const pawl_sync_result *result,
                                    bool has_started, const pawl_error *run_error, pawl_error *error);

/* A line about what no replication key can see, with its line end. */
extern const char pawl_sync_blind_spot[];

#endif
