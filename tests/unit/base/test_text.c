#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void assert_valid(const char *text, size_t length, size_t expected)
{
	assert_int_equal(pawl_text_valid_utf8(text, length), expected);
}

static void utf8_is_checked_to_the_byte(void **state)
{
	(void) state;
	assert_valid("", 0, 0);
	assert_valid("\0a", 2, 2);
	assert_valid("\x7f", 1, 1);
	assert_valid("\x80", 1, 0);                     /* a continuation byte alone */
	assert_valid("\xc1\xbf", 2, 0);                 /* overlong */
	assert_valid("\xc2\x80", 2, 2);                 /* U+0080 */
	assert_valid("\xdf\xbf", 2, 2);                 /* U+07FF */
	assert_valid("\xc2\x7f", 2, 0);
	assert_valid("\xc2\xc0", 2, 0);
	assert_valid("\xe0\x9f\xbf", 3, 0);             /* overlong */
	assert_valid("\xe0\xa0\x80", 3, 3);             /* U+0800 */
	assert_valid("\xed\x9f\xbf", 3, 3);             /* U+D7FF */
	assert_valid("\xed\xa0\x80", 3, 0);             /* U+D800, a surrogate */
	assert_valid("\xed\xbf\xbf", 3, 0);             /* U+DFFF */
	assert_valid("\xee\x80\x80", 3, 3);             /* U+E000 */
	assert_valid("\xef\xbf\xbf", 3, 3);             /* U+FFFF */
	assert_valid("\xe2\x82\x41", 3, 0);
	assert_valid("\xf0\x8f\xbf\xbf", 4, 0);         /* overlong */
	assert_valid("\xf0\x90\x80\x80", 4, 4);         /* U+10000 */
	assert_valid("\xf4\x8f\xbf\xbf", 4, 4);         /* U+10FFFF */
	assert_valid("\xf4\x90\x80\x80", 4, 0);         /* U+110000 */
	assert_valid("\xf5\x80\x80\x80", 4, 0);
	assert_valid("\xff", 1, 0);
	assert_valid("\xf0\x9f\x98\x41", 4, 0);
}

static void utf8_may_be_cut_off(void **state)
{
	static const char text[] = "a\u00e9\u20ac\U0001f600";
	static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

	(void) state;
	for (size_t length = 0; length <= 10; length++)
		assert_valid(text, length, expected[length]);
}

static void utf8_is_found_wrong_at_any_place(void **state)
{
	char text[40];

	(void) state;
	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		text[at] = '\xff';
		assert_valid(text, sizeof(text), at);
	}
}

static void width_counts_columns(void **state)
{
	(void) state;
	assert_int_equal(pawl_text_width(""), 0);
	assert_int_equal(pawl_text_width("plain"), 5);
	assert_int_equal(pawl_text_width("M\u00fcller"), 6);
	assert_int_equal(pawl_text_width("e\u0301"), 1);              /* a combining acute accent */
	assert_int_equal(pawl_text_width("\u20dd"), 0);               /* an enclosing circle */
	assert_int_equal(pawl_text_width("\u200b\u200d"), 0);         /* zero-width space and joiner */
	assert_int_equal(pawl_text_width("\u6f22\u5b57"), 4);         /* Chinese characters */
	assert_int_equal(pawl_text_width("\uff21"), 2);               /* full-width A */
	assert_int_equal(pawl_text_width("\uff71"), 1);               /* half-width katakana */
	assert_int_equal(pawl_text_width("\uac00"), 2);               /* a Hangul syllable */
	assert_int_equal(pawl_text_width("\U0001f600"), 2);           /* an emoji */
	assert_int_equal(pawl_text_width("\u2500\u2502"), 2);         /* box drawing: ambiguous, narrow here */
	assert_int_equal(pawl_text_width("a\tb\x7f"), 2);             /* control characters */
	assert_int_equal(pawl_text_width("a\xff\xe2\x82"), 4);        /* each bad byte is a mark on a terminal */
}

