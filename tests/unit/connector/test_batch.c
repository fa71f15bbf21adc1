#include "connector/batch.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "support.h"

static pawl_error error;

/* An in-memory engine for all tests. */
static pawl_duck *duck;

static int open_duck(void **state)
{
	(void) state;
	return pawl_duck_open(&(pawl_duck_options){.threads = 1}, &duck, &error) == PAWL_OK ? 0 : -1;
}

static int close_duck(void **state)
{
	(void) state;
	pawl_duck_close(duck);
	return 0;
}

/* ---- making and reading batches --------------------------------------------------------------------------------------- */

static pawl_destination_column two_columns[] = {{(char[]){"id"}, PAWL_LONG, true}, {(char[]){"note"}, PAWL_STRING, false}};
static const pawl_destination_table notes = {(char[]){"notes"}, two_columns, 2};

enum { ID, NOTE };

static pawl_batch *new_batch(const pawl_destination_table *table)
{
	pawl_batch *batch;
	OK(pawl_batch_new(table, duck, &batch, &error));
	return batch;
}

static void set_id(pawl_batch *batch, size_t row, int64_t id)
{
	OK(pawl_batch_set(batch, row, ID, &(pawl_cell){.as.int64 = id}, &error));
}

/* A NULL note is NULL. */
static void set_note(pawl_batch *batch, size_t row, const char *note)
{
	pawl_cell cell = {.is_null = note == NULL};
	if (note != NULL)
		cell = (pawl_cell){.length = strlen(note), .as.bytes = note};
	OK(pawl_batch_set(batch, row, NOTE, &cell, &error));
}

static size_t upsert(pawl_batch *batch, int64_t id, const char *note)
{
	size_t row;
	OK(pawl_batch_full_row(batch, &id, sizeof(id), &row, &error));
	set_id(batch, row, id);
	set_note(batch, row, note);
	return row;
}

static size_t find_partial(pawl_batch *batch, int64_t id, bool is_new)
{
	size_t row;
	bool was_new;
	OK(pawl_batch_partial_row(batch, &id, sizeof(id), &row, &was_new, &error));
	assert_int_equal(was_new, is_new);
	if (is_new)
		set_id(batch, row, id);
	return row;
}

static void update(pawl_batch *batch, int64_t id, const char *note, bool is_new)
{
	size_t row = find_partial(batch, id, is_new);
	set_note(batch, row, note);
	pawl_batch_mark_given(batch, row, NOTE);
}

static void delete(pawl_batch *batch, int64_t id, bool is_new)
{
	pawl_batch_mark_deleted(batch, find_partial(batch, id, is_new));
}

