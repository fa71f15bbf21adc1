/* A table while it is synced, and the operations on it (connector/row.c). What reaches the warehouse is test_sync_model.c's. */
#include "connector/table.h"

#include <math.h>
#include <string.h>

#include "support.h"

static pawl_error error;
static pawl_table_context context;

/* ---- a warehouse for each test ---------------------------------------------------------------------------------------- */

static int open_warehouse(void **state)
{
	if (enter_folder(state) != 0)
		return -1;
	const pawl_destination_options options = {.target = "warehouse.db", .schema = "tester", .owner = "connector", .threads = 1};
	context = (pawl_table_context){&pawl_destination_duckdb, NULL, PAWL_NAMING_FIVETRAN};
	return context.driver->open(&options, &context.destination, &error) == PAWL_OK ? 0 : -1;
}

static int close_warehouse(void **state)
{
	context.driver->close(context.destination);
	return leave_folder(state);
}

#define WAREHOUSE_TEST(function) cmocka_unit_test_setup_teardown(function, open_warehouse, close_warehouse)

static pawl_status make_table(const char *name, const char *const *key, const pawl_column *columns, pawl_synced_table **ret_table)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	PAWL_TRY(pawl_declaration_make(name, key, columns, &memory, &declaration, &error));
	return pawl_synced_table_new(&context, &declaration, ret_table, &error);
}

static pawl_synced_table *new_table(const char *const *key, const pawl_column *columns)
{
	pawl_synced_table *table;
	OK(make_table("Order Lines", key, columns, &table));
	return table;
}

/* Makes the table in the warehouse what it is here. */
static void ensure(pawl_synced_table *table)
{
	int changes;
	OK(context.driver->begin(context.destination, &error));
	OK(context.driver->ensure_table(context.destination, &table->target, &changes, &error));
	OK(context.driver->apply(context.destination, &table->target, NULL, &error));
	OK(context.driver->commit(context.destination, &error));
	table->needs_ensure = false;
}

/* The destination's columns: "id LONG key, note STRING". */
static void assert_columns(const pawl_synced_table *table, const char *expected)
{
	char text[1024] = "";
	for (size_t slot = 0; slot < table->target.column_count; slot++) {
		const pawl_destination_column *column = &table->target.columns[slot];
		char type[PAWL_TYPE_TEXT_BYTES];
		pawl_type_format(column->type, type);
		size_t length = strlen(text);
		snprintf(text + length, sizeof(text) - length, "%s%s %s%s", slot == 0 ? "" : ", ", column->name, type,
		         column->is_key ? " key" : "");
	}
	assert_string_equal(text, expected);
}

#define RESOLVE(table, ...) pawl_synced_table_resolve((table), &context, PAWL_FIELDS(__VA_ARGS__), &error)

static pawl_status operate(pawl_synced_table *table, const pawl_field *fields, size_t count,
                           pawl_status operation(pawl_synced_table *, const pawl_table_context *, pawl_error *))
{
	PAWL_TRY(pawl_synced_table_resolve(table, &context, fields, count, &error));
	return operation(table, &context, &error);
}

#define UPSERT(table, ...) operate((table), PAWL_FIELDS(__VA_ARGS__), pawl_synced_table_upsert)
#define UPDATE(table, ...) operate((table), PAWL_FIELDS(__VA_ARGS__), pawl_synced_table_update)
#define DELETE(table, ...) operate((table), PAWL_FIELDS(__VA_ARGS__), pawl_synced_table_delete)

