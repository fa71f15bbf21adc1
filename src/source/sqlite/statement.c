#include "source/sqlite/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* A stop is obeyed between two rows; a step that finds none for so long is ended. */
#define LONG_STEP_US   INT64_C(1000000)
#define WATCH_INTERVAL 50000 /* instructions of SQLite's machine: about a millisecond */

/* ---- errors ---------------------------------------------------------------------------------------------------------- */

/* By SQLite's extended code, then by its low byte, the primary one. */
static const struct meaning {
	int code;
	pawl_status status;
	bool is_retryable;
	const char *hint;
} meanings[] = {
	{SQLITE_BUSY, PAWL_DATABASE, true, "another process is writing to the database: try again, or wait longer for it"},
	{SQLITE_LOCKED, PAWL_DATABASE, true, "another process is writing to the database: try again, or wait longer for it"},
	{SQLITE_NOTADB, PAWL_INVALID, false, "give the path of a SQLite database; one that is encrypted cannot be read"},
	{SQLITE_CORRUPT, PAWL_DATABASE, false, "run 'PRAGMA integrity_check' with sqlite3, and restore the file from a copy"},
	{SQLITE_READONLY_ROLLBACK, PAWL_DATABASE, false,
	 "a process died while it wrote: open the database once with sqlite3, which rolls back what was left half done"},
	{SQLITE_READONLY_RECOVERY, PAWL_DATABASE, false,
	 "a process died while it wrote: open the database once with sqlite3, which recovers the log"},
	{SQLITE_READONLY_CANTINIT, PAWL_DATABASE, false,
	 "in WAL mode readers make files beside the database: they need the right to"},
	{SQLITE_CANTOPEN, PAWL_IO, false,
	 "check the rights of the file and of its folder: in WAL mode readers make files beside the database"},
	{SQLITE_PERM, PAWL_IO, false, "check the rights of the file and of its folder"},
	{SQLITE_FULL, PAWL_IO, true, "sorting writes temporary files: free some space on their disk, or set SQLITE_TMPDIR"},
	{SQLITE_IOERR, PAWL_IO, true, NULL},
	{SQLITE_INTERRUPT, PAWL_INTERRUPTED, true, NULL},
};

static const struct meaning *find_meaning(int code)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].code == code)
			return &meanings[i];
	return (code & 0xff) == code ? NULL : find_meaning(code & 0xff);
}

pawl_status pawl_sqlite_fail(const pawl_sqlite_source *sqlite, pawl_error *error)
{
	int code = sqlite3_extended_errcode(sqlite->database);
	const struct meaning *meaning = find_meaning(code);

	if ((code & 0xff) == SQLITE_NOMEM)
		return pawl_error_out_of_memory(error);
	pawl_error_set(error, meaning == NULL ? PAWL_DATABASE : meaning->status, "%s", sqlite3_errmsg(sqlite->database));
	if (meaning == NULL)
		return error->status;
	error->is_retryable = meaning->is_retryable;
	if (meaning->hint != NULL)
		pawl_error_hint(error, "%s", meaning->hint);
	return error->status;
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_sqlite_prepare(pawl_sqlite_source *sqlite, const char *sql, sqlite3_stmt **ret_statement, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	const char *rest;

	if (sqlite3_prepare_v2(sqlite->database, sql, -1, &statement, &rest) != SQLITE_OK)
		return pawl_sqlite_fail(sqlite, error);
	/* A condition that a person wrote is part of some statements. */
	if (statement == NULL || rest[strspn(rest, " \t\r\n;")] != '\0')
		return pawl_error_set(error, PAWL_INVALID, "this is not one statement: %s", sql);
	if (!sqlite3_stmt_readonly(statement))
		return pawl_error_set(error, PAWL_INVALID, "this would write to the source: %s", sql);
	*ret_statement = PAWL_TAKE(statement);
	return PAWL_OK;
}

void pawl_sqlite_finalize(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement); /* the code is that of the last step, which was told of */
	*statement = NULL;
}

pawl_status pawl_sqlite_bind_text(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, int index, const char *text,
                                  pawl_error *error)
{
	if (sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT) != SQLITE_OK)
		return pawl_sqlite_fail(sqlite, error);
	return PAWL_OK;
}

pawl_status pawl_sqlite_step(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, bool *ret_has_row, pawl_error *error)
{
	atomic_store(&sqlite->stepping_since_us, pawl_time_monotonic_us());
	int code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return pawl_sqlite_fail(sqlite, error);
	*ret_has_row = code == SQLITE_ROW;
	return PAWL_OK;
}

pawl_status pawl_sqlite_run(pawl_sqlite_source *sqlite, const char *sql, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	bool has_row = true;

	PAWL_TRY(pawl_sqlite_prepare(sqlite, sql, &statement, error));
	while (has_row)
		PAWL_TRY(pawl_sqlite_step(sqlite, statement, &has_row, error));
	return PAWL_OK;
}

/* ---- stopping -------------------------------------------------------------------------------------------------------- */

static int is_to_be_ended(void *context)
{
	const pawl_sqlite_source *sqlite = context;
	return atomic_load(&sqlite->source.is_stopping) &&
	       pawl_time_monotonic_us() - atomic_load(&sqlite->stepping_since_us) > LONG_STEP_US;
}

void pawl_sqlite_watch(pawl_sqlite_source *sqlite)
{
	sqlite3_progress_handler(sqlite->database, WATCH_INTERVAL, is_to_be_ended, sqlite);
}
