/*
 * report/sync_events.h: a sync as it happens, for programs: a JSON object on each line, with these members before its own:
 *
 *     event          see below
 *     time           UTC, "2024-03-16T16:40:29.123456Z"
 *
 * The events:
 *
 *     started        the run, after its source, warehouse and tables were accepted
 *         source, destination
 *         tables             source names, in the order of the run
 *     table          one table's outcome or phase is another
 *         table              an object as in report/sync_json.h
 *     progress       of all tables; once a second at most
 *         tables_total, tables_ended, tables_failed; those that failed have ended, too
 *         rows_read, rows_written
 *         rows_per_second    read, of all the time so far
 *         elapsed_seconds
 *         tables             those in flight: {source_name, phase, estimated_rows, rows_read, rows_written, bytes_read,
 *                            elapsed_seconds}, as in report/sync_json.h
 *     window         rows of a table, and its cursor, were committed
 *         source_name
 *         windows, rows_read, rows_written: of this run so far
 *         cursor_to          null: there is none
 *     notice         a sentence, without its full stop
 *         level              "info", "warning"
 *         table              null: of the whole run
 *         message
 *         hint               what to do; null: nothing to say
 *     finished       the last one; a run that was refused has this one alone
 *         the members of the result in report/sync_json.h
 */
#ifndef PAWL_REPORT_SYNC_EVENTS_H
#define PAWL_REPORT_SYNC_EVENTS_H

#include "report/sync_report.h"

/* Its context is `report`. */
pawl_sync_observer pawl_sync_events_observer(pawl_sync_report *report);

pawl_status pawl_sync_events_finish(pawl_sync_report *report, const pawl_sync_result *result, const pawl_error *run_error,
                                    pawl_error *error);

#endif
