/*
 * destination/table.h: building and searching a pawl_destination_table. Names are compared without case, as DuckDB does.
 */
#ifndef PAWL_DESTINATION_TABLE_H
#define PAWL_DESTINATION_TABLE_H

#include "destination/destination.h"

/* Adds a column at the end; the name is copied. */
pawl_status pawl_destination_table_add(pawl_destination_table *table, const char *name, pawl_type type, bool is_key,
                                       pawl_error *error);

/* Free with pawl_destination_table_clear. */
pawl_status pawl_destination_table_copy(const pawl_destination_table *table, pawl_destination_table *ret_copy, pawl_error *error);

/* The column's index, or -1. */
ptrdiff_t pawl_destination_table_find(const pawl_destination_table *table, const char *name);

#endif
