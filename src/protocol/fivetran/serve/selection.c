/* Which tables and columns the other side wants. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/serve.h"

pawl_status pawl_fivetran_selection_check(const FivetranSdk__V2__Selection *selection, pawl_error *error)
{
	if (selection == NULL || selection->selection_case != FIVETRAN_SDK__V2__SELECTION__SELECTION_WITH_SCHEMA)
		return PAWL_OK;
	return pawl_error_set(error, PAWL_INVALID, "the selection is of tables in schemas, but the connector's tables are in none");
}

/* NULL when all is selected. */
static const FivetranSdk__V2__TablesWithNoSchema *tables_of(const FivetranSdk__V2__Selection *selection)
{
	if (selection == NULL || selection->selection_case != FIVETRAN_SDK__V2__SELECTION__SELECTION_WITHOUT_SCHEMA)
		return NULL;
	return selection->without_schema;
}

static const FivetranSdk__V2__TableSelection *find_table(FivetranSdk__V2__TableSelection *const *tables, size_t count,
                                                         const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tables[i]->table_name, name) == 0)
			return tables[i];
	return NULL;
}

/* A table that is not named is taken with all its columns, if at all. */
static bool selects_column(const FivetranSdk__V2__TableSelection *table, const char *column)
{
	if (table == NULL)
		return true;
	for (size_t i = 0; i < table->n_columns; i++)
		if (strcmp(table->columns[i]->key, column) == 0)
			return table->columns[i]->value;
	return table->include_new_columns;
}

bool pawl_fivetran_selects_table(const FivetranSdk__V2__Selection *selection, const char *table)
{
	const FivetranSdk__V2__TablesWithNoSchema *tables = tables_of(selection);
	if (tables == NULL)
		return true;
	const FivetranSdk__V2__TableSelection *found = find_table(tables->tables, tables->n_tables, table);
	return found == NULL ? tables->include_new_tables : found->included;
}

bool pawl_fivetran_selects_column(const FivetranSdk__V2__Selection *selection, const char *table, const char *column)
{
	const FivetranSdk__V2__TablesWithNoSchema *tables = tables_of(selection);
	return tables == NULL || selects_column(find_table(tables->tables, tables->n_tables, table), column);
}

/* ---- tables in schemas ------------------------------------------------------------------------------------------------- */

static const FivetranSdk__V2__SchemaSelection *find_schema(const FivetranSdk__V2__TablesWithSchema *selection, const char *name)
{
	for (size_t i = 0; i < selection->n_schemas; i++)
		if (strcmp(selection->schemas[i]->schema_name, name) == 0)
			return selection->schemas[i];
	return NULL;
}

bool pawl_fivetran_selects_table_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table)
{
	const FivetranSdk__V2__SchemaSelection *found = find_schema(selection, schema);
	if (found == NULL)
		return selection->include_new_schemas;
	const FivetranSdk__V2__TableSelection *found_table = find_table(found->tables, found->n_tables, table);
	return found->included && (found_table == NULL ? found->include_new_tables : found_table->included);
}

bool pawl_fivetran_selects_column_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table,
                                     const char *column)
{
	const FivetranSdk__V2__SchemaSelection *found = find_schema(selection, schema);
	return found == NULL || selects_column(find_table(found->tables, found->n_tables, table), column);
}
