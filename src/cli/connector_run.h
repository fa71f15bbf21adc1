/*
 * cli/connector_run.h: what `debug` does, of a connector's own program and of pawl: the same options, the same report.
 */
#ifndef PAWL_CLI_CONNECTOR_RUN_H
#define PAWL_CLI_CONNECTOR_RUN_H

#include "cli/command.h"
#include "cli/connector_verbs.h"
#include "connector/run.h"

/* What PAWL_DEBUG_OPTIONS fill; at the beginning of the verb's settings. */
typedef struct pawl_debug_settings {
	const char *configuration, *state, *warehouse;
	int64_t memory_limit_bytes, threads;
	int naming;
	bool is_reset, is_json;
} pawl_debug_settings;

/* Rows of a verb's table of options; `threads_default` is how many threads there are without the option. */
#define PAWL_DEBUG_OPTIONS(threads_default)                                                                            \
	{PAWL_OPTION_TEXT, "configuration", "FILE",                                                                    \
	 "the connector's settings (else $FIVETRAN_CONFIGURATION, configuration.json)",                                \
	 offsetof(pawl_debug_settings, configuration), 0, 0, NULL},                                                    \
	{PAWL_OPTION_TEXT, "state", "FILE", "where the state is kept (files/state.json)",                              \
	 offsetof(pawl_debug_settings, state), 0, 0, NULL},                                                            \
	{PAWL_OPTION_TEXT, "warehouse", "FILE", "the DuckDB file to write (files/warehouse.db)",                       \
	 offsetof(pawl_debug_settings, warehouse), 0, 0, NULL},                                                        \
	{PAWL_OPTION_CHOICE, "naming", "FIVETRAN|SOURCE",                                                              \
	 "rename tables and columns as Fivetran does (default), or keep names", offsetof(pawl_debug_settings, naming), \
	 0, 0, pawl_connector_namings},                                                                                \
	{PAWL_OPTION_FLAG, "reset", NULL, "forget the state and the tables first",                                     \
	 offsetof(pawl_debug_settings, is_reset), 0, 0, NULL},                                                         \
	{PAWL_OPTION_FLAG, "json", NULL, "print the report as one JSON object; logs go to standard error",             \
	 offsetof(pawl_debug_settings, is_json), 0, 0, NULL},                                                          \
	{PAWL_OPTION_SIZE, "memory-limit", "SIZE", "memory of the whole process, at least 192MiB (256MiB)",            \
	 offsetof(pawl_debug_settings, memory_limit_bytes), PAWL_RUN_LEAST_MEMORY_BYTES, INT64_MAX, NULL},             \
	{PAWL_OPTION_INTEGER, "threads", "N", "threads that the warehouse may use (" threads_default ")",              \
	 offsetof(pawl_debug_settings, threads), 1, 1024, NULL}

/* Runs the connector once and prints the report. `request_stop` is for signals. */
pawl_status pawl_debug_run(const pawl_program *program, const pawl_debug_settings *debug, const pawl_connector *connector,
                           void (*request_stop)(void), pawl_error *error);

#endif
