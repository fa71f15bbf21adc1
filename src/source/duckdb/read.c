#include "source/duckdb/internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

/* Rows that DuckDB keeps and skips together: windows by place begin on such a border. */
#define ROW_GROUP_ROWS INT64_C(122880)

#define ROWID_POSITION "rowid:"

/* ---- small queries --------------------------------------------------------------------------------------------------- */

static pawl_status query_row(pawl_duck *engine, const pawl_buffer *sql, pawl_duck_rows **ret_rows, pawl_error *error)
{
	bool has_row;

	PAWL_TRY(pawl_buffer_status(sql, error));
	PAWL_TRY(pawl_duck_query(engine, pawl_buffer_text(sql), NULL, 0, ret_rows, error));
	return pawl_duck_rows_next(*ret_rows, &has_row, error);
}

static pawl_status query_integer(pawl_duck *engine, const pawl_buffer *sql, int64_t *ret_integer, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;

	PAWL_TRY(query_row(engine, sql, &rows, error));
	*ret_integer = pawl_duck_rows_integer(rows, 0);
	return PAWL_OK;
}

static pawl_status copy_value(pawl_duck_rows *rows, size_t column, const char *type, pawl_key_value *ret_value, pawl_error *error)
{
	size_t length;
	const char *text = pawl_duck_rows_text(rows, column, &length);

	if (text == NULL)
		return PAWL_OK;
	if (strlen(text) != length)
		return pawl_error_set(error, PAWL_INVALID, "the replication key has a value with a NUL character, '%s...'", text);
	return pawl_key_value_copy(&(pawl_key_value) {(char *) (uintptr_t) text, (char *) (uintptr_t) type}, ret_value, error);
}

/* ---- bounds ---------------------------------------------------------------------------------------------------------- */

/* SELECT newest, horizon, cursor, whether newest is ahead of the clock: all but the last as text. */
static void append_bounds(pawl_buffer *sql, const pawl_read *read, int64_t horizon_us, int64_t ahead_us)
{
	const char *separator;

	pawl_buffer_append(sql, "SELECT CAST(newest AS VARCHAR), CAST(horizon AS VARCHAR), "
	                        "CAST(CASE WHEN newest >= horizon THEN horizon ELSE newest END AS VARCHAR), "
	                        "coalesce(newest > ahead, false) FROM (SELECT newest, ");
	pawl_duckdb_append_instant(sql, read, horizon_us, "newest");
	pawl_buffer_append(sql, " AS horizon, ");
	pawl_duckdb_append_instant(sql, read, ahead_us, "newest");
	pawl_buffer_append(sql, " AS ahead FROM (SELECT max(");
	pawl_duckdb_append_key(sql, read);
	pawl_buffer_append(sql, ") AS newest FROM ");
	pawl_duckdb_append_from(sql, read);
	pawl_duckdb_append_where(sql, read, &separator);
	pawl_buffer_append(sql, "))");
}

static pawl_status count_ahead(pawl_duck *engine, const pawl_read *read, int64_t ahead_us, const pawl_key_value *newest,
                               int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	const char *separator;

	pawl_duckdb_append_value(&text, newest);
	PAWL_TRY(pawl_buffer_status(&text, error));
	pawl_buffer_append(&sql, "SELECT count(*) FROM ");
	pawl_duckdb_append_from(&sql, read);
	pawl_duckdb_append_where(&sql, read, &separator);
	pawl_buffer_append(&sql, separator);
	pawl_duckdb_append_key(&sql, read);
	pawl_buffer_append(&sql, " > ");
	pawl_duckdb_append_instant(&sql, read, ahead_us, pawl_buffer_text(&text));
	return query_integer(engine, &sql, ret_rows, error);
}

static pawl_status count_nulls(pawl_duck *engine, const pawl_read *read, int64_t *ret_rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const pawl_read all = {.table = read->table, .where = read->where};
	const char *separator;

	pawl_buffer_append(&sql, "SELECT count(*) FROM ");
	pawl_duckdb_append_table(&sql, read->table);
	pawl_duckdb_append_where(&sql, &all, &separator);
	pawl_buffer_append(&sql, separator);
	pawl_duckdb_append_key(&sql, read);
	pawl_buffer_append(&sql, " IS NULL");
	return query_integer(engine, &sql, ret_rows, error);
}

