#include "source/sqlite/internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"

/*
 * By the first word of the declared type, where that is plain; words that SQLite's own rule would take for something else are
 * among them: ENUM has NUM in it, STRING and DATE would be numbers.
 */
static const struct word {
	const char *word;
	pawl_sqlite_kind kind;
	pawl_key_class key_class;
} words[] = {
	{"DATE", PAWL_SQLITE_TEXT, PAWL_KEY_DATE},
	{"DATETIME", PAWL_SQLITE_TEXT, PAWL_KEY_TIMESTAMP},
	{"TIMESTAMP", PAWL_SQLITE_TEXT, PAWL_KEY_TIMESTAMP},
	{"TIMESTAMPTZ", PAWL_SQLITE_TEXT, PAWL_KEY_TIMESTAMP},
	{"NUMERIC", PAWL_SQLITE_DECIMAL, PAWL_KEY_NUMBER},
	{"DECIMAL", PAWL_SQLITE_DECIMAL, PAWL_KEY_NUMBER},
	{"DEC", PAWL_SQLITE_DECIMAL, PAWL_KEY_NUMBER},
	{"NUMBER", PAWL_SQLITE_DECIMAL, PAWL_KEY_NUMBER},
	{"ENUM", PAWL_SQLITE_TEXT, PAWL_KEY_TEXT},
	{"INTERVAL", PAWL_SQLITE_TEXT, PAWL_KEY_TEXT},
};

/* By a part of it, in this order: SQLite's rules of affinity ("Datatypes In SQLite", section 3.1), and three of ours. */
static const struct part {
	const char *part;
	pawl_sqlite_kind kind;
	pawl_key_class key_class;
} parts[] = {
	{"BOOL", PAWL_SQLITE_BOOLEAN, PAWL_KEY_NONE}, /* ours */
	{"FLOA", PAWL_SQLITE_REAL, PAWL_KEY_NUMBER},  /* ahead of INT: FLOATING POINT */
	{"INT", PAWL_SQLITE_INTEGER, PAWL_KEY_NUMBER},
	{"CHAR", PAWL_SQLITE_TEXT, PAWL_KEY_TEXT},
	{"CLOB", PAWL_SQLITE_TEXT, PAWL_KEY_TEXT},
	{"TEXT", PAWL_SQLITE_TEXT, PAWL_KEY_TEXT},
	{"BLOB", PAWL_SQLITE_BLOB, PAWL_KEY_NONE},
	{"BINARY", PAWL_SQLITE_BLOB, PAWL_KEY_NONE}, /* ours */
	{"REAL", PAWL_SQLITE_REAL, PAWL_KEY_NUMBER},
	{"DOUB", PAWL_SQLITE_REAL, PAWL_KEY_NUMBER},
};

static bool is_word(const char *declared, const char *word)
{
	size_t length = strlen(word);
	return strncasecmp(declared, word, length) == 0 && (declared[length] == '\0' || strchr(" (", declared[length]) != NULL);
}

/* "(10,2)" or "(10)"; without a precision, or with one that DECIMAL has not, a double: it is checked to keep each value. */
static void read_precision(const char *declared, pawl_sqlite_type *type)
{
	const char *open = strchr(declared, '(');
	int precision = 0, scale = 0;

	int count = open == NULL ? 0 : sscanf(open, "( %4d , %4d )", &precision, &scale);
	if (count < 1 || precision < 1 || precision > PAWL_DECIMAL_MAX_PRECISION || scale < 0 || scale > precision) {
		type->kind = PAWL_SQLITE_REAL;
		return;
	}
	type->precision = precision;
	type->scale = scale;
}

pawl_sqlite_type pawl_sqlite_type_of(const char *declared)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!is_word(declared, words[i].word))
			continue;
		pawl_sqlite_type type = {.kind = words[i].kind, .key_class = words[i].key_class};
		if (type.kind == PAWL_SQLITE_DECIMAL)
			read_precision(declared, &type);
		return type;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(declared, parts[i].part) != NULL)
			return (pawl_sqlite_type) {.kind = parts[i].kind, .key_class = parts[i].key_class};
	/* No type, ANY, JSON, UUID, STRING, TIME...: the text of any value but a blob. */
	return (pawl_sqlite_type) {.kind = PAWL_SQLITE_TEXT, .key_class = PAWL_KEY_TEXT};
}

static const char *const names[] = {
	[PAWL_SQLITE_INTEGER] = "BIGINT", [PAWL_SQLITE_BOOLEAN] = "BOOLEAN", [PAWL_SQLITE_REAL] = "DOUBLE",
	[PAWL_SQLITE_DECIMAL] = NULL,     [PAWL_SQLITE_TEXT] = "VARCHAR",    [PAWL_SQLITE_ANY] = "VARCHAR",
	[PAWL_SQLITE_BLOB] = "BLOB",      [PAWL_SQLITE_TIME] = "TIMESTAMP",
};

void pawl_sqlite_type_name(const pawl_sqlite_type *type, char out[PAWL_SQLITE_TYPE_BYTES])
{
	if (type->kind == PAWL_SQLITE_DECIMAL)
		snprintf(out, PAWL_SQLITE_TYPE_BYTES, "DECIMAL(%d,%d)", type->precision, type->scale);
	else
		snprintf(out, PAWL_SQLITE_TYPE_BYTES, "%s", names[type->kind]);
}

#define INFINITY_OR(form) "CASE WHEN isinf(#) THEN if(# > 0, 'Infinity', '-Infinity') ELSE " form " END"

/* Where SQLite makes integers of real numbers that are one, a double stands for what was an integer. */
static const char *double_form(const char *declared)
{
	bool is_real = strcasestr(declared, "INT") == NULL &&
	               (strcasestr(declared, "REAL") != NULL || strcasestr(declared, "FLOA") != NULL ||
	                strcasestr(declared, "DOUB") != NULL);

	if (is_real)
		return INFINITY_OR("regexp_replace(CAST(# AS VARCHAR), '\\.0$', '')");
	return INFINITY_OR("if(# = trunc(#) AND abs(#) < 9.2e18, CAST(TRY_CAST(# AS BIGINT) AS VARCHAR), CAST(# AS VARCHAR))");
}

const char *pawl_sqlite_text_form(const char *declared)
{
	pawl_sqlite_type type = pawl_sqlite_type_of(declared);

	switch (type.kind) {
	case PAWL_SQLITE_BOOLEAN:
		return "CAST(CAST(# AS TINYINT) AS VARCHAR)";
	case PAWL_SQLITE_BLOB:
		return "'X''' || hex(#) || ''''";
	case PAWL_SQLITE_REAL:
		return double_form(declared);
	case PAWL_SQLITE_DECIMAL: /* SQLite keeps no zeros behind a point */
		return type.scale == 0 ? NULL : "rtrim(rtrim(CAST(# AS VARCHAR), '0'), '.')";
	case PAWL_SQLITE_INTEGER:
	case PAWL_SQLITE_TEXT:
	case PAWL_SQLITE_ANY:
	case PAWL_SQLITE_TIME:
		break;
	}
	return NULL;
}
