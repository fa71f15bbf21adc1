/*
 * pawl/connector.h: write a connector.
 *
 *     static pawl_status schema(pawl_schema *schema, const pawl_configuration *configuration)
 *     {
 *         return pawl_table(schema, "customers", PAWL_KEYS("customer_id"),
 *                           PAWL_COLUMNS({"customer_id", PAWL_INT}, {"email", PAWL_STRING}));
 *     }
 *
 *     static pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
 *     {
 *         const char *cursor = pawl_state_string(state, "cursor", "2024-01-01T00:00:00Z");
 *         ...
 *         pawl_upsert(sync, "customers", {"customer_id", pawl_of(id)}, {"email", pawl_of(email)});
 *         ...
 *         return pawl_checkpoint(sync, {"cursor", pawl_of(cursor)});
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         static const pawl_connector connector = {.name = "customers", .schema = schema, .update = update};
 *         return pawl_connector_main(argc, argv, &connector);
 *     }
 *
 * Errors are kept. The first failing call makes the sync fail: it returns its status, and every later call returns the same
 * status and does nothing. So a connector may check each call, or only the loop's condition (pawl_sync_status), or nothing
 * at all: no row is lost or half-written either way, and the user reads the first error, which names table, column and value.
 *
 * Thread rule: `schema` and `update` run on the thread that called pawl_connector_main, but for `serve`: there each call of a
 * client runs on a thread of its own, several at once. A pawl_sync may be used from one thread at a time. Text that the getters
 * return lives until `schema` or `update` returns.
 */
#ifndef PAWL_CONNECTOR_H
#define PAWL_CONNECTOR_H

#include <pawl/error.h>
#include <pawl/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pawl_schema pawl_schema;
typedef struct pawl_sync pawl_sync;
typedef struct pawl_configuration pawl_configuration;
typedef struct pawl_state pawl_state;
typedef struct pawl_form pawl_form;

typedef struct pawl_connector {
	const char *name; /* letters, digits, '-' and '_' */

	/* Declares tables. NULL: tables are those that update() declares with pawl_sync_table, or writes to without a word; the
	 * latter have no primary key. */
	pawl_status (*schema)(pawl_schema *schema, const pawl_configuration *configuration);

	/* Reads the source and emits operations. PAWL_OK commits what came after the last checkpoint, with that checkpoint's
	 * state; anything else discards it. */
	pawl_status (*update)(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state);

	void *context; /* the connector's own; pawl_sync_context, pawl_schema_context and pawl_trial_context return it */

	/* What a page that sets the connector up asks for (`serve`). NULL: nothing. */
	const pawl_form *form;
} pawl_connector;

/*
 * The whole program: parses the arguments (debug, schema, serve, version, help), runs the connector and prints the report.
 * Returns the exit status for main: 0 done, 1 the sync failed, 2 the command line is wrong.
 */
PAWL_EXPORT int pawl_connector_main(int argc, char **argv, const pawl_connector *connector);

/* ---- schema ---------------------------------------------------------------------------------------------------------- */

typedef struct pawl_column {
	const char *name;
	pawl_type type;
} pawl_column;

#define PAWL_KEYS(...)    ((const char *const[]){__VA_ARGS__, NULL})
#define PAWL_COLUMNS(...) ((const pawl_column[]){__VA_ARGS__, {NULL, PAWL_UNSPECIFIED}})

/*
 * Declares a table. `primary_key` is a list of names that ends in NULL; NULL for none: the rows then get `_fivetran_id`, a
 * hash of all values, as their key. `columns` ends in a column without name; NULL for none. Columns that are not declared
 * are inferred, those of the primary key too. Everything is copied.
 */
PAWL_EXPORT pawl_status pawl_table(pawl_schema *schema, const char *table, const char *const *primary_key,
                                   const pawl_column *columns);

/*
 * The same during `update`, for a connector that learns its tables as it reads, and so needs no `schema` at all. To be called
 * before the table's first operation; saying the same again is no error.
 */
PAWL_EXPORT pawl_status pawl_sync_table(pawl_sync *sync, const char *table, const char *const *primary_key,
                                        const pawl_column *columns);

/* Ends `schema` with an error of the connector's own. Returns PAWL_CONNECTOR. */
PAWL_EXPORT pawl_status pawl_schema_fail(pawl_schema *schema, const char *format, ...) PAWL_PRINTF(2, 3);

