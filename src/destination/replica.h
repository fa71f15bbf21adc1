/*
 * destination/replica.h: tables that mirror those of a source, and what is known of each of them: the warehouse as `pawl sync`
 * sees it. (destination.h is the same warehouse as a connector sees it.)
 *
 *     PAWL_TRY(pawl_replica_open(&options, &replica, error));
 *     PAWL_TRY(pawl_replica_stage(replica, relation, &rows, error));          // outside any transaction, spills
 *     PAWL_TRY(pawl_replica_begin(replica, error));
 *     PAWL_TRY(pawl_replica_upsert(replica, &table, error));                  // what is staged
 *     PAWL_TRY(pawl_replica_save_state(replica, &state, error));              // rows and cursor in one transaction
 *     PAWL_TRY(pawl_replica_commit(replica, error));
 *
 * The tables have the columns of the source and no others, so that they may be compared. Types are DuckDB's, by their names.
 * There is no constraint on a table: uniqueness is kept by this way of writing. What is known of the tables lies in the schema
 * _pawl of the same file, to be read with SQL: _pawl.state has a row for each table, _pawl.runs one for each table and run.
 *
 * A replica may also hand its rows to a receiver (destination/receiver.h), which keeps the state for it: what is said of a file
 * here is then said of that state, and a checkpoint takes the place of a commit.
 *
 * Thread rule: one thread at a time for each; pawl_replica_connect makes one for another thread. Transactions of several may be
 * open at a time if they write other tables.
 */
#ifndef PAWL_DESTINATION_REPLICA_H
#define PAWL_DESTINATION_REPLICA_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "destination/receiver.h"
#include "duck/duck.h"

typedef struct pawl_replica pawl_replica;

typedef struct pawl_replica_options {
	const char *path;
	bool is_read_only;          /* and must be there */
	int64_t memory_limit_bytes; /* of the engine; 0: DuckDB's default */
	int threads;                /* 0: all cores */
	const char *temp_directory; /* NULL: beside the warehouse */
	const pawl_replica_receiver *receiver; /* takes the rows, without any file; borrowed; NULL: there is none */
} pawl_replica_options;

pawl_status pawl_replica_open(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error);

/* For another thread; to be closed first. */
pawl_status pawl_replica_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error);
void pawl_replica_close(pawl_replica *replica); /* takes NULL; rolls back */
void pawl_replica_close_pointer(pawl_replica **replica);

/*
 * Fits the engine to the tables that are to be written: how many columns of them are at a time (DuckDB counts a block or more for
 * each, and for each thread, most of it never touched), and how many bytes the texts of the longest rows have (it keeps a whole row
 * group in memory, more than once). Does nothing where no limits were set. Before the other connections are made, and outside of a
 * transaction.
 */
pawl_status pawl_replica_fit(pawl_replica *replica, size_t column_count, int64_t text_bytes, pawl_error *error);

/* From now on SQL can reach no other files than those that are attached. */
pawl_status pawl_replica_isolate(pawl_replica *replica, pawl_error *error);
pawl_duck *pawl_replica_engine(pawl_replica *replica); /* borrowed */

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

typedef struct pawl_replica_column {
	char *name, *type;
	int key_rank;     /* in the primary key, from 1; 0: not part of it */
	bool is_nullable; /* matters for those of the key alone: NULL equals NULL there */
} pawl_replica_column;

typedef struct pawl_replica_table {
	char *schema, *name;
	pawl_replica_column *columns;
	size_t column_count;
	bool is_key_unique; /* the source keeps it so, but for NULL */
} pawl_replica_table;

void pawl_replica_table_clear(pawl_replica_table *table);

/* Adds a column at the end; texts are copied. */
pawl_status pawl_replica_table_add(pawl_replica_table *table, const char *name, const char *type, int key_rank, bool is_nullable,
                                   pawl_error *error);
ptrdiff_t pawl_replica_table_find(const pawl_replica_table *table, const char *name);

typedef struct pawl_replica_tables {
	pawl_replica_table *items;
	size_t count;
	bool is_case_sensitive; /* as a receiver is */
} pawl_replica_tables;

void pawl_replica_tables_clear(pawl_replica_tables *tables);

/* The tables and views of the file as they are, without keys. */
pawl_status pawl_replica_describe(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error);

/* The one of that name, without the case of ASCII letters unless the case tells tables apart; or NULL. */
pawl_replica_table *pawl_replica_tables_find(const pawl_replica_tables *tables, const char *schema, const char *name);

/* False: they are a receiver's, and can be neither read nor counted anew. */
bool pawl_replica_keeps_rows(const pawl_replica *replica);

