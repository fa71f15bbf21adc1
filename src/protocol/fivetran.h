/*
 * protocol/fivetran.h: the contract `fivetran_sdk.v2.SourceConnector`: a connector that serves it, and one that is driven by it.
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_H
#define PAWL_PROTOCOL_FIVETRAN_H

#include <stdio.h>

#include <pawl/connector.h>

#include "base/error.h"

/* ---- serving --------------------------------------------------------------------------------------------------------- */

#define PAWL_FIVETRAN_PORT 50051 /* of sources, in the examples of the partner's guide */

typedef struct pawl_fivetran_server_options {
	const pawl_connector *connector;
	const char *host; /* what pawl_grpc_server_options says */
	int port;
	FILE *log;        /* lines of JSON, by the rules of the partner's guide */
} pawl_fivetran_server_options;

/* Serves until pawl_fivetran_request_stop. The first line of the log says where. */
pawl_status pawl_fivetran_serve(const pawl_fivetran_server_options *options, pawl_error *error);

/* Asks the server in this process to stop. Safe in a signal handler. */
void pawl_fivetran_request_stop(void);

#endif
