/*
 * report/plan_json.h: what a sync would do, for programs: one JSON object on one line, of `pawl check` and `pawl plan`.
 *
 *     PAWL_TRY(pawl_plan_json_print(stdout, &plan, NULL, NULL, error));
 *
 * The object:
 *
 *     status               "succeeded"; "failed": it cannot be done at all, or some tables cannot be synced
 *     source, destination  as the job names them; the destination may be null
 *     tables               an object each, see below
 *     tables_failed        how many cannot be synced
 *     warnings             how many
 *     error                null, or what is wrong with all of it: {status, message, hint, sqlstate, retryable}
 *
 * A table:
 *
 *     source_name          "main.orders"
 *     destination_name     "main.orders"; null: it can have none
 *     is_view
 *     mode                 "auto", "upsert", "append", "replace"
 *     key                  the replication key; null: none is used
 *     key_reason           why this one, or why none
 *     primary_key          a list of the source's columns
 *     guarantee            "exact", "lag 60s", "none"
 *     guarantee_reason
 *     estimated_rows       of the whole table, as the source guesses; null: unknown
 *     notices              a list of {level, message, hint}; level is "info" or "warning", hint may be null
 *     error                null, or why it cannot be synced, as above; then only the names are sure
 *
 * With looks, of `pawl plan` (null for a table that cannot be synced):
 *
 *     phase                "backfill", "incremental", "refresh"
 *     is_resumed           it goes on where the last run stopped
 *     cursor               the key that is read from; null: all of the table
 *     rows                 that would be read; null: unknown
 *     is_estimate          the rows are guessed
 *     column_changes       a list of {column, type, is_new}
 *     sql                  as the source would run it
 */
#ifndef PAWL_REPORT_PLAN_JSON_H
#define PAWL_REPORT_PLAN_JSON_H

#include <stdio.h>

#include "replicate/look.h"

/* `looks` may be NULL. `error_of_all` too: there is none; else the plan may be a zeroed one, but for its job. */
pawl_status pawl_plan_json_print(FILE *out, const pawl_plan *plan, const pawl_look *looks, const pawl_error *error_of_all,
                                 pawl_error *error);

#endif
