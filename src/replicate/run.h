/*
 * replicate/run.h: runs a job once: every table that it names is brought up to date, and what was done is told to an observer.
 *
 *     pawl_sync_result result = {0};
 *     pawl_status status = pawl_sync_run(&job, &observer, &result, error);
 *
 * Thread rule: pawl_sync_run works with threads of its own, but calls the observer with one at a time. pawl_sync_request_stop may
 * be called from any thread and from a signal handler.
 */
#ifndef PAWL_REPLICATE_RUN_H
#define PAWL_REPLICATE_RUN_H

#include <stdint.h>

#include "base/error.h"
#include "replicate/job.h"

/* What is done with a table in this run. */
typedef enum pawl_phase {
	PAWL_PHASE_NONE,        /* nothing yet */
	PAWL_PHASE_BACKFILL,    /* the first copy */
	PAWL_PHASE_INCREMENTAL, /* what changed since */
	PAWL_PHASE_REFRESH      /* the whole table, beside the old one */
} pawl_phase;

/* Each ends in NULL. */
extern const char *const pawl_phase_names[];     /* "none", "backfill", "incremental", "refresh" */
extern const char *const pawl_mode_names[];      /* "auto", "upsert", "append", "replace" */
extern const char *const pawl_guarantee_names[]; /* "none", "lag", "exact" */

typedef enum pawl_table_outcome {
	PAWL_TABLE_WAITING,
	PAWL_TABLE_IN_FLIGHT,
	PAWL_TABLE_DONE,    /* up to date */
	PAWL_TABLE_STOPPED, /* a signal or --limit-time came first; what is committed is kept, and the next run goes on */
	PAWL_TABLE_FAILED
} pawl_table_outcome;

/* One table of a run, from its start to its end. Texts are never NULL where not said otherwise. */
typedef struct pawl_table_report {
	const char *source_name;      /* "main.orders" */
	const char *destination_name; /* "main.orders" */
	pawl_table_outcome outcome;
	pawl_phase phase;
	pawl_mode mode;
	const char *key;              /* "updated_at"; NULL: the table has none */
	const char *guarantee;        /* "exact", "lag 60s", "none"; NULL: not known yet */
	const char *guarantee_reason; /* why; NULL: not known yet */
	int64_t estimated_rows;       /* of the whole phase; -1: unknown */
	int64_t rows_read;
	int64_t rows_written;         /* committed */
	int64_t bytes_read;           /* -1: not known */
	int64_t windows;              /* committed */
	int64_t applying_us;          /* in which staged rows were brought into the table and committed */
	int64_t null_keys_ignored;    /* rows that null_keys: ignore left out */
	const char *cursor_from, *cursor_to; /* NULL: none */
	int64_t started_us, ended_us; /* monotonic; 0: not yet */
	const pawl_error *error;      /* NULL: none */
} pawl_table_report;

typedef enum pawl_notice_level { PAWL_NOTICE_INFO, PAWL_NOTICE_WARNING } pawl_notice_level;

/* Members may be NULL. `tables` are those of the run, in their order, wherever they are. */
typedef struct pawl_sync_observer {
	void *context;
	void (*started)(void *context, const char *source, const char *destination, const pawl_table_report *tables, size_t count);
	void (*table_changed)(void *context, const pawl_table_report *tables, size_t count, size_t index); /* its outcome or phase */
	void (*progress)(void *context, const pawl_table_report *tables, size_t count); /* about ten times a second */
	void (*window)(void *context, const pawl_table_report *tables, size_t count, size_t index); /* committed */
	/* `table` NULL: of the whole run. A sentence without its full stop; the hint may be "". */
	void (*notice)(void *context, pawl_notice_level level, const char *table, const char *message, const char *hint);
	/* Asked by any thread, ten times a second and more; false ends this run at its next checkpoint. */
	bool (*is_wanted)(void *context);
} pawl_sync_observer;

typedef struct pawl_sync_result {
	pawl_table_report *tables; /* their texts are owned by the result */
	size_t table_count;
	int64_t elapsed_us;
	int64_t peak_memory_bytes; /* VmHWM of the process */
	int64_t rows_read, rows_written;
	size_t failed_count, stopped_count;
	int64_t warnings;
	void *owned; /* what the texts lie in */
} pawl_sync_result;

void pawl_sync_result_clear(pawl_sync_result *result);

/*
 * PAWL_OK when every table is up to date. When some failed: the first one's error, and the others are done nevertheless.
 * PAWL_INTERRUPTED when it was stopped, and none failed. The result is filled in any case.
 */
pawl_status pawl_sync_run(const pawl_job *job, const pawl_sync_observer *observer, pawl_sync_result *ret_result,
                          pawl_error *error);

/* Ends the run in flight at its next checkpoint. */
void pawl_sync_request_stop(void);

#endif
