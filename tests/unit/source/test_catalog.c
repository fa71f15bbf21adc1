#include <string.h>

#include "base/memory.h"
#include "source/source.h"
#include "support.h"

static pawl_error error;

static char *copy(const char *text)
{
	char *copied = pawl_duplicate(text);
	assert_non_null(copied);
	return copied;
}

/* Elements stay what they were while others are added, past each step of growth. */
static void test_catalog_grows(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog catalog = {0};
	enum { TABLES = 9, COLUMNS = 17 };
	char name[32];

	for (int t = 0; t < TABLES; t++) {
		pawl_source_table *table = pawl_source_catalog_add(&catalog);
		assert_non_null(table);
		assert_int_equal(table->estimated_rows, -1);
		assert_int_equal(table->column_count, 0);
		assert_null(table->name);
		snprintf(name, sizeof(name), "t%d", t);
		table->name = copy(name);
		for (int c = 0; c < COLUMNS; c++) {
			pawl_source_column *column = pawl_source_table_add(table);
			assert_non_null(column);
			assert_null(column->name);
			assert_int_equal(column->key_rank, 0);
			snprintf(name, sizeof(name), "t%dc%d", t, c);
			column->name = copy(name);
		}
	}
	assert_int_equal(catalog.table_count, TABLES);
	for (int t = 0; t < TABLES; t++)
		for (int c = 0; c < COLUMNS; c++) {
			snprintf(name, sizeof(name), "t%dc%d", t, c);
			assert_string_equal(catalog.tables[t].columns[c].name, name);
			assert_int_equal(pawl_source_table_find(&catalog.tables[t], name), c);
		}
}

static void test_columns_are_found(void **state)
{
	(void) state;
	PAWL_CLEANUP(pawl_source_catalog_clear) pawl_source_catalog catalog = {0};
	pawl_source_table *table = pawl_source_catalog_add(&catalog);

	pawl_source_table_add(table)->name = copy("Updated_At");
	pawl_source_table_add(table)->name = copy("Ünï");
	pawl_source_table_add(table)->name = copy("updated_at");
	assert_int_equal(pawl_source_table_find(table, "UPDATED_AT"), 0);
	assert_int_equal(pawl_source_table_find(table, "ünï"), -1); /* the case of ASCII letters alone does not count */
	assert_int_equal(pawl_source_table_find(table, "Ünï"), 1);
	assert_int_equal(pawl_source_table_find(table, ""), -1);
}

static void test_clear_takes_what_is_half_made(void **state)
{
	(void) state;
	pawl_source_catalog catalog = {0};

	pawl_source_catalog_clear(&catalog);
	pawl_source_table_add(pawl_source_catalog_add(&catalog));
	pawl_source_catalog_clear(&catalog);
	assert_int_equal(catalog.table_count, 0);
	assert_null(catalog.tables);
}

static pawl_key_value value_of(const char *text, const char *type)
{
	return (pawl_key_value) {(char *) (uintptr_t) text, (char *) (uintptr_t) type};
}

static void test_values(void **state)
{
	(void) state;
	const pawl_key_value one = value_of("1", "integer"), none = {0};
	pawl_key_value copied = {0};

	OK(pawl_key_value_copy(&one, &copied, &error));
	assert_true(pawl_key_value_equal(&one, &copied));
	assert_ptr_not_equal(one.text, copied.text);
	pawl_key_value_clear(&copied);
	assert_null(copied.text);
	OK(pawl_key_value_copy(&none, &copied, &error));
	assert_null(copied.text);
	assert_true(pawl_key_value_equal(&none, &copied));
	assert_false(pawl_key_value_equal(&none, &one));
	assert_false(pawl_key_value_equal(&one, &none));
	assert_false(pawl_key_value_equal(&one, &(pawl_key_value) {one.text, (char *) (uintptr_t) "text"}));
	const pawl_key_value longer = value_of("1.0", "integer");
	assert_false(pawl_key_value_equal(&one, &longer)); /* written another way */
}

static void test_names_of_formats(void **state)
{
	(void) state;
	assert_string_equal(pawl_key_format_names[PAWL_FORMAT_NONE], "none");
	assert_string_equal(pawl_key_format_names[PAWL_FORMAT_UNIX_S], "unix_s");
	assert_string_equal(pawl_key_format_names[PAWL_FORMAT_UNIX_MS], "unix_ms");
	assert_string_equal(pawl_key_format_names[PAWL_FORMAT_ISO8601], "iso8601");
	assert_string_equal(pawl_key_format_names[PAWL_FORMAT_JULIAN_DAY], "julian_day");
	assert_null(pawl_key_format_names[PAWL_FORMAT_JULIAN_DAY + 1]);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status copy_value(void *context, pawl_error *copy_error)
{
	PAWL_CLEANUP(pawl_key_value_clear) pawl_key_value copied = {0};
	return pawl_key_value_copy(context, &copied, copy_error);
}

static void test_out_of_memory(void **state)
{
	(void) state;
	pawl_key_value one = value_of("1", "integer");
	assert_int_equal(refuse_every_allocation(copy_value, &one), 2);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalog_grows),
		cmocka_unit_test(test_columns_are_found),
		cmocka_unit_test(test_clear_takes_what_is_half_made),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_names_of_formats),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
