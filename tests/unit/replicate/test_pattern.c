#include <string.h>

#include "replicate/job.h"
#include "support.h"

static void patterns_and_names(void **unused)
{
	(void) unused;
	static const struct {
		const char *pattern, *schema, *name;
		bool is_match;
	} cases[] = {
		{"orders", "main", "orders", true},
		{"orders", "any schema", "ORDERS", true},
		{"Orders", "main", "orders", true},
		{"order", "main", "orders", false},
		{"rders", "main", "orders", false},
		{"main", "main", "orders", false},
		{"main.orders", "main", "orders", true},
		{"MAIN.orders", "main", "orders", true},
		{"main.orders", "other", "orders", false},
		{"main.", "main", "orders", false},
		{".orders", "main", "orders", false},
		{"*", "main", "orders", true},
		{"**", "main", "orders", true},
		{"*.*", "main", "orders", true},
		{"main.*", "main", "orders", true},
		{"main.*", "main2", "orders", false},
		{"m*.o*s", "main", "orders", true},
		{"*.orders", "main", "orders", true},
		{"*.orders", "main", "old_orders", false},
		{"*orders", "main", "old_orders", true},
		{"o*d*r*", "main", "orders", true},
		{"*ab", "main", "aab", true},
		{"*aab*", "main", "aaaab", true},
		{"*b", "main", "aba", false},
		{"a?c", "main", "abc", true},
		{"a?c", "main", "ac", false},
		{"a?c", "main", "abbc", false},
		{"?", "main", "\xc3\xa9", true},   /* one character, of two bytes */
		{"??", "main", "\xc3\xa9", false},
		{"*?", "main", "\xe2\x82\xac", true},
		{"*??", "main", "\xe2\x82\xac", false}, /* '*' takes whole characters */
		{"\xc3\xa9*", "main", "\xc3\xa9t\xc3\xa9", true},
		{"\xc3\x89", "main", "\xc3\xa9", false}, /* only ASCII letters have no case */
		{"main?orders", "main", "orders", false},
		{"a.b", "main", "a.b", false},
		{"main.a.b", "main", "a.b", true},
		{"a*c", "main", "a.b.c", true},
		{"*", "main", "", true},
		{"", "main", "orders", false},
		{"", "main", "", true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pawl_pattern_matches(cases[i].pattern, cases[i].schema, cases[i].name) != cases[i].is_match)
			fail_msg("'%s' %s '%s' of '%s'", cases[i].pattern, cases[i].is_match ? "does not match" : "matches",
			         cases[i].name, cases[i].schema);
}

/* A matcher that tries every star at every place would take until the end of time. */
static void many_stars_take_no_time(void **unused)
{
	(void) unused;
	char pattern[200], name[2000];

	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2) {
		pattern[i] = '*';
		pattern[i + 1] = 'a';
	}
	pattern[sizeof(pattern) - 2] = 'b';
	pattern[sizeof(pattern) - 1] = '\0';
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(pawl_pattern_matches(pattern, "main", name));
	name[sizeof(name) - 2] = 'b';
	assert_true(pawl_pattern_matches(pattern, "main", name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_and_names),
		cmocka_unit_test(many_stars_take_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
