/*
 * connector/schema.h: the tables that a connector declares, copied and checked.
 */
#ifndef PAWL_CONNECTOR_SCHEMA_H
#define PAWL_CONNECTOR_SCHEMA_H

#include <pawl/connector.h>

#include "base/memory.h"

/* One declared table. Columns of the primary key that were not declared come last, as UNSPECIFIED. */
typedef struct pawl_declaration {
	const char *name;
	const char **primary_key; /* ends in NULL; NULL for none */
	pawl_column *columns;     /* ends in a NULL name; never NULL */
} pawl_declaration;

struct pawl_schema {
	pawl_declaration *tables;
	size_t count, capacity;
	pawl_arena memory;   /* of everything that the declarations point to */
	pawl_error *failure; /* the first error, kept; borrowed */
	void *context;       /* the connector's own */
};

/* Copies a declaration into `memory` after checking it: names, duplicates, types. Errors name table and column. */
pawl_status pawl_declaration_make(const char *table, const char *const *primary_key, const pawl_column *columns,
                                  pawl_arena *memory, pawl_declaration *ret_declaration, pawl_error *error);

/* True when both say the same, in the same order. */
bool pawl_declaration_equal(const pawl_declaration *left, const pawl_declaration *right);

/* The declaration of that name, or NULL. */
const pawl_declaration *pawl_schema_find(const pawl_schema *schema, const char *table);

/* Runs the connector's schema function; *ret_schema is filled in either case. Free with pawl_schema_clear. */
pawl_status pawl_schema_collect(const pawl_connector *connector, const pawl_configuration *configuration, pawl_error *failure,
                                pawl_schema *ret_schema);

void pawl_schema_clear(pawl_schema *schema); /* takes a zeroed one */

#endif
