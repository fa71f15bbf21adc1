/* The replica whose rows go to a receiver: what is told of transactions, what the state holds, and as what values are sent. */
#include "destination/replica.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support.h"

static pawl_error error;
static pawl_replica *replica;

/* What the receiver was told, a word for each; and the last state. */
static pawl_buffer told, state;
static bool is_gone;

static pawl_status take_change(void *context, const pawl_received_table *table, pawl_error *failure)
{
	(void) context;
	(void) failure;
	pawl_buffer_appendf(&told, "change:%s.%s(%zu) ", table->schema, table->name, table->column_count);
	return PAWL_OK;
}

static pawl_status take_truncation(void *context, const pawl_received_table *table, pawl_error *failure)
{
	(void) context;
	(void) failure;
	pawl_buffer_appendf(&told, "truncate:%s ", table->name);
	return PAWL_OK;
}

static pawl_status take_row(void *context, const pawl_received_table *table, const pawl_cell *cells, pawl_error *failure)
{
	(void) context;
	if (is_gone)
		return pawl_error_set(failure, PAWL_INTERRUPTED, "gone");
	pawl_buffer_append(&told, table->name);
	for (size_t i = 0; i < table->column_count; i++)
		pawl_cell_append_text(&cells[i], table->columns[i].type.type, &told);
	pawl_buffer_append_character(&told, ' ');
	return PAWL_OK;
}

static pawl_status take_checkpoint(void *context, const char *text, pawl_error *failure)
{
	(void) context;
	(void) failure;
	pawl_buffer_append(&told, "checkpoint ");
	pawl_buffer_clear(&state);
	pawl_buffer_append(&state, text);
	return PAWL_OK;
}

static pawl_status open_with(const char *text)
{
	static pawl_replica_receiver receiver = {
		.change = take_change, .truncate = take_truncation, .row = take_row, .checkpoint = take_checkpoint};

	receiver.state = text;
	return pawl_replica_open(&(pawl_replica_options) {.receiver = &receiver, .threads = 1}, &replica, &error);
}

static int set_up(void **context)
{
	(void) context;
	OK(open_with("{}"));
	return 0;
}

static int tear_down(void **context)
{
	(void) context;
	pawl_replica_close_pointer(&replica);
	pawl_buffer_free(&told);
	pawl_buffer_free(&state);
	is_gone = false;
	return 0;
}

static void expect_told(const char *text)
{
	assert_string_equal(pawl_buffer_text(&told), text);
	pawl_buffer_clear(&told);
}

/* main.t (id INTEGER, the key; name VARCHAR). Free with pawl_replica_table_clear. */
static pawl_replica_table make_table(bool is_key_unique)
{
	pawl_replica_table table = {.schema = pawl_duplicate("main"), .name = pawl_duplicate("t"), .is_key_unique = is_key_unique};

	OK(pawl_replica_table_add(&table, "id", "INTEGER", 1, true, &error));
	OK(pawl_replica_table_add(&table, "name", "VARCHAR", 0, true, &error));
	return table;
}

static void insert(const pawl_replica_table *table, const char *rows, int64_t expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	int64_t count;

	pawl_buffer_appendf(&relation, "(SELECT * FROM (VALUES %s) AS v(id, name))", rows);
	OK(pawl_replica_insert(replica, table, pawl_buffer_text(&relation), &count, &error));
	assert_int_equal(count, expected);
}

