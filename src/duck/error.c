/*
 * duck/error.c: DuckDB's errors as Pawl's.
 *
 * Messages of DuckDB begin with their type ("IO Error: ..."), which is all there is to go by when a database is opened or a
 * statement is prepared, and go on in further lines. They were collected with DuckDB 1.5.5; the unit test provokes them.
 */
#include "duck/internal.h"

#include <ctype.h>
#include <string.h>

static const struct kind {
	const char *prefix;
	duckdb_error_type type;
} kinds[] = {
	{"IO Error", DUCKDB_ERROR_IO},
	{"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
	{"TransactionContext Error", DUCKDB_ERROR_TRANSACTION},
};

#define OUT_OF_MEMORY_HINT \
	"raise --memory-limit, or make room on the disk for temporary files; DuckDB keeps 2,048 rows of a table in memory at a " \
	"time, so that rows of N kB need a limit of about 16*N MiB"

/*
 * The first row that fits wins. A COMMIT wraps what went wrong beneath it in an error of the transaction: hence the rows for
 * which the words matter and not the type. They are for these three types alone, as others may quote a user's text.
 */
static const struct meaning {
	duckdb_error_type type; /* DUCKDB_ERROR_INVALID: input and output, memory or transaction */
	const char *part;       /* of the message; NULL: any */
	pawl_status status;
	bool is_retryable;
	const char *hint;
} meanings[] = {
	{DUCKDB_ERROR_INVALID, "No space left on device", PAWL_IO, true, "the disk is full: free some space and try again"},
	{DUCKDB_ERROR_INVALID, "Permission denied", PAWL_IO, false,
	 "DuckDB reads and writes the file, and makes others beside it: check the rights of the file and of its folder"},
	{DUCKDB_ERROR_INVALID, "Read-only file system", PAWL_IO, false, "give a path where files may be written"},
	{DUCKDB_ERROR_INVALID, "failed to pin block", PAWL_DATABASE, false, OUT_OF_MEMORY_HINT},
	{DUCKDB_ERROR_INVALID, "ould not allocate", PAWL_DATABASE, false, OUT_OF_MEMORY_HINT},
	{DUCKDB_ERROR_INVALID, "ailed to allocate", PAWL_DATABASE, false, OUT_OF_MEMORY_HINT},
	{DUCKDB_ERROR_IO, "Could not set lock on file", PAWL_DATABASE, true,
	 "another process has the file open: close it, or wait until it is done, and try again"},
	{DUCKDB_ERROR_IO, "not a valid DuckDB database file", PAWL_INVALID, false, "give the path of a DuckDB file"},
	{DUCKDB_ERROR_IO, "database does not exist", PAWL_NOT_FOUND, false, "check the path"},
	{DUCKDB_ERROR_IO, "Is a directory", PAWL_IO, false, "give the path of a file, not of a folder"},
	{DUCKDB_ERROR_IO, "No such file or directory", PAWL_IO, false, "check the path: its folder must be there"},
	{DUCKDB_ERROR_IO, NULL, PAWL_IO, false, NULL},
	{DUCKDB_ERROR_OUT_OF_MEMORY, NULL, PAWL_DATABASE, false, OUT_OF_MEMORY_HINT},
	{DUCKDB_ERROR_TRANSACTION, NULL, PAWL_DATABASE, true, NULL},
};

/* Lines after the first that help. */
static const char *const helpful[] = {"Did you mean", "Candidate bindings:"};

static duckdb_error_type type_of_message(const char *message)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(message, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].type;
	return DUCKDB_ERROR_INVALID;
}

/* ---- words ----------------------------------------------------------------------------------------------------------- */

/* Where the message goes on after "Words of a type Error: ". */
static const char *skip_type(const char *message)
{
	static const char end[] = " Error: ";
	const char *found = strstr(message, end);
	for (const char *c = message; found != NULL && c < found; c++)
		if (!isalpha((unsigned char) *c) && *c != ' ')
			return message;
	return found == NULL ? message : found + strlen(end);
}

/* Lower case at its beginning, unless that is an abbreviation; names in single quotes; no mark at its end. */
static void tidy(char *line)
{
	size_t length = strcspn(line, "\n");
	const char *advertised = strstr(line, ". See also http");
	if (advertised != NULL && advertised < line + length)
		length = (size_t) (advertised - line);
	while (length > 0 && strchr(" .!", line[length - 1]) != NULL)
		length--;
	line[length] = '\0';
	if (islower((unsigned char) line[length > 0]))
		line[0] = (char) tolower((unsigned char) line[0]);
	for (char *c = line; *c != '\0'; c++)
		if (*c == '"')
			*c = '\'';
}

/* Takes the line of the message that helps, if there is one, for a hint. */
static void set_helpful_hint(const char *message, pawl_error *error)
{
	for (const char *line = strchr(message, '\n'); line != NULL; line = strchr(line, '\n')) {
		line++;
		for (size_t i = 0; i < sizeof(helpful) / sizeof(helpful[0]); i++)
			if (strncmp(line, helpful[i], strlen(helpful[i])) == 0) {
				pawl_error_hint(error, "%s", line);
				tidy(error->hint);
				return;
			}
	}
}

/* ---- meaning --------------------------------------------------------------------------------------------------------- */

static bool fits(const struct meaning *meaning, duckdb_error_type type, const char *message)
{
	bool is_of_machine = type == DUCKDB_ERROR_IO || type == DUCKDB_ERROR_OUT_OF_MEMORY || type == DUCKDB_ERROR_TRANSACTION;
	return (meaning->type == type || (meaning->type == DUCKDB_ERROR_INVALID && is_of_machine)) &&
	       (meaning->part == NULL || strstr(message, meaning->part) != NULL);
}

pawl_status pawl_duck_fail(duckdb_error_type type, const char *message, pawl_error *error)
{
	if (message == NULL)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB failed without a message");
	if (strstr(message, PAWL_DUCK_REFUSED) != NULL)
		return pawl_error_out_of_memory(error);
	if (type == DUCKDB_ERROR_INVALID)
		type = type_of_message(message);

	pawl_error_set(error, PAWL_DATABASE, "%s", skip_type(message));
	tidy(error->message);
	set_helpful_hint(message, error);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *meaning = &meanings[i];
		if (type == DUCKDB_ERROR_INVALID || !fits(meaning, type, message))
			continue;
		error->status = meaning->status;
		error->is_retryable = meaning->is_retryable;
		if (meaning->hint != NULL)
			pawl_error_hint(error, "%s", meaning->hint);
		break;
	}
	return error->status;
}
