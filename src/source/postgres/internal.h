/*
 * source/postgres/internal.h: what the files of the PostgreSQL source share.
 *
 *     postgres.c   the driver: open and close, identity
 *     connect.c    connecting, and whether a pooler stands between
 *     location.c   URLs and keyword strings: how to connect, and what may be shown of them
 *     statement.c  running statements, waiting for the server
 *     problem.c    PostgreSQL's errors as Pawl's, with what to do about them
 *     snapshot.c   the horizon, then the snapshot
 *     discover.c   tables and views, their columns
 *     type.c       PostgreSQL's types, and those that their values arrive in
 *     plan.c       how a read is run
 *     query.c      a read as SQL
 *     clock.c      an instant in the form that a key has
 *     bounds.c     where the keys stand
 *     position.c   positions as text
 *     read.c       windows
 *     lanes.c      one read over several connections
 *     copy.c       rows of COPY, as they come
 *     fill.c       takes rows, and cuts windows: what happens under the read's lock
 *     decode.c     turns values into cells: what happens outside of it
 *     exact.c      numbers and times, exactly or not at all
 *     reading.h    what these share
 *     libpq.c      loads libpq
 *
 * Rows come by COPY ... (FORMAT binary). In the statement each column is cast to the PostgreSQL type that belongs to the DuckDB
 * type it arrives in, mostly its own, and to text where there is none: so the column's `type` alone tells what the bytes mean.
 *
 * Values in conditions are literals without a type, which PostgreSQL reads as the type of what they are compared with: the key's
 * own, without its precision, so that nothing is rounded.
 */
#ifndef PAWL_SOURCE_POSTGRES_INTERNAL_H
#define PAWL_SOURCE_POSTGRES_INTERNAL_H

#include "base/memory.h"
#include "duck/stream.h"
#include "source/postgres/libpq.h"
#include "source/source.h"

typedef struct pawl_postgres_reading pawl_postgres_reading;

typedef struct pawl_postgres_source {
	pawl_source source;
	const atomic_bool *is_stopping; /* of `source`, or of the one that this is a lane of */
	PGconn *connection;
	pawl_duck *engine;
	char *location;
	int64_t busy_us;
	char *display;   /* the URL as it may be shown */
	int64_t session; /* its number in the server */
	char history[PAWL_HISTORY_BYTES]; /* of a server that is no standby; "": not known */
	bool keeps_misfits;
	bool has_snapshot;
	pawl_snapshot snapshot;
	pawl_postgres_reading *reading; /* NULL: none */
	pawl_misfit misfit;             /* of the last window that failed */
} pawl_postgres_source;

static inline pawl_postgres_source *pawl_postgres_source_of(pawl_source *source)
{
	return (pawl_postgres_source *) source;
}

/* ---- location.c ------------------------------------------------------------------------------------------------------ */

#define PAWL_POSTGRES_SETTINGS 24

/* Connection settings as libpq takes them; both arrays end in NULL. */
typedef struct pawl_postgres_location {
	PQconninfoOption *options; /* as they were written */
	const char *keywords[PAWL_POSTGRES_SETTINGS + 1];
	const char *values[PAWL_POSTGRES_SETTINGS + 1];
	size_t count;
} pawl_postgres_location;

pawl_status pawl_postgres_location_parse(const char *location, pawl_postgres_location *ret_location, pawl_error *error);
void pawl_postgres_location_clear(pawl_postgres_location *location);

/* "postgres://user@host:5432/db": never a password. */
pawl_status pawl_postgres_display(const char *location, char **ret_text, pawl_error *error);

/* ---- postgres.c ------------------------------------------------------------------------------------------------------ */

/* One more session like that of `postgres`, and stopped with it. To be closed by the driver's `close`. */
pawl_status pawl_postgres_open_beside(const pawl_postgres_source *postgres, pawl_source **ret_beside, pawl_error *error);

/* ---- connect.c ------------------------------------------------------------------------------------------------------- */

pawl_status pawl_postgres_connect(const char *location, PGconn **ret_connection, pawl_error *error);

/*
 * Notes which session of the server this is. Fails when it will not be the same in the next transaction: settings made in it
 * would then be those of other people. To be called before any are.
 */
