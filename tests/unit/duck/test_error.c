#include "duck/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static pawl_error error;

#define PATH "a.db"
#define MEMORY_HINT                                                                                                              \
	"raise --memory-limit, or make room on the disk for temporary files; DuckDB keeps 2,048 rows of a table in memory at a " \
	"time, so that rows of N kB need a limit of about 16*N MiB"

static pawl_status open_path(pawl_duck_options options)
{
	pawl_duck *duck = NULL;
	pawl_status status = pawl_duck_open(&options, &duck, &error);
	pawl_duck_close(duck);
	return status;
}

static void test_not_a_database(void **state)
{
	char *folder = *state, message[256];
	FILE *file = fopen(PATH, "w");
	assert_non_null(file);
	for (int i = 0; i < 100; i++)
		fputs("this is text\n", file);
	fclose(file);
	snprintf(message, sizeof(message),
	         "warehouse 'a.db': the file '%s/a.db' exists, but it is not a valid DuckDB database file", folder);
	FAILS(open_path((pawl_duck_options) {.path = PATH}), PAWL_INVALID, message);
	assert_string_equal(error.hint, "give the path of a DuckDB file, or of a file that does not exist yet");
	assert_false(error.is_retryable);
	FAILS(open_path((pawl_duck_options) {.path = PATH, .is_read_only = true}), PAWL_INVALID, message);
	assert_string_equal(error.hint, "give the path of a DuckDB file");
	unlink(PATH);
}

static void test_paths(void **state)
{
	char *folder = *state, message[256];
	snprintf(message, sizeof(message),
	         "warehouse 'a.db': cannot open database '%s/a.db' in read-only mode: database does not exist", folder);
	FAILS(open_path((pawl_duck_options) {.path = PATH, .is_read_only = true}), PAWL_NOT_FOUND, message);
	FAILS(open_path((pawl_duck_options) {.path = "/nowhere/at/all.db"}), PAWL_IO,
	      "warehouse '/nowhere/at/all.db': cannot open file '/nowhere/at/all.db': No such file or directory");
	assert_string_equal(error.hint, "check the path: its folder must be there");
	assert_int_equal(mkdir("folder", 0700), 0);
	FAILS(open_path((pawl_duck_options) {.path = "folder"}), PAWL_IO,
	      "warehouse 'folder': could not read from file 'folder': Is a directory");
	assert_string_equal(error.hint, "give the path of a file, not of a folder");
}

/* As a user whose rights count, which those of root do not. */
static void test_rights(void **state)
{
	enum { NOBODY = 65534 };
	bool is_root = geteuid() == 0;

	(void) state;
	assert_int_equal(mkdir("closed", 0500), 0);
	if (is_root)
		assert_int_equal(seteuid(NOBODY), 0);
	pawl_status status = open_path((pawl_duck_options) {.path = "closed/a.db"});
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(status, PAWL_IO);
	assert_non_null(strstr(error.message, "/a.db': Permission denied"));
	assert_memory_equal(error.hint, "DuckDB reads and writes the file, and makes others beside it", 60);
}

/* As DuckDB knows it when it sees one, the way to read it would be an extension. */
static void test_sqlite(void **state)
{
	(void) state;
	FILE *file = fopen("shop.db", "w");
	assert_non_null(file);
	assert_int_equal(fwrite("SQLite format 3\0 and more", 1, 25, file), 25);
	fclose(file);
	assert_int_equal(open_path((pawl_duck_options) {.path = "shop.db"}), PAWL_INVALID);
	assert_string_equal(error.message, "warehouse 'shop.db': it is a SQLite database");
	assert_string_equal(error.hint, "give the path of a DuckDB file, or of a file that does not exist yet");
	assert_int_equal(open_path((pawl_duck_options) {.path = "shop.db", .is_read_only = true, .is_isolated = true}), PAWL_INVALID);
	assert_string_equal(error.hint, "give the path of a DuckDB file");
}

