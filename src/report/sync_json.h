/*
 * report/sync_json.h: the result of a sync, for programs: one JSON object on one line.
 *
 *     PAWL_TRY(pawl_sync_json_print(stdout, &result, status == PAWL_OK ? NULL : &run_error, error));
 *
 * The result:
 *
 *     status               "succeeded"; "failed": a table, or all of it; "stopped": the next run goes on
 *     tables               in the order of the run, an object each, see below
 *     tables_failed, tables_stopped
 *     rows_read, rows_written
 *     warnings             how many
 *     elapsed_seconds      with six decimals
 *     peak_memory_bytes    of the process
 *     error                null, or the run's: {status, message, hint, sqlstate, retryable}; hint and sqlstate may be null
 *
 * A table:
 *
 *     source_name          "main.orders"
 *     destination_name     "main.orders"
 *     outcome              "waiting", "in_flight", "done", "stopped", "failed"
 *     phase                "none", "backfill", "incremental", "refresh"
 *     mode                 "auto", "upsert", "append", "replace"
 *     key                  the replication key; null: the table has none
 *     guarantee            "exact", "lag 60s", "none"; null: not known yet
 *     guarantee_reason     why; null: not known yet
 *     estimated_rows       of the whole phase; null: unknown
 *     rows_read
 *     rows_written         committed
 *     bytes_read           null: not known
 *     windows              committed
 *     null_keys_ignored    rows that `null_keys: ignore` left out
 *     cursor_from          the cursor before this run, as the source writes it; null: there was none
 *     cursor_to            the cursor after this run; null: there is none
 *     elapsed_seconds      until its end, or until now; null: it did not start
 *     applying_seconds     of these, in which staged rows were brought into the table and committed; a first copy stages none
 *     error                as above
 */
#ifndef PAWL_REPORT_SYNC_JSON_H
#define PAWL_REPORT_SYNC_JSON_H

#include <stdio.h>

#include "base/buffer.h"
#include "replicate/run.h"

/* `run_error` is NULL when the run succeeded. */
pawl_status pawl_sync_json_print(FILE *out, const pawl_sync_result *result, const pawl_error *run_error, pawl_error *error);

/* The members of the result, and a table, for report/sync_events.h. `now_us` is monotonic. */
void pawl_sync_json_append_result(pawl_buffer *json, const pawl_sync_result *result, const pawl_error *run_error,
                                  int64_t now_us);
void pawl_sync_json_append_table(pawl_buffer *json, const pawl_table_report *table, int64_t now_us);

/* The time that a table took, or null. */
void pawl_sync_json_append_elapsed(pawl_buffer *json, const pawl_table_report *table, int64_t now_us);

#endif
