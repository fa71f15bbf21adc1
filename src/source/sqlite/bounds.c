#include "source/sqlite/internal.h"

#include <string.h>

/* ---- small queries --------------------------------------------------------------------------------------------------- */

pawl_status pawl_sqlite_query_value(pawl_sqlite_source *sqlite, const pawl_sqlite_query *query, pawl_key_value *ret_value,
                                    pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(pawl_sqlite_query_prepare(sqlite, query, &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	return has_row ? pawl_sqlite_key_of(sqlite3_column_value(statement, 0), ret_value, error) : PAWL_OK;
}

static pawl_status query_integer(pawl_sqlite_source *sqlite, const pawl_sqlite_query *query, int64_t *ret_integer,
                                 pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(pawl_sqlite_query_prepare(sqlite, query, &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	*ret_integer = sqlite3_column_int64(statement, 0);
	return PAWL_OK;
}

/* The greatest key of the read's rows that is not above `most`, which may be NULL. The order lets SQLite look into an index. */
static pawl_status find_greatest(pawl_sqlite_source *sqlite, const pawl_read *read, const pawl_key_value *most,
                                 pawl_key_value *ret_value, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};

	pawl_buffer_append(&query.sql, "SELECT ");
	pawl_sqlite_append_key(&query.sql, read);
	pawl_sqlite_append_table(&query, read);
	pawl_sqlite_append_keyed(&query, read);
	if (most != NULL)
		pawl_sqlite_append_comparison(&query, read, " <= ", most);
	pawl_buffer_append(&query.sql, " ORDER BY ");
	pawl_sqlite_append_key(&query.sql, read);
	pawl_buffer_append(&query.sql, " DESC LIMIT 1");
	return pawl_sqlite_query_value(sqlite, &query, ret_value, error);
}

static pawl_status is_above(pawl_sqlite_source *sqlite, const pawl_key_value *left, const pawl_key_value *right,
                            bool *ret_is_above, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};
	int64_t answer;

	pawl_buffer_append(&query.sql, "SELECT ");
	pawl_sqlite_append_value(&query, left);
	pawl_buffer_append(&query.sql, " > ");
	pawl_sqlite_append_value(&query, right);
	PAWL_TRY(query_integer(sqlite, &query, &answer, error));
	*ret_is_above = answer != 0;
	return PAWL_OK;
}

/* ---- bounds ---------------------------------------------------------------------------------------------------------- */

/*
 * When the newest key is ahead of the clock it is no bound, and the clock alone is none either: a writer may hold the lock
 * whose clock was read before ours. But that was after every commit before it: so the greatest key of the whole table that is
 * not ahead bounds all that is still to come, and where there is none, what the read starts from does; without one, nothing is
 * bound, and the next read is of all rows again. Where an application's clock sets the keys, it is the lag that has to be long
 * enough.
 */
static pawl_status lower_horizon(pawl_sqlite_source *sqlite, const pawl_read *read, pawl_bounds *bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value greatest = {0};
	const pawl_read all = {.table = read->table, .key = read->key};
	pawl_key_value from = read->from;
	bool is_from_above = true;

	if (from.type == NULL) /* what a person wrote */
		from.type = bounds->horizon.type;
	PAWL_TRY(find_greatest(sqlite, &all, &bounds->horizon, &greatest, error));
	if (greatest.text == NULL && from.text != NULL) {
		PAWL_TRY(is_above(sqlite, &from, &bounds->horizon, &is_from_above, error));
		if (!is_from_above)
			PAWL_TRY(pawl_key_value_copy(&from, &greatest, error));
	}
	if (greatest.text == NULL && from.text == NULL)
		pawl_key_value_clear(&bounds->horizon);
	/* Between values of other kinds the clock says nothing. */
	if (greatest.text == NULL || strcmp(greatest.type, bounds->horizon.type) != 0)
		return PAWL_OK;
	pawl_key_value_clear(&bounds->horizon);
	bounds->horizon = greatest;
	greatest = (pawl_key_value) {0};
	return PAWL_OK;
}

static pawl_status count_ahead(pawl_sqlite_source *sqlite, const pawl_read *read, int64_t us, pawl_bounds *bounds,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value limit = {0};
	PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};
	bool is_ahead;

	PAWL_TRY(pawl_sqlite_clock_value(sqlite, read->key, &bounds->newest, us, &limit, error));
	PAWL_TRY(is_above(sqlite, &bounds->newest, &limit, &is_ahead, error));
	if (!is_ahead)
		return PAWL_OK;
	pawl_buffer_append(&query.sql, "SELECT count(*)");
	pawl_sqlite_append_table(&query, read);
	pawl_sqlite_append_keyed(&query, read);
	pawl_sqlite_append_comparison(&query, read, " > ", &limit);
	return query_integer(sqlite, &query, &bounds->ahead_rows, error);
}

static pawl_status find_horizon(pawl_sqlite_source *sqlite, const pawl_read *read, const pawl_bounds_request *request,
                                pawl_bounds *bounds, pawl_error *error)
{
	const pawl_snapshot *snapshot = &sqlite->snapshot;
	bool is_ahead = false;

	PAWL_TRY(pawl_sqlite_clock_value(sqlite, read->key, &bounds->newest, snapshot->horizon_us - request->lag_us,
	                                 &bounds->horizon, error));
	if (bounds->horizon.text != NULL)
		PAWL_TRY(is_above(sqlite, &bounds->newest, &bounds->horizon, &is_ahead, error));
	if (is_ahead && request->is_exact)
		PAWL_TRY(lower_horizon(sqlite, read, bounds, error));
	if (is_ahead)
		PAWL_TRY(count_ahead(sqlite, read, snapshot->now_us + request->max_ahead_us, bounds, error));
	return pawl_key_value_copy(is_ahead ? &bounds->horizon : &bounds->newest, &bounds->cursor, error);
}

static pawl_status count_keyless(pawl_sqlite_source *sqlite, const pawl_read *read, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};

	pawl_buffer_append(&query.sql, "SELECT count(*)");
	pawl_sqlite_append_table(&query, read);
	pawl_sqlite_append_keyless(&query, read);
	return query_integer(sqlite, &query, ret_rows, error);
}

pawl_status pawl_sqlite_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                               pawl_bounds *ret_bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);

	if (!sqlite->has_snapshot || read->key == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "bounds are of a key and a snapshot");
	PAWL_TRY(pawl_sqlite_check_start(read, error));
	PAWL_TRY(find_greatest(sqlite, read, NULL, &bounds.newest, error));
	if (bounds.newest.text != NULL)
		PAWL_TRY(find_horizon(sqlite, read, request, &bounds, error));
	if (bounds.newest.text != NULL)
		PAWL_TRY(pawl_sqlite_find_other_form(sqlite, read, &bounds.newest, &bounds.other_form, error));
	if (request->count_nulls)
		PAWL_TRY(count_keyless(sqlite, read, &bounds.null_rows, error));
	*ret_bounds = bounds;
	bounds = (pawl_bounds) {0};
	return PAWL_OK;
}
