#include "source/sqlite/internal.h"

#include <stdio.h>

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* By names, and not by numbers, so that a condition with a '?' of its own takes nothing of ours. */
static void name_parameter(size_t number, char out[32])
{
	snprintf(out, 32, ":pawl_%zu", number);
}

void pawl_sqlite_append_value(pawl_sqlite_query *query, const pawl_key_value *value)
{
	char name[32];

	if (query->is_shown) {
		pawl_sqlite_append_literal(&query->sql, value);
		return;
	}
	const pawl_key_value **values = pawl_reallocate(query->values, (query->value_count + 1) * sizeof(pawl_key_value *));
	if (values == NULL) {
		query->sql.has_failed = true;
		return;
	}
	query->values = values;
	values[query->value_count++] = value;
	name_parameter(query->value_count, name);
	pawl_buffer_append(&query->sql, name);
}

void pawl_sqlite_query_free(pawl_sqlite_query *query)
{
	pawl_buffer_free(&query->sql);
	pawl_free(query->values);
	*query = (pawl_sqlite_query) {0};
}

pawl_status pawl_sqlite_query_prepare(pawl_sqlite_source *sqlite, const pawl_sqlite_query *query, sqlite3_stmt **ret_statement,
                                      pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_finalize) sqlite3_stmt *statement = NULL;
	char name[32];

	PAWL_TRY(pawl_buffer_status(&query->sql, error));
	PAWL_TRY(pawl_sqlite_prepare(sqlite, pawl_buffer_text(&query->sql), &statement, error));
	if (sqlite3_bind_parameter_count(statement) != (int) query->value_count) {
		pawl_error_set(error, PAWL_INVALID, "the condition has a parameter: %s", pawl_buffer_text(&query->sql));
		return pawl_error_hint(error, "write its value into the condition");
	}
	for (size_t i = 0; i < query->value_count; i++) {
		name_parameter(i + 1, name);
		int index = sqlite3_bind_parameter_index(statement, name);
		PAWL_TRY(pawl_sqlite_bind_key(sqlite, statement, index, query->values[i], error));
	}
	*ret_statement = PAWL_TAKE(statement);
	return PAWL_OK;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

static void append_column(pawl_buffer *sql, const pawl_read *read, size_t column)
{
	pawl_buffer_append_identifier(sql, read->table->columns[column].name);
}

/* coalesce(a, b, c), beginning with the one of that index. */
static void append_coalesce(pawl_buffer *sql, const pawl_read *read, size_t first)
{
	const pawl_source_key *key = read->key;

	pawl_buffer_append(sql, "coalesce(");
	for (size_t i = 0; i < key->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		append_column(sql, read, key->columns[(first + i) % key->column_count]);
	}
	pawl_buffer_append_character(sql, ')');
}

/*
 * max(a, b) is NULL when one of them is. max(coalesce(a, b), coalesce(b, a)) skips NULLs: each column that has a value comes
 * first in one of the terms, and no term is anything but one of the values.
 */
void pawl_sqlite_append_key(pawl_buffer *sql, const pawl_read *read)
{
	const pawl_source_key *key = read->key;

	if (key->column_count == 1) {
		append_column(sql, read, key->columns[0]);
		return;
	}
	if (key->kind == PAWL_KEY_COALESCE) {
		append_coalesce(sql, read, 0);
		return;
	}
	for (size_t i = 0; i < key->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "max(" : ", ");
		append_coalesce(sql, read, i);
	}
	pawl_buffer_append_character(sql, ')');
}

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

static void begin_condition(pawl_sqlite_query *query)
{
	pawl_buffer_append(&query->sql, query->has_condition ? " AND " : " WHERE ");
	query->has_condition = true;
}

void pawl_sqlite_append_table(pawl_sqlite_query *query, const pawl_read *read)
{
	pawl_buffer_append(&query->sql, " FROM main.");
	pawl_buffer_append_identifier(&query->sql, read->table->name);
	if (read->where == NULL)
		return;
	begin_condition(query);
	pawl_buffer_appendf(&query->sql, "(%s\n)", read->where); /* it may end in a comment */
}

static void compare(pawl_sqlite_query *query, const pawl_read *read, const char *comparison, const pawl_key_value *value)
{
	pawl_sqlite_append_key(&query->sql, read);
	pawl_buffer_append(&query->sql, comparison);
	pawl_sqlite_append_value(query, value);
}

void pawl_sqlite_append_comparison(pawl_sqlite_query *query, const pawl_read *read, const char *comparison,
                                   const pawl_key_value *value)
{
	begin_condition(query);
	compare(query, read, comparison, value);
}

void pawl_sqlite_append_keyless(pawl_sqlite_query *query, const pawl_read *read)
{
	begin_condition(query);
	pawl_sqlite_append_key(&query->sql, read);
	pawl_buffer_append(&query->sql, " IS NULL");
}

void pawl_sqlite_append_keyed(pawl_sqlite_query *query, const pawl_read *read)
{
	if (read->from.text != NULL)
		pawl_sqlite_append_comparison(query, read, " >= ", &read->from);
	if (read->before.text != NULL)
		pawl_sqlite_append_comparison(query, read, " < ", &read->before);
	if (read->from.text != NULL || read->before.text != NULL)
		return;
	begin_condition(query);
	pawl_sqlite_append_key(&query->sql, read);
	pawl_buffer_append(&query->sql, " IS NOT NULL");
}

