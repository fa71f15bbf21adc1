/*
 * sqlite_support.h: what the tests of the SQLite source share.
 *
 *     make_database("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x')");
 *     opened shop = open_database();
 *     wish all = wish_for(&shop, "t");
 *     assert_string_equal(read_rows(&shop, &all, 100), "1|x");
 *     close_database(&shop);
 *
 * The database is a.db in the folder that the test runs in.
 */
#ifndef PAWL_TESTS_SQLITE_SUPPORT_H
#define PAWL_TESTS_SQLITE_SUPPORT_H

#include <sqlite3.h>

#include "source/source.h"
#include "support.h"

#define DATABASE "a.db"

/* Of the expressions in OK and FAILS. */
extern pawl_error error;

/* Runs statements on the database, which is made when it is not there. */
void make_database(const char *sql);

/* A connection that writes, for tests with two of them. */
sqlite3 *open_writer(void);
void run_writer(sqlite3 *writer, const char *sql);

typedef struct opened {
	pawl_duck *duck;
	pawl_source *source;
	pawl_source_catalog catalog;
} opened;

/* Opens it, with a snapshot; the engine has one thread, so that rows come in their order, or two. */
opened open_database(void);
opened open_for_two(void);
void close_database(opened *shop);
const pawl_source_table *find_table(const opened *shop, const char *name);
size_t find_column(const pawl_source_table *table, const char *name);

/* A read and what it borrows: at first of all columns and all rows, in no order. */
typedef struct wish {
	pawl_read read;
	pawl_source_key key;
	size_t key_columns[4];
	size_t primary_key[4];
	pawl_read_column columns[16];
} wish;

wish wish_for(const opened *shop, const char *table);
void wish_key(wish *wanted, const char *name);         /* may be called again: the greatest of them */
void wish_primary_key(wish *wanted, const char *name); /* the same, for one more column */

/* The pointers of a wish, which are into itself: after it was copied. */
const pawl_read *read_of(wish *wanted);

/*
 * Reads all windows. Columns are separated by '|', rows by ';', windows by '/'; valid until the next call. A failure is left in
 * `error`, and NULL returned.
 */
const char *read_rows(const opened *shop, wish *wanted, int64_t window_rows);

/* Of the last read: its window's positions, the first one first, and how many windows there were. */
#define MOST_POSITIONS 64
extern char *positions[MOST_POSITIONS];
extern size_t window_count;
void forget_positions(void);

pawl_key_value value(const char *type, const char *text);

#endif
