#include "source/postgres/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The first one whose catalog has all that is asked of it. */
#define LEAST_VERSION 120000

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static void source_close(pawl_source *source)
{
	if (source == NULL)
		return;
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);
	pawl_postgres_snapshot_end(source);
	if (postgres->connection != NULL) /* libpq is loaded */
		pawl_pq.finish(postgres->connection);
	pawl_free(postgres->location);
	pawl_free(postgres->display);
	pawl_free(postgres);
}

/*
 * Of the session: values are written in one way, exactly and without a zone of anybody's; nothing can be changed. Rows that a
 * policy would hide are an error, and not left out in silence. A limit of time counts when it was given with the URL; not every
 * server knows each. In one statement, as each is a way to the server and back; the last setting is the lock_timeout in milliseconds.
 */
#define SET(name, value) "('" name "', '" value "'), "
static const char session[] =
	"SELECT set_config(s.name, s.value, false) FROM (VALUES "
	SET("statement_timeout", "0")
	SET("transaction_timeout", "0")
	SET("idle_session_timeout", "0")
	SET("default_transaction_read_only", "on")
	SET("TimeZone", "UTC")
	SET("DateStyle", "ISO, YMD")
	SET("IntervalStyle", "postgres")
	SET("extra_float_digits", "3") /* 3 is shortest-exact in all versions */
	SET("bytea_output", "hex")
	SET("xmlbinary", "base64")
	SET("lc_monetary", "C")
	SET("standard_conforming_strings", "on")
	SET("row_security", "off")
	SET("idle_in_transaction_session_timeout", "10min")
	"('lock_timeout', '%" PRId64 "')) s (name, value) "
	"JOIN pg_settings p ON p.name = s.name "
	"WHERE s.name NOT IN ('statement_timeout', 'transaction_timeout', 'idle_session_timeout') OR p.source <> 'client'";
#undef SET

static pawl_status configure(pawl_postgres_source *postgres, pawl_error *error)
{
	char sql[sizeof(session) + 20];
	int64_t busy_ms = postgres->busy_us / 1000;

	if (pawl_pq.serverVersion(postgres->connection) < LEAST_VERSION) {
		int version = pawl_pq.serverVersion(postgres->connection);
		pawl_error_set(error, PAWL_INVALID, "the server is PostgreSQL %d", version / 10000);
		return pawl_error_hint(error, "Pawl reads PostgreSQL %d and newer", LEAST_VERSION / 10000);
	}
	snprintf(sql, sizeof(sql), session, busy_ms < 1 ? 1 : busy_ms > INT32_MAX ? INT32_MAX : busy_ms);
	return pawl_postgres_run(postgres, sql, error);
}

static pawl_status open_session(pawl_postgres_source *postgres, pawl_error *error)
{
	PAWL_TRY(pawl_postgres_connect(postgres->location, &postgres->connection, error));
	PAWL_TRY(pawl_postgres_find_session(postgres, postgres->location, error));
	return configure(postgres, error);
}

/* Stopped by `is_stopping`; NULL: by what may be asked of itself. */
static pawl_status open_stopped_by(const atomic_bool *is_stopping, const pawl_source_options *options, pawl_source **ret_source,
                                   pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *source = NULL;

	pawl_postgres_source *postgres = pawl_allocate(sizeof(*postgres));
	if (postgres == NULL)
		return pawl_error_out_of_memory(error);
	source = &postgres->source;
	source->driver = &pawl_source_postgres;
	postgres->is_stopping = is_stopping == NULL ? &source->is_stopping : is_stopping;
	postgres->engine = options->engine;
	postgres->busy_us = options->busy_us;
	postgres->keeps_misfits = options->keeps_misfits;
	postgres->location = pawl_duplicate(options->location);
	if (postgres->location == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_postgres_display(options->location, &postgres->display, error));
	if (open_session(postgres, error) != PAWL_OK)
		return pawl_error_prefix(error, "source '%s': ", postgres->display);
	*ret_source = PAWL_TAKE(source);
	return PAWL_OK;
}

static pawl_status source_open(const pawl_source_options *options, pawl_source **ret_source, pawl_error *error)
{
	return open_stopped_by(NULL, options, ret_source, error);
}

pawl_status pawl_postgres_open_beside(const pawl_postgres_source *postgres, pawl_source **ret_beside, pawl_error *error)
{
	const pawl_source_options options = {.location = postgres->location, .engine = postgres->engine, .busy_us = postgres->busy_us};
	return open_stopped_by(postgres->is_stopping, &options, ret_beside, error);
}

/* ---- identity -------------------------------------------------------------------------------------------------------- */

/* A cluster has a number of its own, which its standbys and its copies share. */
static pawl_status find_cluster(pawl_postgres_source *postgres, pawl_buffer *text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;

	PAWL_TRY(pawl_postgres_query(postgres, "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')", &result, error));
	if (!pawl_postgres_is_true(result, 0, 0)) {
		pawl_buffer_appendf(text, "%s:%s", pawl_pq.host(postgres->connection), pawl_pq.port(postgres->connection));
		return PAWL_OK;
	}
	pawl_postgres_clear_result(&result);
	PAWL_TRY(pawl_postgres_query(postgres, "SELECT system_identifier FROM pg_control_system()", &result, error));
	pawl_buffer_append(text, pawl_pq.getvalue(result, 0, 0));
	return PAWL_OK;
}

static pawl_status identity(pawl_source *source, char **ret_identity, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_postgres_source *postgres = pawl_postgres_source_of(source);

	pawl_buffer_append(&text, "postgres:");
	PAWL_TRY(find_cluster(postgres, &text, error));
	pawl_buffer_appendf(&text, "/%s", pawl_pq.db(postgres->connection));
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_identity = pawl_buffer_take(&text);
	return PAWL_OK;
}

/* ---- the driver ------------------------------------------------------------------------------------------------------ */

static pawl_misfit misfit(pawl_source *source)
{
	return pawl_postgres_source_of(source)->misfit;
}

static const char *const endings[] = {NULL};
static const char *const aliases[] = {"postgresql", NULL};

const pawl_source_driver pawl_source_postgres = {
	.abi = PAWL_SOURCE_ABI,
	.size = sizeof(pawl_source_driver),
	.name = "postgres",
	.endings = endings,
	.aliases = aliases,
	.has_url = true,
	.open = source_open,
	.close = source_close,
	.identity = identity,
	.discover = pawl_postgres_discover,
	.snapshot_begin = pawl_postgres_snapshot_begin,
	.snapshot_end = pawl_postgres_snapshot_end,
	.bounds = pawl_postgres_bounds,
	.read_begin = pawl_postgres_read_begin,
	.window_begin = pawl_postgres_window_begin,
	.window_end = pawl_postgres_window_end,
	.read_end = pawl_postgres_read_end,
	.explain = pawl_postgres_explain,
	.misfit = misfit,
	.display = pawl_postgres_display,
};