static void save(const char *cursor)
{
	const pawl_replica_state saved = {.schema_name = (char *) (uintptr_t) "main", .table_name = (char *) (uintptr_t) "t",
	                                  .cursor = (char *) (uintptr_t) cursor, .tail_rows = -1, .source_now_us = 7};

	OK(pawl_replica_save_state(replica, &saved, &error));
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

static void test_commit(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	int64_t rows;

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	insert(&table, "(1, 'a'), (2, NULL)", 2);
	save("it's \"1\"\n");
	expect_told("checkpoint t1a t2 "); /* a checkpoint that says of the table: send it from its beginning on */
	OK(pawl_replica_commit(replica, &error));
	expect_told("checkpoint ");
	OK(pawl_replica_count_rows(replica, &table, &rows, &error));
	assert_int_equal(rows, 2);
	assert_string_equal(pawl_buffer_text(&state),
	                    "{\"pawl\":1,\"tables\":[{\"schema_name\":\"main\",\"table_name\":\"t\",\"cursor\":\"it's \\\"1\\\"\\n\","
	                    "\"tail_rows\":-1,\"rows_written\":0,\"text_bytes\":0,\"source_now\":7,\"host_now\":0,\"synced_at\":0,"
	                    "\"rows\":2,\"layout\":[[\"id\",\"INTEGER\"],[\"name\",\"VARCHAR\"]]}]}");
	OK(pawl_replica_finish(replica, &error));
	expect_told("");
}

static void test_rollback(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};
	int64_t rows;

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	insert(&table, "(1, 'a')", 1);
	save("1");
	pawl_replica_rollback(replica);
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_int_equal(states.count, 0);
	OK(pawl_replica_count_rows(replica, &table, &rows, &error));
	assert_int_equal(rows, 0);
	OK(pawl_replica_finish(replica, &error));
	expect_told("checkpoint t1a ");
	assert_string_equal(pawl_buffer_text(&state),
	                    "{\"pawl\":1,\"tables\":[{\"schema_name\":\"main\",\"table_name\":\"t\",\"begun\":true,\"rows\":0,"
	                    "\"layout\":[[\"id\",\"INTEGER\"],[\"name\",\"VARCHAR\"]]}]}");
}

static void test_gone(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	int64_t rows;

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	is_gone = true;
	static const char many[] = "(SELECT i::INTEGER AS id, 'x' AS name FROM range(100000) AS r(i))";
	FAILS(pawl_replica_insert(replica, &table, many, &rows, &error), PAWL_INTERRUPTED, "gone");
	pawl_replica_rollback(replica);
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

/* As another run, which is given the last state. */
static void reopen(void)
{
	char *text = pawl_duplicate(pawl_buffer_text(&state));

	pawl_replica_close_pointer(&replica);
	OK(open_with(text));
	pawl_free(text);
	pawl_buffer_clear(&told);
}

static void begin_again(void)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	insert(&table, "(1, 'a')", 1);
	save("1");
	OK(pawl_replica_commit(replica, &error));
	reopen();
}

static void test_known(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_tables_clear) pawl_replica_tables tables = {0};
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};

	begin_again();
	OK(pawl_replica_describe(replica, &tables, &error));
	assert_int_equal(tables.count, 1);
	assert_string_equal(tables.items[0].name, "t");
	assert_string_equal(tables.items[0].columns[1].type, "VARCHAR");
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_string_equal(states.items[0].cursor, "1");
	assert_null(states.items[0].next_cursor);
	assert_int_equal(states.items[0].tail_rows, -1);
	assert_int_equal(states.items[0].source_now_us, 7);
	assert_false(pawl_replica_keeps_rows(replica));
}

static void test_replacing(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {0};
	int64_t rows;

	begin_again();
	OK(pawl_replica_table_add(&table, "more", "VARCHAR", 0, true, &error));
	OK(pawl_replica_beside(replica, &table, &beside, &error));
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_drop(replica, beside.schema, beside.name, &error));
	OK(pawl_replica_create(replica, &beside, &error));
	expect_told(""); /* nothing yet: it may still fail */
	OK(pawl_replica_insert(replica, &beside, "(SELECT 5 AS id, 'e' AS name, 'm' AS more)", &rows, &error));
	OK(pawl_replica_count_rows(replica, &beside, &rows, &error));
	assert_int_equal(rows, 1);
	OK(pawl_replica_swap(replica, &table, &beside, &error));
	save("2");
	OK(pawl_replica_commit(replica, &error));
	expect_told("checkpoint change:main.t(3) truncate:t t5em checkpoint ");
}

/* Whatever was sent of a table that was to be sent as a whole, the next run empties it, and no checkpoint says that it is there. */
static void test_begun(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};

	begin_again();
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_drop(replica, "main", "t", &error));
	OK(pawl_replica_create(replica, &table, &error));
	insert(&table, "(2, 'b')", 1);
	pawl_replica_rollback(replica);
	reopen();
	OK(pawl_replica_load_states(replica, &states, &error));
	assert_int_equal(states.count, 0);
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error)); /* as of a new table: there is no state of it */
	insert(&table, "(3, 'c')", 1);
	save("3");
	OK(pawl_replica_commit(replica, &error));
	expect_told("checkpoint truncate:t t3c checkpoint ");
	assert_null(strstr(pawl_buffer_text(&state), "begun"));
}

