#include "connector/schema.h"

#include <string.h>

#include "support.h"

static pawl_error error;

/* ---- declarations ----------------------------------------------------------------------------------------------------- */

static void test_everything_is_copied(void **unused)
{
	(void) unused;
	char table[] = "orders", id[] = "id", price[] = "price", region[] = "region";
	const char *key[] = {region, id, NULL};
	pawl_column columns[] = {{id, PAWL_LONG}, {price, PAWL_DECIMAL(8, 2)}, {NULL, PAWL_UNSPECIFIED}};
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	OK(pawl_declaration_make(table, key, columns, &memory, &declaration, &error));

	table[0] = id[0] = price[0] = region[0] = '?';
	key[0] = key[1] = NULL;
	columns[0] = columns[1] = (pawl_column){NULL, PAWL_STRING};
	assert_string_equal(declaration.name, "orders");
	assert_string_equal(declaration.primary_key[0], "region");
	assert_string_equal(declaration.primary_key[1], "id");
	assert_null(declaration.primary_key[2]);
	assert_string_equal(declaration.columns[0].name, "id");
	assert_int_equal(declaration.columns[0].type, PAWL_LONG);
	assert_string_equal(declaration.columns[1].name, "price");
	assert_int_equal(declaration.columns[1].type, PAWL_DECIMAL(8, 2));
	assert_string_equal(declaration.columns[2].name, "region"); /* of the key, and not declared */
	assert_int_equal(declaration.columns[2].type, PAWL_UNSPECIFIED);
	assert_null(declaration.columns[3].name);
}

static void test_little_is_needed(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	OK(pawl_declaration_make("t", NULL, NULL, &memory, &declaration, &error));
	assert_null(declaration.primary_key);
	assert_null(declaration.columns[0].name);
	OK(pawl_declaration_make("t", (const char *const[]){NULL}, NULL, &memory, &declaration, &error));
	assert_null(declaration.primary_key);
	OK(pawl_declaration_make("t", NULL, PAWL_COLUMNS({"a", PAWL_UNSPECIFIED}, {"A", PAWL_XML}), &memory, &declaration, &error));
	assert_string_equal(declaration.columns[1].name, "A");
}

