#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/expand.h"
#include "support.h"

static pawl_error error;

static int set_variables(void **unused)
{
	(void) unused;
	setenv("PAWL_TEST_A", "alpha", 1);
	setenv("PAWL_TEST_B", "beta ${PAWL_TEST_A} $${", 1);
	setenv("PAWL_TEST_EMPTY", "", 1);
	setenv("PAWL_TEST_LATIN1", "caf\xe9", 1);
	unsetenv("PAWL_TEST_UNSET");
	return 0;
}

static void assert_expanded(const char *text, const char *expected, const char *variable)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion expansion = {0};

	OK(pawl_expand(text, &expansion, &error));
	assert_string_equal(pawl_buffer_text(&expansion.text), expected);
	assert_string_equal(expansion.variable, variable);
}

static void variables_are_put_in(void **unused)
{
	(void) unused;
	assert_expanded("", "", "");
	assert_expanded("plain", "plain", "");
	assert_expanded("${PAWL_TEST_A}", "alpha", "PAWL_TEST_A");
	assert_expanded("<${PAWL_TEST_A}${PAWL_TEST_A}>", "<alphaalpha>", "PAWL_TEST_A");
	assert_expanded("${PAWL_TEST_EMPTY}x${PAWL_TEST_A}", "xalpha", "PAWL_TEST_EMPTY");
	/* What a variable holds is not looked into. */
	assert_expanded("${PAWL_TEST_B}", "beta ${PAWL_TEST_A} $${", "PAWL_TEST_B");
}

static void defaults_stand_in(void **unused)
{
	(void) unused;
	assert_expanded("${PAWL_TEST_UNSET:-one two}", "one two", "");
	assert_expanded("${PAWL_TEST_UNSET:-}", "", "");
	assert_expanded("${PAWL_TEST_EMPTY:-x}", "x", "");
	assert_expanded("${PAWL_TEST_A:-x}", "alpha", "PAWL_TEST_A");
	assert_expanded("${PAWL_TEST_UNSET:-a:-b}", "a:-b", "");
	assert_expanded("${PAWL_TEST_UNSET:-x}${PAWL_TEST_A}", "xalpha", "PAWL_TEST_A");
}

static void dollars_are_dollars(void **unused)
{
	(void) unused;
	assert_expanded("$", "$", "");
	assert_expanded("$$", "$$", "");
	assert_expanded("$PAWL_TEST_A", "$PAWL_TEST_A", "");
	assert_expanded("$$text$$ = $1 and $2", "$$text$$ = $1 and $2", "");
	assert_expanded("$${PAWL_TEST_A}", "${PAWL_TEST_A}", "");
	assert_expanded("$$${PAWL_TEST_A}", "$${PAWL_TEST_A}", "");
	assert_expanded("${PAWL_TEST_A}$${${PAWL_TEST_A}", "alpha${alpha", "PAWL_TEST_A");
	assert_expanded("{PAWL_TEST_A}", "{PAWL_TEST_A}", "");
}

static void assert_mistake(const char *text, const char *message, const char *hint)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion expansion = {0};

	pawl_error_clear(&error);
	FAILS(pawl_expand(text, &expansion, &error), PAWL_INVALID, message);
	assert_string_equal(error.hint, hint);
}

static void mistakes_are_told(void **unused)
{
	(void) unused;
	static const char form[] = "write ${NAME} or ${NAME:-default}, and '$${' for a '${' that is no variable";
	static const char open_end[] = "write '$${' for a '${' that is no variable";
	char text[200] = "${";

	assert_mistake("a ${PAWL_TEST_UNSET}", "the variable ${PAWL_TEST_UNSET} is not set",
	               "set it, or give it a default: ${PAWL_TEST_UNSET:-default}");
	assert_mistake("${}", "'${}' names no variable", form);
	assert_mistake("${1A}", "'${1A}' names no variable", form);
	assert_mistake("${A B}", "'${A B}' names no variable", form);
	assert_mistake("${PAWL_TEST_A-x}", "'${PAWL_TEST_A-x}' names no variable", form);
	assert_mistake("${:-x}", "'${:-x}' names no variable", form);
	assert_mistake("${PAWL_TEST_A", "'${' has no '}'", open_end);
	assert_mistake("${", "'${' has no '}'", open_end);
	assert_mistake("${PAWL_TEST_LATIN1}", "the value of ${PAWL_TEST_LATIN1} is not UTF-8", "");
	memset(text + 2, 'A', PAWL_VARIABLE_BYTES);
	strcpy(text + 2 + PAWL_VARIABLE_BYTES, "}");
	assert_mistake(text,
	               "'${AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA...}' names no variable", form);
}

static void a_value_has_a_limit(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *value = pawl_allocate(1025);

	memset(value, 'x', 1024);
	setenv("PAWL_TEST_LONG", value, 1);
	for (int i = 0; i < 1024; i++)
		pawl_buffer_append(&text, "${PAWL_TEST_LONG}");
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion expansion = {0};
	OK(pawl_expand(pawl_buffer_text(&text), &expansion, &error));
	assert_int_equal(expansion.text.length, PAWL_EXPANDED_BYTES);
	pawl_buffer_append(&text, "${PAWL_TEST_LONG}");
	assert_mistake(pawl_buffer_text(&text), "with its variables, it has more than 1 MiB", "");
	unsetenv("PAWL_TEST_LONG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_put_in),
		cmocka_unit_test(defaults_stand_in),
		cmocka_unit_test(dollars_are_dollars),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(a_value_has_a_limit),
	};
	return cmocka_run_group_tests(tests, set_variables, NULL);
}