static void test_emptied(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	int64_t rows;

	begin_again();
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_drop(replica, "main", "t", &error));
	OK(pawl_replica_create(replica, &table, &error));
	pawl_replica_rollback(replica);
	expect_told("");
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_drop(replica, "main", "t", &error));
	OK(pawl_replica_create(replica, &table, &error));
	save("2");
	OK(pawl_replica_commit(replica, &error));
	expect_told("checkpoint "); /* rows may come, or the run be stopped: those that are there stay as long as that */
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_insert(replica, &table, "(SELECT 1 AS id, 'a' AS name WHERE false)", &rows, &error));
	assert_true(pawl_replica_is_replacing(replica));
	OK(pawl_replica_commit(replica, &error));
	expect_told("truncate:t checkpoint ");
}

static void test_upsert(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	int64_t rows;

	begin_again();
	OK(pawl_replica_stage(replica, "(SELECT 3 AS id, 'c' AS name, true AS _pawl_is_tail)", &rows, &error));
	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_upsert(replica, &table, &rows, &error));
	assert_int_equal(rows, 1);
	save("3");
	OK(pawl_replica_commit(replica, &error));
	OK(pawl_replica_unstage(replica, &error));
	expect_told("t3c checkpoint ");
}

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

static void test_doubtful_keys(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(false);
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	char *example = NULL;
	int64_t rows;

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	insert(&table, "(1, 'a'), (2, 'b')", 2);
	insert(&table, "(1, 'c')", 1);
	pawl_replica_append_table(&relation, replica, &table);
	OK(pawl_replica_count_duplicates(replica, &table, pawl_buffer_text(&relation), &rows, &example, &error));
	assert_int_equal(rows, 1);
	assert_string_equal(example, "1");
	pawl_free(example);
	FAILS(pawl_replica_swap(replica, &table, &table, &error), PAWL_INVALID,
	      "the primary key is not unique: 1 rows share theirs with another one, as (1)");
	pawl_replica_rollback(replica);
}

static void test_no_key(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(true);
	int64_t rows;

	OK(pawl_replica_begin(replica, &error));
	OK(pawl_replica_create(replica, &table, &error));
	FAILS(pawl_replica_insert(replica, &table, "(SELECT NULL::INTEGER AS id, 'x' AS name)", &rows, &error), PAWL_INVALID,
	      "column 'id' is part of the primary key, and NULL in a row");
	pawl_replica_rollback(replica);
}

/* ---- states that are none -------------------------------------------------------------------------------------------- */

static void test_states(void **context)
{
	(void) context;
	static const char none[] = "the state is none that 'pawl serve' wrote";
	static const char *const foreign[] = {
		"{\"cursor\": 1}", "{\"pawl\": \"1\"}", "{\"pawl\": 0}", "{\"pawl\": 1}", "{\"pawl\": 1, \"tables\": [1]}",
		"{\"pawl\": 1, \"tables\": [{\"rows\": 1}]}",
		"{\"pawl\": 1, \"tables\": [{\"schema_name\": \"main\", \"table_name\": \"t\", \"rows\": 1, \"layout\": [[\"id\"]]}]}",
		"{\"pawl\": 1, \"tables\": [{\"schema_name\": \"main\", \"table_name\": \"t\", \"rows\": 1, \"layout\": []}]}",
		"{\"pawl\": 1, \"tables\": [{\"schema_name\": \"main\", \"table_name\": 7, \"rows\": 1, \"layout\": [[\"a\", \"b\"]]}]}",
		"{\"pawl\": 1, \"tables\": [{\"schema_name\": \"main\", \"table_name\": \"t\", \"tail_rows\": \"x\", \"rows\": 1}]}",
	};
	pawl_replica_close_pointer(&replica);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		FAILS(open_with(foreign[i]), PAWL_INVALID, none);
	FAILS(open_with("{\"pawl\": 2, \"tables\": []}"), PAWL_INVALID,
	      "the state was written by a newer Pawl: its format is 2, this one knows 1");
	static const char *const empty[] = {"", " \n", "{}", "{\"pawl\": 1, \"tables\": []}"};
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		OK(open_with(empty[i]));
		pawl_replica_close_pointer(&replica);
	}
}

