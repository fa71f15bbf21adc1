/*
 * duck/stream.c: the table function that asks a producer for its rows.
 *
 * Each thread of a statement that calls it reads a *part*. A part begins with the thread's first question, and ends when the
 * producer answers that it has no more, or when the rest is left to other parts. The stream was read to its end when the producer
 * has answered so, and no part is left open: a thread that took rows and asked no further may have thrown them away.
 */
#include "duck/internal.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What a statement fails with when the producer did; its own error is kept in the stream. */
#define PRODUCER_FAILED "pawl: what the rows come from failed"

/* Since DuckDB 1.5, and so not in the duckdb.h of 1.4: the same as the one without `unsafe`, which checks that it is UTF-8. */
void duckdb_unsafe_vector_assign_string_element_len(duckdb_vector vector, idx_t index, const char *bytes, idx_t length);

#define ROW_GROUP_ROWS 122880 /* unless a file was attached with another size */

typedef struct stream_column {
	char *name;
	duckdb_logical_type type;
} stream_column;

struct pawl_stream {
	pawl_streams *streams;
	size_t number; /* in `streams` */
	char relation[40];
	stream_column *columns;
	size_t column_count;
	pawl_stream_producer producer;

	atomic_bool is_read; /* a statement has begun to read it */
	atomic_size_t open_parts, ended_parts;
	atomic_bool has_failed;
	pthread_mutex_t mutex; /* of the failure */
	pawl_error failure;    /* the first one */
};

/* ---- the streams of a database --------------------------------------------------------------------------------------- */

struct pawl_streams {
	atomic_size_t holders;
	pthread_mutex_t mutex; /* of what follows */
	pawl_stream **items;   /* by number; NULL where the stream was freed */
	size_t count;
};

pawl_streams *pawl_streams_hold(pawl_streams *streams)
{
	atomic_fetch_add(&streams->holders, 1);
	return streams;
}

void pawl_streams_release(pawl_streams *streams)
{
	if (streams == NULL || atomic_fetch_sub(&streams->holders, 1) > 1)
		return;
	pthread_mutex_destroy(&streams->mutex);
	pawl_free(streams->items);
	pawl_free(streams);
}

static void release(void *streams)
{
	pawl_streams_release(streams);
}

static pawl_streams *new_streams(void)
{
	pawl_streams *streams = pawl_allocate(sizeof(*streams));
	if (streams == NULL)
		return NULL;
	atomic_init(&streams->holders, 1);
	pthread_mutex_init(&streams->mutex, NULL); /* cannot fail on Linux without attributes */
	return streams;
}

static pawl_status publish(pawl_stream *stream, pawl_error *error)
{
	pawl_streams *streams = stream->streams;

	pthread_mutex_lock(&streams->mutex);
	pawl_stream **items = pawl_reallocate(streams->items, (streams->count + 1) * sizeof(pawl_stream *));
	if (items != NULL) {
		streams->items = items;
		stream->number = streams->count++;
		items[stream->number] = stream;
	}
	pthread_mutex_unlock(&streams->mutex);
	if (items == NULL)
		return pawl_error_out_of_memory(error);
	snprintf(stream->relation, sizeof(stream->relation), "pawl_stream(%zu)", stream->number);
	return PAWL_OK;
}

static void withdraw(const pawl_stream *stream)
{
	if (stream->relation[0] == '\0')
		return;
	pthread_mutex_lock(&stream->streams->mutex);
	stream->streams->items[stream->number] = NULL;
	pthread_mutex_unlock(&stream->streams->mutex);
}

static pawl_stream *find(pawl_streams *streams, int64_t number)
{
	pthread_mutex_lock(&streams->mutex);
	bool is_known = number >= 0 && (uint64_t) number < streams->count;
	pawl_stream *stream = is_known ? streams->items[number] : NULL;
	pthread_mutex_unlock(&streams->mutex);
	return stream;
}

/* ---- a stream -------------------------------------------------------------------------------------------------------- */

