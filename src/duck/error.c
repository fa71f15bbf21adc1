/*
 * duck/error.c: DuckDB's errors as Pawl's.
 *
 * Messages of DuckDB begin with their type ("IO Error: ..."), which is all there is to go by when a database is opened or a
 * statement is prepared. They were collected with DuckDB 1.5.5; the unit test provokes each.
 */
#include "duck/internal.h"

#include <string.h>

static const struct kind {
	const char *prefix;
	duckdb_error_type type;
} kinds[] = {
	{"IO Error", DUCKDB_ERROR_IO},
	{"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
	{"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
	{"TransactionContext Error", DUCKDB_ERROR_TRANSACTION},
};

/* The first row that fits wins. */
static const struct meaning {
	duckdb_error_type type;
	const char *part; /* of the message; NULL: any */
	pawl_status status;
	bool is_retryable;
	const char *hint;
} meanings[] = {
	{DUCKDB_ERROR_IO, "Could not set lock on file", PAWL_DATABASE, true,
	 "another process has the file open: close it, or wait until it is done, and try again"},
	{DUCKDB_ERROR_IO, "not a valid DuckDB database file", PAWL_INVALID, false,
	 "give the path of a DuckDB file, or of a file that does not exist yet"},
	{DUCKDB_ERROR_IO, "database does not exist", PAWL_NOT_FOUND, false, "check the path"},
	{DUCKDB_ERROR_IO, "No space left on device", PAWL_IO, true, "the disk is full: free some space and try again"},
	{DUCKDB_ERROR_IO, NULL, PAWL_IO, false, NULL},
	{DUCKDB_ERROR_OUT_OF_MEMORY, NULL, PAWL_DATABASE, false,
	 "raise the memory limit, lower the number of threads, or make room on the disk for temporary files"},
	{DUCKDB_ERROR_INTERRUPT, NULL, PAWL_INTERRUPTED, false, NULL},
	{DUCKDB_ERROR_TRANSACTION, NULL, PAWL_DATABASE, true, NULL},
};

static duckdb_error_type type_of_message(const char *message)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(message, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].type;
	return DUCKDB_ERROR_INVALID;
}

/* The message without newlines at its end. */
static int trimmed_length(const char *message)
{
	size_t length = strnlen(message, sizeof(((pawl_error *) NULL)->message));
	while (length > 0 && (message[length - 1] == '\n' || message[length - 1] == ' '))
		length--;
	return (int) length;
}

pawl_status pawl_duck_fail(duckdb_error_type type, const char *message, pawl_error *error)
{
	if (message == NULL)
		message = "DuckDB failed without a message";
	if (strstr(message, PAWL_DUCK_REFUSED) != NULL)
		return pawl_error_out_of_memory(error);
	if (type == DUCKDB_ERROR_INVALID)
		type = type_of_message(message);

	pawl_error_set(error, PAWL_DATABASE, "%.*s", trimmed_length(message), message);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *meaning = &meanings[i];
		if (meaning->type != type || (meaning->part != NULL && strstr(message, meaning->part) == NULL))
			continue;
		error->status = meaning->status;
		error->is_retryable = meaning->is_retryable;
		if (meaning->hint != NULL)
			pawl_error_hint(error, "%s", meaning->hint);
		break;
	}
	return error->status;
}
