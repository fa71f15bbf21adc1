/* The operations on one row: key, conversion of each cell, and the fold into the batch. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "connector/table.h"

/* The value of a slot as a cell: as its declared type has it, when there is one, then as the destination's, which may be wider. */
static pawl_status convert_slot(pawl_synced_table *table, size_t slot, pawl_cell *ret_cell, pawl_error *error)
{
	const pawl_value *value = table->given[slot];
	pawl_type declared = table->by_slot[slot]->declared;
	pawl_type type = table->target.columns[slot].type;
	if (declared == PAWL_UNSPECIFIED || declared == type)
		return pawl_cell_convert(value, type, &table->scratch, ret_cell, error);
	PAWL_TRY(pawl_cell_convert(value, declared, &table->scratch, ret_cell, error));
	if (ret_cell->is_null)
		return PAWL_OK;
	if (type != PAWL_STRING)
		return pawl_cell_convert(value, type, &table->scratch, ret_cell, error);
	/* The text of the cell, not of the value: 1.5 and 1.50 are one DECIMAL(10,2). */
	pawl_buffer_clear(&table->text);
	pawl_cell_append_text(ret_cell, declared, &table->text);
	*ret_cell = (pawl_cell){.length = table->text.length, .as.bytes = pawl_buffer_text(&table->text)};
	return pawl_buffer_status(&table->text, error);
}

static pawl_status convert(pawl_synced_table *table, size_t slot, pawl_cell *ret_cell, pawl_error *error)
{
	if (convert_slot(table, slot, ret_cell, error) != PAWL_OK)
		return pawl_error_prefix(error, "column '%s': ", table->by_slot[slot]->source_name);
	return PAWL_OK;
}

/* ---- the key --------------------------------------------------------------------------------------------------------- */

/* Appends bytes that are the same for equal keys, and different for others: fixed width, or a length and the bytes. */
static void append_key_cell(const pawl_cell *cell, pawl_type type, pawl_buffer *key)
{
	double float64;
	switch (pawl_type_storage(type)) {
	case PAWL_STORAGE_BOOLEAN:
		pawl_buffer_append_character(key, cell->as.boolean ? 1 : 0);
		break;
	case PAWL_STORAGE_INT16:
		pawl_buffer_append_bytes(key, (const char *) &cell->as.int16, sizeof(cell->as.int16));
		break;
	case PAWL_STORAGE_INT32:
		pawl_buffer_append_bytes(key, (const char *) &cell->as.int32, sizeof(cell->as.int32));
		break;
	case PAWL_STORAGE_INT64:
		pawl_buffer_append_bytes(key, (const char *) &cell->as.int64, sizeof(cell->as.int64));
		break;
	case PAWL_STORAGE_INT128:
		pawl_buffer_append_bytes(key, (const char *) &cell->as.int128, sizeof(cell->as.int128));
		break;
	case PAWL_STORAGE_FLOAT:
	case PAWL_STORAGE_DOUBLE:
		/* SQL holds -0 equal to 0, and one NaN equal to another. */
		float64 = pawl_type_storage(type) == PAWL_STORAGE_FLOAT ? (double) cell->as.float32 : cell->as.float64;
		if (float64 != float64)
			float64 = __builtin_nan("");
		float64 += 0.0;
		pawl_buffer_append_bytes(key, (const char *) &float64, sizeof(float64));
		break;
	case PAWL_STORAGE_BYTES:
		pawl_buffer_append_bytes(key, (const char *) &cell->length, sizeof(cell->length));
		pawl_buffer_append_bytes(key, cell->as.bytes, cell->length);
		break;
	}
}