PAWL_EXPORT void *pawl_schema_context(const pawl_schema *schema);

/* ---- operations ------------------------------------------------------------------------------------------------------ */

typedef struct pawl_field {
	const char *column;
	pawl_value value;
} pawl_field;

/*
 * The row is given as fields in braces, in any order:
 *
 *     pawl_upsert(sync, "orders", {"id", pawl_of(7)}, {"price", pawl_decimal("9.99")}, {"note", pawl_null()});
 *
 * upsert   replaces the whole row of that primary key, or adds it; columns that are not given become NULL
 * update   changes only the given columns; ignored when no row has that primary key; does not revive a deleted row
 * delete   marks the row of that primary key as deleted (_fivetran_deleted); ignored when there is none
 * truncate marks every row of the table that came before the call as deleted; a later upsert revives its row
 *
 * upsert, update and delete need every column of the primary key, not NULL. Operations of several tables may be mixed; for
 * one row the order of the calls is the order of their effects. Everything is copied before the call returns.
 */
#define pawl_upsert(sync, table, ...) pawl_upsert_fields((sync), (table), PAWL_FIELDS(__VA_ARGS__))
#define pawl_update(sync, table, ...) pawl_update_fields((sync), (table), PAWL_FIELDS(__VA_ARGS__))
#define pawl_delete(sync, table, ...) pawl_delete_fields((sync), (table), PAWL_FIELDS(__VA_ARGS__))
#define PAWL_FIELDS(...) \
	(const pawl_field[]){__VA_ARGS__}, sizeof((const pawl_field[]){__VA_ARGS__}) / sizeof(pawl_field)

PAWL_EXPORT pawl_status pawl_upsert_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count);
PAWL_EXPORT pawl_status pawl_update_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count);
PAWL_EXPORT pawl_status pawl_delete_fields(pawl_sync *sync, const char *table, const pawl_field *fields, size_t count);
PAWL_EXPORT pawl_status pawl_truncate(pawl_sync *sync, const char *table);

/*
 * Commits every operation so far together with the state that the next sync starts from. The state is a flat JSON object of
 * the given fields: numbers, booleans, NULL and JSON as such, everything else as text.
 *
 *     pawl_checkpoint(sync, {"last_updated_at", pawl_of(cursor)});
 */
#define pawl_checkpoint(sync, ...) pawl_checkpoint_fields((sync), PAWL_FIELDS(__VA_ARGS__))

PAWL_EXPORT pawl_status pawl_checkpoint_fields(pawl_sync *sync, const pawl_field *fields, size_t count);

/* The same with any JSON object, under 10 MB; it is kept byte for byte. */
PAWL_EXPORT pawl_status pawl_checkpoint_json(pawl_sync *sync, const char *json);

/* Tells the user something that does not stop the sync; counted in the report. */
PAWL_EXPORT pawl_status pawl_warning(pawl_sync *sync, const char *format, ...) PAWL_PRINTF(2, 3);

/* Makes the sync fail with an error of the connector's own. Returns PAWL_CONNECTOR. */
PAWL_EXPORT pawl_status pawl_fail(pawl_sync *sync, const char *format, ...) PAWL_PRINTF(2, 3);

/* PAWL_OK, or the status of the error that made the sync fail. */
PAWL_EXPORT pawl_status pawl_sync_status(const pawl_sync *sync);

PAWL_EXPORT void *pawl_sync_context(const pawl_sync *sync);

/* ---- logs ------------------------------------------------------------------------------------------------------------ */

typedef enum pawl_log_level {
	PAWL_LOG_DEBUG = 1,
	PAWL_LOG_FINE = 2,
	PAWL_LOG_INFO = 3,
	PAWL_LOG_WARNING = 4,
	PAWL_LOG_SEVERE = 6
} pawl_log_level;

/* One line. Values of the configuration whose names say that they are secret are masked. */
PAWL_EXPORT void pawl_log(pawl_sync *sync, pawl_log_level level, const char *format, ...) PAWL_PRINTF(3, 4);

