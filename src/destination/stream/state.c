#include "destination/stream/internal.h"

#include <string.h>

#include "base/json.h"

/* Of the state's form. A Pawl refuses states of a higher number than its own. */
#define STATE_FORMAT 1

/* What a table has beside the fields of pawl_replica_state_fields. */
#define LAYOUT "layout" /* [["id", "BIGINT"], ...] */
#define BEGUN  "begun"  /* true: it has no state, as its rows were being sent anew; else not there */
#define ROWS   "rows"

/* ---- in memory ------------------------------------------------------------------------------------------------------- */

void pawl_stream_table_clear(pawl_stream_table *table)
{
	pawl_replica_table_clear(&table->layout);
	pawl_replica_state_clear(&table->state);
	*table = (pawl_stream_table) {0};
}

void pawl_stream_tables_clear(pawl_stream_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++)
		pawl_stream_table_clear(&tables->items[i]);
	pawl_free(tables->items);
	*tables = (pawl_stream_tables) {0};
}

pawl_status pawl_stream_table_copy(const pawl_stream_table *table, pawl_stream_table *ret_copy, pawl_error *error)
{
	PAWL_CLEANUP(pawl_stream_table_clear) pawl_stream_table copy = {0};

	PAWL_TRY(pawl_replica_name_table(&copy.layout, table->layout.schema, "", table->layout.name, error));
	PAWL_TRY(pawl_replica_table_add_all(&copy.layout, &table->layout, error));
	PAWL_TRY(pawl_replica_state_copy(&table->state, &copy.state, error));
	copy.row_count = table->row_count;
	copy.has_state = table->has_state;
	copy.is_beginning = table->is_beginning;
	copy.is_change_due = table->is_change_due;
	copy.is_truncation_due = table->is_truncation_due;
	*ret_copy = copy;
	copy = (pawl_stream_table) {0};
	return PAWL_OK;
}

pawl_stream_table *pawl_stream_tables_find(const pawl_stream_tables *tables, const char *schema, const char *name)
{
	for (size_t i = 0; i < tables->count; i++)
		if (strcmp(tables->items[i].layout.schema, schema) == 0 && strcmp(tables->items[i].layout.name, name) == 0)
			return &tables->items[i];
	return NULL;
}

pawl_stream_table *pawl_stream_tables_add(pawl_stream_tables *tables)
{
	pawl_stream_table *items = pawl_reallocate(tables->items, (tables->count + 1) * sizeof(*items));

	if (items == NULL)
		return NULL;
	tables->items = items;
	items[tables->count] = (pawl_stream_table) {0};
	return &items[tables->count++];
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static pawl_status refuse(pawl_error *error)
{
	pawl_error_set(error, PAWL_INVALID, "the state is none that 'pawl serve' wrote");
	return pawl_error_hint(error, "begin with an empty state, which copies all tables again");
}

static pawl_status check_format(json_t *root, pawl_error *error)
{
	json_t *format = json_object_get(root, "pawl");

	if (!json_is_integer(format) || json_integer_value(format) < 1)
		return refuse(error);
	if (json_integer_value(format) == STATE_FORMAT)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the state was written by a newer Pawl: its format is %lld, this one knows %d",
	               (long long) json_integer_value(format), STATE_FORMAT);
	return pawl_error_hint(error, "use that newer Pawl, or begin with an empty state");
}

static pawl_status read_field(json_t *value, const pawl_replica_field *field, void *record, pawl_error *error)
{
	if (field->kind == PAWL_REPLICA_TEXT ? !json_is_string(value) : !json_is_integer(value))
		return refuse(error);
	if (field->kind == PAWL_REPLICA_TEXT)
		return pawl_replica_set_text(pawl_replica_text_of(field, record), json_string_value(value), error);
	*pawl_replica_integer_of(field, record) = json_integer_value(value);
	return PAWL_OK;
}

static pawl_status read_layout(json_t *layout, pawl_replica_table *table, pawl_error *error)
{
	for (size_t i = 0; i < json_array_size(layout); i++) {
		const char *name = json_string_value(json_array_get(json_array_get(layout, i), 0));
		const char *type = json_string_value(json_array_get(json_array_get(layout, i), 1));
		if (name == NULL || type == NULL)
			return refuse(error);
		PAWL_TRY(pawl_replica_table_add(table, name, type, 0, true, error));
	}
	return table->column_count > 0 ? PAWL_OK : refuse(error);
}

