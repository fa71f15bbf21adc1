#include "destination/duckdb/internal.h"

#include <string.h>
#include <strings.h>

/* ---- describe -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_describe_table(pawl_destination *destination, const char *name, bool *ret_exists,
                                       pawl_destination_table *ret_table, pawl_error *error)
{
	pawl_duckdb_table *found;

	PAWL_TRY(pawl_duckdb_catalog_find(destination, name, &found, error));
	if (found != NULL)
		PAWL_TRY(pawl_destination_table_copy(&found->table, ret_table, error));
	*ret_exists = found != NULL;
	return PAWL_OK;
}

/* ---- check ----------------------------------------------------------------------------------------------------------- */

static bool is_reserved(const char *name)
{
	return strcasecmp(name, PAWL_COLUMN_DELETED) == 0 || strcasecmp(name, PAWL_COLUMN_SYNCED) == 0 ||
	       strcasecmp(name, PAWL_COLUMN_IS_FULL) == 0 || strcasecmp(name, PAWL_COLUMN_IS_DELETED) == 0 ||
	       strncasecmp(name, PAWL_COLUMN_GIVEN, strlen(PAWL_COLUMN_GIVEN)) == 0;
}

pawl_status pawl_duckdb_check_table(const pawl_destination_table *table, pawl_error *error)
{
	size_t key_count = 0;

	for (size_t i = 0; i < table->column_count; i++) {
		const pawl_destination_column *column = &table->columns[i];
		key_count += column->is_key;
		if (column->type == PAWL_UNSPECIFIED)
			return pawl_error_set(error, PAWL_INTERNAL, "column '%s' has no type", column->name);
		if (is_reserved(column->name)) {
			pawl_error_set(error, PAWL_INVALID, "column '%s' has a name that Pawl keeps for itself", column->name);
			return pawl_error_hint(error, "give the column another name");
		}
	}
	if (key_count == 0)
		return pawl_error_set(error, PAWL_INTERNAL, "the table has no primary key");
	return PAWL_OK;
}

/* ---- create ---------------------------------------------------------------------------------------------------------- */

static pawl_status create_table(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "CREATE SCHEMA IF NOT EXISTS ");
	pawl_buffer_append_identifier(&sql, destination->catalog);
	pawl_buffer_append_character(&sql, '.');
	pawl_buffer_append_identifier(&sql, destination->schema);
	pawl_buffer_append(&sql, "; CREATE TABLE ");
	pawl_duckdb_sql_table(&sql, destination, table->name);
	pawl_buffer_append(&sql, " (");
	pawl_duckdb_sql_definitions(&sql, table);
	pawl_buffer_append(&sql, PAWL_COLUMN_DELETED " BOOLEAN, " PAWL_COLUMN_SYNCED " TIMESTAMPTZ)");
	return pawl_duck_run_buffer(destination->duck, &sql, error);
}

static pawl_status create(pawl_destination *destination, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_TRY(create_table(destination, table, error));
	PAWL_STEP("ensure: table created");
	PAWL_TRY(pawl_duckdb_record_table(destination, table, error));
	PAWL_STEP("ensure: key recorded");
	return pawl_duckdb_catalog_add(destination, table, error);
}

/* ---- change ---------------------------------------------------------------------------------------------------------- */

static void append_key(pawl_buffer *text, const pawl_destination_table *table)
{
	const char *separator = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].is_key)
			continue;
		pawl_buffer_appendf(text, "%s%s", separator, table->columns[i].name);
		separator = ", ";
	}
}

/* Every key column of one table is one of the other's. */
static bool has_keys_of(const pawl_destination_table *table, const pawl_destination_table *other)
{
	for (size_t i = 0; i < other->column_count; i++) {
		if (!other->columns[i].is_key)
			continue;
		ptrdiff_t index = pawl_destination_table_find(table, other->columns[i].name);
		if (index < 0 || !table->columns[index].is_key)
			return false;
	}
	return true;
}

