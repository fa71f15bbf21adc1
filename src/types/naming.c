#include "types/naming.h"

#include <string.h>

#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"

#define NAME_LIMIT_BYTES 4096

/* ---- checks ---------------------------------------------------------------------------------------------------------- */

static pawl_status refuse(pawl_name_role role, const char *name, pawl_error *error, const char *reason)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];
	pawl_text_excerpt(name, strlen(name), excerpt);
	const char *owner = role == PAWL_NAME_TABLE ? "table" : "column";
	return pawl_error_set(error, PAWL_INVALID, "%s name '%s' %s", owner, excerpt, reason);
}

static pawl_status check_name(pawl_name_role role, const char *name, pawl_error *error)
{
	size_t length = strlen(name);
	bool is_blank = true;
	if (length > NAME_LIMIT_BYTES)
		return refuse(role, name, error, "is longer than 4096 bytes");
	if (pawl_text_valid_utf8(name, length) != length)
		return refuse(role, name, error, "is not valid UTF-8");
	for (size_t i = 0; i < length;) {
		UChar32 character;
		U8_NEXT_UNSAFE(name, i, character);
		if (u_charType(character) == U_CONTROL_CHAR)
			return refuse(role, name, error, "holds a control character");
		if (!u_isUWhiteSpace(character))
			is_blank = false;
	}
	return is_blank ? refuse(role, name, error, "is blank") : PAWL_OK;
}

/* ---- transliteration ------------------------------------------------------------------------------------------------- */

static bool is_ascii(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char) *name > 127)
			return false;
	return true;
}

static pawl_status icu_error(UErrorCode code, pawl_error *error)
{
	if (code == U_MEMORY_ALLOCATION_ERROR)
		return pawl_error_out_of_memory(error);
	return pawl_error_set(error, PAWL_INTERNAL, "ICU cannot transliterate names: %s", u_errorName(code));
}

/* Turns `text` into Latin letters without accents, in place. U_BUFFER_OVERFLOW_ERROR when `capacity` is too small. */
static UErrorCode transliterate_in_place(UTransliterator *rules, UChar *text, int32_t *length, int32_t capacity)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t limit = *length;
	utrans_transUChars(rules, text, length, capacity, 0, &limit, &code);
	return code;
}

/* What is left over has no Latin form; the rules for names turn it into underscores. */
static char *to_ascii(const UChar *text, int32_t length)
{
	char *ascii = pawl_allocate((size_t) length + 1);
	for (int32_t i = 0; ascii != NULL && i < length; i++)
		ascii[i] = text[i] < 128 ? (char) text[i] : '_';
	return ascii;
}

static pawl_status transliterate_with(UTransliterator *rules, const char *name, char **ret_ascii, pawl_error *error)
{
	int32_t name_length = (int32_t) strlen(name);
	for (int32_t capacity = name_length + 64;; capacity *= 2) { /* enough for nearly all names at once */
		PAWL_CLEANUP(pawl_free_pointer) UChar *text = pawl_allocate_array((size_t) capacity, sizeof(UChar));
		UErrorCode code = U_ZERO_ERROR;
		int32_t length;
		if (text == NULL)
			return pawl_error_out_of_memory(error);
		u_strFromUTF8(text, capacity, &length, name, name_length, &code);
		if (U_SUCCESS(code))
			code = transliterate_in_place(rules, text, &length, capacity);
		if (code == U_BUFFER_OVERFLOW_ERROR)
			continue;
		if (U_FAILURE(code))
			return icu_error(code, error);
		char *ascii = to_ascii(text, length);
		if (ascii == NULL)
			return pawl_error_out_of_memory(error);
		*ret_ascii = ascii;
		return PAWL_OK;
	}
}

/* Opening the rules takes 10 ms the first time, so names that are ASCII already, nearly all of them, go without. */
static pawl_status transliterate(const char *name, char **ret_ascii, pawl_error *error)
{
	static const UChar rules_id[] = u"Any-Latin; Latin-ASCII";
	UErrorCode code = U_ZERO_ERROR;
	UTransliterator *rules = utrans_openU(rules_id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
	if (U_FAILURE(code))
		return icu_error(code, error);
	pawl_status status = transliterate_with(rules, name, ret_ascii, error);
	utrans_close(rules);
	return status;
}

/* ---- the rules for ASCII names --------------------------------------------------------------------------------------- */

static bool is_lower(char character)
{
	return character >= 'a' && character <= 'z';
}

static bool is_upper(char character)
{
	return character >= 'A' && character <= 'Z';
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* userData: before the D; HTTPServer: before the S. */
static bool begins_word(const char *name, const char *character)
{
	if (character == name || !is_upper(*character))
		return false;
	char previous = character[-1];
	return is_lower(previous) || is_digit(previous) || (is_upper(previous) && is_lower(character[1]));
}

static void append_underscore(pawl_buffer *out)
{
	if (out->length == 0 || out->text[out->length - 1] != '_')
		pawl_buffer_append_character(out, '_');
}

static void append_snake_case(pawl_buffer *out, const char *name)
{
	if (is_digit(*name))
		append_underscore(out);
	for (const char *character = name; *character != '\0'; character++) {
		if (begins_word(name, character))
			append_underscore(out);
		if (is_upper(*character))
			pawl_buffer_append_character(out, (char) (*character - 'A' + 'a'));
		else if (is_lower(*character) || is_digit(*character))
			pawl_buffer_append_character(out, *character);
		else
			append_underscore(out);
	}
}

static pawl_status apply_fivetran(pawl_name_role role, const char *name, char **ret_name, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *ascii = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer snake_case = {0};
	if (!is_ascii(name))
		PAWL_TRY(transliterate(name, &ascii, error));
	append_snake_case(&snake_case, ascii == NULL ? name : ascii);
	PAWL_TRY(pawl_buffer_status(&snake_case, error));

	const char *result = pawl_buffer_text(&snake_case);
	const char *visible = result + strspn(result, "_");
	if (*visible == '\0') {
		refuse(role, name, error, "has no letter or digit that Fivetran naming keeps");
		return pawl_error_hint(error, "rename it at the source, or use SOURCE naming, which keeps names as they are");
	}
	char *copy = pawl_duplicate(role == PAWL_NAME_TABLE && is_lower(*visible) ? visible : result);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	*ret_name = copy;
	return PAWL_OK;
}

pawl_status pawl_naming_apply(pawl_naming naming, pawl_name_role role, const char *name, char **ret_name, pawl_error *error)
{
	PAWL_TRY(check_name(role, name, error));
	if (naming == PAWL_NAMING_FIVETRAN)
		return apply_fivetran(role, name, ret_name, error);
	char *copy = pawl_duplicate(name);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	*ret_name = copy;
	return PAWL_OK;
}
