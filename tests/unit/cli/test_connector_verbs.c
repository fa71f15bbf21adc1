#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <pawl/pawl.h>

#include "base/memory.h"
#include "cli/connector_verbs.h"
#include "support.h"

/* ---- connectors ------------------------------------------------------------------------------------------------------ */

static pawl_status declare(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	pawl_table(schema, "Customers", PAWL_KEYS("customerId"),
	           PAWL_COLUMNS({"customerId", PAWL_INT}, {"name", PAWL_STRING}, {"price", PAWL_DECIMAL(15, 2)}));
	return pawl_table(schema, "events", PAWL_KEYS("id"), PAWL_COLUMNS({"note", PAWL_JSON}));
}

static pawl_status declare_nothing(pawl_schema *schema, const pawl_configuration *configuration)
{
	(void) configuration;
	return pawl_schema_fail(schema, "the source is gone");
}

static pawl_status emit(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	(void) configuration;
	(void) state;
	pawl_log_info(sync, "fetching");
	pawl_upsert(sync, "Customers", {"customerId", pawl_of(1)}, {"name", pawl_of("Ada")});
	pawl_upsert(sync, "Customers", {"customerId", pawl_of(2)}, {"name", pawl_of("Joe")});
	return pawl_checkpoint(sync, {"cursor", pawl_of(2)});
}

static pawl_status emit_and_fail(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	emit(sync, configuration, state);
	pawl_upsert(sync, "Customers", {"customerId", pawl_of(3)});
	return pawl_fail(sync, "the source went away");
}

/* As if somebody pressed Ctrl-C while it runs. */
static pawl_status emit_and_interrupt(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	emit(sync, configuration, state);
	raise(SIGINT);
	return pawl_upsert(sync, "Customers", {"customerId", pawl_of(3)});
}

static const pawl_connector good = {.name = "good", .schema = declare, .update = emit};
static const pawl_connector bare = {.name = "bare", .update = emit};
static const pawl_connector failing = {.name = "failing", .schema = declare, .update = emit_and_fail};
static const pawl_connector undeclared = {.name = "undeclared", .schema = declare_nothing, .update = emit};
static const pawl_connector interrupted = {.name = "interrupted", .schema = declare, .update = emit_and_interrupt};

/* ---- running one in a folder of its own ------------------------------------------------------------------------------ */

static const pawl_command *const commands[] = {&pawl_connector_debug, &pawl_connector_schema, NULL};
static int run(const pawl_connector *connector, capture *output, capture *errors, const char *verb, const char *option)
{
	const pawl_program program = {
		.name = "connector", .summary = "", .version = "", .commands = commands, .context = connector,
		.out = output->out, .err = errors->out};
	char *argv[] = {strdup("connector"), strdup(verb), option != NULL ? strdup(option) : NULL};
	int status = pawl_command_main(&program, option != NULL ? 3 : 2, argv);
	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
	return status;
}

static void assert_schema(const pawl_connector *connector, const char *option, const char *expected)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(connector, &output, &errors, "schema", option), 0);
	assert_string_equal(capture_text(&errors), "");
	assert_string_equal(capture_text(&output), expected);
}

/* ---- schema ---------------------------------------------------------------------------------------------------------- */

static void schema_is_printed_with_both_names(void **state)
{
	(void) state;
	assert_schema(&good, NULL,
	              "Customers (destination: customers)\n"
	              "Column     | Type          | Primary key | Destination\n"
	              "---------- + ------------- + ----------- + -----------\n"
	              "customerId | INT           | yes         | customer_id\n"
	              "name       | STRING        |             | name\n"
	              "price      | DECIMAL(15,2) |             | price\n"
	              "\n"
	              "events\n"
	              "Column | Type     | Primary key\n"
	              "------ + -------- + -----------\n"
	              "note   | JSON     |\n"
	              "id     | inferred | yes\n");
	assert_schema(&bare, NULL, "no table is declared: tables and columns are inferred from the rows\n");
}

