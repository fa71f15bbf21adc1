/* A transaction, and the checkpoint that its commit makes. */
#include "destination/stream/internal.h"

#include "base/time.h"

/* A state that is longer than this is told once in a while, and when all is done: it is the same for most tables each time. */
#define LONG_STATE_BYTES ((size_t) 64 * 1024)
#define LONG_STATE_US    INT64_C(2000000)

/* ---- checkpoints ------------------------------------------------------------------------------------------------------ */

static pawl_status tell(pawl_stream_replica *stream, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	PAWL_TRY(pawl_stream_state_write(&stream->tables, &text, error));
	PAWL_TRY(stream->receiver->checkpoint(stream->receiver->context, pawl_buffer_text(&text), error));
	PAWL_STEP("stream: checkpoint");
	stream->is_told = true;
	stream->told_bytes = text.length;
	stream->told_us = pawl_time_monotonic_us();
	return PAWL_OK;
}

/* From now on that is what is known of the table. Nothing is left in `table`. */
static pawl_status know(pawl_stream_replica *stream, pawl_stream_table *table, pawl_error *error)
{
	pawl_stream_table *known = pawl_stream_tables_find(&stream->tables, table->layout.schema, table->layout.name);

	if (known == NULL)
		known = pawl_stream_tables_add(&stream->tables);
	if (known == NULL)
		return pawl_error_out_of_memory(error);
	pawl_stream_table_clear(known);
	*known = *table;
	*table = (pawl_stream_table) {0};
	return PAWL_OK;
}

/* The table's in the receiver, whatever becomes of the transaction. */
static pawl_status add_beginning(pawl_stream_replica *stream, pawl_error *error)
{
	const pawl_replica_table *layout = &stream->changed.layout;
	PAWL_CLEANUP(pawl_stream_table_clear) pawl_stream_table begun = {.row_count = stream->changed.row_count};

	PAWL_TRY(pawl_replica_name_table(&begun.layout, layout->schema, "", layout->name, error));
	PAWL_TRY(pawl_replica_table_add_all(&begun.layout, layout, error));
	return know(stream, &begun, error);
}

pawl_status pawl_stream_tell_beginning(pawl_stream_replica *stream, pawl_error *error)
{
	PAWL_TRY(add_beginning(stream, error));
	PAWL_TRY(tell(stream, error));
	stream->changed.is_beginning = false;
	return PAWL_OK;
}

pawl_status pawl_stream_finish(pawl_replica *replica, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	return stream->is_told ? PAWL_OK : tell(stream, error);
}

/* ---- transactions ------------------------------------------------------------------------------------------------------ */

pawl_status pawl_stream_begin(pawl_replica *replica, pawl_error *error)
{
	return pawl_duck_run(replica->duck, "BEGIN TRANSACTION", error);
}

void pawl_stream_rollback(pawl_replica *replica)
{
	pawl_error ignored;

	pawl_stream_table_clear(&pawl_stream_replica_of(replica)->changed);
	(void) pawl_duck_run(replica->duck, "ROLLBACK", &ignored);
}

pawl_status pawl_stream_commit(pawl_replica *replica, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	if (stream->changed.layout.name == NULL)
		return pawl_duck_run(replica->duck, "COMMIT", error);
	bool is_beginning = stream->changed.is_beginning;
	if (!is_beginning) /* else rows come, in another transaction, or at least its end */
		PAWL_TRY(pawl_stream_announce(stream, &stream->changed.layout, error));
	stream->changed.is_beginning = false; /* the state that is saved with it begins anew, too */
	PAWL_TRY(pawl_duck_run(replica->duck, "COMMIT", error));
	PAWL_TRY(know(stream, &stream->changed, error));
	stream->is_told = false;
	if (!is_beginning && stream->told_bytes > LONG_STATE_BYTES && pawl_time_monotonic_us() - stream->told_us < LONG_STATE_US)
		return PAWL_OK;
	return tell(stream, error);
}

pawl_status pawl_stream_change(pawl_stream_replica *stream, const char *schema, const char *name, pawl_error *error)
{
	const pawl_stream_table *known = pawl_stream_tables_find(&stream->tables, schema, name);

	if (stream->changed.layout.name != NULL)
		return PAWL_OK;
	if (known != NULL)
		return pawl_stream_table_copy(known, &stream->changed, error);
	return pawl_replica_name_table(&stream->changed.layout, schema, "", name, error);
}
