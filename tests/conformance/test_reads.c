/*
 * Reads: which rows come, in which windows, and how a read goes on from a position. Every kind of key that a driver knows is
 * tried on a small table with equal keys and with rows that have none, and what comes is compared with a model.
 */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NO_KEY (-1)

enum { ROWS_MAX = 64 };

/* ---- the model ------------------------------------------------------------------------------------------------------- */

/* Row i has the id i + 1. */
static struct model {
	const key_case *keys;
	int rank[ROWS_MAX]; /* of its key among those of the case, from 0; or NO_KEY */
	int row_count;
	int value_count;
	bool has_primary_key;
} model;

/* What is asked of a read, by the ranks of keys; NO_KEY: none. */
typedef struct question {
	pawl_order order;
	int from, before, tail_from;
	bool has_null_keys, has_no_null_keys;
} question;

static bool is_asked_for(const question *asked, int rank)
{
	bool has_limits = asked->from != NO_KEY || asked->before != NO_KEY;

	if (rank == NO_KEY)
		return !asked->has_no_null_keys && (asked->has_null_keys || !has_limits);
	return (asked->from == NO_KEY || rank >= asked->from) && (asked->before == NO_KEY || rank < asked->before);
}

/* The first kind of key is tried with all sizes and conditions, the others with some of them. */
static bool is_thorough(void)
{
	return model.keys == subject->keys;
}

static bool can_split_ties(void)
{
	return subject->can_split_ties && model.has_primary_key;
}

static int largest_group(void)
{
	int most = 0;

	for (int rank = 0; rank < model.value_count; rank++) {
		int rows = 0;
		for (int i = 0; i < model.row_count; i++)
			rows += model.rank[i] == rank;
		most = rows > most ? rows : most;
	}
	return most;
}

static int null_count(void)
{
	int rows = 0;
	for (int i = 0; i < model.row_count; i++)
		rows += model.rank[i] == NO_KEY;
	return rows;
}

static void add_row(pawl_buffer *sql, int rank, const char *literal)
{
	pawl_buffer_appendf(sql, "%s(%d, %s)", model.row_count == 0 ? "" : ", ", model.row_count + 1, literal);
	model.rank[model.row_count++] = rank;
}

/* Rows in an order that is not that of their keys; of each key one to three. */
static void make_table(const key_case *keys, const char *primary_key)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	model = (struct model) {.keys = keys, .has_primary_key = *primary_key != '\0'};
	while (model.value_count < KEY_VALUES_MAX && keys->values[model.value_count].literal != NULL)
		model.value_count++;
	pawl_buffer_appendf(&sql, "CREATE TABLE t (id INTEGER %s, k %s); INSERT INTO t VALUES ", primary_key, keys->type);
	for (int round = 0; round < 3; round++) {
		add_row(&sql, NO_KEY, "NULL");
		for (int i = 0; i < model.value_count; i++) {
			int rank = (round + model.value_count - i) % model.value_count;
			bool is_wanted = round == 0 || (rank + round) % 2 == 0;
			const char *equal = keys->values[rank].equal;
			if (is_wanted)
				add_row(&sql, rank, round == 1 && equal != NULL ? equal : keys->values[rank].literal);
		}
	}
	setup(pawl_buffer_text(&sql));
}

/* ---- keys as they travel --------------------------------------------------------------------------------------------- */

static pawl_key_value values[KEY_VALUES_MAX];

/* A key's value as the source says it: the newest of the rows up to it. */
static void find_values(const pawl_read *read)
{
	const pawl_bounds_request request = {0};
	char where[256];

	for (int rank = 0; rank < model.value_count; rank++) {
		pawl_read of_one = *read;
		pawl_bounds bounds = {0};
		snprintf(where, sizeof(where), "k = %s", model.keys->values[rank].literal);
		of_one.where = where;
		OK(subject->driver->bounds(source, &of_one, &request, &bounds, &error));
		if (bounds.newest.text == NULL)
			fail_msg("key %s: no row has the value %s", model.keys->name, model.keys->values[rank].literal);
		OK(pawl_key_value_copy(&bounds.newest, &values[rank], &error));
		pawl_bounds_clear(&bounds);
	}
}

static void clear_values(void)
{
	for (int rank = 0; rank < model.value_count; rank++)
		pawl_key_value_clear(&values[rank]);
}

static pawl_key_value value_of(int rank)
{
	return rank == NO_KEY ? (pawl_key_value) {0} : values[rank];
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* In which window each row came, from 0; -1: not yet. */
typedef struct outcome {
	int window[ROWS_MAX];
	int window_count;
	char *positions[ROWS_MAX + 2]; /* behind each window */
} outcome;

static void clear_outcome(outcome *result)
{
	for (int i = 0; i < result->window_count; i++)
		pawl_free(result->positions[i]);
}

/* `rows` is "3 t 17 f 20 t": each id, and whether its row is of the tail. */
static void note_rows(outcome *result, const question *asked, const char *rows)
{
	char *rest = NULL, *text = strdup(rows);

	for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		long id = strtol(word, NULL, 10);
		bool is_tail = *strtok_r(NULL, " ", &rest) == 't';
		assert_in_range(id, 1, model.row_count);
		assert_int_equal(result->window[id - 1], -1); /* no row comes twice */
		result->window[id - 1] = result->window_count;
		int rank = model.rank[id - 1];
		if (asked->tail_from != NO_KEY)
			assert_int_equal(is_tail, rank == NO_KEY || rank >= asked->tail_from);
	}
	free(text);
}

