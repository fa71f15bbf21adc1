#include "source/postgres/reading.h"

#include <stdio.h>

/* TID range scans, without which each range would be a scan of the whole table. */
#define RANGES_VERSION 140000

/* So many blocks are worth a connection. */
#define LANE_BLOCKS 1024

/* A window with fewer rows than this may be all that is wanted of the read. */
#define LEAST_WINDOW_ROWS 2

void pawl_postgres_lanes_init(pawl_postgres_reading *reading)
{
	for (size_t i = 0; i < PAWL_POSTGRES_LANES; i++) {
		reading->lanes[i].reading = reading;
		pthread_mutex_init(&reading->lanes[i].mutex, NULL); /* cannot fail on Linux without attributes */
	}
	reading->lanes[0].postgres = reading->postgres;
	reading->lane_count = 1;
}

void pawl_postgres_lanes_close(pawl_postgres_reading *reading)
{
	for (size_t i = 0; i < reading->lane_count; i++)
		pawl_postgres_stop_copy(&reading->lanes[i]);
	for (size_t i = 1; i < reading->lane_count; i++)
		pawl_source_postgres.close(&reading->lanes[i].postgres->source);
	for (size_t i = 0; i < PAWL_POSTGRES_LANES; i++)
		pthread_mutex_destroy(&reading->lanes[i].mutex);
}

/* ---- how many -------------------------------------------------------------------------------------------------------- */

static pawl_status count_threads(pawl_duck *engine, int64_t *ret_threads, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	PAWL_TRY(pawl_duck_query(engine, "SELECT current_setting('threads')::BIGINT", NULL, 0, &rows, error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, error));
	*ret_threads = has_row ? pawl_duck_rows_integer(rows, 0) : 1;
	return PAWL_OK;
}

/*
 * Of a table with partitions or children, those of the largest one; 0 where not all are PostgreSQL's own tables, whose rows stay
 * where they are as long as a snapshot sees them.
 */
static pawl_status count_blocks(const pawl_postgres_reading *reading, int64_t *ret_blocks, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_source_table *table = reading->plan.read->table;

	pawl_buffer_append_identifier(&name, table->schema);
	pawl_buffer_append_character(&name, '.');
	pawl_buffer_append_identifier(&name, table->name);
	PAWL_TRY(pawl_buffer_status(&name, error));
	pawl_buffer_append(&sql, "WITH RECURSIVE tree AS (SELECT ");
	pawl_buffer_append_literal(&sql, pawl_buffer_text(&name));
	pawl_buffer_append(&sql, "::regclass::oid AS oid "
	                         "UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid) "
	                         "SELECT CASE WHEN bool_and(c.relkind = 'p' OR c.relkind IN ('r', 'm') AND m.amname = 'heap') "
	                         "THEN max(pg_relation_size(c.oid)) / current_setting('block_size')::bigint ELSE 0 END "
	                         "FROM tree JOIN pg_class c ON c.oid = tree.oid LEFT JOIN pg_am m ON m.oid = c.relam");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_postgres_query(reading->postgres, pawl_buffer_text(&sql), &result, error));
	*ret_blocks = pawl_postgres_integer(result, 0, 0);
	return PAWL_OK;
}

static bool may_have_lanes(const pawl_postgres_reading *reading)
{
	const pawl_read *read = reading->plan.read;

	/* From a key on, its index is the better way. */
	return read->order == PAWL_ORDER_NONE && read->from.text == NULL && reading->limit.rows >= LEAST_WINDOW_ROWS &&
	       pawl_pq.serverVersion(reading->postgres->connection) >= RANGES_VERSION;
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

/* A snapshot can only be exported in front of the savepoint that protects it. */
static pawl_status export_snapshot(pawl_postgres_source *postgres, PGresult **ret_result, pawl_error *error)
{
	PAWL_TRY(pawl_postgres_run(postgres, "RELEASE SAVEPOINT pawl", error));
	PAWL_TRY(pawl_postgres_query(postgres, "SELECT pg_export_snapshot()", ret_result, error));
	return pawl_postgres_run(postgres, "SAVEPOINT pawl", error);
}

static pawl_status open_lane(pawl_postgres_lane *lane, const char *snapshot, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *beside = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	PAWL_TRY(pawl_postgres_open_beside(lane->reading->postgres, &beside, error));
	pawl_postgres_source *postgres = pawl_postgres_source_of(beside);
	PAWL_TRY(pawl_postgres_run(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error));
	pawl_buffer_append(&sql, "SET TRANSACTION SNAPSHOT ");
	pawl_buffer_append_literal(&sql, snapshot);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_postgres_run(postgres, pawl_buffer_text(&sql), error));
	lane->postgres = pawl_postgres_source_of(PAWL_TAKE(beside));
	return PAWL_OK;
}

/* With fewer of them, as when the server has no connection left, the read only takes longer. */
static pawl_status open_lanes(pawl_postgres_reading *reading, size_t count, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	pawl_error ignored;

	PAWL_TRY(export_snapshot(reading->postgres, &result, error));
	while (reading->lane_count < count &&
	       open_lane(&reading->lanes[reading->lane_count], pawl_pq.getvalue(result, 0, 0), &ignored) == PAWL_OK)
		reading->lane_count++;
	return PAWL_OK;
}

pawl_status pawl_postgres_lanes_open(pawl_postgres_reading *reading, pawl_error *error)
{
	int64_t blocks = 0, threads = 0;

	if (reading->has_lanes)
		return PAWL_OK;
	reading->has_lanes = true;
	if (!may_have_lanes(reading))
		return PAWL_OK;
	PAWL_TRY(count_threads(reading->postgres->engine, &threads, error));
	PAWL_TRY(count_blocks(reading, &blocks, error));
	int64_t count = blocks / LANE_BLOCKS < threads ? blocks / LANE_BLOCKS : threads;
	count = count < PAWL_POSTGRES_LANES ? count : PAWL_POSTGRES_LANES;
	if (count < 2)
		return PAWL_OK;
	PAWL_TRY(open_lanes(reading, (size_t) count, error));
	reading->blocks = reading->lane_count > 1 ? blocks : 0;
	return PAWL_OK;
}

/* ---- parts ----------------------------------------------------------------------------------------------------------- */

/* The last range has no end: rows may lie behind the table's size as it was, if only those that the snapshot does not see. */
static pawl_postgres_range take_range(pawl_postgres_reading *reading)
{
	int64_t size = (reading->blocks - reading->next_block) / (2 * (int64_t) reading->lane_count);
	pawl_postgres_range range = {.from = reading->next_block};

	if (reading->blocks == 0) /* all in one */
		return range;
	reading->next_block += size < PAWL_POSTGRES_RANGE_BLOCKS ? PAWL_POSTGRES_RANGE_BLOCKS : size;
	if (reading->next_block < reading->blocks)
		range.before = reading->next_block;
	return range;
}

bool pawl_postgres_take_part(pawl_postgres_lane *lane)
{
	pawl_postgres_reading *reading = lane->reading;

	pthread_mutex_lock(&reading->mutex);
	while (reading->phase < PAWL_POSTGRES_PHASES && !reading->plan.has_phase[reading->phase])
		reading->phase++;
	bool is_there = reading->phase < PAWL_POSTGRES_PHASES;
	if (is_there)
		lane->part = (pawl_postgres_part) {(pawl_postgres_phase) reading->phase, take_range(reading)};
	if (is_there && lane->part.range.before == 0)
		reading->phase++;
	pthread_mutex_unlock(&reading->mutex);
	return is_there;
}
