/* The scripts are given to the shells themselves, with a command line as these would have it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "cli/completion.h"
#include "support.h"

struct greet_settings {
	const char *name, *file, *folder;
	pawl_option_list others;
	int64_t times;
	int manner;
	bool is_loud;
};

static const char *const manners[] = {"formal", "friendly", "frosty", NULL};

static const pawl_option greet_options[] = {
	{PAWL_OPTION_OPERAND, "NAME", NULL, "who", offsetof(struct greet_settings, name), 0, 0, NULL},
	{PAWL_OPTION_OPTIONAL_OPERAND, "FILE", NULL, "where", offsetof(struct greet_settings, file), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "loud", NULL, "don't [whisper]: shout", offsetof(struct greet_settings, is_loud), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "manner", "MANNER", "how", offsetof(struct greet_settings, manner), 0, 0, manners},
	{PAWL_OPTION_INTEGER, "times", "N", "how often", offsetof(struct greet_settings, times), 1, 9, NULL},
	{PAWL_OPTION_TEXT, "from", "DIR", "from where", offsetof(struct greet_settings, folder), 0, 0, NULL},
	{PAWL_OPTION_LIST, "with", "FILE", "with whom", offsetof(struct greet_settings, others), 0, 0, NULL},
	{0},
};

static const pawl_command greet = {"greet", "say hello", greet_options, sizeof(struct greet_settings), NULL, NULL, NULL};
static const pawl_command *const commands[] = {&greet, &pawl_completion, &pawl_command_help, NULL};

static int complete(const char *shell, FILE *out, FILE *err)
{
	const pawl_program program = {
		.name = "greeter", .summary = "greets", .version = "greeter 1.0", .commands = commands, .out = out, .err = err};
	char name[] = "greeter", verb[] = "completion", argument[16];

	snprintf(argument, sizeof(argument), "%s", shell);
	return pawl_command_main(&program, 3, (char *[]){name, verb, argument, NULL});
}

static void write_script(const char *shell, const char *path)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(complete(shell, out, stderr), 0);
	assert_int_equal(fclose(out), 0);
}

/* A folder to complete file names in. */
static int enter_folder_with_scripts(void **state)
{
	if (enter_folder(state) != 0)
		return -1;
	write_script("bash", "greeter.bash");
	write_script("zsh", "_greeter");
	write_file("guests.txt", "");
	return mkdir("garden", 0700);
}

/* What the command printed, with blanks instead of newlines; it must succeed. */
static void run(const char *command, pawl_buffer *ret_output)
{
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	for (int character = fgetc(pipe); character != EOF; character = fgetc(pipe))
		pawl_buffer_append_character(ret_output, character == '\n' ? ' ' : (char) character);
	int status = pclose(pipe);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("%s: %s", command, pawl_buffer_text(ret_output));
}

/* ---- bash ------------------------------------------------------------------------------------------------------------- */

/* `words` as bash splits them: the last one is completed. */
static void assert_bash(const char *words, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer output = {0};

	pawl_buffer_append(&text, ". ./greeter.bash\n");
	pawl_buffer_appendf(&text, "COMP_WORDS=(%s)\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n", words);
	pawl_buffer_append(&text, "_greeter; echo ${COMPREPLY[@]}\n");
	write_file("text", pawl_buffer_text(&text));
	run("bash text 2>&1", &output);
	if (output.length > 0)
		output.text[--output.length] = '\0';
	if (strcmp(pawl_buffer_text(&output), expected) != 0)
		fail_msg("%s: '%s', not '%s'", words, pawl_buffer_text(&output), expected);
}

static void bash_completes_verbs_and_options(void **unused)
{
	(void) unused;
	assert_bash("greeter ''", "greet completion help");
	assert_bash("greeter gr", "greet");
	assert_bash("greeter help ''", "greet completion help");
	assert_bash("greeter help c", "completion");
	assert_bash("greeter greet --", "--loud --manner --times --from --with --help");
	assert_bash("greeter greet Ada --l", "--loud");
	assert_bash("greeter completion --", "--help");
	assert_bash("greeter unknown ''", "");
	assert_bash("greeter unknown --", "");
}