/* DuckDB reads the name of the type, so that this knows as many as DuckDB does. */
static pawl_status find_type(pawl_duck *duck, const char *name, duckdb_logical_type *ret_type, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(duckdb_destroy_result) duckdb_result result = {0};

	pawl_buffer_appendf(&sql, "SELECT NULL::%s", name);
	PAWL_TRY(pawl_buffer_status(&sql, error));
	if (duckdb_query(duck->connection, pawl_buffer_text(&sql), &result) == DuckDBError)
		return pawl_duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result), error);
	*ret_type = duckdb_column_logical_type(&result, 0);
	return PAWL_OK;
}

static pawl_status add_columns(pawl_stream *stream, pawl_duck *duck, const pawl_stream_column *columns, size_t count,
                               pawl_error *error)
{
	stream->columns = pawl_allocate_array(count, sizeof(*stream->columns));
	if (stream->columns == NULL)
		return pawl_error_out_of_memory(error);
	stream->column_count = count;
	for (size_t i = 0; i < count; i++) {
		stream->columns[i].name = pawl_duplicate(columns[i].name);
		if (stream->columns[i].name == NULL)
			return pawl_error_out_of_memory(error);
		if (find_type(duck, columns[i].type, &stream->columns[i].type, error) != PAWL_OK)
			return pawl_error_prefix(error, "column '%s': ", columns[i].name);
	}
	return PAWL_OK;
}

static void free_stream(pawl_stream **stream)
{
	pawl_stream_free(*stream);
}

pawl_status pawl_stream_new(pawl_duck *duck, const pawl_stream_column *columns, size_t column_count,
                            const pawl_stream_producer *producer, pawl_stream **ret_stream, pawl_error *error)
{
	PAWL_CLEANUP(free_stream) pawl_stream *stream = pawl_allocate(sizeof(*stream));

	if (stream == NULL)
		return pawl_error_out_of_memory(error);
	pthread_mutex_init(&stream->mutex, NULL);
	stream->streams = pawl_streams_hold(duck->streams);
	stream->producer = *producer;
	PAWL_TRY(add_columns(stream, duck, columns, column_count, error));
	PAWL_TRY(publish(stream, error));
	*ret_stream = PAWL_TAKE(stream);
	return PAWL_OK;
}

void pawl_stream_free(pawl_stream *stream)
{
	if (stream == NULL)
		return;
	withdraw(stream);
	for (size_t i = 0; i < stream->column_count; i++) {
		pawl_free(stream->columns[i].name);
		duckdb_destroy_logical_type(&stream->columns[i].type);
	}
	pawl_free(stream->columns);
	pthread_mutex_destroy(&stream->mutex);
	pawl_streams_release(stream->streams);
	pawl_free(stream);
}

const char *pawl_stream_relation(const pawl_stream *stream)
{
	return stream->relation;
}

void pawl_stream_rearm(pawl_stream *stream)
{
	atomic_store(&stream->is_read, false);
	atomic_store(&stream->open_parts, 0);
	atomic_store(&stream->ended_parts, 0);
	atomic_store(&stream->has_failed, false);
}

static void note_failure(pawl_stream *stream, const pawl_error *failure)
{
	pthread_mutex_lock(&stream->mutex);
	if (!atomic_load(&stream->has_failed))
		stream->failure = *failure;
	atomic_store(&stream->has_failed, true);
	pthread_mutex_unlock(&stream->mutex);
}

/* The statement is over, and with it all threads that could have written the failure. */
pawl_status pawl_stream_check(const pawl_stream *stream, pawl_error *error)
{
	if (atomic_load(&stream->has_failed)) {
		*error = stream->failure;
		return error->status;
	}
	if (atomic_load(&stream->open_parts) > 0 || atomic_load(&stream->ended_parts) == 0)
		return pawl_error_set(error, PAWL_INTERNAL, "'%s' was not read to its end", stream->relation);
	return PAWL_OK;
}

/* ---- the table function ---------------------------------------------------------------------------------------------- */

