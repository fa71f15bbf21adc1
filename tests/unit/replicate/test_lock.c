#include "replicate/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "support.h"

static pawl_error error;
#define WAREHOUSE "warehouse.duckdb"
#define FILE_NAME "warehouse.duckdb.pawl"

static bool is_there(void)
{
	return access(FILE_NAME, F_OK) == 0;
}

static pawl_lock *take(void)
{
	pawl_lock *lock;
	OK(pawl_lock_take(WAREHOUSE, &lock, &error));
	return lock;
}

/* A process that takes the lock, says so, and holds it until it is killed. */
static pid_t start_holder(void)
{
	int pipes[2];
	char said;

	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		pawl_lock *lock;
		if (pawl_lock_take(WAREHOUSE, &lock, &error) != PAWL_OK || write(pipes[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &said, 1), 1);
	close(pipes[0]);
	return child;
}

static void kill_holder(pid_t child)
{
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void test_take_and_release(void **state)
{
	(void) state;
	pawl_lock *lock = take();
	struct stat file;

	assert_int_equal(stat(FILE_NAME, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	pawl_lock_release(lock);
	assert_false(is_there());
	pawl_lock_release(take());
	pawl_lock_release(NULL);
}

static void test_two_processes(void **state)
{
	(void) state;
	pid_t holder = start_holder();
	pawl_lock *lock = NULL;
	char start[64];

	assert_int_equal(pawl_lock_take(WAREHOUSE, &lock, &error), PAWL_DATABASE);
	assert_true(error.is_retryable);
	assert_null(lock);
	snprintf(start, sizeof(start), "another run writes to '" WAREHOUSE "': process %d on ", (int) holder);
	assert_memory_equal(error.message, start, strlen(start));
	assert_non_null(strstr(error.message, ", since 20"));
	assert_true(is_there()); /* who was refused takes nothing away */
	kill_holder(holder);
}

/* What a dead process left is taken over, whatever it had written. */
static void test_dead_holder(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;

	kill_holder(start_holder());
	assert_true(is_there());
	OK(pawl_lock_read(WAREHOUSE, &text, &error));
	assert_null(text);
	pawl_lock *lock = take();
	OK(pawl_lock_read(WAREHOUSE, &text, &error));
	assert_non_null(strstr(text, "\"progress\":null"));
	pawl_lock_release(lock);
	assert_false(is_there());
}

static void test_rubbish(void **state)
{
	(void) state;
	write_file(FILE_NAME, "rubbish that is longer than what is written over it, as far as anybody can tell; "
	                      "and then some more of it, so that a part stays if the file is not cut behind the new text");
	pawl_lock *lock = take();
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	OK(pawl_lock_read(WAREHOUSE, &text, &error));
	assert_null(strstr(text, "rubbish"));
	assert_null(strstr(text, "more of it"));
	pawl_lock_release(lock);
}

static void test_progress(void **state)
{
	(void) state;
	pawl_lock *lock = take();
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	char pid[32];

	pawl_lock_write(lock, "{\"tables\":[1,2,3]}");
	pawl_lock_write(lock, "{\"rows\":7}"); /* shorter */
	OK(pawl_lock_read(WAREHOUSE, &text, &error));
	OK(pawl_json_parse_object("lock", text, strlen(text), &root, &error));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "progress"), "rows")), 7);
	assert_int_equal(json_integer_value(json_object_get(root, "pid")), getpid());
	assert_non_null(json_string_value(json_object_get(root, "host")));
	snprintf(pid, sizeof(pid), "\"pid\":%d,", (int) getpid());
	assert_non_null(strstr(text, pid));
	pawl_lock_release(lock);
}

static void test_nobody(void **state)
{
	(void) state;
	char *text = (char *) 1;

	OK(pawl_lock_read(WAREHOUSE, &text, &error));
	assert_null(text);
}

static void test_no_folder(void **state)
{
	(void) state;
	pawl_lock *lock = NULL;

	FAILS(pawl_lock_take("nowhere/w.duckdb", &lock, &error), PAWL_IO,
	      "cannot make 'nowhere/w.duckdb.pawl': No such file or directory");
	assert_string_equal(error.hint, "the warehouse's folder must be there, and one that you may write to");
	assert_null(lock);
}

/* A link would let somebody else's file be written over. */
static void test_link(void **state)
{
	(void) state;
	pawl_lock *lock = NULL;

	write_file("precious", "precious");
	assert_int_equal(symlink("precious", FILE_NAME), 0);
	assert_int_equal(pawl_lock_take(WAREHOUSE, &lock, &error), PAWL_IO);
	assert_null(lock);
	unlink(FILE_NAME);
}

/* Of many processes that take it and let go of it all the time, no two ever have it at once, since each takes the file's
 * name away while others wait for it. A counter that is no atomic one shows it. */
static void test_races(void **state)
{
	(void) state;
	enum { PROCESSES = 4, TURNS = 60 };
	pid_t children[PROCESSES];

	write_file("counter", "0\n");
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] > 0)
			continue;
		for (int turn = 0; turn < TURNS;) {
			pawl_lock *lock;
			if (pawl_lock_take(WAREHOUSE, &lock, &error) != PAWL_OK)
				continue;
			char text[16] = {0};
			int file = open("counter", O_RDWR);
			if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
				_exit(1);
			int length = snprintf(text, sizeof(text), "%ld\n", strtol(text, NULL, 10) + 1);
			usleep(100);
			if (pwrite(file, text, (size_t) length, 0) != length)
				_exit(1);
			close(file);
			pawl_lock_release(lock);
			turn++;
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	char text[16] = {0};
	int file = open("counter", O_RDONLY);
	assert_true(read(file, text, sizeof(text) - 1) > 0);
	close(file);
	assert_int_equal(strtol(text, NULL, 10), PROCESSES * TURNS);
	assert_false(is_there());
}

/* `pawl status` holds the lock of a dead run's file for a moment while it looks: a run that begins then must not be refused. */
static void test_readers_do_not_disturb(void **state)
{
	(void) state;
	kill_holder(start_holder());
	pid_t reader = fork();
	assert_true(reader >= 0);
	if (reader == 0)
		for (;;) {
			char *text = NULL;
			if (pawl_lock_read(WAREHOUSE, &text, &error) == PAWL_OK)
				pawl_free(text);
		}
	for (int i = 0; i < 5000; i++) {
		pawl_lock_release(take());
		write_file(FILE_NAME, "left by a dead run");
	}
	kill_holder(reader);
	unlink(FILE_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_take_and_release, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_two_processes, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_dead_holder, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_rubbish, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_progress, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_nobody, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_no_folder, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_link, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_races, enter_folder, leave_folder),
		cmocka_unit_test_setup_teardown(test_readers_do_not_disturb, enter_folder, leave_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
