/*
 * protocol/fivetran/serve.h: what is served, connector/ or database/, as serve/ answers for it; outgoing.h has the answers of an
 * Update.
 *
 *     serve.c      the four methods, the server
 *     log.c        lines of JSON
 *     form.c       settings and tests as a message
 *     table.c      tables as messages
 *     selection.c  which tables and columns the client wants
 *     outgoing.c   records in batches
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_SERVE_H
#define PAWL_PROTOCOL_FIVETRAN_SERVE_H

#include "connector/run.h"
#include "protocol/fivetran.h"
#include "protocol/fivetran/messages.h"
#include "protocol/grpc.h"

/* ---- serve.c ---------------------------------------------------------------------------------------------------------- */

/*
 * Each gets the request, unpacked. Responses are packed in the place of what is in `response`. An error of `test` is what the test
 * found out, and not one of the call, but for PAWL_NOT_FOUND and PAWL_OUT_OF_MEMORY.
 */
struct pawl_fivetran_methods {
	pawl_status (*form)(const void *context, pawl_buffer *response, pawl_error *error);
	pawl_status (*test)(const void *context, const FivetranSdk__V2__TestRequest *request, pawl_error *error);
	pawl_status (*schema)(const void *context, const FivetranSdk__V2__SchemaRequest *request, pawl_buffer *response,
	                      pawl_error *error);
	pawl_status (*update)(const void *context, const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log,
	                      pawl_error *error);
};

/* Puts the hint behind the message, in parentheses: clients are told one text. */
void pawl_fivetran_join_hint(pawl_error *error);

/* ---- log.c ------------------------------------------------------------------------------------------------------------ */

/* One line of JSON; levels below INFO are left out, as the guide has it. Any thread. */
void pawl_fivetran_log(FILE *out, pawl_log_level level, const char *message);

/* ---- form.c ----------------------------------------------------------------------------------------------------------- */

/* What a ConfigurationFormResponse is made of: settings, which end in a NULL name, or NULL; and tests, of which name and label
 * count. */
typedef struct pawl_fivetran_form_parts {
	const pawl_setting *settings;
	const pawl_test *tests;
	size_t test_count;
	bool has_schemas; /* schemas may be selected, and not only tables */
} pawl_fivetran_form_parts;

pawl_status pawl_fivetran_form_pack(const pawl_fivetran_form_parts *parts, pawl_buffer *response, pawl_error *error);

/* ---- table.c ---------------------------------------------------------------------------------------------------------- */

typedef struct pawl_fivetran_column {
	const char *name;
	pawl_type type;
	bool is_key;
} pawl_fivetran_column;

/* A table of at most so many columns, and its columns, one by one; NULL and false: out of memory. */
FivetranSdk__V2__Table *pawl_fivetran_table_new(pawl_arena *memory, const char *name, size_t column_count);
bool pawl_fivetran_table_add(pawl_arena *memory, FivetranSdk__V2__Table *table, const pawl_fivetran_column *column);

/* ---- selection.c ------------------------------------------------------------------------------------------------------ */

/* PAWL_INVALID for a selection of tables in schemas, which connectors do not have. NULL selects all. */
pawl_status pawl_fivetran_selection_check(const FivetranSdk__V2__Selection *selection, pawl_error *error);
bool pawl_fivetran_selects_table(const FivetranSdk__V2__Selection *selection, const char *table);
bool pawl_fivetran_selects_column(const FivetranSdk__V2__Selection *selection, const char *table, const char *column);

/* Of tables in schemas. */
bool pawl_fivetran_selects_table_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table);
bool pawl_fivetran_selects_column_in(const FivetranSdk__V2__TablesWithSchema *selection, const char *schema, const char *table,
                                     const char *column);

#endif