static pawl_status find_bounds(pawl_duck *engine, const pawl_read *read, int64_t horizon_us, int64_t ahead_us,
                               pawl_bounds *bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *type = pawl_duckdb_key_type(read);

	append_bounds(&sql, read, horizon_us, ahead_us);
	PAWL_TRY(query_row(engine, &sql, &rows, error));
	PAWL_TRY(copy_value(rows, 0, type, &bounds->newest, error));
	PAWL_TRY(copy_value(rows, 1, type, &bounds->horizon, error));
	PAWL_TRY(copy_value(rows, 2, type, &bounds->cursor, error));
	bounds->ahead_rows = pawl_duck_rows_integer(rows, 3);
	return PAWL_OK;
}

pawl_status pawl_duckdb_bounds(pawl_source *source, const pawl_read *read, const pawl_bounds_request *request,
                               pawl_bounds *ret_bounds, pawl_error *error)
{
	PAWL_CLEANUP(pawl_bounds_clear) pawl_bounds bounds = {0};
	pawl_duck *engine = pawl_duckdb_source_of(source)->engine;
	int64_t now_us = pawl_time_now_us(); /* the snapshot holds no writer off: a later horizon is as good */

	int64_t ahead_us = now_us + request->max_ahead_us;
	PAWL_TRY(find_bounds(engine, read, now_us - request->lag_us, ahead_us, &bounds, error));
	if (bounds.ahead_rows > 0)
		PAWL_TRY(count_ahead(engine, read, ahead_us, &bounds.newest, &bounds.ahead_rows, error));
	if (request->count_nulls)
		PAWL_TRY(count_nulls(engine, read, &bounds.null_rows, error));
	*ret_bounds = bounds;
	bounds = (pawl_bounds) {0};
	return PAWL_OK;
}

/* ---- begin ----------------------------------------------------------------------------------------------------------- */

static pawl_status begin_by_place(pawl_duckdb_source *duckdb, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_duckdb_read *reading = &duckdb->reading;
	const pawl_read *read = reading->read;

	/* A column of that name would hide the row's place. */
	reading->is_whole = read->table->is_view || pawl_source_table_find(read->table, "rowid") >= 0;
	if (reading->is_whole)
		return PAWL_OK;
	if (read->after != NULL && (strncmp(read->after, ROWID_POSITION, strlen(ROWID_POSITION)) != 0 ||
	                            !pawl_text_parse_integer(read->after + strlen(ROWID_POSITION), &reading->next_rowid)))
		return pawl_error_set(error, PAWL_INVALID, "'%s' is no position in a DuckDB table", read->after);
	pawl_buffer_append(&sql, "SELECT coalesce(max(rowid) + 1, 0) FROM ");
	pawl_duckdb_append_table(&sql, read->table);
	return query_integer(duckdb->engine, &sql, &reading->end_rowid, error);
}

static void append_source(pawl_buffer *sql, const pawl_duckdb_read *reading, const char *what)
{
	const char *separator;

	pawl_buffer_append(sql, what);
	pawl_duckdb_append_from(sql, reading->read);
	pawl_duckdb_append_where(sql, reading->read, &separator);
	if (reading->read->after != NULL) {
		pawl_buffer_append(sql, separator);
		pawl_duckdb_append_key(sql, reading->read);
		pawl_buffer_append(sql, " > ");
		pawl_duckdb_append_value(sql, &(pawl_key_value) {(char *) (uintptr_t) reading->read->after,
		                                                (char *) (uintptr_t) pawl_duckdb_key_type(reading->read)});
	}
}

