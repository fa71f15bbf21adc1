/* Prints the schema of a job's file: how pawl.schema.json is made when Pawl is built. */
#include <stdio.h>

#include "config/schema.h"

int main(void)
{
	pawl_error error;

	if (pawl_config_write_schema(stdout, &error) == PAWL_OK && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "error: %s\n", error.message);
	return 1;
}
