#include "source/postgres/reading.h"

#include "base/time.h"

/* The file header of COPY's binary format: a signature, flags, and the length of an extension, which is skipped. */
static const char signature[11] = "PGCOPY\n\377\r\n";
#define HEADER_BYTES (sizeof(signature) + 8)

static pawl_status fail_protocol(const char *what, pawl_error *error)
{
	return pawl_error_set(error, PAWL_DATABASE, "the server's rows are not in the format that was asked for: %s", what);
}

/* ---- statements ------------------------------------------------------------------------------------------------------ */

static pawl_status begin_copy(pawl_postgres_lane *lane, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_append(&sql, "COPY (");
	pawl_postgres_append_phase(&sql, &lane->reading->plan, lane->part.phase, &lane->part.range);
	pawl_buffer_append(&sql, ") TO STDOUT (FORMAT binary)");
	PAWL_TRY(pawl_buffer_status(&sql, error));
	PAWL_TRY(pawl_postgres_query(lane->postgres, pawl_buffer_text(&sql), &result, error));
	if (pawl_pq.resultStatus(result) != PGRES_COPY_OUT || pawl_pq.binaryTuples(result) == 0)
		return fail_protocol("it does not copy", error);
	lane->is_copying = true;
	lane->has_header = lane->has_trailer = false;
	return PAWL_OK;
}

/* No more rows came. That it was the end is what the server has to say: twice, in the rows and in its result. */
static pawl_status end_copy(pawl_postgres_lane *lane, pawl_error *error)
{
	PAWL_CLEANUP(pawl_postgres_clear_result) PGresult *result = pawl_pq.getResult(lane->postgres->connection);

	lane->is_copying = false;
	if (pawl_pq.resultStatus(result) != PGRES_COMMAND_OK) {
		pawl_postgres_fail(lane->postgres, result, error);
		pawl_postgres_drain(lane->postgres);
		return error->status;
	}
	pawl_postgres_drain(lane->postgres);
	if (!lane->has_trailer)
		return fail_protocol("they have no end", error);
	return PAWL_OK;
}

void pawl_postgres_stop_copy(pawl_postgres_lane *lane)
{
	if (lane->row.memory != NULL)
		pawl_pq.freemem(lane->row.memory);
	lane->row.memory = NULL;
	if (!lane->is_copying)
		return;
	lane->is_copying = false;
	pawl_postgres_cancel(lane->postgres);
	pawl_postgres_drain(lane->postgres); /* what is wrong with the connection, the next statement will say */
}

/* ---- messages -------------------------------------------------------------------------------------------------------- */

/* *ret_length is 0 at the end. */
static pawl_status receive(pawl_postgres_lane *lane, char **ret_bytes, size_t *ret_length, pawl_error *error)
{
	PGconn *connection = lane->postgres->connection;
	int64_t since_us = 0;
	int length;

	while ((length = pawl_pq.getCopyData(connection, ret_bytes, 1)) == 0) {
		if (pawl_pq.status(connection) != CONNECTION_OK)
			return pawl_postgres_fail(lane->postgres, NULL, error);
		if (since_us == 0)
			since_us = pawl_time_monotonic_us();
		PAWL_TRY(pawl_postgres_wait(lane->postgres, since_us, error));
	}
	if (length == -2)
		return pawl_postgres_fail(lane->postgres, NULL, error);
	*ret_length = length < 0 ? 0 : (size_t) length;
	return length < 0 ? end_copy(lane, error) : PAWL_OK;
}

/* Takes the header off the first message, which the first row is in, too. */
static pawl_status skip_header(pawl_postgres_lane *lane, pawl_postgres_row *row, pawl_error *error)
{
	if (lane->has_header)
		return PAWL_OK;
	if (row->length < HEADER_BYTES || memcmp(row->fields, signature, sizeof(signature)) != 0)
		return fail_protocol("they have no beginning", error);
	size_t extension = pawl_postgres_read32(row->fields + HEADER_BYTES - 4);
	if (extension > row->length - HEADER_BYTES)
		return fail_protocol("their beginning is too long", error);
	row->fields += HEADER_BYTES + extension;
	row->length -= HEADER_BYTES + extension;
	lane->has_header = true;
	return PAWL_OK;
}

/* One message is one row; the number of its fields is -1 behind the last one. */
static pawl_status split(pawl_postgres_lane *lane, pawl_postgres_row *row, bool *ret_is_row, pawl_error *error)
{
	*ret_is_row = false;
	PAWL_TRY(skip_header(lane, row, error));
	if (row->length == 0)
		return PAWL_OK;
	if (row->length < 2 || lane->has_trailer)
		return fail_protocol("a row is cut", error);
	int count = (int16_t) pawl_postgres_read16(row->fields);
	row->fields += 2;
	row->length -= 2;
	if (count == -1) {
		lane->has_trailer = true;
		return row->length == 0 ? PAWL_OK : fail_protocol("they go on behind their end", error);
	}
	if (count != (int) lane->reading->column_count)
		return fail_protocol("a row has other columns", error);
	*ret_is_row = true;
	return PAWL_OK;
}

static pawl_status read_message(pawl_postgres_lane *lane, pawl_error *error)
{
	pawl_postgres_row row = {0};
	bool is_row = false;

	PAWL_TRY(receive(lane, &row.memory, &row.length, error));
	if (row.length == 0)
		return PAWL_OK;
	row.fields = row.memory;
	pawl_status status = split(lane, &row, &is_row, error);
	if (is_row)
		lane->row = row;
	else
		pawl_pq.freemem(row.memory);
	return status;
}

pawl_status pawl_postgres_find_row(pawl_postgres_lane *lane, pawl_error *error)
{
	while (lane->row.memory == NULL && !lane->is_done) {
		if (lane->is_copying)
			PAWL_TRY(read_message(lane, error));
		else if (pawl_postgres_take_part(lane))
			PAWL_TRY(begin_copy(lane, error));
		else
			lane->is_done = true;
	}
	return PAWL_OK;
}
