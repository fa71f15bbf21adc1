/*
 * report/status_report.h: what is known of a warehouse: `pawl status`.
 *
 *     PAWL_TRY(pawl_status_print(stdout, &terminal, "warehouse.duckdb", &status, now_us, error));
 *
 *         table       |  rows | cursor     | horizon    | guarantee | last run          | up to date as of
 *         ----------- + ----- + ---------- + ---------- + --------- + ----------------- + ----------------
 *         main.orders | 1,234 | 2024-03-16 | 2024-03-17 | lag 60s   | done 12 s ago     | 12 s ago
 *         main.items  |     0 |            |            |           | FAILED 3m 05s ago | never
 *
 *         main.items: the source went away
 *
 * Or, while a run is in flight:
 *
 *         warehouse.duckdb: process 4711 on ada writes to it, begun 12 s ago
 *
 *         table       | phase    | outcome   | rows read | written
 *
 * For programs, one JSON object on one line:
 *
 *     warehouse            its path
 *     now                  "2024-03-16T16:40:29Z"
 *     is_running
 *     run                  null, or the run in flight: {host, pid, started_at, tables}; the tables are a list of
 *                          {name, phase, outcome, rows_read, rows_written}
 *     tables               a list, empty while a run is in flight, of:
 *
 *     name                 "main.orders"
 *     source, source_name  where it comes from; null: never synced
 *     mode, key            of the last sync
 *     cursor, newest_key, horizon: as the source writes them; null: none
 *     rows                 in the warehouse; null: the table is not there
 *     rows_written         ever
 *     synced_at            when rows or its cursor were last written; null: never
 *     up_to_date_at        it is as the source was at this time, or later; null: never
 *     behind_seconds       now less that time; null: never
 *     guarantee            of the last run
 *     is_unfinished        a sync of it stopped before its end, and the next one goes on
 *     last_run             null, or {started_at, ended_at, phase, outcome, rows_read, rows_written, cursor_from, cursor_to,
 *                          error}
 */
#ifndef PAWL_REPORT_STATUS_REPORT_H
#define PAWL_REPORT_STATUS_REPORT_H

#include <stdio.h>

#include "replicate/status.h"
#include "report/terminal.h"

pawl_status pawl_status_print(FILE *out, const pawl_terminal *terminal, const char *warehouse,
                              const pawl_warehouse_status *status, int64_t now_us, pawl_error *error);
pawl_status pawl_status_print_json(FILE *out, const char *warehouse, const pawl_warehouse_status *status, int64_t now_us,
                                   pawl_error *error);

#endif
