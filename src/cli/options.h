/*
 * cli/options.h: one table tells what a verb takes; parsing and help text both come from it.
 *
 *     struct settings { const char *path; int format; int64_t limit; bool is_quiet; };
 *
 *     static const char *const formats[] = {"table", "csv", NULL};
 *     static const pawl_option options[] = {
 *         {PAWL_OPTION_OPERAND, "FILE", NULL, "what to read", offsetof(struct settings, path)},
 *         {PAWL_OPTION_CHOICE, "format", "FORMAT", "how to print it", offsetof(struct settings, format), .choices = formats},
 *         {PAWL_OPTION_INTEGER, "limit", "N", "rows at most", offsetof(struct settings, limit), .minimum = 1, .maximum = 100},
 *         {PAWL_OPTION_FLAG, "quiet", NULL, "say nothing", offsetof(struct settings, is_quiet)},
 *         {0},
 *     };
 *
 * `--name value` and `--name=value` are the same; `--` ends the options. A value that begins with two dashes needs the second
 * form, so that a forgotten value does not swallow the next option. What has a blank before any `=`, as "-- text", is an
 * operand: SQL may begin with a comment. What is not given stays as it was in the settings.
 */
#ifndef PAWL_CLI_OPTIONS_H
#define PAWL_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef enum pawl_option_kind {
	PAWL_OPTION_FLAG = 1,        /* bool */
	PAWL_OPTION_TEXT,            /* const char *, borrowed from the arguments; never empty */
	PAWL_OPTION_CHOICE,          /* int: the index in `choices`; the case of letters does not matter */
	PAWL_OPTION_INTEGER,         /* int64_t, from `minimum` to `maximum` */
	PAWL_OPTION_SIZE,            /* int64_t, bytes: 268435456, 256MiB, 256M, 1GB; from `minimum` to `maximum` */
	PAWL_OPTION_DURATION,        /* int64_t, microseconds: 90s, 1h30m; from `minimum` to `maximum` */
	PAWL_OPTION_LIST,            /* pawl_option_list: may be given several times */
	PAWL_OPTION_OPERAND,         /* const char *: by its place; must be given; one of `choices`, if there are any */
	PAWL_OPTION_OPTIONAL_OPERAND /* the same, may be left out; after those that must not */
} pawl_option_kind;

#define PAWL_OPTION_LIST_MAX 64

/* What a repeated option was given, in that order; borrowed from the arguments. */
typedef struct pawl_option_list {
	const char *items[PAWL_OPTION_LIST_MAX];
	size_t count;
} pawl_option_list;

typedef struct pawl_option {
	pawl_option_kind kind; /* 0 ends a table */
	const char *name;      /* without dashes; of an operand, as it stands in the usage line */
	const char *argument;  /* what stands for the value in help; NULL for a flag or an operand */
	const char *help;
	size_t offset;         /* of the member in the settings */
	int64_t minimum, maximum;
	const char *const *choices; /* ends in NULL */
} pawl_option;

#define PAWL_OPTIONS_MAX 63 /* of one table */

/*
 * Parses `count` arguments into the settings. *ret_wants_help is true as soon as --help or -h was met: the rest is not looked
 * at. PAWL_INVALID names the argument, with a suggestion for a misspelt one.
 */
pawl_status pawl_options_parse(const pawl_option *options, size_t count, const char *const *arguments, void *settings,
                               bool *ret_wants_help, pawl_error *error);

static inline bool pawl_option_is_operand(const pawl_option *option)
{
	return option->kind == PAWL_OPTION_OPERAND || option->kind == PAWL_OPTION_OPTIONAL_OPERAND;
}

#endif