static void test_mistakes(void **unused)
{
	(void) unused;
	const struct {
		const char *table;
		const char *const *key;
		const pawl_column *columns;
		const char *message;
	} cases[] = {
	    {NULL, NULL, NULL, "a table has an empty name"},
	    {"", NULL, NULL, "a table has an empty name"},
	    {" \t", NULL, NULL, "a table has an empty name"},
	    {"t", NULL, PAWL_COLUMNS({"a", PAWL_INT}, {"", PAWL_INT}), "table 't': column 2 has an empty name"},
	    {"t", NULL, PAWL_COLUMNS({"\n", PAWL_INT}), "table 't': column 1 has an empty name"},
	    {"t", NULL, PAWL_COLUMNS({"a", PAWL_INT}, {"b", PAWL_INT}, {"a", PAWL_LONG}), "table 't': column 'a' is declared twice"},
	    {"t", NULL, PAWL_COLUMNS({"a", (pawl_type) 15}), "table 't': column 'a': '15' is not a type"},
	    {"t", NULL, PAWL_COLUMNS({"a", (pawl_type) 0x10004}), "table 't': column 'a': '65540' is not a type"},
	    {"t", NULL, PAWL_COLUMNS({"a", PAWL_DECIMAL(39, 0)}),
	     "table 't': column 'a': 'DECIMAL(39,0)' is not a type: its precision is not 1 to 38"},
	    {"t", NULL, PAWL_COLUMNS({"a", PAWL_DECIMAL(4, 5)}),
	     "table 't': column 'a': 'DECIMAL(4,5)' is not a type: its scale is above its precision"},
	    {"t", PAWL_KEYS("a", ""), NULL, "table 't': the primary key has a column with an empty name"},
	    {"t", PAWL_KEYS("a", "b", "a"), NULL, "table 't': the primary key names column 'a' twice"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
		pawl_declaration declaration = {0};
		FAILS(pawl_declaration_make(cases[i].table, cases[i].key, cases[i].columns, &memory, &declaration, &error), PAWL_INVALID,
		      cases[i].message);
		assert_null(declaration.name);
		assert_null(declaration.columns);
	}
}

static void test_equal(void **unused)
{
	(void) unused;
	const struct {
		const char *const *key;
		const pawl_column *columns;
	} different[] = {
	    {NULL, NULL},
	    {PAWL_KEYS("a"), NULL},
	    {PAWL_KEYS("a", "b"), NULL},
	    {PAWL_KEYS("b", "a"), NULL},
	    {NULL, PAWL_COLUMNS({"a", PAWL_INT})},
	    {NULL, PAWL_COLUMNS({"a", PAWL_LONG})},
	    {NULL, PAWL_COLUMNS({"a", PAWL_INT}, {"b", PAWL_INT})},
	    {NULL, PAWL_COLUMNS({"b", PAWL_INT}, {"a", PAWL_INT})},
	    {PAWL_KEYS("a"), PAWL_COLUMNS({"a", PAWL_INT}, {"b", PAWL_INT})},
	};
	enum { COUNT = sizeof(different) / sizeof(different[0]) };
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration left[COUNT], right[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		OK(pawl_declaration_make("t", different[i].key, different[i].columns, &memory, &left[i], &error));
		OK(pawl_declaration_make("t", different[i].key, different[i].columns, &memory, &right[i], &error));
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++)
			assert_int_equal(pawl_declaration_equal(&left[i], &right[j]), i == j);
}

/* ---- the connector's function ----------------------------------------------------------------------------------------- */

enum { MANY_TABLES = 100 };

static pawl_status declare_many(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	for (int i = 0; i < MANY_TABLES; i++) {
		char name[16]; /* the same memory for all */
		snprintf(name, sizeof(name), "table %d", i);
		assert_int_equal(pawl_table(schema, name, PAWL_KEYS("id"), NULL), PAWL_OK);
	}
	return PAWL_OK;
}

static pawl_status declare_twice(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	pawl_table(schema, "a", NULL, NULL);
	pawl_table(schema, "A", NULL, NULL); /* another table: sources may know case */
	assert_int_equal(pawl_table(schema, "a", PAWL_KEYS("id"), NULL), PAWL_INVALID);
	/* Nothing that follows counts, nor does it hide the first error. */
	assert_int_equal(pawl_table(schema, "b", NULL, NULL), PAWL_INVALID);
	assert_int_equal(pawl_schema_fail(schema, "another"), PAWL_INVALID);
	return PAWL_OK;
}

static pawl_status give_up(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	assert_int_equal(pawl_schema_fail(schema, "the source '%s' is %d days old", "x", 3), PAWL_CONNECTOR);
	return pawl_table(schema, "a", NULL, NULL);
}

static pawl_status return_an_error_of_its_own(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	pawl_table(schema, "a", NULL, NULL);
	return PAWL_IO;
}

static pawl_status collect(pawl_status (*function)(pawl_schema *, const pawl_configuration *), pawl_schema *ret_schema)
{
	const pawl_connector connector = {.name = "tester", .schema = function};
	pawl_error_clear(&error);
	return pawl_schema_collect(&connector, NULL, &error, ret_schema);
}

static void test_collect(void **unused)
{
	(void) unused;
	pawl_schema schema;
	OK(collect(declare_many, &schema));
	assert_int_equal(schema.count, MANY_TABLES);
	for (int i = 0; i < MANY_TABLES; i++) {
		char name[16];
		snprintf(name, sizeof(name), "table %d", i);
		assert_string_equal(schema.tables[i].name, name);
		assert_ptr_equal(pawl_schema_find(&schema, name), &schema.tables[i]);
		assert_string_equal(schema.tables[i].primary_key[0], "id");
	}
	assert_null(pawl_schema_find(&schema, "table"));
	pawl_schema_clear(&schema);

	OK(collect(NULL, &schema));
	assert_int_equal(schema.count, 0);
	pawl_schema_clear(&schema);
}

static void test_collect_fails(void **unused)
{
	(void) unused;
	pawl_schema schema;
	FAILS(collect(declare_twice, &schema), PAWL_INVALID, "table 'a' is declared twice");
	assert_int_equal(schema.count, 2);
	pawl_schema_clear(&schema);
	FAILS(collect(give_up, &schema), PAWL_CONNECTOR, "the source 'x' is 3 days old");
	assert_int_equal(schema.count, 0);
	pawl_schema_clear(&schema);
	FAILS(collect(return_an_error_of_its_own, &schema), PAWL_CONNECTOR,
	      "schema of connector 'tester' failed without an error (status 'input or output')");
	pawl_schema_clear(&schema);
}

/* ---- out of memory ---------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
static pawl_status declare_some(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	for (int i = 0; i < 40; i++) {
		char name[4096]; /* so that the arena needs several blocks */
		memset(name, 'a' + i % 26, sizeof(name));
		name[sizeof(name) - 1 - (size_t) i] = '\0';
		PAWL_TRY(pawl_table(schema, name, PAWL_KEYS("id"), PAWL_COLUMNS({"b", PAWL_INT})));
	}
	return PAWL_OK;
}

static pawl_status collect_some(void *context, pawl_error *attempt_error)
{
	(void) context;
	const pawl_connector connector = {.name = "tester", .schema = declare_some};
	pawl_schema schema;
	pawl_status status = pawl_schema_collect(&connector, NULL, attempt_error, &schema);
	pawl_schema_clear(&schema);
	return status;
}

static void test_out_of_memory(void **unused)
{
	(void) unused;
	assert_in_range(refuse_every_allocation(collect_some, NULL), 5, 20);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_copied),
		cmocka_unit_test(test_little_is_needed),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_collect),
		cmocka_unit_test(test_collect_fails),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
