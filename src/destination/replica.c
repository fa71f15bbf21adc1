/* What every replica does, whatever its kind; the rest is its driver's. */
#include "destination/replica_driver.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Of the engine, for each column that one thread writes; see duckdb/replica_memory.c. */
#define WRITTEN_COLUMN_BYTES INT64_C(786432)

/* ---- open and close -------------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_open(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error)
{
	return (options->receiver != NULL ? pawl_replica_open_stream : pawl_replica_open_duckdb)(options, ret_replica, error);
}

pawl_status pawl_replica_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error)
{
	return replica->driver->connect(replica, ret_replica, error);
}

void pawl_replica_close(pawl_replica *replica)
{
	if (replica != NULL)
		replica->driver->close(replica);
}

void pawl_replica_close_pointer(pawl_replica **replica)
{
	pawl_replica_close(*replica);
	*replica = NULL;
}

/* ---- the engine ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_replica_set_limit(pawl_replica *replica, int64_t bytes, const char *others, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "SET memory_limit = '%" PRId64 "B'%s", bytes, others);
	return pawl_duck_run_buffer(replica->duck, &sql, error);
}

static pawl_status fit_columns(pawl_replica *replica, size_t column_count, pawl_error *error)
{
	int64_t limit_bytes = replica->memory_limit_bytes, needed_bytes = (int64_t) column_count * WRITTEN_COLUMN_BYTES;

	if (needed_bytes <= limit_bytes / 4)
		return PAWL_OK;
	replica->first->columns_bytes = needed_bytes;
	return pawl_replica_set_limit(replica, limit_bytes + needed_bytes,
	                              needed_bytes > limit_bytes / 2 ? "; SET threads = 1" : "", error);
}

pawl_status pawl_replica_fit(pawl_replica *replica, size_t column_count, int64_t text_bytes, pawl_error *error)
{
	if (replica->memory_limit_bytes == 0)
		return PAWL_OK;
	if (replica->driver->fit_texts != NULL)
		PAWL_TRY(replica->driver->fit_texts(replica, text_bytes, error));
	return fit_columns(replica, column_count, error);
}

pawl_status pawl_replica_isolate(pawl_replica *replica, pawl_error *error)
{
	return pawl_duck_run(replica->duck, "SET enable_external_access = false", error);
}

pawl_duck *pawl_replica_engine(pawl_replica *replica)
{
	return replica->duck;
}

/* ---- transactions ---------------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_begin(pawl_replica *replica, pawl_error *error)
{
	assert(!replica->is_in_transaction);
	PAWL_TRY(replica->driver->begin(replica, error));
	replica->is_in_transaction = true;
	return PAWL_OK;
}

pawl_status pawl_replica_commit(pawl_replica *replica, pawl_error *error)
{
	assert(replica->is_in_transaction);
	PAWL_TRY(replica->driver->commit(replica, error));
	replica->is_in_transaction = false;
	return PAWL_OK;
}

void pawl_replica_rollback(pawl_replica *replica)
{
	if (replica->is_in_transaction)
		replica->driver->rollback(replica);
	replica->is_in_transaction = false;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_describe(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error)
{
	PAWL_TRY(replica->driver->describe(replica, ret_tables, error));
	ret_tables->is_case_sensitive = !pawl_replica_keeps_rows(replica);
	return PAWL_OK;
}

void pawl_replica_append_table(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table)
{
	replica->driver->append_table(sql, replica, table);
}

pawl_status pawl_replica_count_rows(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	return replica->driver->count_rows(replica, table, ret_rows, error);
}

bool pawl_replica_is_replacing(pawl_replica *replica)
{
	return replica->driver->is_replacing != NULL && replica->driver->is_replacing(replica);
}

bool pawl_replica_keeps_rows(const pawl_replica *replica)
{
	return replica->driver->keeps_rows;
}

pawl_status pawl_replica_create_schema(pawl_replica *replica, const char *name, pawl_error *error)
{
	return replica->driver->create_schema(replica, name, error);
}

pawl_status pawl_replica_create(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return replica->driver->create(replica, table, error);
}

pawl_status pawl_replica_add_column(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_column *column,
                                    pawl_error *error)
{
	return replica->driver->add_column(replica, table, column, error);
}

pawl_status pawl_replica_change_type(pawl_replica *replica, const pawl_replica_table *table, const char *column, const char *type,
                                     const char *form, pawl_error *error)
{
	return replica->driver->change_type(replica, table, column, type, form, error);
}

pawl_status pawl_replica_drop(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	return replica->driver->drop(replica, schema, name, error);
}

pawl_status pawl_replica_beside(const pawl_replica *replica, const pawl_replica_table *table, pawl_replica_table *ret_beside,
                                pawl_error *error)
{
	return replica->driver->beside(table, ret_beside, error);
}

pawl_status pawl_replica_swap(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
                              pawl_error *error)
{
	return replica->driver->swap(replica, table, beside, error);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

pawl_status pawl_replica_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                                pawl_error *error)
{
	assert(replica->is_in_transaction);
	return replica->driver->insert(replica, table, relation, ret_rows, error);
}

pawl_status pawl_replica_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	assert(replica->is_in_transaction && replica->is_staged);
	return replica->driver->upsert(replica, table, ret_rows, error);
}

pawl_status pawl_replica_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns, const char *new_columns,
                                int64_t *ret_rows, pawl_error *error)
{
	assert(replica->is_in_transaction && replica->is_staged);
	return replica->driver->append(replica, table, columns, new_columns, ret_rows, error);
}

pawl_status pawl_replica_finish(pawl_replica *replica, pawl_error *error)
{
	return replica->driver->finish(replica, error);
}

/* ---- states and runs ------------------------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
	const pawl_replica_state *one = left, *other = right;
	int schemas = strcmp(one->schema_name, other->schema_name);

	return schemas != 0 ? schemas : strcmp(one->table_name, other->table_name);
}

pawl_status pawl_replica_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error)
{
	PAWL_TRY(replica->driver->load_states(replica, ret_states, error));
	if (ret_states->count > 1)
		qsort(ret_states->items, ret_states->count, sizeof(*ret_states->items), compare_names);
	ret_states->is_case_sensitive = !pawl_replica_keeps_rows(replica);
	return PAWL_OK;
}

pawl_status pawl_replica_prepare(pawl_replica *replica, pawl_error *error)
{
	return replica->driver->prepare(replica, error);
}

pawl_status pawl_replica_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return replica->driver->save_state(replica, state, error);
}

pawl_status pawl_replica_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return replica->driver->forget_state(replica, schema, name, error);
}

pawl_status pawl_replica_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs, pawl_error *error)
{
	return replica->driver->load_last_runs(replica, since_us, ret_runs, error);
}

pawl_status pawl_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error)
{
	assert(replica->is_in_transaction);
	return replica->driver->add_run(replica, run, error);
}
