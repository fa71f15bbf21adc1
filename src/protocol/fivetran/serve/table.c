/* Tables as messages. */
#include "protocol/fivetran/serve.h"
#include "types/type.h"

/* Precision and scale of a DECIMAL. */
static bool set_params(pawl_arena *memory, pawl_type type, FivetranSdk__V2__Column *column)
{
	FivetranSdk__V2__DataTypeParams *params = pawl_arena_allocate(memory, sizeof(*params));
	FivetranSdk__V2__DecimalParams *decimal = pawl_arena_allocate(memory, sizeof(*decimal));
	if (params == NULL || decimal == NULL)
		return false;
	fivetran_sdk__v2__data_type_params__init(params);
	fivetran_sdk__v2__decimal_params__init(decimal);
	decimal->precision = (uint32_t) pawl_type_precision(type);
	decimal->scale = (uint32_t) pawl_type_scale(type);
	params->params_case = FIVETRAN_SDK__V2__DATA_TYPE_PARAMS__PARAMS_DECIMAL;
	params->decimal = decimal;
	column->params_presence_case = FIVETRAN_SDK__V2__COLUMN__PARAMS_PRESENCE_PARAMS;
	column->params = params;
	return true;
}

static FivetranSdk__V2__Column *make_column(pawl_arena *memory, const pawl_fivetran_column *from)
{
	FivetranSdk__V2__Column *column = pawl_arena_allocate(memory, sizeof(*column));
	if (column == NULL)
		return NULL;
	fivetran_sdk__v2__column__init(column);
	column->name = pawl_arena_duplicate(memory, from->name);
	column->type = (FivetranSdk__V2__DataType) pawl_type_kind(from->type); /* the numbers are the same, pawl/value.h */
	column->primary_key = from->is_key;
	if (column->name == NULL)
		return NULL;
	if (pawl_type_kind(from->type) == PAWL_KIND_DECIMAL && !set_params(memory, from->type, column))
		return NULL;
	return column;
}

FivetranSdk__V2__Table *pawl_fivetran_table_new(pawl_arena *memory, const char *name, size_t column_count)
{
	FivetranSdk__V2__Table *table = pawl_arena_allocate(memory, sizeof(*table));
	if (table == NULL)
		return NULL;
	fivetran_sdk__v2__table__init(table);
	table->name = pawl_arena_duplicate(memory, name);
	table->columns = pawl_arena_allocate(memory, (column_count + 1) * sizeof(FivetranSdk__V2__Column *));
	return table->name == NULL || table->columns == NULL ? NULL : table;
}

bool pawl_fivetran_table_add(pawl_arena *memory, FivetranSdk__V2__Table *table, const pawl_fivetran_column *column)
{
	table->columns[table->n_columns] = make_column(memory, column);
	return table->columns[table->n_columns++] != NULL;
}
