#include <string.h>

#include "base/buffer.h"
#include "config/yaml.h"
#include "support.h"

static pawl_error error;

/* The tree as one line, with the places of texts: {a@1:1: [b@2:3, -@3:3]} */
static void format(const pawl_yaml *node, pawl_buffer *out)
{
	const char *brackets = node->kind == PAWL_YAML_LIST ? "[]" : "{}";

	if (node->kind == PAWL_YAML_NOTHING || node->kind == PAWL_YAML_TEXT) {
		pawl_buffer_appendf(out, "%s@%d:%d", node->kind == PAWL_YAML_TEXT ? node->text : "-", node->line, node->column);
		return;
	}
	pawl_buffer_append_character(out, brackets[0]);
	for (const pawl_yaml *child = node->first; child != NULL; child = child->next) {
		if (child->key != NULL) {
			format(child->key, out);
			pawl_buffer_append(out, ": ");
		}
		format(child, out);
		if (child->next != NULL)
			pawl_buffer_append(out, ", ");
	}
	pawl_buffer_append_character(out, brackets[1]);
}

static void assert_tree(const char *text, const char *expected)
{
	PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = "a.yaml"};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer tree = {0};

	OK(pawl_yaml_parse(&file, text, strlen(text), &error));
	format(file.root, &tree);
	assert_string_equal(pawl_buffer_text(&tree), expected);
}

static void assert_mistake_of(const char *text, size_t length, const char *message, const char *hint)
{
	PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = "a.yaml"};

	pawl_error_clear(&error);
	FAILS(pawl_yaml_parse(&file, text, length, &error), PAWL_INVALID, message);
	assert_string_equal(error.hint, hint);
	assert_null(file.root);
}

static void assert_mistake(const char *text, const char *message, const char *hint)
{
	assert_mistake_of(text, strlen(text), message, hint);
}

/* ---- trees ------------------------------------------------------------------------------------------------------------ */

static void trees_have_places(void **unused)
{
	(void) unused;
	assert_tree("a: b\nc:\n  - d\n  - {e: f}\n", "{a@1:1: b@1:4, c@2:1: [d@3:5, {e@4:6: f@4:9}]}");
	assert_tree("- a\n- b\n", "[a@1:3, b@2:3]");
	assert_tree("a: {}\nb: []\n", "{a@1:1: {}, b@2:1: []}");
	assert_tree("\xc3\xa9: \xc3\xa9\n", "{\xc3\xa9@1:1: \xc3\xa9@1:4}");
	assert_tree("--- # a comment\na: b\n...\n", "{a@2:1: b@2:4}");
	assert_tree("\xef\xbb\xbf" "a: b\n", "{a@1:1: b@1:4}"); /* a byte order mark */
	assert_tree("a: b\r\nc: d\r\n", "{a@1:1: b@1:4, c@2:1: d@2:4}");
}

static void scalars_are_their_text(void **unused)
{
	(void) unused;
	assert_tree("[no, 012, 1e3, 2024-01-01, True, .inf]",
	            "[no@1:2, 012@1:6, 1e3@1:11, 2024-01-01@1:16, True@1:28, .inf@1:34]");
	assert_tree("['it''s', \"a\\tb\", a b]", "[it's@1:2, a\tb@1:11, a b@1:19]");
	assert_tree("a: |\n  b\n  c\nd: >\n  e\n  f\n", "{a@1:1: b\nc\n@1:4, d@4:1: e f\n@4:4}");
}

static void nothing_has_no_quotes(void **unused)
{
	(void) unused;
	assert_tree("", "-@1:1");
	assert_tree("# only this\n", "-@2:1");
	assert_tree("[~, null, Null, NULL, nULL, 'null', \"\", '~']",
	            "[-@1:2, -@1:5, -@1:11, -@1:17, nULL@1:23, null@1:29, @1:37, ~@1:41]");
	assert_tree("a:\nb:\n", "{a@1:1: -@1:3, b@2:1: -@2:3}");
}

/* ---- what is refused --------------------------------------------------------------------------------------------------- */

static void keys_are_names_and_once(void **unused)
{
	(void) unused;
	assert_mistake("a: 1\nb: 2\n\"a\": 3\n", "a.yaml:3:1: 'a' is there twice, first in line 1", "");
	assert_mistake("x: {a: 1, a: 2}", "a.yaml:1:11: 'a' is there twice, first in line 1", "");
	assert_mistake("[a]: 1\n", "a.yaml:1:1: a name is expected here, and not a list or a mapping", "");
	assert_mistake("? {a: b}\n: 1\n", "a.yaml:1:3: a name is expected here, and not a list or a mapping", "");
	assert_tree("a: 1\nA: 2\n", "{a@1:1: 1@1:4, A@2:1: 2@2:4}");
}