static void read_all(const pawl_read *read, const question *asked, int64_t rows, outcome *result)
{
	pawl_window window = {0};

	*result = (outcome) {0};
	for (int i = 0; i < ROWS_MAX; i++)
		result->window[i] = -1;
	OK(subject->driver->read_begin(source, read, &error));
	while (!window.is_last) {
		const pawl_window_limit limit = rows_limit(rows);
		const char *got;
		OK(read_window(&limit, read->tail_from.text != NULL, &got, &window));
		note_rows(result, asked, got);
		assert_true(window.is_last || window.rows > 0 || asked->order == PAWL_ORDER_NONE);
		assert_in_range(result->window_count, 0, ROWS_MAX);
		result->positions[result->window_count++] = window.position;
	}
	subject->driver->read_end(source);
}

/* ---- what must hold -------------------------------------------------------------------------------------------------- */

static void check_rows(const outcome *result, const question *asked)
{
	for (int i = 0; i < model.row_count; i++)
		if (is_asked_for(asked, model.rank[i]) != (result->window[i] >= 0))
			fail_msg("key %s: row %d, with key %d, is %s", model.keys->name, i + 1, model.rank[i],
			         result->window[i] < 0 ? "missing" : "too much");
}

/* -1, 0, 1: where row `left` has its place in the order. */
static int compare_rows(const question *asked, int left, int right)
{
	if (asked->order == PAWL_ORDER_KEY && model.rank[left] != model.rank[right])
		return model.rank[left] < model.rank[right] ? -1 : 1;
	if (asked->order == PAWL_ORDER_KEY && !can_split_ties())
		return 0;
	return left < right ? -1 : 1;
}

/* Each window ends before the next one begins; rows of one place are in one. */
static void check_order(const outcome *result, const question *asked)
{
	for (int left = 0; left < model.row_count; left++)
		for (int right = 0; right < model.row_count; right++) {
			if (result->window[left] < 0 || result->window[right] <= result->window[left])
				continue;
			if (compare_rows(asked, left, right) >= 0)
				fail_msg("key %s: row %d of window %d is not before row %d of window %d", model.keys->name,
				         left + 1, result->window[left], right + 1,
				         result->window[right]);
		}
}

static void check_sizes(const outcome *result, const question *asked, int64_t rows)
{
	int64_t most = rows;

	if (asked->order == PAWL_ORDER_NONE)
		most = (rows + subject->place_rows - 1) / subject->place_rows * subject->place_rows;
	else if (asked->order == PAWL_ORDER_KEY && !can_split_ties())
		most += 2 * largest_group() - 1; /* keys that may be equal are as good as equal ones */
	for (int w = 0; w < result->window_count; w++) {
		int64_t size = 0;
		for (int i = 0; i < model.row_count; i++)
			size += result->window[i] == w;
		if (size > most + (w == 0 && (subject->has_nulls_in_one_window || !model.has_primary_key) ? null_count() : 0))
			fail_msg("key %s: window %d has %lld rows, where %lld were asked for", model.keys->name, w,
			         (long long) size, (long long) rows);
	}
}

/* Reading behind the position of a window gives the rows of the windows that follow, and no others. */
static void check_positions(const outcome *result, const pawl_read *read, const question *asked, int64_t rows)
{
	for (int w = 0; w + 1 < result->window_count; w++) {
		outcome rest;
		pawl_read after = *read;
		assert_true(result->positions[w] != NULL || asked->order == PAWL_ORDER_NONE);
		if (result->positions[w] == NULL)
			continue;
		after.after = result->positions[w];
		read_all(&after, asked, is_thorough() ? rows : 1000, &rest);
		for (int i = 0; i < model.row_count; i++)
			if ((result->window[i] > w) != (rest.window[i] >= 0))
				fail_msg("key %s: behind window %d, row %d is %s", model.keys->name, w, i + 1,
				         rest.window[i] < 0 ? "missing" : "too much");
		clear_outcome(&rest);
	}
}

static void check(pawl_read read, const question *asked, int64_t rows)
{
	outcome result;

	read.order = asked->order;
	read.from = value_of(asked->from);
	read.before = value_of(asked->before);
	read.tail_from = value_of(asked->tail_from);
	read.has_null_keys = asked->has_null_keys;
	read.has_no_null_keys = asked->has_no_null_keys;
	read_all(&read, asked, rows, &result);
	check_rows(&result, asked);
	check_sizes(&result, asked, rows);
	if (asked->order != PAWL_ORDER_NONE) {
		check_order(&result, asked);
		check_positions(&result, &read, asked, rows);
	} else if (rows == 1) {
		check_positions(&result, &read, asked, rows);
	}
	clear_outcome(&result);
}

