#include "replicate/look.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "replicate/plan/internal.h"

void pawl_look_clear(pawl_look *look)
{
	pawl_free(look->sql);
	*look = (pawl_look) {0};
}

static bool is_whole(const pawl_table_plan *table)
{
	return table->phase == PAWL_PHASE_BACKFILL || table->phase == PAWL_PHASE_REFRESH;
}

/* What is read of a table that is copied whole. */
static pawl_read make_whole_read(const pawl_table_plan *table)
{
	pawl_read read = pawl_plan_read(table);

	if (is_whole(table) && read.key != NULL)
		read.from.text = table->settings.start;
	return read;
}

/* As backfill.c, refresh.c and incremental.c make it, but for what they learn from a snapshot. */
static pawl_read make_read(const pawl_table_plan *table)
{
	pawl_read read = make_whole_read(table);

	if (is_whole(table))
		return read;
	read.order = PAWL_ORDER_KEY;
	read.after = table->state.position;
	if (table->state.cursor != NULL)
		read.from = (pawl_key_value) {table->state.cursor, table->state.cursor_type};
	return read;
}

static pawl_status count_relation(const pawl_plan *plan, const pawl_read *read, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};

	PAWL_TRY(plan->source->driver->relation(plan->source, read, &relation, error));
	PAWL_TRY(pawl_buffer_status(&relation, error));
	return pawl_replica_count(plan->replica, pawl_buffer_text(&relation), ret_rows, error);
}

static pawl_status count_rows(const pawl_plan *plan, const pawl_read *read, int64_t *ret_rows, pawl_error *error)
{
	pawl_snapshot snapshot;

	PAWL_TRY(plan->source->driver->snapshot_begin(plan->source, &snapshot, error));
	pawl_status status = count_relation(plan, read, ret_rows, error);
	plan->source->driver->snapshot_end(plan->source);
	return status;
}

/* Counted where that costs the source little, else as the source guesses; of what changed nobody can guess. */
static pawl_status find_rows(const pawl_plan *plan, const pawl_table_plan *table, const pawl_read *read, pawl_look *look,
                             pawl_error *error)
{
	look->rows = is_whole(table) ? table->source->estimated_rows : -1;
	look->is_estimate = is_whole(table);
	if (look->is_estimate || look->is_resumed || table->source->is_view || plan->source->driver->relation == NULL)
		return PAWL_OK;
	return count_rows(plan, read, &look->rows, error);
}

pawl_status pawl_look_at(const pawl_plan *plan, const pawl_table_plan *table, pawl_look *ret_look, pawl_error *error)
{
	PAWL_CLEANUP(pawl_look_clear) pawl_look look = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_read read = make_read(table);

	look.is_resumed = table->state.position != NULL && table->phase != PAWL_PHASE_REFRESH;
	PAWL_TRY(plan->source->driver->explain(plan->source, &read, &sql, error));
	look.sql = pawl_buffer_take(&sql);
	PAWL_TRY(find_rows(plan, table, &read, &look, error));
	*ret_look = look;
	look = (pawl_look) {0};
	return PAWL_OK;
}

/* ---- a little of it -------------------------------------------------------------------------------------------------- */

static pawl_status count(const pawl_plan *plan, const char *relation, void *context, pawl_error *error)
{
	return pawl_replica_count(plan->replica, relation, context, error);
}

pawl_status pawl_look_read(pawl_plan *plan, pawl_error *error)
{
	int64_t rows;

	for (size_t i = 0; i < plan->table_count; i++) {
		pawl_table_plan *table = &plan->tables[i];
		if (table->error.status != PAWL_OK)
			continue;
		const pawl_read read = make_whole_read(table);
		pawl_status status = pawl_plan_read_some(plan, &read, 1, count, &rows, &table->error);
		if (status == PAWL_OUT_OF_MEMORY) {
			*error = table->error;
			return status;
		}
		if (status != PAWL_OK)
			pawl_plan_hint_where(table, &table->error);
	}
	return PAWL_OK;
}

/* ---- a key's format -------------------------------------------------------------------------------------------------- */

/* Times from 1980 to 2100. */
static pawl_key_format guess_number(const char *text)
{
	static const struct {
		int64_t from, to;
		pawl_key_format format;
	} ranges[] = {
		{INT64_C(315532800), INT64_C(4102444800), PAWL_FORMAT_UNIX_S},
		{INT64_C(315532800000), INT64_C(4102444800000), PAWL_FORMAT_UNIX_MS},
		{INT64_C(2444239), INT64_C(2488069), PAWL_FORMAT_JULIAN_DAY},
	};
	char whole[24];
	size_t length = strcspn(text, ".");
	int64_t number;

	if (length >= sizeof(whole))
		return PAWL_FORMAT_NONE;
	memcpy(whole, text, length);
	whole[length] = '\0';
	for (size_t i = 0; pawl_text_parse_integer(whole, &number) && i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (number >= ranges[i].from && number < ranges[i].to)
			return ranges[i].format;
	return PAWL_FORMAT_NONE;
}

static pawl_key_format guess_format(pawl_key_class key_class, const char *text)
{
	pawl_time_parts parts;
	const char *reason;

	if (key_class == PAWL_KEY_NUMBER)
		return guess_number(text);
	bool is_time = key_class == PAWL_KEY_TEXT && pawl_time_parse(text, strlen(text), &parts, &reason);
	return is_time && parts.has_time ? PAWL_FORMAT_ISO8601 : PAWL_FORMAT_NONE;
}

pawl_status pawl_look_guess_format(const pawl_plan *plan, const pawl_table_plan *table, pawl_key_format *ret_format,
                                   char **ret_newest, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	const pawl_bounds_request request = {.max_ahead_us = table->settings.max_ahead_us};
	const pawl_read read = pawl_plan_read(table);
	pawl_snapshot snapshot;

	PAWL_TRY(plan->source->driver->snapshot_begin(plan->source, &snapshot, error));
	pawl_status status = plan->source->driver->bounds(plan->source, &read, &request, &bounds, error);
	plan->source->driver->snapshot_end(plan->source);
	PAWL_TRY(status);
	*ret_newest = PAWL_TAKE(bounds.newest.text);
	*ret_format = *ret_newest == NULL ? PAWL_FORMAT_NONE : guess_format(table->key.key_class, *ret_newest);
	return PAWL_OK;
}

/* ---- all tables ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_look_find_failure(const pawl_plan *plan, pawl_error *error)
{
	for (size_t i = 0; i < plan->table_count; i++)
		if (plan->tables[i].error.status != PAWL_OK) {
			*error = plan->tables[i].error;
			return pawl_plan_name_table(plan->tables[i].source_name, error);
		}
	return PAWL_OK;
}

pawl_look_counts pawl_look_count(const pawl_plan *plan)
{
	pawl_look_counts counts = {0};

	for (size_t i = 0; i < plan->table_count; i++) {
		const pawl_table_plan *table = &plan->tables[i];
		bool is_sound = table->error.status == PAWL_OK;
		counts.failed += !is_sound;
		for (size_t k = 0; is_sound && k < table->notice_count; k++)
			counts.warnings += table->notices[k].level == PAWL_NOTICE_WARNING;
	}
	return counts;
}