/* Another process holds the file: a child, which waits until its end of a pipe is closed. */
static void test_locked(void **state)
{
	int ready[2], done[2];
	char byte;

	(void) state;
	assert_int_equal(pipe(ready) + pipe(done), 0);
	pid_t child = fork();
	if (child == 0) {
		pawl_duck *duck;
		close(done[1]);
		bool is_open = pawl_duck_open(&(pawl_duck_options) {.path = PATH}, &duck, &error) == PAWL_OK;
		bool is_told = write(ready[1], "x", 1) == 1;
		_exit(is_open && is_told && read(done[0], &byte, 1) == 0 ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(open_path((pawl_duck_options) {.path = PATH}), PAWL_DATABASE);
	assert_true(error.is_retryable);
	assert_memory_equal(error.message, "warehouse 'a.db': could not set lock on file '", 45);
	assert_null(strstr(error.message, "See also"));
	assert_string_equal(error.hint, "another process has the file open: close it, or wait until it is done, and try again");
	close(done[1]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	OK(open_path((pawl_duck_options) {.path = PATH}));
}

static void test_out_of_memory_of_duckdb(void **state)
{
	(void) state;
	pawl_duck *duck;

	OK(pawl_duck_open(&(pawl_duck_options) {.memory_limit_bytes = 16 << 20, .threads = 1, .temp_directory = ""}, &duck, &error));
	assert_int_equal(pawl_duck_run(duck, "CREATE TABLE t AS SELECT hash(i) AS h FROM range(10000000) r(i)", &error),
	                 PAWL_DATABASE);
	assert_non_null(strstr(error.message, "MiB/16.0 MiB used)"));
	assert_memory_equal(error.hint, "raise --memory-limit, ", 22);
	assert_false(error.is_retryable);
	pawl_duck_close(duck);
}

static void test_conflict(void **state)
{
	(void) state;
	pawl_duck *duck;
	duckdb_connection other;
	duckdb_result result;

	OK(pawl_duck_open(&(pawl_duck_options) {0}, &duck, &error));
	OK(pawl_duck_run(duck, "CREATE TABLE t AS SELECT 1 AS i; BEGIN; UPDATE t SET i = 2", &error));
	assert_int_equal(duckdb_connect(duck->database, &other), DuckDBSuccess);
	assert_int_equal(duckdb_query(other, "UPDATE t SET i = 3", &result), DuckDBError);
	assert_int_equal(pawl_duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result), &error), PAWL_DATABASE);
	assert_true(error.is_retryable);
	assert_memory_equal(error.message, "conflict on update", 18);
	duckdb_destroy_result(&result);
	duckdb_disconnect(&other);
	pawl_duck_close(duck);
}

/* What cannot be provoked here at will, from the text that DuckDB gives; and what it says of statements. */
static void test_messages(void **state)
{
	static const struct {
		duckdb_error_type type;
		const char *text;
		pawl_status status;
		bool is_retryable;
		const char *message, *hint;
	} cases[] = {
		{DUCKDB_ERROR_IO, "IO Error: Could not write file \"a\": No space left on device\n\n", PAWL_IO, true,
		 "could not write file 'a': No space left on device", "the disk is full: free some space and try again"},
		{DUCKDB_ERROR_TRANSACTION, "TransactionContext Error: Failed to commit: Cannot open file \"a.wal\": Permission denied",
		 PAWL_IO, false, "failed to commit: Cannot open file 'a.wal': Permission denied",
		 "DuckDB reads and writes the file, and makes others beside it: check the rights of the file and of its folder"},
		{DUCKDB_ERROR_INVALID, "IO Error: Cannot open file \"a\": Read-only file system", PAWL_IO, false,
		 "cannot open file 'a': Read-only file system", "give a path where files may be written"},
		{DUCKDB_ERROR_TRANSACTION,
		 "TransactionContext Error: Failed to commit: failed to pin block of size 256.0 KiB (95.8 MiB/96.0 MiB used)\n\nPossible",
		 PAWL_DATABASE, false, "failed to commit: failed to pin block of size 256.0 KiB (95.8 MiB/96.0 MiB used)", MEMORY_HINT},
		{DUCKDB_ERROR_OUT_OF_MEMORY, "Out of Memory Error: could not allocate block of size 32.0 KiB", PAWL_DATABASE, false,
		 "could not allocate block of size 32.0 KiB", MEMORY_HINT},
		{DUCKDB_ERROR_TRANSACTION, "TransactionContext Error: Conflict on update!", PAWL_DATABASE, true, "conflict on update", ""},
		{DUCKDB_ERROR_INVALID, "Catalog Error: Table with name a does not exist!\nDid you mean \"b\"?\n\nLINE 1: FROM a\n",
		 PAWL_DATABASE, false, "table with name a does not exist", "did you mean 'b'?"},
		{DUCKDB_ERROR_INVALID, "Binder Error: Referenced column \"a\" not found in FROM clause!\nCandidate bindings: \"b\"\n",
		 PAWL_DATABASE, false, "referenced column 'a' not found in FROM clause", "candidate bindings: 'b'"},
		{DUCKDB_ERROR_CONVERSION, "Conversion Error: \"No space left on device\" is no number", PAWL_DATABASE, false,
		 "'No space left on device' is no number", ""},
		{DUCKDB_ERROR_INVALID, "SQL is 'a Error: b'", PAWL_DATABASE, false, "SQL is 'a Error: b'", ""},
		{DUCKDB_ERROR_INVALID, "", PAWL_DATABASE, false, "", ""},
		{DUCKDB_ERROR_INVALID, NULL, PAWL_DATABASE, false, "DuckDB failed without a message", ""},
	};

	(void) state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FAILS(pawl_duck_fail(cases[i].type, cases[i].text, &error), cases[i].status, cases[i].message);
		assert_string_equal(error.hint, cases[i].hint);
		assert_int_equal(error.is_retryable, cases[i].is_retryable);
	}
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_INVALID, "Invalid Input Error: " PAWL_DUCK_REFUSED, &error), PAWL_OUT_OF_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locked), /* first: it forks, and DuckDB has threads once it is used */
		cmocka_unit_test(test_not_a_database),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_rights), cmocka_unit_test(test_sqlite),
		cmocka_unit_test(test_out_of_memory_of_duckdb),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
