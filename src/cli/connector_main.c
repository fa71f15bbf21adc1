#include <string.h>

#include <pawl/pawl.h>

#include "cli/connector_verbs.h"
#include "duck/duck.h"

static const pawl_command *const commands[] = {
	&pawl_connector_debug, &pawl_connector_schema, &pawl_connector_serve, &pawl_command_version, &pawl_command_help, NULL,
};

int pawl_connector_main(int argc, char **argv, const pawl_connector *connector)
{
	char version[160];
	snprintf(version, sizeof(version), "%s (pawl %s, DuckDB %s)", connector->name, pawl_version(), pawl_duck_version());
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const pawl_program program = {
		.name = argc == 0 ? connector->name : slash != NULL ? slash + 1 : argv[0],
		.summary = "a connector, to be run on this machine",
		.version = version,
		.commands = commands,
		.context = connector,
		.out = stdout,
		.err = stderr,
	};
	return pawl_command_main(&program, argc, argv);
}
