#include "config/schema.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/job_fields.h"

/* A value that holds a variable is checked when the variable is known. */
#define OR_VARIABLE "|\\$\\{"

#define COUNT_PATTERN    "^\\+?[0-9]+$" OR_VARIABLE
#define SIZE_PATTERN     "^[0-9]+ *([kKmMgGtT]([iI]?[bB])?|[bB])?$" OR_VARIABLE
#define DURATION_PATTERN "^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?)$" OR_VARIABLE

/* The schema while it is made. Failure is kept: values of Jansson's that could not be made or put are noticed at the end. */
typedef struct schema_writer {
	bool has_failed;
} schema_writer;

static void put(schema_writer *writer, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) != 0)
		writer->has_failed = true;
}

static void append(schema_writer *writer, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		writer->has_failed = true;
}

/* ---- kinds of values -------------------------------------------------------------------------------------------------- */

static json_t *make_typed(schema_writer *writer, const char *type)
{
	json_t *schema = json_object();

	put(writer, schema, "type", json_string(type));
	return schema;
}

/* The list ends in NULL. */
static json_t *make_any_of(schema_writer *writer, const char *const *types)
{
	json_t *schema = json_object(), *array = json_array();

	for (size_t i = 0; types[i] != NULL; i++)
		append(writer, array, json_string(types[i]));
	put(writer, schema, "type", array);
	return schema;
}

static json_t *make_name(schema_writer *writer)
{
	json_t *schema = make_typed(writer, "string");

	put(writer, schema, "minLength", json_integer(1));
	return schema;
}

static json_t *make_list(schema_writer *writer)
{
	json_t *schema = make_typed(writer, "array");

	put(writer, schema, "items", make_name(writer));
	put(writer, schema, "uniqueItems", json_true());
	return schema;
}

static json_t *make_reference(schema_writer *writer, const char *path)
{
	json_t *schema = json_object();

	put(writer, schema, "$ref", json_string(path));
	return schema;
}

static json_t *make_either(schema_writer *writer, json_t *one, json_t *other)
{
	json_t *schema = json_object(), *array = json_array();

	append(writer, array, one);
	append(writer, array, other);
	put(writer, schema, "anyOf", array);
	return schema;
}

static json_t *make_choice(schema_writer *writer, const char *const *choices)
{
	json_t *words = json_array(), *schema = json_object();

	for (size_t i = 0; choices[i] != NULL; i++)
		append(writer, words, json_string(choices[i]));
	put(writer, schema, "enum", words);
	return make_either(writer, schema, make_reference(writer, "#/$defs/variable"));
}

/* Numbers are numbers in YAML, and text in quotes. */
static json_t *make_number(schema_writer *writer, const char *pattern, int64_t minimum, int64_t maximum)
{
	json_t *schema = make_any_of(writer, (const char *const[]){"integer", "string", NULL});

	put(writer, schema, "minimum", json_integer(minimum));
	if (maximum != INT64_MAX)
		put(writer, schema, "maximum", json_integer(maximum));
	put(writer, schema, "pattern", json_string(pattern));
	return schema;
}

/* A number is a duration only when it is 0. */
static json_t *make_duration(schema_writer *writer, int64_t minimum)
{
	json_t *schema = minimum == 0 ? make_number(writer, DURATION_PATTERN, 0, 0) : make_name(writer);

	if (minimum == 0)
		put(writer, schema, "minLength", json_integer(1));
	else
		put(writer, schema, "pattern", json_string(DURATION_PATTERN));
	return schema;
}

/* What YAML takes for a number or a boolean is text here. */
static json_t *make_text(schema_writer *writer)
{
	return make_any_of(writer, (const char *const[]){"string", "number", "boolean", NULL});
}

static json_t *make_pairs(schema_writer *writer, const char *const *choices)
{
	json_t *schema = make_typed(writer, "object");

	put(writer, schema, "additionalProperties", choices == NULL ? make_name(writer) : make_choice(writer, choices));
	return schema;
}

/* ---- settings of tables ----------------------------------------------------------------------------------------------- */

static json_t *make_kind(schema_writer *writer, const pawl_table_field *field)
{
	switch (field->kind) {
	case PAWL_FIELD_TEXT:
		return make_text(writer);
	case PAWL_FIELD_CHOICE:
		return make_choice(writer, field->choices);
	case PAWL_FIELD_COUNT:
		return make_number(writer, COUNT_PATTERN, 1, INT64_MAX);
	case PAWL_FIELD_DURATION:
		return make_duration(writer, 0);
	case PAWL_FIELD_NAMES:
		return make_either(writer, make_name(writer), make_list(writer));
	case PAWL_FIELD_PAIRS:
		return make_pairs(writer, field->choices);
	}
	return NULL;
}

