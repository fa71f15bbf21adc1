/*
 * replicate/run/sync.h: bringing one table up to date, as its plan says. run.c does it for all tables, with some threads, and
 * tell.c tells of it.
 *
 *     table.c        one table, phase after phase
 *     backfill.c     the first copy, in windows, each committed with its position
 *     incremental.c  what changed since
 *     refresh.c      the whole table, beside the old one
 *     bounds.c       where the cursor may go
 *     ripen.c        the same when the key is a sequence; see ripen.h
 *     window.c       a read, window by window
 *     state.c        what is kept of the table
 *     retry.c        once more, when the source's server failed
 *     record.c       a word of each table in _pawl.runs
 */
#ifndef PAWL_REPLICATE_RUN_SYNC_H
#define PAWL_REPLICATE_RUN_SYNC_H

#include "replicate/plan.h"

/* A window that was committed. */
typedef struct pawl_replicate_window {
	int64_t rows_read, rows_written;
	int64_t bytes;       /* -1: not known */
	int64_t applying_us; /* see pawl_table_report */
} pawl_replicate_window;

/* How a sync tells of itself; run.c fills it. */
typedef struct pawl_replicate_hooks {
	void *context;
	bool (*is_stopping)(void *context);
	void (*notice)(void *context, size_t table, pawl_notice_level level, const char *message, const char *hint);
	void (*window)(void *context, size_t table, const pawl_replicate_window *window);
	pawl_status (*cursor)(void *context, size_t table, const char *from, const char *to, pawl_error *error);
	void (*expect)(void *context, size_t table, int64_t estimated_rows);
	void (*ignored)(void *context, size_t table, int64_t rows);
} pawl_replicate_hooks;

/* A thread's connections, and the table that it is at. */
typedef struct pawl_table_sync {
	pawl_replica *replica;
	pawl_source *source;
	const pawl_job *job;
	const pawl_replicate_hooks *hooks;
	pawl_table_plan *plan;
	size_t index;
	pawl_snapshot snapshot; /* of this pass */
	bool is_hold_told;      /* that max_hold is over */
	bool is_behind;         /* the pass went on from an earlier run: what changed since in front of its position is to come */
} pawl_table_sync;

/* ---- table.c --------------------------------------------------------------------------------------------------------- */

/* Up to date: PAWL_OK. PAWL_INTERRUPTED: stopped behind a window that is committed. */
pawl_status pawl_replicate_table(pawl_table_sync *sync, pawl_error *error);

pawl_status pawl_replicate_stopped(pawl_error *error);
void pawl_replicate_tell(const pawl_table_sync *sync, pawl_notice_level level, const char *hint, const char *format, ...)
	PAWL_PRINTF(4, 5);

/* The phases. */
pawl_status pawl_replicate_backfill(pawl_table_sync *sync, pawl_error *error);
pawl_status pawl_replicate_incremental(pawl_table_sync *sync, pawl_error *error);
pawl_status pawl_replicate_refresh(pawl_table_sync *sync, pawl_error *error);

/* An empty source is more often a mistake than a wish. */
pawl_status pawl_replicate_refuse_empty(pawl_error *error);

/* ---- bounds.c -------------------------------------------------------------------------------------------------------- */

/* The snapshot, and where keys stand in it. `read` is the one to come. */
pawl_status pawl_replicate_snapshot(pawl_table_sync *sync, pawl_error *error);
pawl_status pawl_replicate_bounds(pawl_table_sync *sync, const pawl_read *read, pawl_bounds *ret_bounds, pawl_error *error);

/* Whether what was begun in an earlier snapshot may go on in this one, behind its position. */
bool pawl_replicate_can_go_on(const pawl_table_sync *sync);

/* The source is another copy of itself than the one that the state is of. */
bool pawl_replicate_is_other_history(const pawl_table_sync *sync);

/* In mode append, rows beyond the horizon wait, where the snapshot is not the bound. */
bool pawl_replicate_is_half_open(const pawl_table_plan *plan);

/* Keys ahead of the clock, rows without a key: told, or refused, as the settings say. */
pawl_status pawl_replicate_check_keys(pawl_table_sync *sync, const pawl_bounds *bounds, pawl_error *error);

