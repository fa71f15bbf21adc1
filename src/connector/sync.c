#include "connector/sync.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/step.h"
#include "base/text.h"

/* Memory is looked at again after so many operations, or so many bytes of values. */
enum { CHECK_ROWS = 1024, CHECK_BYTES = 1024 * 1024 };

/* Set by a signal handler: the one thing that is not in a pawl_sync. */
static volatile sig_atomic_t is_stop_requested;

void pawl_run_request_stop(void)
{
	is_stop_requested = 1;
}

bool pawl_sync_is_stop_requested(void)
{
	return is_stop_requested != 0;
}

/* ---- telling --------------------------------------------------------------------------------------------------------- */

typedef void (*listener)(void *context, pawl_log_level level, const char *message);

/* Formats, masks secrets, makes one line of it, tells. A line that cannot be made for want of memory is left out. */
static PAWL_PRINTF(4, 0) void tell(const pawl_sync *sync, listener listen, pawl_log_level level, const char *format, va_list arguments)
{
	if (listen == NULL)
		return;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer message = {0};
	pawl_buffer_append_va(&message, format, arguments);
	if (message.has_failed || message.text == NULL)
		return;
	for (char *character = message.text; *character != '\0'; character++)
		if (*character == '\n' || *character == '\r')
			*character = ' ';
	pawl_redaction_apply(sync->secrets, message.text);
	listen(sync->observer->context, level, message.text);
}

void pawl_log(pawl_sync *sync, pawl_log_level level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->log, level, format, arguments);
	va_end(arguments);
}

void pawl_sync_notice(const pawl_sync *sync, pawl_log_level level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->notice, level, format, arguments);
	va_end(arguments);
}

pawl_status pawl_warning(pawl_sync *sync, const char *format, ...)
{
	if (sync->failure->status != PAWL_OK)
		return sync->failure->status;
	sync->counts.warnings++;
	va_list arguments;
	va_start(arguments, format);
	tell(sync, sync->observer->notice, PAWL_LOG_WARNING, format, arguments);
	va_end(arguments);
	return PAWL_OK;
}

pawl_status pawl_fail(pawl_sync *sync, const char *format, ...)
{
	if (sync->failure->status != PAWL_OK)
		return sync->failure->status;
	va_list arguments;
	va_start(arguments, format);
	pawl_error_set_va(sync->failure, PAWL_CONNECTOR, format, arguments);
	va_end(arguments);
	return PAWL_CONNECTOR;
}

pawl_status pawl_sync_status(const pawl_sync *sync)
{
	return sync->failure->status;
}

void *pawl_sync_context(const pawl_sync *sync)
{
	return sync->connector->context;
}

/* Every call of the connector begins here: nothing happens after the first error, nor after a signal. */
static pawl_status check(pawl_sync *sync)
{
	if (sync->failure->status == PAWL_OK && is_stop_requested) {
		pawl_error_set(sync->failure, PAWL_INTERRUPTED, "interrupted by a signal");
		pawl_error_hint(sync->failure, "what was checkpointed is kept; the next run goes on from there");
	}
	return sync->failure->status;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static pawl_synced_table *find_table(const pawl_sync *sync, const char *name)
{
	pawl_synced_table *table;
	HASH_FIND_STR(sync->tables, name, table);
	return table;
}

static pawl_status check_table_collision(const pawl_sync *sync, const pawl_synced_table *table, pawl_error *error)
{
	for (const pawl_synced_table *other = sync->tables; other != NULL; other = other->hh.next) {
		if (!pawl_text_equal_ignore_case(other->target.name, table->target.name))
			continue;
		pawl_error_set(error, PAWL_INVALID, "tables '%s' and '%s' would both be '%s' in the destination", other->source_name,
		               table->source_name, table->target.name);
		return pawl_error_hint(error, "rename one of them in the connector, or keep the source's names with --naming SOURCE "
		                              "(DuckDB's names differ by more than case)");
	}
	return PAWL_OK;
}

static pawl_status add_table(pawl_sync *sync, const pawl_declaration *declaration, pawl_synced_table **ret_table,
                             pawl_error *error)
{
	pawl_synced_table *table;
	PAWL_TRY(pawl_synced_table_new(&sync->target, declaration, &table, error));
	pawl_status status = check_table_collision(sync, table, error);
	if (status == PAWL_OK) {
		HASH_ADD_KEYPTR(hh, sync->tables, table->source_name, strlen(table->source_name), table);
		if (find_table(sync, table->source_name) != table)
			status = pawl_error_out_of_memory(error);
	}
	if (status != PAWL_OK) {
		pawl_synced_table_free(table);
		return status;
	}
	*ret_table = table;
	return PAWL_OK;
}

/* A table that no schema knows may appear only when there is no schema: otherwise it is a misspelt one. */
static pawl_status refuse_undeclared(const pawl_sync *sync, const char *name, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "table '%s' is not declared in schema", name);
	PAWL_CLEANUP(pawl_free_pointer) const char **names = pawl_allocate_array(sync->schema->count + 1, sizeof *names);
	for (size_t i = 0; names != NULL && i < sync->schema->count; i++)
		names[i] = sync->schema->tables[i].name;
	const char *closest = names == NULL ? NULL : pawl_text_closest(name, names);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "declare it in schema, or with pawl_sync_table before its first operation");
}

