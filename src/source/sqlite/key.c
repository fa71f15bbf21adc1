#include "source/sqlite/internal.h"

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "types/cell.h"

/* ---- real numbers ---------------------------------------------------------------------------------------------------- */

void pawl_sqlite_format_real(double real, char out[PAWL_SQLITE_REAL_BYTES])
{
	const pawl_cell cell = {.as.float64 = real};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_cell_append_text(&cell, PAWL_DOUBLE, &text);
	snprintf(out, PAWL_SQLITE_REAL_BYTES, "%s", pawl_buffer_text(&text));
}

bool pawl_sqlite_parse_real(const char *text, double *ret_real)
{
	char *end;

	/* The locale of this thread alone; "C" is the C library's own, which nobody frees. */
	locale_t previous = uselocale(newlocale(LC_ALL_MASK, "C", NULL));
	double real = strtod(text, &end);
	uselocale(previous);
	if (end == text || *end != '\0')
		return false;
	*ret_real = real;
	return true;
}

/* ---- from SQLite ----------------------------------------------------------------------------------------------------- */

static pawl_status make_value(const char *type, const char *text, pawl_key_value *ret_value, pawl_error *error)
{
	const pawl_key_value value = {(char *) (uintptr_t) text, (char *) (uintptr_t) type};
	return pawl_key_value_copy(&value, ret_value, error);
}

pawl_status pawl_sqlite_key_of_integer(int64_t integer, pawl_key_value *ret_value, pawl_error *error)
{
	char text[32];
	snprintf(text, sizeof(text), "%" PRId64, integer);
	return make_value("integer", text, ret_value, error);
}

pawl_status pawl_sqlite_key_of_real(double real, pawl_key_value *ret_value, pawl_error *error)
{
	char text[PAWL_SQLITE_REAL_BYTES];
	pawl_sqlite_format_real(real, text);
	if (text[0] == '\0')
		return pawl_error_out_of_memory(error);
	return make_value("real", text, ret_value, error);
}

void pawl_sqlite_append_hex(pawl_buffer *text, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char) bytes[i];
		pawl_buffer_append_bytes(text, (const char[]) {digits[byte >> 4], digits[byte & 15]}, 2);
	}
}

pawl_status pawl_sqlite_key_of_bytes(int storage, const char *bytes, size_t length, pawl_key_value *ret_value,
                                     pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	bool is_plain = storage == SQLITE_TEXT && pawl_text_valid_utf8(bytes, length) == length &&
	                (length == 0 || memchr(bytes, '\0', length) == NULL);

	if (is_plain)
		pawl_buffer_append_bytes(&text, bytes, length);
	else
		pawl_sqlite_append_hex(&text, bytes, length);
	PAWL_TRY(pawl_buffer_status(&text, error));
	const char *type = is_plain ? "text" : storage == SQLITE_TEXT ? "text hex" : "blob";
	return make_value(type, pawl_buffer_text(&text), ret_value, error);
}

pawl_status pawl_sqlite_key_of(sqlite3_value *value, pawl_key_value *ret_value, pawl_error *error)
{
	int storage = sqlite3_value_type(value);

	if (storage == SQLITE_NULL)
		return PAWL_OK;
	if (storage == SQLITE_INTEGER)
		return pawl_sqlite_key_of_integer(sqlite3_value_int64(value), ret_value, error);
	if (storage == SQLITE_FLOAT)
		return pawl_sqlite_key_of_real(sqlite3_value_double(value), ret_value, error);
	const void *bytes = storage == SQLITE_TEXT ? sqlite3_value_text(value) : sqlite3_value_blob(value);
	size_t length = (size_t) sqlite3_value_bytes(value);
	if (bytes == NULL && length > 0)
		return pawl_error_out_of_memory(error);
	return pawl_sqlite_key_of_bytes(storage, bytes, length, ret_value, error);
}

/* ---- to SQLite ------------------------------------------------------------------------------------------------------- */

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool parse_hex(const char *text, char *bytes)
{
	for (; *text != '\0'; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		*bytes++ = (char) (high << 4 | low);
	}
	return true;
}

static pawl_status refuse(const pawl_key_value *value, pawl_error *error)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];
	pawl_text_excerpt(value->text, strlen(value->text), excerpt);
	return pawl_error_set(error, PAWL_INVALID, "'%s' is not a key of SQLite's type '%s'", excerpt, value->type);
}

static pawl_status bind_hex(sqlite3_stmt *statement, int index, const pawl_key_value *value, int *ret_code, pawl_error *error)
{
	size_t length = strlen(value->text) / 2;
	PAWL_CLEANUP(pawl_free_pointer) char *bytes = pawl_allocate(length);

	if (bytes == NULL)
		return pawl_error_out_of_memory(error);
	if (!parse_hex(value->text, bytes))
		return refuse(value, error);
	*ret_code = strcmp(value->type, "blob") == 0
	                    ? sqlite3_bind_blob(statement, index, bytes, (int) length, SQLITE_TRANSIENT)
	                    : sqlite3_bind_text(statement, index, bytes, (int) length, SQLITE_TRANSIENT);
	return PAWL_OK;
}

/*
 * A number may be named "integer" and be a real one: those who keep a key's values apart from their types have the type of
 * another. What a person wrote has no type, and goes as text, which SQLite converts as the column asks.
 */
pawl_status pawl_sqlite_bind_key(pawl_sqlite_source *sqlite, sqlite3_stmt *statement, int index, const pawl_key_value *value,
                                 pawl_error *error)
{
	const char *type = value->type == NULL ? "" : value->type;
	bool is_integer = strcmp(type, "integer") == 0, is_real = strcmp(type, "real") == 0;
	int code = SQLITE_OK;
	int64_t integer;
	double real;

	if (strcmp(type, "blob") == 0 || strcmp(type, "text hex") == 0)
		PAWL_TRY(bind_hex(statement, index, value, &code, error));
	else if (is_integer && pawl_text_parse_integer(value->text, &integer))
		code = sqlite3_bind_int64(statement, index, integer);
	else if ((is_integer || is_real) && pawl_sqlite_parse_real(value->text, &real))
		code = sqlite3_bind_double(statement, index, real);
	else if (is_integer || is_real)
		return refuse(value, error);
	else
		code = sqlite3_bind_text(statement, index, value->text, -1, SQLITE_TRANSIENT);
	return code == SQLITE_OK ? PAWL_OK : pawl_sqlite_fail(sqlite, error);
}

void pawl_sqlite_append_literal(pawl_buffer *sql, const pawl_key_value *value)
{
	const char *type = value->type == NULL ? "" : value->type;
	double real;

	if (strcmp(type, "integer") == 0)
		pawl_buffer_append(sql, value->text);
	else if (strcmp(type, "real") == 0 && pawl_sqlite_parse_real(value->text, &real) && real - real == 0)
		pawl_buffer_appendf(sql, strpbrk(value->text, ".e") == NULL ? "%s.0" : "%s", value->text);
	else if (strcmp(type, "real") == 0)
		pawl_buffer_append(sql, value->text[0] == '-' ? "-9e999" : "9e999"); /* SQLite's infinity */
	else if (strcmp(type, "blob") == 0)
		pawl_buffer_appendf(sql, "X'%s'", value->text);
	else if (strcmp(type, "text hex") == 0)
		pawl_buffer_appendf(sql, "CAST(X'%s' AS TEXT)", value->text);
	else
		pawl_buffer_append_literal(sql, value->text);
}