/* ---- ripen.c --------------------------------------------------------------------------------------------------------- */

/* The newest key that is ripe in this snapshot, else the cursor as it is. */
pawl_status pawl_replicate_ripe_cursor(const pawl_table_sync *sync, pawl_key_value *ret_cursor, pawl_error *error);
pawl_status pawl_replicate_note_newest(pawl_table_sync *sync, const pawl_key_value *newest, pawl_error *error);

/* Before a table is copied whole; may take a snapshot that is newer than the one that there was. */
pawl_status pawl_replicate_ripen_first(pawl_table_sync *sync, const pawl_read *read, pawl_error *error);

/* ---- window.c -------------------------------------------------------------------------------------------------------- */

/* A read, what it borrows, and since when its snapshot lasts. */
typedef struct pawl_replicate_reading {
	pawl_read read;
	char *after;
	int64_t begun_us;
} pawl_replicate_reading;

/* Reads from behind the position (NULL: from the start). */
pawl_status pawl_replicate_begin_read(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position, pawl_error *error);

/* Where a snapshot is a transaction of the source, which has lasted long enough: a new one, and the read goes on in it. */
pawl_status pawl_replicate_renew_snapshot(pawl_table_sync *sync, pawl_replicate_reading *reading, const char *position,
                                          pawl_error *error);

/* Before what it borrows is gone. */
void pawl_replicate_end_read(pawl_table_sync *sync, pawl_replicate_reading *reading);

/* What ends a window of a read in this order. */
pawl_window_limit pawl_replicate_limit(const pawl_table_sync *sync, pawl_order order);

/* Of the window that comes after one that took so long, its commit included. */
void pawl_replicate_grow_limit(const pawl_table_sync *sync, int64_t took_us, pawl_window_limit *limit);

/* Reads one window by `consume`, which is given its relation; the source's own error goes before the engine's. */
typedef pawl_status pawl_replicate_consume(pawl_table_sync *sync, const char *relation, int64_t *ret_rows, pawl_error *error);
pawl_status pawl_replicate_read_window(pawl_table_sync *sync, const pawl_window_limit *limit, pawl_replicate_consume *consume,
                                       pawl_window *ret_window, pawl_error *error);

/* A primary key that the source does not keep unique: PAWL_INVALID when two rows of the relation share one. */
pawl_status pawl_replicate_check_unique(pawl_table_sync *sync, const char *relation, pawl_error *error);

/* ---- state.c --------------------------------------------------------------------------------------------------------- */

/* What a sync that ends well writes to the state: cursor, newest key, the clocks, no position. */
pawl_status pawl_replicate_note_bounds(pawl_table_sync *sync, const pawl_bounds *bounds, pawl_error *error);
pawl_status pawl_replicate_finish_state(pawl_table_sync *sync, pawl_error *error);

/* Count and hash of the rows from the cursor on, into the state; only where the source gives relations, else forgotten. */
pawl_status pawl_replicate_note_tail(pawl_table_sync *sync, pawl_error *error);

/* Columns that are new or wider, in a transaction of their own. */
pawl_status pawl_replicate_change_columns(pawl_table_sync *sync, pawl_error *error);

/* ---- retry.c --------------------------------------------------------------------------------------------------------- */

/* Gives the sync another connection to the same source. */
typedef pawl_status pawl_replicate_reconnect(void *context, pawl_table_sync *sync, pawl_error *error);

/* pawl_replicate_table; and where the source's server failed it, again after a pause, from the last checkpoint on. */
pawl_status pawl_replicate_with_retries(pawl_table_sync *sync, pawl_replicate_reconnect *reconnect, void *context,
                                        pawl_error *error);

/* Whether another try may do better. */
bool pawl_retry_is_worth_it(const pawl_error *error);

/* The pause before the n-th one, from 1: twice as long each time, of which the half is up to `random`, so that many who lost the
 * same server do not come back at once. */
int64_t pawl_retry_pause_us(int64_t attempt, uint64_t random);

/* ---- record.c -------------------------------------------------------------------------------------------------------- */

/* What the run did, for `pawl status`. If it cannot be written, the tables are no worse for it. */
void pawl_replicate_record(const pawl_plan *plan, const pawl_table_report *reports, int64_t started_at_us);

#endif