static void assert_integer(const char *text, int64_t expected)
{
	int64_t integer = ~expected;

	assert_true(pawl_text_parse_integer(text, &integer));
	assert_true(integer == expected);
}

static void integers_are_read_whole(void **state)
{
	static const char *const bad[] = {
		"", "-", "+", " 1", "1 ", "1.0", "1e3", "0x10", "--1", "+-1", "abc", "1a", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999", "\xd9\xa1", "1,000", "1_000", "/", ":",
	};
	int64_t integer = 42;

	(void) state;
	assert_integer("0", 0);
	assert_integer("-0", 0);
	assert_integer("+7", 7);
	assert_integer("007", 7);
	assert_integer("9223372036854775807", INT64_MAX);
	assert_integer("-9223372036854775808", INT64_MIN);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(pawl_text_parse_integer(bad[i], &integer));
	assert_int_equal(integer, 42);
}

static void sizes_have_units_of_both_kinds(void **state)
{
	(void) state;
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{"0", 0}, {"268435456", 268435456}, {"1b", 1}, {"2k", 2048}, {"2KB", 2000}, {"256MiB", 268435456}, {"256 mib", 268435456},
		{"3M", 3145728}, {"3MB", 3000000}, {"1G", 1073741824}, {"1GB", 1000000000}, {"1TiB", INT64_C(1) << 40},
		{"2TB", INT64_C(2000000000000)}, {"9223372036854775807", INT64_MAX},
	};
	static const char *const bad[] = {"",   "MiB", "-1",  "+1",        "1.5GiB",   "1 2", "1XB", "1MiB ", "9223372036854775808",
	                                  "1e", "K1",  " 1 ", "8388608TiB", "99999999999999999999999999999999"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int64_t bytes = -1;
		assert_true(pawl_text_parse_size(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t bytes = -1;
		assert_false(pawl_text_parse_size(bad[i], &bytes));
		assert_int_equal(bytes, -1);
	}
}

static void names_are_compared_without_case(void **state)
{
	(void) state;
	assert_true(pawl_text_equal_ignore_case("", ""));
	assert_true(pawl_text_equal_ignore_case("Order_ID", "ORDER_id"));
	assert_false(pawl_text_equal_ignore_case("order", "orders"));
	assert_false(pawl_text_equal_ignore_case("orders", "order"));
	assert_false(pawl_text_equal_ignore_case("a", "b"));
	assert_false(pawl_text_equal_ignore_case("[", "{")); /* 0x20 apart, as letters are */
	assert_false(pawl_text_equal_ignore_case("\u00c4", "\u00e4"));
}

static void assert_excerpt(const char *text, size_t length, const char *expected)
{
	char out[PAWL_TEXT_EXCERPT_BYTES];

	pawl_text_excerpt(text, length, out);
	assert_string_equal(out, expected);
}

static void excerpts_are_printable(void **state)
{
	(void) state;
	assert_excerpt("", 0, "");
	assert_excerpt("abc", 3, "abc");
	assert_excerpt("\u00e9 \u20ac \U0001f600", 11, "\u00e9 \u20ac \U0001f600");
	assert_excerpt("a\0b\n\x1b[0m\x7f", 9, "a\\x00b\\x0A\\x1B[0m\\x7F");
	assert_excerpt("\xff" "a\xc3", 3, "\\xFFa\\xC3");
	assert_excerpt("\xc2\x85", 2, "\\xC2\\x85");         /* a C1 control */
	assert_excerpt("\u202e", 3, "\\xE2\\x80\\xAE");    /* right-to-left override */
}

static void excerpts_are_short(void **state)
{
	char text[100], expected[PAWL_TEXT_EXCERPT_BYTES], *end = expected;

	(void) state;
	memset(text, 'a', sizeof(text));
	memcpy(expected, text, 60);
	expected[60] = '\0';
	assert_excerpt(text, 60, expected);
	strcpy(expected + 60, "...");
	assert_excerpt(text, 61, expected);

	memcpy(text + 58, "\u20ac", 3); /* bytes 58 to 60: does not fit */
	strcpy(expected + 58, "...");
	assert_excerpt(text, 100, expected);

	memset(text, '\xff', sizeof(text)); /* the longest there is */
	for (int i = 0; i < 60; i++)
		end += sprintf(end, "\\xFF");
	strcpy(end, "...");
	assert_excerpt(text, 100, expected);
}

static void assert_closest(const char *text, const char *expected)
{
	static const char *const commands[] = {"debug", "schema", "version", "help", "checkpoint", NULL};
	const char *closest = pawl_text_closest(text, commands);

	if (expected == NULL)
		assert_null(closest);
	else
		assert_string_equal(closest, expected);
}

static void the_closest_candidate_is_found(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const equal[] = {"abcdex", "abcdey", NULL};
	char long_name[66];
	const char *long_names[] = {long_name, NULL};

	(void) state;
	assert_closest("debug", "debug");
	assert_closest("DEBUG", "debug");
	assert_closest("debgu", "debug");
	assert_closest("shcema", "schema");
	assert_closest("versions", "version");
	assert_closest("hel", "help");
	assert_closest("chekpoit", "checkpoint");
	assert_closest("ckpoint", "checkpoint");   /* 3 edits of 7 */
	assert_closest("kpoint", NULL);            /* 4 edits */
	assert_closest("he", NULL);
	assert_closest("h", NULL);
	assert_closest("", NULL);
	assert_closest("run", NULL);
	assert_null(pawl_text_closest("debug", none));
	assert_string_equal(pawl_text_closest("abcdez", equal), "abcdex"); /* the first of equals */

	memset(long_name, 'n', sizeof(long_name));
	long_name[65] = '\0';
	assert_null(pawl_text_closest("nnnnnnnn", long_names));
	assert_null(pawl_text_closest(long_name, equal));
	assert_ptr_equal(pawl_text_closest(long_name + 1, (const char *const[]){long_name + 2, NULL}), long_name + 2);
}

/* `filler` letters and then `tail`, put into 9 bytes. */
static void assert_formatted(size_t filler, const char *tail, const char *expected)
{
	char out[9];

	pawl_text_format(out, sizeof(out), "%.*s%s", (int) filler, "aaaaaaaa", tail);
	assert_string_equal(out, expected);
}

static void what_is_cut_ends_in_a_character(void **state)
{
	(void) state;
	assert_formatted(7, "b", "aaaaaaab");
	assert_formatted(8, "b", "aaaaaaaa");
	assert_formatted(6, "\u00e9", "aaaaaa\u00e9");
	assert_formatted(6, "\u00e9b", "aaaaaa\u00e9");
	assert_formatted(7, "\u00e9", "aaaaaaa");
	assert_formatted(5, "\u20acb", "aaaaa\u20ac");
	assert_formatted(6, "\u20ac", "aaaaaa");
	assert_formatted(7, "\u20ac", "aaaaaaa");
	assert_formatted(4, "\U0001f600b", "aaaa\U0001f600");
	assert_formatted(5, "\U0001f600", "aaaaa");
	assert_formatted(6, "\U0001f600", "aaaaaa");
	assert_formatted(7, "\U0001f600", "aaaaaaa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_checked_to_the_byte),
		cmocka_unit_test(utf8_may_be_cut_off),
		cmocka_unit_test(utf8_is_found_wrong_at_any_place),
		cmocka_unit_test(what_is_cut_ends_in_a_character),
		cmocka_unit_test(width_counts_columns),
		cmocka_unit_test(integers_are_read_whole),
		cmocka_unit_test(sizes_have_units_of_both_kinds),
		cmocka_unit_test(names_are_compared_without_case),
		cmocka_unit_test(excerpts_are_printable),
		cmocka_unit_test(excerpts_are_short),
		cmocka_unit_test(the_closest_candidate_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
