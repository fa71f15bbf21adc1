#include "source/sqlite/internal.h"

#include <string.h>

#include "base/text.h"

/* ---- marks ----------------------------------------------------------------------------------------------------------- */

/* INTEGER PRIMARY KEY is the rowid. */
static bool is_rowid_alias(const pawl_source_column *column)
{
	return column->key_rank == 1 && column->is_sequence;
}

static bool is_marked_by(const pawl_read *read, const pawl_sqlite_mark *mark, size_t column)
{
	switch (mark->kind) {
	case PAWL_SQLITE_MARK_KEY:
		return read->key->column_count == 1 && read->key->columns[0] == column;
	case PAWL_SQLITE_MARK_ROWID:
		return is_rowid_alias(&read->table->columns[column]);
	case PAWL_SQLITE_MARK_COLUMN:
		return mark->column == column;
	}
	return false;
}

/* A value that is read anyway need not be read twice. */
static void add_mark(pawl_sqlite_plan *plan, pawl_sqlite_mark mark)
{
	const pawl_read *read = plan->read;

	mark.statement_column = plan->statement_columns;
	for (size_t i = read->column_count; i > 0; i--)
		if (is_marked_by(read, &mark, read->columns[i - 1].index))
			mark.statement_column = i - 1;
	plan->statement_columns += mark.statement_column == plan->statement_columns;
	plan->marks[plan->mark_count++] = mark;
}

/* What a row is called in errors, and, with a unique primary key, what gives it its place among those with the same key. */
static void add_names(pawl_sqlite_plan *plan)
{
	const pawl_read *read = plan->read;

	for (size_t i = 0; i < read->primary_key_count; i++)
		add_mark(plan, (pawl_sqlite_mark) {.kind = PAWL_SQLITE_MARK_COLUMN, .column = read->primary_key[i]});
	if (read->primary_key_count == 0 && plan->rowid != NULL)
		add_mark(plan, (pawl_sqlite_mark) {.kind = PAWL_SQLITE_MARK_ROWID});
}

static void add_marks(pawl_sqlite_plan *plan)
{
	const pawl_read *read = plan->read;
	bool has_limits = read->from.text != NULL || read->before.text != NULL;

	if (read->order == PAWL_ORDER_KEY)
		add_mark(plan, (pawl_sqlite_mark) {.kind = PAWL_SQLITE_MARK_KEY});
	if (read->order == PAWL_ORDER_NONE && plan->rowid != NULL && !has_limits) {
		add_mark(plan, (pawl_sqlite_mark) {.kind = PAWL_SQLITE_MARK_ROWID});
		plan->position_count = 1;
		return;
	}
	plan->position_count = plan->mark_count;
	add_names(plan);
	if (plan->has_unique_order)
		plan->position_count = plan->mark_count;
}

/* ---- phases ---------------------------------------------------------------------------------------------------------- */

static void choose_phases(pawl_sqlite_plan *plan)
{
	const pawl_read *read = plan->read;
	bool has_limits = read->from.text != NULL || read->before.text != NULL;
	bool is_behind_nulls = plan->after != NULL && (plan->after[0].text != NULL || !plan->has_unique_order);

	plan->has_phase[PAWL_SQLITE_ROWS] = true;
	plan->has_phase[PAWL_SQLITE_NULL_KEYS] = read->order == PAWL_ORDER_KEY && !read->has_no_null_keys && !is_behind_nulls &&
	                                         (read->has_null_keys || !has_limits);
}

static pawl_status read_after(pawl_sqlite_plan *plan, pawl_error *error)
{
	const char *after = plan->read->after;

	if (after == NULL)
		return PAWL_OK;
	if (plan->position_count == 0)
		return pawl_error_set(error, PAWL_INVALID, "a read without positions cannot go on from '%s'", after);
	plan->after = pawl_allocate_array(plan->position_count, sizeof(*plan->after));
	if (plan->after == NULL)
		return pawl_error_out_of_memory(error);
	bool has_key = plan->marks[0].kind == PAWL_SQLITE_MARK_KEY;
	return pawl_sqlite_position_read(after, plan->position_count, has_key, plan->after, error);
}

/* "2024-05-01", and whatever follows. */
static bool is_date(const char *text)
{
	static const char digits[] = "0123456789";
	return strspn(text, digits) == 4 && text[4] == '-' && strspn(text + 5, digits) == 2 && text[7] == '-' &&
	       strspn(text + 8, digits) == 2;
}

/* SQLite compares anything with anything: a start of another kind than the keys would leave all of them out, or none. */
pawl_status pawl_sqlite_check_start(const pawl_read *read, pawl_error *error)
{
	const char *start = read->from.text;
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];
	double ignored;

	if (read->key == NULL || start == NULL || read->from.type != NULL || read->key->key_class == PAWL_KEY_TEXT)
		return PAWL_OK;
	bool is_number = read->key->key_class == PAWL_KEY_NUMBER;
	if (pawl_sqlite_parse_real(start, &ignored) || (!is_number && is_date(start)))
		return PAWL_OK;
	pawl_text_excerpt(start, strlen(start), excerpt);
	pawl_error_set(error, PAWL_INVALID, "'start' is '%s', and the key holds %s", excerpt, is_number ? "numbers" : "times");
	return pawl_error_hint(error, "write it as the source writes the key: %s", is_number ? "1700000000" : "2024-05-01 00:00:00");
}

pawl_status pawl_sqlite_plan_make(pawl_sqlite_source *sqlite, const pawl_read *read, pawl_sqlite_plan *ret_plan,
                                  pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_plan_clear) pawl_sqlite_plan plan = {.read = read};

	if (read->order == PAWL_ORDER_KEY && read->key == NULL)
		return pawl_error_set(error, PAWL_INTERNAL, "a read in the order of a key needs a key");
	PAWL_TRY(pawl_sqlite_check_start(read, error));
	plan.marks = pawl_allocate_array(read->primary_key_count + 2, sizeof(*plan.marks));
	if (plan.marks == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(pawl_sqlite_find_rowid(sqlite, read->table, &plan.rowid, error));
	plan.statement_columns = read->column_count + (read->tail_from.text != NULL);
	plan.has_unique_order = read->order != PAWL_ORDER_NONE && pawl_read_is_unique(read);
	plan.ends_anywhere = read->order != PAWL_ORDER_KEY || plan.has_unique_order;
	add_marks(&plan);
	PAWL_TRY(read_after(&plan, error));
	choose_phases(&plan);
	*ret_plan = plan;
	plan = (pawl_sqlite_plan) {0};
	return PAWL_OK;
}

void pawl_sqlite_plan_clear(pawl_sqlite_plan *plan)
{
	for (size_t i = 0; plan->after != NULL && i < plan->position_count; i++)
		pawl_key_value_clear(&plan->after[i]);
	pawl_free(plan->after);
	pawl_free(plan->marks);
	*plan = (pawl_sqlite_plan) {0};
}
