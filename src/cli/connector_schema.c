#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "cli/connector_verbs.h"
#include "connector/run.h"
#include "report/format.h"
#include "report/grid.h"
#include "types/type.h"

struct settings {
	const char *configuration;
	int naming;
	bool is_json;
};

/* What the visits share: each one prints its table or appends it to the JSON. After the first failure they do nothing. */
typedef struct schema_listing {
	FILE *out;
	pawl_terminal terminal;
	pawl_naming naming;
	pawl_buffer *json;
	size_t tables;
	pawl_status status;
	pawl_error *error;
} schema_listing;

static bool is_key(const pawl_declared_table *table, const char *column)
{
	for (size_t i = 0; table->primary_key != NULL && table->primary_key[i] != NULL; i++)
		if (strcmp(table->primary_key[i], column) == 0)
			return true;
	return false;
}

/* ---- for people ------------------------------------------------------------------------------------------------------ */

static const char *format_type(pawl_type type, char out[PAWL_TYPE_TEXT_BYTES])
{
	if (type == PAWL_UNSPECIFIED)
		return "inferred";
	pawl_type_format(type, out);
	return out;
}

/* *ret_has_other is true when a column has another name in the destination than in the source. */
static pawl_status look_for_other_names(const schema_listing *listing, const pawl_declared_table *table, bool *ret_has_other)
{
	bool has_other = false;
	for (const pawl_column *column = table->columns; column != NULL && column->name != NULL; column++) {
		PAWL_CLEANUP(pawl_free_pointer) char *name = NULL;
		PAWL_TRY(pawl_naming_apply(listing->naming, PAWL_NAME_COLUMN, column->name, &name, listing->error));
		has_other = has_other || strcmp(name, column->name) != 0;
	}
	*ret_has_other = has_other;
	return PAWL_OK;
}

static pawl_status fill_grid(const schema_listing *listing, const pawl_declared_table *table, pawl_grid *grid)
{
	bool has_other = false;
	PAWL_TRY(look_for_other_names(listing, table, &has_other));
	pawl_grid_append_column(grid, "Column", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "Type", PAWL_GRID_LEFT);
	pawl_grid_append_column(grid, "Primary key", PAWL_GRID_LEFT);
	if (has_other)
		pawl_grid_append_column(grid, "Destination", PAWL_GRID_LEFT);
	for (const pawl_column *column = table->columns; column != NULL && column->name != NULL; column++) {
		char type[PAWL_TYPE_TEXT_BYTES];
		PAWL_CLEANUP(pawl_free_pointer) char *name = NULL;
		PAWL_TRY(pawl_naming_apply(listing->naming, PAWL_NAME_COLUMN, column->name, &name, listing->error));
		pawl_grid_append(grid, column->name);
		pawl_grid_append(grid, format_type(column->type, type));
		pawl_grid_append(grid, is_key(table, column->name) ? "yes" : "");
		if (has_other)
			pawl_grid_append(grid, name);
	}
	return pawl_grid_status(grid, listing->error);
}

static pawl_status print_table(const schema_listing *listing, const pawl_declared_table *table)
{
	PAWL_CLEANUP(pawl_grid_free) pawl_grid grid = {0};
	PAWL_TRY(fill_grid(listing, table, &grid));
	if (listing->tables > 0)
		fputc('\n', listing->out);
	pawl_format_print(listing->out, table->name, strlen(table->name));
	if (strcmp(table->name, table->destination_name) != 0)
		fprintf(listing->out, " (destination: %s)", table->destination_name);
	fputc('\n', listing->out);
	if (grid.cell_count > 0)
		pawl_grid_print(&grid, listing->out, &listing->terminal);
	else
		fputs("columns are inferred from the rows\n", listing->out);
	return PAWL_OK;
}

/* ---- as JSON --------------------------------------------------------------------------------------------------------- */

static void append_member(pawl_buffer *json, const char *name, const char *text)
{
	pawl_buffer_appendf(json, "\"%s\":", name);
	pawl_buffer_append_json(json, text, strlen(text));
}

