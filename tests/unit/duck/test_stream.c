#include "duck/stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;

static pawl_duck *open_duck(void)
{
	pawl_duck *duck;
	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &duck, &error));
	return duck;
}

/* The one text that the query gives, valid until the next call. */
static const char *text_of(pawl_duck *duck, const char *sql)
{
	static char text[4096];
	pawl_duck_rows *rows;
	bool has_row;

	OK(pawl_duck_query(duck, sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	snprintf(text, sizeof(text), "%s", found == NULL ? "NULL" : found);
	pawl_duck_rows_close(&rows);
	return text;
}

static const char *select_from(pawl_duck *duck, const pawl_stream *stream, const char *expression)
{
	char sql[1024];
	snprintf(sql, sizeof(sql), "SELECT (%s)::VARCHAR FROM %s", expression, pawl_stream_relation(stream));
	return text_of(duck, sql);
}

/* ---- a producer of rows ---------------------------------------------------------------------------------------------- */

/* Rows (k BIGINT, t VARCHAR): k from 0; every seventh text is NULL, every second one longer than a cell. */
typedef struct counter {
	pthread_mutex_t mutex;
	int64_t row_count, next;
	int64_t fails_at;              /* this row cannot be made; -1: none */
	atomic_int states, most_states; /* of threads */
	atomic_int calls_unwanted;     /* with column t not wanted */
} counter;

static void note_state(counter *rows, void **thread_state)
{
	if (*thread_state != NULL)
		return;
	*thread_state = rows;
	atomic_fetch_add(&rows->states, 1);
	atomic_fetch_add(&rows->most_states, 1);
}

static void free_state(void *thread_state)
{
	counter *rows = thread_state;
	atomic_fetch_sub(&rows->states, 1);
}

static void fill_row(pawl_stream_chunk *chunk, size_t row, int64_t k)
{
	char text[64];

	if (chunk->columns[0].cells != NULL)
		((int64_t *) chunk->columns[0].cells)[row] = k;
	if (chunk->columns[1].cells == NULL)
		return;
	snprintf(text, sizeof(text), "%s%lld", k % 2 == 0 ? "" : "a longer text of row ", (long long) k);
	if (k % 7 == 0)
		pawl_stream_set_null(&chunk->columns[1], row);
	else
		pawl_stream_set_bytes(&chunk->columns[1], row, text, strlen(text));
}

static pawl_status fill(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *ret_error)
{
	counter *rows = context;

	assert_int_equal(chunk->column_count, 2);
	note_state(rows, thread_state);
	if (chunk->columns[1].cells == NULL)
		atomic_fetch_add(&rows->calls_unwanted, 1);
	pthread_mutex_lock(&rows->mutex);
	int64_t first = rows->next;
	int64_t left = rows->row_count - first;
	rows->next += left < PAWL_STREAM_ROWS ? left : PAWL_STREAM_ROWS;
	int64_t end = rows->next;
	pthread_mutex_unlock(&rows->mutex);
	if (rows->fails_at >= first && rows->fails_at <= end && rows->fails_at >= 0) {
		pawl_error_set(ret_error, PAWL_DATABASE, "row %lld is torn", (long long) rows->fails_at);
		return pawl_error_hint(ret_error, "mend it");
	}
	for (int64_t k = first; k < end; k++)
		fill_row(chunk, (size_t) (k - first), k);
	chunk->row_count = (size_t) (end - first);
	return PAWL_OK;
}

static const pawl_stream_column columns[] = {{"k", "BIGINT"}, {"Order by", "VARCHAR"}};

static pawl_stream *new_stream(pawl_duck *duck, counter *rows)
{
	const pawl_stream_producer producer = {.context = rows, .fill = fill, .free_thread_state = free_state, .threads = 2};
	pawl_stream *stream;

	OK(pawl_stream_new(duck, columns, 2, &producer, &stream, &error));
	return stream;
}

#define COUNTER(rows) ((counter) {.mutex = PTHREAD_MUTEX_INITIALIZER, .row_count = (rows), .fails_at = -1})

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static void test_rows(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	counter rows = COUNTER(1000000);
	pawl_stream *stream = new_stream(duck, &rows);

	assert_string_equal(pawl_stream_relation(stream), "pawl_stream(0)");
	assert_string_equal(
		select_from(duck, stream, "count(*) || ' ' || sum(k) || ' ' || count(\"Order by\") || ' ' || "
	                                  "count(*) FILTER (\"Order by\" = CASE WHEN k % 2 = 0 THEN k::VARCHAR ELSE "
	                                  "'a longer text of row ' || k END)"),
		"1000000 499999500000 857142 857142");
	OK(pawl_stream_check(stream, &error));
	assert_in_range(rows.most_states, 1, 2);
	assert_int_equal(rows.states, 0);
	assert_int_equal(rows.calls_unwanted, 0);
	pawl_stream_free(stream);
	pawl_duck_close(duck);
}

static void test_table(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	counter rows = COUNTER(300000);
	pawl_stream *stream = new_stream(duck, &rows);

	OK(pawl_duck_run(duck, "CREATE TABLE t (b VARCHAR, a BIGINT)", &error));
	OK(pawl_duck_run(duck, "INSERT INTO t SELECT \"Order by\", k FROM pawl_stream(0)", &error));
	OK(pawl_stream_check(stream, &error));
	assert_string_equal(text_of(duck, "SELECT count(DISTINCT a) || ' ' || min(a) || ' ' || max(a) || ' ' || "
	                                  "count(*) FILTER (b = if(a % 2 = 0, '', 'a longer text of row ') || a) FROM t"),
	                    "300000 0 299999 257142");
	pawl_stream_free(stream);
	pawl_duck_close(duck);
}

static void test_projection(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	counter rows = COUNTER(5000);
	pawl_stream *stream = new_stream(duck, &rows);

	assert_string_equal(select_from(duck, stream, "max(k)"), "4999");
	OK(pawl_stream_check(stream, &error));
	assert_true(rows.calls_unwanted >= 4);

	rows = COUNTER(5000);
	pawl_stream_rearm(stream);
	assert_string_equal(select_from(duck, stream, "count(*)"), "5000");
	OK(pawl_stream_check(stream, &error));

	rows = COUNTER(5000);
	pawl_stream_rearm(stream);
	assert_string_equal(select_from(duck, stream, "max(length(\"Order by\")) || ' ' || max(k)"), "25 4999");
	OK(pawl_stream_check(stream, &error));
	pawl_stream_free(stream);
	pawl_duck_close(duck);
}

/* ---- types ----------------------------------------------------------------------------------------------------------- */

static pawl_status fill_types(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *ret_error)
{
	static const __int128 wide = (__int128) 1000000000000 * 1000000000000 + 7;

	(void) context;
	(void) ret_error;
	if (*thread_state != NULL)
		return PAWL_OK;
	*thread_state = chunk;
	((bool *) chunk->columns[0].cells)[0] = true;
	((int64_t *) chunk->columns[1].cells)[0] = 1234;
	memcpy(chunk->columns[2].cells, &wide, sizeof(wide));
	((double *) chunk->columns[3].cells)[0] = 0.1;
	((int64_t *) chunk->columns[4].cells)[0] = 1710607229500000;
	((int64_t *) chunk->columns[5].cells)[0] = 1710607229500000;
	((int32_t *) chunk->columns[6].cells)[0] = 2932896;
	pawl_stream_set_bytes(&chunk->columns[7], 0, "\0\xff" "a", 3);
	pawl_stream_set_bytes(&chunk->columns[8], 0, "{\"a\": \"\xc3\xa9\"}", 11);
	pawl_stream_set_bytes(&chunk->columns[9], 0, "", 0);
	pawl_stream_set_bytes(&chunk->columns[10], 0, "\xff\xfe a long value \0 of bytes", 26);
	chunk->row_count = 1;
	return PAWL_OK;
}

static void test_types(void **state)
{
	static const pawl_stream_column all[] = {
		{"b", "BOOLEAN"}, {"d", "DECIMAL(18,2)"}, {"w", "DECIMAL(38,10)"}, {"f", "DOUBLE"}, {"t", "TIMESTAMP"},
		{"z", "TIMESTAMP WITH TIME ZONE"}, {"y", "DATE"}, {"x", "BLOB"}, {"j", "JSON"}, {"s", "VARCHAR"}, {"l", "BLOB"},
	};
	const pawl_stream_producer producer = {.fill = fill_types, .threads = 1};
	pawl_duck *duck = open_duck();
	pawl_stream *stream;

	(void) state;
	OK(pawl_stream_new(duck, all, sizeof(all) / sizeof(all[0]), &producer, &stream, &error));
	assert_string_equal(select_from(duck, stream, "concat_ws('|', b, d, w, f, t, z, y, x, j, s, l)"),
	                    "true|12.34|100000000000000.0000000007|0.1|2024-03-16 16:40:29.5|2024-03-16 16:40:29.5+00|"
	                    "9999-12-31|\\x00\\xFFa|{\"a\": \"\xc3\xa9\"}||\\xFF\\xFE a long value \\x00 of bytes");
	OK(pawl_stream_check(stream, &error));
	pawl_stream_free(stream);

	const pawl_stream_column unknown = {"v", "VARCHA"};
	assert_int_equal(pawl_stream_new(duck, &unknown, 1, &producer, &stream, &error), PAWL_DATABASE);
	assert_non_null(strstr(error.message, "column 'v': "));
	assert_non_null(strstr(error.message, "VARCHA"));
	pawl_duck_close(duck);
}

/* ---- failures -------------------------------------------------------------------------------------------------------- */

static void check_failure(pawl_duck *duck, int64_t fails_at)
{
	counter rows = COUNTER(100000);
	pawl_stream *stream = new_stream(duck, &rows);
	char sql[64], message[64];

	rows.fails_at = fails_at;
	snprintf(sql, sizeof(sql), "CREATE OR REPLACE TABLE t AS FROM %s", pawl_stream_relation(stream));
	snprintf(message, sizeof(message), "row %lld is torn", (long long) fails_at);
	FAILS(pawl_duck_run(duck, sql, &error), PAWL_DATABASE, "pawl: what the rows come from failed");
	FAILS(pawl_stream_check(stream, &error), PAWL_DATABASE, message);
	assert_string_equal(error.hint, "mend it");
	assert_int_equal(rows.states, 0);

	rows = COUNTER(10);
	pawl_stream_rearm(stream);
	assert_string_equal(select_from(duck, stream, "count(*)"), "10");
	OK(pawl_stream_check(stream, &error));
	pawl_stream_free(stream);
}

/* At the first row, within a chunk, at a chunk's edge, at the end. */
static void test_failures(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();

	check_failure(duck, 0);
	check_failure(duck, 3000);
	check_failure(duck, 4096);
	check_failure(duck, 99999);
	check_failure(duck, 100000);
	pawl_duck_close(duck);
}

/* ---- row groups ------------------------------------------------------------------------------------------------------ */

#define GROUP_ROWS 122880

/* Rows for two threads, in turn. A thread that has asked for nothing for a while has left the rest to the other. */
typedef struct turns {
	pthread_mutex_t mutex;
	pthread_cond_t taken;
	int64_t left;
	size_t thread_count, next;
	bool is_one_alone;
} turns;

typedef struct turn {
	turns *of;
	size_t number;
} turn;

static turn *take_number(turns *of)
{
	turn *made = pawl_allocate(sizeof(*made));
	assert_non_null(made);
	*made = (turn) {of, of->thread_count++};
	pthread_cond_broadcast(&of->taken);
	return made;
}

static void wait_for_turn(turns *of, const turn *mine)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += of->thread_count < 2 ? 10 : 1;
	while (!of->is_one_alone && (of->thread_count < 2 || of->next % 2 != mine->number))
		of->is_one_alone = pthread_cond_timedwait(&of->taken, &of->mutex, &until) != 0;
}

static pawl_status fill_in_turn(void *context, void **thread_state, pawl_stream_chunk *chunk, pawl_error *ret_error)
{
	turns *of = context;

	(void) ret_error;
	pthread_mutex_lock(&of->mutex);
	if (*thread_state == NULL)
		*thread_state = take_number(of);
	const turn *mine = *thread_state;
	wait_for_turn(of, mine);
	chunk->row_count = of->left < PAWL_STREAM_ROWS ? (size_t) of->left : PAWL_STREAM_ROWS;
	of->left -= (int64_t) chunk->row_count;
	of->next = mine->number + 1;
	pthread_cond_broadcast(&of->taken);
	pthread_mutex_unlock(&of->mutex);
	for (size_t row = 0; row < chunk->row_count; row++)
		((int64_t *) chunk->columns[0].cells)[row] = 1;
	return PAWL_OK;
}

static int64_t few_rows_left(void *context)
{
	(void) context;
	return 0;
}

/* Both threads would leave a group of some thousand rows behind. */
static void test_row_groups(void **state)
{
	(void) state;
	static const pawl_stream_column column[] = {{"k", "BIGINT"}};
	turns of = {.mutex = PTHREAD_MUTEX_INITIALIZER, .taken = PTHREAD_COND_INITIALIZER,
	            .left = 2 * GROUP_ROWS + 3 * PAWL_STREAM_ROWS};
	const pawl_stream_producer producer = {
		.context = &of, .fill = fill_in_turn, .rows_left = few_rows_left, .free_thread_state = pawl_free, .threads = 2};
	pawl_duck *duck = open_duck();
	pawl_stream *stream;
	char sql[200];

	OK(pawl_stream_new(duck, column, 1, &producer, &stream, &error));
	snprintf(sql, sizeof(sql), "CREATE TABLE t (k BIGINT); INSERT INTO t SELECT k FROM %s", pawl_stream_relation(stream));
	OK(pawl_duck_run(duck, sql, &error));
	OK(pawl_stream_check(stream, &error));
	assert_int_equal(of.thread_count, 2);
	assert_string_equal(text_of(duck, "SELECT count(*)::VARCHAR FROM t"), "251904");
	assert_string_equal(text_of(duck, "SELECT string_agg(rows, ' ' ORDER BY rows) FROM (SELECT sum(count)::VARCHAR AS rows "
	                                  "FROM pragma_storage_info('t') WHERE segment_type = 'BIGINT' GROUP BY row_group_id)"),
	                    "122880 122880 6144");
	pawl_stream_free(stream);
	pawl_duck_close(duck);
}

/* A statement that stops early, or never asks, has not seen all rows, though it succeeds. */
static void test_not_read_to_the_end(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	counter rows = COUNTER(1000000);
	pawl_stream *stream = new_stream(duck, &rows);

	FAILS(pawl_stream_check(stream, &error), PAWL_INTERNAL, "'pawl_stream(0)' was not read to its end");
	OK(pawl_duck_run(duck, "SELECT k FROM pawl_stream(0) LIMIT 5", &error));
	FAILS(pawl_stream_check(stream, &error), PAWL_INTERNAL, "'pawl_stream(0)' was not read to its end");
	assert_int_equal(rows.states, 0);

	rows = COUNTER(0);
	pawl_stream_rearm(stream);
	FAILS(pawl_stream_check(stream, &error), PAWL_INTERNAL, "'pawl_stream(0)' was not read to its end");
	OK(pawl_duck_run(duck, "SELECT k FROM pawl_stream(0) WHERE false", &error));
	FAILS(pawl_stream_check(stream, &error), PAWL_INTERNAL, "'pawl_stream(0)' was not read to its end");
	assert_string_equal(select_from(duck, stream, "count(*)"), "0");
	OK(pawl_stream_check(stream, &error));
	pawl_stream_free(stream);
	pawl_duck_close(duck);
}

/* ---- numbers --------------------------------------------------------------------------------------------------------- */

static void test_numbers(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();
	counter rows = COUNTER(3), others = COUNTER(4);
	pawl_stream *first = new_stream(duck, &rows);
	pawl_stream *second = new_stream(duck, &others);

	assert_string_equal(pawl_stream_relation(second), "pawl_stream(1)");
	assert_string_equal(text_of(duck, "SELECT count(*)::VARCHAR FROM pawl_stream(0), pawl_stream(1)"), "12");
	OK(pawl_stream_check(first, &error));
	OK(pawl_stream_check(second, &error));

	FAILS(pawl_duck_run(duck, "FROM pawl_stream(0)", &error), PAWL_DATABASE, "pawl: this stream was read already");
	pawl_stream_rearm(first);
	assert_int_equal(pawl_duck_run(duck, "FROM pawl_stream(0) a JOIN pawl_stream(0) b USING (k)", &error), PAWL_DATABASE);
	pawl_stream_free(first);
	FAILS(pawl_duck_run(duck, "FROM pawl_stream(0)", &error), PAWL_DATABASE, "pawl: no stream has this number");
	FAILS(pawl_duck_run(duck, "FROM pawl_stream(2)", &error), PAWL_DATABASE, "pawl: no stream has this number");
	FAILS(pawl_duck_run(duck, "FROM pawl_stream(-1)", &error), PAWL_DATABASE, "pawl: no stream has this number");
	FAILS(pawl_duck_run(duck, "FROM pawl_stream(NULL)", &error), PAWL_DATABASE, "pawl: no stream has this number");
	pawl_duck_close(duck); /* before the stream */
	pawl_stream_free(second);
	pawl_stream_free(NULL);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status small_run(void *duck, pawl_error *ret_error)
{
	counter rows = COUNTER(10);
	const pawl_stream_producer producer = {.context = &rows, .fill = fill, .threads = 2};
	pawl_stream *stream;
	pawl_status status = pawl_stream_new(duck, columns, 2, &producer, &stream, ret_error);

	if (status != PAWL_OK)
		return status;
	char sql[64];
	snprintf(sql, sizeof(sql), "FROM %s", pawl_stream_relation(stream));
	status = pawl_duck_run(duck, sql, ret_error);
	if (status == PAWL_OK)
		status = pawl_stream_check(stream, ret_error);
	pawl_stream_free(stream);
	return status;
}

static pawl_status small_open(void *context, pawl_error *ret_error)
{
	pawl_duck *duck;
	(void) context;
	PAWL_TRY(pawl_duck_open(&(pawl_duck_options) {.threads = 1}, &duck, ret_error));
	pawl_duck_close(duck);
	return PAWL_OK;
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_duck *duck = open_duck();

	assert_in_range(refuse_every_allocation(small_run, duck), 9, 12);
	assert_int_equal(refuse_every_allocation(small_open, NULL), 2);
	pawl_duck_close(duck);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),     cmocka_unit_test(test_table),    cmocka_unit_test(test_projection),
		cmocka_unit_test(test_types),    cmocka_unit_test(test_failures), cmocka_unit_test(test_not_read_to_the_end),
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_row_groups),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
