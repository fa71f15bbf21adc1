/* Failures: an error is never the end of the rows (law 5), and whatever is open can be closed at any moment. */
#include "conformance.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"

/* Some thousands of rows that take more than a few pages. */
static const char many_rows[] =
	"CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, filling VARCHAR);"
	"INSERT INTO t WITH d(n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)), "
	"r(i) AS (SELECT 1 + a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n FROM d a, d b, d c, d, d e WHERE e.n < 2) "
	"SELECT i, i, i || ' of them, each with a text that is another one: ' || (i * 7919 % 10007) || (i * 104729 % 20011) "
	"FROM r";

static pawl_source_key key;
static size_t key_column;

static pawl_read keyed_read(const char *table)
{
	pawl_read read = read_of(find_table(table));

	if (pawl_source_table_find(read.table, "k") < 0)
		return read;
	key_column = find_column(read.table, "k");
	key = (pawl_source_key) {.columns = &key_column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	return read;
}

/* Reads to the end or to the error; how many rows came is in *ret_rows. */
static pawl_status read_to_end(const pawl_read *read, int64_t window_rows, int64_t *ret_rows)
{
	const pawl_window_limit limit = rows_limit(window_rows);
	pawl_window window = {0};
	const char *rows;

	*ret_rows = 0;
	PAWL_TRY(subject->driver->read_begin(source, read, &error));
	while (!window.is_last) {
		PAWL_TRY(read_window(&limit, false, &rows, &window));
		*ret_rows += window.rows;
		pawl_free(window.position);
	}
	return PAWL_OK;
}

/* ---- broken values and files ----------------------------------------------------------------------------------------- */

static void test_broken_value(void **state)
{
	static const int64_t windows[] = {1, 1000, 4321, 1000000};

	(void) state;
	setup(subject->broken_sql);
	const pawl_source_table *table = find_table("broken");
	const pawl_read_column columns[] = {{.name = "id", .index = find_column(table, "id")},
	                                    {.name = "n", .index = find_column(table, "n")}};
	const pawl_read read = {.table = table, .columns = columns, .column_count = 2, .where = "id > 4300",
	                        .primary_key = &(size_t) {0}, .primary_key_count = 1};
	for (size_t i = 0; i < COUNT(windows); i++) {
		const pawl_window_limit limit = rows_limit(windows[i]);
		pawl_status status = PAWL_OK, end_status;
		pawl_window window = {0};
		const char *relation;
		pawl_error end_error;
		OK(subject->driver->read_begin(source, &read, &error));
		while (status == PAWL_OK && !window.is_last) {
			PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
			OK(subject->driver->window_begin(source, &limit, &relation, &error));
			pawl_buffer_appendf(&sql, "CREATE OR REPLACE TEMP TABLE got AS SELECT id, n FROM %s", relation);
			status = pawl_duck_run_buffer(engine, &sql, &error);
			end_status = subject->driver->window_end(source, &window, &end_error);
			if (end_status != PAWL_OK && !is_no_news(status, end_status)) {
				error = end_error;
				status = end_status;
			}
			pawl_free(PAWL_TAKE(window.position));
		}
		assert_int_not_equal(status, PAWL_OK);
		if (strncasecmp(error.message, subject->broken_error, strlen(subject->broken_error)) != 0)
			fail_msg("the error is '%s'", error.message);
		subject->driver->read_end(source);
	}
}

/* A column that nobody reads does no harm. */
static void test_broken_value_is_not_read(void **state)
{
	(void) state;
	int64_t rows;

	setup(subject->broken_sql);
	const pawl_read read = read_of(find_table("broken"));
	OK(read_to_end(&read, 1000000, &rows));
	assert_int_equal(rows, 5000);
}

static void test_damage(void **state)
{
	(void) state;
	int64_t rows;

	setup(many_rows);
	close_source();
	subject->damage(subject->path);
	open_source();
	pawl_read read = keyed_read("t");
	const pawl_read_column columns[] = {{.name = "id", .index = 0}, {.name = "filling", .index = 2}};
	read.columns = columns;
	read.column_count = 2;
	for (int64_t window_rows = 1000; window_rows <= 1000000; window_rows *= 1000)
		for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_KEY; order++) {
			read.order = order;
			assert_int_not_equal(read_to_end(&read, window_rows, &rows), PAWL_OK);
			assert_true(rows < 20000);
			assert_true(*error.message != '\0');
		}
}

