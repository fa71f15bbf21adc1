/*
 * cli/command.h: a program is a table of verbs; a verb is a row with its options and what it does.
 *
 *     const pawl_command *const verbs[] = {&pawl_query, &pawl_command_version, &pawl_command_help, NULL};
 *     return pawl_command_main(&(pawl_program){.name = "pawl", ..., .commands = verbs}, argc, argv);
 *
 * Exit status: 0 done; 1 it failed; 2 the command line, or a file that it names for one, is wrong; 3 it was stopped before the
 * end, and goes on when it is run again. An error is printed once, here, to `err`.
 */
#ifndef PAWL_CLI_COMMAND_H
#define PAWL_CLI_COMMAND_H

#include <stdio.h>

#include "base/error.h"
#include "cli/options.h"

typedef struct pawl_program pawl_program;

typedef struct pawl_command {
	const char *name;
	const char *summary;        /* one line, beginning with a small letter */
	const pawl_option *options; /* ends in a row of zeros */
	size_t settings_bytes;      /* of the struct that the options fill; zeroed before */

	/* `settings` is that struct. Output goes to program->out. */
	pawl_status (*run)(const pawl_program *program, const void *settings, pawl_error *error);

	/* May be NULL. Checks what a table of options cannot, and readies it; what it refuses ends in exit status 2. `clear`
	 * follows in any case, after `run`. */
	pawl_status (*prepare)(void *settings, pawl_error *error);
	void (*clear)(void *settings);
} pawl_command;

struct pawl_program {
	const char *name;    /* as it is called: "pawl" */
	const char *summary; /* one line, beginning with a small letter */
	const char *version; /* one line: "customers (pawl 0.1.0, DuckDB v1.5.5)" */
	const pawl_command *const *commands; /* ends in NULL */
	const void *context; /* for the commands */
	FILE *out, *err;
};

/* Finds the verb, parses its arguments, runs it, prints its error; returns the exit status. */
int pawl_command_main(const pawl_program *program, int argc, char **argv);

/* The two verbs that every program has. */
extern const pawl_command pawl_command_help;
extern const pawl_command pawl_command_version;

#endif
