#include "cli/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "replicate/job.h"
#include "report/format.h"

#define OPTION_NAME_BYTES 64

typedef struct option_parser {
	const pawl_option *options;
	const char *const *arguments;
	size_t count, next;
	size_t operands;     /* met so far */
	uint64_t given;      /* one bit for each option of the table */
	bool only_operands;  /* after -- */
	void *settings;
} option_parser;

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* After "'--mode' cannot be 'x'": what it can be. */
static pawl_status suggest_choice(const pawl_option *option, const char *value, pawl_error *error)
{
	const char *closest = pawl_text_closest(value, option->choices);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	char all[256] = "";
	size_t used = 0;
	for (size_t i = 0; option->choices[i] != NULL && used < sizeof(all); i++)
		used += (size_t) snprintf(all + used, sizeof(all) - used, "%s'%s'", i > 0 ? ", " : "", option->choices[i]);
	return pawl_error_hint(error, "it is one of %s", all);
}

/* The index, or -1. */
static int find_choice(const pawl_option *option, const char *value)
{
	for (int i = 0; option->choices[i] != NULL; i++)
		if (pawl_text_equal_ignore_case(value, option->choices[i]))
			return i;
	return -1;
}

static pawl_status set_choice(const pawl_option *option, const char *value, int *member, pawl_error *error)
{
	int choice = find_choice(option, value);
	if (choice >= 0) {
		*member = choice;
		return PAWL_OK;
	}
	pawl_error_set(error, PAWL_INVALID, "'--%s' cannot be '%s'", option->name, value);
	return suggest_choice(option, value, error);
}

static pawl_status set_operand(const pawl_option *option, const char *value, const char **member, pawl_error *error)
{
	int choice = option->choices == NULL ? 0 : find_choice(option, value);
	if (choice < 0) {
		pawl_error_set(error, PAWL_INVALID, "%s cannot be '%s'", option->name, value);
		return suggest_choice(option, value, error);
	}
	*member = option->choices == NULL ? value : option->choices[choice];
	return PAWL_OK;
}

static pawl_status check_range(const pawl_option *option, const char *value, int64_t number, pawl_error *error)
{
	if (number >= option->minimum && number <= option->maximum)
		return PAWL_OK;
	return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be from %" PRId64 " to %" PRId64,
	                      option->name, value, option->minimum, option->maximum);
}

static pawl_status set_integer(const pawl_option *option, const char *value, int64_t *member, pawl_error *error)
{
	int64_t number;
	if (!pawl_text_parse_integer(value, &number))
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', which is not an integer", option->name, value);
	PAWL_TRY(check_range(option, value, number, error));
	*member = number;
	return PAWL_OK;
}

static pawl_status check_size(const pawl_option *option, const char *value, int64_t bytes, pawl_error *error)
{
	char minimum[PAWL_FORMAT_BYTES], maximum[PAWL_FORMAT_BYTES];
	if (bytes >= option->minimum && bytes <= option->maximum)
		return PAWL_OK;
	pawl_format_size(option->minimum, minimum);
	pawl_format_size(option->maximum, maximum);
	if (option->maximum == INT64_MAX)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be at least %s", option->name, value,
		                      minimum);
	return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be from %s to %s", option->name, value, minimum,
	                      maximum);
}

static pawl_status set_size(const pawl_option *option, const char *value, int64_t *member, pawl_error *error)
{
	int64_t number;
	if (!pawl_text_parse_size(value, &number)) {
		pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', which is not a size", option->name, value);
		return pawl_error_hint(error, "write an integer and a unit: 512MiB, 2GiB");
	}
	PAWL_TRY(check_size(option, value, number, error));
	*member = number;
	return PAWL_OK;
}

/* Bounds are said in seconds: those of options are whole ones, or the least time that there is. */
static pawl_status set_duration(const pawl_option *option, const char *value, int64_t *member, pawl_error *error)
{
	const int64_t second = 1000000;
	int64_t us;
	if (!pawl_duration_parse(value, &us)) {
		pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', which is not a duration", option->name, value);
		return pawl_error_hint(error, "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms");
	}
	if (us < option->minimum && option->minimum < second)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be above 0s", option->name, value);
	if (us < option->minimum)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be at least %" PRId64 "s", option->name,
		                      value, option->minimum / second);
	if (us > option->maximum)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is '%s', but must be at most %" PRId64 "s", option->name,
		                      value, option->maximum / second);
	*member = us;
	return PAWL_OK;
}

static pawl_status add_to_list(const pawl_option *option, const char *value, pawl_option_list *list, pawl_error *error)
{
	if (list->count == PAWL_OPTION_LIST_MAX)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is given more than %d times", option->name,
		                      PAWL_OPTION_LIST_MAX);
	list->items[list->count++] = value;
	return PAWL_OK;
}

static pawl_status set_value(const pawl_option *option, const char *value, void *settings, pawl_error *error)
{
	void *member = (char *) settings + option->offset;
	switch (option->kind) {
	case PAWL_OPTION_FLAG:
		*(bool *) member = true;
		return PAWL_OK;
	case PAWL_OPTION_CHOICE:
		return set_choice(option, value, member, error);
	case PAWL_OPTION_INTEGER:
		return set_integer(option, value, member, error);
	case PAWL_OPTION_SIZE:
		return set_size(option, value, member, error);
	case PAWL_OPTION_DURATION:
		return set_duration(option, value, member, error);
	case PAWL_OPTION_LIST:
		return add_to_list(option, value, member, error);
	case PAWL_OPTION_TEXT:
		*(const char **) member = value;
		return PAWL_OK;
	case PAWL_OPTION_OPERAND:
	case PAWL_OPTION_OPTIONAL_OPERAND:
		return set_operand(option, value, member, error);
	}
	return pawl_error_set(error, PAWL_INTERNAL, "option '%s' has no kind", option->name);
}