/* ---- what goes wrong where the rows go ------------------------------------------------------------------------------- */

/* A statement that fails, and one that does not ask for all rows: what is read next begins anew, and is whole. */
static void test_failing_statement(void **state)
{
	static const char *const statements[] = {
		"SELECT error('no room for row ' || id) FROM %s WHERE id > 100",
		"SELECT id FROM %s LIMIT 1",
	};

	(void) state;
	setup(many_rows);
	const pawl_read read = keyed_read("t");
	for (size_t i = 0; i < COUNT(statements); i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
		const pawl_window_limit limit = rows_limit(1000000);
		const char *relation;
		pawl_window window = {0};
		int64_t rows;
		OK(subject->driver->read_begin(source, &read, &error));
		OK(subject->driver->window_begin(source, &limit, &relation, &error));
		pawl_buffer_append(&sql, "CREATE OR REPLACE TEMP TABLE got AS ");
		pawl_buffer_append_bytes(&sql, statements[i], (size_t) (strstr(statements[i], "%s") - statements[i]));
		pawl_buffer_appendf(&sql, "%s%s", relation, strstr(statements[i], "%s") + 2);
		pawl_status status = pawl_duck_run_buffer(engine, &sql, &error);
		assert_int_equal(status == PAWL_OK, i == 1);
		pawl_status end_status = subject->driver->window_end(source, &window, &error);
		assert_true(end_status != PAWL_OK || !subject->is_stream);
		pawl_free(window.position);
		subject->driver->read_end(source);
		OK(read_to_end(&read, 7000, &rows));
		assert_int_equal(rows, 20000);
	}
}

static void *interrupt(void *context)
{
	(void) context;
	for (int i = 0; i < 200; i++) {
		const struct timespec pause = {.tv_nsec = 1000000};
		nanosleep(&pause, NULL);
		pawl_duck_interrupt(engine);
	}
	return NULL;
}

/* Interrupted while it reads: an error, and no window that ends as if it was whole. */
static void test_interrupted_statement(void **state)
{
	(void) state;
	pthread_t thread;
	const pawl_window_limit limit = rows_limit(1000000);
	const char *relation;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_window window = {0};

	setup(many_rows);
	const pawl_read read = keyed_read("t");
	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	pawl_buffer_appendf(&sql, "SELECT sum(hash(id, r)) FROM %s, range(1000000) q(r)", relation);
	assert_int_equal(pthread_create(&thread, NULL, interrupt, NULL), 0);
	pawl_status status = pawl_duck_run_buffer(engine, &sql, &error);
	pthread_join(thread, NULL);
	assert_int_not_equal(status, PAWL_OK);
	(void) subject->driver->window_end(source, &window, &error);
	pawl_free(window.position);
	subject->driver->read_end(source);
}

/* ---- stopping -------------------------------------------------------------------------------------------------------- */

static bool is_stream(const conformance_subject *driver)
{
	return driver->is_stream;
}

/* The window ends early, behind a row; what is left comes with a read that begins there. */
static void test_stop(void **state)
{
	(void) state;
	const pawl_window_limit limit = rows_limit(1000000);
	pawl_window window;
	const char *relation;
	int64_t rest;

	setup(many_rows);
	pawl_read read = keyed_read("t");
	read.primary_key = &(size_t) {0};
	read.primary_key_count = 1;
	pawl_source_stop(source);
	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	int64_t rows = query_integer(query_text("SELECT '(SELECT count(id) FROM %s)'", relation));
	OK(subject->driver->window_end(source, &window, &error));
	assert_in_range(rows, 1, 19999);
	assert_int_equal(window.rows, rows);
	assert_true(window.bytes >= rows);
	assert_false(window.is_last);
	assert_non_null(window.position);
	subject->driver->read_end(source);
	atomic_store(&source->is_stopping, false);
	read.after = window.position;
	OK(read_to_end(&read, 1000000, &rest));
	assert_int_equal(rows + rest, 20000);
	pawl_free(window.position);
}

