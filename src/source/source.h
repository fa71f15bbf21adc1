/*
 * source/source.h: the contract between what holds the rows and what replicates them.
 *
 * A source tells which tables it has, where its horizon is, and gives rows as *relations*: something that can stand in a FROM
 * clause of the engine (DuckDB), be it SQL over an attached database or a stream that the driver fills (see duck/stream.h).
 *
 *     PAWL_TRY(pawl_source_open("sqlite:shop.db", &options, &source, error));
 *     PAWL_TRY(source->driver->discover(source, &catalog, error));
 *
 *     PAWL_TRY(source->driver->snapshot_begin(source, &snapshot, error));      // the horizon first, then the snapshot
 *     PAWL_TRY(source->driver->bounds(source, &read, &bounds, error));         // the newest key, and where the cursor may go
 *     PAWL_TRY(source->driver->read_begin(source, &read, error));
 *     for (;;) {
 *         PAWL_TRY(source->driver->window_begin(source, &limit, &relation, error));
 *         run("INSERT INTO ... SELECT ... FROM <relation>");
 *         PAWL_TRY(source->driver->window_end(source, &window, error));        // an error here: what was read is not all
 *         if (window.is_last)
 *             break;
 *     }
 *     source->driver->read_end(source);
 *     source->driver->snapshot_end(source);
 *
 * Keys are compared by the source alone, in its own SQL: `bounds` and the order and limits of a read. What travels are exact
 * values as text, with the source's type (pawl_key_value), and positions, which are opaque.
 *
 * One read at a time on a source; its relations are read on the connection that the source was opened with.
 *
 * Thread rule: one thread at a time, except that pawl_source_stop may be called from any.
 */
#ifndef PAWL_SOURCE_SOURCE_H
#define PAWL_SOURCE_SOURCE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "duck/duck.h"

/* ---- what a source holds --------------------------------------------------------------------------------------------- */

/* What the values of a column are, seen as a replication key. */
typedef enum pawl_key_class {
	PAWL_KEY_NONE,        /* nothing that can be ordered with sense: booleans, blobs, nested values */
	PAWL_KEY_TIMESTAMPTZ, /* instants */
	PAWL_KEY_TIMESTAMP,   /* local times, without a zone */
	PAWL_KEY_DATE,
	PAWL_KEY_NUMBER,      /* integers and decimals: a sequence, or a clock if `key_format` says so */
	PAWL_KEY_TEXT         /* a clock if `key_format` says so */
} pawl_key_class;

typedef struct pawl_source_column {
	char *name;
	char *native_type;      /* as the source calls it: "varchar(20)" */
	char *type;             /* DuckDB's name of the type that its values arrive in: "VARCHAR", "DECIMAL(18,2)" */
	char *default_text;     /* the default's expression, or NULL */
	bool is_nullable;
	char *index_problem;    /* when it leads an index that cannot be used: "index x is partial"; else NULL */
	bool is_indexed;        /* it leads an index that reads by key can use; true also where none is needed */
	bool is_set_by_trigger; /* a trigger of its table seems to set it */
	bool is_set_by_default; /* its default is the database's clock */
	bool is_sequence;       /* its values come from the database's own counter, rising */
	bool is_sequence_cached; /* sessions take numbers from it in advance, and give them out whenever they like */
	int key_rank;           /* in the primary key, from 1; 0: not part of it */
	pawl_key_class key_class;
} pawl_source_column;

typedef struct pawl_source_table {
	char *schema, *name;
	bool is_view;
	bool has_primary_key;   /* a constraint of the source keeps it unique */
	int64_t estimated_rows; /* -1: unknown */
	pawl_source_column *columns;
	size_t column_count;
} pawl_source_table;

/* A table that is there, and may not be read. */
typedef struct pawl_source_denied {
	char *schema, *name;
	char *remedy; /* what lets it be read, for people: "GRANT SELECT ON public.orders TO reader" */
} pawl_source_denied;

typedef struct pawl_source_catalog {
	pawl_source_table *tables; /* by schema and name */
	size_t table_count;
	pawl_source_denied *denied;
	size_t denied_count;
} pawl_source_catalog;

void pawl_source_catalog_clear(pawl_source_catalog *catalog); /* takes a zeroed one */

/* Add a zeroed element at the end, borrowed until the next one is added; NULL: out of memory. Strings are the caller's to fill. */
pawl_source_table *pawl_source_catalog_add(pawl_source_catalog *catalog);
pawl_source_column *pawl_source_table_add(pawl_source_table *table);
pawl_source_denied *pawl_source_catalog_deny(pawl_source_catalog *catalog);

