/* The tables of a sync: found by name, added, and made in the destination. */
#include <string.h>

#include "base/error.h"
#include "base/step.h"
#include "base/text.h"
#include "connector/sync.h"

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
	PAWL_CLEANUP(pawl_free_pointer) const char **names = pawl_allocate_array(sync->schema->count + 1, sizeof(*names));
	for (size_t i = 0; names != NULL && i < sync->schema->count; i++)
		names[i] = sync->schema->tables[i].name;
	const char *closest = names == NULL ? NULL : pawl_text_closest(name, names);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "declare it in schema, or with pawl_sync_table before its first operation");
}

pawl_status pawl_sync_declare_unknown(const pawl_sync *sync, const char *name, pawl_arena *memory,
                                      pawl_declaration *ret_declaration, pawl_error *error)
{
	if (sync->connector->schema != NULL)
		return refuse_undeclared(sync, name, error);
	return pawl_declaration_make(name, NULL, NULL, memory, ret_declaration, error);
}

pawl_status pawl_sync_refuse_other_declaration(const char *table, pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "table '%s' is already there with another primary key or other columns", table);
	return pawl_error_hint(error, "call pawl_sync_table once, before the table's first operation");
}

pawl_status pawl_sync_get_table(pawl_sync *sync, const char *name, pawl_synced_table **ret_table, pawl_error *error)
{
	if (name == NULL)
		return pawl_error_set(error, PAWL_INVALID, "an operation names no table");
	if (sync->last != NULL && strcmp(sync->last->source_name, name) == 0) {
		*ret_table = sync->last;
		return PAWL_OK;
	}
	pawl_synced_table *table = find_table(sync, name);
	if (table == NULL) {
		PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
		pawl_declaration declaration;
		PAWL_TRY(pawl_sync_declare_unknown(sync, name, &memory, &declaration, error));
		PAWL_TRY(add_table(sync, &declaration, &table, error));
	}
	sync->last = table;
	*ret_table = table;
	return PAWL_OK;
}

/* Adds the table that is declared. In a warehouse, where it is there already, it is left to the caller; else *ret_there is NULL. */
static pawl_status declare(pawl_sync *sync, const pawl_declaration *declaration, pawl_synced_table **ret_there)
{
	pawl_synced_table *added;

	*ret_there = sync->emitter.receiver != NULL ? NULL : find_table(sync, declaration->name);
	if (sync->emitter.receiver != NULL)
		return pawl_emit_table(sync, declaration);
	return *ret_there != NULL ? PAWL_OK : add_table(sync, declaration, &added, sync->failure);
}

pawl_status pawl_sync_table(pawl_sync *sync, const char *table, const char *const *primary_key, const pawl_column *columns)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	pawl_synced_table *there;

	PAWL_TRY(pawl_sync_check(sync));
	PAWL_TRY(pawl_declaration_make(table, primary_key, columns, &memory, &declaration, sync->failure));
	PAWL_TRY(declare(sync, &declaration, &there));
	if (there == NULL || pawl_declaration_equal(&there->declaration, &declaration))
		return PAWL_OK;
	return pawl_sync_refuse_other_declaration(table, sync->failure);
}

bool pawl_sync_has_table(const pawl_sync *sync, const char *name)
{
	return sync->emitter.receiver != NULL ? pawl_emit_has_table(sync, name) : find_table(sync, name) != NULL;
}

pawl_status pawl_sync_extend_table(pawl_sync *sync, const char *table, const char *const *primary_key, const pawl_column *columns)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	pawl_synced_table *there;

	PAWL_TRY(pawl_sync_check(sync));
	PAWL_TRY(pawl_declaration_make(table, primary_key, columns, &memory, &declaration, sync->failure));
	PAWL_TRY(declare(sync, &declaration, &there));
	return there == NULL ? PAWL_OK : pawl_synced_table_extend(there, &sync->target, &declaration, sync->failure);
}

bool pawl_sync_needs_ensure(const pawl_synced_table *table)
{
	return table->needs_ensure && pawl_synced_table_is_ready(table);
}

pawl_status pawl_sync_ensure_tables(pawl_sync *sync, pawl_error *error)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		if (!pawl_sync_needs_ensure(table))
			continue;
		int changes;
		if (sync->target.driver->ensure_table(sync->target.destination, &table->target, &changes, error) != PAWL_OK)
			return pawl_error_prefix(error, "table '%s': ", table->source_name);
		table->changes = changes;
	}
	return PAWL_OK;
}

/* "created", "columns added", "columns widened", or the last two. */
static const char *name_changes(int changes)
{
	if (changes & PAWL_TABLE_CREATED)
		return "created";
	if ((changes & PAWL_TABLE_COLUMNS_ADDED) == 0)
		return "columns widened";
	return changes & PAWL_TABLE_COLUMNS_WIDENED ? "columns added, columns widened" : "columns added";
}

static void tell_change(const pawl_sync *sync, const pawl_synced_table *table)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};
	pawl_buffer_appendf(&name, "%s.%s", sync->destination_schema, table->target.name);
	if (sync->observer->schema_change == NULL || name.has_failed)
		return;
	pawl_redaction_apply(sync->secrets, name.text);
	sync->observer->schema_change(sync->observer->context, name.text, name_changes(table->changes));
}

void pawl_sync_tell_changes(pawl_sync *sync)
{
	for (pawl_synced_table *table = sync->tables; table != NULL; table = table->hh.next) {
		if (pawl_sync_needs_ensure(table))
			table->needs_ensure = false;
		if (table->changes == 0)
			continue;
		sync->counts.schema_changes++;
		tell_change(sync, table);
		table->changes = 0;
	}
}

pawl_status pawl_sync_create_tables(pawl_sync *sync)
{
	bool is_needed = false;
	for (size_t i = 0; i < sync->schema->count; i++) {
		pawl_synced_table *table;
		PAWL_TRY(add_table(sync, &sync->schema->tables[i], &table, sync->failure));
		is_needed |= pawl_sync_needs_ensure(table);
	}
	if (!is_needed)
		return PAWL_OK;
	PAWL_TRY(sync->target.driver->begin(sync->target.destination, sync->failure));
	pawl_status status = pawl_sync_ensure_tables(sync, sync->failure);
	if (status == PAWL_OK)
		status = sync->target.driver->save_state(sync->target.destination, sync->state, sync->failure);
	if (status == PAWL_OK)
		status = sync->target.driver->commit(sync->target.destination, sync->failure);
	if (status != PAWL_OK) {
		sync->target.driver->rollback(sync->target.destination);
		return status;
	}
	sync->is_state_saved = true;
	pawl_sync_tell_changes(sync);
	PAWL_STEP("sync: declared tables made");
	return PAWL_OK;
}
