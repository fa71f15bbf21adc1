#include "source/postgres/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)

/* A transaction's start is taken a moment before others can see it. */
#define GUARD_US SECOND_US

/* Who keeps the horizon back for longer is named. */
#define LONG_TRANSACTION_US (2 * SECOND_US)

/*
 * Every transaction counts, whether it has written or not: now() stands still from its BEGIN on. Those of walsenders and
 * autovacuum write no rows of tables, and neither do Pawl's own, which are read-only.
 */
static const char look[] =
	"SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint, "
	"(extract(epoch FROM min(xact_start)) * 1000000)::bigint, "
	"(array_agg(pid ORDER BY xact_start))[1], (array_agg(usename ORDER BY xact_start))[1], "
	"coalesce(bool_or(state = 'disabled'), false) OR current_setting('track_activities') <> 'on', "
	"pg_has_role('pg_read_all_stats', 'USAGE'), pg_is_in_recovery(), EXISTS (SELECT FROM pg_subscription_rel), "
	"quote_ident(current_user) "
	"FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
	"AND (backend_type <> 'walsender' AND backend_type NOT LIKE 'autovacuum %') IS NOT FALSE "
	"AND (application_name = 'pawl' AND usename = current_user AND backend_xid IS NULL) IS NOT TRUE";

/* ---- the horizon ----------------------------------------------------------------------------------------------------- */

static void promise_lag(pawl_snapshot *snapshot, const char *why)
{
	snapshot->guarantee = PAWL_GUARANTEE_LAG;
	snprintf(snapshot->why, sizeof(snapshot->why), "%s", why);
}

/* What keeps the horizon from being known. */
static void judge(const PGresult *found, pawl_snapshot *snapshot)
{
	char why[PAWL_WHY_BYTES];

	if (pawl_postgres_is_true(found, 0, 6)) {
		promise_lag(snapshot, "the server is a standby, which does not know the transactions that are open on its primary");
	} else if (!pawl_postgres_is_true(found, 0, 5)) {
		snprintf(why, sizeof(why), "other sessions' transactions cannot be seen: GRANT pg_read_all_stats TO %.80s",
		         pawl_postgres_text(found, 0, 8));
		promise_lag(snapshot, why);
	} else if (pawl_postgres_is_true(found, 0, 4)) {
		promise_lag(snapshot, "a session does not tell of its transactions: its track_activities is off");
	} else if (pawl_postgres_is_true(found, 0, 7)) {
		promise_lag(snapshot, "the database has a subscription: its rows come with keys of another server's clock");
	}
}

static void name_holder(const PGresult *found, pawl_snapshot *snapshot)
{
	int64_t age_us = snapshot->now_us - snapshot->horizon_us;

	if (pawl_pq.getisnull(found, 0, 1) || age_us < LONG_TRANSACTION_US)
		return;
	snprintf(snapshot->why, sizeof(snapshot->why),
	         "read up to the oldest open transaction, %" PRId64 " s ago: pid %s of user '%.63s' holds it", age_us / SECOND_US,
	         pawl_pq.getvalue(found, 0, 2), pawl_pq.getvalue(found, 0, 3));
}

static int64_t lesser(int64_t left, int64_t right)
{
	return left < right ? left : right;
}

static void settle_horizon(const PGresult *found, pawl_snapshot *snapshot)
{
	bool has_oldest = !pawl_pq.getisnull(found, 0, 1);
	int64_t oldest_us = pawl_postgres_integer(found, 0, 1);

	snapshot->now_us = pawl_postgres_integer(found, 0, 0);
	snapshot->horizon_us = snapshot->now_us - GUARD_US;
	snapshot->settled_us = snapshot->now_us;
#ifdef PAWL_TEST_HOOKS
	if (getenv("PAWL_TEST_NO_HORIZON") != NULL) { /* nor what is taken off it for a clock that is put right */
		snapshot->horizon_us = snapshot->settled_us = snapshot->now_us + 2 * SECOND_US;
		return;
	}
#endif
	if (!has_oldest)
		return;
	snapshot->held_since_us = oldest_us;
	snapshot->horizon_us = lesser(snapshot->horizon_us, oldest_us);
	/* No guard: who drew a number of a sequence was to be seen before. */
	snapshot->settled_us = lesser(snapshot->settled_us, oldest_us);
}

/*
 * A prepared transaction belongs to no session, and when it began is not told. One that was not there at the last look was open
 * then, or began later: so the horizon of that look is still good.
 */
