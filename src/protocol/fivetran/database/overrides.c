/* Settings of single tables: a JSON object of patterns, each with an object of settings. */
#include "protocol/fivetran/database/internal.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"

/* A list of names, or a mapping. */
static pawl_status set_items(const pawl_table_field *field, pawl_table_settings *settings, json_t *value, pawl_error *error)
{
	const char *name;
	json_t *item;

	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!json_is_string(json_array_get(value, i)))
			return pawl_error_set(error, PAWL_INVALID, "it is a list of something else than texts");
		PAWL_TRY(pawl_field_add_name(field, settings, json_string_value(json_array_get(value, i)), error));
	}
	json_object_foreach(value, name, item) {
		if (!json_is_string(item))
			return pawl_error_set(error, PAWL_INVALID, "'%s' is no text", name);
		PAWL_TRY(pawl_field_add_pair(field, settings, name, json_string_value(item), error));
	}
	return PAWL_OK;
}

static pawl_status set_json(const pawl_table_field *field, pawl_table_settings *settings, json_t *value, pawl_error *error)
{
	if (json_is_string(value) && field->kind != PAWL_FIELD_PAIRS)
		return pawl_database_set_field(field, settings, json_string_value(value), error);
	if ((json_is_array(value) && field->kind == PAWL_FIELD_NAMES) || (json_is_object(value) && field->kind == PAWL_FIELD_PAIRS))
		return set_items(field, settings, value, error);
	return pawl_error_set(error, PAWL_INVALID, "it is no %s", field->kind == PAWL_FIELD_NAMES ? "text, and no list of texts"
	                                                          : field->kind == PAWL_FIELD_PAIRS ? "object" : "text");
}

static pawl_status fail_unknown_override(const char *name, pawl_error *error)
{
	const char *names[PAWL_TABLE_FIELDS_MAX + 1];
	size_t count = 0;

	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (!pawl_database_is_left_to_client(field))
			names[count++] = field->name;
	names[count] = NULL;
	return pawl_database_fail_unknown(name, names, error);
}

static pawl_status add_override(pawl_job *job, const char *pattern, json_t *values, pawl_error *error)
{
	const char *name;
	json_t *value;
	pawl_table_rule *rule;

	PAWL_TRY(pawl_job_add_rule(job, pattern, &rule, error));
	rule->is_settings_only = true;
	if (!json_is_object(values))
		return pawl_error_set(error, PAWL_INVALID, "'%s' is no object", pattern);
	json_object_foreach(values, name, value) {
		const pawl_table_field *field = pawl_field_find(name);
		if (field == NULL || pawl_database_is_left_to_client(field))
			return fail_unknown_override(name, error);
		if (set_json(field, &rule->settings, value, error) != PAWL_OK)
			return pawl_error_prefix(error, "'%s': '%s': ", pattern, name);
	}
	return PAWL_OK;
}

pawl_status pawl_database_add_overrides(pawl_job *job, const char *value, pawl_error *error)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	const char *pattern;
	json_t *values;

	PAWL_TRY(pawl_json_parse_object("its JSON", value, strlen(value), &root, error));
	json_object_foreach(root, pattern, values)
		PAWL_TRY(add_override(job, pattern, values, error));
	return PAWL_OK;
}