/* What the query says of the rows that were folded, valid until the next call. */
static const char *ask(const pawl_synced_table *table, const char *expression)
{
	static char text[2048];
	char sql[1024];
	snprintf(sql, sizeof(sql), "SELECT (%s)::VARCHAR FROM %s", expression, pawl_batch_changes(table->batch).relation);
	pawl_duck_rows *rows;
	bool has_row;
	OK(pawl_duck_query(context.driver->engine(context.destination), sql, NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	snprintf(text, sizeof(text), "%s", found == NULL ? "NULL" : found);
	pawl_duck_rows_close(&rows);
	return text;
}

/* ---- a table's beginning ---------------------------------------------------------------------------------------------- */

static void test_declared(void **unused)
{
	(void) unused;
	pawl_synced_table *table =
	    new_table(PAWL_KEYS("lineNo", "id"), PAWL_COLUMNS({"Note", PAWL_STRING}, {"id", PAWL_INT}, {"guess", PAWL_UNSPECIFIED}));
	assert_string_equal(table->source_name, "Order Lines");
	assert_string_equal(table->target.name, "order_lines");
	assert_columns(table, "note STRING, id INT key"); /* in their order; what is inferred comes with its first value */
	assert_true(table->needs_ensure);
	assert_int_equal(table->key_count, 2);
	assert_string_equal(table->keys[0]->source_name, "lineNo");
	assert_string_equal(table->keys[0]->name, "line_no");
	assert_true(table->keys[0]->slot == PAWL_NO_SLOT);
	assert_false(pawl_synced_table_is_ready(table));
	OK(RESOLVE(table, {"lineNo", pawl_of("x")}));
	assert_true(pawl_synced_table_is_ready(table));
	assert_columns(table, "note STRING, id INT key, line_no STRING key");
	pawl_synced_table_free(table);
	pawl_synced_table_free(NULL);
}

static void test_no_key(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(NULL, PAWL_COLUMNS({"note", PAWL_STRING}));
	assert_columns(table, "_fivetran_id STRING key, note STRING");
	assert_int_equal(table->key_count, 0);
	assert_true(pawl_synced_table_is_ready(table));
	pawl_synced_table_free(table);
}

static void test_names(void **unused)
{
	(void) unused;
	static const char reserved_hint[] = "names that begin with _fivetran_ or _pawl_ are for the warehouse's own columns";
	pawl_synced_table *table;
	FAILS(make_table("t", NULL, PAWL_COLUMNS({"_fivetran_id", PAWL_STRING}), &table), PAWL_INVALID,
	      "table 't': column '_fivetran_id': its name in the destination would be '_fivetran_id', which is reserved");
	assert_string_equal(error.hint, reserved_hint);
	FAILS(make_table("t", NULL, PAWL_COLUMNS({"_Pawl Note", PAWL_STRING}), &table), PAWL_INVALID,
	      "table 't': column '_Pawl Note': its name in the destination would be '_pawl_note', which is reserved");
	FAILS(make_table("t", PAWL_KEYS("orderId"), PAWL_COLUMNS({"order_id", PAWL_INT}), &table), PAWL_INVALID,
	      "table 't': column 'orderId': columns 'order_id' and 'orderId' would both be 'order_id' in the destination");
	assert_string_equal(error.hint, "rename one of them in the connector, or keep the source's names with --naming SOURCE "
	                                "(DuckDB's names differ by more than case)");
	context.naming = PAWL_NAMING_SOURCE;
	FAILS(make_table("_PAWL_t", NULL, NULL, &table), PAWL_INVALID,
	      "table '_PAWL_t': its name in the destination would be '_PAWL_t', which is reserved");
	FAILS(make_table("t", NULL, PAWL_COLUMNS({"A", PAWL_INT}, {"a", PAWL_INT}), &table), PAWL_INVALID,
	      "table 't': column 'a': columns 'A' and 'a' would both be 'a' in the destination");
	OK(make_table("Order Lines", PAWL_KEYS("orderId"), PAWL_COLUMNS({"order_id", PAWL_INT}, {"orderId", PAWL_INT}), &table));
	assert_string_equal(table->target.name, "Order Lines");
	assert_columns(table, "order_id INT, orderId INT key");
	pawl_synced_table_free(table);
}

static void test_table_that_is_there(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_INT}, {"note", PAWL_STRING}, {"day", PAWL_NAIVE_DATE}));
	ensure(table);
	pawl_synced_table_free(table);

	table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"note", PAWL_STRING}, {"id", PAWL_INT}));
	assert_columns(table, "id INT key, note STRING, day NAIVE_DATE"); /* columns keep their places, also those that are not named */
	assert_false(table->needs_ensure);
	pawl_synced_table_free(table);

	table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_LONG}, {"price", PAWL_DOUBLE}, {"day", PAWL_NAIVE_DATETIME}));
	assert_columns(table, "id LONG key, note STRING, day NAIVE_DATETIME, price DOUBLE");
	assert_true(table->needs_ensure);
	ensure(table);
	pawl_synced_table_free(table);

	/* A narrower declaration checks values, but does not narrow the destination. */
	table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_SHORT}));
	assert_columns(table, "id LONG key, note STRING, day NAIVE_DATETIME, price DOUBLE");
	assert_false(table->needs_ensure);
	OK(UPSERT(table, {"id", pawl_of(32767)}));
	FAILS(UPSERT(table, {"id", pawl_of(32768)}), PAWL_INVALID, "column 'id': '32768' is not a SHORT: it is beyond -32768 to 32767");
	pawl_synced_table_free(table);
}