/* In any order but that of the key, whose phases keep rows without a key apart. */
static void append_limits(pawl_sqlite_query *query, const pawl_read *read)
{
	bool has_from = read->from.text != NULL, has_before = read->before.text != NULL;

	if (read->key == NULL || (!has_from && !has_before && !read->has_no_null_keys))
		return;
	if (!read->has_null_keys || read->has_no_null_keys) {
		pawl_sqlite_append_keyed(query, read);
		return;
	}
	begin_condition(query);
	pawl_buffer_append_character(&query->sql, '(');
	if (has_from)
		compare(query, read, " >= ", &read->from);
	pawl_buffer_append(&query->sql, has_from && has_before ? " AND " : "");
	if (has_before)
		compare(query, read, " < ", &read->before);
	pawl_buffer_append(&query->sql, " OR ");
	pawl_sqlite_append_key(&query->sql, read);
	pawl_buffer_append(&query->sql, " IS NULL)");
}

/* ---- order ----------------------------------------------------------------------------------------------------------- */

static void append_mark(pawl_buffer *sql, const pawl_sqlite_plan *plan, const pawl_sqlite_mark *mark)
{
	switch (mark->kind) {
	case PAWL_SQLITE_MARK_KEY:
		pawl_sqlite_append_key(sql, plan->read);
		return;
	case PAWL_SQLITE_MARK_ROWID:
		pawl_buffer_append(sql, plan->rowid);
		return;
	case PAWL_SQLITE_MARK_COLUMN:
		append_column(sql, plan->read, mark->column);
	}
}

/*
 * (key, id) > (:a, :b): SQLite compares such rows element by element, each by its own collation, and finds the place by an
 * index. Among rows without a key, the rest of the position alone gives the place.
 */
static void append_after(pawl_sqlite_query *query, const pawl_sqlite_plan *plan, pawl_sqlite_phase phase)
{
	size_t first = phase == PAWL_SQLITE_NULL_KEYS;

	if (plan->after == NULL || (phase == PAWL_SQLITE_ROWS && plan->after[0].text == NULL))
		return;
	begin_condition(query);
	for (size_t i = first; i < plan->position_count; i++) {
		pawl_buffer_append(&query->sql, i == first ? "(" : ", ");
		append_mark(&query->sql, plan, &plan->marks[i]);
	}
	for (size_t i = first; i < plan->position_count; i++) {
		pawl_buffer_append(&query->sql, i == first ? ") > (" : ", ");
		pawl_sqlite_append_value(query, &plan->after[i]);
	}
	pawl_buffer_append_character(&query->sql, ')');
}

static void append_order(pawl_sqlite_query *query, const pawl_sqlite_plan *plan, pawl_sqlite_phase phase)
{
	const pawl_read *read = plan->read;
	const char *separator = " ORDER BY ";

	for (size_t i = phase == PAWL_SQLITE_NULL_KEYS; i < plan->mark_count; i++) {
		bool is_place = i < plan->position_count || (read->order != PAWL_ORDER_NONE && read->primary_key_count > 0);
		if (!is_place)
			return;
		pawl_buffer_append(&query->sql, separator);
		append_mark(&query->sql, plan, &plan->marks[i]);
		separator = ", ";
	}
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static void append_columns(pawl_sqlite_query *query, const pawl_sqlite_plan *plan)
{
	const pawl_read *read = plan->read;
	size_t count = read->column_count;

	for (size_t i = 0; i < count; i++) {
		pawl_buffer_append(&query->sql, i == 0 ? "" : ", ");
		append_column(&query->sql, read, read->columns[i].index);
	}
	if (read->tail_from.text != NULL) {
		pawl_buffer_append(&query->sql, count++ == 0 ? "" : ", ");
		compare(query, read, " >= ", &read->tail_from);
		pawl_buffer_append(&query->sql, " OR ");
		pawl_sqlite_append_key(&query->sql, read);
		pawl_buffer_append(&query->sql, " IS NULL");
	}
	for (size_t i = 0; i < plan->mark_count; i++) {
		if (plan->marks[i].statement_column < count)
			continue;
		pawl_buffer_append(&query->sql, count++ == 0 ? "" : ", ");
		append_mark(&query->sql, plan, &plan->marks[i]);
	}
	if (count == 0)
		pawl_buffer_append(&query->sql, "NULL");
}

void pawl_sqlite_append_phase(pawl_sqlite_query *query, const pawl_sqlite_plan *plan, pawl_sqlite_phase phase)
{
	const pawl_read *read = plan->read;

	pawl_buffer_append(&query->sql, "SELECT ");
	append_columns(query, plan);
	pawl_sqlite_append_table(query, read);
	if (phase == PAWL_SQLITE_NULL_KEYS)
		pawl_sqlite_append_keyless(query, read);
	else if (read->order == PAWL_ORDER_KEY)
		pawl_sqlite_append_keyed(query, read);
	else
		append_limits(query, read);
	append_after(query, plan, phase);
	append_order(query, plan, phase);
}

pawl_status pawl_sqlite_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_plan_clear) pawl_sqlite_plan plan = {0};
	const char *separator = "";

	PAWL_TRY(pawl_sqlite_plan_make(pawl_sqlite_source_of(source), read, &plan, error));
	for (int phase = 0; phase < PAWL_SQLITE_PHASES; phase++) {
		PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {.is_shown = true};
		if (!plan.has_phase[phase])
			continue;
		pawl_sqlite_append_phase(&query, &plan, (pawl_sqlite_phase) phase);
		PAWL_TRY(pawl_buffer_status(&query.sql, error));
		pawl_buffer_appendf(sql, "%s%s", separator, pawl_buffer_text(&query.sql));
		separator = ";\n";
	}
	return pawl_buffer_status(sql, error);
}
