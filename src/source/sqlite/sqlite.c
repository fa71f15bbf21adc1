#include "source/sqlite/internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND_US INT64_C(1000000)

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static void source_close(pawl_source *source)
{
	if (source == NULL)
		return;
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);
	pawl_sqlite_read_end(source);
	sqlite3_close(sqlite->database); /* which ends the snapshot; takes NULL */
	pawl_source_claim_release(&sqlite->claim);
	pawl_free(sqlite->path);
	pawl_free(sqlite);
}

static pawl_status resolve(const char *location, char **ret_path, pawl_error *error)
{
	char resolved[PATH_MAX];
	struct stat status = {0};

	if (realpath(location, resolved) == NULL || stat(resolved, &status) != 0) {
		int reason = errno;
		pawl_status code = reason == ENOENT ? PAWL_NOT_FOUND : PAWL_IO;
		pawl_error_set(error, code, "source '%s': %s", location, strerror(reason));
		return pawl_error_hint(error, "check the path: a source is never created");
	}
	if (S_ISDIR(status.st_mode)) {
		pawl_error_set(error, PAWL_IO, "source '%s': it is a folder", location);
		return pawl_error_hint(error, "give the path of a SQLite database");
	}
	*ret_path = pawl_duplicate(resolved);
	return *ret_path == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

/* Of the connection. A file that somebody else made must not be able to do anything: no code, no writes. */
static const struct setting {
	int option, value;
} settings[] = {
	{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	{SQLITE_DBCONFIG_DEFENSIVE, 1},
	{SQLITE_DBCONFIG_DQS_DML, 0}, /* a column that is missing is an error, and not a text in double quotes */
	{SQLITE_DBCONFIG_DQS_DDL, 1}, /* in old schemas such texts stand */
};

static const char *const pragmas[] = {
	"PRAGMA query_only = ON",
	"PRAGMA mmap_size = 0",      /* mapped pages count as memory of the process */
	"PRAGMA cache_size = -4096", /* KiB */
};

static pawl_status configure(pawl_sqlite_source *sqlite, int64_t busy_us, pawl_error *error)
{
	int64_t busy_ms = busy_us / 1000;

	sqlite3_extended_result_codes(sqlite->database, 1);
	sqlite3_busy_timeout(sqlite->database, busy_ms > INT_MAX ? INT_MAX : (int) busy_ms);
	pawl_sqlite_watch(sqlite);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (sqlite3_db_config(sqlite->database, settings[i].option, settings[i].value, NULL) != SQLITE_OK)
			return pawl_error_set(error, PAWL_INTERNAL, "this SQLite, %s, is too old", sqlite3_libversion());
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
		PAWL_TRY(pawl_sqlite_run(sqlite, pragmas[i], error));
	return PAWL_OK;
}

/* Nothing is read of the file before it is asked for something. */
static pawl_status open_database(pawl_sqlite_source *sqlite, int64_t busy_us, pawl_error *error)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

	if (sqlite3_open_v2(sqlite->path, &sqlite->database, flags, NULL) != SQLITE_OK)
		return sqlite->database == NULL ? pawl_error_out_of_memory(error) : pawl_sqlite_fail(sqlite, error);
	PAWL_TRY(configure(sqlite, busy_us, error));
	return pawl_sqlite_run(sqlite, "SELECT 1 FROM sqlite_schema LIMIT 1", error);
}

static pawl_status source_open(const pawl_source_options *options, pawl_source **ret_source, pawl_error *error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *source = NULL;

	pawl_sqlite_source *sqlite = pawl_allocate(sizeof(*sqlite));
	if (sqlite == NULL)
		return pawl_error_out_of_memory(error);
	source = &sqlite->source;
	source->driver = &pawl_source_sqlite;
	sqlite->engine = options->engine;
	sqlite->keeps_misfits = options->keeps_misfits;
	PAWL_TRY(resolve(options->location, &sqlite->path, error));
	PAWL_TRY(pawl_source_claim_take(&sqlite->claim, source->driver, sqlite->path, error));
	if (open_database(sqlite, options->busy_us, error) != PAWL_OK)
		return pawl_error_prefix(error, "source '%s': ", options->location);
	*ret_source = PAWL_TAKE(source);
	return PAWL_OK;
}

static pawl_status identity(pawl_source *source, char **ret_identity, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_appendf(&text, "sqlite:%s", pawl_sqlite_source_of(source)->path);
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_identity = pawl_buffer_take(&text);
	return PAWL_OK;
}

/* ---- snapshots ------------------------------------------------------------------------------------------------------- */

/* SQLite's clock, which is what CURRENT_TIMESTAMP and its date functions read: in milliseconds. */
static pawl_status read_clock(pawl_sqlite_source *sqlite, int64_t *ret_now_us, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row;

	PAWL_TRY(pawl_sqlite_prepare(sqlite, "SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + "
	                                     "CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000",
	                             &statement, error));
	PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	*ret_now_us = sqlite3_column_int64(statement, 0);
	return PAWL_OK;
}

static void snapshot_end(pawl_source *source)
{
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);
	pawl_error ignored; /* nothing was written: a transaction that could not end is ended by closing */

	pawl_sqlite_read_end(source);
	if (!sqlite3_get_autocommit(sqlite->database))
		(void) pawl_sqlite_run(sqlite, "ROLLBACK", &ignored);
	sqlite->has_snapshot = false;
}

