#include "destination/table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/memory.h"

static pawl_error error;

static void test_columns(void **state)
{
	(void) state;
	pawl_destination_table table = {.name = pawl_duplicate("orders")};
	pawl_destination_table copy;

	assert_int_equal(pawl_destination_table_add(&table, "id", PAWL_LONG, true, &error), PAWL_OK);
	assert_int_equal(pawl_destination_table_add(&table, "Price", PAWL_DECIMAL(5, 2), false, &error), PAWL_OK);
	assert_int_equal(pawl_destination_table_find(&table, "ID"), 0);
	assert_int_equal(pawl_destination_table_find(&table, "price"), 1);
	assert_int_equal(pawl_destination_table_find(&table, "prices"), -1);

	assert_int_equal(pawl_destination_table_copy(&table, &copy, &error), PAWL_OK);
	pawl_destination_table_clear(&table);
	assert_null(table.name);
	assert_int_equal(table.column_count, 0);
	pawl_destination_table_clear(&table);
	assert_string_equal(copy.name, "orders");
	assert_int_equal(copy.column_count, 2);
	assert_string_equal(copy.columns[1].name, "Price");
	assert_int_equal(copy.columns[1].type, PAWL_DECIMAL(5, 2));
	assert_true(copy.columns[0].is_key);
	assert_false(copy.columns[1].is_key);
	pawl_destination_table_clear(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
