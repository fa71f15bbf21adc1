/*
 * replicate/run/internal.h: a run with its threads, which run.c starts, and what it tells of itself, which tell.c does.
 */
#ifndef PAWL_REPLICATE_RUN_INTERNAL_H
#define PAWL_REPLICATE_RUN_INTERNAL_H

#include <pthread.h>

#include "replicate/lock.h"
#include "replicate/run/sync.h"

enum { PAWL_REPLICATE_THREADS_MAX = 64 };

/* What a table's report points to, beside its plan. */
typedef struct pawl_replicate_texts {
	char *cursor_from, *cursor_to;
	bool is_cursor_known;
	pawl_error error;
} pawl_replicate_texts;

typedef struct pawl_replicate_run pawl_replicate_run;

typedef struct pawl_replicate_worker {
	pawl_replicate_run *run;
	pthread_t thread;
	pawl_replica *replica; /* of the first one, the plan's own */
	pawl_source *source;
	pawl_error error;
	bool is_own, is_started;
} pawl_replicate_worker;

struct pawl_replicate_run {
	const pawl_job *job;
	const pawl_sync_observer *observer;
	pawl_plan plan;
	pawl_lock *lock;
	int64_t started_us, deadline_us, started_at_us;
	pawl_replicate_worker workers[PAWL_REPLICATE_THREADS_MAX];
	size_t worker_count;

	pthread_mutex_t mutex; /* of all that follows, and of the observer */
	pthread_cond_t changed;
	pawl_table_report *reports;
	pawl_replicate_texts *texts;
	size_t next;   /* the first table that nobody has taken */
	size_t active; /* workers that are not done */
	int64_t warnings;
	int64_t lock_due_us;
};

/* ---- tell.c: each takes the mutex itself, but for the last two ------------------------------------------------------- */

/* What the sync of a table calls. */
pawl_replicate_hooks pawl_replicate_run_hooks(pawl_replicate_run *run);

/* A signal, or --limit-time. */
bool pawl_replicate_run_is_stopping(const pawl_replicate_run *run);

void pawl_replicate_run_begin_table(pawl_replicate_run *run, size_t index);
void pawl_replicate_run_end_table(pawl_replicate_run *run, size_t index, pawl_status status);

void pawl_replicate_run_tell_start(pawl_replicate_run *run);    /* before there are threads */
void pawl_replicate_run_tell_progress(pawl_replicate_run *run); /* with the mutex; to those who ask for the warehouse's status, too */

#endif
