#include "cli/warehouse.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "config/file.h"

static bool is_job(const char *path)
{
	const char *ending = strrchr(path, '.');
	return ending != NULL && (strcasecmp(ending, ".yaml") == 0 || strcasecmp(ending, ".yml") == 0);
}

pawl_status pawl_warehouse_find(const char *operand, char **ret_path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};
	const char *path = operand;

	if (is_job(operand)) {
		PAWL_TRY(pawl_config_load(operand, &job, error));
		path = job.destination;
	}
	char *copy = pawl_duplicate(path);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	*ret_path = copy;
	return PAWL_OK;
}
