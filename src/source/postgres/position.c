#include "source/postgres/internal.h"

#include <string.h>

#include "base/json.h"

pawl_status pawl_postgres_position_write(char *const *values, size_t count, char **ret_position, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_append(&text, "{\"after\": [");
	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&text, i == 0 ? "" : ", ");
		if (values[i] == NULL)
			pawl_buffer_append(&text, "null");
		else
			pawl_buffer_append_json(&text, values[i], strlen(values[i]));
	}
	pawl_buffer_append(&text, "]}");
	PAWL_TRY(pawl_buffer_status(&text, error));
	*ret_position = pawl_buffer_take(&text);
	return PAWL_OK;
}

pawl_status pawl_postgres_position_read(const char *position, size_t count, bool has_key_place, char **ret_values,
                                        pawl_error *error)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;

	PAWL_TRY(pawl_json_parse_object("position", position, strlen(position), &root, error));
	const json_t *values = json_object_get(root, "after");
	bool is_position = json_array_size(values) == count;
	for (size_t i = 0; is_position && i < count; i++) {
		const json_t *value = json_array_get(values, i);
		is_position = json_is_string(value) || (json_is_null(value) && has_key_place && i == 0);
		if (!json_is_string(value))
			continue;
		ret_values[i] = pawl_duplicate(json_string_value(value));
		if (ret_values[i] == NULL)
			return pawl_error_out_of_memory(error);
	}
	if (!is_position)
		return pawl_error_set(error, PAWL_INVALID, "'%s' is no position of this read", position);
	return PAWL_OK;
}
