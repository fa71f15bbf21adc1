#include "connector/state.h"

#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "types/cell.h"

pawl_status pawl_state_parse(const char *what, const char *text, pawl_error *failure, pawl_state *ret_state, pawl_error *error)
{
	size_t length = strlen(text);
	if (length >= PAWL_STATE_MAX_BYTES) {
		pawl_error_set(error, PAWL_INVALID, "%s: it has %zu bytes, the limit is %d", what, length, PAWL_STATE_MAX_BYTES);
		return pawl_error_hint(error, "keep cursors in the state, not data");
	}
	json_t *root;
	PAWL_TRY(pawl_json_parse_object(what, text, length, &root, error));
	char *copy = pawl_duplicate(text);
	if (copy == NULL) {
		json_decref(root);
		return pawl_error_out_of_memory(error);
	}
	*ret_state = (pawl_state){copy, root, failure};
	return PAWL_OK;
}

void pawl_state_clear(pawl_state *state)
{
	pawl_free_pointer(&state->text);
	pawl_json_free(&state->root);
}

pawl_status pawl_state_write(const char *path, const char *text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer line = {0};
	pawl_buffer_append(&line, text);
	pawl_buffer_append_character(&line, '\n');
	PAWL_TRY(pawl_buffer_status(&line, error));
	PAWL_TRY(pawl_file_make_parents(path, error));
	return pawl_file_write_atomic(path, line.text, line.length, error);
}

/* ---- which state to start from --------------------------------------------------------------------------------------- */

/* The file's state; an absent file is no error and gives none. */
static pawl_status read_file(const char *path, pawl_state *ret_state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	size_t length;
	pawl_status status = pawl_file_read(path, PAWL_STATE_MAX_BYTES, &text, &length, error);
	if (status == PAWL_NOT_FOUND)
		return PAWL_OK;
	if (status != PAWL_OK)
		return pawl_error_prefix(error, "state: ");
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer what = {0};
	pawl_buffer_appendf(&what, "state '%s'", path);
	PAWL_TRY(pawl_buffer_status(&what, error));
	return pawl_state_parse(pawl_buffer_text(&what), text, NULL, ret_state, error);
}

static pawl_status warn(pawl_state_choice *choice, const char *path, const char *why, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer warning = {0};
	pawl_buffer_appendf(&warning, "state '%s' %s", path, why);
	PAWL_TRY(pawl_buffer_status(&warning, error));
	choice->warning = pawl_buffer_take(&warning);
	return PAWL_OK;
}

static pawl_status choose(const char *in_warehouse, const pawl_state *in_file, const char *path, bool is_explicit,
                          pawl_state_choice *choice, pawl_error *error)
{
	const char *text = in_warehouse != NULL ? in_warehouse : "{}";
	if (in_warehouse == NULL && is_explicit && in_file->text != NULL)
		text = in_file->text;
	choice->text = pawl_duplicate(text);
	if (choice->text == NULL)
		return pawl_error_out_of_memory(error);
	if (in_file->text == NULL)
		return PAWL_OK;
	choice->is_file_same = strcmp(text, in_file->text) == 0;
	if (choice->is_file_same)
		return PAWL_OK;

	PAWL_CLEANUP(pawl_state_clear) pawl_state chosen = {0};
	PAWL_TRY(pawl_state_parse("state in the warehouse", text, NULL, &chosen, error));
	if (json_equal(chosen.root, in_file->root))
		return PAWL_OK;
	if (in_warehouse == NULL)
		return warn(choice, path,
		            "is ignored: the warehouse is new, so the sync starts from nothing; name the file with --state to start from it",
		            error);
	return warn(choice, path, "differs from the warehouse's, which is used, since it was committed together with the rows", error);
}

pawl_status pawl_state_choose(const char *in_warehouse, const char *path, bool is_explicit, pawl_state_choice *ret_choice,
                              pawl_error *error)
{
	PAWL_CLEANUP(pawl_state_clear) pawl_state in_file = {0};
	pawl_state_choice choice = {0};
	pawl_status status = read_file(path, &in_file, error);
	bool is_damaged = status == PAWL_INVALID && !(is_explicit && in_warehouse == NULL);
	if (status == PAWL_OK || is_damaged)
		status = choose(in_warehouse, &in_file, path, is_explicit, &choice, error);
	if (status == PAWL_OK && is_damaged)
		status = warn(&choice, path, "is damaged, and ignored: the warehouse decides", error);
	else if (status == PAWL_OK && is_explicit && in_warehouse == NULL && in_file.text == NULL)
		status = warn(&choice, path, "does not exist: the sync starts from nothing", error);
	if (status != PAWL_OK) {
		pawl_free(choice.text);
		pawl_free(choice.warning);
		return status;
	}
	*ret_choice = choice;
	return PAWL_OK;
}

