#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"
#include "support.h"

struct greet_settings {
	const char *name;
	bool is_loud;
};

static pawl_status run_greet(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct greet_settings *greet = settings;
	if (strcmp(greet->name, "nobody") == 0) {
		pawl_error_set(error, PAWL_NOT_FOUND, "there is no '%s'", greet->name);
		return pawl_error_hint(error, "greet somebody");
	}
	if (strcmp(greet->name, "stop") == 0)
		return pawl_error_set(error, PAWL_INTERRUPTED, "stopped before the end");
	fprintf(program->out, "%s %s\n", greet->is_loud ? "HELLO" : "hello", greet->name);
	return PAWL_OK;
}

static int cleared;

static pawl_status prepare(void *settings, pawl_error *error)
{
	struct greet_settings *greet = settings;
	if (strcmp(greet->name, "0") == 0)
		return pawl_error_set(error, PAWL_INVALID, "'0' is no name");
	greet->is_loud |= strcmp(greet->name, "Bob") == 0;
	return PAWL_OK;
}

static void clear(void *settings)
{
	assert_non_null(((struct greet_settings *) settings)->name);
	cleared++;
}

static const pawl_option greet_options[] = {
	{PAWL_OPTION_OPERAND, "NAME", NULL, "who", offsetof(struct greet_settings, name), 0, 0, NULL},
	{PAWL_OPTION_FLAG, "loud", NULL, "shout", offsetof(struct greet_settings, is_loud), 0, 0, NULL},
	{0},
};

static const pawl_command greet = {
	"greet", "say hello", greet_options, sizeof(struct greet_settings), run_greet, prepare, clear,
};
static const pawl_command *const commands[] = {&greet, &pawl_command_version, &pawl_command_help, NULL};

static int run_on(FILE *out, FILE *err, const char *const *arguments)
{
	const pawl_program program = {
		.name = "greeter", .summary = "greets", .version = "greeter 1.0", .commands = commands, .out = out, .err = err};
	char *argv[8] = {NULL};
	int argc = 0;
	for (; arguments[argc] != NULL; argc++)
		argv[argc] = strdup(arguments[argc]);
	int status = pawl_command_main(&program, argc, argv);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return status;
}

static void assert_run(const char *const *arguments, int status, const char *out, const char *err)
{
	PAWL_CLEANUP(capture_close) capture output = capture_open();
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	assert_int_equal(run_on(output.out, errors.out, arguments), status);
	assert_string_equal(capture_text(&output), out);
	assert_string_equal(capture_text(&errors), err);
}

#define RUN(...) ((const char *const[]){"greeter", ##__VA_ARGS__, NULL})

#define PROGRAM_HELP                                                     \
	"greeter: greets\n\n"                                            \
	"usage: greeter VERB [OPTION...]\n\n"                            \
	"  greet    say hello\n"                                         \
	"  version  print the versions of this program, Pawl and DuckDB\n" \
	"  help     list the verbs, or the options of one\n\n"           \
	"'greeter help VERB' tells the options of a verb.\n"

#define GREET_HELP                                   \
	"greeter greet: say hello\n\n"               \
	"usage: greeter greet NAME [OPTION...]\n\n"  \
	"  NAME    who\n"                            \
	"  --loud  shout\n"                          \
	"  --help  print this text\n"

static void a_verb_runs_with_its_settings(void **state)
{
	(void) state;
	assert_run(RUN("greet", "--loud", "Ada"), 0, "HELLO Ada\n", "");
}

static void a_failure_is_told_once(void **state)
{
	(void) state;
	assert_run(RUN("greet", "nobody"), 1, "", "error: there is no 'nobody'\nhint: greet somebody\n");
}

static void a_wrong_command_line_is_2(void **state)
{
	(void) state;
	assert_run(RUN("gret"), 2, "", "error: unknown verb 'gret'\nhint: did you mean 'greet'?\n");
	assert_run(RUN("sing"), 2, "", "error: unknown verb 'sing'\nhint: 'greeter help' lists the verbs\n");
	assert_run(RUN("greet"), 2, "", "error: NAME is missing\nhint: 'greeter help greet' lists what it takes\n");
	assert_run(RUN("greet", "x", "--lod"), 2, "", "error: unknown option '--lod'\nhint: did you mean '--loud'?\n");
	assert_run(RUN("version", "x"), 2, "", "error: unexpected argument 'x'\nhint: 'greeter help version' lists what it takes\n");
}

static void what_is_prepared_is_cleared(void **state)
{
	(void) state;
	cleared = 0;
	assert_run(RUN("greet", "Bob"), 0, "HELLO Bob\n", "");
	assert_int_equal(cleared, 1);
	assert_run(RUN("greet", "0"), 2, "", "error: '0' is no name\n");
	assert_int_equal(cleared, 2);
	assert_run(RUN("greet"), 2, "", "error: NAME is missing\nhint: 'greeter help greet' lists what it takes\n");
	assert_int_equal(cleared, 2);
}

static void what_goes_on_next_time_is_3(void **state)
{
	(void) state;
	assert_run(RUN("greet", "stop"), 3, "", "error: stopped before the end\n");
}

static void help_is_there_under_every_name(void **state)
{
	(void) state;
	assert_run(RUN("help"), 0, PROGRAM_HELP, "");
	assert_run(RUN("--help"), 0, PROGRAM_HELP, "");
	assert_run(RUN("-h"), 0, PROGRAM_HELP, "");
	assert_run(RUN("help", "greet"), 0, GREET_HELP, "");
	assert_run(RUN("greet", "--help"), 0, GREET_HELP, "");
	assert_run(RUN("help", "gret"), 2, "", "error: unknown verb 'gret'\nhint: did you mean 'greet'?\n");
	assert_run(RUN(), 2, "", PROGRAM_HELP);
}

static void version_is_one_line(void **state)
{
	(void) state;
	assert_run(RUN("version"), 0, "greeter 1.0\n", "");
	assert_run(RUN("--version"), 0, "greeter 1.0\n", "");
}

static void a_full_disk_is_an_error(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	assert_int_equal(run_on(full, errors.out, RUN("greet", "Ada")), 1);
	assert_string_equal(capture_text(&errors), "error: cannot write the output: No space left on device\n");
	fclose(full);
}

static void a_closed_pipe_is_quiet(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	FILE *out = fdopen(ends[1], "w");
	assert_int_equal(run_on(out, errors.out, RUN("greet", "Ada")), 1);
	assert_string_equal(capture_text(&errors), "");
	fclose(out);
	signal(SIGPIPE, SIG_DFL);
}

#ifdef PAWL_TEST_HOOKS

static void without_memory_it_fails_cleanly(void **state)
{
	(void) state;
	PAWL_CLEANUP(capture_close) capture errors = capture_open();
	pawl_memory_fail_at(1);
	assert_int_equal(run_on(errors.out, errors.out, RUN("greet", "Ada")), 1);
	pawl_memory_fail_at(0);
	assert_memory_equal(capture_text(&errors), "error: out of memory\nhint: ", 27);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verb_runs_with_its_settings),
		cmocka_unit_test(a_failure_is_told_once),
		cmocka_unit_test(a_wrong_command_line_is_2),
		cmocka_unit_test(what_is_prepared_is_cleared),
		cmocka_unit_test(what_goes_on_next_time_is_3),
		cmocka_unit_test(help_is_there_under_every_name),
		cmocka_unit_test(version_is_one_line),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_closed_pipe_is_quiet),
#ifdef PAWL_TEST_HOOKS
		cmocka_unit_test(without_memory_it_fails_cleanly),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
