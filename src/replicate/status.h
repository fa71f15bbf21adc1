/*
 * replicate/status.h: what is known of a warehouse: its tables, what their last runs did, and the run in flight, if any.
 *
 *     PAWL_CLEANUP(pawl_warehouse_status_clear) pawl_warehouse_status status = {0};
 *     PAWL_TRY(pawl_warehouse_status_read("warehouse.duckdb", &status, error));
 *     if (status.is_running)
 *         show(&status.run);
 *
 * While a run is in flight no other process can look into the warehouse: then the run's own word is all there is.
 */
#ifndef PAWL_REPLICATE_STATUS_H
#define PAWL_REPLICATE_STATUS_H

#include "destination/replica.h"

/* One of state and run may be missing: of a table whose first sync failed before it began, of one that was taken over. */
typedef struct pawl_table_status {
	const char *schema, *name;
	const pawl_replica_state *state; /* NULL: never synced */
	const pawl_replica_run *run;     /* the last one; NULL: there is none */
	int64_t rows;                    /* in the warehouse; -1: the table is not there */
	const char *guarantee;           /* of the last run; NULL: not known */
	bool is_unfinished;              /* a sync stopped before its end, and the next one goes on */
	int64_t as_of_us;                /* the table is as the source was at this time, or later; 0: never */
} pawl_table_status;

typedef struct pawl_running_table {
	const char *name, *phase, *outcome;
	int64_t rows_read, rows_written;
} pawl_running_table;

/* The run in flight, in its own words. */
typedef struct pawl_running {
	const char *host, *started_at;
	int64_t pid, started_at_us; /* 0: not known */
	pawl_running_table *tables;
	size_t table_count;
	void *owned; /* what the texts lie in */
} pawl_running;

typedef struct pawl_warehouse_status {
	bool is_running;
	pawl_running run;
	pawl_table_status *tables; /* by schema and name; none while a run is in flight */
	size_t table_count;
	pawl_replica_states states;
	pawl_replica_runs runs;
} pawl_warehouse_status;

void pawl_warehouse_status_clear(pawl_warehouse_status *status); /* takes a zeroed one */
pawl_status pawl_warehouse_status_read(const char *warehouse, pawl_warehouse_status *ret_status, pawl_error *error);

#endif
