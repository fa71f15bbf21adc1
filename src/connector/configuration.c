#include "connector/configuration.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

/* Notes a secret as it is, and as it stands in JSON, as in a state. */
static pawl_status add_secret(pawl_redaction *secrets, const char *secret, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append_json(&json, secret, strlen(secret));
	PAWL_TRY(pawl_buffer_status(&json, error));
	json.text[json.length - 1] = '\0'; /* without its quotes */
	PAWL_TRY(pawl_redaction_add(secrets, json.text + 1, error));
	return strcmp(json.text + 1, secret) == 0 ? PAWL_OK : pawl_redaction_add(secrets, secret, error);
}

static pawl_status check_values(const char *what, pawl_configuration *configuration, pawl_error *error)
{
	size_t count = json_object_size(configuration->root);
	if (count > PAWL_CONFIGURATION_MAX_KEYS) {
		pawl_error_set(error, PAWL_INVALID, "%s: it has %zu keys, more than %d", what, count, PAWL_CONFIGURATION_MAX_KEYS);
		return pawl_error_hint(error, "move settings that are not secret or changing into the connector's code");
	}
	const char *key;
	json_t *value;
	json_object_foreach(configuration->root, key, value) {
		if (!json_is_string(value)) {
			pawl_error_set(error, PAWL_INVALID, "%s: the value of '%s' is not a string", what, key);
			return pawl_error_hint(error, "every value must be a string: put numbers and true or false in double quotes");
		}
		if (pawl_redaction_is_secret_name(key))
			PAWL_TRY(add_secret(&configuration->secrets, json_string_value(value), error));
	}
	return PAWL_OK;
}

pawl_status pawl_configuration_parse(const char *what, const char *text, size_t length, pawl_error *failure,
                                     pawl_configuration *ret_configuration, pawl_error *error)
{
	pawl_configuration configuration = {.failure = failure};
	pawl_status status = pawl_json_parse_object(what, text, length, &configuration.root, error);
	if (status == PAWL_OK)
		status = check_values(what, &configuration, error);
	if (status != PAWL_OK) {
		pawl_configuration_clear(&configuration);
		return status;
	}
	*ret_configuration = configuration;
	return PAWL_OK;
}

pawl_status pawl_configuration_load(const char *path, pawl_error *failure, pawl_configuration *ret_configuration,
                                    pawl_error *error)
{
	if (path == NULL)
		path = getenv("FIVETRAN_CONFIGURATION");
	if (path == NULL && !pawl_file_exists("configuration.json"))
		return pawl_configuration_parse("configuration", "{}", 2, failure, ret_configuration, error);
	if (path == NULL)
		path = "configuration.json";

	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	size_t length;
	if (pawl_file_read(path, PAWL_CONFIGURATION_MAX_BYTES, &text, &length, error) != PAWL_OK)
		return pawl_error_prefix(error, "configuration: ");
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer what = {0};
	pawl_buffer_appendf(&what, "configuration '%s'", path);
	PAWL_TRY(pawl_buffer_status(&what, error));
	return pawl_configuration_parse(pawl_buffer_text(&what), text, length, failure, ret_configuration, error);
}

void pawl_configuration_clear(pawl_configuration *configuration)
{
	pawl_json_free(&configuration->root);
	pawl_redaction_free(&configuration->secrets);
}

const char *pawl_configuration_string(const pawl_configuration *configuration, const char *key, const char *fallback)
{
	const char *value = json_string_value(json_object_get(configuration->root, key));
	return value == NULL ? fallback : value;
}

const char *pawl_configuration_require(const pawl_configuration *configuration, const char *key)
{
	const char *value = pawl_configuration_string(configuration, key, NULL);
	if (value != NULL)
		return value;
	if (configuration->failure->status == PAWL_OK) {
		pawl_error_set(configuration->failure, PAWL_INVALID, "configuration: '%s' is missing", key == NULL ? "" : key);
		pawl_error_hint(configuration->failure, "add \"%s\": \"...\" to configuration.json, or name the file with --configuration",
		                key == NULL ? "" : key);
	}
	return "";
}

/* The value is not shown: it may be a secret that was put under the wrong key. */
static void fail_type(const pawl_configuration *configuration, const char *key, const char *wanted)
{
	if (configuration->failure->status == PAWL_OK)
		pawl_error_set(configuration->failure, PAWL_INVALID, "configuration: the value of '%s' is not %s", key, wanted);
}

int64_t pawl_configuration_integer(const pawl_configuration *configuration, const char *key, int64_t fallback)
{
	const char *value = pawl_configuration_string(configuration, key, NULL);
	int64_t integer = fallback;
	if (value != NULL && !pawl_text_parse_integer(value, &integer))
		fail_type(configuration, key, "an integer of at most 64 bits");
	return integer;
}

bool pawl_configuration_boolean(const pawl_configuration *configuration, const char *key, bool fallback)
{
	const char *value = pawl_configuration_string(configuration, key, NULL);
	if (value == NULL)
		return fallback;
	if (pawl_text_equal_ignore_case(value, "true"))
		return true;
	if (!pawl_text_equal_ignore_case(value, "false"))
		fail_type(configuration, key, "true or false");
	return false;
}
