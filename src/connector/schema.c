#include "connector/schema.h"

#include <string.h>

#include "base/error.h"
#include "types/type.h"

static bool is_blank(const char *name)
{
	return name == NULL || name[strspn(name, " \t\r\n")] == '\0';
}

/* The column's place among the first `count`, or `count`. */
static size_t find_column(const pawl_column *columns, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && strcmp(columns[i].name, name) != 0)
		i++;
	return i;
}

static pawl_status add_column(pawl_declaration *declaration, size_t *count, const char *name, pawl_type type,
                              pawl_arena *memory, pawl_error *error)
{
	pawl_column *column = &declaration->columns[*count];
	column->name = pawl_arena_duplicate(memory, name);
	if (column->name == NULL)
		return pawl_error_out_of_memory(error);
	column->type = type;
	(*count)++;
	return PAWL_OK;
}

static pawl_status copy_columns(pawl_declaration *declaration, size_t *count, const pawl_column *columns, pawl_arena *memory,
                                pawl_error *error)
{
	for (const pawl_column *column = columns; column->name != NULL; column++) {
		if (is_blank(column->name))
			return pawl_error_set(error, PAWL_INVALID, "column %zu has an empty name", *count + 1);
		if (find_column(declaration->columns, *count, column->name) < *count)
			return pawl_error_set(error, PAWL_INVALID, "column '%s' is declared twice", column->name);
		if (pawl_type_check(column->type, error) != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", column->name);
		PAWL_TRY(add_column(declaration, count, column->name, column->type, memory, error));
	}
	return PAWL_OK;
}

static pawl_status copy_key(pawl_declaration *declaration, size_t *count, const char *const *primary_key, pawl_arena *memory,
                            pawl_error *error)
{
	for (size_t i = 0; primary_key[i] != NULL; i++) {
		const char *name = primary_key[i];
		if (is_blank(name))
			return pawl_error_set(error, PAWL_INVALID, "the primary key has a column with an empty name");
		for (size_t j = 0; j < i; j++)
			if (strcmp(primary_key[j], name) == 0)
				return pawl_error_set(error, PAWL_INVALID, "the primary key names column '%s' twice", name);
		size_t place = find_column(declaration->columns, *count, name);
		if (place == *count)
			PAWL_TRY(add_column(declaration, count, name, PAWL_UNSPECIFIED, memory, error));
		declaration->primary_key[i] = declaration->columns[place].name;
	}
	return PAWL_OK;
}

pawl_status pawl_declaration_make(const char *table, const char *const *primary_key, const pawl_column *columns,
                                  pawl_arena *memory, pawl_declaration *ret_declaration, pawl_error *error)
{
	if (is_blank(table))
		return pawl_error_set(error, PAWL_INVALID, "a table has an empty name");
	static const pawl_column no_columns = {NULL, PAWL_UNSPECIFIED};
	if (columns == NULL)
		columns = &no_columns;
	size_t key_count = 0, column_count = 0;
	while (primary_key != NULL && primary_key[key_count] != NULL)
		key_count++;
	while (columns[column_count].name != NULL)
		column_count++;

	pawl_declaration declaration = {0};
	declaration.name = pawl_arena_duplicate(memory, table);
	declaration.columns = pawl_arena_allocate(memory, (column_count + key_count + 1) * sizeof(*declaration.columns));
	if (declaration.name == NULL || declaration.columns == NULL)
		return pawl_error_out_of_memory(error);

	size_t count = 0;
	pawl_status status = copy_columns(&declaration, &count, columns, memory, error);
	if (status == PAWL_OK && key_count > 0) {
		declaration.primary_key = pawl_arena_allocate(memory, (key_count + 1) * sizeof(*declaration.primary_key));
		if (declaration.primary_key == NULL)
			return pawl_error_out_of_memory(error);
		status = copy_key(&declaration, &count, primary_key, memory, error);
		declaration.primary_key[key_count] = NULL;
	}
	if (status != PAWL_OK)
		return pawl_error_prefix(error, "table '%s': ", table);
	declaration.columns[count] = no_columns;
	*ret_declaration = declaration;
	return PAWL_OK;
}

bool pawl_declaration_equal(const pawl_declaration *left, const pawl_declaration *right)
{
	if ((left->primary_key == NULL) != (right->primary_key == NULL))
		return false;
	for (size_t i = 0; left->primary_key != NULL; i++) {
		const char *a = left->primary_key[i], *b = right->primary_key[i];
		if (a == NULL && b == NULL)
			break;
		if (a == NULL || b == NULL || strcmp(a, b) != 0)
			return false;
	}
	for (size_t i = 0;; i++) {
		const pawl_column *a = &left->columns[i], *b = &right->columns[i];
		if (a->name == NULL || b->name == NULL)
			return a->name == b->name;
		if (strcmp(a->name, b->name) != 0 || a->type != b->type)
			return false;
	}
}

const pawl_declaration *pawl_schema_find(const pawl_schema *schema, const char *table)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->tables[i].name, table) == 0)
			return &schema->tables[i];
	return NULL;
}

static pawl_status add_declaration(pawl_schema *schema, const pawl_declaration *declaration, pawl_error *error)
{
	if (pawl_schema_find(schema, declaration->name) != NULL)
		return pawl_error_set(error, PAWL_INVALID, "table '%s' is declared twice", declaration->name);
	if (schema->count == schema->capacity) {
		size_t capacity = schema->capacity == 0 ? 16 : schema->capacity * 2;
		pawl_declaration *tables = pawl_reallocate(schema->tables, capacity * sizeof(*tables));
		if (tables == NULL)
			return pawl_error_out_of_memory(error);
		schema->tables = tables;
		schema->capacity = capacity;
	}
	schema->tables[schema->count++] = *declaration;
	return PAWL_OK;
}

pawl_status pawl_table(pawl_schema *schema, const char *table, const char *const *primary_key, const pawl_column *columns)
{
	if (schema->failure->status != PAWL_OK)
		return schema->failure->status;
	pawl_declaration declaration;
	PAWL_TRY(pawl_declaration_make(table, primary_key, columns, &schema->memory, &declaration, schema->failure));
	return add_declaration(schema, &declaration, schema->failure);
}

pawl_status pawl_schema_fail(pawl_schema *schema, const char *format, ...)
{
	if (schema->failure->status != PAWL_OK)
		return schema->failure->status;
	va_list arguments;
	va_start(arguments, format);
	pawl_error_set_va(schema->failure, PAWL_CONNECTOR, format, arguments);
	va_end(arguments);
	return PAWL_CONNECTOR;
}

void *pawl_schema_context(const pawl_schema *schema)
{
	return schema->context;
}

pawl_status pawl_schema_collect(const pawl_connector *connector, const pawl_configuration *configuration, pawl_error *failure,
                                pawl_schema *ret_schema)
{
	*ret_schema = (pawl_schema){.failure = failure, .context = connector->context};
	if (connector->schema == NULL)
		return PAWL_OK;
	pawl_status status = connector->schema(ret_schema, configuration);
	if (failure->status == PAWL_OK && status != PAWL_OK)
		pawl_error_set(failure, PAWL_CONNECTOR, "schema of connector '%s' failed without an error (status '%s')",
		               connector->name, pawl_status_name(status));
	return failure->status;
}

void pawl_schema_clear(pawl_schema *schema)
{
	pawl_free_pointer(&schema->tables);
	pawl_arena_free(&schema->memory);
}