static void test_table_that_is_there_and_different(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_INT}, {"day", PAWL_NAIVE_DATE}, {"raw", PAWL_BINARY}));
	ensure(table);
	pawl_synced_table_free(table);

	FAILS(make_table("order lines", PAWL_KEYS("id"), PAWL_COLUMNS({"day", PAWL_DOUBLE}), &table), PAWL_INVALID,
	      "table 'order lines': column 'day': it is NAIVE_DATE in the destination and DOUBLE in the schema");
	assert_string_equal(error.hint, "declare it as STRING, give it another name, or start again with --reset");
	FAILS(make_table("order lines", PAWL_KEYS("id"), PAWL_COLUMNS({"raw", PAWL_STRING}), &table), PAWL_INVALID,
	      "table 'order lines': column 'raw': it is BINARY in the destination and STRING in the schema");
	assert_string_equal(error.hint, "give the column another name, or start again with --reset");

	FAILS(make_table("order lines", PAWL_KEYS("id", "day"), NULL, &table), PAWL_INVALID,
	      "table 'order lines': its primary key was (id), the connector now says (id, day)");
	FAILS(make_table("order lines", PAWL_KEYS("other"), NULL, &table), PAWL_INVALID,
	      "table 'order lines': its primary key was (id), the connector now says (other)");
	FAILS(make_table("order lines", NULL, NULL, &table), PAWL_INVALID,
	      "table 'order lines': its primary key was (id), the connector now says (_fivetran_id)");
}

/* ---- fields ----------------------------------------------------------------------------------------------------------- */

static void test_inferred(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), NULL);
	OK(RESOLVE(table, {"nothing", pawl_null()}, {"id", pawl_of(1)}, {"unitPrice", pawl_decimal("1.5")}, {"at", pawl_utc_datetime(0)}));
	assert_columns(table, "id LONG key, unit_price DECIMAL(18,1), at UTC_DATETIME");
	OK(RESOLVE(table, {"nothing", pawl_of("something")}));
	assert_columns(table, "id LONG key, unit_price DECIMAL(18,1), at UTC_DATETIME, nothing STRING");
	assert_null(table->given[0]);
	assert_non_null(table->given[3]);
	pawl_synced_table_free(table);
}

static void test_inferred_types_widen(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), NULL);
	OK(UPSERT(table, {"id", pawl_of(1)}, {"day", pawl_naive_date(0)}, {"number", pawl_of(1)}));
	assert_columns(table, "id LONG key, day NAIVE_DATE, number LONG");
	table->needs_ensure = false;
	OK(UPSERT(table, {"id", pawl_of(2)}, {"day", pawl_naive_date(1)}, {"number", pawl_of(2)}));
	assert_false(table->needs_ensure);
	assert_int_equal(pawl_batch_row_count(table->batch), 2);

	OK(UPSERT(table, {"id", pawl_of(3)}, {"day", pawl_naive_datetime(1)}, {"number", pawl_of("three")}));
	assert_columns(table, "id LONG key, day NAIVE_DATETIME, number STRING");
	assert_true(table->needs_ensure);
	assert_int_equal(pawl_batch_row_count(table->batch), 1); /* the others were staged, as they were */
	assert_string_equal(ask(table, "id || ' ' || day || ' ' || number"), "3 1970-01-01 00:00:00.000001 three");

	FAILS(UPSERT(table, {"id", pawl_of(4)}, {"number", pawl_binary("a", 1)}), PAWL_INVALID,
	      "column 'number': 'a' is not a STRING: it is BINARY");
	pawl_synced_table_free(table);
}

