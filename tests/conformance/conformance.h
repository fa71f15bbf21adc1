/*
 * conformance.h: what every source driver is asked, by the contract in source/source.h; and what is particular of each.
 *
 *     static void test_views(void **state)
 *     {
 *         setup("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t");
 *         assert_true(find_table("v")->is_view);
 *     }
 *
 * A program of the suite is run with the name of a driver. Each test runs in a folder of its own, in which `setup` makes a
 * file of that kind; what is open is closed behind the test. SQL that the drivers share is as plain as can be.
 *
 * A new driver needs a row of quirks, in a file of its own, and its name in meson.build and in `conformance_subjects`.
 */
#ifndef PAWL_TESTS_CONFORMANCE_H
#define PAWL_TESTS_CONFORMANCE_H

#include "source/source.h"
#include "support.h"

/* ---- quirks ---------------------------------------------------------------------------------------------------------- */

#define KEY_VALUES_MAX 12

/* A column that is a replication key, with values of it, rising, by the source's own comparison. */
typedef struct key_case {
	const char *name;
	const char *type; /* as it is declared */
	pawl_key_class key_class;
	pawl_key_format format;
	struct {
		const char *literal; /* in SQL; NULL: no more */
		const char *text;    /* what bounds say of it; NULL: the literal, without its quotes */
		const char *equal;   /* another literal that the source holds to be equal, or NULL */
	} values[KEY_VALUES_MAX];
} key_case;

/* A source that cannot be opened. */
typedef struct refusal {
	const char *location, *hint;
	pawl_status status;
	const char *message; /* a part of it */
} refusal;

typedef struct conformance_subject {
	const pawl_source_driver *driver;
	const char *path; /* of the source in the test's folder, without any hint of its kind; of a server, a file that stands for it */
	const char *(*location)(void); /* what is opened instead of the path, or NULL */
	const char *(*another_way)(void); /* makes one to the same source, and returns its location */
	const char *identity; /* what it begins with */
	const char *schema;   /* where a table is made that names none */

	/* Runs statements in the file, which is made when it is not there. */
	pawl_status (*run_sql)(const char *path, const char *sql, pawl_error *error);

	/* Makes some rows of the only table unreadable; discovering and opening go well. */
	void (*damage)(const char *path);

	const key_case *keys;      /* ends in a row of zeros */
	const refusal *refusals;   /* ends in a row of zeros */

	/* SQL that makes a table `broken` (id INTEGER PRIMARY KEY, n) of 5,000 rows, one of which, behind the 4,000th, cannot
	 * be given as n's type; and the beginning of the error. */
	const char *broken_sql, *broken_error;

	bool can_split_ties;         /* rows of equal keys, where a primary key tells them apart */
	bool is_stream;              /* it knows a window's rows and bytes, and obeys the stop flag */
	bool has_nulls_in_one_window;
	bool has_primary_key_order;
	bool has_null_primary_keys;  /* columns of a primary key may be NULL, unless they are NOT NULL */
	bool is_indexed_always;
	const char *trigger_sql;    /* lets a trigger set `updated_at` of a table t; NULL: there are none */
	const char *place;          /* a position of PAWL_ORDER_NONE that is none in other orders; NULL: it has none */
	int64_t place_rows;          /* windows of PAWL_ORDER_NONE are whole multiples of so many rows */
	const char *integer_type;    /* what INTEGER arrives in */
	const char *integer_class;   /* what a key's value of an INTEGER calls its type */
	const char *integer_native;  /* what the source calls INTEGER */
	const char *decimal_native;  /* and DECIMAL(18,2) */
	const char *bytes_declared;  /* what a BLOB is declared as */
	const char *text_default;    /* the expression of DEFAULT 'x' of a VARCHAR */
} conformance_subject;

extern const conformance_subject conformance_duckdb, conformance_sqlite, conformance_postgres;

/* ---- the subject ----------------------------------------------------------------------------------------------------- */

extern const conformance_subject *subject;
extern pawl_duck *engine;
extern pawl_source *source;
extern pawl_source_catalog catalog;
extern pawl_error error;

/* Makes the file with this SQL, opens it, discovers it, and takes a snapshot. */
void setup(const char *sql);
void setup_format(const char *format, ...) PAWL_PRINTF(1, 2);

/* The same of a file that is there. */
void open_source(void);
void close_source(void);
pawl_source_options source_options(void);

/* The table, which must be there; and a column of it. */
const pawl_source_table *find_table(const char *name);
size_t find_column(const pawl_source_table *table, const char *name);

/* Runs statements on the file in a process of its own; false when it was refused, as by a lock. */
bool run_elsewhere(const char *sql);

/* The one text or integer that a query of the engine gives; the text until the next call. */
const char *query_text(const char *format, ...) PAWL_PRINTF(1, 2);
int64_t query_integer(const char *sql);

/* Reads to the end; the ids of the rows, rising, with blanks between: "1 2 5". Until the next call. */
const char *read_ids(const pawl_read *read);

/* One window. Its rows as text, rising: "1 f 2 t", ids and whether they are of the tail; until the next call. Fails as
 * window_end does, or else as the statement that reads. */
pawl_status read_window(const pawl_window_limit *limit, bool has_tail, const char **ret_rows, pawl_window *ret_window);
/* A statement that failed did not read to the end: what window_end says of that is not worth to be told. */
bool is_no_news(pawl_status status, pawl_status end_status);
pawl_window_limit rows_limit(int64_t rows);

/* A value of an INTEGER as it travels. The text is borrowed. */
pawl_key_value integer_value(const char *text);

/* A read of the column `id` alone, without key and bounds. */
pawl_read read_of(const pawl_source_table *table);

/* ---- a program ------------------------------------------------------------------------------------------------------- */

/* Its sources are files: there is somebody to keep off, and something to be mistaken for. */
bool is_of_files(const conformance_subject *of);

typedef struct conformance_test {
	const char *name;
	CMUnitTestFunction function;
	bool (*is_for)(const conformance_subject *driver); /* NULL: for each */
} conformance_test;

#define CONFORMANCE_TEST(function)            {#function, function, NULL}
#define CONFORMANCE_TEST_IF(function, is_for) {#function, function, is_for}

int conformance_main(int argc, char **argv, const char *name, const conformance_test *tests, size_t count);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
