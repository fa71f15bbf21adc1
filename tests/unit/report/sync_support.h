/*
 * sync_support.h: a sync to report of, without one.
 *
 *     pawl_table_report tables[] = {in_flight("main.orders", 1000000)};
 *     test_clock_us = 3000000;                    // both clocks: three seconds after midnight, and after the run began
 *     pawl_sync_observer observer = pawl_sync_report_begin_on(&report, output.out, PAWL_REPORT_PLAIN, &terminal, &test_clock);
 */
#ifndef PAWL_TESTS_SYNC_SUPPORT_H
#define PAWL_TESTS_SYNC_SUPPORT_H

#include "report/sync_report.h"

extern int64_t test_clock_us;
extern const pawl_report_clock test_clock;

/* Waiting; nothing is known of it. */
pawl_table_report waiting(const char *name);

/* In its first copy, upserted by updated_at, begun at `started_us`. */
pawl_table_report in_flight(const char *name, int64_t started_us);

/* Up to date after 0.71 s of changes. */
pawl_table_report done(const char *name);

/* Failed after 0.12 s of its first copy. */
pawl_table_report failed(const char *name);

#endif
