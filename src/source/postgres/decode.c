#include "source/postgres/reading.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

/* ---- what cannot be kept --------------------------------------------------------------------------------------------- */

/* Of an integer or text in a primary key; false of all else, which would need as many ways to write it as there are types. */
static bool append_value(const pawl_postgres_output *output, const pawl_postgres_field *field, pawl_buffer *out)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];

	switch ((int) output->type.kind) {
	case PAWL_POSTGRES_SMALLINT:
		pawl_buffer_appendf(out, "%s %d", output->name, (int16_t) pawl_postgres_read16(field->bytes));
		return true;
	case PAWL_POSTGRES_INTEGER:
		pawl_buffer_appendf(out, "%s %" PRId32, output->name, (int32_t) pawl_postgres_read32(field->bytes));
		return true;
	case PAWL_POSTGRES_BIGINT:
		pawl_buffer_appendf(out, "%s %" PRId64, output->name, (int64_t) pawl_postgres_read64(field->bytes));
		return true;
	case PAWL_POSTGRES_TEXT:
		pawl_text_excerpt(field->bytes, field->length, excerpt);
		pawl_buffer_appendf(out, "%s '%s'", output->name, excerpt);
		return true;
	default:
		return false;
	}
}

static bool is_of_key(const pawl_read *read, size_t column)
{
	for (size_t i = 0; i < read->primary_key_count; i++)
		if (column < read->column_count && read->primary_key[i] == read->columns[column].index)
			return true;
	return false;
}

/* "the row with id 17", "the row with region 'eu', id 17", "row 3". */
static void append_row(const pawl_postgres_batch *batch, size_t row, pawl_buffer *out)
{
	const pawl_postgres_reading *reading = batch->reading;
	pawl_postgres_cursor cursor = {batch->rows[row].fields, batch->rows[row].length};
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer names = {0};
	pawl_postgres_field field;
	size_t length = 0;

	for (size_t i = 0; i < reading->plan.output_count && pawl_postgres_next(&cursor, &field); i++) {
		if (!is_of_key(reading->plan.read, i) || field.bytes == NULL)
			continue;
		pawl_buffer_append(&names, length == 0 ? "" : ", ");
		if (append_value(&reading->outputs[i], &field, &names))
			length = names.length;
	}
	if (length > 0)
		pawl_buffer_appendf(out, "the row with %.*s", (int) length, pawl_buffer_text(&names));
	else
		pawl_buffer_appendf(out, "row %" PRId64, batch->first_row + (int64_t) row);
}

/* What a misfit is, in words: its bytes say nothing to a person. */
static void describe(const pawl_postgres_output *output, const pawl_postgres_field *field, char out[PAWL_TEXT_EXCERPT_BYTES])
{
	const char *words = "a value";

	if (output->type.kind == PAWL_POSTGRES_FORMATTED) {
		pawl_text_excerpt(field->bytes, field->length, out);
		return;
	}
	if (output->type.kind == PAWL_POSTGRES_DECIMAL && field->length >= 6)
		words = pawl_postgres_read16(field->bytes + 4) == 0xc000   ? "NaN"
		        : pawl_postgres_read16(field->bytes + 4) == 0xd000 ? "Infinity"
		        : pawl_postgres_read16(field->bytes + 4) == 0xf000 ? "-Infinity"
		                                                           : "more digits";
	else if (output->type.kind == PAWL_POSTGRES_TIMESTAMP)
		words = "a time after the year 294246";
	else if (output->type.kind == PAWL_POSTGRES_INTERVAL)
		words = "infinity";
	snprintf(out, PAWL_TEXT_EXCERPT_BYTES, "%s", words);
}

static pawl_status tell(pawl_postgres_problem problem, const char *row, const pawl_postgres_output *output,
                        const pawl_postgres_field *field, pawl_error *error)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];
	bool is_formatted = output->type.kind == PAWL_POSTGRES_FORMATTED;

	switch (problem) {
	case PAWL_POSTGRES_MISFIT:
		describe(output, field, excerpt);
		pawl_error_set(error, PAWL_INVALID, "%s has the value '%s', which is no %s%s", row, excerpt,
		               is_formatted ? "time of the format " : "",
		               is_formatted ? pawl_key_format_names[output->format] : output->type_name);
		return pawl_error_hint(error, "correct the value, leave the column out (columns: exclude), or keep it as text "
		                              "(misfits: text)");
	case PAWL_POSTGRES_NOT_UTF8:
		pawl_text_excerpt(field->bytes, field->length, excerpt);
		pawl_error_set(error, PAWL_INVALID, "%s has the text '%s', which is not UTF-8", row, excerpt);
		return pawl_error_hint(error, "correct the value, or leave the column out (columns: exclude)");
	case PAWL_POSTGRES_TOO_LARGE:
		pawl_error_set(error, PAWL_INVALID, "%s has a value of %zu bytes, more than %zu", row, field->length,
		               PAWL_POSTGRES_VALUE_BYTES);
		return pawl_error_hint(error, "leave the column out (columns: exclude), or the row (where)");
	case PAWL_POSTGRES_MALFORMED:
	case PAWL_POSTGRES_NO_PROBLEM:
		break;
	}
	return pawl_error_set(error, PAWL_DATABASE, "%s is not in the format that was asked for", row);
}