/* What one thread reads. */
typedef struct part {
	pawl_stream *stream;
	void *thread_state; /* the producer's */
	void (*free_thread_state)(void *thread_state);
	bool has_begun, has_ended;
	size_t row_count; /* so far */
	pawl_stream_vector vectors[]; /* of all columns of the stream; those that nobody wants stay zeroed */
} part;

static void bind(duckdb_bind_info info)
{
	duckdb_value parameter = duckdb_bind_get_parameter(info, 0);
	int64_t number = duckdb_is_null_value(parameter) ? -1 : duckdb_get_int64(parameter); /* which throws at NULL */
	duckdb_destroy_value(&parameter);

	pawl_stream *stream = find(duckdb_bind_get_extra_info(info), number);
	if (stream == NULL) {
		duckdb_bind_set_error(info, "pawl: no stream has this number");
		return;
	}
	for (size_t i = 0; i < stream->column_count; i++)
		duckdb_bind_add_result_column(info, stream->columns[i].name, stream->columns[i].type);
	duckdb_bind_set_bind_data(info, stream, NULL);
}

static void init(duckdb_init_info info)
{
	pawl_stream *stream = duckdb_init_get_bind_data(info);
	size_t column_count = duckdb_init_get_column_count(info);
	idx_t *columns = pawl_allocate_array(column_count, sizeof(*columns));

	if (columns == NULL) {
		duckdb_init_set_error(info, PAWL_DUCK_REFUSED);
		return;
	}
	for (size_t i = 0; i < column_count; i++)
		columns[i] = duckdb_init_get_column_index(info, i);
	duckdb_init_set_init_data(info, columns, pawl_free);
	duckdb_init_set_max_threads(info, stream->producer.threads);
	if (atomic_exchange(&stream->is_read, true))
		duckdb_init_set_error(info, "pawl: this stream was read already");
}

/* By a thread of DuckDB's, which may be late: the statement is over by then, and the stream may be gone. */
static void free_part(void *data)
{
	part *ended = data;
	if (ended->thread_state != NULL && ended->free_thread_state != NULL)
		ended->free_thread_state(ended->thread_state);
	pawl_free(ended);
}

static void init_part(duckdb_init_info info)
{
	pawl_stream *stream = duckdb_init_get_bind_data(info);
	part *begun = pawl_allocate(sizeof(*begun) + stream->column_count * sizeof(begun->vectors[0]));

	if (begun == NULL) {
		duckdb_init_set_error(info, PAWL_DUCK_REFUSED);
		return;
	}
	begun->stream = stream;
	begun->free_thread_state = stream->producer.free_thread_state;
	duckdb_init_set_init_data(info, begun, free_part);
}

/*
 * A thread that begins a row group writes the one before it, and meanwhile the others take what is left of the rows: near their
 * end, a group of some thousand rows would be all that comes of it. DuckDB merges that with its neighbours, which are written
 * anew, as soon as a few of their rows are deleted. So a thread leaves the rest to the others, at the end of a row group, when
 * less than one of them is left. Somebody stays.
 */
static bool is_left_to_others(const part *reader)
{
	const pawl_stream_producer *producer = &reader->stream->producer;
	size_t parts = atomic_load(&reader->stream->open_parts);

	if (reader->row_count == 0 || producer->rows_left == NULL ||
	    (reader->row_count - 1) / ROW_GROUP_ROWS == (reader->row_count + PAWL_STREAM_ROWS - 1) / ROW_GROUP_ROWS ||
	    producer->rows_left(producer->context) >= ROW_GROUP_ROWS)
		return false;
	while (parts > 1)
		if (atomic_compare_exchange_weak(&reader->stream->open_parts, &parts, parts - 1))
			return true;
	return false;
}

/* A chunk of DuckDB's has other cells each time. */
static void take_vectors(part *reader, const idx_t *columns, duckdb_data_chunk output)
{
	idx_t count = duckdb_data_chunk_get_column_count(output);

	for (idx_t i = 0; i < count; i++) {
		if (columns[i] >= reader->stream->column_count) /* count(*) asks for a row id, which it does not read */
			continue;
		duckdb_vector vector = duckdb_data_chunk_get_vector(output, i);
		reader->vectors[columns[i]] = (pawl_stream_vector) {duckdb_vector_get_data(vector), vector};
	}
}