/* ---- arguments ------------------------------------------------------------------------------------------------------- */

static pawl_status fail_unknown(const option_parser *parser, const char *name, pawl_error *error)
{
	const char *names[PAWL_OPTIONS_MAX + 2];
	size_t count = 0;
	names[count++] = "help";
	for (const pawl_option *option = parser->options; option->kind != 0 && count <= PAWL_OPTIONS_MAX; option++)
		if (!pawl_option_is_operand(option))
			names[count++] = option->name;
	names[count] = NULL;
	pawl_error_set(error, PAWL_INVALID, "unknown option '--%s'", name);
	const char *closest = pawl_text_closest(name, names);
	return closest == NULL ? PAWL_INVALID : pawl_error_hint(error, "did you mean '--%s'?", closest);
}

static const pawl_option *find_option(const option_parser *parser, const char *name)
{
	for (const pawl_option *option = parser->options; option->kind != 0; option++)
		if (!pawl_option_is_operand(option) && strcmp(option->name, name) == 0)
			return option;
	return NULL;
}

/* The value is what stands after '=', or the next argument unless that is an option itself. */
static pawl_status take_value(option_parser *parser, const pawl_option *option, const char *attached, const char **ret_value,
                              pawl_error *error)
{
	if (option->kind == PAWL_OPTION_FLAG) {
		if (attached != NULL)
			return pawl_error_set(error, PAWL_INVALID, "'--%s' takes no value, but has '%s'", option->name,
			                      attached);
		return PAWL_OK;
	}
	const char *value = attached;
	if (value == NULL && parser->next < parser->count && strncmp(parser->arguments[parser->next], "--", 2) != 0)
		value = parser->arguments[parser->next++];
	if (value == NULL || *value == '\0') {
		pawl_error_set(error, PAWL_INVALID, "'--%s' needs a value", option->name);
		return pawl_error_hint(error, "write '--%s %s'", option->name, option->argument);
	}
	*ret_value = value;
	return PAWL_OK;
}

/* SQL may begin with a comment, "-- ...", and is no option: the name of one has no blanks. */
static bool is_comment(const char *text)
{
	char end = text[strcspn(text, "= \t\r\n")];
	return strncmp(text, "--", 2) == 0 && end != '=' && end != '\0';
}

static pawl_status parse_option(option_parser *parser, const char *text, pawl_error *error)
{
	char name[OPTION_NAME_BYTES];
	const char *equals = strchr(text, '=');
	size_t length = equals == NULL ? strlen(text) : (size_t) (equals - text);
	if (length >= sizeof(name))
		return fail_unknown(parser, text, error);
	memcpy(name, text, length);
	name[length] = '\0';
	const pawl_option *option = find_option(parser, name);
	if (option == NULL)
		return fail_unknown(parser, name, error);
	uint64_t bit = UINT64_C(1) << (option - parser->options);
	if ((parser->given & bit) != 0 && option->kind != PAWL_OPTION_LIST)
		return pawl_error_set(error, PAWL_INVALID, "'--%s' is given twice", name);
	parser->given |= bit;
	const char *value = NULL;
	PAWL_TRY(take_value(parser, option, equals == NULL ? NULL : equals + 1, &value, error));
	return set_value(option, value, parser->settings, error);
}

static const pawl_option *find_operand(const option_parser *parser, size_t place)
{
	for (const pawl_option *option = parser->options; option->kind != 0; option++)
		if (pawl_option_is_operand(option) && place-- == 0)
			return option;
	return NULL;
}

static pawl_status parse_operand(option_parser *parser, const char *text, pawl_error *error)
{
	const pawl_option *operand = find_operand(parser, parser->operands);
	if (operand == NULL)
		return pawl_error_set(error, PAWL_INVALID, "unexpected argument '%s'", text);
	if (*text == '\0')
		return pawl_error_set(error, PAWL_INVALID, "%s is empty", operand->name);
	parser->operands++;
	return set_value(operand, text, parser->settings, error);
}

pawl_status pawl_options_parse(const pawl_option *options, size_t count, const char *const *arguments, void *settings,
                               bool *ret_wants_help, pawl_error *error)
{
	option_parser parser = {.options = options, .arguments = arguments, .count = count, .settings = settings};
	while (parser.next < count) {
		const char *text = arguments[parser.next++];
		if (parser.only_operands || text[0] != '-' || text[1] == '\0' || is_comment(text)) {
			PAWL_TRY(parse_operand(&parser, text, error));
		} else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
			*ret_wants_help = true;
			return PAWL_OK;
		} else if (strcmp(text, "--") == 0) {
			parser.only_operands = true;
		} else if (text[1] == '-') {
			PAWL_TRY(parse_option(&parser, text + 2, error));
		} else {
			return pawl_error_set(error, PAWL_INVALID, "unknown option '%s'", text);
		}
	}
	const pawl_option *missing = find_operand(&parser, parser.operands);
	if (missing != NULL && missing->kind == PAWL_OPTION_OPERAND)
		return pawl_error_set(error, PAWL_INVALID, "%s is missing", missing->name);
	*ret_wants_help = false;
	return PAWL_OK;
}