static pawl_status read_table(json_t *object, pawl_stream_table *table, pawl_error *error)
{
	json_t *rows = json_object_get(object, ROWS);

	if (!json_is_object(object) || !json_is_integer(rows))
		return refuse(error);
	for (const pawl_replica_field *field = pawl_replica_state_fields; field->kind != 0; field++) {
		json_t *value = json_object_get(object, field->name);
		if (value != NULL)
			PAWL_TRY(read_field(value, field, &table->state, error));
	}
	if (table->state.schema_name == NULL || table->state.table_name == NULL)
		return refuse(error);
	table->row_count = json_integer_value(rows);
	table->has_state = !json_is_true(json_object_get(object, BEGUN));
	PAWL_TRY(pawl_replica_name_table(&table->layout, table->state.schema_name, "", table->state.table_name, error));
	return read_layout(json_object_get(object, LAYOUT), &table->layout, error);
}

static bool is_empty(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

pawl_status pawl_stream_state_read(const char *text, pawl_stream_tables *ret_tables, pawl_error *error)
{
	PAWL_CLEANUP(pawl_stream_tables_clear) pawl_stream_tables tables = {0};
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;

	if (!is_empty(text))
		PAWL_TRY(pawl_json_parse_object("state", text, strlen(text), &root, error));
	if (root != NULL && json_object_size(root) > 0) {
		json_t *list = json_object_get(root, "tables");
		PAWL_TRY(check_format(root, error));
		if (!json_is_array(list))
			return refuse(error);
		for (size_t i = 0; i < json_array_size(list); i++) {
			pawl_stream_table *table = pawl_stream_tables_add(&tables);
			if (table == NULL)
				return pawl_error_out_of_memory(error);
			PAWL_TRY(read_table(json_array_get(list, i), table, error));
		}
	}
	*ret_tables = tables;
	tables = (pawl_stream_tables) {0};
	return PAWL_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static void append_text(pawl_buffer *text, const char *value)
{
	pawl_buffer_append_json(text, value, strlen(value));
}

static void append_field(pawl_buffer *text, const pawl_replica_field *field, void *record)
{
	const char *value = field->kind == PAWL_REPLICA_TEXT ? *pawl_replica_text_of(field, record) : NULL;

	if (field->kind != PAWL_REPLICA_TEXT)
		pawl_buffer_appendf(text, "\"%s\":%lld,", field->name, (long long) *pawl_replica_integer_of(field, record));
	if (value == NULL)
		return;
	pawl_buffer_appendf(text, "\"%s\":", field->name);
	append_text(text, value);
	pawl_buffer_append_character(text, ',');
}

/* All that there is of a state. */
static void append_names(pawl_buffer *text, const pawl_replica_table *layout)
{
	pawl_buffer_append(text, "\"schema_name\":");
	append_text(text, layout->schema);
	pawl_buffer_append(text, ",\"table_name\":");
	append_text(text, layout->name);
	pawl_buffer_append(text, ",\"" BEGUN "\":true,");
}

static void append_table(pawl_buffer *text, const pawl_stream_table *table)
{
	void *record = (void *) (uintptr_t) &table->state;

	pawl_buffer_append_character(text, '{');
	for (const pawl_replica_field *field = pawl_replica_state_fields; table->has_state && field->kind != 0; field++)
		append_field(text, field, record);
	if (!table->has_state)
		append_names(text, &table->layout);
	pawl_buffer_appendf(text, "\"" ROWS "\":%lld,\"" LAYOUT "\":[", (long long) table->row_count);
	for (size_t i = 0; i < table->layout.column_count; i++) {
		pawl_buffer_append(text, i == 0 ? "[" : ",[");
		append_text(text, table->layout.columns[i].name);
		pawl_buffer_append_character(text, ',');
		append_text(text, table->layout.columns[i].type);
		pawl_buffer_append_character(text, ']');
	}
	pawl_buffer_append(text, "]}");
}

pawl_status pawl_stream_state_write(const pawl_stream_tables *tables, pawl_buffer *text, pawl_error *error)
{
	const char *separator = "";

	pawl_buffer_appendf(text, "{\"pawl\":%d,\"tables\":[", STATE_FORMAT);
	for (size_t i = 0; i < tables->count; i++) {
		if (!tables->items[i].has_state && tables->items[i].layout.column_count == 0)
			continue;
		pawl_buffer_append(text, separator);
		append_table(text, &tables->items[i]);
		separator = ",";
	}
	pawl_buffer_append(text, "]}");
	return pawl_buffer_status(text, error);
}
