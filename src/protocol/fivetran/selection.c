/* Which tables and columns the other side wants. */
#include <string.h>

#include "base/error.h"
#include "protocol/fivetran/internal.h"

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

static const FivetranSdk__V2__TableSelection *find_table(const FivetranSdk__V2__TablesWithNoSchema *tables, const char *name)
{
	for (size_t i = 0; i < tables->n_tables; i++)
		if (strcmp(tables->tables[i]->table_name, name) == 0)
			return tables->tables[i];
	return NULL;
}

bool pawl_fivetran_selects_table(const FivetranSdk__V2__Selection *selection, const char *table)
{
	const FivetranSdk__V2__TablesWithNoSchema *tables = tables_of(selection);
	if (tables == NULL)
		return true;
	const FivetranSdk__V2__TableSelection *found = find_table(tables, table);
	return found == NULL ? tables->include_new_tables : found->included;
}

bool pawl_fivetran_selects_column(const FivetranSdk__V2__Selection *selection, const char *table, const char *column)
{
	const FivetranSdk__V2__TablesWithNoSchema *tables = tables_of(selection);
	const FivetranSdk__V2__TableSelection *found = tables == NULL ? NULL : find_table(tables, table);
	if (found == NULL)
		return true;
	for (size_t i = 0; i < found->n_columns; i++)
		if (strcmp(found->columns[i]->key, column) == 0)
			return found->columns[i]->value;
	return found->include_new_columns;
}
