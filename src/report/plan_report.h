/*
 * report/plan_report.h: what a sync would do, for people: `pawl check` and `pawl plan`.
 *
 *     pawl_check_print(stdout, &terminal, &plan);
 *
 *         source shop.duckdb, warehouse warehouse.duckdb
 *
 *         main.orders
 *           mode            upsert by updated_at; primary key order_id
 *           key             updated_at: chosen by its name; TIMESTAMP, not NULL
 *           guarantee       lag 60s: for rows committed within the lag after their key was set
 *           warning         no index leads with the replication key 'updated_at'
 *           hint            make an index on it: each sync reads the whole table until then
 *
 *         Check PASSED: 1 table, 1 warning
 */
#ifndef PAWL_REPORT_PLAN_REPORT_H
#define PAWL_REPORT_PLAN_REPORT_H

#include <stdio.h>

#include "replicate/look.h"
#include "report/terminal.h"

/* With the reasons of each choice, and what the keys cannot see. */
void pawl_check_print(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan);

/* `looks` are those of the plan's tables, in their order; zeroed for one that cannot be synced. */
void pawl_plan_print(FILE *out, const pawl_terminal *terminal, const pawl_plan *plan, const pawl_look *looks);

#endif
