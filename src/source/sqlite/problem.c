#include "source/sqlite/reading.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* ---- a value --------------------------------------------------------------------------------------------------------- */

static void excerpt_value(const pawl_sqlite_kept *value, const char *bytes, char out[PAWL_TEXT_EXCERPT_BYTES])
{
	char text[PAWL_SQLITE_REAL_BYTES];

	switch (value->storage) {
	case SQLITE_INTEGER:
		snprintf(out, PAWL_TEXT_EXCERPT_BYTES, "%" PRId64, value->as.integer);
		return;
	case SQLITE_FLOAT:
		pawl_sqlite_format_real(value->as.real, text);
		snprintf(out, PAWL_TEXT_EXCERPT_BYTES, "%s", text);
		return;
	case SQLITE_NULL:
		strcpy(out, "NULL");
		return;
	default:
		pawl_text_excerpt(bytes == NULL ? "" : bytes, bytes == NULL ? 0 : value->length, out);
	}
}

void pawl_sqlite_note_problem(pawl_sqlite_batch *batch, pawl_sqlite_problem_kind kind, size_t row, size_t column,
                              const pawl_sqlite_kept *value, const char *bytes)
{
	pawl_sqlite_problem *problem = &batch->problem;

	if (problem->kind != PAWL_SQLITE_NO_PROBLEM && problem->row <= row)
		return;
	*problem = (pawl_sqlite_problem) {
		.kind = kind, .row = row, .column = column, .storage = value->storage, .bytes = value->length};
	_Static_assert(sizeof(problem->excerpt) >= PAWL_TEXT_EXCERPT_BYTES, "an excerpt must fit");
	excerpt_value(value, bytes, problem->excerpt);
}

/* ---- a row ----------------------------------------------------------------------------------------------------------- */

/* The rowid may be one of the columns, which then has a better name for it. */
static const char *name_of(const pawl_sqlite_reading *reading, const pawl_sqlite_mark *mark)
{
	if (mark->kind == PAWL_SQLITE_MARK_COLUMN)
		return reading->plan.read->table->columns[mark->column].name;
	return mark->statement_column < reading->output_count ? reading->columns[mark->statement_column].name : "rowid";
}

/* "the row with id 17", "the row with region 'eu', id 17", "row 3". */
static void append_row(const pawl_sqlite_batch *batch, pawl_buffer *out)
{
	const pawl_sqlite_plan *plan = &batch->reading->plan;
	const char *separator = "the row with ";
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];

	for (size_t i = 0; i < plan->mark_count; i++) {
		if (plan->marks[i].kind == PAWL_SQLITE_MARK_KEY)
			continue;
		const pawl_sqlite_column *column = &batch->reading->columns[plan->marks[i].statement_column];
		const pawl_sqlite_kept *value = pawl_sqlite_kept_of(batch, column, batch->problem.row);
		bool has_bytes = value->storage == SQLITE_TEXT || value->storage == SQLITE_BLOB;
		excerpt_value(value, has_bytes ? batch->bytes + value->as.offset : NULL, excerpt);
		pawl_buffer_appendf(out, "%s%s ", separator, name_of(batch->reading, &plan->marks[i]));
		pawl_buffer_appendf(out, has_bytes ? "'%s'" : "%s", excerpt);
		separator = ", ";
	}
	if (out->length == 0)
		pawl_buffer_appendf(out, "row %" PRId64, batch->first_row + (int64_t) batch->problem.row);
}

/* ---- the error ------------------------------------------------------------------------------------------------------- */

static const char *const storage_names[] = {
	[SQLITE_INTEGER] = "the integer",
	[SQLITE_FLOAT] = "the real number",
	[SQLITE_TEXT] = "the text",
	[SQLITE_BLOB] = "the blob",
};

static pawl_status tell_value(const pawl_sqlite_batch *batch, const char *row, pawl_error *error)
{
	const pawl_sqlite_problem *problem = &batch->problem;
	const pawl_sqlite_column *column = &batch->reading->columns[problem->column];
	bool is_time = column->type.kind == PAWL_SQLITE_TIME;

	switch (problem->kind) {
	case PAWL_SQLITE_MISFIT:
		pawl_error_set(error, PAWL_INVALID, "%s has %s '%s', which is no %s%s", row, storage_names[problem->storage],
		               problem->excerpt, is_time ? "time of the format " : "",
		               is_time ? pawl_key_format_names[column->format] : column->type_name);
		return pawl_error_hint(error, "correct the value, leave the column out (columns: exclude), or keep it as text "
		                              "(misfits: text)");
	case PAWL_SQLITE_NOT_UTF8:
		pawl_error_set(error, PAWL_INVALID, "%s has the text '%s', which is not UTF-8", row, problem->excerpt);
		return pawl_error_hint(error, "correct the value, or leave the column out (columns: exclude)");
	case PAWL_SQLITE_TOO_LARGE:
		pawl_error_set(error, PAWL_INVALID, "%s has a value of %zu bytes, more than %zu", row, problem->bytes,
		               PAWL_SQLITE_VALUE_BYTES);
		return pawl_error_hint(error, "leave the column out (columns: exclude), or the row (where)");
	case PAWL_SQLITE_NO_PROBLEM:
		break;
	}
	return PAWL_OK;
}

pawl_status pawl_sqlite_tell_problem(const pawl_sqlite_batch *batch, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer row = {0};

	append_row(batch, &row);
	PAWL_TRY(pawl_buffer_status(&row, error));
	tell_value(batch, pawl_buffer_text(&row), error);
	return pawl_error_prefix(error, "column '%s': ", batch->reading->columns[batch->problem.column].name);
}
