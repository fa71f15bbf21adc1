#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/time.h"
#include "replicate/run/sync.h"

#define FIRST_PAUSE_US INT64_C(500000)
#define MOST_PAUSE_US  INT64_C(30000000)

/* How often a pause looks whether it should end. */
#define LOOK_US INT64_C(100000)

/* ---- what and when --------------------------------------------------------------------------------------------------- */

/*
 * A server said so, by a SQLSTATE: what goes wrong with a file or in the warehouse would do so again. Who was not given a lock has
 * waited for it as long as busy_timeout says.
 */
bool pawl_retry_is_worth_it(const pawl_error *error)
{
	return error->status == PAWL_DATABASE && error->is_retryable && error->sqlstate[0] != '\0' &&
	       strcmp(error->sqlstate, "55P03") != 0;
}

int64_t pawl_retry_pause_us(int64_t attempt, uint64_t random)
{
	int64_t pause_us = FIRST_PAUSE_US;

	for (int64_t i = 1; i < attempt && pause_us < MOST_PAUSE_US; i++)
		pause_us *= 2;
	if (pause_us > MOST_PAUSE_US)
		pause_us = MOST_PAUSE_US;
	return pause_us / 2 + (int64_t) (random % (uint64_t) (pause_us / 2 + 1));
}

/* False: asked to stop. */
static bool wait_until(const pawl_table_sync *sync, int64_t until_us)
{
	for (;;) {
		int64_t left_us = until_us - pawl_time_monotonic_us();
		if (sync->hooks->is_stopping(sync->hooks->context))
			return false;
		if (left_us <= 0)
			return true;
		nanosleep(&(struct timespec) {.tv_nsec = (long) (left_us < LOOK_US ? left_us : LOOK_US) * 1000}, NULL);
	}
}

/* ---- the last checkpoint --------------------------------------------------------------------------------------------- */

static pawl_status take_over(pawl_table_plan *plan, const pawl_replica_state *found, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state state = {0};

	PAWL_TRY(pawl_replica_state_copy(found, &state, error));
	/* --accept-source: the new name is written with the first commit, so that there has to be one. */
	if (state.source == NULL || strcmp(state.source, plan->state.source) != 0)
		PAWL_TRY(pawl_replica_set_text(&state.tail_hash, NULL, error));
	PAWL_TRY(pawl_replica_set_text(&state.source, plan->state.source, error));
	pawl_replica_state_clear(&plan->state);
	plan->state = state;
	state = (pawl_replica_state) {0};
	return PAWL_OK;
}

/* What was noted in memory and not committed is nothing. A refresh begins with its first row again, whatever it noted; and so does a copy
 * under new rules, of which the state does not know yet. */
static pawl_status go_back(pawl_table_sync *sync, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};
	pawl_table_plan *plan = sync->plan;

	sync->is_behind = false;
	if (plan->phase == PAWL_PHASE_REFRESH || plan->is_outdated)
		return PAWL_OK;
	PAWL_TRY(pawl_replica_load_states(sync->replica, &states, error));
	const pawl_replica_state *found = pawl_replica_states_find(&states, plan->target.schema, plan->target.name);
	return found == NULL ? PAWL_OK : take_over(plan, found, error);
}

/* ---- trying ---------------------------------------------------------------------------------------------------------- */

static void tell_retry(const pawl_table_sync *sync, int64_t attempt, int64_t pause_us, const pawl_error *error)
{
	char hint[80];

	snprintf(hint, sizeof(hint), "trying again in %.1f s, %" PRId64 " of %" PRId64, (double) pause_us / 1e6, attempt,
	         sync->job->retries);
	pawl_replicate_tell(sync, PAWL_NOTICE_WARNING, hint, "%s", error->message);
}

static pawl_status try_again(pawl_table_sync *sync, pawl_replicate_reconnect *reconnect, void *context, pawl_error *error)
{
	PAWL_TRY(reconnect(context, sync, error));
	PAWL_TRY(go_back(sync, error));
	return pawl_replicate_table(sync, error);
}

pawl_status pawl_replicate_with_retries(pawl_table_sync *sync, pawl_replicate_reconnect *reconnect, void *context,
                                        pawl_error *error)
{
	pawl_status status = pawl_replicate_table(sync, error);

	for (int64_t attempt = 1; status != PAWL_OK && attempt <= sync->job->retries && pawl_retry_is_worth_it(error); attempt++) {
		int64_t now_us = pawl_time_monotonic_us();
		int64_t pause_us = pawl_retry_pause_us(attempt, (uint64_t) now_us);
		tell_retry(sync, attempt, pause_us, error);
		if (!wait_until(sync, now_us + pause_us))
			return pawl_replicate_stopped(error);
		status = try_again(sync, reconnect, context, error);
	}
	return status;
}
