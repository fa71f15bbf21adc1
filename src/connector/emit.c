#include "connector/emit.h"

#include <string.h>

#include "base/error.h"
#include "connector/sync.h"

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static bool is_key(const pawl_declaration *declaration, const char *column)
{
	for (size_t i = 0; declaration->primary_key != NULL && declaration->primary_key[i] != NULL; i++)
		if (strcmp(declaration->primary_key[i], column) == 0)
			return true;
	return false;
}

static pawl_emitted_column *find_column(const pawl_emitted_table *table, const char *name)
{
	pawl_emitted_column *column;
	HASH_FIND_STR(table->columns, name, column);
	return column;
}

static pawl_status add_column(const pawl_receiver *receiver, pawl_emitted_table *table, const char *name, pawl_type declared,
                              pawl_emitted_column **ret_column, pawl_error *error)
{
	pawl_emitted_column *column = pawl_arena_allocate(&table->memory, sizeof(*column));
	if (column == NULL)
		return pawl_error_out_of_memory(error);
	*column = (pawl_emitted_column){.declared = declared, .is_key = is_key(&table->declaration, name)};
	column->name = pawl_arena_duplicate(&table->memory, name);
	if (column->name == NULL)
		return pawl_error_out_of_memory(error);
	column->is_wanted = column->is_key || receiver->is_column_wanted(receiver->context, table->declaration.name, name);
	table->key_count += column->is_key;
	HASH_ADD_KEYPTR(hh, table->columns, column->name, strlen(column->name), column);
	if (find_column(table, name) != column)
		return pawl_error_out_of_memory(error);
	*ret_column = column;
	return PAWL_OK;
}

static void free_table(pawl_emitted_table *table)
{
	HASH_CLEAR(hh, table->columns); /* the columns themselves lie in the arena */
	pawl_free(table->recent);
	pawl_arena_free(&table->memory);
	pawl_free(table);
}

static pawl_status fill_table(const pawl_receiver *receiver, pawl_emitted_table *table, const pawl_declaration *declaration,
                              pawl_error *error)
{
	PAWL_TRY(pawl_declaration_make(declaration->name, declaration->primary_key, declaration->columns, &table->memory,
	                               &table->declaration, error));
	table->is_wanted = receiver->is_table_wanted(receiver->context, declaration->name);
	for (const pawl_column *column = table->declaration.columns; column->name != NULL; column++) {
		pawl_emitted_column *added;
		PAWL_TRY(add_column(receiver, table, column->name, column->type, &added, error));
	}
	return PAWL_OK;
}

static pawl_emitted_table *find_table(const pawl_emitter *emitter, const char *name)
{
	pawl_emitted_table *table;
	HASH_FIND_STR(emitter->tables, name, table);
	return table;
}

static pawl_status add_table(pawl_emitter *emitter, const pawl_declaration *declaration, pawl_emitted_table **ret_table,
                             pawl_error *error)
{
	pawl_emitted_table *table = pawl_allocate(sizeof(*table));
	if (table == NULL)
		return pawl_error_out_of_memory(error);
	pawl_status status = fill_table(emitter->receiver, table, declaration, error);
	if (status == PAWL_OK) {
		HASH_ADD_KEYPTR(hh, emitter->tables, table->declaration.name, strlen(table->declaration.name), table);
		if (find_table(emitter, declaration->name) != table)
			status = pawl_error_out_of_memory(error);
	}
	if (status != PAWL_OK) {
		free_table(table);
		return status;
	}
	*ret_table = table;
	return PAWL_OK;
}

static pawl_declared_table describe(const pawl_declaration *table)
{
	return (pawl_declared_table){table->name, table->name, table->primary_key, table->columns};
}

