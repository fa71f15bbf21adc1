#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "replicate/plan.h"

/* A clock may be put right by this much without a word, between two rows, or two looks at the open transactions. */
#define CLOCK_STEP_US INT64_C(2000000)

static void promise(pawl_table_plan *table, pawl_guarantee guarantee, int64_t lag_us, const char *reason)
{
	table->guarantee = guarantee;
	table->lag_us = lag_us;
	if (guarantee != PAWL_GUARANTEE_LAG)
		snprintf(table->guarantee_text, sizeof(table->guarantee_text), "%s", pawl_guarantee_names[guarantee]);
	else if (lag_us % 1000000 == 0)
		snprintf(table->guarantee_text, sizeof(table->guarantee_text), "lag %" PRId64 "s", lag_us / 1000000);
	else
		snprintf(table->guarantee_text, sizeof(table->guarantee_text), "lag %" PRId64 "ms", lag_us / 1000);
	pawl_text_format(table->guarantee_reason, sizeof(table->guarantee_reason), "%s", reason);
}

static bool is_clock(const pawl_source_key *key)
{
	switch (key->key_class) {
	case PAWL_KEY_TIMESTAMPTZ:
	case PAWL_KEY_TIMESTAMP:
	case PAWL_KEY_DATE:
		return true;
	case PAWL_KEY_NUMBER:
	case PAWL_KEY_TEXT:
		return key->format != PAWL_FORMAT_NONE;
	case PAWL_KEY_NONE:
		break;
	}
	return false;
}

/* Local times go back once a year, and nobody knows by how much they are off. */
static bool has_zone(const pawl_source_key *key, const pawl_snapshot *snapshot)
{
	return snapshot->is_clock_utc || key->zone != NULL || key->key_class == PAWL_KEY_TIMESTAMPTZ || key->key_class == PAWL_KEY_NUMBER;
}

/* ---- the horizon ----------------------------------------------------------------------------------------------------- */

/* A cursor that an exact sync set is good for as long as it stays where it is. */
static bool can_hold(const pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	const pawl_replica_state *state = &table->state;

	return snapshot->is_last_good && table->phase == PAWL_PHASE_INCREMENTAL && state->cursor != NULL && state->guarantee != NULL &&
	       strcmp(state->guarantee, pawl_guarantee_names[PAWL_GUARANTEE_EXACT]) == 0;
}

/* What the horizon is good for, EXACT or LAG. */
#define HORIZON_BYTES (PAWL_WHY_BYTES + 40)
static pawl_guarantee judge_horizon(pawl_table_plan *table, const pawl_snapshot *snapshot, char reason[HORIZON_BYTES])
{
	if (table->is_lag_of_clock) {
		pawl_text_format(reason, HORIZON_BYTES, "max_hold is over: %s", snapshot->why);
		return PAWL_GUARANTEE_LAG;
	}
	table->is_held = can_hold(table, snapshot);
	pawl_text_format(reason, HORIZON_BYTES, "%s%s", table->is_held ? "the cursor stays where it is: " : "", snapshot->why);
	return table->is_held ? PAWL_GUARANTEE_EXACT : snapshot->guarantee;
}

/* ---- promises -------------------------------------------------------------------------------------------------------- */

/* What it is lowered by when the horizon is exact: nothing, unless somebody wants it. */
static int64_t given_lag(const pawl_table_plan *table)
{
	return (table->settings.given & pawl_field_bit("lag")) != 0 ? table->settings.lag_us : 0;
}

static void keep_clock_step(pawl_table_plan *table)
{
	if (table->lag_us < CLOCK_STEP_US)
		table->lag_us = CLOCK_STEP_US;
}

static void promise_sequence(pawl_table_plan *table, const pawl_source_column *column, const pawl_snapshot *snapshot)
{
	static const char inserts[] = "for inserts alone: the key is a sequence, which an update does not move";
	char horizon[HORIZON_BYTES], reason[PAWL_PLAN_TEXT_BYTES];

	if (snapshot->is_bound) {
		promise(table, PAWL_GUARANTEE_EXACT, 0, inserts);
		return;
	}
	table->is_ripening = true;
	if (column->is_sequence_cached) {
		promise(table, PAWL_GUARANTEE_LAG, table->settings.lag_us,
		        "for inserts: the sequence has a CACHE, out of which sessions give numbers that are older than their transactions");
	} else if (judge_horizon(table, snapshot, horizon) != PAWL_GUARANTEE_EXACT) {
		promise(table, PAWL_GUARANTEE_LAG, table->settings.lag_us, horizon);
	} else {
		pawl_text_format(reason, sizeof(reason), "%s; %s", inserts, horizon);
		promise(table, PAWL_GUARANTEE_EXACT, given_lag(table), reason);
	}
	keep_clock_step(table);
}

static void promise_no_clock(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	const pawl_source_column *column = &table->source->columns[table->key.columns[0]];

	if (table->key.kind == PAWL_KEY_COLUMN && column->is_sequence)
		promise_sequence(table, column, snapshot);
	else
		promise(table, PAWL_GUARANTEE_NONE, 0,
		        "nothing tells that keys rise: declare key_format if they are times (unix_s, unix_ms, iso8601)");
}

static void promise_clock(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	int64_t lag_us = table->settings.lag_us;
	char horizon[HORIZON_BYTES], reason[PAWL_PLAN_TEXT_BYTES];

	if (table->settings.clock != PAWL_CLOCK_DATABASE) {
		if (lag_us == 0)
			promise(table, PAWL_GUARANTEE_NONE, 0, "applications set the key, and 'lag' is 0");
		else
			promise(table, PAWL_GUARANTEE_LAG, lag_us,
			        "for rows committed within the lag after their key was set; 'clock: database' if the database sets it");
	} else if (!has_zone(&table->key, snapshot)) {
		promise(table, PAWL_GUARANTEE_LAG, lag_us, "the key has no time zone: declare 'key_zone', the zone of its writers");
	} else if (judge_horizon(table, snapshot, horizon) != PAWL_GUARANTEE_EXACT) {
		promise(table, PAWL_GUARANTEE_LAG, lag_us, horizon);
	} else {
		pawl_text_format(reason, sizeof(reason), "%s; given that the database's clock sets the key on every insert and update",
		                 horizon);
		promise(table, PAWL_GUARANTEE_EXACT, given_lag(table), reason);
	}
	keep_clock_step(table);
}

static void note_hold(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	const pawl_table_settings *settings = &table->settings;

	table->is_held = table->is_ripening = false;
	table->is_hold_over = snapshot->held_since_us != 0 && snapshot->now_us - snapshot->held_since_us > settings->hold_after_us;
	table->is_lag_of_clock = table->is_hold_over && settings->hold_then == PAWL_HOLD_LAG;
}

void pawl_plan_guarantee(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	if (table->mode == PAWL_MODE_REPLACE || !table->has_key) {
		promise(table, PAWL_GUARANTEE_EXACT, 0, "the whole table is read, in one snapshot");
		return;
	}
	note_hold(table, snapshot);
	table->is_clock = is_clock(&table->key);
	table->is_bound = snapshot->is_bound;
	if (table->is_clock)
		promise_clock(table, snapshot);
	else
		promise_no_clock(table, snapshot);
}

void pawl_plan_no_guarantee(pawl_table_plan *table, const char *reason)
{
	promise(table, PAWL_GUARANTEE_NONE, table->lag_us, reason);
}
