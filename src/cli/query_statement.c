#include "cli/query_statement.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* After the next `quote`. Two of them in a row begin again, which comes to the same. */
static const char *skip_quoted(const char *text, char quote)
{
	const char *end = strchr(text, quote);
	return end != NULL ? end + 1 : text + strlen(text);
}

/* E'...' has escapes: \' does not end it. `text` stands after the quote. */
static const char *skip_escaped(const char *text)
{
	while (*text != '\0' && *text != '\'')
		text += text[0] == '\\' && text[1] != '\0' ? 2 : 1;
	return *text != '\0' ? text + 1 : text;
}

/* $$...$$ and $tag$...$tag$; a lone $, as of a parameter, is one character. */
static const char *skip_dollars(const char *text)
{
	size_t tag = 1 + strcspn(text + 1, "$ \t\r\n;'\"()");
	if (text[tag] != '$')
		return text + 1;
	for (const char *end = text + tag + 1; (end = strchr(end, '$')) != NULL; end++)
		if (strncmp(end, text, tag + 1) == 0)
			return end + tag + 1;
	return text + strlen(text);
}

/* Comments of this form may stand inside each other. */
static const char *skip_block_comment(const char *text)
{
	size_t depth = 0;
	do {
		bool is_start = strncmp(text, "/*", 2) == 0;
		bool is_end = strncmp(text, "*/", 2) == 0;
		depth += is_start;
		depth -= is_end;
		text += is_start || is_end ? 2 : 1;
	} while (depth > 0 && *text != '\0');
	return text;
}

/* After what stands at `text`; *ret_is_word is false for blanks, semicolons and comments. */
static const char *skip(const char *text, bool *ret_is_word)
{
	*ret_is_word = false;
	if (strncmp(text, "--", 2) == 0)
		return text + strcspn(text, "\r\n");
	if (strncmp(text, "/*", 2) == 0)
		return skip_block_comment(text);
	if (strchr("; \t\r\n\f\v", *text) != NULL)
		return text + 1;
	*ret_is_word = true;
	if ((text[0] == 'e' || text[0] == 'E') && text[1] == '\'')
		return skip_escaped(text + 2);
	if (*text == '\'' || *text == '"')
		return skip_quoted(text + 1, *text);
	return *text == '$' ? skip_dollars(text) : text + 1;
}

char *pawl_query_trim(const char *sql)
{
	const char *end = sql;
	bool is_word = false;
	for (const char *text = sql; *text != '\0';) {
		text = skip(text, &is_word);
		if (is_word)
			end = text;
	}
	char *trimmed = pawl_duplicate(sql);
	if (trimmed != NULL)
		trimmed[end - sql] = '\0';
	return trimmed;
}
