/*
 * cli/completion.h: the verb that prints a script with which a shell completes the program's command line. All of it comes from
 * the tables of the program and its verbs (cli/command.h, cli/options.h): a new option is completed as soon as it is there.
 *
 *     eval "$(pawl completion bash)"                                  # in ~/.bashrc
 *     pawl completion zsh > "${fpath[1]}/_pawl"
 *
 * What an option or operand is completed with: its choices, where it has some; file names, where FILE, SOURCE or WAREHOUSE
 * stands for its value; folders, where DIR does; the verbs, where VERB does.
 */
#ifndef PAWL_CLI_COMPLETION_H
#define PAWL_CLI_COMPLETION_H

#include "cli/command.h"

extern const pawl_command pawl_completion;

/* ---- the shells, for completion.c ------------------------------------------------------------------------------------- */

typedef enum pawl_completion_kind {
	PAWL_COMPLETE_NOTHING,
	PAWL_COMPLETE_CHOICES, /* of the option */
	PAWL_COMPLETE_FILES,
	PAWL_COMPLETE_FOLDERS,
	PAWL_COMPLETE_VERBS
} pawl_completion_kind;

pawl_completion_kind pawl_completion_kind_of(const pawl_option *option);

void pawl_completion_print_bash(const pawl_program *program, FILE *out);
void pawl_completion_print_zsh(const pawl_program *program, FILE *out);

#endif
