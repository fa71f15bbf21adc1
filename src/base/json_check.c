/*
 * Whether a text is JSON by RFC 8259, to the letter, without building anything: Jansson would refuse numbers of more than
 * 64 bits, which a JSON column keeps, and take ten times as long. One pass, no recursion, no memory.
 */
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define MAX_DEPTH ((size_t) 512)

typedef struct json_scanner {
	const char *at, *end;
	const char *reason; /* why scanning ended at `at` */
	size_t depth;
	bool is_object[MAX_DEPTH]; /* for each open level; else an array */
} json_scanner;

static bool fail(json_scanner *scanner, const char *reason)
{
	scanner->reason = reason;
	return false;
}

/* The next character, NUL at the end. A NUL in the text is no harm: it is allowed nowhere. */
static inline char peek(const json_scanner *scanner)
{
	return scanner->at < scanner->end ? *scanner->at : '\0';
}

static inline void skip_space(json_scanner *scanner)
{
	for (;;) {
		char character = peek(scanner);

		if (character != ' ' && character != '\n' && character != '\r' && character != '\t')
			return;
		scanner->at++;
	}
}

static inline bool take(json_scanner *scanner, char character)
{
	if (peek(scanner) != character)
		return false;
	scanner->at++;
	return true;
}

/* Whether one of 8 bytes ends a run of plain characters: below 0x20, a quote or a backslash. */
static inline bool ends_run_8(const char *bytes)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t word, quotes, backslashes;

	memcpy(&word, bytes, sizeof(word));
	quotes = word ^ ones * '"';
	backslashes = word ^ ones * '\\';
	return ((((word - ones * 0x20) & ~word) | ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes)) & tops) != 0;
}

static void skip_run(json_scanner *scanner)
{
	while (scanner->end - scanner->at >= 8 && !ends_run_8(scanner->at))
		scanner->at += 8;
	while (scanner->at < scanner->end) {
		unsigned char byte = (unsigned char) *scanner->at;

		if (byte < 0x20 || byte == '"' || byte == '\\')
			return;
		scanner->at++;
	}
}

static bool is_hex(char character)
{
	return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f') ||
	       (character >= 'A' && character <= 'F');
}

/* What follows a backslash. Half a surrogate pair is allowed, as by the RFC's grammar. */
static bool take_escape(json_scanner *scanner)
{
	char kind = peek(scanner);

	if (kind == '\0' || strchr("\"\\/bfnrtu", kind) == NULL)
		return fail(scanner, "one of \" \\ / b f n r t u is expected after a backslash");
	scanner->at++;
	for (int digits = 0; kind == 'u' && digits < 4; digits++) {
		if (!is_hex(peek(scanner)))
			return fail(scanner, "four hexadecimal digits are expected after \\u");
		scanner->at++;
	}
	return true;
}

/* The rest of a string after its first quote. */
static bool take_string(json_scanner *scanner)
{
	for (;;) {
		skip_run(scanner);
		if (take(scanner, '"'))
			return true;
		if (!take(scanner, '\\'))
			return fail(scanner, scanner->at == scanner->end ? "a string does not end" : "a control character in a string");
		if (!take_escape(scanner))
			return false;
	}
}

static bool take_digits(json_scanner *scanner)
{
	const char *start = scanner->at;

	while (peek(scanner) >= '0' && peek(scanner) <= '9')
		scanner->at++;
	return scanner->at > start || fail(scanner, "a digit is expected");
}

static bool take_number(json_scanner *scanner)
{
	take(scanner, '-');
	if (!take(scanner, '0') && !take_digits(scanner))
		return false;
	if (take(scanner, '.') && !take_digits(scanner))
		return false;
	if (take(scanner, 'e') || take(scanner, 'E')) {
		if (!take(scanner, '+'))
			take(scanner, '-');
		return take_digits(scanner);
	}
	return true;
}

static bool take_word(json_scanner *scanner, const char *word)
{
	size_t length = strlen(word);

	if ((size_t) (scanner->end - scanner->at) < length || memcmp(scanner->at, word, length) != 0)
		return fail(scanner, "a value is expected");
	scanner->at += length;
	return true;
}

static bool take_scalar(json_scanner *scanner)
{
	switch (peek(scanner)) {
	case '"':
		scanner->at++;
		return take_string(scanner);
	case 't':
		return take_word(scanner, "true");
	case 'f':
		return take_word(scanner, "false");
	case 'n':
		return take_word(scanner, "null");
	case '-':
	case '0' ... '9':
		return take_number(scanner);
	default:
		return fail(scanner, "a value is expected");
	}
}

/* The name of a member and its colon. */
static bool take_name(json_scanner *scanner)
{
	skip_space(scanner);
	if (!take(scanner, '"'))
		return fail(scanner, "a name in double quotes is expected");
	if (!take_string(scanner))
		return false;
	skip_space(scanner);
	return take(scanner, ':') || fail(scanner, "':' is expected");
}

/*
 * Scans from where a value must begin to the end of a scalar or of an empty object or array, opening levels on its way.
 */
static bool take_begin(json_scanner *scanner)
{
	for (;;) {
		bool is_object;

		skip_space(scanner);
		is_object = peek(scanner) == '{';
		if (!is_object && peek(scanner) != '[')
			return take_scalar(scanner);
		if (scanner->depth == MAX_DEPTH)
			return fail(scanner, "more than 512 levels of arrays and objects");

		scanner->at++;
		skip_space(scanner);
		if (take(scanner, is_object ? '}' : ']'))
			return true;
		scanner->is_object[scanner->depth++] = is_object;
		if (is_object && !take_name(scanner))
			return false;
	}
}

/*
 * Scans what may follow a value: closes levels up to a comma, after which another value must begin (*ret_is_end false), or
 * to the end of the text.
 */
static bool take_end(json_scanner *scanner, bool *ret_is_end)
{
	for (;;) {
		bool is_object;

		skip_space(scanner);
		*ret_is_end = scanner->depth == 0;
		if (scanner->depth == 0)
			return scanner->at == scanner->end || fail(scanner, "nothing may follow the value");

		is_object = scanner->is_object[scanner->depth - 1];
		if (take(scanner, ','))
			return !is_object || take_name(scanner);
		if (!take(scanner, is_object ? '}' : ']'))
			return fail(scanner, is_object ? "',' or '}' is expected" : "',' or ']' is expected");
		scanner->depth--;
	}
}

/* Lines and columns count from 1, columns in characters. */
static pawl_status set_place(const char *text, const char *at, const char *reason, pawl_error *error)
{
	size_t line = 1, column = 1;

	for (; text < at; text++) {
		if (*text == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char) *text & 0xc0) != 0x80) {
			column++;
		}
	}
	return pawl_error_set(error, PAWL_INVALID, "line %zu, column %zu: %s", line, column, reason);
}

pawl_status pawl_json_check(const char *text, size_t length, pawl_error *error)
{
	size_t valid = pawl_text_valid_utf8(text, length);
	bool is_end = false;
	json_scanner scanner;

	if (length == 0)
		text = ""; /* it may have been NULL, to which nothing may be added, not even 0 */
	if (valid < length)
		return set_place(text, text + valid, "a byte that is not UTF-8", error);

	scanner.at = text;
	scanner.end = text + length;
	scanner.depth = 0; /* is_object stays undefined: only open levels are read */
	while (!is_end)
		if (!take_begin(&scanner) || !take_end(&scanner, &is_end))
			return set_place(text, scanner.at, scanner.reason, error);
	return PAWL_OK;
}
