#include "source/sqlite/internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool pawl_sqlite_is_clock(const char *expression)
{
	static const char *const clocks[] = {"current_timestamp", "current_date", "datetime(", "strftime(", "unixepoch(",
	                                     "julianday(",        "'now'",        NULL};
	for (size_t i = 0; expression != NULL && clocks[i] != NULL; i++)
		if (strcasestr(expression, clocks[i]) != NULL)
			return true;
	return false;
}

/* ---- the words of SQL ------------------------------------------------------------------------------------------------ */

typedef struct token {
	const char *start; /* without the quotes of a name */
	size_t length;     /* 0: the end */
	bool is_name;      /* a name or a keyword */
} token;

static const char *skip_blanks(const char *sql)
{
	for (;;) {
		if (isspace((unsigned char) *sql)) {
			sql++;
		} else if (strncmp(sql, "--", 2) == 0) {
			sql += strcspn(sql, "\n");
		} else if (strncmp(sql, "/*", 2) == 0) {
			const char *end = strstr(sql + 2, "*/");
			sql = end == NULL ? sql + strlen(sql) : end + 2;
		} else {
			return sql;
		}
	}
}

/* A quote inside quotes is doubled: two texts, one after the other, are as good here. */
static token read_quoted(const char **sql, char end)
{
	const char *start = *sql + 1;
	const char *found = strchr(start, end);
	token read = {.start = start, .is_name = end != '\''};

	read.length = found == NULL ? strlen(start) : (size_t) (found - start);
	*sql = start + read.length + (found != NULL);
	if (read.length == 0) /* which would be taken for the end */
		read = (token) {.start = "''", .length = 2};
	return read;
}

static bool is_of_name(char character)
{
	return isalnum((unsigned char) character) || character == '_' || character == '$' || (unsigned char) character >= 0x80;
}

static token read_token(const char **sql)
{
	static const char quotes[][2] = {{'\'', '\''}, {'"', '"'}, {'`', '`'}, {'[', ']'}};
	token read = {.start = *sql = skip_blanks(*sql)};

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		if (**sql == quotes[i][0])
			return read_quoted(sql, quotes[i][1]);
	while (is_of_name(read.start[read.length]))
		read.length++;
	read.is_name = read.length > 0;
	if (read.length == 0 && *read.start != '\0')
		read.length = 1;
	*sql += read.length;
	return read;
}

static bool is_text(const token *read, const char *text)
{
	return read->length == strlen(text) && strncasecmp(read->start, text, read->length) == 0;
}

/* UPDATE t SET a = 1, b = 2 WHERE c = 3; the names in front of '=' between SET and what ends its list. */
bool pawl_sqlite_sets_column(const char *trigger_sql, const char *name)
{
	static const char *const ends[] = {"WHERE", "FROM", "RETURNING", ";", NULL};
	bool is_in_set = false;
	token before = {0}, last = {0};

	for (const char *sql = trigger_sql;;) {
		token next = read_token(&sql);
		if (next.length == 0)
			return false;
		bool begins_assignment = is_text(&before, "SET") || is_text(&before, ",");
		if (is_in_set && is_text(&next, "=") && begins_assignment && last.is_name && is_text(&last, name))
			return true;
		is_in_set = is_in_set || (next.is_name && is_text(&next, "SET"));
		for (size_t i = 0; ends[i] != NULL; i++)
			is_in_set = is_in_set && !is_text(&next, ends[i]);
		before = last;
		last = next;
	}
}
