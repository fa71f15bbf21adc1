#include "config/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/text.h"

enum { LEVELS_MAX = 16, ENTRIES_MAX = 10000 };

typedef struct yaml_reader {
	pawl_yaml_file *file;
	const char *text;
	yaml_parser_t parser;
} yaml_reader;

/* ---- errors ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_yaml_locate(const pawl_yaml_file *file, const pawl_yaml *node, pawl_error *error)
{
	if (error->status != PAWL_INVALID)
		return error->status;
	return pawl_error_prefix(error, "%s:%d:%d: ", file->name, node->line, node->column);
}

pawl_status pawl_yaml_fail(const pawl_yaml_file *file, const pawl_yaml *node, pawl_error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	pawl_error_set_va(error, PAWL_INVALID, format, arguments);
	va_end(arguments);
	return pawl_yaml_locate(file, node, error);
}

static pawl_yaml place_of_mark(const yaml_mark_t *mark)
{
	return (pawl_yaml){.line = (int) mark->line + 1, .column = (int) mark->column + 1};
}

/* Columns are counted in characters, as libyaml does. */
static pawl_yaml place_of_offset(const char *text, size_t offset)
{
	pawl_yaml place = {.line = 1, .column = 1};

	for (size_t i = 0; i < offset; i++) {
		bool is_continuation = ((unsigned char) text[i] & 0xc0) == 0x80;
		if (text[i] == '\n') {
			place.line++;
			place.column = 1;
		} else if (!is_continuation) {
			place.column++;
		}
	}
	return place;
}

static const struct {
	const char *problem, *hint;
} hints[] = {
	{"found character that cannot start any token",
	 "indent with blanks, not tabs; put text that begins with '%', '@' or '`' in quotes"},
	{"found a tab character that violates indentation", "indent with blanks, not tabs"},
	{"found a tab character where an indentation space is expected", "indent with blanks, not tabs"},
	{"mapping values are not allowed in this context",
	 "put text that holds ': ' in quotes, and check how the line is indented"},
	{"did not find expected key", "check how the line is indented"},
};

/* libyaml's words for it are constants, without the file's text. What is no character has an offset, and no mark. */
static pawl_status set_parser_error(const yaml_reader *reader, pawl_error *error)
{
	const yaml_parser_t *parser = &reader->parser;
	const pawl_yaml place = parser->error == YAML_READER_ERROR ? place_of_offset(reader->text, parser->problem_offset)
	                                                           : place_of_mark(&parser->problem_mark);

	if (parser->error == YAML_MEMORY_ERROR)
		return pawl_error_out_of_memory(error);
	if (parser->context == NULL)
		pawl_yaml_fail(reader->file, &place, error, "%s", parser->problem);
	else
		pawl_yaml_fail(reader->file, &place, error, "%s, %s that begins in line %zu", parser->problem, parser->context,
		               parser->context_mark.line + 1);
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(parser->problem, hints[i].problem) == 0)
			return pawl_error_hint(error, "%s", hints[i].hint);
	return PAWL_INVALID;
}

/* ---- nodes ----------------------------------------------------------------------------------------------------------- */

static pawl_status add_node(yaml_reader *reader, pawl_yaml_kind kind, const yaml_event_t *event, pawl_yaml **ret_node,
                            pawl_error *error)
{
	pawl_yaml *node = pawl_arena_allocate(&reader->file->arena, sizeof(*node));

	if (node == NULL)
		return pawl_error_out_of_memory(error);
	*node = place_of_mark(&event->start_mark);
	node->kind = kind;
	node->text = "";
	*ret_node = node;
	return PAWL_OK;
}

static pawl_status next_event(yaml_reader *reader, yaml_event_t *event, pawl_error *error)
{
	return yaml_parser_parse(&reader->parser, event) == 1 ? PAWL_OK : set_parser_error(reader, error);
}

