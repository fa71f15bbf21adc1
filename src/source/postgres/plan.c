#include "source/postgres/internal.h"

static bool has_limits(const pawl_read *read)
{
	return read->from.text != NULL || read->before.text != NULL;
}

static void choose_phases(pawl_postgres_plan *plan)
{
	const pawl_read *read = plan->read;
	bool is_behind_nulls = plan->after != NULL && (plan->after[0] != NULL || !plan->has_unique_order);

	plan->has_phase[PAWL_POSTGRES_ROWS] = true;
	plan->has_phase[PAWL_POSTGRES_NULL_KEYS] = read->order == PAWL_ORDER_KEY && !read->has_no_null_keys && !is_behind_nulls &&
	                                           (read->has_null_keys || !has_limits(read));
}

static pawl_status read_after(pawl_postgres_plan *plan, pawl_error *error)
{
	const char *after = plan->read->after;

	if (after == NULL)
		return PAWL_OK;
	if (plan->position_count == 0)
		return pawl_error_set(error, PAWL_INVALID, "a read without positions cannot go on from '%s'", after);
	plan->after = pawl_allocate_array(plan->position_count, sizeof(*plan->after));
	if (plan->after == NULL)
		return pawl_error_out_of_memory(error);
	return pawl_postgres_position_read(after, plan->position_count, plan->has_key_place, plan->after, error);
}

pawl_status pawl_postgres_plan_make(const pawl_read *read, pawl_postgres_plan *ret_plan, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_plan_clear) pawl_postgres_plan plan = {.read = read};

	if (read->order == PAWL_ORDER_KEY && read->key == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "a read in the order of a key needs a key");
	plan.output_count = read->column_count + (read->tail_from.text != NULL);
	plan.has_key_place = read->order == PAWL_ORDER_KEY;
	plan.has_unique_order = read->order != PAWL_ORDER_NONE && pawl_read_is_unique(read);
	plan.has_group = plan.has_key_place && !plan.has_unique_order;
	plan.position_count = plan.has_key_place + (plan.has_unique_order ? read->primary_key_count : 0);
	PAWL_TRY(read_after(&plan, error));
	choose_phases(&plan);
	*ret_plan = plan;
	plan = (pawl_postgres_plan) {0};
	return PAWL_OK;
}

void pawl_postgres_plan_clear(pawl_postgres_plan *plan)
{
	for (size_t i = 0; plan->after != NULL && i < plan->position_count; i++)
		pawl_free(plan->after[i]);
	pawl_free(plan->after);
	*plan = (pawl_postgres_plan) {0};
}

size_t pawl_postgres_plan_columns(const pawl_postgres_plan *plan)
{
	return plan->output_count + plan->position_count + plan->has_group;
}