static pawl_status make_declared_key(pawl_synced_table *table, const char *operation, pawl_error *error)
{
	for (size_t i = 0; i < table->key_count; i++) {
		const pawl_synced_column *column = table->keys[i];
		size_t slot = column->slot;
		if (slot == PAWL_NO_SLOT || table->given[slot] == NULL)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' of the primary key is not given in the %s, or NULL",
			                      column->source_name, operation);
		if (table->given[slot]->kind == PAWL_VALUE_NULL)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' of the primary key is NULL in the %s", column->source_name,
			                      operation);
		pawl_cell cell;
		PAWL_TRY(convert(table, slot, &cell, error));
		append_key_cell(&cell, table->target.columns[slot].type, &table->key);
	}
	return PAWL_OK;
}

static int compare_names(const void *left, const void *right, void *columns)
{
	const pawl_destination_column *all = columns;
	return strcmp(all[*(const size_t *) left].name, all[*(const size_t *) right].name);
}

/* Columns are only ever added, so that their number tells whether the order is still the right one. */
static pawl_status sort_names(pawl_synced_table *table, pawl_error *error)
{
	size_t count = table->target.column_count;
	if (table->by_name_count == count)
		return PAWL_OK;
	size_t *by_name = pawl_reallocate(table->by_name, count * sizeof(*by_name));
	if (by_name == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t slot = 0; slot < count; slot++)
		by_name[slot] = slot;
	qsort_r(by_name, count, sizeof(*by_name), compare_names, table->target.columns);
	table->by_name = by_name;
	table->by_name_count = count;
	return PAWL_OK;
}

/*
 * The text that stands for a value in _fivetran_id. It follows from the value and its declared type alone, not from the type that an
 * inferred column happens to have by now: a number has no zeros at its end, a FLOAT is the DOUBLE that it is, and a datetime at
 * midnight is a date.
 */
static pawl_status append_identity(pawl_synced_table *table, size_t slot, pawl_buffer *out, pawl_error *error)
{
	const pawl_value *value = table->given[slot];
	pawl_type type = table->by_slot[slot]->declared;
	if (type == PAWL_UNSPECIFIED)
		type = pawl_type_infer(value);
	pawl_cell cell;
	if (pawl_cell_convert(value, type, &table->scratch, &cell, error) != PAWL_OK)
		return pawl_error_prefix(error, "column '%s': ", table->by_slot[slot]->source_name);
	if (type == PAWL_FLOAT) {
		cell.as.float64 = (double) cell.as.float32;
		type = PAWL_DOUBLE;
	}
	pawl_cell_append_text(&cell, type, out);
	PAWL_TRY(pawl_buffer_status(out, error));
	if (pawl_type_kind(type) == PAWL_KIND_DECIMAL && pawl_type_scale(type) > 0) {
		while (out->text[out->length - 1] == '0')
			out->length--;
		if (out->text[out->length - 1] == '.')
			out->length--;
	}
	static const char midnight[] = "T00:00:00";
	size_t tail = sizeof(midnight) - 1;
	if (type == PAWL_NAIVE_DATETIME && memcmp(out->text + out->length - tail, midnight, tail) == 0)
		out->length -= tail;
	return PAWL_OK;
}

/*
 * _fivetran_id: SHA-256 of the row's values that are not NULL, each as name and text with their lengths, in the order of the
 * names; so neither the order of the fields nor a column that is added later changes it.
 */
static pawl_status make_id(pawl_synced_table *table, pawl_error *error)
{
	PAWL_TRY(sort_names(table, error));
	pawl_buffer *all = &table->key;
	for (size_t i = 0; i < table->target.column_count; i++) {
		size_t slot = table->by_name[i];
		if (table->given[slot] == NULL || table->given[slot]->kind == PAWL_VALUE_NULL)
			continue;
		const char *name = table->target.columns[slot].name;
		pawl_buffer_clear(&table->text);
		PAWL_TRY(append_identity(table, slot, &table->text, error));
		pawl_buffer_appendf(all, "%zu:%s=%zu:", strlen(name), name, table->text.length);
		pawl_buffer_append_bytes(all, table->text.text, table->text.length);
	}
	PAWL_TRY(pawl_buffer_status(all, error));
	char id[PAWL_DIGEST_TEXT_BYTES];
	pawl_digest_text(pawl_buffer_text(all), all->length, id);
	pawl_buffer_clear(all);
	pawl_buffer_append(all, id);
	return PAWL_OK;
}