static pawl_status refuse_properties(const yaml_reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
                                     const yaml_char_t *tag, pawl_error *error)
{
	const pawl_yaml place = place_of_mark(&event->start_mark);

	if (anchor != NULL) {
		pawl_yaml_fail(reader->file, &place, error, "anchors and aliases cannot be used here");
		return pawl_error_hint(error, "what tables share stands in 'defaults', or under a pattern that matches them");
	}
	if (tag != NULL)
		return pawl_yaml_fail(reader->file, &place, error, "tags cannot be used here");
	return PAWL_OK;
}

/* As YAML's core schema has it. */
static bool is_nothing(const yaml_event_t *event, const char *text)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(text, words[i]) == 0)
			return true;
	return false;
}

static pawl_status add_scalar(yaml_reader *reader, const yaml_event_t *event, pawl_yaml **ret_node, pawl_error *error)
{
	const char *text = (const char *) event->data.scalar.value;
	pawl_yaml *node = NULL;

	PAWL_TRY(refuse_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag, error));
	PAWL_TRY(add_node(reader, is_nothing(event, text) ? PAWL_YAML_NOTHING : PAWL_YAML_TEXT, event, &node, error));
	if (strlen(text) != event->data.scalar.length)
		return pawl_yaml_fail(reader->file, node, error, "the text holds a NUL");
	node->text = pawl_arena_duplicate(&reader->file->arena, text);
	if (node->text == NULL)
		return pawl_error_out_of_memory(error);
	*ret_node = node;
	return PAWL_OK;
}

/* ---- lists and mappings ---------------------------------------------------------------------------------------------- */

static pawl_status read_node(yaml_reader *reader, const yaml_event_t *event, int level, pawl_yaml **ret_node,
                             pawl_error *error);

static pawl_status read_key(yaml_reader *reader, const pawl_yaml *mapping, const yaml_event_t *event, pawl_yaml **ret_key,
                            pawl_error *error)
{
	const pawl_yaml place = place_of_mark(&event->start_mark);
	pawl_yaml *key = NULL;

	if (event->type == YAML_ALIAS_EVENT)
		return refuse_properties(reader, event, event->data.alias.anchor, NULL, error);
	if (event->type != YAML_SCALAR_EVENT)
		return pawl_yaml_fail(reader->file, &place, error, "a name is expected here, and not a list or a mapping");
	PAWL_TRY(add_scalar(reader, event, &key, error));
	for (const pawl_yaml *entry = mapping->first; entry != NULL; entry = entry->next)
		if (strcmp(entry->key->text, key->text) == 0)
			return pawl_yaml_fail(reader->file, key, error, "'%s' is there twice, first in line %d", key->text,
			                      entry->key->line);
	*ret_key = key;
	return PAWL_OK;
}

/* Until the end: entries of a mapping are keys and values, one after the other. */
static pawl_status read_entries(yaml_reader *reader, pawl_yaml *parent, int level, pawl_error *error)
{
	const yaml_event_type_t end = parent->kind == PAWL_YAML_LIST ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT;
	const pawl_yaml **link = &parent->first;

	for (int count = 0;; count++) {
		PAWL_CLEANUP(yaml_event_delete) yaml_event_t event = {0}, value_event = {0};
		pawl_yaml *key = NULL, *node = NULL;

		PAWL_TRY(next_event(reader, &event, error));
		if (event.type == end)
			return PAWL_OK;
		if (count == ENTRIES_MAX)
			return pawl_yaml_fail(reader->file, parent, error, "more than %d entries", ENTRIES_MAX);
		if (parent->kind == PAWL_YAML_MAPPING) {
			PAWL_TRY(read_key(reader, parent, &event, &key, error));
			PAWL_TRY(next_event(reader, &value_event, error));
			PAWL_TRY(read_node(reader, &value_event, level, &node, error));
		} else {
			PAWL_TRY(read_node(reader, &event, level, &node, error));
		}
		node->key = key;
		*link = node;
		link = &node->next;
	}
}

