#include "report/verdict.h"

const char *const pawl_verdict_names[] = {
	[PAWL_VERDICT_SUCCEEDED] = "succeeded",
	[PAWL_VERDICT_FAILED] = "failed",
	[PAWL_VERDICT_STOPPED] = "stopped",
};

static const struct {
	const char *word;
	pawl_color color;
} words[] = {
	[PAWL_VERDICT_SUCCEEDED] = {"SUCCEEDED", PAWL_COLOR_GREEN},
	[PAWL_VERDICT_FAILED] = {"FAILED", PAWL_COLOR_RED},
	[PAWL_VERDICT_STOPPED] = {"STOPPED", PAWL_COLOR_YELLOW},
};

pawl_verdict pawl_verdict_of(const pawl_error *run_error)
{
	if (run_error == NULL)
		return PAWL_VERDICT_SUCCEEDED;
	return run_error->status == PAWL_INTERRUPTED ? PAWL_VERDICT_STOPPED : PAWL_VERDICT_FAILED;
}

void pawl_verdict_print(FILE *out, const pawl_terminal *terminal, pawl_verdict verdict)
{
	fprintf(out, "Sync %s%s%s", pawl_terminal_color(terminal, words[verdict].color), words[verdict].word,
	        pawl_terminal_color(terminal, PAWL_COLOR_NONE));
}
