/*
 * protocol/fivetran/drive/internal.h: what the files of a driven connector share.
 *
 *     drive.c   open, close, requests
 *     schema.c  the tables that the server declares
 *     update.c  what it sends, as the calls of a connector
 *     python.c  a server that is a child of this process
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_DRIVE_INTERNAL_H
#define PAWL_PROTOCOL_FIVETRAN_DRIVE_INTERNAL_H

#include "protocol/fivetran.h"
#include "protocol/fivetran/record.h"
#include "protocol/grpc.h"

struct pawl_fivetran_source {
	pawl_connector connector;
	pawl_fivetran_source_options options;
	pawl_grpc_client_options client_options;
	pawl_grpc_client *client;
	pawl_record_reader reader;
	pawl_buffer message;  /* the one at hand */
	pawl_buffer table;    /* "schema.table", for tables that are in one */
	const char *last;     /* the table of the last record, which is known; borrowed from the reader */
};

/* ---- drive.c ---------------------------------------------------------------------------------------------------------- */

/* The map `configuration`, which is field 1 of both requests. */
void pawl_drive_append_configuration(const pawl_configuration *configuration, pawl_buffer *request);
pawl_status pawl_drive_call(pawl_fivetran_source *source, const char *method, const pawl_buffer *request, pawl_error *error);

/* ---- schema.c --------------------------------------------------------------------------------------------------------- */

/* The connector's two functions; this one, and that of update.c. */
pawl_status pawl_drive_schema(pawl_schema *schema, const pawl_configuration *configuration);

/* A SchemaChange: tables that are new, and new columns and types of those that are known. */
pawl_status pawl_drive_schema_change(pawl_sync *sync, pawl_wire bytes);

/* "schema.table", or the table alone. */
const char *pawl_drive_full_name(const char *schema, const char *table, pawl_buffer *name);

/* ---- update.c --------------------------------------------------------------------------------------------------------- */

pawl_status pawl_drive_update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state);

#endif
