/*
 * protocol/fivetran.h: the contract `fivetran_sdk.v2.SourceConnector`: a connector or the databases of pawl sync that serve it, and
 * a connector that is driven by it.
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_H
#define PAWL_PROTOCOL_FIVETRAN_H

#include <stdio.h>

#include <pawl/connector.h>

#include "base/error.h"

/* ---- serving --------------------------------------------------------------------------------------------------------- */

#define PAWL_FIVETRAN_PORT 50051 /* of sources, in the examples of the partner's guide */

/* How the four methods are answered. */
typedef struct pawl_fivetran_methods pawl_fivetran_methods;

typedef struct pawl_fivetran_served {
	const char *name; /* in the first line of the log */
	const pawl_fivetran_methods *methods;
	const void *context;
} pawl_fivetran_served;

/* The connector must live as long as what is made of it, and be made for several threads. */
pawl_fivetran_served pawl_fivetran_connector(const pawl_connector *connector);

typedef struct pawl_fivetran_database_options {
	int64_t memory_limit_bytes; /* of a process that runs one Update; each more takes as much for its engine */
	int64_t threads;            /* of the engine of each Update; 0: all cores */
	const char *temp_directory; /* where folders are made to spill to; NULL: $TMPDIR, or /tmp */
} pawl_fivetran_database_options;

/* The databases of pawl sync: which one and what of it, the client's configuration says. */
pawl_fivetran_served pawl_fivetran_database(const pawl_fivetran_database_options *options);

typedef struct pawl_fivetran_server_options {
	pawl_fivetran_served served;
	const char *host; /* what pawl_grpc_server_options says */
	int port;
	FILE *log;        /* lines of JSON, by the rules of the partner's guide */
} pawl_fivetran_server_options;

/* Serves until pawl_fivetran_request_stop. The first line of the log says where. */
pawl_status pawl_fivetran_serve(const pawl_fivetran_server_options *options, pawl_error *error);

/* Asks the server in this process to stop. Safe in a signal handler. */
void pawl_fivetran_request_stop(void);

/* ---- driving --------------------------------------------------------------------------------------------------------- */

/* A server of the contract, as a connector for pawl_run. */
typedef struct pawl_fivetran_source pawl_fivetran_source;

typedef struct pawl_fivetran_source_options {
	const char *target;  /* "HOST:PORT" */
	const char *name;    /* of the connector: the state is kept under it */
	int64_t patience_us; /* how long a server that does not listen yet is waited for */

	/* Asked while the server is waited for; false gives up. May be NULL. */
	bool (*is_alive)(void *context);
	void *context;
} pawl_fivetran_source_options;

/* Connects. What the options point to must live as long as the source. */
pawl_status pawl_fivetran_source_open(const pawl_fivetran_source_options *options, pawl_fivetran_source **ret_source,
                                      pawl_error *error);

/* One run at a time. Tables that the server's schema has not are made as they come; those in a schema are "schema.table". */
const pawl_connector *pawl_fivetran_source_connector(const pawl_fivetran_source *source);

void pawl_fivetran_source_close(pawl_fivetran_source *source); /* takes NULL */

/* A project of the official SDK for Python, served by a process of its own. */
typedef struct pawl_fivetran_python pawl_fivetran_python;

/* Starts `interpreter` in the folder, with a port of 127.0.0.1 that is free. Its output goes to standard error. */
pawl_status pawl_fivetran_python_start(const char *folder, const char *interpreter, pawl_fivetran_python **ret_python,
                                       pawl_error *error);
int pawl_fivetran_python_port(const pawl_fivetran_python *python);
bool pawl_fivetran_python_is_running(pawl_fivetran_python *python);

/* When the process has ended, that is the reason of what went wrong: it replaces the error. Returns the error's status. */
pawl_status pawl_fivetran_python_explain(pawl_fivetran_python *python, pawl_error *error);

/* Ends the process, by SIGTERM, or after two seconds by SIGKILL. Takes NULL. */
void pawl_fivetran_python_stop(pawl_fivetran_python *python);

/* Asks the run in this process to stop, also while it waits for the server. Safe in a signal handler. */
void pawl_fivetran_source_request_stop(void);

#endif
