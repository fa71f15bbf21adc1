#include "duck/internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static pawl_error error;

#define PATH "a.db"

static pawl_status open_path(pawl_duck_options options)
{
	pawl_duck *duck = NULL;
	pawl_status status = pawl_duck_open(&options, &duck, &error);
	pawl_duck_close(duck);
	return status;
}

static void test_not_a_database(void **state)
{
	(void) state;
	FILE *file = fopen(PATH, "w");
	assert_non_null(file);
	for (int i = 0; i < 100; i++)
		fputs("this is text\n", file);
	fclose(file);
	assert_int_equal(open_path((pawl_duck_options) {.path = PATH}), PAWL_INVALID);
	assert_non_null(strstr(error.message, PATH));
	assert_non_null(strstr(error.message, "not a valid DuckDB database file"));
	assert_string_equal(error.hint, "give the path of a DuckDB file, or of a file that does not exist yet");
	assert_false(error.is_retryable);
	unlink(PATH);
}

static void test_missing(void **state)
{
	(void) state;
	assert_int_equal(open_path((pawl_duck_options) {.path = PATH, .is_read_only = true}), PAWL_NOT_FOUND);
	assert_int_equal(open_path((pawl_duck_options) {.path = "/nowhere/at/all.db"}), PAWL_IO);
	assert_string_equal(error.message, "IO Error: Cannot open file \"/nowhere/at/all.db\": No such file or directory");
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
	assert_non_null(strstr(error.message, "Could not set lock on file"));
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
	assert_memory_equal(error.message, "Out of Memory Error", 19);
	assert_memory_equal(error.hint, "raise the memory limit", 22);
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
	assert_memory_equal(error.message, "TransactionContext Error", 24);
	duckdb_destroy_result(&result);
	duckdb_disconnect(&other);
	pawl_duck_close(duck);
}

typedef struct interruption {
	pawl_duck *duck;
	atomic_bool is_done;
} interruption;

static void *interrupt_until_done(void *argument)
{
	const struct timespec pause = {0, 10000000};
	interruption *shared = argument;

	while (!atomic_load(&shared->is_done)) {
		nanosleep(&pause, NULL);
		pawl_duck_interrupt(shared->duck);
	}
	return NULL;
}

static void test_interrupt(void **state)
{
	interruption shared = {0};
	pthread_t thread;

	(void) state;
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &shared.duck, &error));
	assert_int_equal(pthread_create(&thread, NULL, interrupt_until_done, &shared), 0);
	assert_int_equal(pawl_duck_run(shared.duck, "SELECT sum(hash(i)) FROM range(100000000000) r(i)", &error), PAWL_INTERRUPTED);
	atomic_store(&shared.is_done, true);
	pthread_join(thread, NULL);
	assert_false(error.is_retryable);
	OK(pawl_duck_run(shared.duck, "SELECT 1", &error));
	pawl_duck_close(shared.duck);
}

/* What cannot be provoked here at will, from the text that DuckDB gives. */
static void test_messages(void **state)
{
	(void) state;
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_IO, "IO Error: Could not write file \"a\": No space left on device\n\n", &error),
	                 PAWL_IO);
	assert_string_equal(error.message, "IO Error: Could not write file \"a\": No space left on device");
	assert_string_equal(error.hint, "the disk is full: free some space and try again");
	assert_true(error.is_retryable);
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_INVALID, "Invalid Input Error: " PAWL_DUCK_REFUSED, &error), PAWL_OUT_OF_MEMORY);
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_INVALID, "INTERRUPT Error: Interrupted!", &error), PAWL_INTERRUPTED);
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_PARSER, "Parser Error: IO Error", &error), PAWL_DATABASE);
	assert_string_equal(error.hint, "");
	assert_int_equal(pawl_duck_fail(DUCKDB_ERROR_INVALID, NULL, &error), PAWL_DATABASE);
	assert_string_equal(error.message, "DuckDB failed without a message");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locked), /* first: it forks, and DuckDB has threads once it is used */
		cmocka_unit_test(test_not_a_database),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_out_of_memory_of_duckdb),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