/* As texts 1 and 01 would be two keys, so that a key does not become text. */
static void test_inferred_keys_do_not_become_text(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), NULL);
	OK(RESOLVE(table, {"id", pawl_of(1)}));
	FAILS(RESOLVE(table, {"id", pawl_of("one")}), PAWL_INVALID, "column 'id': 'one' is not a LONG: it is text");
	assert_string_equal(error.hint, "its type was inferred from earlier values, and in a primary key it does not become STRING, since "
	                                "one key could become two: declare its type");
	assert_columns(table, "id LONG key");
	pawl_synced_table_free(table);
}

static void test_field_mistakes(void **unused)
{
	(void) unused;
	enum { TOO_LONG = 8 * 1024 * 1024 + 1 };
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_LONG}, {"note", PAWL_STRING}));
	FAILS(RESOLVE(table, {"id", pawl_of(1)}, {NULL, pawl_of(1)}), PAWL_INVALID, "field 2 has no column name");
	FAILS(RESOLVE(table, {"id", pawl_of(1)}, {"id", pawl_of(1)}), PAWL_INVALID, "column 'id': it is given twice");
	FAILS(RESOLVE(table, {"more", pawl_null()}, {"more", pawl_null()}), PAWL_INVALID, "column 'more': it is given twice");
	FAILS(RESOLVE(table, {"_fivetran_synced", pawl_of(1)}), PAWL_INVALID,
	      "column '_fivetran_synced': its name in the destination would be '_fivetran_synced', which is reserved");
	FAILS(RESOLVE(table, {"Note", pawl_of(1)}), PAWL_INVALID,
	      "column 'Note': columns 'note' and 'Note' would both be 'note' in the destination");
	FAILS(RESOLVE(table, {"", pawl_of(1)}), PAWL_INVALID, "column '': column name '' is blank");
	FAILS(RESOLVE(table, {"note", {.kind = (pawl_value_kind) 77}}), PAWL_INVALID,
	      "column 'note': its value has the kind 77, which is none");

	char *text = pawl_allocate(TOO_LONG + 1);
	assert_non_null(text);
	memset(text, 'x', TOO_LONG);
	FAILS(RESOLVE(table, {"note", pawl_of(text)}), PAWL_INVALID, "column 'note': its value has 8388609 bytes, more than 8388608");
	assert_string_equal(error.hint, "values of this size belong in files: keep a path or an address in the row");
	text[TOO_LONG - 1] = '\0';
	OK(RESOLVE(table, {"note", pawl_of(text)}));
	pawl_free(text);
	pawl_synced_table_free(table);
}

/* ---- operations ------------------------------------------------------------------------------------------------------- */

static void test_operations(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("a", "b"), PAWL_COLUMNS({"a", PAWL_STRING}, {"n", PAWL_INT}, {"b", PAWL_STRING}));
	assert_false(table->is_dirty);
	OK(UPSERT(table, {"a", pawl_of("a")}, {"b", pawl_of("bc")}, {"n", pawl_of(1)}));
	assert_true(table->is_dirty);
	OK(UPSERT(table, {"b", pawl_of("c")}, {"a", pawl_of("ab")})); /* another key, though of the same letters */
	OK(UPDATE(table, {"b", pawl_of("bc")}, {"n", pawl_of(3)}, {"a", pawl_of("a")}));
	OK(UPDATE(table, {"b", pawl_of("new")}, {"n", pawl_null()}, {"a", pawl_of("a")}));
	OK(DELETE(table, {"b", pawl_of("c")}, {"a", pawl_of("ab")}));
	assert_string_equal(ask(table, "string_agg(a || '.' || b || ' ' || coalesce(n::VARCHAR, 'NULL') || ' ' || _pawl_is_full || ' ' || "
	                               "_pawl_is_deleted || ' ' || _pawl_given_0, ', ' ORDER BY a, b)"),
	                    "a.bc 3 true false 2, a.new NULL false false 2, ab.c NULL true true 0");

	OK(pawl_synced_table_stage(table, &context, false, &error));
	assert_int_equal(pawl_batch_row_count(table->batch), 0);
	OK(pawl_synced_table_stage(table, &context, true, &error));
	assert_null(table->batch);
	pawl_synced_table_free(table);
}