static pawl_status fail_at(pawl_postgres_batch *batch, pawl_postgres_problem problem, size_t row, size_t column,
                           const pawl_postgres_field *field, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};
	const pawl_postgres_output *output = &batch->reading->outputs[column];

	batch->failed_row = batch->first_row + (int64_t) row;
	batch->failed_column = column;
	batch->is_misfit = problem == PAWL_POSTGRES_MISFIT;
	append_row(batch, row, &name);
	PAWL_TRY(pawl_buffer_status(&name, error));
	tell(problem, pawl_buffer_text(&name), output, field, error);
	return pawl_error_prefix(error, "column '%s': ", output->name);
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* Bytes that each kind has; 0: any number. */
static const size_t lengths[] = {
	[PAWL_POSTGRES_BOOLEAN] = 1,   [PAWL_POSTGRES_SMALLINT] = 2, [PAWL_POSTGRES_INTEGER] = 4,   [PAWL_POSTGRES_BIGINT] = 8,
	[PAWL_POSTGRES_FLOAT] = 4,     [PAWL_POSTGRES_DOUBLE] = 8,   [PAWL_POSTGRES_UUID] = 16,     [PAWL_POSTGRES_DATE] = 4,
	[PAWL_POSTGRES_TIME] = 8,      [PAWL_POSTGRES_TIMESTAMP] = 8, [PAWL_POSTGRES_INTERVAL] = 16, [PAWL_POSTGRES_FORMATTED] = 0,
};

static pawl_postgres_problem put_text(pawl_stream_vector *vector, size_t row, const pawl_postgres_field *field)
{
	if (pawl_text_valid_utf8(field->bytes, field->length) != field->length)
		return PAWL_POSTGRES_NOT_UTF8;
	pawl_stream_set_bytes(vector, row, field->bytes, field->length);
	return PAWL_POSTGRES_NO_PROBLEM;
}

/* DuckDB keeps a decimal in an integer that is as wide as its precision asks. */
static pawl_postgres_problem put_decimal(const pawl_postgres_type *type, pawl_stream_vector *vector, size_t row,
                                         const pawl_postgres_field *field)
{
	pawl_int128 unscaled;
	pawl_postgres_problem problem = pawl_postgres_exact_decimal(field, type->precision, type->scale, &unscaled);

	if (problem != PAWL_POSTGRES_NO_PROBLEM)
		return problem;
	if (type->precision <= 4)
		((int16_t *) vector->cells)[row] = (int16_t) unscaled;
	else if (type->precision <= 9)
		((int32_t *) vector->cells)[row] = (int32_t) unscaled;
	else if (type->precision <= 18)
		((int64_t *) vector->cells)[row] = (int64_t) unscaled;
	else
		memcpy((char *) vector->cells + row * sizeof(unscaled), &unscaled, sizeof(unscaled));
	return PAWL_POSTGRES_NO_PROBLEM;
}

/* DuckDB keeps a UUID as a signed number of 128 bits, its highest bit turned, so that numbers are in the order of UUIDs. */
static void put_uuid(pawl_stream_vector *vector, size_t row, const char *bytes)
{
	uint64_t halves[2] = {pawl_postgres_read64(bytes + 8), pawl_postgres_read64(bytes) ^ (UINT64_C(1) << 63)};
	memcpy((char *) vector->cells + row * sizeof(halves), halves, sizeof(halves));
}

/* duckdb_interval: months, days, microseconds. PostgreSQL 17 has infinities, all of whose parts are the greatest or least. */
static pawl_postgres_problem put_interval(pawl_stream_vector *vector, size_t row, const char *bytes)
{
	struct {
		int32_t months, days;
		int64_t us;
	} interval = {(int32_t) pawl_postgres_read32(bytes + 12), (int32_t) pawl_postgres_read32(bytes + 8),
	              (int64_t) pawl_postgres_read64(bytes)};

	if ((interval.us == INT64_MAX && interval.days == INT32_MAX && interval.months == INT32_MAX) ||
	    (interval.us == INT64_MIN && interval.days == INT32_MIN && interval.months == INT32_MIN))
		return PAWL_POSTGRES_MISFIT;
	memcpy((char *) vector->cells + row * sizeof(interval), &interval, sizeof(interval));
	return PAWL_POSTGRES_NO_PROBLEM;
}