#define pawl_log_debug(sync, ...)   pawl_log((sync), PAWL_LOG_DEBUG, __VA_ARGS__)
#define pawl_log_fine(sync, ...)    pawl_log((sync), PAWL_LOG_FINE, __VA_ARGS__)
#define pawl_log_info(sync, ...)    pawl_log((sync), PAWL_LOG_INFO, __VA_ARGS__)
#define pawl_log_warning(sync, ...) pawl_log((sync), PAWL_LOG_WARNING, __VA_ARGS__)
#define pawl_log_severe(sync, ...)  pawl_log((sync), PAWL_LOG_SEVERE, __VA_ARGS__)

/* ---- configuration --------------------------------------------------------------------------------------------------- */

/*
 * The configuration is a flat object whose values are all strings (configuration.json). A key that is missing gives the
 * fallback. A value that is not what was asked for makes the sync fail, with an error that names the key and not the value.
 */
PAWL_EXPORT const char *pawl_configuration_string(const pawl_configuration *configuration, const char *key,
                                                  const char *fallback);
PAWL_EXPORT int64_t pawl_configuration_integer(const pawl_configuration *configuration, const char *key, int64_t fallback);
PAWL_EXPORT bool pawl_configuration_boolean(const pawl_configuration *configuration, const char *key, bool fallback);

/* For a key that must be there: its value, or "" once the sync has failed for want of it. */
PAWL_EXPORT const char *pawl_configuration_require(const pawl_configuration *configuration, const char *key);

/* ---- form ------------------------------------------------------------------------------------------------------------ */

typedef enum pawl_setting_kind {
	PAWL_SETTING_TEXT = 0,
	PAWL_SETTING_PASSWORD, /* text that is not shown */
	PAWL_SETTING_HIDDEN,   /* text that the page does not ask for */
	PAWL_SETTING_CHOICE,   /* one of `choices` */
	PAWL_SETTING_TOGGLE    /* "true" or "false" */
} pawl_setting_kind;

/*
 * One key of the configuration. Only the name must be given; what is left out is 0 or NULL:
 *
 *     static const pawl_setting settings[] = {
 *         {.name = "host", .label = "Host", .is_required = true},
 *         {.name = "password", .label = "Password", .kind = PAWL_SETTING_PASSWORD, .is_required = true},
 *         {0},
 *     };
 */
typedef struct pawl_setting {
	const char *name;
	const char *label; /* NULL: the name */
	pawl_setting_kind kind;
	bool is_required;
	const char *description, *default_value, *placeholder;
	const char *const *choices;          /* ends in NULL */
	const char *shown_if, *shown_value;  /* asked for only when the setting `shown_if` has this value; NULL: always */
} pawl_setting;

typedef struct pawl_trial pawl_trial;

/* Something that can be tried with a configuration before a sync: whether the source can be reached, for instance. */
typedef struct pawl_test {
	const char *name;
	const char *label; /* NULL: the name */

	/* PAWL_OK when it went well; otherwise what pawl_trial_fail returned. */
	pawl_status (*run)(pawl_trial *trial, const pawl_configuration *configuration);
} pawl_test;

struct pawl_form {
	const pawl_setting *settings; /* ends in a NULL name; NULL: none */
	const pawl_test *tests;       /* ends in a NULL name; NULL: none but Pawl's: that what is required is there, and `schema` runs */
};

/* Ends a test with what went wrong, in words for the user. Returns PAWL_CONNECTOR. */
PAWL_EXPORT pawl_status pawl_trial_fail(pawl_trial *trial, const char *format, ...) PAWL_PRINTF(2, 3);

PAWL_EXPORT void *pawl_trial_context(const pawl_trial *trial);

/* ---- state ----------------------------------------------------------------------------------------------------------- */

/*
 * The state is what the last checkpoint of an earlier sync kept; an empty object at first. A key that is missing or null
 * gives the fallback; one of another type makes the sync fail.
 */
PAWL_EXPORT const char *pawl_state_string(const pawl_state *state, const char *key, const char *fallback);
PAWL_EXPORT int64_t pawl_state_integer(const pawl_state *state, const char *key, int64_t fallback);
PAWL_EXPORT bool pawl_state_boolean(const pawl_state *state, const char *key, bool fallback);

/* The whole state as JSON text, byte for byte as it was kept; "{}" at first. */
PAWL_EXPORT const char *pawl_state_json(const pawl_state *state);

#ifdef __cplusplus
}
#endif

#endif