static void bash_completes_values(void **unused)
{
	(void) unused;
	assert_bash("greeter greet --manner ''", "formal friendly frosty");
	assert_bash("greeter greet --manner fr", "friendly frosty");
	assert_bash("greeter greet --manner =", "formal friendly frosty");
	assert_bash("greeter greet --manner = fro", "frosty");
	assert_bash("greeter greet --times ''", "");
	assert_bash("greeter greet --times 3 --manner fo", "formal");
	assert_bash("greeter greet --from g", "garden");
	assert_bash("greeter greet --with gu", "guests.txt");
	assert_bash("greeter greet --with a --with = gu", "guests.txt");
	assert_bash("greeter completion ''", "bash zsh");
}

static void bash_counts_operands(void **unused)
{
	(void) unused;
	assert_bash("greeter greet gu", "");
	assert_bash("greeter greet Ada gu", "guests.txt");
	assert_bash("greeter greet --loud --times 3 Ada gu", "guests.txt");
	assert_bash("greeter greet --times = 3 Ada --manner frosty gu", "guests.txt");
	assert_bash("greeter greet --times = 3 gu", "");
	assert_bash("greeter greet Ada guests.txt gu", "");
}

static void bash_joins_what_a_colon_parted(void **unused)
{
	(void) unused;
	assert_bash("greeter greet --with sqlite : gu", "guests.txt");
	assert_bash("greeter greet --with = sqlite : gu", "guests.txt");
	assert_bash("greeter greet --with sqlite : a --manner fo", "formal");
	assert_bash("greeter greet --with sqlite : a Ada gu", "guests.txt");
	assert_bash("greeter greet Ada sqlite : gu", "guests.txt");
	assert_bash("greeter greet a : b gu", "guests.txt");
}

static void bash_takes_the_script(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer output = {0};

	run("bash -n greeter.bash 2>&1", &output);
	assert_string_equal(pawl_buffer_text(&output), "");
}

/* ---- zsh -------------------------------------------------------------------------------------------------------------- */

/* What the script hands to zsh's own functions, which do the rest. */
static void assert_zsh(const char *words, int current, const char *expected)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer output = {0};

	if (system("zsh --version >/dev/null 2>&1") != 0)
		skip();
	pawl_buffer_append(&text, "compdef() { print -r - compdef $@ }\n_arguments() { print -rl - $CURRENT $@ }\n"
	                          "_describe() { print -rl - ${(P)2} }\n. ./_greeter\n");
	pawl_buffer_appendf(&text, "words=(%s) CURRENT=%d\n_greeter\n", words, current);
	write_file("text", pawl_buffer_text(&text));
	run("zsh -f text 2>&1", &output);
	assert_string_equal(pawl_buffer_text(&output), expected);
}

static void zsh_takes_the_script(void **unused)
{
	(void) unused;
	assert_zsh("greeter ''", 2,
	           "compdef _greeter greeter greet:say hello "
	           "completion:print a script that completes command lines, for a shell "
	           "help:list the verbs, or the options of one ");
	assert_zsh("greeter greet ''", 3,
	           "compdef _greeter greeter 2 1:NAME: 2::FILE:_files --loud[don't \\[whisper\\]\\: shout] "
	           "--manner=[how]:MANNER:(formal friendly frosty) --times=[how often]:N: --from=[from where]:DIR:_files -/ "
	           "*--with=[with whom]:FILE:_files --help[print the options of the verb] ");
	assert_zsh("greeter help x ''", 4,
	           "compdef _greeter greeter 3 1::VERB:_greeter_verbs --help[print the options of the verb] ");
	assert_zsh("greeter unknown ''", 3, "compdef _greeter greeter ");
}

/* ---- other shells ----------------------------------------------------------------------------------------------------- */

static void other_shells_have_none(void **unused)
{
	(void) unused;
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();

	assert_int_equal(complete("fish", output.out, errors.out), 2);
	assert_string_equal(capture_text(&output), "");
	assert_string_equal(capture_text(&errors), "error: SHELL cannot be 'fish'\n"
	                                           "hint: it is one of 'bash', 'zsh'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bash_takes_the_script),
		cmocka_unit_test(bash_completes_verbs_and_options),
		cmocka_unit_test(bash_completes_values),
		cmocka_unit_test(bash_counts_operands),
		cmocka_unit_test(bash_joins_what_a_colon_parted),
		cmocka_unit_test(zsh_takes_the_script),
		cmocka_unit_test(other_shells_have_none),
	};
	return cmocka_run_group_tests(tests, enter_folder_with_scripts, leave_folder);
}