/* ---- a state from fields --------------------------------------------------------------------------------------------- */

/* Numbers, booleans and JSON stand as such, everything else as a JSON string of its text. */
static pawl_status append_value(const pawl_value *value, pawl_buffer *json, pawl_error *error)
{
	PAWL_TRY(pawl_value_check(value, error));
	pawl_type type = pawl_type_infer(value);
	if (type == PAWL_UNSPECIFIED) {
		pawl_buffer_append(json, "null");
		return PAWL_OK;
	}
	if (value->kind == PAWL_VALUE_BINARY)
		return pawl_error_set(error, PAWL_INVALID, "bytes cannot stand in a state");
	if (value->kind == PAWL_VALUE_BOOLEAN || value->kind == PAWL_VALUE_INTEGER || value->kind == PAWL_VALUE_FLOAT ||
	    value->kind == PAWL_VALUE_DOUBLE)
		type = PAWL_JSON;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
	pawl_cell cell;
	PAWL_TRY(pawl_cell_convert(value, type, &scratch, &cell, error));
	if (type == PAWL_JSON) {
		pawl_buffer_append_bytes(json, cell.as.bytes, cell.length);
		return PAWL_OK;
	}
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	pawl_cell_append_text(&cell, type, &text);
	PAWL_TRY(pawl_buffer_status(&text, error));
	pawl_buffer_append_json(json, pawl_buffer_text(&text), text.length);
	return PAWL_OK;
}

pawl_status pawl_state_build(const pawl_field *fields, size_t count, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	pawl_buffer_append_character(&json, '{');
	for (size_t i = 0; i < count; i++) {
		if (fields[i].column == NULL)
			return pawl_error_set(error, PAWL_INVALID, "a field of the state has no name");
		pawl_buffer_append(&json, i == 0 ? "" : ", ");
		pawl_buffer_append_json(&json, fields[i].column, strlen(fields[i].column));
		pawl_buffer_append(&json, ": ");
		if (append_value(&fields[i].value, &json, error) != PAWL_OK)
			return pawl_error_prefix(error, "state: '%s': ", fields[i].column);
	}
	pawl_buffer_append_character(&json, '}');
	PAWL_TRY(pawl_buffer_status(&json, error));
	*ret_text = pawl_buffer_take(&json);
	return PAWL_OK;
}

/* ---- what the connector reads ---------------------------------------------------------------------------------------- */

/* The value of `key`, or NULL when there is none; an error is kept when it is of another type than `wanted`. */
static json_t *get(const pawl_state *state, const char *key, bool is_wanted(const json_t *), const char *wanted)
{
	json_t *value = json_object_get(state->root, key);
	if (value == NULL || json_is_null(value))
		return NULL;
	if (is_wanted(value))
		return value;
	if (state->failure->status == PAWL_OK) {
		pawl_error_set(state->failure, PAWL_INVALID, "state: '%s' is not %s", key, wanted);
		pawl_error_hint(state->failure, "another version of the connector may have kept it; --reset starts from nothing");
	}
	return NULL;
}

static bool is_string(const json_t *value)
{
	return json_is_string(value);
}

static bool is_integer(const json_t *value)
{
	return json_is_integer(value);
}

static bool is_boolean(const json_t *value)
{
	return json_is_boolean(value);
}

const char *pawl_state_string(const pawl_state *state, const char *key, const char *fallback)
{
	const json_t *value = get(state, key, is_string, "a string");
	return value == NULL ? fallback : json_string_value(value);
}

int64_t pawl_state_integer(const pawl_state *state, const char *key, int64_t fallback)
{
	const json_t *value = get(state, key, is_integer, "an integer");
	return value == NULL ? fallback : json_integer_value(value);
}

bool pawl_state_boolean(const pawl_state *state, const char *key, bool fallback)
{
	const json_t *value = get(state, key, is_boolean, "true or false");
	return value == NULL ? fallback : json_is_true(value);
}

const char *pawl_state_json(const pawl_state *state)
{
	return state->text;
}