static pawl_status append_columns(const schema_listing *listing, const pawl_declared_table *table)
{
	pawl_buffer *json = listing->json;
	pawl_buffer_append(json, ",\"columns\":[");
	for (const pawl_column *column = table->columns; column != NULL && column->name != NULL; column++) {
		char type[PAWL_TYPE_TEXT_BYTES];
		PAWL_CLEANUP(pawl_free_pointer) char *name = NULL;
		PAWL_TRY(pawl_naming_apply(listing->naming, PAWL_NAME_COLUMN, column->name, &name, listing->error));
		pawl_type_format(column->type, type);
		pawl_buffer_append(json, column == table->columns ? "{" : ",{");
		append_member(json, "name", column->name);
		pawl_buffer_append(json, ",");
		append_member(json, "destination_name", name);
		pawl_buffer_append(json, ",");
		append_member(json, "type", type);
		pawl_buffer_appendf(json, ",\"is_primary_key\":%s}", is_key(table, column->name) ? "true" : "false");
	}
	pawl_buffer_append(json, "]");
	return PAWL_OK;
}

static pawl_status append_table(const schema_listing *listing, const pawl_declared_table *table)
{
	pawl_buffer *json = listing->json;
	pawl_buffer_append(json, listing->tables > 0 ? ",{" : "{");
	append_member(json, "name", table->name);
	pawl_buffer_append(json, ",");
	append_member(json, "destination_name", table->destination_name);
	pawl_buffer_append(json, ",\"primary_key\":[");
	for (size_t i = 0; table->primary_key != NULL && table->primary_key[i] != NULL; i++) {
		pawl_buffer_append(json, i > 0 ? "," : "");
		pawl_buffer_append_json(json, table->primary_key[i], strlen(table->primary_key[i]));
	}
	pawl_buffer_append(json, "]");
	PAWL_TRY(append_columns(listing, table));
	pawl_buffer_append(json, "}");
	return pawl_buffer_status(json, listing->error);
}

/* ---- the verb -------------------------------------------------------------------------------------------------------- */

static void visit_table(void *context, const pawl_declared_table *table)
{
	schema_listing *listing = context;
	if (listing->status != PAWL_OK)
		return;
	listing->status = listing->json != NULL ? append_table(listing, table) : print_table(listing, table);
	listing->tables++;
}

static pawl_status run_schema(const pawl_program *program, const void *settings, pawl_error *error)
{
	const struct settings *schema = settings;
	const pawl_connector *connector = program->context;
	const pawl_run_options options = {.configuration_path = schema->configuration, .naming = (pawl_naming) schema->naming};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer json = {0};
	schema_listing listing = {
		.out = program->out,
		.terminal = pawl_terminal_detect(program->out),
		.naming = options.naming,
		.json = schema->is_json ? &json : NULL,
		.error = error,
	};
	bool has_schema = false;
	PAWL_TRY(pawl_run_schema(connector, &options, visit_table, &listing, &has_schema, error));
	PAWL_TRY(listing.status);
	if (schema->is_json)
		fprintf(program->out, "{\"connector\":\"%s\",\"has_schema\":%s,\"tables\":[%s]}\n", connector->name,
		        has_schema ? "true" : "false", pawl_buffer_text(&json));
	else if (listing.tables == 0)
		fputs("no table is declared: tables and columns are inferred from the rows\n", program->out);
	return PAWL_OK;
}

static const pawl_option options[] = {
	{PAWL_OPTION_TEXT, "configuration", "FILE",
	 "the connector's settings (else $FIVETRAN_CONFIGURATION, configuration.json)",
	 offsetof(struct settings, configuration), 0, 0, NULL},
	{PAWL_OPTION_CHOICE, "naming", "FIVETRAN|SOURCE", "rename tables and columns as Fivetran does (default), or keep names",
	 offsetof(struct settings, naming), 0, 0, pawl_connector_namings},
	{PAWL_OPTION_FLAG, "json", NULL, "print one JSON object", offsetof(struct settings, is_json), 0, 0, NULL},
	{0},
};

const pawl_command pawl_connector_schema = {
	.name = "schema",
	.summary = "print the declared tables and columns",
	.options = options,
	.settings_bytes = sizeof(struct settings),
	.run = run_schema,
};
