/* What can be tried with the settings before an update. */
#include "protocol/fivetran/database/internal.h"

#include <string.h>

#include "base/error.h"
#include "replicate/look.h"

const pawl_test pawl_database_tests[] = {
	{"connection", "The source can be opened", NULL},
	{"tables", "The tables can be read", NULL},
	{"keys", "The tables are synced by a key", NULL},
};
const size_t pawl_database_test_count = sizeof(pawl_database_tests) / sizeof(pawl_database_tests[0]);

static pawl_status try_connection(const pawl_job *job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};

	return pawl_plan_open(job, PAWL_PLAN_LOOK, &plan, error);
}

static pawl_status find_denied(const pawl_plan *plan, pawl_error *error)
{
	for (size_t i = 0; i < plan->catalog.denied_count; i++) {
		const pawl_source_denied *denied = &plan->catalog.denied[i];
		if (!pawl_plan_misses(plan, denied))
			continue;
		pawl_error_set(error, PAWL_INVALID, "table '%s.%s' may not be read", denied->schema, denied->name);
		return pawl_error_hint(error, "%s", denied->remedy);
	}
	return PAWL_OK;
}

/* Tables that have no key, or the like, are left to the test of keys. */
static pawl_status try_tables(const pawl_job *job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};

	PAWL_TRY(pawl_plan_make(job, PAWL_PLAN_LOOK, &plan, error));
	PAWL_TRY(find_denied(&plan, error));
	PAWL_CLEANUP(pawl_free_pointer) bool *is_planned = pawl_allocate_array(plan.table_count, sizeof(*is_planned));
	if (is_planned == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < plan.table_count; i++)
		is_planned[i] = plan.tables[i].error.status == PAWL_OK;
	PAWL_TRY(pawl_look_read(&plan, error));
	for (size_t i = 0; i < plan.table_count; i++)
		if (is_planned[i] && plan.tables[i].error.status != PAWL_OK) {
			*error = plan.tables[i].error;
			return pawl_plan_name_table(plan.tables[i].source_name, error);
		}
	return PAWL_OK;
}

/* A table that is copied whole each time, though nobody has said that it is to be. */
static bool is_without_key(const pawl_table_plan *table)
{
	return table->settings.mode == PAWL_MODE_AUTO && table->mode == PAWL_MODE_REPLACE;
}

static pawl_status try_keys(const pawl_job *job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_plan_clear) pawl_plan plan = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer names = {0};

	PAWL_TRY(pawl_plan_make(job, PAWL_PLAN_LOOK, &plan, error));
	PAWL_TRY(pawl_look_find_failure(&plan, error));
	for (size_t i = 0; i < plan.table_count; i++)
		if (is_without_key(&plan.tables[i]))
			pawl_buffer_appendf(&names, "%s'%s'", names.length == 0 ? "" : ", ", plan.tables[i].source_name);
	PAWL_TRY(pawl_buffer_status(&names, error));
	if (names.length == 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "no replication key or no primary key, and so copied whole at every update: %s",
	               pawl_buffer_text(&names));
	return pawl_error_hint(error, "name the keys in 'key', 'primary_key' or 'overrides'; or say there that it is meant: "
	                              "mode replace");
}

pawl_status pawl_database_try(const pawl_job *job, const char *name, pawl_error *error)
{
	static pawl_status (*const tries[])(const pawl_job *, pawl_error *) = {try_connection, try_tables, try_keys};

	for (size_t i = 0; i < pawl_database_test_count; i++) {
		if (strcmp(pawl_database_tests[i].name, name) != 0)
			continue;
		pawl_status status = tries[i](job, error);
		if (status == PAWL_NOT_FOUND) /* of the source; that of a test is another matter */
			status = error->status = PAWL_INVALID;
		return status;
	}
	return pawl_error_set(error, PAWL_NOT_FOUND, "there is no test '%s'", name);
}