static void test_operation_mistakes(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(PAWL_KEYS("id", "guess"), PAWL_COLUMNS({"id", PAWL_INT}, {"n", PAWL_INT}));
	FAILS(UPSERT(table, {"id", pawl_of(1)}), PAWL_INVALID, "column 'guess' of the primary key is not given in the upsert, or NULL");
	FAILS(UPSERT(table, {"guess", pawl_of(1)}, {"id", pawl_null()}), PAWL_INVALID,
	      "column 'id' of the primary key is NULL in the upsert");
	FAILS(UPDATE(table, {"id", pawl_of(1)}, {"n", pawl_of(1)}), PAWL_INVALID,
	      "column 'guess' of the primary key is not given in the update, or NULL");
	FAILS(DELETE(table, {"guess", pawl_of(1)}), PAWL_INVALID, "column 'id' of the primary key is not given in the delete, or NULL");
	FAILS(DELETE(table, {"id", pawl_of(1)}, {"guess", pawl_of(1)}, {"n", pawl_of(1)}), PAWL_INVALID,
	      "column 'n' is not part of the primary key, which is all that a delete takes");
	FAILS(UPSERT(table, {"id", pawl_of("1")}, {"guess", pawl_of(1)}), PAWL_INVALID,
	      "column 'id': '1' is not an INT: it is text");
	assert_null(table->batch);
	pawl_synced_table_free(table);

	OK(make_table("no key", NULL, NULL, &table));
	FAILS(UPDATE(table, {"a", pawl_of(1)}), PAWL_INVALID, "update needs a primary key, and the table has none");
	assert_string_equal(error.hint, "declare its primary key in schema, or before its first operation");
	FAILS(DELETE(table, {"a", pawl_of(1)}), PAWL_INVALID, "delete needs a primary key, and the table has none");
	pawl_synced_table_free(table);
}

/* Numbers that SQL holds equal are one key. */
static void test_keys_that_are_equal(void **unused)
{
	(void) unused;
	static const pawl_type reals[] = {PAWL_FLOAT, PAWL_DOUBLE};
	for (size_t i = 0; i < 2; i++) {
		pawl_synced_table *table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", reals[i]}));
		OK(UPSERT(table, {"id", pawl_of(0.0f)}));
		OK(UPSERT(table, {"id", pawl_of(-0.0f)}));
		OK(UPSERT(table, {"id", pawl_of(NAN)}));
		OK(UPSERT(table, {"id", pawl_of(-NAN)}));
		OK(UPSERT(table, {"id", pawl_of(1)}));
		assert_int_equal(pawl_batch_row_count(table->batch), 3);
		pawl_synced_table_free(table);
	}
	pawl_synced_table *table = new_table(PAWL_KEYS("id"), PAWL_COLUMNS({"id", PAWL_DECIMAL(30, 2)}));
	OK(UPSERT(table, {"id", pawl_decimal("1.5")}));
	OK(UPSERT(table, {"id", pawl_decimal("01.50")}));
	OK(UPSERT(table, {"id", pawl_decimal("1.51")}));
	assert_int_equal(pawl_batch_row_count(table->batch), 2);
	pawl_synced_table_free(table);
}

/* ---- _fivetran_id ----------------------------------------------------------------------------------------------------- */

/* The id must never change: the rows of earlier syncs have it. */
static void test_ids(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(NULL, NULL);
	OK(UPSERT(table, {"b", pawl_of("x")}, {"a", pawl_of(1)}));
	char digest[PAWL_DIGEST_TEXT_BYTES];
	static const char identity[] = "1:a=1:11:b=1:x"; /* name and text of each value, with their lengths */
	pawl_digest_text(identity, strlen(identity), digest);
	assert_string_equal(ask(table, "_fivetran_id"), digest);

	/* The same row again, whatever the order of its fields, NULLs and columns that came later. */
	OK(UPSERT(table, {"a", pawl_of(1)}, {"b", pawl_of("x")}, {"c", pawl_null()}));
	assert_int_equal(pawl_batch_row_count(table->batch), 1);
	OK(UPSERT(table, {"aa", pawl_of("later")}));
	OK(UPSERT(table, {"a", pawl_of(1)}, {"b", pawl_of("x")}));
	assert_string_equal(ask(table, "string_agg(_fivetran_id, ' ') FILTER (a = 1)"), digest);
	pawl_synced_table_free(table);
}

