#include "cli/completion.h"

#include <string.h>

#include "base/text.h"

struct settings {
	const char *shell;
};

static const struct {
	const char *placeholder;
	pawl_completion_kind kind;
} placeholders[] = {
	{"FILE", PAWL_COMPLETE_FILES},
	{"WAREHOUSE", PAWL_COMPLETE_FILES},
	{"SOURCE", PAWL_COMPLETE_FILES},
	{"DIR", PAWL_COMPLETE_FOLDERS},
	{"VERB", PAWL_COMPLETE_VERBS},
};

pawl_completion_kind pawl_completion_kind_of(const pawl_option *option)
{
	const char *placeholder = pawl_option_is_operand(option) ? option->name : option->argument;

	if (option->choices != NULL)
		return PAWL_COMPLETE_CHOICES;
	for (size_t i = 0; placeholder != NULL && i < sizeof(placeholders) / sizeof(placeholders[0]); i++)
		if (strcmp(placeholder, placeholders[i].placeholder) == 0)
			return placeholders[i].kind;
	return PAWL_COMPLETE_NOTHING;
}

static const char *const shell_names[] = {"bash", "zsh", NULL};
static void (*const shells[])(const pawl_program *program, FILE *out) = {pawl_completion_print_bash, pawl_completion_print_zsh};

static pawl_status run_completion(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *completion = settings;

	(void) error;
	for (size_t i = 0; shell_names[i] != NULL; i++)
		if (strcmp(completion->shell, shell_names[i]) == 0)
			shells[i](program, program->out);
	return PAWL_OK;
}

static const pawl_option options[] = {
	{PAWL_OPTION_OPERAND, "SHELL", NULL, "bash or zsh", offsetof(struct settings, shell), 0, 0, shell_names},
	{0},
};

const pawl_command pawl_completion = {
	.name = "completion",
	.summary = "print a script that completes command lines, for a shell",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_completion,
};