static pawl_status check_key(const pawl_destination_table *existing, const pawl_destination_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer was = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer is = {0};

	if (has_keys_of(existing, table) && has_keys_of(table, existing))
		return PAWL_OK;
	append_key(&was, existing);
	append_key(&is, table);
	PAWL_TRY(pawl_buffer_status(&was, error));
	PAWL_TRY(pawl_buffer_status(&is, error));
	pawl_error_set(error, PAWL_INVALID, "its primary key was (%s), the connector now says (%s)", pawl_buffer_text(&was),
	               pawl_buffer_text(&is));
	return pawl_error_hint(error, "give the table another name, or start anew with --reset");
}

static pawl_status add_column(pawl_destination *destination, pawl_destination_table *existing,
                              const pawl_destination_column *column, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "ALTER TABLE ");
	pawl_duckdb_sql_table(&sql, destination, existing->name);
	pawl_duckdb_sql_add_column(&sql, column->name, column->type);
	PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	PAWL_STEP("ensure: column added");
	return pawl_destination_table_add(existing, column->name, column->type, false, error);
}

static pawl_status widen_column(pawl_destination *destination, const pawl_destination_table *existing,
                                pawl_destination_column *column, pawl_type type, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "ALTER TABLE ");
	pawl_duckdb_sql_table(&sql, destination, existing->name);
	pawl_duckdb_sql_alter_type(&sql, column->name, column->type, type);
	PAWL_TRY(pawl_duck_run_buffer(destination->duck, &sql, error));
	PAWL_STEP("ensure: column widened");
	column->type = type;
	return PAWL_OK;
}

static pawl_status refuse_type(const pawl_destination_column *existing, pawl_type wanted, pawl_error *error)
{
	char was[PAWL_TYPE_TEXT_BYTES], is[PAWL_TYPE_TEXT_BYTES];

	pawl_type_format(existing->type, was);
	pawl_type_format(wanted, is);
	pawl_error_set(error, PAWL_INVALID, "column '%s': no type keeps both the %s that is there and the %s that comes now",
	               existing->name, was, is);
	return pawl_error_hint(error, "give the column another name, or start anew with --reset");
}

static pawl_status ensure_column(pawl_destination *destination, pawl_destination_table *existing,
                                 const pawl_destination_column *wanted, int *changes, pawl_error *error)
{
	pawl_type type;
	ptrdiff_t index = pawl_destination_table_find(existing, wanted->name);

	if (index < 0) {
		*changes |= PAWL_TABLE_COLUMNS_ADDED;
		return add_column(destination, existing, wanted, error);
	}
	pawl_destination_column *column = &existing->columns[index];
	if (!pawl_type_widen(column->type, wanted->type, &type))
		return refuse_type(column, wanted->type, error);
	if (!pawl_duckdb_sql_is_other_type(column->type, type))
		return PAWL_OK;
	*changes |= PAWL_TABLE_COLUMNS_WIDENED;
	return widen_column(destination, existing, column, type, error);
}

static pawl_status ensure(pawl_destination *destination, const pawl_destination_table *table, int *changes, pawl_error *error)
{
	pawl_duckdb_table *found;

	PAWL_TRY(pawl_duckdb_check_table(table, error));
	PAWL_TRY(pawl_duckdb_memory_fit(destination, table, error));
	PAWL_TRY(pawl_duckdb_catalog_find(destination, table->name, &found, error));
	if (found == NULL) {
		*changes = PAWL_TABLE_CREATED;
		PAWL_TRY(pawl_duckdb_ensure_records(destination, error));
		return create(destination, table, error);
	}
	PAWL_TRY(check_key(&found->table, table, error));
	PAWL_TRY(pawl_duckdb_memory_loosen(destination, error));
	for (size_t i = 0; i < table->column_count; i++)
		PAWL_TRY(ensure_column(destination, &found->table, &table->columns[i], changes, error));
	return PAWL_OK;
}

pawl_status pawl_duckdb_ensure_table(pawl_destination *destination, const pawl_destination_table *table, int *ret_changes,
                                     pawl_error *error)
{
	int changes = 0;

	PAWL_TRY(ensure(destination, table, &changes, error));
	*ret_changes = changes;
	return PAWL_OK;
}
