/*
 * protocol/fivetran/connector/internal.h: what the files of a served connector share.
 *
 *     connector.c  the four methods
 *     schema.c     declared tables as messages
 *     update.c     an update: what the connector emits, as a stream of messages
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_CONNECTOR_INTERNAL_H
#define PAWL_PROTOCOL_FIVETRAN_CONNECTOR_INTERNAL_H

#include "connector/emit.h"
#include "protocol/fivetran/serve.h"

/* The connector's SchemaResponse for that configuration. */
pawl_status pawl_fivetran_schema(const pawl_connector *connector, const char *configuration, pawl_buffer *response,
                                 pawl_error *error);

/* A SchemaChange that declares the table, but for the columns that the selection leaves out. */
pawl_status pawl_fivetran_schema_change(const pawl_declared_table *declared, const FivetranSdk__V2__Selection *selection,
                                        pawl_buffer *change, pawl_error *error);

/* Runs the connector's update and sends what it emits. `log` takes the connector's own lines. */
pawl_status pawl_fivetran_update(const pawl_connector *connector, const FivetranSdk__V2__UpdateRequest *request,
                                 pawl_grpc_call *call, FILE *log, pawl_error *error);

#endif
