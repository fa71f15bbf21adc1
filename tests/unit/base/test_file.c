#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "support.h"

static int entries_of(const char *folder)
{
	DIR *open_folder = opendir(folder);
	int entries = 0;

	assert_non_null(open_folder);
	while (readdir(open_folder) != NULL)
		entries++;
	closedir(open_folder);
	return entries - 2; /* "." and ".." */
}

static void make_file(const char *path, const char *text, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *expected, size_t expected_length)
{
	pawl_error error;
	size_t length;
	char *text;

	assert_int_equal(pawl_file_read(path, SIZE_MAX, &text, &length, &error), PAWL_OK);
	assert_int_equal(length, expected_length);
	assert_memory_equal(text, expected, length + 1);
	pawl_free(text);
}

static void assert_read_fails(const char *path, size_t limit, pawl_status status, const char *message)
{
	char untouched[] = "untouched";
	char *text = untouched;
	size_t length = 77;
	pawl_error error;

	assert_int_equal(pawl_file_read(path, limit, &text, &length, &error), status);
	assert_int_equal(error.status, status);
	assert_string_equal(error.message, message);
	assert_ptr_equal(text, untouched);
	assert_int_equal(length, 77);
}

static void assert_write_fails(const char *path, const char *message)
{
	pawl_error error;

	assert_int_equal(pawl_file_write_atomic(path, "text", 4, &error), PAWL_IO);
	assert_int_equal(error.status, PAWL_IO);
	assert_string_equal(error.message, message);
}

static void files_are_read_whole(void **state)
{
	char *text = malloc(100001);

	(void) state;
	make_file("empty", "", 0);
	assert_content("empty", "", 0);
	make_file("nul", "a\0b\n", 4);
	assert_content("nul", "a\0b\n", 4);
	for (size_t i = 0; i < 100000; i++)
		text[i] = (char) ('a' + i % 23);
	text[100000] = '\0';
	make_file("long", text, 100000);
	assert_content("long", text, 100000);
	free(text);
}

static void the_limit_is_exact(void **state)
{
	pawl_error error;
	size_t length;
	char *text;

	(void) state;
	make_file("five", "12345", 5);
	assert_int_equal(pawl_file_read("five", 5, &text, &length, &error), PAWL_OK);
	assert_string_equal(text, "12345");
	pawl_free(text);
	assert_read_fails("five", 4, PAWL_INVALID, "file 'five' is longer than 4 bytes");
	assert_read_fails("/dev/zero", 100000, PAWL_INVALID, "file '/dev/zero' is longer than 100000 bytes");
}

static void reading_errors_name_the_path(void **state)
{
	(void) state;
	make_file("plain", "", 0);
	assert_read_fails("missing", 10, PAWL_NOT_FOUND, "cannot open 'missing': No such file or directory");
	assert_read_fails("plain/below", 10, PAWL_IO, "cannot open 'plain/below': Not a directory");
	assert_read_fails(".", 10, PAWL_IO, "cannot read '.': Is a directory");
}

static void *write_slowly(void *path)
{
	int pipe_end = open(path, O_WRONLY);

	for (int i = 0; i < 3; i++) {
		if (write(pipe_end, "piece ", 6) != 6)
			return path;
		usleep(1000);
	}
	close(pipe_end);
	return NULL;
}

static void pipes_are_read_to_their_end(void **state)
{
	char path[] = "pipe";
	pthread_t writer;
	void *failed;

	(void) state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, path), 0);
	assert_content(path, "piece piece piece ", 18);
	assert_int_equal(pthread_join(writer, &failed), 0);
	assert_null(failed);
}

static void writing_replaces_the_whole_file(void **state)
{
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_file_write_atomic("new", "first\0text", 10, &error), PAWL_OK);
	assert_content("new", "first\0text", 10);
	assert_int_equal(pawl_file_write_atomic("./new", "2nd", 3, &error), PAWL_OK);
	assert_content("new", "2nd", 3);
	assert_int_equal(pawl_file_write_atomic("new", NULL, 0, &error), PAWL_OK);
	assert_content("new", "", 0);
	assert_int_equal(entries_of("."), 1);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void a_new_file_is_private_and_an_old_one_keeps_its_mode(void **state)
{
	mode_t umask_before = umask(0);
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_file_write_atomic("file", "1", 1, &error), PAWL_OK);
	assert_int_equal(mode_of("file"), 0600);
	assert_int_equal(chmod("file", 0664), 0);
	umask(077);
	assert_int_equal(pawl_file_write_atomic("file", "2", 1, &error), PAWL_OK);
	assert_int_equal(mode_of("file"), 0664);
	umask(umask_before);
}