/* Leaves the key's bytes in table->key. */
static pawl_status make_key(pawl_synced_table *table, const char *operation, pawl_error *error)
{
	pawl_buffer_clear(&table->key);
	if (table->key_count == 0)
		PAWL_TRY(make_id(table, error));
	else
		PAWL_TRY(make_declared_key(table, operation, error));
	return pawl_buffer_status(&table->key, error);
}

/* ---- the operations -------------------------------------------------------------------------------------------------- */

static pawl_status need_batch(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error)
{
	table->is_dirty = true;
	if (table->batch != NULL)
		return PAWL_OK;
	return pawl_batch_new(&table->target, context->driver->engine(context->destination), &table->batch, error);
}

/* Sets the cell of a slot: the value that is given, the id, or NULL. */
static pawl_status set_cell(pawl_synced_table *table, size_t row, size_t slot, pawl_error *error)
{
	pawl_cell cell = {.is_null = true};
	if (table->given[slot] != NULL) {
		PAWL_TRY(convert(table, slot, &cell, error));
	} else if (table->key_count == 0 && table->target.columns[slot].is_key) {
		cell = (pawl_cell){.length = table->key.length, .as.bytes = pawl_buffer_text(&table->key)};
	}
	return pawl_batch_set(table->batch, row, slot, &cell, error);
}

pawl_status pawl_synced_table_upsert(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error)
{
	PAWL_TRY(make_key(table, "upsert", error));
	PAWL_TRY(need_batch(table, context, error));
	size_t row;
	PAWL_TRY(pawl_batch_full_row(table->batch, table->key.text, table->key.length, &row, error));
	for (size_t slot = 0; slot < table->target.column_count; slot++)
		PAWL_TRY(set_cell(table, row, slot, error));
	return PAWL_OK;
}

static pawl_status need_primary_key(const pawl_synced_table *table, const char *operation, pawl_error *error)
{
	if (table->key_count > 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "%s needs a primary key, and the table has none", operation);
	return pawl_error_hint(error, "declare its primary key in schema, or before its first operation");
}

/* The row that an update or delete changes, its key set. */
static pawl_status partial_row(pawl_synced_table *table, const pawl_table_context *context, const char *operation,
                               size_t *ret_row, pawl_error *error)
{
	PAWL_TRY(need_primary_key(table, operation, error));
	PAWL_TRY(make_key(table, operation, error));
	PAWL_TRY(need_batch(table, context, error));
	bool is_new;
	PAWL_TRY(pawl_batch_partial_row(table->batch, table->key.text, table->key.length, ret_row, &is_new, error));
	for (size_t i = 0; i < table->key_count && is_new; i++)
		PAWL_TRY(set_cell(table, *ret_row, table->keys[i]->slot, error));
	return PAWL_OK;
}

pawl_status pawl_synced_table_update(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error)
{
	size_t row;
	PAWL_TRY(partial_row(table, context, "update", &row, error));
	for (size_t slot = 0; slot < table->target.column_count; slot++) {
		if (table->given[slot] == NULL || table->target.columns[slot].is_key)
			continue;
		PAWL_TRY(set_cell(table, row, slot, error));
		pawl_batch_mark_given(table->batch, row, slot);
	}
	return PAWL_OK;
}

pawl_status pawl_synced_table_delete(pawl_synced_table *table, const pawl_table_context *context, pawl_error *error)
{
	for (size_t slot = 0; slot < table->target.column_count; slot++)
		if (table->given[slot] != NULL && !table->target.columns[slot].is_key && table->key_count > 0)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' is not part of the primary key, which is all that a delete takes",
			                      table->by_slot[slot]->source_name);
	size_t row;
	PAWL_TRY(partial_row(table, context, "delete", &row, error));
	pawl_batch_mark_deleted(table->batch, row);
	return PAWL_OK;
}
