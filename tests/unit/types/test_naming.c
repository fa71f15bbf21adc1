#include "types/naming.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static void assert_named(pawl_naming naming, pawl_name_role role, const char *name, const char *expected)
{
	PAWL_CLEANUP(pawl_free_pointer) char *result = NULL;
	pawl_error error;
	if (pawl_naming_apply(naming, role, name, &result, &error) != PAWL_OK)
		fail_msg("%s", error.message);
	assert_string_equal(result, expected);
}

static void assert_column(const char *name, const char *expected)
{
	assert_named(PAWL_NAMING_FIVETRAN, PAWL_NAME_COLUMN, name, expected);
}

static void assert_table(const char *name, const char *expected)
{
	assert_named(PAWL_NAMING_FIVETRAN, PAWL_NAME_TABLE, name, expected);
}

static void assert_refused(pawl_naming naming, pawl_name_role role, const char *name, const char *message)
{
	char *result = NULL;
	pawl_error error;
	assert_int_equal(pawl_naming_apply(naming, role, name, &result, &error), PAWL_INVALID);
	assert_string_equal(error.message, message);
	assert_null(result);
}

static void test_ascii(void **state)
{
	(void) state;
	assert_column("id", "id");
	assert_column("userData", "user_data");
	assert_column("user.data", "user_data");
	assert_column("HTTPServer", "http_server");
	assert_column("userID", "user_id");
	assert_column("ID", "id");
	assert_column("A", "a");
	assert_column("aB", "a_b");
	assert_column("ABc", "a_bc");
	assert_column("address2", "address2");
	assert_column("address2Line", "address2_line");
	assert_column("Order Total", "order_total");
	assert_column("ORDER_TOTAL", "order_total");
	assert_column("Order_Total", "order_total");
	assert_column("a - b", "a_b");
	assert_column("a___b", "a_b");
	assert_column("price($)", "price_");
	assert_column("2fast", "_2fast");
	assert_column("2Fast", "_2_fast");
	assert_column("_2fast", "_2fast");
	assert_column("order", "order");
	assert_column("x\"y'z", "x_y_z");
}

static void test_leading_underscores(void **state)
{
	(void) state;
	assert_column("__users", "_users");
	assert_table("__users", "users");
	assert_table("_users", "users");
	assert_table(".users", "users");
	assert_table("__2users", "_2users");
	assert_table("2users", "_2users");
	assert_table("users", "users");
	assert_table("_Users", "users");
}

static void test_transliteration(void **state)
{
	(void) state;
	assert_column("Ünïcode Straße", "unicode_strasse");
	assert_column("名前", "ming_qian");
	assert_column("Заказ", "zakaz");
	assert_column("prénomÉté", "prenom_ete");
	assert_column("Ωmega", "omega");
	assert_column("caf\x65\xcc\x81", "cafe"); /* e and a combining accent */
	assert_column("a😀b", "a_b");
	assert_table("_été", "ete");
	assert_column("٣items", "_3items");
}

/* Transliteration makes this name twice as long, which is more than its room at first. */
static void test_long_names(void **state)
{
	char name[4096] = {0};
	char expected[8192] = {0};
	(void) state;
	for (int i = 0; i < 1365; i++) {
		strcat(name, "名");
		strcat(expected, i == 0 ? "ming" : "_ming");
	}
	assert_column(name, expected);
}

static void test_length_limit(void **state)
{
	char name[4098] = {0};
	char *result = NULL;
	pawl_error error;
	(void) state;
	memset(name, 'a', 4096);
	assert_column(name, name);
	name[4096] = 'a';
	assert_int_equal(pawl_naming_apply(PAWL_NAMING_SOURCE, PAWL_NAME_COLUMN, name, &result, &error), PAWL_INVALID);
	assert_non_null(strstr(error.message, "' is longer than 4096 bytes"));
}

static void test_source_naming(void **state)
{
	(void) state;
	assert_named(PAWL_NAMING_SOURCE, PAWL_NAME_TABLE, "__User Data", "__User Data");
	assert_named(PAWL_NAMING_SOURCE, PAWL_NAME_COLUMN, "名前", "名前");
	assert_named(PAWL_NAMING_SOURCE, PAWL_NAME_COLUMN, "_", "_");
	assert_named(PAWL_NAMING_SOURCE, PAWL_NAME_COLUMN, "\"quoted\"", "\"quoted\"");
}

static void test_refused(void **state)
{
	pawl_error error;
	char *result = NULL;
	(void) state;
	for (pawl_naming naming = PAWL_NAMING_FIVETRAN; naming <= PAWL_NAMING_SOURCE; naming++) {
		assert_refused(naming, PAWL_NAME_TABLE, "", "table name '' is blank");
		assert_refused(naming, PAWL_NAME_COLUMN, "  ", "column name '  ' is blank");
		assert_refused(naming, PAWL_NAME_COLUMN, "\xe3\x80\x80", "column name '\xe3\x80\x80' is blank"); /* U+3000 */
		assert_refused(naming, PAWL_NAME_COLUMN, "a\x99", "column name 'a\\x99' is not valid UTF-8");
		assert_refused(naming, PAWL_NAME_TABLE, "a\x10" "b", "table name 'a\\x10b' holds a control character");
		assert_refused(naming, PAWL_NAME_TABLE, "\x01", "table name '\\x01' holds a control character");
	}
	assert_refused(PAWL_NAMING_FIVETRAN, PAWL_NAME_COLUMN, "__",
	               "column name '__' has no letter or digit that Fivetran naming keeps");
	assert_refused(PAWL_NAMING_FIVETRAN, PAWL_NAME_TABLE, "😀",
	               "table name '😀' has no letter or digit that Fivetran naming keeps");
	assert_int_equal(pawl_naming_apply(PAWL_NAMING_FIVETRAN, PAWL_NAME_TABLE, "$", &result, &error), PAWL_INVALID);
	assert_string_equal(error.hint, "rename it at the source, or use SOURCE naming, which keeps names as they are");
}

#ifdef PAWL_TEST_HOOKS
static void check_out_of_memory(pawl_naming naming, const char *name, const char *expected)
{
	pawl_status status = PAWL_OUT_OF_MEMORY;
	long n = 0;
	while (status == PAWL_OUT_OF_MEMORY) {
		PAWL_CLEANUP(pawl_free_pointer) char *result = NULL;
		pawl_error error;
		pawl_memory_fail_at(++n);
		status = pawl_naming_apply(naming, PAWL_NAME_COLUMN, name, &result, &error);
		pawl_memory_fail_at(0);
		if (status == PAWL_OK)
			assert_string_equal(result, expected);
		else
			assert_null(result);
	}
	assert_int_equal(status, PAWL_OK);
	assert_true(n > 1);
}

static void test_out_of_memory(void **state)
{
	(void) state;
	check_out_of_memory(PAWL_NAMING_SOURCE, "userData", "userData");
	check_out_of_memory(PAWL_NAMING_FIVETRAN, "userData", "user_data");
	check_out_of_memory(PAWL_NAMING_FIVETRAN, "名前", "ming_qian");
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_leading_underscores),
		cmocka_unit_test(test_transliteration),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_length_limit),
		cmocka_unit_test(test_source_naming),
		cmocka_unit_test(test_refused),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(test_out_of_memory),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
