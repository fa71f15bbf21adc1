#include "connector/sync.h"

#include <signal.h>

#include "base/error.h"
#include "base/step.h"

/* Memory is looked at again after so many operations, or so many bytes of values. */
enum { CHECK_ROWS = 1024, CHECK_BYTES = 1024 * 1024 };

/* Set by a signal handler: the one thing that is not in a pawl_sync. The run that it stops is the process's last. */
static volatile sig_atomic_t is_stop_requested;

void pawl_run_request_stop(void)
{
	is_stop_requested = 1;
}

pawl_status pawl_sync_check(pawl_sync *sync)
{
	if (sync->failure->status == PAWL_OK && is_stop_requested) {
		pawl_error_set(sync->failure, PAWL_INTERRUPTED, "interrupted by a signal");
		pawl_error_hint(sync->failure, "what was checkpointed is kept; the next run goes on from there");
	}
	const pawl_receiver *receiver = sync->emitter.receiver;
	if (sync->failure->status == PAWL_OK && receiver != NULL && !receiver->is_wanted(receiver->context))
		pawl_error_set(sync->failure, PAWL_INTERRUPTED, "nobody wants the rest");
	return sync->failure->status;
}

static size_t bytes_of_fields(const pawl_field *fields, size_t count)
{
	size_t bytes = 0;
	for (size_t i = 0; i < count; i++)
		bytes += fields[i].value.length;
	return bytes;
}

/* Stages the largest batches until all of them together are within the budget. */
static pawl_status bound_memory(pawl_sync *sync, pawl_error *error)
{
	sync->unchecked_rows = sync->unchecked_bytes = 0;
	for (;;) {
		size_t total = 0, most = 0;
		pawl_synced_table *largest = NULL;
		for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
			size_t bytes = table->batch == NULL ? 0 : pawl_batch_bytes(table->batch);
			total += bytes;
			if (bytes > most) {
				most = bytes;
				largest = table;
			}
		}
		if (total <= (size_t) sync->memory_budget_bytes)
			return PAWL_OK;
		PAWL_TRY(pawl_synced_table_stage(largest, &sync->target, true, error));
		PAWL_STEP("sync: batch staged for memory");
	}
}

/* What every operation on a row does after it: counts, and keeps memory bounded. */
static pawl_status after_row(pawl_sync *sync, pawl_synced_table *table, const pawl_field *fields, size_t count, pawl_error *error)
{
	sync->pending_rows++;
	sync->unchecked_rows++;
	sync->unchecked_bytes += (int64_t) bytes_of_fields(fields, count);
	if (pawl_batch_row_count(table->batch) >= sync->batch_rows) {
		PAWL_TRY(pawl_synced_table_stage(table, &sync->target, false, error));
		PAWL_STEP("sync: full batch staged");
	}
	if (sync->unchecked_rows < CHECK_ROWS && sync->unchecked_bytes < CHECK_BYTES)
		return PAWL_OK;
	if (sync->observer->progress != NULL)
		sync->observer->progress(sync->observer->context, &sync->counts);
	return bound_memory(sync, error);
}

typedef pawl_status (*row_operation)(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error);

static pawl_status operate(pawl_sync *sync, const char *name, const pawl_field *fields, size_t count, row_operation operation,
                           pawl_error *error)
{
	pawl_synced_table *table;
	PAWL_TRY(pawl_sync_get_table(sync, name, &table, error));
	if (table->batch == NULL)
		sync->unchecked_rows = CHECK_ROWS; /* a new batch takes memory whatever its rows are: look at all of them after this one */
	pawl_status status = pawl_synced_table_resolve(table, &sync->target, fields, count, error);
	if (status == PAWL_OK)
		status = operation(table, &sync->target, error);
	if (status == PAWL_OK)
		status = after_row(sync, table, fields, count, error);
	if (status != PAWL_OK)
		return pawl_error_prefix(error, "table '%s': ", name);
	return PAWL_OK;
}

static pawl_status operate_or_emit(pawl_sync *sync, pawl_operation operation, const char *name, const pawl_field *fields,
                                   size_t count)
{
	static const row_operation operations[] = {
	    [PAWL_OPERATION_UPSERT] = pawl_synced_table_upsert,
	    [PAWL_OPERATION_UPDATE] = pawl_synced_table_update,
	    [PAWL_OPERATION_DELETE] = pawl_synced_table_delete,
	};
	PAWL_TRY(pawl_sync_check(sync));
	if (sync->emitter.receiver != NULL)
		return pawl_emit_row(sync, operation, name, fields, count);
	return operate(sync, name, fields, count, operations[operation], sync->failure);
}

pawl_status pawl_upsert_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	PAWL_TRY(operate_or_emit(sync, PAWL_OPERATION_UPSERT, table, fields, count));
	sync->counts.upserts++;
	return PAWL_OK;
}

pawl_status pawl_update_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	PAWL_TRY(operate_or_emit(sync, PAWL_OPERATION_UPDATE, table, fields, count));
	sync->counts.updates++;
	return PAWL_OK;
}

pawl_status pawl_delete_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	PAWL_TRY(operate_or_emit(sync, PAWL_OPERATION_DELETE, table, fields, count));
	sync->counts.deletes++;
	return PAWL_OK;
}

pawl_status pawl_truncate(pawl_sync *sync, const char *name)
{
	PAWL_TRY(pawl_sync_check(sync));
	if (sync->emitter.receiver != NULL)
		return pawl_emit_truncate(sync, name);
	pawl_synced_table *table;
	PAWL_TRY(pawl_sync_get_table(sync, name, &table, sync->failure));
	sync->counts.truncates++;
	if (!pawl_synced_table_is_ready(table))
		return PAWL_OK; /* its key has no type yet, so there is no row, here or there */
	if (table->batch != NULL)
		pawl_batch_mark_all_deleted(table->batch);
	if (sync->target.driver->truncate(sync->target.destination, &table->target, sync->failure) != PAWL_OK)
		return pawl_error_prefix(sync->failure, "table '%s': ", name);
	table->is_dirty = true;
	return PAWL_OK;
}

void pawl_sync_clear(pawl_sync *sync)
{
	pawl_synced_table *table, *next;
	HASH_ITER(hh, sync->tables, table, next) {
		HASH_DEL(sync->tables, table);
		pawl_synced_table_free(table);
	}
	pawl_emitter_clear(&sync->emitter);
	pawl_free_pointer(&sync->state);
}
