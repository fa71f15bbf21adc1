#include "base/step.h"

#ifdef PAWL_TEST_HOOKS

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "12": the 12th step. "2 run: table done": the second one of that name. */
static bool is_due(const char *kill_at, long number, const char *name)
{
	static atomic_long passed_by_name;
	char *rest;
	long due = strtol(kill_at, &rest, 10);

	if (*rest == '\0')
		return number == due;
	return strcmp(rest + 1, name) == 0 && atomic_fetch_add(&passed_by_name, 1) + 1 == due;
}

void pawl_step(const char *name)
{
	static atomic_long passed;
	long number = atomic_fetch_add(&passed, 1) + 1;
	const char *kill_at = getenv("PAWL_KILL_AT");

	if (getenv("PAWL_TRACE_STEPS") != NULL)
		fprintf(stderr, "step %ld: %s\n", number, name);
	if (kill_at != NULL && is_due(kill_at, number, name))
		raise(SIGKILL);
}

#endif
