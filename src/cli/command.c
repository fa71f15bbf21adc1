#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "report/failure.h"

#define COMMANDS_MAX 32
#define LABEL_BYTES  80

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_STOPPED = 3 };

/* ---- help ------------------------------------------------------------------------------------------------------------ */

static size_t count_commands(const pawl_program *program)
{
	size_t count = 0;
	while (program->commands[count] != NULL)
		count++;
	return count;
}

static void print_row(FILE *out, int width, const char *label, const char *text)
{
	fprintf(out, "  %-*s  %s\n", width, label, text);
}

static void print_program_help(const pawl_program *program, FILE *out)
{
	int width = 0;
	for (size_t i = 0; program->commands[i] != NULL; i++)
		if ((int) strlen(program->commands[i]->name) > width)
			width = (int) strlen(program->commands[i]->name);
	fprintf(out, "%s: %s\n\nusage: %s VERB [OPTION...]\n\n", program->name, program->summary, program->name);
	for (size_t i = 0; program->commands[i] != NULL; i++)
		print_row(out, width, program->commands[i]->name, program->commands[i]->summary);
	fprintf(out, "\n'%s help VERB' tells the options of a verb.\n", program->name);
}

/* "--naming FIVETRAN|SOURCE", "WAREHOUSE" */
static void format_label(const pawl_option *option, char out[LABEL_BYTES])
{
	if (pawl_option_is_operand(option))
		snprintf(out, LABEL_BYTES, "%s", option->name);
	else if (option->argument == NULL)
		snprintf(out, LABEL_BYTES, "--%s", option->name);
	else
		snprintf(out, LABEL_BYTES, "--%s %s", option->name, option->argument);
}

static void print_command_help(const pawl_program *program, const pawl_command *command, FILE *out)
{
	char label[LABEL_BYTES];
	int width = (int) strlen("--help");
	fprintf(out, "%s %s: %s\n\nusage: %s %s", program->name, command->name, command->summary, program->name,
	        command->name);
	for (const pawl_option *option = command->options; option->kind != 0; option++) {
		format_label(option, label);
		if ((int) strlen(label) > width)
			width = (int) strlen(label);
		if (option->kind == PAWL_OPTION_OPERAND)
			fprintf(out, " %s", option->name);
		else if (option->kind == PAWL_OPTION_OPTIONAL_OPERAND)
			fprintf(out, " [%s]", option->name);
	}
	fputs(" [OPTION...]\n\n", out);
	for (const pawl_option *option = command->options; option->kind != 0; option++) {
		format_label(option, label);
		print_row(out, width, label, option->help);
	}
	print_row(out, width, "--help", "print this text");
}

static const pawl_command *find_command(const pawl_program *program, const char *name)
{
	for (size_t i = 0; program->commands[i] != NULL; i++)
		if (strcmp(program->commands[i]->name, name) == 0)
			return program->commands[i];
	return NULL;
}

static pawl_status fail_unknown(const pawl_program *program, const char *name, pawl_error *error)
{
	const char *names[COMMANDS_MAX + 1] = {NULL};
	size_t count = count_commands(program);
	for (size_t i = 0; i < count && i < COMMANDS_MAX; i++)
		names[i] = program->commands[i]->name;
	pawl_error_set(error, PAWL_INVALID, "unknown verb '%s'", name);
	const char *closest = pawl_text_closest(name, names);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "'%s help' lists the verbs", program->name);
}

struct help_settings {
	const char *verb;
};

static pawl_status run_help(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct help_settings *help = settings;
	if (help->verb == NULL) {
		print_program_help(program, program->out);
		return PAWL_OK;
	}
	const pawl_command *command = find_command(program, help->verb);
	if (command == NULL)
		return fail_unknown(program, help->verb, error);
	print_command_help(program, command, program->out);
	return PAWL_OK;
}

static const pawl_option help_options[] = {
	{PAWL_OPTION_OPTIONAL_OPERAND, "VERB", NULL, "a verb, to see its options", offsetof(struct help_settings, verb), 0, 0,
	 NULL},
	{0},
};

const pawl_command pawl_command_help = {
	.name = "help",
	.summary = "list the verbs, or the options of one",
	.options = help_options,
	.settings_bytes = sizeof(struct help_settings),
	.run = run_help,
};

/* ---- version --------------------------------------------------------------------------------------------------------- */

static pawl_status run_version(const pawl_program *program, const void *settings, pawl_error *error)
{
	(void) settings;
	(void) error;
	fprintf(program->out, "%s\n", program->version);
	return PAWL_OK;
}