static void no_small_file_becomes_a_large_one(void **unused)
{
	(void) unused;
	static const char message[] = "a.yaml:1:4: anchors and aliases cannot be used here";
	static const char hint[] = "what tables share stands in 'defaults', or under a pattern that matches them";

	assert_mistake("a: &x [lol, lol]\nb: [*x, *x]\n", message, hint);
	assert_mistake("a: *x\n", message, hint);
	assert_mistake("a: &x b\n", message, hint);
	assert_mistake("a: &x {}\n", message, hint);
	assert_mistake("*x : b\n", "a.yaml:1:1: anchors and aliases cannot be used here", hint);
	assert_mistake("&x a: b\n", "a.yaml:1:1: anchors and aliases cannot be used here", hint);
}

static void tags_and_documents(void **unused)
{
	(void) unused;
	assert_mistake("a: !!str 5\n", "a.yaml:1:4: tags cannot be used here", "");
	assert_mistake("a: !mine [5]\n", "a.yaml:1:4: tags cannot be used here", "");
	assert_mistake("a: b\n---\nc: d\n", "a.yaml:2:1: a second document begins here", "");
}

static void what_is_no_yaml(void **unused)
{
	(void) unused;
	assert_mistake("a: b: c\n", "a.yaml:1:5: mapping values are not allowed in this context",
	               "put text that holds ': ' in quotes, and check how the line is indented");
	assert_mistake("a:\n\t- b\n",
	               "a.yaml:2:1: found character that cannot start any token, while scanning for the next token that "
	                              "begins in line 2",
	               "indent with blanks, not tabs; put text that begins with '%', '@' or '`' in quotes");
	assert_mistake("a:\n  b: 1\n c: 2\n",
	               "a.yaml:3:2: did not find expected key, while parsing a block mapping that begins in line 1",
	               "check how the line is indented");
	assert_mistake("a: [b\n",
	               "a.yaml:2:1: did not find expected ',' or ']', while parsing a flow sequence that begins in line 1",
	               "");
	assert_mistake("a: 'secret\n",
	               "a.yaml:2:1: found unexpected end of stream, while scanning a quoted scalar that begins in line 1",
	               "");
}

static void what_is_no_text(void **unused)
{
	(void) unused;
	assert_mistake("a: b\nc: \xff\n", "a.yaml:2:4: the byte 0xff is not UTF-8", "save the file as UTF-8");
	assert_mistake("\xff\xfe" "a\0", "a.yaml:1:1: the byte 0xff is not UTF-8", "save the file as UTF-8");
	assert_mistake("a: b\n\xc3\xa9: \x07\n", "a.yaml:2:4: control characters are not allowed", "");
	assert_mistake_of("a: b\0c", 6, "a.yaml:1:5: control characters are not allowed", "");
	assert_mistake("a: \"b\\0c\"\n", "a.yaml:1:4: the text holds a NUL", "");
}

static void there_are_limits(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = "a.yaml"};

	assert_tree("[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]");
	assert_mistake("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "a.yaml:1:17: more than 16 levels", "");

	for (int i = 0; i < 10000; i++)
		pawl_buffer_append(&text, "- a\n");
	OK(pawl_yaml_parse(&file, pawl_buffer_text(&text), text.length, &error));
	pawl_buffer_append(&text, "- a\n");
	assert_mistake(pawl_buffer_text(&text), "a.yaml:1:1: more than 10000 entries", "");

	pawl_buffer_clear(&text);
	for (int i = 0; i < 100000; i++)
		pawl_buffer_append(&text, "[");
	assert_mistake(pawl_buffer_text(&text), "a.yaml:1:17: more than 16 levels", "");
}

#ifdef PAWL_TEST_HOOKS
static pawl_status parse(void *context, pawl_error *ret_error)
{
	static const char text[] = "a: b\nc: [d, {e: ~}]\n";
	PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = "a.yaml", .arena = {.block_bytes = 64}};

	(void) context;
	return pawl_yaml_parse(&file, text, sizeof(text) - 1, ret_error);
}

static void every_allocation_may_be_refused(void **unused)
{
	(void) unused;
	assert_true(refuse_every_allocation(parse, NULL) > 5);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_have_places),
		cmocka_unit_test(scalars_are_their_text),
		cmocka_unit_test(nothing_has_no_quotes),
		cmocka_unit_test(keys_are_names_and_once),
		cmocka_unit_test(no_small_file_becomes_a_large_one),
		cmocka_unit_test(tags_and_documents),
		cmocka_unit_test(what_is_no_yaml),
		cmocka_unit_test(what_is_no_text),
		cmocka_unit_test(there_are_limits),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(every_allocation_may_be_refused),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
