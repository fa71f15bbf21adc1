#include "destination/stream/internal.h"

#include <string.h>

#include "base/json.h"

/* What the rows of a table are like, as the receiver sees them. */
typedef struct shape {
	pawl_arena memory;
	pawl_received_table table;
	bool *has_odd_json; /* by column */
	pawl_cell *cells;   /* of the row at hand; an arena aligns too little for them */
} shape;

static void clear_shape(shape *of)
{
	pawl_arena_free(&of->memory);
	pawl_free(of->cells);
}

static pawl_status make_shape(const pawl_replica_table *table, shape *ret_shape, pawl_error *error)
{
	size_t count = table->column_count;
	pawl_received_column *columns = pawl_arena_allocate(&ret_shape->memory, (count + 1) * sizeof(*columns));

	ret_shape->has_odd_json = pawl_arena_allocate(&ret_shape->memory, (count + 1) * sizeof(bool));
	ret_shape->cells = pawl_allocate_array(count, sizeof(pawl_cell));
	if (columns == NULL || ret_shape->has_odd_json == NULL || ret_shape->cells == NULL)
		return pawl_error_out_of_memory(error);
	for (size_t i = 0; i < count; i++) {
		const pawl_replica_column *column = &table->columns[i];
		columns[i] = (pawl_received_column) {.name = column->name, .is_key = column->key_rank > 0};
		if (pawl_received_type_of(column->type, &columns[i].type, error) != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", column->name);
		ret_shape->has_odd_json[i] = pawl_stream_has_odd_json(column->type);
	}
	ret_shape->table = (pawl_received_table) {table->schema, table->name, columns, count};
	return PAWL_OK;
}

static pawl_status announce(pawl_stream_replica *stream, const pawl_received_table *table, pawl_error *error)
{
	const pawl_replica_receiver *receiver = stream->receiver;
	pawl_stream_table *changed = &stream->changed;

	if (changed->is_beginning)
		PAWL_TRY(pawl_stream_tell_beginning(stream, error));
	if (changed->is_change_due)
		PAWL_TRY(receiver->change(receiver->context, table, error));
	if (changed->is_truncation_due)
		PAWL_TRY(receiver->truncate(receiver->context, table, error));
	if (changed->is_truncation_due)
		changed->row_count = 0;
	changed->is_change_due = changed->is_truncation_due = false;
	return PAWL_OK;
}

pawl_status pawl_stream_announce(pawl_stream_replica *stream, const pawl_replica_table *table, pawl_error *error)
{
	PAWL_CLEANUP(clear_shape) shape made = {0};

	if (!stream->changed.is_change_due && !stream->changed.is_truncation_due)
		return PAWL_OK;
	PAWL_TRY(make_shape(table, &made, error));
	return announce(stream, &made.table, error);
}

/* ---- one row --------------------------------------------------------------------------------------------------------- */

static pawl_status check_key(const pawl_received_column *column, const pawl_cell *cell, pawl_error *error)
{
	if (!column->is_key || !cell->is_null)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "column '%s' is part of the primary key, and NULL in a row", column->name);
	return pawl_error_hint(error, "name columns that are never NULL as primary_key, or leave these rows out with 'where'");
}

static pawl_status check_json(const pawl_received_column *column, const pawl_cell *cell, pawl_error *error)
{
	if (cell->is_null || pawl_json_check(cell->as.bytes, cell->length, error) == PAWL_OK)
		return PAWL_OK;
	return pawl_error_prefix(error, "column '%s': this is no JSON, which has no NaN and no infinity: ", column->name);
}

static pawl_status send_row(pawl_stream_replica *stream, const pawl_duck_rows *rows, shape *of, pawl_error *error)
{
	for (size_t i = 0; i < of->table.column_count; i++) {
		pawl_duck_rows_cell(rows, i, &of->cells[i]);
		PAWL_TRY(check_key(&of->table.columns[i], &of->cells[i], error));
		if (of->has_odd_json[i])
			PAWL_TRY(check_json(&of->table.columns[i], &of->cells[i], error));
	}
	return stream->receiver->row(stream->receiver->context, &of->table, of->cells, error);
}

/* ---- all of them ------------------------------------------------------------------------------------------------------ */

/*
 * What error() says in the SQL of type.c is of a value, and no failure of the engine. Of several threads that read a streamed
 * result, DuckDB (1.5.5) now and then tells of one that another one's failure has interrupted; nobody else interrupts it here.
 */
static pawl_status blame_value(pawl_status status, pawl_error *error)
{
	static const char beginning[] = "column '";

	if (status == PAWL_OK)
		return PAWL_OK;
	if (error->status == PAWL_INTERRUPTED)
		return pawl_error_set(error, PAWL_DATABASE, "the engine could not read a value");
	if (strncmp(error->message, beginning, sizeof(beginning) - 1) == 0)
		error->status = PAWL_INVALID;
	return error->status;
}

/* Cells do not say what they are: one that is read as another type is another value. */
static pawl_status check_storage(const pawl_duck_rows *rows, const pawl_received_table *table, pawl_error *error)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (pawl_duck_rows_storage(rows, i) != pawl_type_storage(table->columns[i].type.type))
			return pawl_error_set(error, PAWL_INTERNAL, "column '%s' does not come as the type that it is sent as",
			                      table->columns[i].name);
	return PAWL_OK;
}

static pawl_status query(pawl_stream_replica *stream, const pawl_replica_table *table, const char *relation,
                         pawl_duck_rows **ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_append(&sql, i == 0 ? "SELECT " : ", ");
		pawl_stream_append_value(&sql, table->columns[i].name, table->columns[i].type);
	}
	pawl_buffer_appendf(&sql, " FROM %s", relation);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	return blame_value(pawl_duck_query_cells(stream->replica.duck, pawl_buffer_text(&sql), ret_rows, error), error);
}

pawl_status pawl_stream_send(pawl_stream_replica *stream, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                             pawl_error *error)
{
	PAWL_CLEANUP(clear_shape) shape made = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	int64_t count = 0;
	bool has_row;

	PAWL_TRY(make_shape(table, &made, error));
	PAWL_TRY(query(stream, table, relation, &rows, error));
	PAWL_TRY(check_storage(rows, &made.table, error));
	for (;; count++) {
		PAWL_TRY(blame_value(pawl_duck_rows_next(rows, &has_row, error), error));
		if (!has_row)
			break;
		if (count == 0) /* as late as can be: what fails before leaves the receiver's table as it was */
			PAWL_TRY(announce(stream, &made.table, error));
		PAWL_TRY(send_row(stream, rows, &made, error));
	}
	stream->changed.row_count += count;
	*ret_rows = count;
	return PAWL_OK;
}