static const pawl_option version_options[] = {{0}};

const pawl_command pawl_command_version = {
	.name = "version",
	.summary = "print the versions of this program, Pawl and DuckDB",
	.options = version_options,
	.run = run_version,
};

/* ---- running --------------------------------------------------------------------------------------------------------- */

static int fail_usage(const pawl_program *program, pawl_error *error, const char *verb)
{
	if (error->hint[0] == '\0')
		pawl_error_hint(error, "'%s help%s%s' lists what it takes", program->name, verb == NULL ? "" : " ",
		                verb == NULL ? "" : verb);
	pawl_failure_print(program->err, error);
	return EXIT_USAGE;
}

/* True when the other end of a pipe or socket is closed: poll reports that as an error, without a write. */
static bool has_no_reader(FILE *out)
{
	struct pollfd state = {.fd = fileno(out), .events = POLLOUT};
	return state.fd >= 0 && poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
}

/* Why the stream takes nothing: by another try, since errno may tell of something else by now. */
static int find_reason(FILE *out)
{
	clearerr(out);
	bool is_written = fputc('\n', out) != EOF && fflush(out) == 0;
	return is_written ? EIO : errno;
}

/* Output that nobody reads any more is no failure to tell of: the program ends quietly. */
static int run_command(const pawl_program *program, const pawl_command *command, const void *settings, pawl_error *error)
{
	pawl_status status = command->run(program, settings, error);
	bool is_written = fflush(program->out) == 0 && ferror(program->out) == 0;
	if (status == PAWL_OK && is_written)
		return EXIT_DONE;
	if (status == PAWL_OK) {
		if (has_no_reader(program->out))
			return EXIT_FAILED;
		pawl_error_set(error, PAWL_IO, "cannot write the output: %s", strerror(find_reason(program->out)));
	}
	pawl_failure_print(program->err, error);
	if (status == PAWL_INTERRUPTED)
		return EXIT_STOPPED;
	/* All that help can refuse is a word of the command line. */
	return command == &pawl_command_help && status != PAWL_OK ? EXIT_USAGE : EXIT_FAILED;
}

static int prepare_and_run(const pawl_program *program, const pawl_command *command, void *settings, pawl_error *error)
{
	pawl_status status = command->prepare == NULL ? PAWL_OK : command->prepare(settings, error);
	if (status == PAWL_OK)
		return run_command(program, command, settings, error);
	pawl_failure_print(program->err, error);
	return status == PAWL_OUT_OF_MEMORY ? EXIT_FAILED : EXIT_USAGE;
}

static int parse_and_run(const pawl_program *program, const pawl_command *command, size_t count,
                         const char *const *arguments, pawl_error *error)
{
	bool wants_help = false;
	PAWL_CLEANUP(pawl_free_pointer) void *settings = pawl_allocate(command->settings_bytes);
	if (settings == NULL) {
		pawl_error_out_of_memory(error);
		pawl_failure_print(program->err, error);
		return EXIT_FAILED;
	}
	if (pawl_options_parse(command->options, count, arguments, settings, &wants_help, error) != PAWL_OK)
		return fail_usage(program, error, command->name);
	if (wants_help) {
		const struct help_settings help = {command->name};
		return run_command(program, &pawl_command_help, &help, error);
	}
	int status = prepare_and_run(program, command, settings, error);
	if (command->clear != NULL)
		command->clear(settings);
	return status;
}

/*
 * Where a standard stream is closed, the next file that is opened gets its number, and what is printed goes into a warehouse. What
 * stands in for it cannot be written to, so that output which gets nowhere is an error as before.
 */
static void fill_standard_streams(void)
{
	int file;

	do
		file = open("/dev/null", O_RDONLY);
	while (file >= 0 && file <= STDERR_FILENO);
	if (file >= 0)
		close(file);
}

int pawl_command_main(const pawl_program *program, int argc, char **argv)
{
	pawl_error error;
	fill_standard_streams();
	pawl_error_clear(&error);
	if (argc < 2) {
		print_program_help(program, program->err);
		return EXIT_USAGE;
	}
	const char *verb = argv[1];
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
		verb = "help";
	else if (strcmp(verb, "--version") == 0)
		verb = "version";
	const pawl_command *command = find_command(program, verb);
	if (command == NULL) {
		fail_unknown(program, verb, &error);
		return fail_usage(program, &error, NULL);
	}
	return parse_and_run(program, command, (size_t) argc - 2, (const char *const *) argv + 2, &error);
}