static pawl_status get_table(pawl_sync *sync, const char *name, pawl_synced_table **ret_table, pawl_error *error)
{
	if (name == NULL)
		return pawl_error_set(error, PAWL_INVALID, "an operation names no table");
	if (sync->last != NULL && strcmp(sync->last->source_name, name) == 0) {
		*ret_table = sync->last;
		return PAWL_OK;
	}
	pawl_synced_table *table = find_table(sync, name);
	if (table == NULL) {
		if (sync->connector->schema != NULL)
			return refuse_undeclared(sync, name, error);
		PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
		pawl_declaration declaration;
		PAWL_TRY(pawl_declaration_make(name, NULL, NULL, &memory, &declaration, error));
		PAWL_TRY(add_table(sync, &declaration, &table, error));
	}
	sync->last = table;
	*ret_table = table;
	return PAWL_OK;
}

pawl_status pawl_sync_table(pawl_sync *sync, const char *table, const char *const *primary_key, const pawl_column *columns)
{
	PAWL_TRY(check(sync));
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	PAWL_TRY(pawl_declaration_make(table, primary_key, columns, &memory, &declaration, sync->failure));
	pawl_synced_table *there = find_table(sync, table);
	if (there == NULL)
		return add_table(sync, &declaration, &there, sync->failure);
	if (pawl_declaration_equal(&there->declaration, &declaration))
		return PAWL_OK;
	pawl_error_set(sync->failure, PAWL_INVALID, "table '%s' is already there with another primary key or other columns", table);
	return pawl_error_hint(sync->failure, "call pawl_sync_table once, before the table's first operation");
}

static bool needs_ensure(const pawl_synced_table *table)
{
	return table->needs_ensure && pawl_synced_table_is_ready(table);
}

/* Brings the destination's tables to what they are here, within a transaction. */
static pawl_status ensure_tables(pawl_sync *sync, pawl_error *error)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		if (!needs_ensure(table))
			continue;
		int changes;
		if (sync->target.driver->ensure_table(sync->target.destination, &table->target, &changes, error) != PAWL_OK)
			return pawl_error_prefix(error, "table '%s': ", table->source_name);
		table->changes = changes;
	}
	return PAWL_OK;
}

/* Tells what ensure_tables did, once it is committed. */
static void tell_changes(pawl_sync *sync)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		if (needs_ensure(table))
			table->needs_ensure = false;
		if (table->changes == 0)
			continue;
		sync->counts.schema_changes++;
		if (sync->observer->schema_change != NULL) {
			char name[256], change[96];
			snprintf(name, sizeof name, "%s.%s", sync->destination_schema, table->target.name);
			snprintf(change, sizeof change, "%s%s%s", table->changes & PAWL_TABLE_CREATED ? "created" : "",
			         table->changes & PAWL_TABLE_COLUMNS_ADDED ? "columns added" : "",
			         table->changes & PAWL_TABLE_COLUMNS_WIDENED
			             ? table->changes & PAWL_TABLE_COLUMNS_ADDED ? ", columns widened" : "columns widened"
			             : "");
			sync->observer->schema_change(sync->observer->context, name, change);
		}
		table->changes = 0;
	}
}