static pawl_postgres_problem misfit_unless(bool is_kept)
{
	return is_kept ? PAWL_POSTGRES_NO_PROBLEM : PAWL_POSTGRES_MISFIT;
}

static pawl_postgres_problem put_value(const pawl_postgres_output *output, pawl_stream_vector *vector, size_t row,
                                       const pawl_postgres_field *field)
{
	const char *bytes = field->bytes;
	size_t length = lengths[output->type.kind];

	if (length != 0 && field->length != length)
		return PAWL_POSTGRES_MALFORMED;
	switch (output->type.kind) {
	case PAWL_POSTGRES_TEXT:
		return put_text(vector, row, field);
	case PAWL_POSTGRES_BLOB:
		pawl_stream_set_bytes(vector, row, bytes, field->length);
		break;
	case PAWL_POSTGRES_BOOLEAN:
		((bool *) vector->cells)[row] = *bytes != 0;
		break;
	case PAWL_POSTGRES_SMALLINT:
		((uint16_t *) vector->cells)[row] = pawl_postgres_read16(bytes);
		break;
	case PAWL_POSTGRES_INTEGER:
	case PAWL_POSTGRES_FLOAT:
		((uint32_t *) vector->cells)[row] = pawl_postgres_read32(bytes);
		break;
	case PAWL_POSTGRES_BIGINT:
	case PAWL_POSTGRES_DOUBLE:
	case PAWL_POSTGRES_TIME:
		((uint64_t *) vector->cells)[row] = pawl_postgres_read64(bytes);
		break;
	case PAWL_POSTGRES_DECIMAL:
		return put_decimal(&output->type, vector, row, field);
	case PAWL_POSTGRES_UUID:
		put_uuid(vector, row, bytes);
		break;
	case PAWL_POSTGRES_DATE:
		return misfit_unless(pawl_postgres_exact_date((int32_t) pawl_postgres_read32(bytes), (int32_t *) vector->cells + row));
	case PAWL_POSTGRES_TIMESTAMP:
		return misfit_unless(
			pawl_postgres_exact_timestamp((int64_t) pawl_postgres_read64(bytes), (int64_t *) vector->cells + row));
	case PAWL_POSTGRES_INTERVAL:
		return put_interval(vector, row, bytes);
	case PAWL_POSTGRES_FORMATTED:
		return misfit_unless(pawl_postgres_exact_formatted(field, output->format, (int64_t *) vector->cells + row));
	}
	return PAWL_POSTGRES_NO_PROBLEM;
}

/* ---- a batch --------------------------------------------------------------------------------------------------------- */

static pawl_status decode_row(pawl_postgres_batch *batch, size_t row, pawl_stream_chunk *chunk, pawl_error *error)
{
	const pawl_postgres_reading *reading = batch->reading;
	pawl_postgres_cursor cursor = {batch->rows[row].fields, batch->rows[row].length};
	pawl_postgres_field field = {0};

	for (size_t i = 0; i < reading->plan.output_count; i++) {
		pawl_stream_vector *vector = &chunk->columns[i];
		pawl_postgres_problem problem = PAWL_POSTGRES_NO_PROBLEM;
		if (!pawl_postgres_next(&cursor, &field))
			return fail_at(batch, PAWL_POSTGRES_MALFORMED, row, i, &field, error);
		if (vector->cells == NULL)
			continue;
		if (field.bytes == NULL)
			pawl_stream_set_null(vector, row);
		else if (field.length > PAWL_POSTGRES_VALUE_BYTES)
			problem = PAWL_POSTGRES_TOO_LARGE;
		else
			problem = put_value(&reading->outputs[i], vector, row, &field);
		if (problem != PAWL_POSTGRES_NO_PROBLEM)
			return fail_at(batch, problem, row, i, &field, error);
	}
	return PAWL_OK;
}

pawl_status pawl_postgres_decode(pawl_postgres_batch *batch, pawl_stream_chunk *chunk, pawl_error *error)
{
	for (size_t row = 0; row < batch->row_count; row++)
		PAWL_TRY(decode_row(batch, row, chunk, error));
	return PAWL_OK;
}