/* The column's index, or -1; names are compared without the case of ASCII letters. */
ptrdiff_t pawl_source_table_find(const pawl_source_table *table, const char *name);

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

/* How numbers and texts are to be understood as times. */
typedef enum pawl_key_format {
	PAWL_FORMAT_NONE,
	PAWL_FORMAT_UNIX_S,
	PAWL_FORMAT_UNIX_MS,
	PAWL_FORMAT_ISO8601,   /* text: YYYY-MM-DD, 'T' or blank, HH:MM:SS; all of one form */
	PAWL_FORMAT_JULIAN_DAY /* SQLite's julianday() */
} pawl_key_format;

extern const char *const pawl_key_format_names[]; /* "none", "unix_s", ...; ends in NULL */

typedef enum pawl_key_kind {
	PAWL_KEY_COLUMN,
	PAWL_KEY_GREATEST, /* the greatest that is not NULL of several columns; NULL when all are */
	PAWL_KEY_COALESCE  /* the first that is not NULL */
} pawl_key_kind;

/* A replication key of a table: columns by their index, all of one class. */
typedef struct pawl_source_key {
	pawl_key_kind kind;
	size_t *columns;
	size_t column_count;
	pawl_key_class key_class;
	pawl_key_format format; /* of numbers and texts */
	char *zone;             /* of a key without a zone: the writers' time zone, as in the IANA database; NULL: UTC */
} pawl_source_key;

/* An exact value of a key. */
typedef struct pawl_key_value {
	char *text; /* NULL: there is none */
	char *type; /* the source's word: "TIMESTAMP", "integer"; NULL in a read: a person wrote it, and the driver finds out */
} pawl_key_value;

void pawl_key_value_clear(pawl_key_value *value);
pawl_status pawl_key_value_copy(const pawl_key_value *value, pawl_key_value *ret_copy, pawl_error *error);
bool pawl_key_value_equal(const pawl_key_value *left, const pawl_key_value *right); /* the same value, written the same */

/* ---- snapshots ------------------------------------------------------------------------------------------------------- */

typedef enum pawl_guarantee {
	PAWL_GUARANTEE_NONE,
	PAWL_GUARANTEE_LAG,  /* nothing is lost that is committed within the lag after its key was set */
	PAWL_GUARANTEE_EXACT
} pawl_guarantee;

#define PAWL_WHY_BYTES     200
#define PAWL_HISTORY_BYTES 16

typedef struct pawl_snapshot {
	int64_t now_us;           /* the source's clock, UTC, before the snapshot */
	int64_t horizon_us;       /* no open transaction can still write a key of the database's clock below it */
	int64_t settled_us;       /* what was done by transactions that were begun before it is in the snapshot, or never will be */
	int64_t taken_us;         /* the source's clock, after the snapshot; this and settled_us: 0 where is_bound */
	int64_t held_since_us;    /* when that began which holds the horizon back, and which `why` names; 0: nothing does */
	pawl_guarantee guarantee; /* the best that this source can give to a key set by its clock: EXACT or LAG */
	bool is_bound;            /* the snapshot itself is: what is committed after it has no key below the newest one that it shows */
	bool is_last_good;        /* not EXACT, but a cursor that an exact snapshot allowed is still good, as long as it stays there */
	bool is_clock_utc;        /* times without a zone that the database's own clock sets are UTC */
	char history[PAWL_HISTORY_BYTES]; /* not as before: it is another copy, which may lack what was seen; "": not known */
	char why[PAWL_WHY_BYTES]; /* "the file is opened read-only: nobody can write" */
} pawl_snapshot;

/* ---- reads ----------------------------------------------------------------------------------------------------------- */

typedef enum pawl_order {
	PAWL_ORDER_NONE,        /* as is fastest; with rows in the order of storage where a position is to be had */
	PAWL_ORDER_KEY,         /* replication key (NULLs first), then primary key */
	PAWL_ORDER_PRIMARY_KEY
} pawl_order;

typedef struct pawl_read_column {
	const char *name;       /* what the relation calls it */
	size_t index;           /* in the table */
	bool as_text;           /* as VARCHAR, exactly, whatever the column's type; of DuckDB sources: its cast */
	pawl_key_format format; /* numbers and texts that are times arrive as TIMESTAMP; NONE: as they are */
} pawl_read_column;