static bool has_order(pawl_order order)
{
	return order != PAWL_ORDER_PRIMARY_KEY || subject->has_primary_key_order;
}

/* ---- tests ----------------------------------------------------------------------------------------------------------- */

/* The read of the table that make_table made; what it borrows is static. */
static pawl_read keyed_read(void)
{
	static size_t key_column, id_column;
	static pawl_source_key key;
	pawl_read read = read_of(find_table("t"));

	key_column = find_column(read.table, "k");
	id_column = find_column(read.table, "id");
	key = (pawl_source_key) {.kind = PAWL_KEY_COLUMN, .columns = &key_column, .column_count = 1,
	                         .key_class = model.keys->key_class, .format = model.keys->format};
	read.key = &key;
	read.primary_key = &id_column;
	read.primary_key_count = 1;
	return read;
}

/* What a case needs: its table and values. */
static void with_each_key(const char *primary_key, void (*test)(const pawl_read *read))
{
	size_t step = *primary_key == '\0' ? 3 : 1; /* what differs is the same for all kinds */

	for (size_t i = 0; subject->keys[i].name != NULL; i++) {
		const key_case *keys = &subject->keys[i];
		if (i % step != 0)
			continue;
		clear_values();
		make_table(keys, primary_key);
		pawl_read read = keyed_read();
		find_values(&read);
		test(&read);
		clear_values();
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

static void read_in_windows(const pawl_read *read)
{
	for (int64_t rows = 1; rows <= model.row_count + 1; rows++) {
		if (is_thorough() || rows <= 2 || rows == model.row_count)
			check(*read, &(question) {PAWL_ORDER_KEY, NO_KEY, NO_KEY, NO_KEY, false, false}, rows);
		if (rows == 1 || rows == 7 || rows == 1000)
			check(*read, &(question) {PAWL_ORDER_NONE, NO_KEY, NO_KEY, NO_KEY, false, false}, rows);
		if (has_order(PAWL_ORDER_PRIMARY_KEY) && (rows <= 2 || rows == model.row_count))
			check(*read, &(question) {PAWL_ORDER_PRIMARY_KEY, NO_KEY, NO_KEY, NO_KEY, false, false}, rows);
	}
}

/* From is part of it, before is not; rows without a key as they are wanted; the tail is marked. */
static void read_limited(const pawl_read *read)
{
	for (int from = NO_KEY; from < model.value_count; from++)
		for (int before = NO_KEY; before < model.value_count; before++)
			for (int nulls = 0; nulls < 4; nulls++) {
				int turn = from + before + nulls;
				if (!is_thorough() && turn % 8 != 0)
					continue;
				pawl_order order = turn % 3 == 0 ? PAWL_ORDER_NONE : PAWL_ORDER_KEY;
				if (turn % 5 == 0 && has_order(PAWL_ORDER_PRIMARY_KEY))
					order = PAWL_ORDER_PRIMARY_KEY;
				check(*read, &(question) {order, from, before, (turn + 2) % model.value_count, nulls % 2 == 1,
				                          nulls >= 2},
				      turn % 2 == 0 ? 1000 : 2);
			}
}

/* Without a primary key, rows of equal keys stay together. */
static void read_without_primary_key(const pawl_read *read)
{
	pawl_read plain = *read;

	plain.primary_key_count = 0;
	for (int64_t rows = 1; rows <= model.row_count + 1; rows += is_thorough() ? 1 : 6)
		check(plain, &(question) {PAWL_ORDER_KEY, NO_KEY, NO_KEY, NO_KEY, false, false}, rows);
	check(plain, &(question) {PAWL_ORDER_KEY, 0, NO_KEY, 1, true, false}, 2);
	check(plain, &(question) {PAWL_ORDER_NONE, NO_KEY, NO_KEY, NO_KEY, false, false}, 1);
}

/* A relation of all rows gives the same as a read, twice. */
static void read_relation(const pawl_read *read)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	pawl_read some = *read;

	some.from = value_of(1);
	some.has_null_keys = true;
	OK(subject->driver->relation(source, &some, &relation, &error));
	for (int times = 0; times < 2; times++) {
		char *got = strdup(query_text("SELECT string_agg(id, ' ' ORDER BY id) FROM %s", pawl_buffer_text(&relation)));
		assert_string_equal(got, read_ids(&some));
		free(got);
	}
}

static void read_with_primary_key(const pawl_read *read)
{
	read_in_windows(read);
	read_limited(read);
	if (subject->driver->relation != NULL)
		read_relation(read);
}

static void test_each_key(void **state)
{
	(void) state;
	with_each_key("PRIMARY KEY", read_with_primary_key);
}

static void test_no_primary_key(void **state)
{
	(void) state;
	with_each_key("", read_without_primary_key);
}

int main(int argc, char **argv)
{
	const conformance_test tests[] = {
		CONFORMANCE_TEST(test_each_key),
		CONFORMANCE_TEST(test_no_primary_key),
	};
	return conformance_main(argc, argv, "reads", tests, COUNT(tests));
}