/* ---- types ----------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	pawl_type type;
} types[] = {
	{"BOOLEAN", PAWL_BOOLEAN}, {"TINYINT", PAWL_SHORT}, {"UTINYINT", PAWL_SHORT}, {"SMALLINT", PAWL_SHORT},
	{"USMALLINT", PAWL_INT}, {"INTEGER", PAWL_INT}, {"UINTEGER", PAWL_LONG}, {"BIGINT", PAWL_LONG},
	{"UBIGINT", PAWL_DECIMAL(20, 0)}, {"HUGEINT", PAWL_DECIMAL(38, 0)}, {"UHUGEINT", PAWL_DECIMAL(38, 0)},
	{"DECIMAL(18,2)", PAWL_DECIMAL(18, 2)}, {"FLOAT", PAWL_FLOAT}, {"DOUBLE", PAWL_DOUBLE}, {"DATE", PAWL_NAIVE_DATE},
	{"TIMESTAMP", PAWL_NAIVE_DATETIME}, {"TIMESTAMP_S", PAWL_NAIVE_DATETIME}, {"TIMESTAMP_NS", PAWL_NAIVE_DATETIME},
	{"TIMESTAMP WITH TIME ZONE", PAWL_UTC_DATETIME}, {"BLOB", PAWL_BINARY}, {"VARCHAR", PAWL_STRING}, {"UUID", PAWL_STRING},
	{"TIME", PAWL_STRING}, {"TIME WITH TIME ZONE", PAWL_STRING}, {"INTERVAL", PAWL_STRING}, {"BIT", PAWL_STRING},
	{"BIGNUM", PAWL_STRING}, {"ENUM('a', 'b]')", PAWL_STRING}, {"ENUM('a')[]", PAWL_JSON}, {"JSON", PAWL_JSON},
	{"INTEGER[]", PAWL_JSON}, {"DOUBLE[3]", PAWL_JSON}, {"STRUCT(a INTEGER)", PAWL_JSON}, {"MAP(VARCHAR, INTEGER)", PAWL_JSON},
	{"UNION(a INTEGER)", PAWL_JSON}, {"VARIANT", PAWL_JSON},
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static void test_types(void **context)
{
	(void) context;
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		pawl_received_type type;
		OK(pawl_received_type_of(types[i].name, &type, &error));
		assert_int_equal(type.type, types[i].type);
		assert_int_equal(type.is_nanoseconds, strcmp(types[i].name, "TIMESTAMP_NS") == 0);
	}
	pawl_received_type unknown;
	FAILS(pawl_received_type_of("GEOMETRY", &unknown, &error), PAWL_INVALID, "values of the type 'GEOMETRY' cannot be sent");
	FAILS(pawl_received_type_of("DECIMAL(18,2", &unknown, &error), PAWL_INVALID,
	      "values of the type 'DECIMAL(18,2' cannot be sent");
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* A row of a table that has the type, from a relation that has the value as it is. */
static pawl_status send_value(const char *type, const char *value)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = {.schema = pawl_duplicate("main"),
	                                                                   .name = pawl_duplicate("t"), .is_key_unique = true};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer relation = {0};
	int64_t rows;

	OK(pawl_replica_table_add(&table, "id", "INTEGER", 1, true, &error));
	OK(pawl_replica_table_add(&table, "v", type, 0, true, &error));
	pawl_buffer_appendf(&relation, "(SELECT 1::SMALLINT AS id, %s AS v)", value);
	OK(pawl_replica_begin(replica, &error));
	pawl_status status = pawl_replica_insert(replica, &table, pawl_buffer_text(&relation), &rows, &error);
	pawl_replica_rollback(replica);
	return status;
}