static void a_link_is_followed(void **state)
{
	struct stat status;
	pawl_error error;

	(void) state;
	assert_int_equal(mkdir("elsewhere", 0700), 0);
	make_file("elsewhere/target", "old", 3);
	assert_int_equal(symlink("elsewhere/target", "link"), 0);
	assert_int_equal(pawl_file_write_atomic("link", "new", 3, &error), PAWL_OK);
	assert_content("elsewhere/target", "new", 3);
	assert_int_equal(lstat("link", &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(entries_of("elsewhere"), 1);
}

static void writing_errors_name_the_path(void **state)
{
	(void) state;
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_write_fails("missing/file", "cannot make a file beside 'missing/file': No such file or directory");
	assert_write_fails("folder", "cannot write 'folder': it is not a regular file");
	assert_write_fails("/dev/null", "cannot write '/dev/null': it is not a regular file");
	assert_int_equal(entries_of("."), 1);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
	struct rlimit before, small;
	char text[5000];
	pawl_error error;
	pawl_status status;

	(void) state;
	memset(text, 'x', sizeof(text));
	make_file("file", "old", 3);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	status = pawl_file_write_atomic("file", text, sizeof(text), &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);

	assert_int_equal(status, PAWL_IO);
	assert_non_null(strstr(error.message, "/file': File too large"));
	assert_content("file", "old", 3);
	assert_int_equal(entries_of("."), 1);
}

/* Beside the empty path a file can be made, which cannot be renamed to it. */
static void a_failed_rename_leaves_nothing(void **state)
{
	pawl_error error;

	(void) state;
	assert_int_equal(pawl_file_write_atomic("", "text", 4, &error), PAWL_IO);
	assert_string_equal(error.message, "cannot rename '.tmp' to '': No such file or directory");
	assert_int_equal(entries_of("."), 0);
}

static void what_a_crash_left_is_replaced(void **state)
{
	pawl_error error;

	(void) state;
	make_file("victim", "untouched", 9);
	assert_int_equal(symlink("victim", "file.tmp"), 0);
	assert_int_equal(pawl_file_write_atomic("file", "new", 3, &error), PAWL_OK);
	assert_content("file", "new", 3);
	assert_content("victim", "untouched", 9);
	assert_int_equal(entries_of("."), 2);
}

static void parents_are_made(void **state)
{
	char absolute[PATH_MAX];
	pawl_error error;

	assert_int_equal(pawl_file_make_parents("file", &error), PAWL_OK);
	assert_int_equal(entries_of("."), 0);
	assert_int_equal(pawl_file_make_parents("a/b//c/file", &error), PAWL_OK);
	assert_true(pawl_file_exists("a/b/c"));
	assert_false(pawl_file_exists("a/b/c/file"));
	assert_int_equal(pawl_file_make_parents("a/b/c/file", &error), PAWL_OK);

	snprintf(absolute, sizeof(absolute), "%s/d/file", (char *) *state);
	assert_int_equal(pawl_file_make_parents(absolute, &error), PAWL_OK);
	assert_true(pawl_file_exists("d"));
}

static void a_file_in_the_way_is_named(void **state)
{
	pawl_error error;

	(void) state;
	make_file("way", "", 0);
	assert_int_equal(pawl_file_make_parents("way/file", &error), PAWL_IO);
	assert_string_equal(error.message, "cannot make folder 'way': File exists");
	assert_int_equal(pawl_file_make_parents("way/a/file", &error), PAWL_IO);
	assert_string_equal(error.message, "cannot make folder 'way': File exists");
}

static void existence_is_told(void **state)
{
	(void) state;
	assert_false(pawl_file_exists("file"));
	make_file("file", "", 0);
	assert_true(pawl_file_exists("file"));
	assert_true(pawl_file_exists("."));
	assert_false(pawl_file_exists(""));
}

#ifdef PAWL_TEST_HOOKS

static pawl_status use_everything(pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	size_t length;

	PAWL_TRY(pawl_file_make_parents("a/file", error));
	PAWL_TRY(pawl_file_write_atomic("a/file", "text", 4, error));
	return pawl_file_read("a/file", 10, &text, &length, error);
}

static void refused_memory_leaves_nothing(void **state)
{
	pawl_status status;
	pawl_error error;
	long n = 0;

	(void) state;
	do {
		pawl_memory_fail_at(++n);
		status = use_everything(&error);
		pawl_memory_fail_at(0);
		if (status != PAWL_OK)
			assert_int_equal(status, PAWL_OUT_OF_MEMORY);
	} while (status != PAWL_OK);
	assert_int_equal(n, 4);
	assert_int_equal(entries_of("a"), 1);

	make_file("empty", "", 0);
	pawl_memory_fail_at(1);
	assert_read_fails("empty", 10, PAWL_OUT_OF_MEMORY, "out of memory");
	pawl_memory_fail_at(0);
}

/* Overwrites "file" in a child process that is killed at a step of its own count. */
static void write_and_die(const char *kill_at)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		pawl_error error;

		setenv("PAWL_KILL_AT", kill_at, 1);
		pawl_file_write_atomic("file", "new", 3, &error);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void a_crash_leaves_the_old_file_or_the_new_one(void **state)
{
	(void) state;
	make_file("file", "old", 3);
	write_and_die("1");
	assert_content("file", "old", 3);
	write_and_die("2");
	assert_content("file", "new", 3);
}

#endif

/* Every test runs in an empty folder of its own. */
#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef PAWL_TEST_HOOKS
		FILE_TEST(a_crash_leaves_the_old_file_or_the_new_one), /* first: steps count from a fresh process */
		FILE_TEST(refused_memory_leaves_nothing),
#endif
		FILE_TEST(files_are_read_whole),
		FILE_TEST(the_limit_is_exact),
		FILE_TEST(reading_errors_name_the_path),
		FILE_TEST(pipes_are_read_to_their_end),
		FILE_TEST(writing_replaces_the_whole_file),
		FILE_TEST(a_new_file_is_private_and_an_old_one_keeps_its_mode),
		FILE_TEST(a_link_is_followed),
		FILE_TEST(writing_errors_name_the_path),
		FILE_TEST(a_full_disk_leaves_the_old_file),
		FILE_TEST(a_failed_rename_leaves_nothing),
		FILE_TEST(what_a_crash_left_is_replaced),
		FILE_TEST(parents_are_made),
		FILE_TEST(a_file_in_the_way_is_named),
		FILE_TEST(existence_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