static pawl_status add_cut(pawl_duckdb_read *reading, const char *key, pawl_error *error)
{
	char **cuts = pawl_reallocate(reading->cuts, (reading->cut_count + 1) * sizeof(*cuts));
	if (cuts == NULL)
		return pawl_error_out_of_memory(error);
	reading->cuts = cuts;
	cuts[reading->cut_count] = pawl_duplicate(key);
	if (cuts[reading->cut_count] == NULL)
		return pawl_error_out_of_memory(error);
	reading->cut_count++;
	return PAWL_OK;
}

/* The keys of every `rows`-th row, in their order. Equal keys make one cut, so that rows of equal keys stay together. */
static pawl_status find_cuts(pawl_duckdb_source *duckdb, int64_t rows, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *found = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_duckdb_read *reading = &duckdb->reading;
	bool has_row;

	pawl_buffer_append(&sql, "SELECT CAST(k AS VARCHAR) FROM (SELECT k, row_number() OVER (ORDER BY k) AS n FROM (SELECT ");
	pawl_duckdb_append_key(&sql, reading->read);
	append_source(&sql, reading, " AS k FROM ");
	pawl_buffer_appendf(&sql, ") WHERE k IS NOT NULL) WHERE n %% %" PRId64 " = 0 GROUP BY k ORDER BY k", rows);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_duck_query(duckdb->engine, pawl_buffer_text(&sql), NULL, 0, &found, error));
	for (;;) {
		PAWL_TRY(pawl_duck_rows_next(found, &has_row, error));
		if (!has_row)
			return PAWL_OK;
		PAWL_TRY(add_cut(reading, pawl_duck_rows_text(found, 0, NULL), error));
	}
}

pawl_status pawl_duckdb_read_begin(pawl_source *source, const pawl_read *read, pawl_error *error)
{
	pawl_duckdb_source *duckdb = pawl_duckdb_source_of(source);

	pawl_duckdb_read_end(source);
	duckdb->reading.read = read;
	if (read->order == PAWL_ORDER_NONE)
		return begin_by_place(duckdb, error);
	assert(read->order == PAWL_ORDER_KEY); /* a snapshot lasts as long as it is wanted, so there is no use for others */
	return PAWL_OK;
}

void pawl_duckdb_read_end(pawl_source *source)
{
	pawl_duckdb_read *reading = &pawl_duckdb_source_of(source)->reading;

	for (size_t i = 0; i < reading->cut_count; i++)
		pawl_free(reading->cuts[i]);
	pawl_free(reading->cuts);
	pawl_free(reading->position);
	pawl_buffer_free(&reading->relation);
	*reading = (pawl_duckdb_read) {0};
}

/* ---- windows --------------------------------------------------------------------------------------------------------- */

