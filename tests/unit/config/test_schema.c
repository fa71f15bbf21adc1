/*
 * The schema is made of the tables that the parser works with, and schema_cases.json holds documents with what both must say of
 * them: the parser here, the schema in tests/style/test_schema.py.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "config/file.h"
#include "config/job_fields.h"
#include "config/schema.h"
#include "support.h"

static pawl_error error;

static json_t *write_schema(void)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	json_t *schema = NULL;

	OK(pawl_config_write_schema(output.out, &error));
	const char *text = capture_text(&output);
	OK(pawl_json_parse_object("schema", text, strlen(text), &schema, &error));
	return schema;
}

static const json_t *find(const json_t *schema, const char *const *path)
{
	for (; *path != NULL && schema != NULL; path++)
		schema = json_object_get(schema, *path);
	return schema;
}

#define FIND(schema, ...) find((schema), (const char *const[]){__VA_ARGS__, NULL})

static void every_field_is_in_it(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_json_free) json_t *schema = write_schema();
	size_t in_groups = 0, fields = 0;
	char group[20];

	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++) {
		const json_t *property = FIND(schema, "properties", field->name);
		assert_string_equal(json_string_value(json_object_get(property, "description")), field->help);
	}
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++, fields++) {
		const char *dot = strchr(field->name, '.');
		snprintf(group, sizeof(group), "%.*s", dot == NULL ? 0 : (int) (dot - field->name), field->name);
		const json_t *property = dot == NULL
			? FIND(schema, "$defs", "settings", "properties", field->name)
			: FIND(schema, "$defs", "settings", "properties", group, "properties", dot + 1);
		assert_string_equal(json_string_value(json_object_get(property, "description")), field->help);
		in_groups += dot != NULL;
	}
	/* And nothing else. */
	assert_int_equal(json_object_size(FIND(schema, "properties")), 11);
	assert_int_equal(json_object_size(FIND(schema, "$defs", "settings", "properties")), fields - in_groups + 2);
	assert_int_equal(json_object_size(FIND(schema, "$defs", "settings", "properties", "columns", "properties")) +
	                 json_object_size(FIND(schema, "$defs", "settings", "properties", "max_hold", "properties")), in_groups);
}

static void choices_and_defaults_are_in_it(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_json_free) json_t *schema = write_schema();
	const json_t *mode = FIND(schema, "$defs", "settings", "properties", "mode");
	const json_t *words = json_object_get(json_array_get(json_object_get(mode, "anyOf"), 0), "enum");

	assert_int_equal(json_array_size(words), 4);
	assert_string_equal(json_string_value(json_array_get(words, 3)), "replace");
	assert_string_equal(json_string_value(json_object_get(mode, "default")), "auto");
	assert_int_equal(json_integer_value(FIND(schema, "$defs", "settings", "properties", "window_rows", "default")), 500000);
	assert_string_equal(json_string_value(FIND(schema, "properties", "memory_limit", "default")), "256MiB");
	assert_int_equal(json_array_size(FIND(schema, "required")), 2);
}

/* What the table says of defaults, for the schema, is what a job begins with. */
static void defaults_are_those_of_a_job(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_job_clear) pawl_job fresh = {0};
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	OK(pawl_job_init(&fresh, &error));
	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++)
		if (field->initial != NULL)
			OK(pawl_job_field_set(field, &job, field->initial, &error));
	assert_int_equal(job.memory_limit_bytes, fresh.memory_limit_bytes);
	assert_int_equal(job.tables_at_once, fresh.tables_at_once);
	assert_int_equal(job.max_snapshot_us, fresh.max_snapshot_us);
	assert_int_equal(job.busy_us, fresh.busy_us);
	assert_int_equal(job.retries, fresh.retries);
	assert_int_equal(job.threads, fresh.threads);
	assert_null(fresh.temp_directory);
}

static void the_parser_says_the_same(void **unused)
{
	(void) unused;
	json_error_t reason;
	json_t *cases = json_load_file(SCHEMA_CASES, 0, &reason), *row;
	size_t index;

	if (cases == NULL)
		fail_msg("%s:%d: %s", SCHEMA_CASES, reason.line, reason.text);
	assert_true(json_array_size(cases) > 40);
	json_array_foreach(cases, index, row) {
		pawl_job job = {0};
		char *text = json_dumps(json_object_get(row, "document"), 0);
		bool is_accepted = pawl_config_parse("shop.yaml", text, strlen(text), &job, &error) == PAWL_OK;
		if (is_accepted != json_is_true(json_object_get(row, "accepted")))
			fail_msg("%s: %s", text, is_accepted ? "accepted" : error.message);
		pawl_job_clear(&job);
		pawl_free(text); /* Jansson's allocator is Pawl's */
	}
	json_decref(cases);
}

#ifdef PAWL_TEST_HOOKS
static pawl_status write_once(void *context, pawl_error *ret_error)
{
	FILE *out = context;

	rewind(out);
	return pawl_config_write_schema(out, ret_error);
}

static void every_allocation_may_be_refused(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(capture_close) capture output = capture_open();

	assert_true(refuse_every_allocation(write_once, output.out) > 100);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_in_it),
		cmocka_unit_test(choices_and_defaults_are_in_it),
		cmocka_unit_test(defaults_are_those_of_a_job),
		cmocka_unit_test(the_parser_says_the_same),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_allocation_may_be_refused),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