pawl_status pawl_postgres_find_session(pawl_postgres_source *postgres, const char *location, pawl_error *error);

/* Fails when it is another one now. */
pawl_status pawl_postgres_check_session(pawl_postgres_source *postgres, pawl_error *error);

/* ---- statement.c ----------------------------------------------------------------------------------------------------- */

/* One statement to its end. Results are text. A statement that fails does no harm to the snapshot. */
pawl_status pawl_postgres_query(pawl_postgres_source *postgres, const char *sql, PGresult **ret_result, pawl_error *error);
pawl_status pawl_postgres_run(pawl_postgres_source *postgres, const char *sql, pawl_error *error);
void pawl_postgres_clear_result(PGresult **result); /* for PAWL_CLEANUP */

/* Borrowed; NULL for NULL. */
const char *pawl_postgres_text(const PGresult *result, int row, int column);
int64_t pawl_postgres_integer(const PGresult *result, int row, int column); /* 0 for NULL */
bool pawl_postgres_is_true(const PGresult *result, int row, int column);

/*
 * Waits a while until the server has said something, or the connection is gone, which PQstatus tells. After the source was asked to
 * stop, and long silence, the statement is cancelled.
 */
pawl_status pawl_postgres_wait(pawl_postgres_source *postgres, int64_t since_us, pawl_error *error);
void pawl_postgres_cancel(pawl_postgres_source *postgres);

/* Reads what is left of results. */
void pawl_postgres_drain(pawl_postgres_source *postgres);

/* ---- problem.c ------------------------------------------------------------------------------------------------------- */

/* Fills the error from the result, or, where that says nothing, from the connection. */
pawl_status pawl_postgres_fail(const pawl_postgres_source *postgres, const PGresult *result, pawl_error *error);

/* Of a connection that did not come about. `sqlstate` is the server's; "": the message is libpq's own. */
pawl_status pawl_postgres_fail_connect(const char *message, const char *sqlstate, pawl_error *error);

/* ---- snapshot.c ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_postgres_snapshot_begin(pawl_source *source, pawl_snapshot *ret_snapshot, pawl_error *error);
void pawl_postgres_snapshot_end(pawl_source *source);

/* ---- discover.c ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_postgres_discover(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error);

/* ---- type.c ---------------------------------------------------------------------------------------------------------- */

typedef enum pawl_postgres_kind {
	PAWL_POSTGRES_TEXT, /* VARCHAR and JSON */
	PAWL_POSTGRES_BOOLEAN,
	PAWL_POSTGRES_SMALLINT,
	PAWL_POSTGRES_INTEGER,
	PAWL_POSTGRES_BIGINT,
	PAWL_POSTGRES_FLOAT,
	PAWL_POSTGRES_DOUBLE,
	PAWL_POSTGRES_DECIMAL,
	PAWL_POSTGRES_UUID,
	PAWL_POSTGRES_BLOB,
	PAWL_POSTGRES_DATE,
	PAWL_POSTGRES_TIME,
	PAWL_POSTGRES_TIMESTAMP, /* with and without time zone */
	PAWL_POSTGRES_INTERVAL,
	PAWL_POSTGRES_FORMATTED  /* TIMESTAMP: a number or text that is a time, which comes as text */
} pawl_postgres_kind;

typedef struct pawl_postgres_type {
	pawl_postgres_kind kind;
	const char *cast;     /* PostgreSQL's type that the bytes are of, a constant */
	int precision, scale; /* of PAWL_POSTGRES_DECIMAL */
} pawl_postgres_type;

#define PAWL_POSTGRES_TYPE_BYTES 32

/* DuckDB's name of the type for a column, and what it is as a key. `name` is pg_type.typname of a type of PostgreSQL's own, "citext",
 * or "" for any other; `typmod` is pg_attribute.atttypmod. */
void pawl_postgres_type_name(const char *name, int64_t typmod, char out[PAWL_POSTGRES_TYPE_BYTES], pawl_key_class *ret_class);

/* How the values of a column come. */
pawl_postgres_type pawl_postgres_type_of(const pawl_source_column *column, const pawl_read_column *read);

