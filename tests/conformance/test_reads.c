/*
 * Reads: which rows come, in which windows, and how a read goes on from a position. Every kind of key that a driver knows is tried
 * on a small table with equal keys and with rows that have none, and what comes is compared with a model.
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
			fail_msg("key %s: row %d, with key %d, is %s", model.keys->name, i + 1, model.rank[i], result->window[i] < 0 ? "missing" : "too much");
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
				fail_msg("key %s: row %d of window %d is not before row %d of window %d", model.keys->name, left + 1, result->window[left], right + 1,
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
			fail_msg("key %s: window %d has %lld rows, where %lld were asked for", model.keys->name, w, (long long) size, (long long) rows);
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
				fail_msg("key %s: behind window %d, row %d is %s", model.keys->name, w, i + 1, rest.window[i] < 0 ? "missing" : "too much");
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
				check(*read, &(question) {order, from, before, (turn + 2) % model.value_count, nulls % 2 == 1, nulls >= 2},
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

/* ---- keys of several columns ----------------------------------------------------------------------------------------- */

static pawl_source_key two_columns(pawl_key_kind kind)
{
	static size_t columns[2];
	columns[0] = find_column(find_table("t"), "a");
	columns[1] = find_column(find_table("t"), "b");
	return (pawl_source_key) {.kind = kind, .columns = columns, .column_count = 2, .key_class = PAWL_KEY_NUMBER};
}

static pawl_key_value integer_value(const char *text)
{
	return (pawl_key_value) {(char *) (uintptr_t) text, (char *) (uintptr_t) subject->integer_class};
}

static void test_keys_of_two_columns(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);"
	      "INSERT INTO t VALUES (1, 1, 9), (2, 5, NULL), (3, NULL, 6), (4, NULL, NULL), (5, 7, 2)");
	pawl_read read = read_of(find_table("t"));
	pawl_source_key greatest = two_columns(PAWL_KEY_GREATEST), coalesce = two_columns(PAWL_KEY_COALESCE);

	read.order = PAWL_ORDER_KEY;
	read.key = &greatest; /* 9, 5, 6, NULL, 7 */
	read.from = integer_value("6");
	assert_string_equal(read_ids(&read), "1 3 5");
	read.before = integer_value("9");
	assert_string_equal(read_ids(&read), "3 5");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "3 4 5");
	read.has_null_keys = false;
	read.key = &coalesce; /* 1, 5, 6, NULL, 7 */
	assert_string_equal(read_ids(&read), "3 5");
	read.from = integer_value("1");
	read.before = integer_value("6");
	assert_string_equal(read_ids(&read), "1 2");
	read.from = read.before = (pawl_key_value) {0};
	read.has_no_null_keys = true;
	assert_string_equal(read_ids(&read), "1 2 3 5");
}

/* ---- conditions, names, empty tables --------------------------------------------------------------------------------- */

static void test_where(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, \"odd name\" VARCHAR);"
	      "INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'a'), (4, NULL, 'a'), (5, NULL, 'b')");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	read.where = "\"odd name\" = 'a' OR id = 2";
	assert_string_equal(read_ids(&read), "1 2 3 4");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	read.from = integer_value("20");
	assert_string_equal(read_ids(&read), "2 3");
	read.where = "\"odd name\" = 'a' -- and no more";
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "3 4");
	read.where = "id IS NULL";
	assert_string_equal(read_ids(&read), "");
}

/* A value that a person wrote has no type: the driver finds out. */
static void test_values_of_people(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO t VALUES (1, 9), (2, 10), (3, 100)");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	read.key = &key;
	read.from = (pawl_key_value) {.text = (char *) (uintptr_t) "10"};
	for (pawl_order order = PAWL_ORDER_NONE; order <= PAWL_ORDER_KEY; order++) {
		read.order = order;
		assert_string_equal(read_ids(&read), "2 3");
	}
}

static void test_empty_table(void **state)
{
	(void) state;
	setup("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER)");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	assert_string_equal(read_ids(&read), "");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_ids(&read), "");
	read.from = integer_value("1");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "");
}

/* Names with everything in them that could mean something to SQL; columns get the names that the read gives. */
static void test_names(void **state)
{
	(void) state;
	setup("CREATE TABLE \"sel\"\"ect.from ünï'\" (id INTEGER PRIMARY KEY, \"k.\"\"k' x\" INTEGER);"
	      "INSERT INTO \"sel\"\"ect.from ünï'\" VALUES (1, 5), (2, 6)");
	const pawl_source_table *table = find_table("sel\"ect.from ünï'");
	size_t column = find_column(table, "k.\"k' x");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	const pawl_read_column columns[] = {{.name = "a \"b\".c", .index = column}, {.name = "id", .index = 0}};
	const pawl_read read = {.table = table, .columns = columns, .column_count = 2, .key = &key, .order = PAWL_ORDER_KEY,
	                        .from = integer_value("6")};
	const pawl_window_limit limit = rows_limit(10);
	const char *relation;
	pawl_window window;

	assert_string_equal(read_ids(&read), "2");
	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	assert_string_equal(query_text("SELECT \"a \"\"b\"\".c\" || '/' || id FROM %s", relation), "6/2");
	OK(subject->driver->window_end(source, &window, &error));
	pawl_free(window.position);
	subject->driver->read_end(source);
}