pawl_status pawl_emit_table(pawl_sync *sync, const pawl_declaration *declaration)
{
	const pawl_receiver *receiver = sync->emitter.receiver;
	pawl_emitted_table *there = find_table(&sync->emitter, declaration->name);
	if (there == NULL) {
		PAWL_TRY(add_table(&sync->emitter, declaration, &there, sync->failure));
		const pawl_declared_table declared = describe(&there->declaration);
		return there->is_wanted ? receiver->table(receiver->context, &declared, sync->failure) : PAWL_OK;
	}
	if (pawl_declaration_equal(&there->declaration, declaration))
		return PAWL_OK;
	return pawl_sync_refuse_other_declaration(declaration->name, sync->failure);
}

bool pawl_emit_has_table(const pawl_sync *sync, const char *name)
{
	return find_table(&sync->emitter, name) != NULL;
}

static pawl_status add_unknown_table(pawl_sync *sync, const char *name)
{
	PAWL_CLEANUP(pawl_arena_free) pawl_arena memory = {0};
	pawl_declaration declaration;
	PAWL_TRY(pawl_sync_declare_unknown(sync, name, &memory, &declaration, sync->failure));
	return add_table(&sync->emitter, &declaration, &sync->emitter.last, sync->failure);
}

/* The table of an operation; NULL, with the failure, when there is none. */
static pawl_emitted_table *get_table(pawl_sync *sync, const char *name)
{
	pawl_emitter *emitter = &sync->emitter;
	if (name == NULL) {
		pawl_error_set(sync->failure, PAWL_INVALID, "an operation names no table");
		return NULL;
	}
	if (emitter->last != NULL && strcmp(emitter->last->declaration.name, name) == 0)
		return emitter->last;
	emitter->last = find_table(emitter, name);
	if (emitter->last == NULL && add_unknown_table(sync, name) != PAWL_OK)
		return NULL;
	return emitter->last;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

/* Keeps `column` as the one of the field number `i`, for the next operation. */
static pawl_status remember(pawl_emitted_table *table, size_t i, pawl_emitted_column *column, pawl_error *error)
{
	if (i >= table->recent_count) {
		size_t count = table->recent_count + 16 > i ? table->recent_count + 16 : i + 1;
		pawl_emitted_column **recent = pawl_reallocate(table->recent, count * sizeof(pawl_emitted_column *));
		if (recent == NULL)
			return pawl_error_out_of_memory(error);
		memset(recent + table->recent_count, 0, (count - table->recent_count) * sizeof(pawl_emitted_column *));
		table->recent = recent;
		table->recent_count = count;
	}
	table->recent[i] = column;
	return PAWL_OK;
}

static pawl_status find_field(const pawl_receiver *receiver, pawl_emitted_table *table, size_t i, const char *name,
                              pawl_emitted_column **ret_column, pawl_error *error)
{
	if (i < table->recent_count && table->recent[i] != NULL && strcmp(table->recent[i]->name, name) == 0) {
		*ret_column = table->recent[i];
		return PAWL_OK;
	}
	*ret_column = find_column(table, name);
	if (*ret_column == NULL)
		PAWL_TRY(add_column(receiver, table, name, PAWL_UNSPECIFIED, ret_column, error));
	return remember(table, i, *ret_column, error);
}

static pawl_status check_key_field(const pawl_emitted_column *column, const pawl_value *value, pawl_operation operation,
                                   pawl_error *error)
{
	if (!column->is_key && operation == PAWL_OPERATION_DELETE)
		return pawl_error_set(error, PAWL_INVALID, "it is not part of the primary key, which is all that a delete takes");
	if (column->is_key && value->kind == PAWL_VALUE_NULL)
		return pawl_error_set(error, PAWL_INVALID, "it is part of the primary key, and NULL");
	return PAWL_OK;
}

static pawl_status emit_field(pawl_emitter *emitter, const pawl_emitted_table *table, pawl_emitted_column *column,
                              const pawl_value *value, pawl_error *error)
{
	PAWL_TRY(pawl_synced_value_check(value, error));
	if (column->last_operation == table->operation)
		return pawl_error_set(error, PAWL_INVALID, "it is given twice");
	column->last_operation = table->operation;
	pawl_type type = column->declared == PAWL_UNSPECIFIED ? pawl_type_infer(value) : column->declared;
	pawl_cell cell = {.is_null = true};
	if (value->kind != PAWL_VALUE_NULL)
		PAWL_TRY(pawl_cell_convert(value, type, &emitter->scratch, &cell, error));
	if (!table->is_wanted || !column->is_wanted)
		return PAWL_OK;
	return emitter->receiver->field(emitter->receiver->context, column->name, type, &cell, error);
}

/* The key's columns that the operation has; all of them must be there. */
static pawl_status emit_fields(pawl_emitter *emitter, pawl_emitted_table *table, pawl_operation operation,
                               const pawl_field *fields, size_t count, size_t *ret_key_count, pawl_error *error)
{
	*ret_key_count = 0;
	table->operation++;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].column == NULL)
			return pawl_error_set(error, PAWL_INVALID, "field %zu has no column name", i + 1);
		pawl_emitted_column *column;
		pawl_status status = find_field(emitter->receiver, table, i, fields[i].column, &column, error);
		if (status == PAWL_OK)
			status = check_key_field(column, &fields[i].value, operation, error);
		if (status == PAWL_OK)
			status = emit_field(emitter, table, column, &fields[i].value, error);
		if (status != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", fields[i].column);
		*ret_key_count += column->is_key;
	}
	return PAWL_OK;
}