/* A limit of time ends a window as well. */
static void test_time_limit(void **state)
{
	(void) state;
	const pawl_window_limit limit = {.rows = 1000000, .us = 1};
	pawl_window window;
	const char *rows;

	setup(many_rows);
	const pawl_read read = keyed_read("t");
	OK(subject->driver->read_begin(source, &read, &error));
	OK(read_window(&limit, false, &rows, &window));
	assert_in_range(window.rows, 1, 19999);
	assert_false(window.is_last);
	pawl_free(window.position);
}

/* ---- closing --------------------------------------------------------------------------------------------------------- */

/* Behind each step of a read: it is ended, or the source is closed without a word; nothing is lost or freed twice. */
static void test_close_at_any_moment(void **state)
{
	(void) state;
	const pawl_window_limit limit = rows_limit(5000);
	const char *relation, *rows;
	pawl_window window = {0};

	setup(many_rows);
	for (int steps = 0; steps < 4; steps++)
		for (int is_ended = 0; is_ended < 2; is_ended++) {
			const pawl_read read = keyed_read("t");
			if (steps > 0)
				OK(subject->driver->read_begin(source, &read, &error));
			if (steps == 2)
				OK(subject->driver->window_begin(source, &limit, &relation, &error));
			if (steps == 3)
				OK(read_window(&limit, false, &rows, &window));
			pawl_free(PAWL_TAKE(window.position));
			if (is_ended) {
				subject->driver->read_end(source);
				subject->driver->read_end(source);
				subject->driver->snapshot_end(source);
			}
			pawl_source_close_pointer(&source);
			close_source();
			open_source();
		}
}

/* A read that begins takes the place of one that was not ended. */
static void test_begin_again(void **state)
{
	(void) state;
	const pawl_window_limit limit = rows_limit(10);
	const char *rows;
	pawl_window window;
	int64_t count;

	setup(many_rows);
	const pawl_read read = keyed_read("t");
	OK(subject->driver->read_begin(source, &read, &error));
	OK(read_window(&limit, false, &rows, &window));
	pawl_free(window.position);
	OK(read_to_end(&read, 15000, &count));
	assert_int_equal(count, 20000);
}

static void test_other_positions(void **state)
{
	static const char *const positions[] = {
		"", "x", "{}", "[]", "rowid:", "rowid:x", "{\"after\": []}", "{\"after\": [null]}", "{\"after\": [1]}",
		"{\"after\": [\"1\", null]}", "{\"after\": [[\"integer\", \"5\"]]}", "{\"after\": [\"1\", \"1\", \"1\"]}",
	};

	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO t VALUES (1, 1), (2, 2)");
	pawl_read read = keyed_read("t");
	read.primary_key = &(size_t) {0};
	read.primary_key_count = 1;
	for (size_t i = 0; i < COUNT(positions); i++)
		for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_KEY; order++) {
			int64_t rows;
			bool is_position = order == PAWL_ORDER_NONE && subject->place != NULL &&
			                   strcmp(positions[i], subject->place) == 0;
			read.order = order;
			read.after = positions[i];
			if ((read_to_end(&read, 10, &rows) == PAWL_OK) != is_position)
				fail_msg("'%s' in order %d: %lld rows", positions[i], order, (long long) rows);
		}
}

/* ---- wrong SQL ------------------------------------------------------------------------------------------------------- */

static void test_wrong_condition(void **state)
{
	static const char *const conditions[] = {"no_such_column = 1", "id = ", "id = 1) OR (id = 2", "id = 1; DROP TABLE t",
	                                         "id = ?1"};

	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO t VALUES (1, 1), (2, 2)");
	pawl_read read = keyed_read("t");
	for (size_t i = 0; i < COUNT(conditions); i++) {
		pawl_bounds bounds = {0};
		const pawl_bounds_request request = {.count_nulls = true};
		int64_t rows;
		if (i == 2)
			continue; /* a person may write it; it is SQL */
		read.where = conditions[i];
		assert_int_not_equal(read_to_end(&read, 10, &rows), PAWL_OK);
		assert_int_equal(rows, 0);
		assert_int_not_equal(subject->driver->bounds(source, &read, &request, &bounds, &error), PAWL_OK);
		assert_null(bounds.newest.text);
	}
	read.where = NULL;
	assert_string_equal(read_ids(&read), "1 2");
}

