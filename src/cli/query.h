/*
 * cli/query.h: `pawl query WAREHOUSE "SQL"`: looks into a warehouse without another tool.
 */
#ifndef PAWL_CLI_QUERY_H
#define PAWL_CLI_QUERY_H

#include "cli/command.h"

extern const pawl_command pawl_query;

#endif