static pawl_status look_at_prepared(pawl_postgres_source *postgres, pawl_snapshot *snapshot, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *found = NULL;
	char why[PAWL_WHY_BYTES];

	PAWL_TRY(pawl_postgres_query(postgres, "SELECT count(*), (array_agg(gid ORDER BY prepared))[1], "
	                                       "(extract(epoch FROM min(prepared)) * 1000000)::bigint FROM pg_prepared_xacts",
	                             &found, error));
	if (snapshot->guarantee != PAWL_GUARANTEE_EXACT || pawl_postgres_integer(found, 0, 0) == 0)
		return PAWL_OK;
#ifdef PAWL_TEST_HOOKS
	if (getenv("PAWL_TEST_NO_HORIZON") != NULL)
		return PAWL_OK;
#endif
	snprintf(why, sizeof(why), "%s prepared transactions, as '%.60s': nothing tells when they began; COMMIT PREPARED or "
	                           "ROLLBACK PREPARED ends them",
	         pawl_pq.getvalue(found, 0, 0), pawl_pq.getvalue(found, 0, 1));
	promise_lag(snapshot, why);
	snapshot->is_last_good = true;
	snapshot->held_since_us = pawl_postgres_integer(found, 0, 2);
	return PAWL_OK;
}

/*
 * A standby that is promoted begins a new timeline. What its primary had committed and not yet sent is not in it. A primary's stays
 * the same for as long as it runs; a standby tells its own by its last restartpoint, which may be late.
 */
static void find_history(pawl_postgres_source *postgres, bool is_standby, pawl_snapshot *snapshot)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *found = NULL;
	pawl_error ignored; /* who may not ask, or asks what is no server of PostgreSQL's own make, does without */
	const char *sql = is_standby ? "SELECT upper(lpad(to_hex(timeline_id), 8, '0')) FROM pg_control_checkpoint()"
	                             : "SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)";

	if ((is_standby || postgres->history[0] == '\0') && pawl_postgres_query(postgres, sql, &found, &ignored) == PAWL_OK)
		snprintf(postgres->history, sizeof(postgres->history), "%s", pawl_pq.getvalue(found, 0, 0));
	memcpy(snapshot->history, postgres->history, sizeof(snapshot->history));
	if (is_standby)
		postgres->history[0] = '\0';
}

/* In this order: what was open at the first look and is prepared meanwhile, the second one sees. */
static pawl_status find_horizon(pawl_postgres_source *postgres, pawl_snapshot *snapshot, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *found = NULL;

	PAWL_TRY(pawl_postgres_query(postgres, look, &found, error));
	settle_horizon(found, snapshot);
	snprintf(snapshot->why, sizeof(snapshot->why), "no open transaction is older than the horizon");
	name_holder(found, snapshot);
	judge(found, snapshot);
	find_history(postgres, pawl_postgres_is_true(found, 0, 6), snapshot);
	return look_at_prepared(postgres, snapshot, error);
}

/* ---- snapshots ------------------------------------------------------------------------------------------------------- */

void pawl_postgres_snapshot_end(pawl_source *source)
{
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);
	pawl_error ignored; /* nothing was written, and a connection that is gone has no transaction */

	pawl_postgres_read_end(source);
	if (postgres->has_snapshot)
		(void) pawl_postgres_run(postgres, "ROLLBACK", &ignored);
	postgres->has_snapshot = false;
}

/* BEGIN alone takes no snapshot: the first statement does, before it looks at the clock. */
static pawl_status take_snapshot(pawl_postgres_source *postgres, int64_t *ret_taken_us, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *found = NULL;

	PAWL_TRY(pawl_postgres_query(postgres, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", &found, error));
	*ret_taken_us = pawl_postgres_integer(found, 0, 0);
	return PAWL_OK;
}

pawl_status pawl_postgres_snapshot_begin(pawl_source *source, pawl_snapshot *ret_snapshot, pawl_error *error)
{
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);
	pawl_snapshot snapshot = {.guarantee = PAWL_GUARANTEE_EXACT};

	pawl_postgres_snapshot_end(source);
	PAWL_TRY(find_horizon(postgres, &snapshot, error));
	PAWL_TRY(pawl_postgres_run(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error));
	postgres->has_snapshot = true;
	/* What fails behind the savepoint does not end the snapshot. */
	if (take_snapshot(postgres, &snapshot.taken_us, error) != PAWL_OK || pawl_postgres_check_session(postgres, error) != PAWL_OK ||
	    pawl_postgres_run(postgres, "SAVEPOINT pawl", error) != PAWL_OK) {
		pawl_postgres_snapshot_end(source);
		return error->status;
	}
	postgres->snapshot = *ret_snapshot = snapshot;
	return PAWL_OK;
}