static void schema_is_json(void **state)
{
	(void) state;
	assert_schema(&good, "--json",
	              "{\"connector\":\"good\",\"has_schema\":true,\"tables\":["
	              "{\"name\":\"Customers\",\"destination_name\":\"customers\",\"primary_key\":[\"customerId\"],\"columns\":["
	              "{\"name\":\"customerId\",\"destination_name\":\"customer_id\",\"type\":\"INT\",\"is_primary_key\":true},"
	              "{\"name\":\"name\",\"destination_name\":\"name\",\"type\":\"STRING\",\"is_primary_key\":false},"
	              "{\"name\":\"price\",\"destination_name\":\"price\",\"type\":\"DECIMAL(15,2)\",\"is_primary_key\":false}]},"
	              "{\"name\":\"events\",\"destination_name\":\"events\",\"primary_key\":[\"id\"],\"columns\":["
	              "{\"name\":\"note\",\"destination_name\":\"note\",\"type\":\"JSON\",\"is_primary_key\":false},"
	              "{\"name\":\"id\",\"destination_name\":\"id\",\"type\":\"UNSPECIFIED\",\"is_primary_key\":true}]}]}\n");
	assert_schema(&bare, "--json", "{\"connector\":\"bare\",\"has_schema\":false,\"tables\":[]}\n");
}

static void a_schema_that_fails_is_an_error(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(&undeclared, &output, &errors, "schema", "--json"), 1);
	assert_string_equal(capture_text(&output), "");
	assert_non_null(strstr(capture_text(&errors), "error: "));
	assert_non_null(strstr(capture_text(&errors), "the source is gone\n"));
}

/* ---- debug ----------------------------------------------------------------------------------------------------------- */

static void debug_prints_the_report(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(&good, &output, &errors, "debug", NULL), 0);
	assert_string_equal(capture_text(&errors), "");
	const char *text = capture_text(&output);
	assert_non_null(strstr(text, " INFO     fetching\n"));
	assert_non_null(strstr(text, "\nUpserts       |            2\nUpdates       |            0\n"));
	assert_non_null(strstr(text, "\nCheckpoints   |            1\n"));
	assert_non_null(strstr(text, "\nSync SUCCEEDED in "));
	assert_non_null(strstr(text, ": 2 rows, "));
}

static void debug_as_json_keeps_standard_output_clean(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(&good, &output, &errors, "debug", "--json"), 0);
	assert_non_null(strstr(capture_text(&errors), " INFO     fetching\n"));
	assert_null(strstr(capture_text(&errors), "SYNC PROGRESS"));
	json_t *root = json_loads(capture_text(&output), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "status")), "succeeded");
	assert_int_equal(json_integer_value(json_object_get(root, "rows_committed")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "state"), "cursor")), 2);
	json_decref(root);
}

static void a_failed_sync_is_1_and_its_error_stands_alone(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run(&failing, &output, &errors, "debug", NULL), 1);
	assert_string_equal(capture_text(&errors), "error: the source went away\n");
	assert_non_null(strstr(capture_text(&output), "\nSync FAILED in "));
	assert_non_null(strstr(capture_text(&output), ": 2 rows committed, 1 row discarded, "));
	assert_null(strstr(capture_text(&output), "the source went away"));
}

static void a_signal_stops_the_run_and_is_given_back(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	struct sigaction after;
	assert_int_equal(run(&interrupted, &output, &errors, "debug", "--json"), 3);
	json_t *root = json_loads(capture_text(&output), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	json_t *error = json_object_get(root, "error");
	assert_string_equal(json_string_value(json_object_get(error, "status")), "interrupted");
	assert_int_equal(json_integer_value(json_object_get(root, "rows_committed")), 2);
	json_decref(root);
	assert_int_equal(sigaction(SIGINT, NULL, &after), 0);
	assert_true(after.sa_handler == SIG_DFL);
}

#define FOLDER_TEST(function) cmocka_unit_test_setup_teardown(function, enter_folder, leave_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(schema_is_printed_with_both_names),
		FOLDER_TEST(schema_is_json),
		FOLDER_TEST(a_schema_that_fails_is_an_error),
		FOLDER_TEST(debug_prints_the_report),
		FOLDER_TEST(debug_as_json_keeps_standard_output_clean),
		FOLDER_TEST(a_failed_sync_is_1_and_its_error_stands_alone),
		FOLDER_TEST(a_signal_stops_the_run_and_is_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
