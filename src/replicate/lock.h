/*
 * replicate/lock.h: one run at a time on a warehouse, and a word of what it does for those who ask meanwhile.
 *
 *     PAWL_TRY(pawl_lock_take("warehouse.duckdb", &lock, error));     // makes warehouse.duckdb.pawl
 *     pawl_lock_write(lock, "{\"tables\":[...]}");
 *     pawl_lock_release(lock);                                        // takes the file away
 *
 * The file is locked by flock(2), which ends with the process: what a dead run left behind is taken over. Its text is one JSON
 * object: host, pid, started_at, and what was written last under "progress".
 */
#ifndef PAWL_REPLICATE_LOCK_H
#define PAWL_REPLICATE_LOCK_H

#include "base/error.h"

typedef struct pawl_lock pawl_lock;

/* PAWL_DATABASE, retryable, when another run holds it: names the process. */
pawl_status pawl_lock_take(const char *warehouse, pawl_lock **ret_lock, pawl_error *error);

/* Replaces the progress, a JSON value. Failure to write is of no matter to the run. */
void pawl_lock_write(pawl_lock *lock, const char *progress);
void pawl_lock_release(pawl_lock *lock); /* takes NULL */

/* What a run that is alive says of itself, as JSON text; NULL when there is none. Free with pawl_free. */
pawl_status pawl_lock_read(const char *warehouse, char **ret_text, pawl_error *error);

#endif
