#include "config/expand.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What stands between ${ and }. */
typedef struct variable_reference {
	char name[PAWL_VARIABLE_BYTES];
	const char *fallback; /* not ended by NUL; NULL: none */
	size_t fallback_length;
} variable_reference;

static size_t name_length(const char *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return *text >= '0' && *text <= '9' ? 0 : strspn(text, letters);
}

/* `text` stands behind "${"; *ret_rest behind "}". */
static pawl_status parse_reference(const char *text, variable_reference *ret_reference, const char **ret_rest,
                                   pawl_error *error)
{
	size_t length = name_length(text);
	const char *rest = text + length, *end = strchr(rest, '}');

	if (end == NULL) {
		pawl_error_set(error, PAWL_INVALID, "'${' has no '}'");
		return pawl_error_hint(error, "write '$${' for a '${' that is no variable");
	}
	if (length == 0 || length >= PAWL_VARIABLE_BYTES || (rest != end && strncmp(rest, ":-", 2) != 0)) {
		char excerpt[PAWL_TEXT_EXCERPT_BYTES];
		pawl_text_excerpt(text, (size_t) (end - text), excerpt);
		pawl_error_set(error, PAWL_INVALID, "'${%s}' names no variable", excerpt);
		return pawl_error_hint(error, "write ${NAME} or ${NAME:-default}, and '$${' for a '${' that is no variable");
	}
	*ret_reference = (variable_reference){0};
	memcpy(ret_reference->name, text, length);
	if (rest != end) {
		ret_reference->fallback = rest + 2;
		ret_reference->fallback_length = (size_t) (end - rest - 2);
	}
	*ret_rest = end + 1;
	return PAWL_OK;
}

static pawl_status append_reference(const variable_reference *reference, pawl_expansion *expansion, pawl_error *error)
{
	const char *value = getenv(reference->name);

	if (reference->fallback != NULL && (value == NULL || *value == '\0')) {
		pawl_buffer_append_bytes(&expansion->text, reference->fallback, reference->fallback_length);
		return PAWL_OK;
	}
	if (value == NULL) {
		pawl_error_set(error, PAWL_INVALID, "the variable ${%s} is not set", reference->name);
		return pawl_error_hint(error, "set it, or give it a default: ${%s:-default}", reference->name);
	}
	if (pawl_text_valid_utf8(value, strlen(value)) != strlen(value))
		return pawl_error_set(error, PAWL_INVALID, "the value of ${%s} is not UTF-8", reference->name);
	pawl_buffer_append(&expansion->text, value);
	if (expansion->variable[0] == '\0')
		memcpy(expansion->variable, reference->name, PAWL_VARIABLE_BYTES);
	return PAWL_OK;
}

pawl_status pawl_expand(const char *text, pawl_expansion *expansion, pawl_error *error)
{
	while (*text != '\0') {
		const char *dollar = strstr(text, "${");
		variable_reference reference;

		if (dollar == NULL) {
			pawl_buffer_append(&expansion->text, text);
			break;
		}
		pawl_buffer_append_bytes(&expansion->text, text, (size_t) (dollar - text));
		if (dollar > text && dollar[-1] == '$') {
			pawl_buffer_append_character(&expansion->text, '{'); /* behind the first dollar */
			text = dollar + 2;
			continue;
		}
		PAWL_TRY(parse_reference(dollar + 2, &reference, &text, error));
		PAWL_TRY(append_reference(&reference, expansion, error));
		if (expansion->text.length > PAWL_EXPANDED_BYTES)
			return pawl_error_set(error, PAWL_INVALID, "with its variables, it has more than 1 MiB");
	}
	return pawl_buffer_status(&expansion->text, error);
}

void pawl_expansion_free(pawl_expansion *expansion)
{
	pawl_buffer_free(&expansion->text);
}
