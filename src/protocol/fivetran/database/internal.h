/*
 * protocol/fivetran/database/internal.h: what the files of the database connector share.
 *
 *     database.c   the four methods
 *     settings.c   the settings: the form that asks for them, and the job that they make
 *     overrides.c  those of single tables
 *     test.c       the tests of the form
 *     schema.c     tables as messages
 *     update.c     an update: pawl sync with the client in the warehouse's place
 *     hint.c       hints for those who have settings, and no command line
 */
#ifndef PAWL_PROTOCOL_FIVETRAN_DATABASE_INTERNAL_H
#define PAWL_PROTOCOL_FIVETRAN_DATABASE_INTERNAL_H

#include "protocol/fivetran/serve.h"
#include "replicate/plan.h"

/* ---- settings.c ------------------------------------------------------------------------------------------------------- */

/* A configuration, as it comes. */
typedef struct pawl_database_settings {
	const pawl_configuration_entry *const *entries;
	size_t count;
} pawl_database_settings;

pawl_status pawl_database_form(pawl_buffer *response, pawl_error *error);

/* PAWL_INVALID names the setting, with what was probably meant. Free with pawl_job_clear. */
pawl_status pawl_database_job(const pawl_fivetran_database_options *options, const pawl_database_settings *settings,
                              pawl_job *ret_job, pawl_error *error);

/* What the other side looks after itself: names, and which columns. */
bool pawl_database_is_left_to_client(const pawl_table_field *field);

/* Names have commas between them. */
pawl_status pawl_database_set_field(const pawl_table_field *field, pawl_table_settings *settings, const char *value,
                                    pawl_error *error);

/* PAWL_INVALID, with the one of the names, which end in NULL, that was probably meant. */
pawl_status pawl_database_fail_unknown(const char *name, const char *const *names, pawl_error *error);

/* ---- overrides.c ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_database_add_overrides(pawl_job *job, const char *value, pawl_error *error);

/* ---- test.c ----------------------------------------------------------------------------------------------------------- */

/* The tests, in the order of the form. */
extern const pawl_test pawl_database_tests[];
extern const size_t pawl_database_test_count;
pawl_status pawl_database_try(const pawl_job *job, const char *name, pawl_error *error);

/* ---- schema.c --------------------------------------------------------------------------------------------------------- */

/* SchemaResponse of what the job is about; and SchemaChange of one table. */
pawl_status pawl_database_schema(const pawl_job *job, pawl_buffer *response, pawl_error *error);
pawl_status pawl_database_schema_change(const pawl_received_table *table, pawl_buffer *change, pawl_error *error);

/* ---- update.c --------------------------------------------------------------------------------------------------------- */

/* The job is filled in with what is the update's own. */
pawl_status pawl_database_update(const pawl_fivetran_database_options *options, pawl_job *job,
                                 const FivetranSdk__V2__UpdateRequest *request, pawl_grpc_call *call, FILE *log, pawl_error *error);

/* ---- hint.c ----------------------------------------------------------------------------------------------------------- */

/* Hints for those who use the command line become hints for those who have settings. */
void pawl_database_adapt_hint(pawl_error *error);

#endif