static pawl_status ask(part *reader, size_t *ret_row_count, pawl_error *error)
{
	pawl_stream *stream = reader->stream;
	pawl_stream_chunk chunk = {.columns = reader->vectors, .column_count = stream->column_count};

	if (!reader->has_begun)
		atomic_fetch_add(&stream->open_parts, 1);
	reader->has_begun = true;
	PAWL_TRY(stream->producer.fill(stream->producer.context, &reader->thread_state, &chunk, error));
	assert(chunk.row_count <= PAWL_STREAM_ROWS);
	if (chunk.row_count == 0) {
		reader->has_ended = true;
		atomic_fetch_add(&stream->ended_parts, 1);
		atomic_fetch_sub(&stream->open_parts, 1);
	}
	reader->row_count += chunk.row_count;
	*ret_row_count = chunk.row_count;
	return PAWL_OK;
}

static void read_part(duckdb_function_info info, duckdb_data_chunk output)
{
	part *reader = duckdb_function_get_local_init_data(info);
	size_t row_count = 0;
	pawl_error error;

	if (atomic_load(&reader->stream->has_failed)) {
		duckdb_function_set_error(info, PRODUCER_FAILED);
		return;
	}
	reader->has_ended = reader->has_ended || is_left_to_others(reader);
	if (!reader->has_ended) {
		take_vectors(reader, duckdb_function_get_init_data(info), output);
		pawl_error_clear(&error);
		if (ask(reader, &row_count, &error) != PAWL_OK) {
			note_failure(reader->stream, &error);
			duckdb_function_set_error(info, PRODUCER_FAILED);
			return;
		}
	}
	duckdb_data_chunk_set_size(output, row_count);
}

pawl_status pawl_stream_register(pawl_duck *duck, pawl_error *error)
{
	PAWL_CLEANUP(duckdb_destroy_table_function) duckdb_table_function function = duckdb_create_table_function();
	PAWL_CLEANUP(duckdb_destroy_logical_type) duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);

	duck->streams = new_streams();
	if (duck->streams == NULL)
		return pawl_error_out_of_memory(error);
	duckdb_table_function_set_name(function, "pawl_stream");
	duckdb_table_function_add_parameter(function, number);
	duckdb_table_function_set_extra_info(function, pawl_streams_hold(duck->streams), release);
	duckdb_table_function_set_bind(function, bind);
	duckdb_table_function_set_init(function, init);
	duckdb_table_function_set_local_init(function, init_part);
	duckdb_table_function_set_function(function, read_part);
	duckdb_table_function_supports_projection_pushdown(function, true);
	if (duckdb_register_table_function(duck->connection, function) == DuckDBError)
		return pawl_error_set(error, PAWL_DATABASE, "DuckDB refuses the table function 'pawl_stream'");
	return PAWL_OK;
}

/* ---- cells ----------------------------------------------------------------------------------------------------------- */

void pawl_stream_set_null(pawl_stream_vector *vector, size_t row)
{
	duckdb_vector_ensure_validity_writable(vector->handle);
	duckdb_vector_get_validity(vector->handle)[row / 64] &= ~(UINT64_C(1) << row % 64);
}

/* A short text lies in the cell itself, its unused bytes zeros; a long one in memory of the vector's. */
void pawl_stream_set_bytes(pawl_stream_vector *vector, size_t row, const char *bytes, size_t length)
{
	duckdb_string_t *string = (duckdb_string_t *) vector->cells + row;

	if (length > sizeof(string->value.inlined.inlined)) {
		duckdb_unsafe_vector_assign_string_element_len(vector->handle, row, bytes, length);
		return;
	}
	memset(string, 0, sizeof(*string));
	string->value.inlined.length = (uint32_t) length;
	if (length > 0)
		memcpy(string->value.inlined.inlined, bytes, length);
}