static pawl_status refuse_key(const pawl_emitted_table *table, const char *operation, pawl_error *error)
{
	for (size_t i = 0; i < table->key_count; i++) {
		const pawl_emitted_column *column = find_column(table, table->declaration.primary_key[i]);
		if (column->last_operation != table->operation)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' of the primary key is not given in the %s, or NULL", column->name,
			                      operation);
	}
	pawl_error_set(error, PAWL_INVALID, "%s needs a primary key, and the table has none", operation);
	return pawl_error_hint(error, "declare its primary key in schema, or before its first operation");
}

static pawl_status emit_row(pawl_emitter *emitter, pawl_emitted_table *table, pawl_operation operation,
                            const pawl_field *fields, size_t count, pawl_error *error)
{
	static const char *const names[] = {"upsert", "update", "delete"};
	const pawl_receiver *receiver = emitter->receiver;
	size_t key_count;
	if (table->is_wanted)
		PAWL_TRY(receiver->begin_row(receiver->context, operation, table->declaration.name, error));
	PAWL_TRY(emit_fields(emitter, table, operation, fields, count, &key_count, error));
	if (key_count < table->key_count || (table->key_count == 0 && operation != PAWL_OPERATION_UPSERT))
		return refuse_key(table, names[operation], error);
	emitter->has_uncommitted = true;
	return table->is_wanted ? receiver->end_row(receiver->context, error) : PAWL_OK;
}

pawl_status pawl_emit_row(pawl_sync *sync, pawl_operation operation, const char *name, const pawl_field *fields, size_t count)
{
	pawl_emitted_table *table = get_table(sync, name);
	if (table == NULL)
		return sync->failure->status;
	if (emit_row(&sync->emitter, table, operation, fields, count, sync->failure) != PAWL_OK)
		return pawl_error_prefix(sync->failure, "table '%s': ", name);
	return PAWL_OK;
}

pawl_status pawl_emit_truncate(pawl_sync *sync, const char *name)
{
	const pawl_receiver *receiver = sync->emitter.receiver;
	pawl_emitted_table *table = get_table(sync, name);
	if (table == NULL)
		return sync->failure->status;
	sync->emitter.has_uncommitted = true;
	if (!table->is_wanted)
		return PAWL_OK;
	PAWL_TRY(receiver->begin_row(receiver->context, PAWL_OPERATION_TRUNCATE, name, sync->failure));
	return receiver->end_row(receiver->context, sync->failure);
}

pawl_status pawl_emit_checkpoint(pawl_sync *sync)
{
	sync->emitter.has_uncommitted = false;
	sync->is_state_saved = true;
	return sync->emitter.receiver->checkpoint(sync->emitter.receiver->context, sync->state, sync->failure);
}

