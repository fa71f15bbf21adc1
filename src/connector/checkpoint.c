/* Checkpoints: rows and state, in one transaction, and then the state's copy in a file. */
#include <string.h>

#include "base/error.h"
#include "base/step.h"
#include "connector/sync.h"

static pawl_status apply_tables(pawl_sync *sync, pawl_error *error)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		if (!table->is_dirty)
			continue;
		bool has_rows = table->batch != NULL && pawl_batch_row_count(table->batch) > 0;
		pawl_changes changes = {0};
		if (has_rows)
			changes = pawl_batch_changes(table->batch);
		if (sync->target.driver->apply(sync->target.destination, &table->target, has_rows ? &changes : NULL, error) != PAWL_OK)
			return pawl_error_prefix(error, "table '%s': ", table->source_name);
	}
	return PAWL_OK;
}

static void forget_committed(pawl_sync *sync)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		table->is_dirty = false;
		if (table->batch != NULL)
			pawl_batch_clear(table->batch);
	}
	sync->committed_rows += sync->pending_rows;
	sync->pending_rows = 0;
	sync->is_state_saved = true;
}

static bool has_uncommitted(const pawl_sync *sync)
{
	for (const pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next)
		if (table->is_dirty || pawl_sync_needs_ensure(table))
			return true;
	return !sync->is_state_saved;
}

/* Rows and state, in one transaction. */
static pawl_status commit(pawl_sync *sync, pawl_error *error)
{
	const pawl_destination_driver *driver = sync->target.driver;
	pawl_destination *destination = sync->target.destination;
	PAWL_TRY(driver->begin(destination, error));
	PAWL_STEP("checkpoint: begun");
	pawl_status status = pawl_sync_ensure_tables(sync, error);
	if (status == PAWL_OK)
		status = apply_tables(sync, error);
	if (status == PAWL_OK)
		status = driver->save_state(destination, sync->state, error);
	PAWL_STEP("checkpoint: about to commit");
	if (status == PAWL_OK)
		status = driver->commit(destination, error);
	if (status != PAWL_OK) {
		driver->rollback(destination);
		return status;
	}
	PAWL_STEP("checkpoint: committed");
	forget_committed(sync);
	pawl_sync_tell_changes(sync);
	return PAWL_OK;
}

/* Commits what there is to commit, then brings the file up to date. */
static pawl_status save(pawl_sync *sync, pawl_error *error)
{
	if (has_uncommitted(sync))
		PAWL_TRY(commit(sync, error));
	if (sync->is_file_same)
		return PAWL_OK;
	if (pawl_state_write(sync->state_path, sync->state, error) != PAWL_OK) {
		pawl_error_prefix(error, "state: ");
		return pawl_error_hint(error, "the rows and their state are committed in the warehouse: only the copy is missing");
	}
	PAWL_STEP("checkpoint: state file written");
	sync->is_file_same = true;
	return PAWL_OK;
}

/* Takes `json` over. */
static pawl_status checkpoint(pawl_sync *sync, char *json)
{
	if (strcmp(json, sync->state) != 0)
		sync->is_state_saved = sync->is_file_same = false;
	pawl_free(sync->state);
	sync->state = json;
	PAWL_TRY(sync->emitter.receiver != NULL ? pawl_emit_checkpoint(sync) : save(sync, sync->failure));
	sync->counts.checkpoints++;
	PAWL_CLEANUP(pawl_free_pointer) char *shown = pawl_sync_mask(sync, sync->state);
	if (sync->observer->checkpoint != NULL && shown != NULL)
		sync->observer->checkpoint(sync->observer->context, &sync->counts, shown);
	return PAWL_OK;
}

pawl_status pawl_checkpoint_json(pawl_sync *sync, const char *json)
{
	PAWL_TRY(pawl_sync_check(sync));
	if (json == NULL)
		return pawl_error_set(sync->failure, PAWL_INVALID, "a checkpoint has no state");
	PAWL_CLEANUP(pawl_state_clear) pawl_state state = {0};
	PAWL_TRY(pawl_state_parse("state of a checkpoint", json, NULL, &state, sync->failure));
	return checkpoint(sync, PAWL_TAKE(state.text));
}

pawl_status pawl_checkpoint_fields(pawl_sync *sync, const pawl_field *fields, size_t count)
{
	PAWL_TRY(pawl_sync_check(sync));
	PAWL_CLEANUP(pawl_free_pointer) char *json = NULL;
	PAWL_TRY(pawl_state_build(fields, count, &json, sync->failure));
	return pawl_checkpoint_json(sync, json);
}

pawl_status pawl_sync_finish(pawl_sync *sync)
{
	PAWL_TRY(pawl_sync_check(sync));
	return save(sync, sync->failure);
}
