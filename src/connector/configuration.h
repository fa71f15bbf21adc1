/*
 * connector/configuration.h: the flat object of strings that a connector is given, read from a file.
 *
 * Rules of the Fivetran Connector SDK: one JSON object, every value a string, at most 100 keys.
 */
#ifndef PAWL_CONNECTOR_CONFIGURATION_H
#define PAWL_CONNECTOR_CONFIGURATION_H

#include <pawl/connector.h>

#include "base/json.h"
#include "base/redact.h"

#define PAWL_CONFIGURATION_MAX_KEYS  100
#define PAWL_CONFIGURATION_MAX_BYTES (1024 * 1024)

struct pawl_configuration {
	json_t *root;
	pawl_redaction secrets; /* the values of keys whose names say so */
	pawl_error *failure;    /* where the getters leave the first error; borrowed */
};

/*
 * Reads `path`; NULL means $FIVETRAN_CONFIGURATION, else configuration.json when there is one, else an empty object. A path that
 * was given must exist. `failure` is kept for the getters. Free with pawl_configuration_clear, also after an error.
 */
pawl_status pawl_configuration_load(const char *path, pawl_error *failure, pawl_configuration *ret_configuration,
                                    pawl_error *error);

/* The same from text; `what` names it in errors. */
pawl_status pawl_configuration_parse(const char *what, const char *text, size_t length, pawl_error *failure,
                                     pawl_configuration *ret_configuration, pawl_error *error);

void pawl_configuration_clear(pawl_configuration *configuration); /* takes a zeroed one */

#endif