/* How many rows the table has; with a receiver, how many it was sent since it was empty. */
pawl_status pawl_replica_count_rows(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error);

/* What stands for the table in SQL: "warehouse"."main"."orders". With a receiver, a relation for pawl_replica_count_duplicates: the
 * primary keys of the rows that it was sent since pawl_replica_create, where the source does not keep them unique. */
void pawl_replica_append_table(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table);

/* Makes the schema unless it is there. Not from two threads at a time, be it in transactions of their own: one would fail. */
pawl_status pawl_replica_create_schema(pawl_replica *replica, const char *name, pawl_error *error);

/* ---- within a transaction -------------------------------------------------------------------------------------------- */

pawl_status pawl_replica_begin(pawl_replica *replica, pawl_error *error);
pawl_status pawl_replica_commit(pawl_replica *replica, pawl_error *error);
void pawl_replica_rollback(pawl_replica *replica); /* takes one without a transaction */

/* No more transactions come: whoever is to know of the last one knows, or this fails. Outside of a transaction. */
pawl_status pawl_replica_finish(pawl_replica *replica, pawl_error *error);

/* In its schema, which must be there. */
pawl_status pawl_replica_create(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error);
pawl_status pawl_replica_add_column(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_column *column,
                                    pawl_error *error);

/* `form` is SQL for the values that are there, in which '#' stands for one of them; NULL: they are cast. */
pawl_status pawl_replica_change_type(pawl_replica *replica, const pawl_replica_table *table, const char *column, const char *type,
                                     const char *form, pawl_error *error);
pawl_status pawl_replica_drop(pawl_replica *replica, const char *schema, const char *name, pawl_error *error); /* if it is there */

/* A table beside the table, of the same columns, and empty; it takes the table's place when it is swapped. */
pawl_status pawl_replica_beside(const pawl_replica *replica, const pawl_replica_table *table, pawl_replica_table *ret_beside,
                                pawl_error *error);
pawl_status pawl_replica_swap(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
                              pawl_error *error);

/* Within a transaction that has inserted rows, or none: the table's rows from before pawl_replica_create are still there, and will be
 * gone with the commit. False in a file, which they leave when the table is dropped. */
bool pawl_replica_is_replacing(pawl_replica *replica);

/* Inserts the rows of a relation, which has the table's columns by name. */
pawl_status pawl_replica_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                                pawl_error *error);

/* Replaces the rows that have a key that is staged, by what is staged. */
pawl_status pawl_replica_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error);

/*
 * Inserts what is staged, less the rows that the table has already, as often as it has them. They are looked for among those that
 * share the values of `columns` (bits by their index; at most 64 columns in front are looked at) with a staged row; 0: among all.
 * A column of `new_columns` (a name a line; NULL: none) tells no row from another: those of the table are older than it.
 */
pawl_status pawl_replica_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns, const char *new_columns,
                                int64_t *ret_rows, pawl_error *error);

/* ---- staging --------------------------------------------------------------------------------------------------------- */

/* Copies a relation to a temporary table of this connection, in the place of what was staged before. Spills. */
pawl_status pawl_replica_stage(pawl_replica *replica, const char *relation, int64_t *ret_rows, pawl_error *error);
pawl_status pawl_replica_unstage(pawl_replica *replica, pawl_error *error);

extern const char pawl_replica_staged[]; /* a relation: what is staged */

/* How many of the rows, staged or of another relation, share their primary key with one before them; *ret_example (free with
 * pawl_free) is one such key as text when there are. */
pawl_status pawl_replica_count_duplicates(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                          int64_t *ret_rows, char **ret_example, pawl_error *error);

/*
 * Count and order-free hash of a relation's rows, those of them that fulfil `condition` (NULL: all). Equal for equal rows as long as
 * DuckDB's version is the same; to tell whether anything changed, nothing else. Free *ret_hash with pawl_free.
 */
pawl_status pawl_replica_fingerprint(pawl_replica *replica, const pawl_replica_table *table, const char *relation,
                                     const char *condition, int64_t *ret_rows, char **ret_hash, pawl_error *error);

pawl_status pawl_replica_count(pawl_replica *replica, const char *relation, int64_t *ret_rows, pawl_error *error);

/* ---- state ----------------------------------------------------------------------------------------------------------- */