pawl_status pawl_sync_create_tables(pawl_sync *sync)
{
	bool is_needed = false;
	for (size_t i = 0; i < sync->schema->count; i++) {
		pawl_synced_table *table;
		PAWL_TRY(add_table(sync, &sync->schema->tables[i], &table, sync->failure));
		is_needed |= needs_ensure(table);
	}
	if (!is_needed)
		return PAWL_OK;
	PAWL_TRY(sync->target.driver->begin(sync->target.destination, sync->failure));
	pawl_status status = ensure_tables(sync, sync->failure);
	if (status == PAWL_OK)
		status = sync->target.driver->commit(sync->target.destination, sync->failure);
	if (status != PAWL_OK) {
		sync->target.driver->rollback(sync->target.destination);
		return status;
	}
	tell_changes(sync);
	PAWL_STEP("sync: declared tables made");
	return PAWL_OK;
}

/* ---- operations ------------------------------------------------------------------------------------------------------ */

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
                           int64_t *counter)
{
	PAWL_TRY(check(sync));
	pawl_error *error = sync->failure;
	pawl_synced_table *table;
	PAWL_TRY(get_table(sync, name, &table, error));
	pawl_status status = pawl_synced_table_resolve(table, &sync->target, fields, count, error);
	if (status == PAWL_OK)
		status = operation(table, &sync->target, error);
	if (status == PAWL_OK)
		status = after_row(sync, table, fields, count, error);
	if (status != PAWL_OK)
		return pawl_error_prefix(error, "table '%s': ", name);
	(*counter)++;
	return PAWL_OK;
}

pawl_status pawl_upsert_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	return operate(sync, table, fields, count, pawl_synced_table_upsert, &sync->counts.upserts);
}

pawl_status pawl_update_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	return operate(sync, table, fields, count, pawl_synced_table_update, &sync->counts.updates);
}

pawl_status pawl_delete_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count)
{
	return operate(sync, table, fields, count, pawl_synced_table_delete, &sync->counts.deletes);
}

pawl_status pawl_truncate(pawl_sync *sync, const char *name)
{
	PAWL_TRY(check(sync));
	pawl_synced_table *table;
	PAWL_TRY(get_table(sync, name, &table, sync->failure));
	sync->counts.truncates++;
	if (!pawl_synced_table_is_ready(table))
		return PAWL_OK; /* there is no row yet, anywhere */
	if (table->batch != NULL)
		pawl_batch_mark_all_deleted(table->batch);
	if (sync->target.driver->truncate(sync->target.destination, &table->target, sync->failure) != PAWL_OK)
		return pawl_error_prefix(sync->failure, "table '%s': ", name);
	table->is_dirty = true;
	return PAWL_OK;
}

/* ---- checkpoints ----------------------------------------------------------------------------------------------------- */

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
		if (table->is_dirty || needs_ensure(table))
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
	pawl_status status = ensure_tables(sync, error);
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
	tell_changes(sync);
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
	PAWL_TRY(save(sync, sync->failure));
	sync->counts.checkpoints++;
	if (sync->observer->checkpoint != NULL)
		sync->observer->checkpoint(sync->observer->context, &sync->counts, sync->state);
	return PAWL_OK;
}

pawl_status pawl_checkpoint_json(pawl_sync *sync, const char *json)
{
	PAWL_TRY(check(sync));
	if (json == NULL)
		return pawl_error_set(sync->failure, PAWL_INVALID, "a checkpoint has no state");
	PAWL_CLEANUP(pawl_state_clear) pawl_state state = {0};
	PAWL_TRY(pawl_state_parse("state of a checkpoint", json, NULL, &state, sync->failure));
	return checkpoint(sync, PAWL_TAKE(state.text));
}

pawl_status pawl_checkpoint_fields(pawl_sync *sync, const pawl_field *fields, size_t count)
{
	PAWL_TRY(check(sync));
	PAWL_CLEANUP(pawl_free_pointer) char *json = NULL;
	PAWL_TRY(pawl_state_build(fields, count, &json, sync->failure));
	return pawl_checkpoint_json(sync, json);
}

pawl_status pawl_sync_finish(pawl_sync *sync)
{
	PAWL_TRY(check(sync));
	return save(sync, sync->failure);
}

void pawl_sync_clear(pawl_sync *sync)
{
	pawl_synced_table *table, *next;
	HASH_ITER(hh, sync->tables, table, next) {
		HASH_DEL(sync->tables, table);
		pawl_synced_table_free(table);
	}
	pawl_free_pointer(&sync->state);
}
