#include "connector/table.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

/* One value may not be longer: a batch of such values must still fit into the memory that Pawl promises to stay in. */
#define VALUE_MAX_BYTES ((size_t) 8 * 1024 * 1024)

/* ---- columns --------------------------------------------------------------------------------------------------------- */

static pawl_status check_reserved(const char *name, pawl_error *error)
{
	if (strncasecmp(name, "_fivetran_", 10) != 0 && strncasecmp(name, "_pawl_", 6) != 0)
		return PAWL_OK; /* DuckDB compares names without case */
	pawl_error_set(error, PAWL_INVALID, "its name in the destination would be '%s', which is reserved", name);
	return pawl_error_hint(error, "names that begin with _fivetran_ or _pawl_ are for the warehouse's own columns");
}

static pawl_synced_column *find_column(const pawl_synced_table *table, const char *source_name)
{
	pawl_synced_column *column;
	HASH_FIND_STR(table->columns, source_name, column);
	return column;
}

/* Two of the connector's columns must not end in one column of the destination: neither would be right. */
static pawl_status check_collision(const pawl_synced_table *table, const pawl_synced_column *column, pawl_error *error)
{
	for (const pawl_synced_column *other = table->columns; other != NULL; other = other->hh.next) {
		if (!pawl_text_equal_ignore_case(other->name, column->name))
			continue;
		pawl_error_set(error, PAWL_INVALID, "columns '%s' and '%s' would both be '%s' in the destination", other->source_name,
		               column->source_name, column->name);
		return pawl_error_hint(error, "rename one of them in the connector, or keep the source's names with --naming SOURCE "
		                              "(DuckDB's names differ by more than case)");
	}
	return PAWL_OK;
}

/* The place of that name in the destination's table, or PAWL_NO_SLOT. */
static size_t find_slot(const pawl_synced_table *table, const char *name)
{
	for (size_t slot = 0; slot < table->target.column_count; slot++)
		if (pawl_text_equal_ignore_case(table->target.columns[slot].name, name))
			return slot;
	return PAWL_NO_SLOT;
}

