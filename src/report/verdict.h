/*
 * report/verdict.h: what came of a sync, in one word.
 *
 *     pawl_verdict_print(stdout, &terminal, pawl_verdict_of(run_error));     // "Sync STOPPED", in yellow
 */
#ifndef PAWL_REPORT_VERDICT_H
#define PAWL_REPORT_VERDICT_H

#include <stdio.h>

#include "base/error.h"
#include "report/terminal.h"

typedef enum pawl_verdict {
	PAWL_VERDICT_SUCCEEDED,
	PAWL_VERDICT_FAILED,
	PAWL_VERDICT_STOPPED /* somebody asked for it, and the next run goes on */
} pawl_verdict;

extern const char *const pawl_verdict_names[]; /* "succeeded", "failed", "stopped" */

/* NULL: it succeeded. */
pawl_verdict pawl_verdict_of(const pawl_error *run_error);

/* "Sync SUCCEEDED", with nothing after it; in colour where the terminal has colours. */
void pawl_verdict_print(FILE *out, const pawl_terminal *terminal, pawl_verdict verdict);

#endif