/* What to read. All is borrowed for as long as the read lasts. */
typedef struct pawl_read {
	const pawl_source_table *table;
	const pawl_read_column *columns;
	size_t column_count;
	const size_t *primary_key; /* columns' indexes; may be of no constraint */
	size_t primary_key_count;
	const pawl_source_key *key; /* NULL: there is none */
	const char *where;          /* a condition in the source's SQL, or NULL */
	pawl_key_value from;        /* key >= from */
	pawl_key_value before;      /* key < before */
	bool has_null_keys;         /* rows whose key is NULL, too; with neither `from` nor `before` they come unless has_no_null_keys */
	bool has_no_null_keys;      /* rows whose key is NULL never come */
	pawl_order order;
	const char *after;          /* a position: only rows behind it; NULL: from the start */

	/*
	 * When its text is not NULL, the relation has one more column after the others, _pawl_is_tail BOOLEAN: key >= tail_from, or
	 * the key is NULL.
	 */
	pawl_key_value tail_from;
} pawl_read;

#define PAWL_COLUMN_IS_TAIL "_pawl_is_tail"

/* A constraint of the source keeps the read's primary key unique, and none of its columns may be NULL: SQLite holds NULLs to differ. */
bool pawl_read_is_unique(const pawl_read *read);

/* Where keys of a snapshot stand, by the source's own comparison. */
typedef struct pawl_bounds {
	pawl_key_value newest;  /* the greatest key of the rows that `read` names, whatever its order; none when they have none */
	pawl_key_value horizon; /* the horizon less the lag, in the key's type, rounded down; none when the key is no clock */
	pawl_key_value cursor;  /* the lesser of the two that are there; with is_exact, the horizon may stand for both */
	pawl_key_value other_form; /* a key that does not compare with the newest as their times do; none when none is seen */
	int64_t ahead_rows;     /* keys beyond the source's now by more than max_ahead; 0 when the key is no clock */
	int64_t null_rows;      /* rows that `where` lets through and whose key is NULL; counted only with `count_nulls` */
} pawl_bounds;

typedef struct pawl_bounds_request {
	int64_t lag_us;
	bool is_lag_of_clock; /* the lag is counted from the source's clock, and not from the horizon, whatever is open */
	int64_t max_ahead_us;
	bool count_nulls;
	bool is_exact; /* the database's clock sets the keys: however long a transaction is open, the horizon is not above what it wrote */
} pawl_bounds_request;

void pawl_bounds_clear(pawl_bounds *bounds);

typedef struct pawl_window_limit {
	int64_t rows; /* a window has at least one row, and may have a few more than this */
	int64_t us;   /* of the time since window_begin; 0: none */
} pawl_window_limit;

typedef struct pawl_window {
	int64_t rows;   /* read; -1: the driver does not know */
	int64_t bytes;  /* of their values; -1 */
	bool is_last;
	char *position; /* behind the window's last row, free with pawl_free; NULL where the order has none */
} pawl_window;

/* ---- drivers --------------------------------------------------------------------------------------------------------- */

typedef struct pawl_source_driver pawl_source_driver;

/* Drivers put this at the head of their own struct. */
typedef struct pawl_source {
	const pawl_source_driver *driver;
	atomic_bool is_stopping; /* set by pawl_source_stop: streams end their window at once, as if its limit was reached */
} pawl_source;

typedef struct pawl_source_options {
	const char *location; /* what followed the driver's name in the URL: a path; or the URL, see has_url */
	pawl_duck *engine;    /* borrowed */
	int64_t busy_us;      /* how long to try when the source is locked; 0: once */
	bool keeps_misfits;   /* a value that does not fit its column's type makes the column text; false: it is an error */
} pawl_source_options;

/* What a window failed for, when it did: the column whose type cannot keep a value. See `misfit`. */
typedef struct pawl_misfit {
	bool is_there;
	size_t column; /* index in the read's columns: read again, with as_text */
} pawl_misfit;

struct pawl_source_driver {
	uint32_t abi;  /* PAWL_SOURCE_ABI */
	uint32_t size; /* sizeof(pawl_source_driver) */
	const char *name;                /* "sqlite": the URL's scheme */
	const char *const *aliases;      /* other schemes that mean the same, ending in NULL; NULL: none */
	bool has_url;                    /* its location is the URL as a whole: "postgres://host/db"; false: a file */
	const char *const *endings;      /* of paths that need no scheme: ".duckdb", NULL */
	const char *magic;               /* in the first 16 bytes of its files; NULL: none */
	size_t magic_offset;

