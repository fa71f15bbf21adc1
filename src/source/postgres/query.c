#include "source/postgres/internal.h"

#include <inttypes.h>

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

/* With its table's name: in ORDER BY, a name alone would mean the column of the output, which may be of another type. */
static void append_column(pawl_buffer *sql, const pawl_read *read, size_t column)
{
	pawl_buffer_append_identifier(sql, read->table->name);
	pawl_buffer_append_character(sql, '.');
	pawl_buffer_append_identifier(sql, read->table->columns[column].name);
}

/* PostgreSQL's greatest() skips NULLs, as ours does. */
void pawl_postgres_append_key(pawl_buffer *sql, const pawl_read *read)
{
	const pawl_source_key *key = read->key;

	if (key->column_count == 1) {
		append_column(sql, read, key->columns[0]);
		return;
	}
	pawl_buffer_append(sql, key->kind == PAWL_KEY_COALESCE ? "coalesce(" : "greatest(");
	for (size_t i = 0; i < key->column_count; i++) {
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		append_column(sql, read, key->columns[i]);
	}
	pawl_buffer_append_character(sql, ')');
}

/* ---- conditions ------------------------------------------------------------------------------------------------------ */

void pawl_postgres_append_table(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, " FROM ");
	pawl_buffer_append_identifier(sql, read->table->schema);
	pawl_buffer_append_character(sql, '.');
	pawl_buffer_append_identifier(sql, read->table->name);
	if (read->where != NULL)
		pawl_buffer_appendf(sql, " WHERE (%s\n)", read->where); /* it may end in a comment */
}

/* What the first condition behind pawl_postgres_append_table begins with; those that follow begin with AND. */
static void append_first(pawl_buffer *sql, const pawl_read *read)
{
	pawl_buffer_append(sql, read->where == NULL ? " WHERE " : " AND ");
}

static void compare(pawl_buffer *sql, const pawl_read *read, const char *comparison, const char *value)
{
	pawl_postgres_append_key(sql, read);
	pawl_buffer_append(sql, comparison);
	pawl_buffer_append_literal(sql, value);
}

/* At least one of the limits is there. */
static void append_range(pawl_buffer *sql, const pawl_read *read)
{
	if (read->from.text != NULL)
		compare(sql, read, " >= ", read->from.text);
	if (read->from.text != NULL && read->before.text != NULL)
		pawl_buffer_append(sql, " AND ");
	if (read->before.text != NULL)
		compare(sql, read, " < ", read->before.text);
}

void pawl_postgres_append_comparison(pawl_buffer *sql, const pawl_read *read, const char *comparison, const char *value)
{
	pawl_buffer_append(sql, " AND ");
	compare(sql, read, comparison, value);
}

void pawl_postgres_append_keyless(pawl_buffer *sql, const pawl_read *read)
{
	append_first(sql, read);
	pawl_postgres_append_key(sql, read);
	pawl_buffer_append(sql, " IS NULL");
}

void pawl_postgres_append_keyed(pawl_buffer *sql, const pawl_read *read)
{
	append_first(sql, read);
	if (read->from.text == NULL && read->before.text == NULL) {
		pawl_postgres_append_key(sql, read);
		pawl_buffer_append(sql, " IS NOT NULL");
		return;
	}
	append_range(sql, read);
}

static bool has_limits(const pawl_read *read)
{
	return read->key != NULL && (read->from.text != NULL || read->before.text != NULL || read->has_no_null_keys);
}

