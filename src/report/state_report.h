/*
 * report/state_report.h: everything that is known of tables: `pawl state show`.
 *
 *     pawl_state_print(stdout, &terminal, states, count);
 *
 * For programs, one JSON object on one line: {warehouse, tables}, where a table is an object with the columns of _pawl.state by
 * their names; times are "2024-03-16T16:40:29Z", and what is not known is null.
 */
#ifndef PAWL_REPORT_STATE_REPORT_H
#define PAWL_REPORT_STATE_REPORT_H

#include <stdio.h>

#include "destination/replica.h"
#include "report/terminal.h"

void pawl_state_print(FILE *out, const pawl_terminal *terminal, pawl_replica_state *const *states, size_t count);
pawl_status pawl_state_print_json(FILE *out, const char *warehouse, pawl_replica_state *const *states, size_t count,
                                  pawl_error *error);

#endif
