#include "protocol/fivetran/connector/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static pawl_status declare(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "customers", PAWL_KEYS("customer_id"),
	                  PAWL_COLUMNS({"customer_id", PAWL_INT}, {"first_name", PAWL_STRING}, {"last_name", PAWL_STRING},
	                               {"email", PAWL_STRING}, {"updated_at", PAWL_UTC_DATETIME}));
}

static pawl_status declare_decimal(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_table(schema, "t", NULL, PAWL_COLUMNS({"d", PAWL_DECIMAL(15, 2)}));
}

static pawl_status refuse(pawl_schema *schema, const pawl_configuration *configuration)
{
	return pawl_schema_fail(schema, "no: %s", pawl_configuration_string(configuration, "password", ""));
}

static void assert_schema(const pawl_connector *connector, const char *hex)
{
	pawl_buffer response = {0}, text = {0};
	pawl_error error = {0};
	if (pawl_fivetran_schema(connector, "{}", &response, &error) != PAWL_OK)
		fail_msg("%s", error.message);
	for (size_t i = 0; i < response.length; i++)
		pawl_buffer_appendf(&text, "%02x", (unsigned char) response.text[i]);
	assert_string_equal(pawl_buffer_text(&text), hex);
	pawl_buffer_free(&response);
	pawl_buffer_free(&text);
}

static void test_golden_bytes(void **state)
{
	(void) state;
	const pawl_connector connector = {.name = "c", .schema = declare}, bare = {.name = "c"};
	assert_schema(&connector, "1a5a0a580a09637573746f6d65727312110a0b637573746f6d65725f696410031801120e0a0a66697273745f6e616d6510"
	                          "0d120d0a096c6173745f6e616d65100d12090a05656d61696c100d120e0a0a757064617465645f6174100a");
	assert_schema(&bare, "0801");
}

static void test_a_decimal_has_precision_and_scale(void **state)
{
	(void) state;
	const pawl_connector connector = {.name = "c", .schema = declare_decimal};
	assert_schema(&connector, "1a140a120a0174120d0a0164100522060a04080f1002");
}

static void test_an_error_has_no_secrets(void **state)
{
	(void) state;
	const pawl_connector connector = {.name = "c", .schema = refuse};
	pawl_buffer response = {0};
	pawl_error error = {0};
	assert_int_equal(pawl_fivetran_schema(&connector, "{\"password\": \"hunter2\"}", &response, &error), PAWL_CONNECTOR);
	assert_string_equal(error.message, "no: *******");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_bytes),
		cmocka_unit_test(test_a_decimal_has_precision_and_scale),
		cmocka_unit_test(test_an_error_has_no_secrets),
	};
	return cmocka_run_group_tests_name("protocol/schema", tests, NULL, NULL);
}
