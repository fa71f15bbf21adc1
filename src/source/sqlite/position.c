#include "source/sqlite/internal.h"

#include <string.h>

#include "base/json.h"

pawl_status pawl_sqlite_position_write(const pawl_key_value *values, size_t count, char **ret_position, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_append(&text, "{\"after\": [");
	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&text, i == 0 ? "" : ", ");
		if (values[i].text == NULL) {
			pawl_buffer_append(&text, "null");
			continue;
		}
		pawl_buffer_append_character(&text, '[');
		pawl_buffer_append_json(&text, values[i].type, strlen(values[i].type));
		pawl_buffer_append(&text, ", ");
		pawl_buffer_append_json(&text, values[i].text, strlen(values[i].text));
		pawl_buffer_append_character(&text, ']');
	}
	pawl_buffer_append(&text, "]}");
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_position = pawl_buffer_take(&text);
	return PAWL_OK;
}

static pawl_status read_value(const json_t *element, pawl_key_value *ret_value, bool *ret_is_value, pawl_error *error)
{
	const char *type = json_string_value(json_array_get(element, 0));
	const char *text = json_string_value(json_array_get(element, 1));

	*ret_is_value = json_is_null(element) || (json_array_size(element) == 2 && type != NULL && text != NULL);
	if (!*ret_is_value || json_is_null(element))
		return PAWL_OK;
	return pawl_key_value_copy(&(pawl_key_value) {(char *) (uintptr_t) text, (char *) (uintptr_t) type}, ret_value, error);
}

pawl_status pawl_sqlite_position_read(const char *position, size_t count, bool has_key, pawl_key_value *ret_values,
                                      pawl_error *error)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;

	PAWL_TRY(pawl_json_parse_object("position", position, strlen(position), &root, error));
	const json_t *values = json_object_get(root, "after");
	bool is_position = json_array_size(values) == count;
	for (size_t i = 0; is_position && i < count; i++)
		PAWL_TRY(read_value(json_array_get(values, i), &ret_values[i], &is_position, error));
	for (size_t i = has_key; is_position && i < count; i++)
		is_position = ret_values[i].text != NULL;
	if (!is_position)
		return pawl_error_set(error, PAWL_INVALID, "'%s' is no position of this read", position);
	return PAWL_OK;
}