/* What is known of a table: a row of _pawl.state. Texts may be NULL. */
typedef struct pawl_replica_state {
	char *schema_name, *table_name; /* of the table here */
	char *source;                   /* which database it came from */
	char *source_schema, *source_table;
	char *mode;
	char *replication_key;  /* "updated_at", "greatest(a, b)" */
	char *key_settings;     /* format and zone */
	char *key_class;        /* what its values are: "timestamp", "number"... */
	char *primary_key;      /* "order_id, line" */
	char *where_clause;
	char *columns;          /* which columns are taken, and their names here, where they are not all */
	char *start;
	char *phase;            /* "backfill", "incremental", "refresh" */
	char *cursor;           /* every row with a lesser key has been delivered */
	char *cursor_type;      /* the source's type of it; values of one column may be of several, in SQLite */
	char *position;         /* where a backfill or a sync that was not finished goes on */
	char *next_cursor;      /* what the cursor becomes when it is finished */
	char *next_type;
	char *newest_key;       /* the greatest that was seen */
	char *newest_type;
	char *horizon;          /* of the last snapshot, as a value of the key */
	char *source_version;   /* that the position belongs to */
	char *source_history;   /* that the cursor belongs to: see pawl_snapshot; NULL: not known */
	char *tail_hash;        /* of the rows that the next sync reads again */
	int64_t tail_rows;      /* -1: not known */
	char *ripening;         /* keys of a sequence that were seen, and when: see replicate/run/ripen.h */
	char *new_columns;      /* mode append: a name a line; the rows that the next sync reads again are here without them */
	int64_t source_now_us, host_now_us; /* the two clocks, at the last snapshot; 0: none yet */
	int64_t rows_written;   /* ever */
	int64_t text_bytes;     /* of a row's texts, on average of some rows of the source; 0: not known */
	char *guarantee;        /* of the last run */
	int64_t synced_at_us;   /* the last commit that brought it up to date; 0: none */
} pawl_replica_state;

/* A column of _pawl.state or _pawl.runs, and the member that it is kept in. Times are TIMESTAMPTZ there; 0 is NULL. */
typedef enum pawl_replica_field_kind {
	PAWL_REPLICA_TEXT = 1, /* char * */
	PAWL_REPLICA_INTEGER,  /* int64_t */
	PAWL_REPLICA_TIME      /* int64_t, microseconds, UTC */
} pawl_replica_field_kind;

typedef struct pawl_replica_field {
	const char *name;
	pawl_replica_field_kind kind;
	size_t offset;
} pawl_replica_field;

extern const pawl_replica_field pawl_replica_state_fields[]; /* ends in a row of zeros */

typedef struct pawl_replica_states {
	pawl_replica_state *items;
	size_t count;
	bool is_case_sensitive; /* as a receiver is */
} pawl_replica_states;

void pawl_replica_state_clear(pawl_replica_state *state);
pawl_status pawl_replica_state_copy(const pawl_replica_state *state, pawl_replica_state *ret_copy, pawl_error *error);
void pawl_replica_states_clear(pawl_replica_states *states);

/* The state of that table, or NULL. */
pawl_replica_state *pawl_replica_states_find(const pawl_replica_states *states, const char *schema, const char *name);

/* Replaces a text of a state; NULL makes it NULL. */
pawl_status pawl_replica_set_text(char **text, const char *value, pawl_error *error);

/* All of them, by schema and name; none when the file has no _pawl.state. PAWL_INVALID when a Pawl with another format of the
 * state wrote it. */
pawl_status pawl_replica_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error);

/* Makes the tables of _pawl unless they are there. In a transaction of its own. */
pawl_status pawl_replica_prepare(pawl_replica *replica, pawl_error *error);

/* Within a transaction. */
pawl_status pawl_replica_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error);
pawl_status pawl_replica_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error);

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

/* What a run did with a table: a row of _pawl.runs. */
typedef struct pawl_replica_run {
	int64_t started_at_us, ended_at_us;
	const char *schema_name, *table_name;
	const char *phase, *outcome;
	int64_t rows_read, rows_written;
	const char *cursor_from, *cursor_to, *guarantee, *error; /* may be NULL */
} pawl_replica_run;

typedef struct pawl_replica_runs {
	pawl_replica_run *items; /* their texts are owned */
	size_t count;
} pawl_replica_runs;

void pawl_replica_runs_clear(pawl_replica_runs *runs);

/* The last run of each table, in no order; since a time, perhaps earlier ones that began then or later, too. */
pawl_status pawl_replica_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs, pawl_error *error);

/* The last run of that table, or NULL. */
const pawl_replica_run *pawl_replica_runs_find(const pawl_replica_runs *runs, const char *schema, const char *name);

/* Within a transaction. */
pawl_status pawl_replica_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error);

#endif
