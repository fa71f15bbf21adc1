#include "source/postgres/internal.h"

/* ---- small queries --------------------------------------------------------------------------------------------------- */

static pawl_status query(pawl_postgres_source *postgres, const pawl_buffer *sql, PGresult **ret_result, pawl_error *error)
{
	PAWL_TRY(pawl_buffer_status(sql, error));
	return pawl_postgres_query(postgres, pawl_buffer_text(sql), ret_result, error);
}

/* The greatest key of the read's rows, from an index where there is one. */
static pawl_status find_newest(pawl_postgres_source *postgres, const pawl_read *read, pawl_key_value *ret_value, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT ");
	pawl_postgres_append_key(&sql, read);
	pawl_buffer_append(&sql, "::text, pg_typeof(");
	pawl_postgres_append_key(&sql, read);
	pawl_buffer_append(&sql, ")::text");
	pawl_postgres_append_table(&sql, read);
	pawl_postgres_append_keyed(&sql, read);
	pawl_buffer_append(&sql, " ORDER BY ");
	pawl_postgres_append_key(&sql, read);
	pawl_buffer_append(&sql, " DESC LIMIT 1");
	PAWL_TRY(query(postgres, &sql, &result, error));
	if (pawl_pq.ntuples(result) == 0)
		return PAWL_OK;
	const pawl_key_value found = {pawl_pq.getvalue(result, 0, 0), pawl_pq.getvalue(result, 0, 1)};
	return pawl_key_value_copy(&found, ret_value, error);
}

/* Both are of the type that PostgreSQL itself told for this key. */
static pawl_status is_above(pawl_postgres_source *postgres, const pawl_key_value *left, const pawl_key_value *right,
                            bool *ret_is_above, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT ");
	pawl_buffer_append_literal(&sql, left->text);
	pawl_buffer_appendf(&sql, "::%s > ", left->type);
	pawl_buffer_append_literal(&sql, right->text);
	pawl_buffer_appendf(&sql, "::%s", right->type);
	PAWL_TRY(query(postgres, &sql, &result, error));
	*ret_is_above = pawl_postgres_is_true(result, 0, 0);
	return PAWL_OK;
}

static pawl_status count_rows(pawl_postgres_source *postgres, const pawl_read *read, const char *above, int64_t *ret_rows,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "SELECT count(*)");
	pawl_postgres_append_table(&sql, read);
	if (above == NULL) {
		pawl_postgres_append_keyless(&sql, read);
	} else {
		pawl_postgres_append_keyed(&sql, read);
		pawl_postgres_append_comparison(&sql, read, " > ", above);
	}
	PAWL_TRY(query(postgres, &sql, &result, error));
	*ret_rows = pawl_postgres_integer(result, 0, 0);
	return PAWL_OK;
}

/* ---- bounds ---------------------------------------------------------------------------------------------------------- */

static pawl_status count_ahead(pawl_postgres_source *postgres, const pawl_read *read, int64_t us, pawl_bounds *bounds,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value limit = {0};
	bool is_ahead;

	PAWL_TRY(pawl_postgres_clock_value(postgres, read, &bounds->newest, us, &limit, error));
	if (limit.text == NULL)
		return PAWL_OK;
	PAWL_TRY(is_above(postgres, &bounds->newest, &limit, &is_ahead, error));
	return is_ahead ? count_rows(postgres, read, limit.text, &bounds->ahead_rows, error) : PAWL_OK;
}

/*
 * When the database's clock sets the keys, the horizon is the cursor, be it above the newest key: what is still to come is above
 * both, and a table at rest is not read again, however many rows have its newest key. Where the lag is all that there is, keys
 * may be older than they should be, and the lesser of the two is the safer one.
 */
static pawl_status choose_cursor(pawl_postgres_source *postgres, const pawl_bounds_request *request, pawl_bounds *bounds,
                                 bool *ret_is_ahead, pawl_error *error)
{
	bool has_horizon = bounds->horizon.text != NULL;

	*ret_is_ahead = false;
	if (has_horizon)
		PAWL_TRY(is_above(postgres, &bounds->newest, &bounds->horizon, ret_is_ahead, error));
	bool is_horizon = has_horizon && (*ret_is_ahead || request->is_exact);
	return pawl_key_value_copy(is_horizon ? &bounds->horizon : &bounds->newest, &bounds->cursor, error);
}

static pawl_status find_cursor(pawl_postgres_source *postgres, const pawl_read *read, const pawl_bounds_request *request,
                               pawl_bounds *bounds, pawl_error *error)
{
	const pawl_snapshot *snapshot = &postgres->snapshot;
	int64_t horizon_us = request->is_lag_of_clock ? snapshot->now_us : snapshot->horizon_us;
	bool is_ahead;

	PAWL_TRY(pawl_postgres_clock_value(postgres, read, &bounds->newest, horizon_us - request->lag_us, &bounds->horizon, error));
	PAWL_TRY(choose_cursor(postgres, request, bounds, &is_ahead, error));
	return is_ahead ? count_ahead(postgres, read, snapshot->now_us + request->max_ahead_us, bounds, error) : PAWL_OK;
}

pawl_status pawl_postgres_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                                 pawl_bounds *ret_bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);

	if (!postgres->has_snapshot || read->key == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "bounds are of a key and a snapshot");
	PAWL_TRY(find_newest(postgres, read, &bounds.newest, error));
	if (bounds.newest.text != NULL)
		PAWL_TRY(find_cursor(postgres, read, request, &bounds, error));
	if (request->count_nulls)
		PAWL_TRY(count_rows(postgres, read, NULL, &bounds.null_rows, error));
	*ret_bounds = bounds;
	bounds = (pawl_bounds) {0};
	return PAWL_OK;
}