/* In any order but that of the key, whose phases keep rows without a key apart. */
static void append_limits(pawl_buffer *sql, const pawl_read *read)
{
	if (!has_limits(read))
		return;
	if (!read->has_null_keys || read->has_no_null_keys) {
		pawl_postgres_append_keyed(sql, read);
		return;
	}
	append_first(sql, read);
	pawl_buffer_append_character(sql, '(');
	append_range(sql, read);
	pawl_buffer_append(sql, " OR ");
	pawl_postgres_append_key(sql, read);
	pawl_buffer_append(sql, " IS NULL)");
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static void append_place(pawl_buffer *sql, const pawl_postgres_plan *plan, size_t number)
{
	if (plan->has_key_place && number == 0)
		pawl_postgres_append_key(sql, plan->read);
	else
		append_column(sql, plan->read, plan->read->primary_key[number - plan->has_key_place]);
}

/*
 * (key, id) > ('a', 'b'): such rows are compared element by element, each by its own collation, and an index finds the place.
 * Among rows without a key, the rest of the position alone gives it.
 */
static void append_after(pawl_buffer *sql, const pawl_postgres_plan *plan, pawl_postgres_phase phase)
{
	size_t first = phase == PAWL_POSTGRES_NULL_KEYS;

	if (plan->after == NULL || (phase == PAWL_POSTGRES_ROWS && plan->after[0] == NULL))
		return;
	if (plan->has_key_place || has_limits(plan->read))
		pawl_buffer_append(sql, " AND ");
	else
		append_first(sql, plan->read);
	for (size_t i = first; i < plan->position_count; i++) {
		pawl_buffer_append(sql, i == first ? "(" : ", ");
		append_place(sql, plan, i);
	}
	for (size_t i = first; i < plan->position_count; i++) {
		pawl_buffer_append(sql, i == first ? ") > (" : ", ");
		pawl_buffer_append_literal(sql, plan->after[i]);
	}
	pawl_buffer_append_character(sql, ')');
}

/* Of a position's columns; and where the primary key is of no constraint, by it too, though it gives no place. */
static void append_order(pawl_buffer *sql, const pawl_postgres_plan *plan, pawl_postgres_phase phase)
{
	size_t count = plan->has_key_place + (plan->read->order == PAWL_ORDER_NONE ? 0 : plan->read->primary_key_count);
	size_t first = phase == PAWL_POSTGRES_NULL_KEYS;

	for (size_t i = first; i < count; i++) {
		pawl_buffer_append(sql, i == first ? " ORDER BY " : ", ");
		append_place(sql, plan, i);
	}
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static void append_outputs(pawl_buffer *sql, const pawl_read *read)
{
	for (size_t i = 0; i < read->column_count; i++) {
		const pawl_read_column *column = &read->columns[i];
		pawl_buffer_append(sql, i == 0 ? "" : ", ");
		append_column(sql, read, column->index);
		pawl_buffer_appendf(sql, "::%s", pawl_postgres_type_of(&read->table->columns[column->index], column).cast);
	}
	if (read->tail_from.text == NULL)
		return;
	pawl_buffer_append(sql, read->column_count == 0 ? "" : ", ");
	compare(sql, read, " >= ", read->tail_from.text);
	pawl_buffer_append(sql, " OR ");
	pawl_postgres_append_key(sql, read);
	pawl_buffer_append(sql, " IS NULL");
}

/* What tells where a row is, as exact text; and which rows are one group, by PostgreSQL's own comparison of their keys. */
static void append_places(pawl_buffer *sql, const pawl_postgres_plan *plan, pawl_postgres_phase phase)
{
	for (size_t i = 0; i < plan->position_count; i++) {
		pawl_buffer_append(sql, i + plan->output_count == 0 ? "" : ", ");
		append_place(sql, plan, i);
		pawl_buffer_append(sql, "::text");
	}
	if (!plan->has_group)
		return;
	if (phase == PAWL_POSTGRES_NULL_KEYS) {
		pawl_buffer_append(sql, ", 0::int8");
		return;
	}
	pawl_buffer_append(sql, ", dense_rank() OVER (ORDER BY ");
	pawl_postgres_append_key(sql, plan->read);
	pawl_buffer_append_character(sql, ')');
}

static void append_block(pawl_buffer *sql, const pawl_read *read, bool is_first, const char *comparison, int64_t block)
{
	pawl_buffer_append(sql, is_first ? " WHERE " : " AND ");
	pawl_buffer_append_identifier(sql, read->table->name);
	pawl_buffer_appendf(sql, ".ctid %s '(%" PRId64 ",0)'", comparison, block);
}

/* Only in no order, which has no positions to go on behind. */
static void append_blocks(pawl_buffer *sql, const pawl_read *read, const pawl_postgres_range *range)
{
	bool is_first = read->where == NULL && !has_limits(read);

	if (range->from > 0)
		append_block(sql, read, is_first, ">=", range->from);
	if (range->before > 0)
		append_block(sql, read, is_first && range->from == 0, "<", range->before);
}

void pawl_postgres_append_phase(pawl_buffer *sql, const pawl_postgres_plan *plan, pawl_postgres_phase phase,
                                const pawl_postgres_range *range)
{
	const pawl_read *read = plan->read;

	pawl_buffer_append(sql, "SELECT ");
	append_outputs(sql, read);
	append_places(sql, plan, phase);
	pawl_postgres_append_table(sql, read);
	if (phase == PAWL_POSTGRES_NULL_KEYS)
		pawl_postgres_append_keyless(sql, read);
	else if (read->order == PAWL_ORDER_KEY)
		pawl_postgres_append_keyed(sql, read);
	else
		append_limits(sql, read);
	append_blocks(sql, read, range);
	append_after(sql, plan, phase);
	append_order(sql, plan, phase);
}

/* How the server would do it, in its own words. */
static pawl_status append_plan(pawl_buffer *sql, pawl_postgres_source *postgres, const char *statement, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer explain = {0};
	pawl_error refusal;

	pawl_buffer_appendf(&explain, "EXPLAIN (COSTS off) %s", statement);
	PAWL_TRY(pawl_buffer_status(&explain, error));
	if (pawl_postgres_query(postgres, pawl_buffer_text(&explain), &result, &refusal) != PAWL_OK)
		pawl_buffer_appendf(sql, "\n-- the server refuses it: %s", refusal.message);
	for (int row = 0; row < pawl_pq.ntuples(result); row++)
		pawl_buffer_appendf(sql, "\n-- %s", pawl_pq.getvalue(result, row, 0));
	return PAWL_OK;
}

pawl_status pawl_postgres_explain(pawl_source *source, const pawl_read *read, pawl_buffer *sql, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_plan_clear) pawl_postgres_plan plan = {0};
	const pawl_postgres_range whole = {0};
	const char *separator = "";

	PAWL_TRY(pawl_postgres_plan_make(read, &plan, error));
	for (int phase = 0; phase < PAWL_POSTGRES_PHASES; phase++) {
		PAWL_CLEANUP(pawl_buffer_free) pawl_buffer statement = {0};
		if (!plan.has_phase[phase])
			continue;
		pawl_postgres_append_phase(&statement, &plan, (pawl_postgres_phase) phase, &whole);
		PAWL_TRY(pawl_buffer_status(&statement, error));
		pawl_buffer_appendf(sql, "%s%s;", separator, pawl_buffer_text(&statement));
		PAWL_TRY(append_plan(sql, pawl_postgres_source_of(source), pawl_buffer_text(&statement), error));
		separator = "\n";
	}
	return pawl_buffer_status(sql, error);
}
