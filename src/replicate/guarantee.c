#include <inttypes.h>
#include <stdio.h>

#include "replicate/plan.h"

/* A clock may be put right by this much without a word, between two rows. */
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
	snprintf(table->guarantee_reason, sizeof(table->guarantee_reason), "%s", reason);
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

static void promise_no_clock(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	const pawl_source_column *column = &table->source->columns[table->key.columns[0]];

	if (table->key.kind == PAWL_KEY_COLUMN && column->is_sequence && snapshot->is_bound)
		promise(table, PAWL_GUARANTEE_EXACT, 0, "for inserts alone: the key is a sequence, which an update does not move");
	else
		promise(table, PAWL_GUARANTEE_NONE, 0,
		        "nothing tells that keys rise: declare key_format if they are times (unix_s, unix_ms, iso8601)");
}

static void promise_clock(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	int64_t lag_us = table->settings.lag_us;
	bool is_lag_given = (table->settings.given & pawl_field_bit("lag")) != 0;
	char reason[PAWL_PLAN_TEXT_BYTES];

	if (table->settings.clock != PAWL_CLOCK_DATABASE) {
		if (lag_us == 0)
			promise(table, PAWL_GUARANTEE_NONE, 0, "applications set the key, and 'lag' is 0");
		else
			promise(table, PAWL_GUARANTEE_LAG, lag_us,
			        "for rows committed within the lag after their key was set; 'clock: database' if the database sets it");
	} else if (snapshot->guarantee != PAWL_GUARANTEE_EXACT) {
		promise(table, PAWL_GUARANTEE_LAG, lag_us, snapshot->why);
	} else if (!has_zone(&table->key, snapshot)) {
		promise(table, PAWL_GUARANTEE_LAG, lag_us, "the key has no time zone: declare 'key_zone', the zone of its writers");
	} else {
		snprintf(reason, sizeof(reason), "%s; given that the database's clock sets the key on every insert and update",
		         snapshot->why);
		promise(table, PAWL_GUARANTEE_EXACT, is_lag_given ? lag_us : 0, reason);
	}
	if (table->lag_us < CLOCK_STEP_US)
		table->lag_us = CLOCK_STEP_US;
}

void pawl_plan_guarantee(pawl_table_plan *table, const pawl_snapshot *snapshot)
{
	if (table->mode == PAWL_MODE_REPLACE || !table->has_key) {
		promise(table, PAWL_GUARANTEE_EXACT, 0, "the whole table is read, in one snapshot");
		return;
	}
	table->is_clock = is_clock(&table->key);
	table->is_bound = snapshot->is_bound;
	if (table->is_clock)
		promise_clock(table, snapshot);
	else
		promise_no_clock(table, snapshot);
}