	/* required */
	pawl_status (*open)(const pawl_source_options *options, pawl_source **ret_source, pawl_error *error);
	void (*close)(pawl_source *source); /* takes NULL */

	/* Says which database this is: the same for each way to it, as far as that can be told. Free with pawl_free. */
	pawl_status (*identity)(pawl_source *source, char **ret_identity, pawl_error *error);
	pawl_status (*discover)(pawl_source *source, pawl_source_catalog *ret_catalog, pawl_error *error);

	/* The horizon, then the snapshot, in this order. snapshot_end takes a source that has none. */
	pawl_status (*snapshot_begin)(pawl_source *source, pawl_snapshot *ret_snapshot, pawl_error *error);
	void (*snapshot_end)(pawl_source *source);

	/* Within a snapshot. */
	pawl_status (*bounds)(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
	                      pawl_bounds *ret_bounds, pawl_error *error);
	pawl_status (*read_begin)(pawl_source *source, const pawl_read *read, pawl_error *error);

	/* *ret_relation is borrowed, to be read once, until window_end. */
	pawl_status (*window_begin)(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation, pawl_error *error);

	/* Fails when the source did: the rows that came are then not all. Also to be called when the statement that read failed: the
	 * source's own error then is the better one, unless it is PAWL_INTERNAL: that the statement did not read all of it. */
	pawl_status (*window_end)(pawl_source *source, pawl_window *ret_window, pawl_error *error);
	void (*read_end)(pawl_source *source); /* takes a source that reads nothing */

	/* The statement that a read is, as the source runs it, for people; behind "-- " there may be lines on how it does so. */
	pawl_status (*explain)(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);

	/* optional: NULL where there is none */

	/* Two snapshots with the same version hold the same rows, and a position of PAWL_ORDER_NONE is good in both. Free with
	 * pawl_free; NULL: it cannot be told. */
	pawl_status (*version)(pawl_source *source, char **ret_version, pawl_error *error);

	/* A relation of all that `read` names, in no order, that may be read any number of times within the snapshot. */
	pawl_status (*relation)(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error);

	/* After window_end failed: whether reading again as text would help. */
	pawl_misfit (*misfit)(pawl_source *source);

	/* How a value of a column of that native type, which has arrived in its own type, is written as it arrives with as_text: DuckDB's
	 * SQL, a constant, in which '#' stands for it; NULL: a cast writes it. */
	const char *(*text_form)(const char *native_type);

	/* The location as it may be shown to anybody: without secrets, whatever else is wrong with it. Free with pawl_free. NULL: as
	 * it is. */
	pawl_status (*display)(const char *location, char **ret_text, pawl_error *error);
};

#define PAWL_SOURCE_ABI 1

/* From any thread, and from a signal handler. */
static inline void pawl_source_stop(pawl_source *source)
{
	atomic_store(&source->is_stopping, true);
}

/* ---- finding a driver ------------------------------------------------------------------------------------------------ */

/* The drivers, a row each; the list ends in NULL. */
extern const pawl_source_driver pawl_source_duckdb;
extern const pawl_source_driver pawl_source_sqlite;
extern const pawl_source_driver pawl_source_postgres;
extern const pawl_source_driver *const pawl_source_drivers[];

/*
 * The driver of a URL ("sqlite:shop.db", "postgres://host/shop", or a path whose ending or first bytes tell), and what it is to
 * open. PAWL_INVALID names the schemes that there are.
 *
 * It may look into the file. Closing a file gives up all locks that this process has on it (POSIX, fcntl), and so lets writers in
 * behind the back of an open source: call it before the source is opened, and not again.
 */
pawl_status pawl_source_find(const char *url, const pawl_source_driver **ret_driver, const char **ret_location, pawl_error *error);

/* Whether it begins with the name of a driver, so that no file has to be looked into. */
bool pawl_source_has_scheme(const char *url);

/* The URL as it may be shown: it holds no secret. Whatever is wrong with it, something is returned. Free with pawl_free. */
pawl_status pawl_source_display(const char *url, char **ret_text, pawl_error *error);

/* Finds and opens it; `options->location` is ignored. */
pawl_status pawl_source_open(const char *url, const pawl_source_options *options, pawl_source **ret_source, pawl_error *error);
void pawl_source_close_pointer(pawl_source **source); /* for PAWL_CLEANUP */

#endif
