#include "base/step.h"

#ifdef PAWL_TEST_HOOKS

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

void pawl_step(const char *name)
{
	static atomic_long passed;
	long number = atomic_fetch_add(&passed, 1) + 1;
	const char *kill_at = getenv("PAWL_KILL_AT");

	if (getenv("PAWL_TRACE_STEPS") != NULL)
		fprintf(stderr, "step %ld: %s\n", number, name);
	if (kill_at != NULL && strtol(kill_at, NULL, 10) == number)
		raise(SIGKILL);
}

#endif