/* ---- plan.c ---------------------------------------------------------------------------------------------------------- */

/* A part of a read in the order of the key. Rows without a key come from a statement of their own: so each can use an index. */
typedef enum pawl_postgres_phase { PAWL_POSTGRES_NULL_KEYS, PAWL_POSTGRES_ROWS } pawl_postgres_phase;
#define PAWL_POSTGRES_PHASES 2

/*
 * How a read is run. Positions are, in the order of PAWL_ORDER_KEY, the key, and then the primary key where a constraint keeps it
 * unique; in that of PAWL_ORDER_PRIMARY_KEY such a primary key; with PAWL_ORDER_NONE there are none.
 */
typedef struct pawl_postgres_plan {
	const pawl_read *read;
	size_t output_count;   /* the relation's columns, which come first in the statement */
	size_t position_count; /* columns that follow, as text: what a position is made of */
	bool has_key_place;    /* the first of these is the replication key, the others are the primary key's */
	bool has_group;        /* one more column: a number that rows of equal keys share; a window does not end within */
	bool has_unique_order; /* no two rows have the same place in the order */
	char **after;          /* as many as a position has; NULL: from the start */
	bool has_phase[PAWL_POSTGRES_PHASES];
} pawl_postgres_plan;

pawl_status pawl_postgres_plan_make(const pawl_read *read, pawl_postgres_plan *ret_plan, pawl_error *error);
void pawl_postgres_plan_clear(pawl_postgres_plan *plan);
size_t pawl_postgres_plan_columns(const pawl_postgres_plan *plan); /* of the statement */

/* ---- query.c --------------------------------------------------------------------------------------------------------- */

/* The key as an expression over the table's columns. */
void pawl_postgres_append_key(pawl_buffer *sql, const pawl_read *read);

/* " FROM table", with the read's own condition where it has one. */
void pawl_postgres_append_table(pawl_buffer *sql, const pawl_read *read);

/* The first condition behind that: rows whose key is within the read's limits, never NULL; or rows without one. */
void pawl_postgres_append_keyed(pawl_buffer *sql, const pawl_read *read);
void pawl_postgres_append_keyless(pawl_buffer *sql, const pawl_read *read);

/* " AND ...": rows whose key compares so. */
void pawl_postgres_append_comparison(pawl_buffer *sql, const pawl_read *read, const char *comparison, const char *value);

/* Blocks of a table, by their number: of a partitioned one, those that have these numbers in each of its partitions. */
typedef struct pawl_postgres_range {
	int64_t from, before; /* before 0: to the end */
} pawl_postgres_range;

/* The SELECT of a phase. */
void pawl_postgres_append_phase(pawl_buffer *sql, const pawl_postgres_plan *plan, pawl_postgres_phase phase,
                                const pawl_postgres_range *range);

pawl_status pawl_postgres_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);

/* ---- clock.c --------------------------------------------------------------------------------------------------------- */

/*
 * A value of the key that is not above the key of any row written at that instant or later; `newest` tells how text is written.
 * None when the key is no clock.
 */
pawl_status pawl_postgres_clock_value(pawl_postgres_source *postgres, const pawl_read *read, const pawl_key_value *newest,
                                      int64_t us, pawl_key_value *ret_value, pawl_error *error);

/* ---- bounds.c -------------------------------------------------------------------------------------------------------- */

pawl_status pawl_postgres_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                                 pawl_bounds *ret_bounds, pawl_error *error);

/* ---- position.c ------------------------------------------------------------------------------------------------------ */

/* {"after": ["2024-01-01 00:00:00+00", "5"]}: values as PostgreSQL's text; only the key may be null. */
pawl_status pawl_postgres_position_write(char *const *values, size_t count, char **ret_position, pawl_error *error);
pawl_status pawl_postgres_position_read(const char *position, size_t count, bool has_key_place, char **ret_values,
                                        pawl_error *error);

/* ---- read.c ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_postgres_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error);
pawl_status pawl_postgres_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                       pawl_error *error);
pawl_status pawl_postgres_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error);
void pawl_postgres_read_end(pawl_source *source);

#endif
