/* Snapshots: what is read does not change while it is read, whatever happens to the file meanwhile. */
#include "conformance.h"

#include <string.h>

#include "base/memory.h"
#include "base/time.h"

static const char three_rows[] = "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)";
static const char another_row[] = "INSERT INTO t VALUES (4)";

static char *version_of(void)
{
	char *version;
	OK(subject->driver->version(source, &version, &error));
	return version;
}

static void test_begin_and_end(void **state)
{
	(void) state;
	pawl_snapshot snapshot = {0};

	setup(three_rows);
	const pawl_read read = read_of(find_table("t"));
	for (int times = 0; times < 3; times++) {
		int64_t before_us = pawl_time_now_us();
		OK(subject->driver->snapshot_begin(source, &snapshot, &error)); /* with one that was not ended, too */
		assert_in_range(snapshot.now_us, before_us - 1000, pawl_time_now_us());
		assert_in_range(snapshot.horizon_us, snapshot.now_us - 1000000, snapshot.now_us);
		assert_int_equal(snapshot.guarantee, PAWL_GUARANTEE_EXACT);
		assert_in_range(strlen(snapshot.why), 10, PAWL_WHY_BYTES - 1);
		assert_string_equal(read_ids(&read), "1 2 3");
	}
	subject->driver->snapshot_end(source);
	subject->driver->snapshot_end(source);
	subject->driver->read_end(source);
}

/* A writer is kept off, or what it writes is not seen; and it is seen in the next snapshot. */
static void test_writer(void **state)
{
	(void) state;
	pawl_snapshot snapshot;

	setup(three_rows);
	pawl_read read = read_of(find_table("t"));
	assert_string_equal(read_ids(&read), "1 2 3");
	bool has_written = run_elsewhere(another_row);
	assert_string_equal(read_ids(&read), "1 2 3");
	if (!has_written) {
		close_source();
		assert_true(run_elsewhere(another_row));
		open_source();
		read = read_of(find_table("t"));
	}
	OK(subject->driver->snapshot_begin(source, &snapshot, &error));
	assert_string_equal(read_ids(&read), "1 2 3 4");
}

/*
 * Whoever closes a file gives up all locks that its process has on it (POSIX): asking for the version, and opening the
 * source once more, must not let a writer in.
 */
static void test_locks_are_kept(void **state)
{
	(void) state;
	pawl_source *second = NULL;

	setup(three_rows);
	const pawl_read read = read_of(find_table("t"));
	assert_false(run_elsewhere(another_row));
	if (subject->driver->version != NULL)
		pawl_free(version_of());
	const pawl_source_options options = source_options();
	OK(subject->driver->open(&options, &second, &error));
	pawl_source_close_pointer(&second);
	assert_false(run_elsewhere(another_row));
	assert_string_equal(read_ids(&read), "1 2 3");
}

static bool has_version(const conformance_subject *of)
{
	return of->driver->version != NULL;
}

static void test_version(void **state)
{
	(void) state;
	setup(three_rows);
	PAWL_CLEANUP(pawl_free_pointer) char *first = version_of();
	PAWL_CLEANUP(pawl_free_pointer) char *again = version_of();
	assert_string_equal(first, again);
	close_source();
	open_source();
	PAWL_CLEANUP(pawl_free_pointer) char *reopened = version_of();
	assert_string_equal(first, reopened);
	close_source();
	OK(subject->run_sql(subject->path, "UPDATE t SET id = 7 WHERE id = 3", &error));
	open_source();
	PAWL_CLEANUP(pawl_free_pointer) char *changed = version_of();
	assert_string_not_equal(first, changed);
}

/* Two at a time on one engine, as tables in flight have them; the second goes on when the first is closed. */
static void test_two_sources(void **state)
{
	(void) state;
	pawl_source *first;
	pawl_snapshot snapshot;

	setup(three_rows);
	const pawl_read read = read_of(find_table("t"));
	first = source;
	source = NULL;
	const pawl_source_options options = source_options();
	OK(subject->driver->open(&options, &source, &error));
	OK(subject->driver->snapshot_begin(source, &snapshot, &error));
	OK(subject->driver->read_begin(first, &read, &error));
	assert_string_equal(read_ids(&read), "1 2 3");
	subject->driver->close(first);
	assert_string_equal(read_ids(&read), "1 2 3");
}

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_begin_and_end),
		CONFORMANCE_TEST(test_writer),
		CONFORMANCE_TEST_IF(test_locks_are_kept, is_of_files),
		CONFORMANCE_TEST_IF(test_version, has_version),
		CONFORMANCE_TEST(test_two_sources),
	};
	return conformance_main(argc, argv, "snapshots", tests, COUNT(tests));
}