static void test_ids_do_not_run_together(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(NULL, PAWL_COLUMNS({"a", PAWL_STRING}, {"b", PAWL_STRING}));
	OK(UPSERT(table, {"a", pawl_of("x")}, {"b", pawl_of("")}));
	OK(UPSERT(table, {"a", pawl_of("")}, {"b", pawl_of("x")}));
	OK(UPSERT(table, {"a", pawl_of("x")}));
	OK(UPSERT(table, {"b", pawl_of("x")}));
	OK(UPSERT(table, {"a", pawl_of("x1:b=0:")}));
	OK(UPSERT(table, {"a", pawl_null()}));
	assert_string_equal(ask(table, "count(DISTINCT _fivetran_id)"), "6");
	pawl_synced_table_free(table);
}

/* The type that an inferred column has by now makes no difference. */
static void test_ids_of_widened_columns(void **unused)
{
	(void) unused;
	pawl_synced_table *table = new_table(NULL, NULL);
	OK(UPSERT(table, {"d", pawl_decimal("1.5")}, {"t", pawl_naive_date(0)}));
	char id[PAWL_DIGEST_TEXT_BYTES];
	snprintf(id, sizeof(id), "%s", ask(table, "_fivetran_id"));
	OK(UPSERT(table, {"d", pawl_decimal("1.25")}, {"t", pawl_naive_datetime(1)}));
	OK(UPSERT(table, {"d", pawl_decimal("1.500")}, {"t", pawl_naive_datetime(0)}));
	assert_string_equal(ask(table, "string_agg(_fivetran_id, ' ') FILTER (d = 1.5)"), id);
	OK(UPSERT(table, {"d", pawl_of("text")}, {"t", pawl_of("text")}));
	OK(UPSERT(table, {"d", pawl_decimal("1.5")}, {"t", pawl_naive_date(0)}));
	assert_string_equal(ask(table, "string_agg(_fivetran_id, ' ') FILTER (d = '1.5')"), id);
	pawl_synced_table_free(table);
}

/* ---- out of memory ---------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status fill(void *fields_key, pawl_error *attempt_error)
{
	pawl_declaration declaration;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	PAWL_TRY(pawl_declaration_make("t", fields_key, PAWL_COLUMNS({"id", PAWL_LONG}), &memory, &declaration, attempt_error));
	pawl_synced_table *table;
	PAWL_TRY(pawl_synced_table_new(&context, &declaration, &table, attempt_error));
	const pawl_field fields[] = {
	    {"id", pawl_of(1)}, {"price", pawl_decimal("1.5")}, {"note", pawl_of("a note of some length, kept apart")}};
	pawl_status status = pawl_synced_table_resolve(table, &context, fields, 3, attempt_error);
	if (status == PAWL_OK)
		status = pawl_synced_table_upsert(table, &context, attempt_error);
	pawl_synced_table_free(table);
	return status;
}

static void test_out_of_memory(void **unused)
{
	(void) unused;
	const char *key[] = {"id", NULL};
	assert_in_range(refuse_every_allocation(fill, key), 30, 200);
	assert_in_range(refuse_every_allocation(fill, NULL), 30, 200);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAREHOUSE_TEST(test_declared),
		WAREHOUSE_TEST(test_no_key),
		WAREHOUSE_TEST(test_names),
		WAREHOUSE_TEST(test_table_that_is_there),
		WAREHOUSE_TEST(test_table_that_is_there_and_different),
		WAREHOUSE_TEST(test_inferred),
		WAREHOUSE_TEST(test_inferred_types_widen),
		WAREHOUSE_TEST(test_inferred_keys_do_not_become_text),
		WAREHOUSE_TEST(test_field_mistakes),
		WAREHOUSE_TEST(test_operations),
		WAREHOUSE_TEST(test_operation_mistakes),
		WAREHOUSE_TEST(test_keys_that_are_equal),
		WAREHOUSE_TEST(test_ids),
		WAREHOUSE_TEST(test_ids_do_not_run_together),
		WAREHOUSE_TEST(test_ids_of_widened_columns),
#ifdef PAWL_TEST_HOOKS
		WAREHOUSE_TEST(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