void pawl_emitter_clear(pawl_emitter *emitter)
{
	pawl_emitted_table *table, *next;
	HASH_ITER(hh, emitter->tables, table, next) {
		HASH_DEL(emitter->tables, table);
		free_table(table);
	}
	pawl_buffer_free(&emitter->scratch);
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

/* All that one run holds. */
typedef struct emission {
	pawl_configuration configuration;
	pawl_schema schema;
	pawl_state state;
	pawl_sync sync;
	pawl_error failure; /* the first error of the connector's calls */
} emission;

static void clear_emission(emission *run)
{
	pawl_sync_clear(&run->sync);
	pawl_schema_clear(&run->schema);
	pawl_state_clear(&run->state);
	pawl_configuration_clear(&run->configuration);
}

static pawl_status prepare(emission *run, const pawl_connector *connector, const pawl_emit_input *input,
                           const pawl_receiver *receiver, pawl_error *error)
{
	PAWL_TRY(pawl_configuration_parse("configuration", input->configuration, strlen(input->configuration), &run->failure,
	                                  &run->configuration, error));
	PAWL_TRY(pawl_state_parse("state", input->state, &run->failure, &run->state, error));
	char *state = pawl_duplicate(input->state);
	if (state == NULL)
		return pawl_error_out_of_memory(error);
	run->sync = (pawl_sync){
	    .connector = connector,
	    .schema = &run->schema,
	    .emitter.receiver = receiver,
	    .secrets = &run->configuration.secrets,
	    .observer = &receiver->observer,
	    .failure = &run->failure,
	    .state = state,
	    .is_state_saved = true,
	};
	return PAWL_OK;
}

/* Schema, update, and the last checkpoint. The first error is in run->failure. */
static pawl_status execute(emission *run, const pawl_connector *connector)
{
	PAWL_TRY(pawl_schema_collect(connector, &run->configuration, &run->failure, &run->schema));
	for (size_t i = 0; i < run->schema.count; i++) {
		pawl_emitted_table *table;
		PAWL_TRY(add_table(&run->sync.emitter, &run->schema.tables[i], &table, &run->failure));
	}
	pawl_status status = connector->update(&run->sync, &run->configuration, &run->state);
	if (run->failure.status == PAWL_OK && status != PAWL_OK)
		pawl_error_set(&run->failure, PAWL_CONNECTOR, "update of connector '%s' failed without an error (status '%s')",
		               connector->name, pawl_status_name(status));
	PAWL_TRY(pawl_sync_check(&run->sync));
	return run->sync.emitter.has_uncommitted ? pawl_emit_checkpoint(&run->sync) : PAWL_OK;
}

pawl_status pawl_emit(const pawl_connector *connector, const pawl_emit_input *input, const pawl_receiver *receiver,
                      pawl_error *error)
{
	PAWL_CLEANUP(clear_emission) emission run = {0};
	pawl_error_clear(&run.failure);
	pawl_status status = prepare(&run, connector, input, receiver, error);
	if (status == PAWL_OK) {
		status = execute(&run, connector);
		if (status != PAWL_OK)
			*error = run.failure;
	}
	return status == PAWL_OK ? PAWL_OK : pawl_redaction_apply_error(&run.configuration.secrets, error);
}

pawl_status pawl_emit_schema(const pawl_connector *connector, const char *configuration, pawl_table_visitor visit,
                             void *context, pawl_error *error)
{
	PAWL_CLEANUP(pawl_configuration_clear) pawl_configuration settings = {0};
	PAWL_CLEANUP(pawl_schema_clear) pawl_schema schema = {0};
	pawl_error failure;
	pawl_error_clear(&failure);
	PAWL_TRY(pawl_configuration_parse("configuration", configuration, strlen(configuration), &failure, &settings, error));
	if (pawl_schema_collect(connector, &settings, &failure, &schema) != PAWL_OK) {
		*error = failure;
		return pawl_redaction_apply_error(&settings.secrets, error);
	}
	for (size_t i = 0; i < schema.count; i++) {
		const pawl_declared_table table = describe(&schema.tables[i]);
		visit(context, &table);
	}
	return PAWL_OK;
}
