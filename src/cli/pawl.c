#include <pawl/pawl.h>

#include "cli/completion.h"
#include "cli/query.h"
#include "cli/verbs.h"
#include "duck/duck.h"

static const pawl_command *const commands[] = {
	&pawl_verb_sync,  &pawl_verb_init,   &pawl_verb_check, &pawl_verb_plan,       &pawl_verb_discover,   &pawl_verb_status,
	&pawl_verb_state, &pawl_verb_serve,  &pawl_verb_debug, &pawl_query,           &pawl_completion,      &pawl_command_version,
	&pawl_command_help, NULL,
};

int main(int argc, char **argv)
{
	char version[96];
	snprintf(version, sizeof(version), "pawl %s (DuckDB %s)", pawl_version(), pawl_duck_version());
	const pawl_program program = {
		.name = "pawl",
		.summary = "keeps a warehouse fresh by replication keys",
		.version = version,
		.commands = commands,
		.out = stdout,
		.err = stderr,
	};
	return pawl_command_main(&program, argc, argv);
}
