/*
 * destination/replica_driver.h: what a kind of replica fills in, for those who write one. replica.h says what each call means;
 * the functions there look after staging, whether a transaction is open, and what can be asked of rows, and call the driver for
 * the rest.
 *
 * The engine is DuckDB in any case: rows come as relations of it, and are staged and looked at in it.
 */
#ifndef PAWL_DESTINATION_REPLICA_DRIVER_H
#define PAWL_DESTINATION_REPLICA_DRIVER_H

#include <string.h>

#include "base/text.h"
#include "destination/replica.h"

/* Functions are required where not said otherwise. */
typedef struct pawl_replica_driver {
	void (*close)(pawl_replica *replica); /* frees it; rolls back */
	pawl_status (*connect)(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error);

	pawl_status (*fit_texts)(pawl_replica *replica, int64_t text_bytes, pawl_error *error); /* NULL: nothing is to be fitted */

	pawl_status (*describe)(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error);
	void (*append_table)(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table);
	pawl_status (*count_rows)(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error);
	pawl_status (*create_schema)(pawl_replica *replica, const char *name, pawl_error *error);

	pawl_status (*begin)(pawl_replica *replica, pawl_error *error);
	pawl_status (*commit)(pawl_replica *replica, pawl_error *error);
	void (*rollback)(pawl_replica *replica);

	pawl_status (*create)(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error);
	pawl_status (*add_column)(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_column *column,
	                          pawl_error *error);
	pawl_status (*change_type)(pawl_replica *replica, const pawl_replica_table *table, const char *column, const char *type,
	                           const char *form, pawl_error *error);
	pawl_status (*drop)(pawl_replica *replica, const char *schema, const char *name, pawl_error *error);
	pawl_status (*beside)(const pawl_replica_table *table, pawl_replica_table *ret_beside, pawl_error *error);
	pawl_status (*swap)(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
	                    pawl_error *error);
	bool (*is_replacing)(pawl_replica *replica); /* NULL: never */

	pawl_status (*insert)(pawl_replica *replica, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
	                      pawl_error *error);
	pawl_status (*upsert)(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error);
	pawl_status (*append)(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns, const char *new_columns,
	                      int64_t *ret_rows, pawl_error *error);

	pawl_status (*load_states)(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error);
	pawl_status (*prepare)(pawl_replica *replica, pawl_error *error);
	pawl_status (*save_state)(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error);
	pawl_status (*forget_state)(pawl_replica *replica, const char *schema, const char *name, pawl_error *error);
	pawl_status (*load_last_runs)(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs, pawl_error *error);
	pawl_status (*add_run)(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error);
	pawl_status (*finish)(pawl_replica *replica, pawl_error *error);

	bool keeps_rows;
} pawl_replica_driver;

/* Drivers put this at the head of their own struct. */
struct pawl_replica {
	const pawl_replica_driver *driver;
	pawl_duck *duck;            /* the engine; the driver opens and closes it */
	int64_t memory_limit_bytes; /* of the engine, as it was opened with */
	pawl_replica *first;        /* of the connections to the engine; it keeps what that needs beyond its limit */
	int64_t columns_bytes;      /* for the columns that are written */
	int64_t staged_rows;
	bool is_in_transaction, is_staged;
};

/* Opens a replica of that kind. */
typedef pawl_status pawl_replica_opener(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error);
pawl_replica_opener pawl_replica_open_duckdb, pawl_replica_open_stream;

/* Sets the engine's limit; `others` are more statements, or "". */
pawl_status pawl_replica_set_limit(pawl_replica *replica, int64_t bytes, const char *others, pawl_error *error);

/* The names of the columns, with an alias and a point in front of each, unless that is NULL. */
void pawl_replica_append_columns(pawl_buffer *sql, const pawl_replica_table *table, const char *alias);

/* The names of the primary key's columns. */
void pawl_replica_append_key(pawl_buffer *sql, const pawl_replica_table *table, const char *separator);

/* Schema and name; `prefix` goes before the name. */
pawl_status pawl_replica_name_table(pawl_replica_table *table, const char *schema, const char *prefix, const char *name,
                                    pawl_error *error);

/* Adds the columns of another table. */
pawl_status pawl_replica_table_add_all(pawl_replica_table *table, const pawl_replica_table *from, pawl_error *error);

/* Adds a zeroed one, borrowed until the next is added; NULL: out of memory. */
pawl_replica_table *pawl_replica_tables_add(pawl_replica_tables *tables);
pawl_replica_state *pawl_replica_states_add(pawl_replica_states *states);

/* A member of a record, by its field. */
static inline char **pawl_replica_text_of(const pawl_replica_field *field, void *record)
{
	return (char **) (void *) ((char *) record + field->offset);
}

static inline int64_t *pawl_replica_integer_of(const pawl_replica_field *field, void *record)
{
	return (int64_t *) (void *) ((char *) record + field->offset);
}

/* Frees the texts of a record. */
void pawl_replica_clear_texts(const pawl_replica_field *fields, void *record);

extern const pawl_replica_field pawl_replica_run_fields[]; /* ends in a row of zeros */

/* Whether it is the table of that name: to DuckDB the case of ASCII letters is nothing, to a receiver it may tell two apart. */
static inline bool pawl_replica_is_called(const char *name, const char *wanted, bool is_case_sensitive)
{
	return is_case_sensitive ? strcmp(name, wanted) == 0 : pawl_text_equal_ignore_case(name, wanted);
}

#endif