/* What the query says of the batch's rows, valid until the next call. */
static const char *ask(const pawl_batch *batch, const char *expression)
{
	static char text[4096];
	char sql[1024];
	snprintf(sql, sizeof(sql), "SELECT (%s)::VARCHAR FROM %s", expression, pawl_batch_changes(batch).relation);
	pawl_duck_rows *rows;
	bool has_row;
	OK(pawl_duck_query(duck, sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	snprintf(text, sizeof(text), "%s", found == NULL ? "" : found);
	pawl_duck_rows_close(&rows);
	return text;
}

/* A row a word: id, note, and then F(ull) or P(artial), D(eleted) or not, and the given bits. */
static void assert_rows(const pawl_batch *batch, const char *expected)
{
	assert_string_equal(ask(batch, "string_agg(id || ':' || coalesce(note, 'NULL') || ':' || if(_pawl_is_full, 'F', 'P') || "
	                               "if(_pawl_is_deleted, 'D', '') || _pawl_given_0, ' ' ORDER BY id)"),
	                    expected);
}

/* ---- folding ---------------------------------------------------------------------------------------------------------- */

static void test_one_operation(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	assert_int_equal(pawl_batch_row_count(batch), 0);
	assert_rows(batch, "");
	upsert(batch, 1, "a");
	upsert(batch, 2, NULL);
	assert_false(pawl_batch_changes(batch).has_partial_rows);
	update(batch, 3, "c", true);
	assert_true(pawl_batch_changes(batch).has_partial_rows);
	delete(batch, 4, true);
	assert_int_equal(pawl_batch_row_count(batch), 4);
	assert_rows(batch, "1:a:F0 2:NULL:F0 3:c:P2 4:NULL:PD0");
	pawl_batch_free(batch);
	pawl_batch_free(NULL);
}

static void test_two_operations(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	upsert(batch, 1, "a"), upsert(batch, 1, "b");
	upsert(batch, 2, "a"), update(batch, 2, "b", false);
	upsert(batch, 3, "a"), delete(batch, 3, false);
	update(batch, 4, "a", true), upsert(batch, 4, NULL);
	update(batch, 5, "a", true), update(batch, 5, "b", false);
	update(batch, 6, "a", true), delete(batch, 6, false);
	delete(batch, 7, true), upsert(batch, 7, "b");
	delete(batch, 8, true), update(batch, 8, "b", false);
	delete(batch, 9, true), delete(batch, 9, false);
	assert_int_equal(pawl_batch_row_count(batch), 9);
	/* Full rows stay full, and what is given of them, as the bits of row 2 say, does not count. */
	assert_rows(batch, "1:b:F0 2:b:F2 3:a:FD0 4:NULL:F2 5:b:P2 6:a:PD2 7:b:F0 8:b:PD2 9:NULL:PD0");
	pawl_batch_free(batch);
}

static void test_three_operations(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	upsert(batch, 1, "a"), delete(batch, 1, false), upsert(batch, 1, "c");
	upsert(batch, 2, "a"), delete(batch, 2, false), update(batch, 2, "c", false);
	update(batch, 3, "a", true), upsert(batch, 3, "b"), update(batch, 3, "c", false);
	update(batch, 4, "a", true), upsert(batch, 4, "b"), delete(batch, 4, false);
	assert_rows(batch, "1:c:F0 2:c:FD2 3:c:F2 4:b:FD2");
	pawl_batch_free(batch);
}

static void test_truncate(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	upsert(batch, 1, "a");
	update(batch, 2, "b", true);
	delete(batch, 3, true);
	pawl_batch_mark_all_deleted(batch);
	upsert(batch, 4, "d");
	upsert(batch, 1, "e");
	assert_rows(batch, "1:e:F0 2:b:PD2 3:NULL:PD0 4:d:F0");
	pawl_batch_free(batch);
}

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

static void put(pawl_batch *batch, const void *key, size_t length, int64_t id)
{
	size_t row;
	OK(pawl_batch_full_row(batch, key, length, &row, &error));
	set_id(batch, row, id);
	set_note(batch, row, NULL);
}

static void test_keys_are_bytes(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	put(batch, "", 0, 1);
	put(batch, "\0", 1, 2);
	put(batch, "\0\0", 2, 3);
	put(batch, "a", 1, 4);
	put(batch, "a\0", 2, 5);
	put(batch, "ab", 2, 6);
	char key[] = "ab"; /* copied: its memory may be used for others */
	put(batch, key, 2, 7);
	key[1] = 'c';
	put(batch, key, 2, 8);
	put(batch, "ab", 2, 9);
	assert_rows(batch, "1:NULL:F0 2:NULL:F0 3:NULL:F0 4:NULL:F0 5:NULL:F0 8:NULL:F0 9:NULL:F0");
	pawl_batch_free(batch);
}

/* Keys whose hashes end in the same bits all belong into one place of the hash table, before it grows and after. */
static void test_keys_of_one_place(void **unused)
{
	(void) unused;
	enum { SAME_BITS = 13, KEYS = 100 };
	int64_t keys[KEYS];
	size_t count = 0;
	uint64_t wanted = 0;
	for (int64_t key = 0; count < KEYS; key++) {
		uint64_t place = pawl_hash_bytes(&key, sizeof(key)) & ((1 << SAME_BITS) - 1);
		if (count == 0)
			wanted = place;
		if (place == wanted)
			keys[count++] = key;
	}
	pawl_batch *batch = new_batch(&notes);
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(upsert(batch, keys[i], "first"), i);
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(upsert(batch, keys[i], i % 2 == 0 ? "second" : "third"), i);
	for (int64_t other = 0; other < 3000; other++) /* the table grows twice */
		upsert(batch, -1 - other, NULL);
	for (size_t i = 0; i < KEYS; i++)
		assert_int_equal(find_partial(batch, keys[i], false), i);
	assert_int_equal(pawl_batch_row_count(batch), KEYS + 3000);
	assert_string_equal(ask(batch, "count(*) FILTER (note = 'second') || ' ' || count(*) FILTER (note = 'third') || ' ' || "
	                               "count(DISTINCT id)"),
	                    "50 50 3100");
	pawl_batch_free(batch);
}

/* ---- size ------------------------------------------------------------------------------------------------------------- */

static void write_many(pawl_batch *batch, int64_t rows)
{
	char note[64];
	for (int64_t id = 0; id < rows; id++) {
		snprintf(note, sizeof(note), "the first note of number %d", (int) id);
		assert_int_equal(upsert(batch, id, note), id);
	}
	for (int64_t id = 0; id < rows; id += 3) {
		snprintf(note, sizeof(note), "another of %d", (int) id);
		update(batch, id, note, false);
	}
	for (int64_t id = 0; id < rows; id += 5)
		delete(batch, id, false);
	assert_int_equal(pawl_batch_row_count(batch), rows);
}

static void assert_many(const pawl_batch *batch)
{
	assert_string_equal(ask(batch, "count(*) || ' ' || sum(id) || ' ' || count(*) FILTER (note = 'another of ' || id) || ' ' || "
	                               "count(*) FILTER (note = 'the first note of number ' || id) || ' ' || "
	                               "count(*) FILTER (_pawl_is_deleted) || ' ' || sum(_pawl_given_0)"),
	                    "10000 49995000 3334 6666 2000 6668");
}

/* Beyond one chunk of DuckDB, 2,048 rows, and beyond the first capacities of the hash table. */
static void test_growth(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	size_t empty_bytes = pawl_batch_bytes(batch);
	write_many(batch, 10000);
	assert_many(batch);
	assert_in_range(pawl_batch_bytes(batch) - empty_bytes, 10000 * (8 + 16 + 8), 10000 * 500);
	pawl_batch_free(batch);
}

static void test_clear_and_reuse(void **unused)
{
	(void) unused;
	pawl_batch *batch = new_batch(&notes);
	pawl_batch_clear(batch); /* before there was anything */
	char relation[64];
	snprintf(relation, sizeof(relation), "%s", pawl_batch_changes(batch).relation);
	for (int round = 0; round < 3; round++) {
		write_many(batch, 10000);
		delete(batch, -1, true);
		assert_true(pawl_batch_changes(batch).has_partial_rows);
		pawl_batch_clear(batch);
		assert_int_equal(pawl_batch_row_count(batch), 0);
		assert_false(pawl_batch_changes(batch).has_partial_rows);
		assert_string_equal(pawl_batch_changes(batch).relation, relation);
		assert_rows(batch, "");
	}
	/* Nothing is left of the keys that were there, nor of their bits. */
	update(batch, 3, "new", true);
	delete(batch, 6, true);
	upsert(batch, 9, NULL);
	assert_rows(batch, "3:new:P2 6:NULL:PD0 9:NULL:F0");
	pawl_batch_clear(batch);
	write_many(batch, 10000);
	assert_many(batch);
	pawl_batch_free(batch);
}

/* A column beyond 62 has its bit in the next word. */
static void test_given_bits_of_many_columns(void **unused)
{
	(void) unused;
	enum { COLUMNS = 130 };
	static char names[COLUMNS][8];
	static pawl_destination_column columns[COLUMNS];
	for (int i = 0; i < COLUMNS; i++) {
		snprintf(names[i], sizeof(names[i]), "c%d", i);
		columns[i] = (pawl_destination_column){names[i], PAWL_LONG, i == 0};
	}
	pawl_batch *batch = new_batch(&(pawl_destination_table){(char[]){"wide"}, columns, COLUMNS});
	size_t row;
	bool is_new;
	OK(pawl_batch_partial_row(batch, "a", 1, &row, &is_new, &error));
	static const size_t given[] = {1, 61, 62, 63, 123, 124, 129};
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		OK(pawl_batch_set(batch, row, given[i], &(pawl_cell){.as.int64 = (int64_t) given[i]}, &error));
		pawl_batch_mark_given(batch, row, given[i]);
		pawl_batch_mark_given(batch, row, given[i]); /* once more changes nothing */
	}
	OK(pawl_batch_partial_row(batch, "b", 1, &row, &is_new, &error));
	assert_string_equal(ask(batch, "string_agg(_pawl_given_0 || ' ' || _pawl_given_1 || ' ' || _pawl_given_2, ', ' "
	                               "ORDER BY _pawl_given_0 DESC)"),
	                    "2305843009213693954 2305843009213693955 33, 0 0 0");
	assert_string_equal(ask(batch, "sum(c1 + c61 + c62 + c63 + c123 + c124 + c129) || ' ' || count(c0) || count(c2) || count(c60) "
	                               "|| count(c64) || count(c128)"),
	                    "563 00000");
	pawl_batch_free(batch);
}

/* 62 columns need one word, 63 two. */
static void test_words_of_given_bits(void **unused)
{
	(void) unused;
	static char names[63][8];
	static pawl_destination_column columns[63];
	for (int i = 0; i < 63; i++) {
		snprintf(names[i], sizeof(names[i]), "c%d", i);
		columns[i] = (pawl_destination_column){names[i], PAWL_LONG, i == 0};
	}
	for (size_t count = 62; count <= 63; count++) {
		pawl_batch *batch = new_batch(&(pawl_destination_table){(char[]){"wide"}, columns, count});
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT _pawl_given_1 FROM %s", pawl_batch_changes(batch).relation);
		assert_int_equal(pawl_duck_run(duck, sql, &error), count == 62 ? PAWL_DATABASE : PAWL_OK);
		pawl_batch_free(batch);
	}
}

/* ---- out of memory ---------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status fill(void *context, pawl_error *attempt_error)
{
	(void) context;
	pawl_batch *batch;
	PAWL_TRY(pawl_batch_new(&notes, duck, &batch, attempt_error));
	pawl_status status = PAWL_OK;
	static const char note[] = "a note that does not fit into the vector itself";
	for (int64_t id = 0; id < 2500 && status == PAWL_OK; id++) {
		size_t row;
		bool is_new;
		status = id % 2 == 0 ? pawl_batch_full_row(batch, &id, sizeof(id), &row, attempt_error)
		                     : pawl_batch_partial_row(batch, &id, sizeof(id), &row, &is_new, attempt_error);
		if (status == PAWL_OK)
			status = pawl_batch_set(batch, row, ID, &(pawl_cell){.as.int64 = id}, attempt_error);
		if (status == PAWL_OK)
			status = pawl_batch_set(batch, row, NOTE, &(pawl_cell){.length = strlen(note), .as.bytes = note}, attempt_error);
	}
	pawl_batch_free(batch);
	return status;
}

static void test_out_of_memory(void **unused)
{
	(void) unused;
	assert_in_range(refuse_every_allocation(fill, NULL), 15, 200);
}

/* What was folded before a refusal stays, and the key that was refused can be tried again. */
static void test_out_of_memory_keeps_what_was_there(void **unused)
{
	(void) unused;
	for (long n = 1;; n++) {
		pawl_batch *batch = new_batch(&notes);
		for (int64_t id = 0; id < 1024; id++)
			upsert(batch, id, NULL);
		int64_t id = 1024;
		size_t row;
		long before = pawl_memory_allocations();
		pawl_memory_fail_at(n);
		pawl_status status = pawl_batch_full_row(batch, &id, sizeof(id), &row, &error);
		pawl_memory_fail_at(0);
		bool was_refused = pawl_memory_allocations() - before >= n;
		assert_int_equal(status, was_refused ? PAWL_OUT_OF_MEMORY : PAWL_OK);
		assert_int_equal(pawl_batch_row_count(batch), was_refused ? 1024 : 1025);
		for (id = 0; id < 1100; id++)
			assert_int_equal(upsert(batch, id, "again"), id);
		assert_string_equal(ask(batch, "count(*) || ' ' || count(DISTINCT id) || ' ' || count(note)"), "1100 1100 1100");
		pawl_batch_free(batch);
		if (!was_refused)
			break;
		assert_in_range(n, 1, 10);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_operation),
		cmocka_unit_test(test_two_operations),
		cmocka_unit_test(test_three_operations),
		cmocka_unit_test(test_truncate),
		cmocka_unit_test(test_keys_are_bytes),
		cmocka_unit_test(test_keys_of_one_place),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_clear_and_reuse),
		cmocka_unit_test(test_given_bits_of_many_columns),
		cmocka_unit_test(test_words_of_given_bits),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_out_of_memory_keeps_what_was_there),
#endif
	};
	return cmocka_run_group_tests(tests, open_duck, close_duck);
}