static void test_view(void **state)
{
	(void) state;
	setup("CREATE TABLE kept (id INTEGER PRIMARY KEY, k INTEGER); INSERT INTO kept VALUES (1, 3), (2, NULL), (3, 1), (4, 3), (5, 2);"
	      "CREATE VIEW t AS SELECT id, k FROM kept");
	size_t column = find_column(find_table("t"), "k");
	const pawl_source_key key = {.columns = &column, .column_count = 1, .key_class = PAWL_KEY_NUMBER};
	pawl_read read = read_of(find_table("t"));

	assert_string_equal(read_ids(&read), "1 2 3 4 5");
	read.key = &key;
	read.order = PAWL_ORDER_KEY;
	assert_string_equal(read_ids(&read), "1 2 3 4 5");
	read.from = integer_value("2");
	assert_string_equal(read_ids(&read), "1 4 5");
	read.has_null_keys = true;
	assert_string_equal(read_ids(&read), "1 2 4 5");
}

/* ---- how values arrive ----------------------------------------------------------------------------------------------- */

/* The value of the one row, as the engine's type and text. */
static const char *arrived(bool as_text, pawl_key_format format)
{
	const pawl_source_table *table = find_table("t");
	const pawl_read_column column = {.name = "x", .index = find_column(table, "x"), .as_text = as_text, .format = format};
	const pawl_read read = {.table = table, .columns = &column, .column_count = 1};
	const pawl_window_limit limit = rows_limit(10);
	const char *relation;
	pawl_window window;

	OK(subject->driver->read_begin(source, &read, &error));
	OK(subject->driver->window_begin(source, &limit, &relation, &error));
	const char *text = query_text("SELECT typeof(x) || ' ' || x::VARCHAR FROM %s", relation);
	OK(subject->driver->window_end(source, &window, &error));
	assert_true(window.is_last);
	pawl_free(window.position);
	subject->driver->read_end(source);
	return text;
}

static void test_as_text(void **state)
{
	static const struct {
		const char *type, *literal, *text;
	} cases[] = {
		{"INTEGER", "-5", "-5"},
		{"BIGINT", "9223372036854775807", "9223372036854775807"},
		{"DOUBLE PRECISION", "0.1", "0.1"},
		{"VARCHAR", "'007'", "007"},
		{"DECIMAL(5,2)", "12.25", "12.25"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[64];
		setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, x %s); INSERT INTO t VALUES (1, %s)", cases[i].type, cases[i].literal);
		snprintf(want, sizeof(want), "VARCHAR %s", cases[i].text);
		assert_string_equal(arrived(true, PAWL_FORMAT_NONE), want);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

static void test_formats(void **state)
{
	static const struct {
		const char *type, *literal;
		pawl_key_format format;
		const char *text;
	} cases[] = {
		{"BIGINT", "1700000000", PAWL_FORMAT_UNIX_S, "2023-11-14 22:13:20"},
		{"BIGINT", "-1", PAWL_FORMAT_UNIX_S, "1969-12-31 23:59:59"},
		{"DECIMAL(18,6)", "1700000000.123456", PAWL_FORMAT_UNIX_S, "2023-11-14 22:13:20.123456"},
		{"BIGINT", "1700000000123", PAWL_FORMAT_UNIX_MS, "2023-11-14 22:13:20.123"},
		{"VARCHAR", "'2023-11-14 22:13:20'", PAWL_FORMAT_ISO8601, "2023-11-14 22:13:20"},
		{"VARCHAR", "'2023-11-14T22:13:20.123456Z'", PAWL_FORMAT_ISO8601, "2023-11-14 22:13:20.123456"},
		{"VARCHAR", "'2023-11-14 22:13:20+05:30'", PAWL_FORMAT_ISO8601, "2023-11-14 16:43:20"},
		{"VARCHAR", "'2023-11-14'", PAWL_FORMAT_ISO8601, "2023-11-14 00:00:00"},
		{"DOUBLE PRECISION", "2440587.5", PAWL_FORMAT_JULIAN_DAY, "1970-01-01 00:00:00"},
		{"DOUBLE PRECISION", "2460263.4261574", PAWL_FORMAT_JULIAN_DAY, "2023-11-14 22:13:39.999"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[64];
		setup_format("CREATE TABLE t (id INTEGER PRIMARY KEY, x %s); INSERT INTO t VALUES (1, %s)", cases[i].type, cases[i].literal);
		snprintf(want, sizeof(want), "TIMESTAMP %s", cases[i].text);
		assert_string_equal(arrived(false, cases[i].format), want);
		close_source();
		assert_int_equal(remove(subject->path), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CONFORMANCE_TEST(test_each_key),
		CONFORMANCE_TEST(test_no_primary_key),
		CONFORMANCE_TEST(test_keys_of_two_columns),
		CONFORMANCE_TEST(test_where),
		CONFORMANCE_TEST(test_values_of_people),
		CONFORMANCE_TEST(test_empty_table),
		CONFORMANCE_TEST(test_names),
		CONFORMANCE_TEST(test_view),
		CONFORMANCE_TEST(test_as_text),
		CONFORMANCE_TEST(test_formats),
	};
	return conformance_main(argc, argv, "reads", tests, COUNT(tests));
}