/* ---- memory ---------------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status use_source(void *context, pawl_error *use_error)
{
	PAWL_CLEANUP(pawl_source_close_pointer) pawl_source *opened = NULL;
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog found = {0};
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_source_options options = source_options();
	const pawl_bounds_request request = {.max_ahead_us = 1, .count_nulls = true};
	const pawl_source_driver *driver = subject->driver;
	pawl_snapshot snapshot;

	(void) context;
	PAWL_TRY(driver->open(&options, &opened, use_error));
	PAWL_TRY(driver->identity(opened, &text, use_error));
	PAWL_TRY(driver->discover(opened, &found, use_error));
	PAWL_TRY(driver->snapshot_begin(opened, &snapshot, use_error));
	pawl_read read = read_of(&found.tables[0]);
	read.key = &key;
	read.primary_key = &(size_t) {0};
	read.primary_key_count = 1;
	PAWL_TRY(driver->bounds(opened, &read, &request, &bounds, use_error));
	for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_KEY; order++) {
		const pawl_window_limit limit = rows_limit(2);
		pawl_window window = {0};
		read.order = order;
		read.tail_from = bounds.cursor;
		PAWL_TRY(driver->explain(opened, &read, &sql, use_error));
		PAWL_TRY(driver->read_begin(opened, &read, use_error));
		while (!window.is_last) {
			const char *relation;
			PAWL_CLEANUP(pawl_buffer_free) pawl_buffer statement = {0};
			PAWL_TRY(driver->window_begin(opened, &limit, &relation, use_error));
			pawl_buffer_appendf(&statement, "CREATE OR REPLACE TEMP TABLE got AS FROM %s", relation);
			pawl_status status = pawl_duck_run_buffer(engine, &statement, use_error);
			pawl_error end_error;
			pawl_status end_status = driver->window_end(opened, &window, &end_error);
			pawl_free(PAWL_TAKE(window.position));
			if (end_status != PAWL_OK && !is_no_news(status, end_status))
				*use_error = end_error;
			PAWL_TRY(status != PAWL_OK ? use_error->status : end_status);
		}
		driver->read_end(opened);
	}
	return PAWL_OK;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k TIMESTAMP, n DECIMAL(10,2) DEFAULT 1);"
	      "INSERT INTO t VALUES (1, '2024-01-01 00:00:00', 1), (2, '2024-01-02 00:00:00', 2), "
	      "(3, '2999-01-02 00:00:00', 2), "
	      "(4, NULL, NULL), (5, '2024-01-05 00:00:00', NULL)");
	key_column = find_column(find_table("t"), "k");
	key = (pawl_source_key) {.columns = &key_column, .column_count = 1, .key_class = PAWL_KEY_TIMESTAMP,
	                         .zone = (char *) (uintptr_t) "Europe/Berlin"};
	pawl_source_close_pointer(&source);
	assert_true(refuse_every_allocation(use_source, NULL) > 50);
}
#endif

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_broken_value),
		CONFORMANCE_TEST(test_broken_value_is_not_read),
		CONFORMANCE_TEST(test_damage),
		CONFORMANCE_TEST(test_failing_statement),
		CONFORMANCE_TEST(test_interrupted_statement),
		CONFORMANCE_TEST_IF(test_stop, is_stream),
		CONFORMANCE_TEST_IF(test_time_limit, is_stream),
		CONFORMANCE_TEST(test_close_at_any_moment),
		CONFORMANCE_TEST(test_begin_again),
		CONFORMANCE_TEST(test_other_positions),
		CONFORMANCE_TEST(test_wrong_condition),
#ifdef PAWL_TEST_HOOKS
		CONFORMANCE_TEST(test_out_of_memory),
#endif
	};
	return conformance_main(argc, argv, "failures", tests, COUNT(tests));
}
