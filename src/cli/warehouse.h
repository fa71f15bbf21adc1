/*
 * cli/warehouse.h: the operand WAREHOUSE of a verb: a DuckDB file, or a job that names one.
 */
#ifndef PAWL_CLI_WAREHOUSE_H
#define PAWL_CLI_WAREHOUSE_H

#include "base/error.h"

#define PAWL_WAREHOUSE_HELP "a DuckDB file, or a job that names one, as shop.yaml"

/* A path that ends in .yaml or .yml is a job's; any other is the file itself. Free *ret_path with pawl_free. */
pawl_status pawl_warehouse_find(const char *operand, char **ret_path, pawl_error *error);

#endif
