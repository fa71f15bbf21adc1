#include "base/json.h"

#include <string.h>

#include "base/memory.h"

/*
 * Jansson drops characters when its own buffers cannot grow, and goes on. So a refused allocation is noted here, and makes
 * the parse fail whatever Jansson says.
 */
static _Thread_local bool was_refused;

static void *allocate(size_t bytes)
{
	void *memory = pawl_allocate(bytes);

	if (memory == NULL)
		was_refused = true;
	return memory;
}

/* Before main: Jansson's functions are for the whole process, and no thread may be inside it when they change. */
__attribute__((constructor)) static void use_own_allocator(void)
{
	json_set_alloc_funcs(allocate, pawl_free);
}

static const char *const kind_names[] = {
	[JSON_ARRAY] = "an array",
	[JSON_STRING] = "a string",
	[JSON_INTEGER] = "a number",
	[JSON_REAL] = "a number",
	[JSON_TRUE] = "a boolean",
	[JSON_FALSE] = "a boolean",
	[JSON_NULL] = "null",
};

static size_t length_before(const char *mark, const char *text)
{
	const char *found = strstr(text, mark);

	return found == NULL ? strlen(text) : (size_t) (found - text);
}

/* What is JSON, but no tree of Jansson's. Its reason is shown without the text it stands near, which may be a secret. */
static pawl_status set_parse_error(const char *what, const json_error_t *reason, pawl_error *error)
{
	enum json_error_code code = json_error_code(reason);
	size_t length = length_before(" near '", reason->text);

	if (code == json_error_duplicate_key) /* what it stands near is the name */
		length = strlen(reason->text);
	else if (code == json_error_null_character)
		length = length_before(" without JSON_ALLOW_NUL", reason->text);

	pawl_error_set(error, PAWL_INVALID, "%s: line %d, column %d: %.*s", what, reason->line, reason->column, (int) length,
	               reason->text);
	if (code == json_error_duplicate_key)
		pawl_error_hint(error, "remove one of the two");
	else if (code == json_error_numeric_overflow)
		pawl_error_hint(error, "a number beyond 64 bits would not stay exact: write it as a string, in quotes");
	return PAWL_INVALID;
}

pawl_status pawl_json_parse_object(const char *what, const char *text, size_t length, json_t **ret_root, pawl_error *error)
{
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	json_error_t reason;

	if (pawl_json_check(text, length, error) != PAWL_OK)
		return pawl_error_prefix(error, "%s: ", what);

	was_refused = false;
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &reason);
	if (was_refused)
		return pawl_error_out_of_memory(error);
	if (root == NULL)
		return set_parse_error(what, &reason, error);
	if (!json_is_object(root))
		return pawl_error_set(error, PAWL_INVALID, "%s: %s, where an object is expected", what,
		                      kind_names[json_typeof(root)]);
	*ret_root = PAWL_TAKE(root);
	return PAWL_OK;
}

void pawl_json_free(json_t **root)
{
	json_decref(*root);
	*root = NULL;
}
