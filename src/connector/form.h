/*
 * connector/form.h: what a connector says that it must be told, and what can be tried with it.
 *
 *     for (size_t i = 0; pawl_form_test(connector, i, &test); i++)
 *         status = pawl_form_try(connector, test.name, "{\"host\": \"db\"}", &error);
 */
#ifndef PAWL_CONNECTOR_FORM_H
#define PAWL_CONNECTOR_FORM_H

#include <pawl/connector.h>

#include "base/error.h"

/* The i-th of all tests: Pawl's own, `configuration` and `schema`, then the connector's. False when there is none. */
bool pawl_form_test(const pawl_connector *connector, size_t i, pawl_test *ret_test);

/*
 * Runs the test of that name with the configuration, JSON text. PAWL_NOT_FOUND when there is none; else what went wrong, for the
 * user, without secrets.
 */
pawl_status pawl_form_try(const pawl_connector *connector, const char *name, const char *configuration, pawl_error *error);

#endif
