/*
 * cli/connector_verbs.h: the verbs of a connector's program. Their context is the pawl_connector.
 */
#ifndef PAWL_CLI_CONNECTOR_VERBS_H
#define PAWL_CLI_CONNECTOR_VERBS_H

#include "cli/command.h"

extern const pawl_command pawl_connector_debug;
extern const pawl_command pawl_connector_schema;
extern const pawl_command pawl_connector_serve;

/* What --naming chooses from, in the order of pawl_naming; ends in NULL. */
extern const char *const pawl_connector_namings[];

#endif