static pawl_status read_parent(yaml_reader *reader, const yaml_event_t *event, int level, pawl_yaml **ret_node,
                               pawl_error *error)
{
	const bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	const yaml_char_t *anchor = is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
	const yaml_char_t *tag = is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
	pawl_yaml *node = NULL;

	PAWL_TRY(refuse_properties(reader, event, anchor, tag, error));
	PAWL_TRY(add_node(reader, is_list ? PAWL_YAML_LIST : PAWL_YAML_MAPPING, event, &node, error));
	if (level == LEVELS_MAX)
		return pawl_yaml_fail(reader->file, node, error, "more than %d levels", LEVELS_MAX);
	PAWL_TRY(read_entries(reader, node, level + 1, error));
	*ret_node = node;
	return PAWL_OK;
}

static pawl_status read_node(yaml_reader *reader, const yaml_event_t *event, int level, pawl_yaml **ret_node,
                             pawl_error *error)
{
	if (event->type == YAML_SCALAR_EVENT)
		return add_scalar(reader, event, ret_node, error);
	if (event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT)
		return read_parent(reader, event, level, ret_node, error);
	if (event->type == YAML_ALIAS_EVENT)
		return refuse_properties(reader, event, event->data.alias.anchor, NULL, error);
	return pawl_error_set(error, PAWL_INTERNAL, "libyaml's event %d has no place in a file", (int) event->type);
}

/* ---- the file -------------------------------------------------------------------------------------------------------- */

static pawl_status read_document(yaml_reader *reader, pawl_error *error)
{
	PAWL_CLEANUP(yaml_event_delete) yaml_event_t stream = {0}, start = {0}, content = {0}, end = {0}, rest = {0};
	pawl_yaml *root = NULL;

	PAWL_TRY(next_event(reader, &stream, error));
	PAWL_TRY(next_event(reader, &start, error));
	if (start.type == YAML_STREAM_END_EVENT) {
		PAWL_TRY(add_node(reader, PAWL_YAML_NOTHING, &start, &root, error));
		reader->file->root = root;
		return PAWL_OK;
	}
	PAWL_TRY(next_event(reader, &content, error));
	PAWL_TRY(read_node(reader, &content, 0, &root, error));
	PAWL_TRY(next_event(reader, &end, error));
	PAWL_TRY(next_event(reader, &rest, error));
	if (rest.type != YAML_STREAM_END_EVENT) {
		const pawl_yaml place = place_of_mark(&rest.start_mark);
		return pawl_yaml_fail(reader->file, &place, error, "a second document begins here");
	}
	reader->file->root = root;
	return PAWL_OK;
}

/* libyaml would take bytes that are not UTF-8 for UTF-16 where they look like it. */
static pawl_status check_utf8(const pawl_yaml_file *file, const char *text, size_t length, pawl_error *error)
{
	size_t valid = pawl_text_valid_utf8(text, length);

	if (valid == length)
		return PAWL_OK;
	const pawl_yaml place = place_of_offset(text, valid);
	pawl_yaml_fail(file, &place, error, "the byte 0x%02x is not UTF-8", (unsigned char) text[valid]);
	return pawl_error_hint(error, "save the file as UTF-8");
}

pawl_status pawl_yaml_parse(pawl_yaml_file *file, const char *text, size_t length, pawl_error *error)
{
	yaml_reader reader = {.file = file, .text = text};

	PAWL_TRY(check_utf8(file, text, length, error));
	if (yaml_parser_initialize(&reader.parser) != 1)
		return pawl_error_out_of_memory(error);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, length);
	pawl_status status = read_document(&reader, error);
	yaml_parser_delete(&reader.parser);
	return status;
}

void pawl_yaml_free(pawl_yaml_file *file)
{
	pawl_arena_free(&file->arena);
	file->root = NULL;
}