static pawl_status set_position(pawl_duckdb_read *reading, const char *text, pawl_error *error)
{
	pawl_free(reading->position);
	reading->position = pawl_duplicate(text);
	return reading->position == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status window_by_place(pawl_duckdb_read *reading, const pawl_window_limit *limit, const char *separator,
                                   pawl_error *error)
{
	char position[40];
	/* Whole row groups, unless one has too many rows. */
	int64_t rows = limit->rows < ROW_GROUP_ROWS ? limit->rows : limit->rows / ROW_GROUP_ROWS * ROW_GROUP_ROWS;
	int64_t end = reading->end_rowid - reading->next_rowid <= rows ? reading->end_rowid : reading->next_rowid + rows;

	pawl_buffer_appendf(&reading->relation, "%srowid >= %" PRId64 " AND rowid < %" PRId64 ")", separator, reading->next_rowid, end);
	reading->is_last = end >= reading->end_rowid;
	reading->next_rowid = end;
	snprintf(position, sizeof(position), ROWID_POSITION "%" PRId64, end);
	return set_position(reading, position, error);
}

static void append_cut(pawl_duckdb_read *reading, const char *comparison, const char *key)
{
	pawl_duckdb_append_key(&reading->relation, reading->read);
	pawl_buffer_append(&reading->relation, comparison);
	pawl_duckdb_append_value(&reading->relation, &(pawl_key_value) {(char *) (uintptr_t) key,
	                                                               (char *) (uintptr_t) pawl_duckdb_key_type(reading->read)});
}

/* Rows without a key come in the first window. */
static pawl_status window_by_key(pawl_duckdb_read *reading, const char *separator, pawl_error *error)
{
	bool is_first = reading->next_cut == 0 && reading->read->after == NULL;
	const char *after = reading->next_cut > 0 ? reading->cuts[reading->next_cut - 1] : reading->read->after;

	reading->is_last = reading->next_cut == reading->cut_count;
	if (after != NULL) {
		pawl_buffer_append(&reading->relation, separator);
		append_cut(reading, " > ", after);
		separator = " AND ";
	}
	if (!reading->is_last) {
		pawl_buffer_appendf(&reading->relation, "%scoalesce(", separator);
		append_cut(reading, " <= ", reading->cuts[reading->next_cut]);
		pawl_buffer_append(&reading->relation, is_first ? ", true)" : ", false)");
		PAWL_TRY(set_position(reading, reading->cuts[reading->next_cut], error));
	}
	pawl_buffer_append_character(&reading->relation, ')');
	reading->next_cut++;
	return PAWL_OK;
}

static pawl_status begin_by_key(pawl_duckdb_source *duckdb, const pawl_window_limit *limit, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_duckdb_read *reading = &duckdb->reading;
	int64_t rows;

	append_source(&sql, reading, "SELECT count(*) FROM ");
	PAWL_TRY(query_integer(duckdb->engine, &sql, &rows, error));
	return rows > limit->rows ? find_cuts(duckdb, limit->rows, error) : PAWL_OK;
}

pawl_status pawl_duckdb_window_begin(pawl_source *source, const pawl_window_limit *limit, const char **ret_relation,
                                     pawl_error *error)
{
	pawl_duckdb_source *duckdb = pawl_duckdb_source_of(source);
	pawl_duckdb_read *reading = &duckdb->reading;
	const char *separator;

	assert(reading->read != NULL && !reading->is_last);
	if (reading->read->order == PAWL_ORDER_KEY && reading->next_cut == 0)
		PAWL_TRY(begin_by_key(duckdb, limit, error));
	pawl_free(PAWL_TAKE(reading->position));
	pawl_buffer_clear(&reading->relation);
	pawl_buffer_append_character(&reading->relation, '(');
	pawl_duckdb_append_select(&reading->relation, reading->read);
	pawl_duckdb_append_where(&reading->relation, reading->read, &separator);
	if (reading->read->order == PAWL_ORDER_KEY) {
		PAWL_TRY(window_by_key(reading, separator, error));
	} else if (reading->is_whole) {
		pawl_buffer_append_character(&reading->relation, ')');
		reading->is_last = true;
	} else {
		PAWL_TRY(window_by_place(reading, limit, separator, error));
	}
	PAWL_TRY(pawl_buffer_status(&reading->relation, error));
	*ret_relation = pawl_buffer_text(&reading->relation);
	return PAWL_OK;
}

/* The statement that read the relation told of every error itself. */
pawl_status pawl_duckdb_window_end(pawl_source *source, pawl_window *ret_window, pawl_error *error)
{
	pawl_duckdb_read *reading = &pawl_duckdb_source_of(source)->reading;

	(void) error;
	*ret_window = (pawl_window) {.rows = -1, .bytes = -1, .is_last = reading->is_last, .position = PAWL_TAKE(reading->position)};
	return PAWL_OK;
}

/* ---- others ---------------------------------------------------------------------------------------------------------- */

pawl_status pawl_duckdb_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error)
{
	const char *separator;

	(void) source;
	pawl_duckdb_append_select(sql, read);
	pawl_duckdb_append_where(sql, read, &separator);
	return pawl_buffer_status(sql, error);
}

pawl_status pawl_duckdb_relation(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error)
{
	pawl_buffer_append_character(sql, '(');
	PAWL_TRY(pawl_duckdb_explain(source, read, sql, error));
	pawl_buffer_append_character(sql, ')');
	return pawl_buffer_status(sql, error);
}