/* A type that was once joined from two, and the relation that has the source's. */
static void test_wider_types(void **context)
{
	(void) context;
	static const struct {
		const char *type, *value, *told;
	} values[] = {
		{"BIGINT", "-7::INTEGER", "t1-7 "},
		{"INTEGER", "-7::TINYINT", "t1-7 "},
		{"DECIMAL(9,3)", "-1.5::DECIMAL(9,2)", "t1-1.500 "},
		{"DECIMAL(20,1)", "-1.5::DECIMAL(2,1)", "t1-1.5 "},
		{"DECIMAL(10,0)", "-7::INTEGER", "t1-7 "},
		{"DOUBLE", "0.25::FLOAT", "t10.25 "},
		{"DOUBLE", "-7::INTEGER", "t1-7 "},
		{"TIMESTAMP", "DATE '2024-02-29'", "t12024-02-29T00:00:00 "},
		{"TIMESTAMP WITH TIME ZONE", "DATE '2024-02-29'", "t12024-02-29T00:00:00Z "},
		{"VARCHAR", "'00000000-0000-0000-0000-000000000001'::UUID", "t100000000-0000-0000-0000-000000000001 "},
		{"VARCHAR", "-7::INTEGER", "t1-7 "},
		{"JSON", "{'a': 1}", "t1{\"a\":1} "},
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		OK(send_value(values[i].type, values[i].value));
		expect_told(values[i].told);
	}
}

/* What DuckDB gives for each type lies in memory as what is sent does. */
static void test_all_types(void **context)
{
	(void) context;
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer value = {0};
		pawl_buffer_appendf(&value, "CAST(NULL AS %s)", types[i].name);
		OK(send_value(types[i].name, pawl_buffer_text(&value)));
		expect_told("t1 ");
	}
}

static void test_odd_json(void **context)
{
	(void) context;
	static const char prefix[] = "column 'v': this is no JSON, which has no NaN and no infinity: line 1, column ";
	static const struct {
		const char *type, *value, *rest;
	} odd[] = {
		{"JSON", "'{\"x\": NaN}'::JSON", "7: a value is expected"},
		{"STRUCT(a JSON)", "{'a': '[-Infinity]'::JSON}", "8: a digit is expected"},
		{"JSON[]", "['NaN'::JSON]", "2: a value is expected"},
		{"DOUBLE[]", "['nan'::DOUBLE]", "2: a value is expected"},
		{"STRUCT(a FLOAT)", "{'a': 'inf'::FLOAT}", "6: a value is expected"},
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
		pawl_buffer_appendf(&message, "%s%s", prefix, odd[i].rest);
		FAILS(send_value(odd[i].type, odd[i].value), PAWL_INVALID, pawl_buffer_text(&message));
		expect_told("");
	}
	OK(send_value("JSON", "'{\"x\": \"NaN\"}'::JSON"));
	expect_told("t1{\"x\": \"NaN\"} ");
}

/* ---- refused allocations --------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status send_one(const pawl_replica_table *table, const char *text)
{
	const pawl_replica_state saved = {.schema_name = table->schema, .table_name = table->name, .cursor = table->name};
	int64_t rows;

	PAWL_TRY(open_with(text));
	PAWL_TRY(pawl_replica_begin(replica, &error));
	PAWL_TRY(pawl_replica_drop(replica, table->schema, table->name, &error));
	PAWL_TRY(pawl_replica_create(replica, table, &error));
	PAWL_TRY(pawl_replica_insert(replica, table, "(SELECT 1 AS id, 'a' AS name)", &rows, &error));
	PAWL_TRY(pawl_replica_save_state(replica, &saved, &error));
	return pawl_replica_commit(replica, &error);
}

static void test_out_of_memory(void **context)
{
	(void) context;
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table table = make_table(false);
	static const char text[] = "{\"pawl\":1,\"tables\":[{\"schema_name\":\"main\",\"table_name\":\"t\",\"rows\":1,"
	                           "\"layout\":[[\"a\",\"DATE\"]]}]}";
	pawl_status status;
	long n = 0;

	pawl_replica_close_pointer(&replica);
	do {
		pawl_buffer_free(&told); /* so that it has to allocate anew each time, or not */
		pawl_memory_fail_at(++n);
		status = send_one(&table, text);
		pawl_memory_fail_at(0);
		assert_true(status == PAWL_OK || status == PAWL_OUT_OF_MEMORY || status == PAWL_DATABASE);
		pawl_replica_close_pointer(&replica);
	} while (status != PAWL_OK);
	assert_true(n > 40);
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_commit), TEST(test_rollback), TEST(test_gone), TEST(test_known), TEST(test_replacing), TEST(test_emptied),
		TEST(test_begun),
		TEST(test_upsert), TEST(test_doubtful_keys), TEST(test_no_key), TEST(test_states), TEST(test_types),
		TEST(test_wider_types), TEST(test_all_types), TEST(test_odd_json),
#ifdef PAWL_TEST_HOOKS
		TEST(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
