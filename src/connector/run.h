/*
 * connector/run.h: run a connector once, into a warehouse.
 *
 *     pawl_run_result result;
 *     pawl_status status = pawl_run(connector, &options, &observer, &result, &error);
 *
 * What happens is told to an observer as it happens; the observer draws, and decides nothing.
 */
#ifndef PAWL_CONNECTOR_RUN_H
#define PAWL_CONNECTOR_RUN_H

#include <stdint.h>

#include <pawl/pawl.h>

#include "types/naming.h"

/* Less is not enough for DuckDB to merge its log into the file. */
#define PAWL_RUN_LEAST_MEMORY_BYTES (INT64_C(192) << 20)

typedef struct pawl_run_options {
	const char *configuration_path; /* NULL: $FIVETRAN_CONFIGURATION, else configuration.json when there is one, else {} */
	const char *state_path;         /* NULL: files/state.json */
	const char *warehouse_path;     /* NULL: files/warehouse.db */
	pawl_naming naming;
	bool is_reset;                  /* start from nothing: drops the schema's tables and the state */
	int64_t memory_limit_bytes;     /* for the whole process; 0: 256 MiB */
	int threads;                    /* 0: all cores */
	size_t batch_rows;              /* rows of a table that are folded in memory before they are staged; 0: 122,880 */
} pawl_run_options;

typedef struct pawl_run_counts {
	int64_t upserts, updates, deletes, truncates, schema_changes, checkpoints, warnings;
} pawl_run_counts;

typedef struct pawl_run_result {
	pawl_run_counts counts;
	int64_t committed_rows;    /* operations on rows (upserts, updates, deletes) that were committed */
	int64_t discarded_rows;    /* those after the last checkpoint of a failed sync */
	int64_t elapsed_us;
	int64_t peak_memory_bytes; /* of the process */
	char *state;               /* as committed, JSON text without secrets; free with pawl_run_result_clear */
} pawl_run_result;

void pawl_run_result_clear(pawl_run_result *result);

/* Every member may be NULL. Text is borrowed for the call, UTF-8, without secrets, one line. */
typedef struct pawl_run_observer {
	void *context;
	void (*started)(void *context, const char *connector, const char *warehouse, const char *schema, const char *state);
	void (*log)(void *context, pawl_log_level level, const char *message);     /* the connector's own */
	void (*notice)(void *context, pawl_log_level level, const char *message);  /* Pawl's own, and op warnings (level WARNING) */
	void (*schema_change)(void *context, const char *table, const char *change); /* "tester.customers", "created" */
	void (*progress)(void *context, const pawl_run_counts *counts);            /* often: at most once per 1,000 rows */
	void (*checkpoint)(void *context, const pawl_run_counts *counts, const char *state);
} pawl_run_observer;

/* Runs it. *ret_result is filled in either case. Interruptible: see pawl_run_request_stop. */
pawl_status pawl_run(const pawl_connector *connector, const pawl_run_options *options, const pawl_run_observer *observer,
                     pawl_run_result *ret_result, pawl_error *error);

/* Asks the run in this process to stop: its next operation fails with PAWL_INTERRUPTED. Safe in a signal handler. */
void pawl_run_request_stop(void);

/* The declared tables, for `schema`: calls `visit` for each one. */
typedef struct pawl_declared_table {
	const char *name;             /* the source's */
	const char *destination_name;
	const char *const *primary_key; /* ends in NULL; NULL for none */
	const pawl_column *columns;     /* ends in a NULL name; key columns that were not declared are in it as UNSPECIFIED */
} pawl_declared_table;

typedef void (*pawl_table_visitor)(void *context, const pawl_declared_table *table);

/* Runs the connector's schema function. *ret_has_schema is false when it has none. */
pawl_status pawl_run_schema(const pawl_connector *connector, const pawl_run_options *options, pawl_table_visitor visit,
                            void *context, bool *ret_has_schema, pawl_error *error);

#endif