/*
 * Who writes has taken the one lock for it before the clock is read for a key, and lets go of it at COMMIT. So whatever is
 * committed after the snapshot has keys of the clock that are not below any key that the snapshot shows: the horizon is only
 * needed for keys that are ahead of the clock. Clocks in whole seconds (CURRENT_TIMESTAMP) are behind it by up to one.
 */
static pawl_status snapshot_begin(pawl_source *source, pawl_snapshot *ret_snapshot, pawl_error *error)
{
	pawl_sqlite_source *sqlite = pawl_sqlite_source_of(source);
	pawl_snapshot snapshot = {.guarantee = PAWL_GUARANTEE_EXACT, .is_bound = true, .is_clock_utc = true};

	snapshot_end(source);
	PAWL_TRY(read_clock(sqlite, &snapshot.now_us, error));
	snapshot.horizon_us = snapshot.now_us / SECOND_US * SECOND_US;
	snprintf(snapshot.why, sizeof(snapshot.why), "SQLite has one writer at a time: the read transaction is the bound");
	PAWL_TRY(pawl_sqlite_run(sqlite, "BEGIN", error));
	/* BEGIN alone takes no lock: the first read does. */
	if (pawl_sqlite_run(sqlite, "SELECT 1 FROM sqlite_schema LIMIT 1", error) != PAWL_OK) {
		snapshot_end(source);
		return error->status;
	}
	sqlite->snapshot = *ret_snapshot = snapshot;
	sqlite->has_snapshot = true;
	return PAWL_OK;
}

/* ---- the driver ------------------------------------------------------------------------------------------------------ */

static pawl_misfit misfit(pawl_source *source)
{
	return pawl_sqlite_source_of(source)->misfit;
}

static const char *const endings[] = {".sqlite", ".sqlite3", ".db", NULL};

const pawl_source_driver pawl_source_sqlite = {
	.abi = PAWL_SOURCE_ABI,
	.size = sizeof(pawl_source_driver),
	.name = "sqlite",
	.endings = endings,
	.magic = "SQLite format 3",
	.magic_offset = 0,
	.open = source_open,
	.close = source_close,
	.identity = identity,
	.discover = pawl_sqlite_discover,
	.snapshot_begin = snapshot_begin,
	.snapshot_end = snapshot_end,
	.bounds = pawl_sqlite_bounds,
	.read_begin = pawl_sqlite_read_begin,
	.window_begin = pawl_sqlite_window_begin,
	.window_end = pawl_sqlite_window_end,
	.read_end = pawl_sqlite_read_end,
	.explain = pawl_sqlite_explain,
	.misfit = misfit,
	.text_form = pawl_sqlite_text_form,
};