/* A column that the connector names for the first time. */
static pawl_status add_column(pawl_synced_table *table, pawl_naming naming, const char *source_name, pawl_type declared,
                              pawl_synced_column **ret_column, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *name = NULL;
	PAWL_TRY(pawl_naming_apply(naming, PAWL_NAME_COLUMN, source_name, &name, error));
	PAWL_TRY(check_reserved(name, error));

	pawl_synced_column *column = pawl_arena_allocate(&table->memory, sizeof(*column));
	if (column == NULL)
		return pawl_error_out_of_memory(error);
	*column = (pawl_synced_column){.declared = declared, .slot = PAWL_NO_SLOT};
	column->source_name = pawl_arena_duplicate(&table->memory, source_name);
	column->name = pawl_arena_duplicate(&table->memory, name);
	if (column->source_name == NULL || column->name == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(check_collision(table, column, error));
	HASH_ADD_KEYPTR(hh, table->columns, column->source_name, strlen(column->source_name), column);
	if (find_column(table, source_name) != column)
		return pawl_error_out_of_memory(error);

	column->slot = find_slot(table, column->name);
	if (column->slot != PAWL_NO_SLOT)
		table->by_slot[column->slot] = column;
	*ret_column = column;
	return PAWL_OK;
}

/* ---- layout: the destination's columns and what hangs on their places ------------------------------------------------ */

/* Makes room for one more column than there are. */
static pawl_status grow(pawl_synced_table *table, pawl_error *error)
{
	size_t count = table->target.column_count + 1;
	pawl_destination_column *columns = pawl_reallocate(table->target.columns, count * sizeof(*columns));
	if (columns == NULL)
		return pawl_error_out_of_memory(error);
	table->target.columns = columns;
	pawl_synced_column **by_slot = pawl_reallocate(table->by_slot, count * sizeof(pawl_synced_column *));
	if (by_slot == NULL)
		return pawl_error_out_of_memory(error);
	table->by_slot = by_slot;
	const pawl_value **given = pawl_reallocate(table->given, count * sizeof(const pawl_value *));
	if (given == NULL)
		return pawl_error_out_of_memory(error);
	table->given = given;
	return PAWL_OK;
}

/* Appends a column to the destination's table. `column` is NULL for _fivetran_id. */
static pawl_status add_slot(pawl_synced_table *table, const char *name, pawl_type type, pawl_synced_column *column,
                            pawl_error *error)
{
	PAWL_TRY(grow(table, error));
	char *copy = pawl_duplicate(name);
	if (copy == NULL)
		return pawl_error_out_of_memory(error);
	size_t slot = table->target.column_count++;
	table->target.columns[slot] = (pawl_destination_column){copy, type, column == NULL || column->is_key};
	table->by_slot[slot] = column;
	table->given[slot] = NULL;
	if (column != NULL)
		column->slot = slot;
	table->needs_ensure = true;
	return PAWL_OK;
}

/* The batch's layout is about to change: its rows go to the staging table, which can be altered. */
static pawl_status retire_batch(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error)
{
	if (table->batch == NULL)
		return PAWL_OK;
	return pawl_synced_table_stage(table, context, true, error);
}

/* ---- a table's beginning --------------------------------------------------------------------------------------------- */

/* Takes over the columns that the destination has under this name. */
static pawl_status adopt(pawl_synced_table *table, const pawl_destination_table *existing, pawl_error *error)
{
	for (size_t i = 0; i < existing->column_count; i++)
		PAWL_TRY(add_slot(table, existing->columns[i].name, existing->columns[i].type, NULL, error));
	table->needs_ensure = existing->column_count == 0;
	return PAWL_OK;
}

/* The type that the destination's column must have for a declared one; it is widened when it is narrower. */
static pawl_status join_type(pawl_synced_table *table, const pawl_synced_column *column, pawl_error *error)
{
	pawl_destination_column *existing = &table->target.columns[column->slot];
	pawl_type kind = pawl_type_kind(column->declared);
	if (column->declared == PAWL_UNSPECIFIED || column->declared == existing->type)
		return PAWL_OK;
	if (existing->type == PAWL_STRING && (kind == PAWL_JSON || kind == PAWL_XML)) {
		existing->type = column->declared; /* stored alike */
		return PAWL_OK;
	}
	pawl_type wider;
	bool is_kept = pawl_type_widen(existing->type, column->declared, &wider);
	if (!is_kept || (wider == PAWL_STRING && existing->type != PAWL_STRING && column->declared != PAWL_STRING)) {
		char have[PAWL_TYPE_TEXT_BYTES], want[PAWL_TYPE_TEXT_BYTES];
		pawl_type_format(existing->type, have);
		pawl_type_format(column->declared, want);
		pawl_error_set(error, PAWL_INVALID, "it is %s in the destination and %s in the schema", have, want);
		return pawl_error_hint(error, is_kept ? "declare it as STRING, give it another name, or start again with --reset"
		                                      : "give the column another name, or start again with --reset");
	}
	if (wider != existing->type) {
		existing->type = wider;
		table->needs_ensure = true;
	}
	return PAWL_OK;
}

static pawl_status declare_columns(pawl_synced_table *table, const pawl_table_context *context,
                                   const pawl_declaration *declaration, pawl_error *error)
{
	for (const pawl_column *declared = declaration->columns; declared->name != NULL; declared++) {
		pawl_synced_column *column;
		pawl_status status = add_column(table, context->naming, declared->name, declared->type, &column, error);
		if (status == PAWL_OK && column->slot != PAWL_NO_SLOT)
			status = join_type(table, column, error);
		if (status != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", declared->name);
	}
	return PAWL_OK;
}

static pawl_status set_id_key(pawl_synced_table *table, pawl_error *error)
{
	size_t slot = find_slot(table, PAWL_COLUMN_ID);
	if (slot == PAWL_NO_SLOT)
		return add_slot(table, PAWL_COLUMN_ID, PAWL_STRING, NULL, error);
	table->target.columns[slot].is_key = true;
	return PAWL_OK;
}

static pawl_status set_declared_key(pawl_synced_table *table, const pawl_declaration *declaration, pawl_error *error)
{
	while (declaration->primary_key[table->key_count] != NULL)
		table->key_count++;
	table->keys = pawl_arena_allocate(&table->memory, table->key_count * sizeof(pawl_synced_column *));
	if (table->keys == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < table->key_count; i++) {
		pawl_synced_column *column = find_column(table, declaration->primary_key[i]);
		column->is_key = true;
		if (column->slot != PAWL_NO_SLOT)
			table->target.columns[column->slot].is_key = true;
		table->keys[i] = column;
	}
	return PAWL_OK;
}

static void append_key_names(const pawl_destination_table *table, pawl_buffer *text)
{
	for (size_t slot = 0; slot < table->column_count; slot++)
		if (table->columns[slot].is_key)
			pawl_buffer_appendf(text, "%s%s", text->length == 0 ? "" : ", ", table->columns[slot].name);
}

static pawl_status refuse_other_key(const pawl_synced_table *table, const pawl_destination_table *existing, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer was = {0}, is = {0};
	append_key_names(existing, &was);
	for (size_t i = 0; i < table->key_count; i++)
		pawl_buffer_appendf(&is, "%s%s", i == 0 ? "" : ", ", table->keys[i]->name);
	if (table->key_count == 0)
		pawl_buffer_append(&is, PAWL_COLUMN_ID);
	PAWL_TRY(pawl_buffer_status(&was, error));
	PAWL_TRY(pawl_buffer_status(&is, error));
	pawl_error_set(error, PAWL_INVALID, "its primary key was (%s), the connector now says (%s)", was.text, is.text);
	return pawl_error_hint(error, "give the table another name, or start anew with --reset");
}

/* Sets the key, which must be the one that the destination's table has, if there is one. */
static pawl_status set_key(pawl_synced_table *table, const pawl_declaration *declaration, const pawl_destination_table *existing,
                           pawl_error *error)
{
	for (size_t slot = 0; slot < table->target.column_count; slot++)
		table->target.columns[slot].is_key = false;
	if (declaration->primary_key == NULL)
		PAWL_TRY(set_id_key(table, error));
	else
		PAWL_TRY(set_declared_key(table, declaration, error));
	if (existing->column_count == 0)
		return PAWL_OK;
	if (!pawl_synced_table_is_ready(table) || table->target.column_count > existing->column_count)
		return refuse_other_key(table, existing, error);
	for (size_t slot = 0; slot < existing->column_count; slot++)
		if (existing->columns[slot].is_key != table->target.columns[slot].is_key)
			return refuse_other_key(table, existing, error);
	return PAWL_OK;
}

/* Declared columns stand in the destination from the start, in the order of the schema. */
static pawl_status add_declared_slots(pawl_synced_table *table, const pawl_declaration *declaration, pawl_error *error)
{
	for (const pawl_column *declared = declaration->columns; declared->name != NULL; declared++) {
		pawl_synced_column *column = find_column(table, declared->name);
		if (column->slot == PAWL_NO_SLOT && column->declared != PAWL_UNSPECIFIED)
			PAWL_TRY(add_slot(table, column->name, column->declared, column, error));
	}
	return PAWL_OK;
}

static pawl_status start(pawl_synced_table *table, const pawl_table_context *context, const pawl_declaration *declaration,
                         pawl_error *error)
{
	PAWL_TRY(pawl_declaration_make(declaration->name, declaration->primary_key, declaration->columns, &table->memory,
	                               &table->declaration, error));
	table->source_name = table->declaration.name;
	PAWL_TRY(pawl_naming_apply(context->naming, PAWL_NAME_TABLE, declaration->name, &table->target.name, error));
	PAWL_TRY(check_reserved(table->target.name, error));
	PAWL_CLEANUP(pawl_destination_table_clear) pawl_destination_table existing = {0};
	bool exists;
	PAWL_TRY(context->driver->describe_table(context->destination, table->target.name, &exists, &existing, error));
	PAWL_TRY(adopt(table, &existing, error));
	PAWL_TRY(declare_columns(table, context, declaration, error));
	PAWL_TRY(set_key(table, declaration, &existing, error));
	return add_declared_slots(table, declaration, error);
}

pawl_status pawl_synced_table_new(const pawl_table_context *context, const pawl_declaration *declaration,
                                  pawl_synced_table **ret_table, pawl_error *error)
{
	pawl_synced_table *table = pawl_allocate(sizeof(*table));
	if (table == NULL)
		return pawl_error_out_of_memory(error);
	pawl_status status = start(table, context, declaration, error);
	if (status != PAWL_OK) {
		pawl_synced_table_free(table);
		return pawl_error_prefix(error, "table '%s': ", declaration->name);
	}
	*ret_table = table;
	return PAWL_OK;
}

/* ---- what is declared later ------------------------------------------------------------------------------------------ */

static pawl_status extend_column(pawl_synced_table *table, const pawl_table_context *context, const pawl_column *declared,
                                 pawl_error *error)
{
	pawl_synced_column *column = find_column(table, declared->name);
	if (column != NULL && column->declared == declared->type && column->slot != PAWL_NO_SLOT)
		return PAWL_OK;
	if (column == NULL)
		PAWL_TRY(add_column(table, context->naming, declared->name, declared->type, &column, error));
	if (declared->type == PAWL_UNSPECIFIED)
		return PAWL_OK;
	PAWL_TRY(retire_batch(table, context, error));
	column->declared = declared->type;
	if (column->slot != PAWL_NO_SLOT)
		return join_type(table, column, error);
	return add_slot(table, column->name, declared->type, column, error);
}

static pawl_status check_extended_key(const pawl_synced_table *table, const pawl_declaration *declaration, pawl_error *error)
{
	for (size_t i = 0; declaration->primary_key != NULL && declaration->primary_key[i] != NULL; i++) {
		const pawl_synced_column *column = find_column(table, declaration->primary_key[i]);
		if (column == NULL || !column->is_key)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' is declared as part of the primary key, which it is not",
			                      declaration->primary_key[i]);
	}
	return PAWL_OK;
}

pawl_status pawl_synced_table_extend(pawl_synced_table *table, const pawl_table_context *context,
                                     const pawl_declaration *declaration, pawl_error *error)
{
	pawl_status status = check_extended_key(table, declaration, error);
	for (const pawl_column *declared = declaration->columns; status == PAWL_OK && declared->name != NULL; declared++) {
		status = extend_column(table, context, declared, error);
		if (status != PAWL_OK)
			pawl_error_prefix(error, "column '%s': ", declared->name);
	}
	return status == PAWL_OK ? PAWL_OK : pawl_error_prefix(error, "table '%s': ", table->source_name);
}

void pawl_synced_table_free(pawl_synced_table *table)
{
	if (table == NULL)
		return;
	pawl_batch_free(table->batch);
	HASH_CLEAR(hh, table->columns); /* the columns themselves lie in the arena */
	pawl_destination_table_clear(&table->target);
	pawl_buffer_free(&table->key);
	pawl_buffer_free(&table->scratch);
	pawl_buffer_free(&table->text);
	pawl_free(table->recent);
	pawl_free(table->by_slot);
	pawl_free(table->given);
	pawl_free(table->by_name);
	pawl_arena_free(&table->memory);
	pawl_free(table);
}

bool pawl_synced_table_is_ready(const pawl_synced_table *table)
{
	for (size_t i = 0; i < table->key_count; i++)
		if (table->keys[i]->slot == PAWL_NO_SLOT)
			return false;
	return true;
}

pawl_status pawl_synced_table_stage(pawl_synced_table *table, const pawl_table_context *context, bool is_freed,
                                    pawl_error *error)
{
	if (pawl_batch_row_count(table->batch) > 0) {
		pawl_changes changes = pawl_batch_changes(table->batch);
		PAWL_TRY(context->driver->stage(context->destination, &table->target, &changes, error));
		pawl_batch_clear(table->batch);
	}
	if (is_freed) {
		pawl_batch_free(table->batch);
		table->batch = NULL;
	}
	return PAWL_OK;
}

/* ---- the fields of an operation -------------------------------------------------------------------------------------- */

/* An inferred column must be able to keep this value; a wider type is found when it cannot. */
static pawl_status widen(pawl_synced_table *table, const pawl_table_context *context, const pawl_synced_column *column,
                         const pawl_value *value, pawl_error *error)
{
	pawl_type type = table->target.columns[column->slot].type;
	pawl_type wanted = pawl_type_infer(value), wider;
	if (wanted == type)
		return PAWL_OK;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
	pawl_cell cell;
	pawl_error refusal;
	if (pawl_cell_convert(value, type, &scratch, &cell, &refusal) == PAWL_OK)
		return PAWL_OK;
	if (refusal.status != PAWL_INVALID || !pawl_type_widen(type, wanted, &wider) || wider == type) {
		*error = refusal;
		return error->status;
	}
	if (column->is_key && wider == PAWL_STRING) {
		*error = refusal;
		return pawl_error_hint(error, "its type was inferred from earlier values, and in a primary key it does not become STRING, since "
		                              "one key could become two: declare its type");
	}
	PAWL_TRY(retire_batch(table, context, error));
	table->target.columns[column->slot].type = wider;
	table->needs_ensure = true;
	return PAWL_OK;
}

pawl_status pawl_synced_value_check(const pawl_value *value, pawl_error *error)
{
	PAWL_TRY(pawl_value_check(value, error));
	if (value->length > VALUE_MAX_BYTES) {
		pawl_error_set(error, PAWL_INVALID, "its value has %zu bytes, more than %zu", value->length, VALUE_MAX_BYTES);
		return pawl_error_hint(error, "values of this size belong in files: keep a path or an address in the row");
	}
	return PAWL_OK;
}

static pawl_status resolve_field(pawl_synced_table *table, const pawl_table_context *context, pawl_synced_column *column,
                                 const pawl_value *value, pawl_error *error)
{
	bool is_null = value->kind == PAWL_VALUE_NULL;
	PAWL_TRY(pawl_synced_value_check(value, error));
	if (column->last_operation == table->operation)
		return pawl_error_set(error, PAWL_INVALID, "it is given twice");
	column->last_operation = table->operation;
	if (column->slot == PAWL_NO_SLOT) {
		if (is_null)
			return PAWL_OK; /* a column of which nothing but NULL is known has no type, and needs none */
		pawl_type type = pawl_type_infer(value);
		if (column->is_key && value->kind == PAWL_VALUE_DECIMAL && type == PAWL_STRING)
			type = PAWL_DECIMAL(38, 0); /* which refuses it: as texts, 1 and 01 would be two keys */
		PAWL_TRY(retire_batch(table, context, error));
		PAWL_TRY(add_slot(table, column->name, type, column, error));
	} else if (!is_null && column->declared == PAWL_UNSPECIFIED) {
		PAWL_TRY(widen(table, context, column, value, error));
	}
	table->given[column->slot] = value;
	return PAWL_OK;
}

/* Keeps `column` as the one of the field number `i`, for the next operation. */
static pawl_status remember(pawl_synced_table *table, size_t i, pawl_synced_column *column, pawl_error *error)
{
	if (i >= table->recent_count) {
		size_t count = table->recent_count + 16 > i ? table->recent_count + 16 : i + 1;
		pawl_synced_column **recent = pawl_reallocate(table->recent, count * sizeof(pawl_synced_column *));
		if (recent == NULL)
			return pawl_error_out_of_memory(error);
		memset(recent + table->recent_count, 0, (count - table->recent_count) * sizeof(pawl_synced_column *));
		table->recent = recent;
		table->recent_count = count;
	}
	table->recent[i] = column;
	return PAWL_OK;
}

static pawl_status find_field(pawl_synced_table *table, const pawl_table_context *context, size_t i, const char *name,
                              pawl_synced_column **ret_column, pawl_error *error)
{
	if (i < table->recent_count && table->recent[i] != NULL && strcmp(table->recent[i]->source_name, name) == 0) {
		*ret_column = table->recent[i];
		return PAWL_OK;
	}
	*ret_column = find_column(table, name);
	if (*ret_column == NULL)
		PAWL_TRY(add_column(table, context->naming, name, PAWL_UNSPECIFIED, ret_column, error));
	return remember(table, i, *ret_column, error);
}

pawl_status pawl_synced_table_resolve(pawl_synced_table *table, const pawl_table_context *context, const pawl_field *fields,
                                      size_t count, pawl_error *error)
{
	for (size_t slot = 0; slot < table->target.column_count; slot++)
		table->given[slot] = NULL;
	table->operation++;
	for (size_t i = 0; i < count; i++) {
		if (fields[i].column == NULL)
			return pawl_error_set(error, PAWL_INVALID, "field %zu has no column name", i + 1);
		pawl_synced_column *column;
		pawl_status status = find_field(table, context, i, fields[i].column, &column, error);
		if (status == PAWL_OK)
			status = resolve_field(table, context, column, &fields[i].value, error);
		if (status != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", fields[i].column);
	}
	return PAWL_OK;
}