static void describe(schema_writer *writer, json_t *schema, const char *help, const char *initial)
{
	int64_t number;

	put(writer, schema, "description", json_string(help));
	if (initial == NULL)
		return;
	put(writer, schema, "default", pawl_text_parse_integer(initial, &number) ? json_integer(number) : json_string(initial));
}

static json_t *make_settings_object(schema_writer *writer)
{
	json_t *schema = make_typed(writer, "object");

	put(writer, schema, "additionalProperties", json_false());
	put(writer, schema, "properties", json_object());
	return schema;
}

/* The properties that the field stands among, with *ret_name as its name: those of `settings`, or of a mapping in it. */
static json_t *find_properties(schema_writer *writer, json_t *settings, const char *name, const char **ret_name)
{
	const char *dot = strchr(name, '.');
	json_t *properties = json_object_get(settings, "properties");
	char group[32];

	*ret_name = name;
	if (dot == NULL)
		return properties;
	snprintf(group, sizeof(group), "%.*s", (int) (dot - name), name);
	if (json_object_get(properties, group) == NULL)
		put(writer, properties, group, make_settings_object(writer));
	*ret_name = dot + 1;
	return json_object_get(json_object_get(properties, group), "properties");
}

static json_t *make_settings(schema_writer *writer)
{
	json_t *settings = make_settings_object(writer);

	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++) {
		json_t *schema = make_kind(writer, field);
		const char *name;
		describe(writer, schema, field->help, field->initial);
		json_t *properties = find_properties(writer, settings, field->name, &name);
		put(writer, properties, name, schema);
	}
	return settings;
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static json_t *make_settings_or_nothing(schema_writer *writer)
{
	return make_either(writer, make_reference(writer, "#/$defs/settings"),
	                   make_typed(writer, "null"));
}

static json_t *make_tables(schema_writer *writer)
{
	json_t *mapping = make_typed(writer, "object"), *list = make_list(writer);

	put(writer, mapping, "minProperties", json_integer(1));
	put(writer, mapping, "propertyNames", make_name(writer));
	put(writer, mapping, "additionalProperties", make_settings_or_nothing(writer));
	put(writer, list, "minItems", json_integer(1));
	return make_either(writer, mapping, list);
}

static json_t *make_job_kind(schema_writer *writer, const pawl_job_field *field)
{
	switch (field->kind) {
	case PAWL_JOB_TEXT:
		return make_name(writer);
	case PAWL_JOB_COUNT:
		return make_number(writer, COUNT_PATTERN, field->minimum, field->maximum);
	case PAWL_JOB_SIZE:
		return make_number(writer, SIZE_PATTERN, field->minimum, field->maximum);
	case PAWL_JOB_DURATION:
		return make_duration(writer, field->minimum);
	case PAWL_JOB_SETTINGS:
		return make_settings_or_nothing(writer);
	case PAWL_JOB_TABLES:
		return make_tables(writer);
	}
	return NULL;
}

static void put_job_fields(schema_writer *writer, json_t *root)
{
	json_t *properties = json_object(), *required = json_array();

	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++) {
		json_t *schema = make_job_kind(writer, field);
		describe(writer, schema, field->help, field->initial);
		put(writer, properties, field->name, schema);
		if (field->is_required)
			append(writer, required, json_string(field->name));
	}
	put(writer, root, "required", required);
	put(writer, root, "properties", properties);
}

static void put_definitions(schema_writer *writer, json_t *root)
{
	json_t *definitions = json_object(), *variable = make_typed(writer, "string");

	put(writer, variable, "description", json_string("${NAME} or ${NAME:-default}: a variable of the environment"));
	put(writer, variable, "pattern", json_string("\\$\\{"));
	put(writer, definitions, "variable", variable);
	put(writer, definitions, "settings", make_settings(writer));
	put(writer, root, "$defs", definitions);
}

static int append_text(const char *text, size_t length, void *buffer)
{
	pawl_buffer_append_bytes(buffer, text, length);
	return 0;
}

pawl_status pawl_config_write_schema(FILE *out, pawl_error *error)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = json_object();
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	schema_writer writer = {0};

	put(&writer, root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	put(&writer, root, "title", json_string("what pawl sync copies"));
	put(&writer, root, "type", json_string("object"));
	put(&writer, root, "additionalProperties", json_false());
	put_job_fields(&writer, root);
	put_definitions(&writer, root);
	/* Jansson fails here for want of memory alone: the buffer keeps its own failure. */
	if (writer.has_failed || json_dump_callback(root, append_text, &text, JSON_INDENT(2)) != 0)
		return pawl_error_out_of_memory(error);
	pawl_buffer_append_character(&text, '\n');
	PAWL_TRY(pawl_buffer_status(&text, error));
	if (fputs(pawl_buffer_text(&text), out) == EOF)
		return pawl_error_set(error, PAWL_IO, "cannot write the schema");
	return PAWL_OK;
}
