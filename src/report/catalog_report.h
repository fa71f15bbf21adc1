/*
 * report/catalog_report.h: the tables of a source and their columns: `pawl discover`.
 *
 *     PAWL_TRY(pawl_catalog_print(stdout, &terminal, tables, count, error));
 *
 *         main.orders, about 1,234 rows
 *
 *         column     | type      | DuckDB type | NULL | primary key | as a key
 *         ---------- + --------- + ----------- + ---- + ----------- + --------
 *         order_id   | BIGINT    | BIGINT      | no   |           1 | number
 *         updated_at | TIMESTAMP | TIMESTAMP   | no   |             | time
 *
 *         replication key updated_at: chosen by its name; TIMESTAMP, not NULL
 *
 * For programs, one JSON object on one line:
 *
 *     source               as the job names it
 *     tables               a list of {schema, name, is_view, estimated_rows, key, key_reason, columns}; estimated_rows is null
 *                          when unknown, key is the column that would be chosen as the replication key, or null
 *     columns              a list of {name, native_type, type, is_nullable, key_rank, key_class, default, is_indexed,
 *                          is_sequence, is_set_by_trigger, is_set_by_default}
 *     type                 DuckDB's
 *     key_rank             in the primary key, from 1; null: it is not part of it
 *     key_class            "timestamptz", "timestamp", "date", "number", "text", "none": what it would be as a key
 *     default              an expression of the source, or null
 */
#ifndef PAWL_REPORT_CATALOG_REPORT_H
#define PAWL_REPORT_CATALOG_REPORT_H

#include <stdio.h>

#include "report/terminal.h"
#include "source/source.h"

pawl_status pawl_catalog_print(FILE *out, const pawl_terminal *terminal, const pawl_source_table *const *tables, size_t count,
                               pawl_error *error);
pawl_status pawl_catalog_print_json(FILE *out, const char *source, const pawl_source_table *const *tables, size_t count,
                                    pawl_error *error);

#endif
