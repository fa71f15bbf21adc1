#include "destination/stream/internal.h"

#include <string.h>

/* Keys of rows that were sent, where nobody else keeps them unique; and rows that are looked at before they are sent. */
static const char keys[] = "temp.main.pawl_keys";
static const char window[] = "temp.main.pawl_window";

static bool has_key(const pawl_replica_table *table)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].key_rank > 0)
			return true;
	return false;
}

static bool is_key_doubtful(const pawl_replica_table *table)
{
	return has_key(table) && !table->is_key_unique;
}

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static void stream_close(pawl_replica *replica)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	pawl_duck_close(replica->duck);
	pawl_stream_tables_clear(&stream->tables);
	pawl_stream_table_clear(&stream->changed);
	pawl_free(stream);
}

static pawl_status stream_connect(pawl_replica *replica, pawl_replica **ret_replica, pawl_error *error)
{
	(void) replica;
	(void) ret_replica;
	return pawl_error_set(error, PAWL_INTERNAL, "a receiver takes one table at a time");
}

/* ---- what is known ---------------------------------------------------------------------------------------------------- */

static pawl_status stream_describe(pawl_replica *replica, pawl_replica_tables *ret_tables, pawl_error *error)
{
	const pawl_stream_tables *known = &pawl_stream_replica_of(replica)->tables;
	PAWL_CLEANUP(pawl_replica_tables_clear) pawl_replica_tables tables = {0};

	for (size_t i = 0; i < known->count; i++) {
		const pawl_replica_table *layout = &known->items[i].layout;
		pawl_replica_table *table = known->items[i].has_state ? pawl_replica_tables_add(&tables) : NULL;
		if (table == NULL && known->items[i].has_state)
			return pawl_error_out_of_memory(error);
		if (table == NULL)
			continue;
		PAWL_TRY(pawl_replica_name_table(table, layout->schema, "", layout->name, error));
		PAWL_TRY(pawl_replica_table_add_all(table, layout, error));
	}
	*ret_tables = tables;
	tables = (pawl_replica_tables) {0};
	return PAWL_OK;
}

static pawl_status stream_load_states(pawl_replica *replica, pawl_replica_states *ret_states, pawl_error *error)
{
	const pawl_stream_tables *known = &pawl_stream_replica_of(replica)->tables;
	PAWL_CLEANUP(pawl_replica_states_clear) pawl_replica_states states = {0};

	for (size_t i = 0; i < known->count; i++) {
		if (!known->items[i].has_state)
			continue;
		pawl_replica_state *state = pawl_replica_states_add(&states);
		if (state == NULL)
			return pawl_error_out_of_memory(error);
		PAWL_TRY(pawl_replica_state_copy(&known->items[i].state, state, error));
	}
	*ret_states = states;
	states = (pawl_replica_states) {0};
	return PAWL_OK;
}

/* Of the transaction's table, what it has sent counts; rows that are to be gone do as long as it has not begun. */
static pawl_status stream_count_rows(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	const pawl_stream_replica *stream = pawl_stream_replica_of(replica);
	const pawl_stream_table *known = pawl_stream_tables_find(&stream->tables, table->schema, table->name);

	(void) error;
	if (replica->is_in_transaction && stream->changed.layout.name != NULL)
		known = &stream->changed;
	*ret_rows = known == NULL || (known == &stream->changed && known->is_truncation_due) ? 0 : known->row_count;
	return PAWL_OK;
}

/* Its rows are not here. Their keys are, of this run, where they may not be unique. */
static void stream_append_table(pawl_buffer *sql, const pawl_replica *replica, const pawl_replica_table *table)
{
	(void) replica;
	if (is_key_doubtful(table)) {
		pawl_buffer_append(sql, keys);
		return;
	}
	for (size_t i = 0; i < table->column_count; i++) {
		pawl_buffer_appendf(sql, "%sCAST(NULL AS %s) AS ", i == 0 ? "(SELECT " : ", ", table->columns[i].type);
		pawl_buffer_append_identifier(sql, table->columns[i].name);
	}
	pawl_buffer_append(sql, " WHERE false)");
}

/* ---- tables ------------------------------------------------------------------------------------------------------------ */

static bool has_same_columns(const pawl_replica_table *left, const pawl_replica_table *right)
{
	bool is_same = left->column_count == right->column_count;

	for (size_t i = 0; is_same && i < left->column_count; i++)
		is_same = strcmp(left->columns[i].name, right->columns[i].name) == 0 &&
		          strcmp(left->columns[i].type, right->columns[i].type) == 0;
	return is_same;
}

static pawl_status set_layout(pawl_stream_replica *stream, const pawl_replica_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table layout = {0};

	PAWL_TRY(pawl_stream_change(stream, table->schema, table->name, error));
	PAWL_TRY(pawl_replica_name_table(&layout, table->schema, "", table->name, error));
	PAWL_TRY(pawl_replica_table_add_all(&layout, table, error));
	if (stream->changed.layout.column_count > 0 && !has_same_columns(&stream->changed.layout, &layout))
		stream->changed.is_change_due = true;
	pawl_replica_table_clear(&stream->changed.layout);
	stream->changed.layout = layout;
	layout = (pawl_replica_table) {0};
	return PAWL_OK;
}

static pawl_status make_keys(pawl_stream_replica *stream, const pawl_replica_table *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	const char *separator = " (";

	pawl_buffer_appendf(&sql, "CREATE OR REPLACE TEMP TABLE %s", keys);
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].key_rank == 0)
			continue;
		pawl_buffer_append(&sql, separator);
		pawl_buffer_append_identifier(&sql, table->columns[i].name);
		pawl_buffer_appendf(&sql, " %s", table->columns[i].type);
		separator = ", ";
	}
	pawl_buffer_append_character(&sql, ')');
	return pawl_duck_run_buffer(stream->replica.duck, &sql, error);
}

static pawl_status stream_create(pawl_replica *replica, const pawl_replica_table *table, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, table->schema, table->name, error));
	stream->changed.is_beginning = true;
	stream->changed.is_truncation_due = stream->changed.layout.column_count > 0; /* whatever became of those rows */
	PAWL_TRY(set_layout(stream, table, error));
	return is_key_doubtful(table) ? make_keys(stream, table, error) : PAWL_OK;
}

static pawl_status stream_add_column(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_column *column,
                                     pawl_error *error)
{
	(void) column;
	return set_layout(pawl_stream_replica_of(replica), table, error);
}

static pawl_status stream_change_type(pawl_replica *replica, const pawl_replica_table *table, const char *column, const char *type,
                                      const char *form, pawl_error *error)
{
	(void) column;
	(void) type;
	(void) form;
	return set_layout(pawl_stream_replica_of(replica), table, error);
}

/* Of a table that the state does not name nothing was sent. */
static pawl_status stream_drop(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, schema, name, error));
	stream->changed.is_truncation_due = stream->changed.layout.column_count > 0;
	return PAWL_OK;
}

/* There is one table alone, which is emptied in front of its first new row. */
static pawl_status stream_beside(const pawl_replica_table *table, pawl_replica_table *ret_beside, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_table_clear) pawl_replica_table beside = {.is_key_unique = table->is_key_unique};

	PAWL_TRY(pawl_replica_name_table(&beside, table->schema, "", table->name, error));
	PAWL_TRY(pawl_replica_table_add_all(&beside, table, error));
	*ret_beside = beside;
	beside = (pawl_replica_table) {0};
	return PAWL_OK;
}

/* Rows that share a key are one to the receiver, whatever the mode. */
static pawl_status stream_swap(pawl_replica *replica, const pawl_replica_table *table, const pawl_replica_table *beside,
                               pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *example = NULL;
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);
	int64_t rows;

	(void) beside;
	PAWL_TRY(pawl_stream_announce(stream, &stream->changed.layout, error));
	if (!is_key_doubtful(table))
		return PAWL_OK;
	PAWL_TRY(pawl_replica_count_duplicates(replica, table, keys, &rows, &example, error));
	if (rows == 0)
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "the primary key is not unique: %lld rows share theirs with another one, as (%s)",
	               (long long) rows, example);
	return pawl_error_hint(error, "name all columns that tell rows apart");
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static pawl_status keep_keys(pawl_stream_replica *stream, const pawl_replica_table *table, const char *relation, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	pawl_buffer_appendf(&sql, "CREATE OR REPLACE TEMP TABLE %s AS SELECT * FROM %s; INSERT INTO %s SELECT ", window, relation, keys);
	pawl_replica_append_key(&sql, table, ", ");
	pawl_buffer_appendf(&sql, " FROM %s", window);
	return pawl_duck_run_buffer(stream->replica.duck, &sql, error);
}

static pawl_status stream_insert(pawl_replica *replica, const pawl_replica_table *table, const char *relation, int64_t *ret_rows,
                                 pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, table->schema, table->name, error));
	if (!is_key_doubtful(table))
		return pawl_stream_send(stream, table, relation, ret_rows, error);
	PAWL_TRY(keep_keys(stream, table, relation, error));
	PAWL_TRY(pawl_stream_send(stream, table, window, ret_rows, error));
	return pawl_duck_run(replica->duck, "DROP TABLE temp.main.pawl_window", error);
}

static pawl_status stream_upsert(pawl_replica *replica, const pawl_replica_table *table, int64_t *ret_rows, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, table->schema, table->name, error));
	return pawl_stream_send(stream, table, pawl_replica_staged, ret_rows, error);
}

/* Which rows the receiver has cannot be asked. Those that come again are equal in all columns, and the table has no primary key. */
static pawl_status stream_append(pawl_replica *replica, const pawl_replica_table *table, uint64_t columns, const char *new_columns,
                                 int64_t *ret_rows, pawl_error *error)
{
	(void) columns;
	(void) new_columns;
	return stream_upsert(replica, table, ret_rows, error);
}

/* ---- states ------------------------------------------------------------------------------------------------------------ */

static pawl_status stream_save_state(pawl_replica *replica, const pawl_replica_state *state, pawl_error *error)
{
	PAWL_CLEANUP(pawl_replica_state_clear) pawl_replica_state copy = {0};
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, state->schema_name, state->table_name, error));
	PAWL_TRY(pawl_replica_state_copy(state, &copy, error));
	pawl_replica_state_clear(&stream->changed.state);
	stream->changed.state = copy;
	stream->changed.has_state = true;
	copy = (pawl_replica_state) {0};
	return PAWL_OK;
}

static pawl_status stream_forget_state(pawl_replica *replica, const char *schema, const char *name, pawl_error *error)
{
	pawl_stream_replica *stream = pawl_stream_replica_of(replica);

	PAWL_TRY(pawl_stream_change(stream, schema, name, error));
	stream->changed.has_state = false;
	return PAWL_OK;
}

/* As long as the receiver was not told to empty it. */
static bool stream_is_replacing(pawl_replica *replica)
{
	const pawl_stream_table *changed = &pawl_stream_replica_of(replica)->changed;

	return changed->is_truncation_due && changed->row_count > 0;
}

/* ---- what a receiver has not -------------------------------------------------------------------------------------------- */

static pawl_status stream_create_schema(pawl_replica *replica, const char *name, pawl_error *error)
{
	(void) replica;
	(void) name;
	(void) error;
	return PAWL_OK;
}

static pawl_status stream_prepare(pawl_replica *replica, pawl_error *error)
{
	(void) replica;
	(void) error;
	return PAWL_OK;
}

static pawl_status stream_load_last_runs(pawl_replica *replica, int64_t since_us, pawl_replica_runs *ret_runs, pawl_error *error)
{
	(void) replica;
	(void) since_us;
	(void) error;
	*ret_runs = (pawl_replica_runs) {0};
	return PAWL_OK;
}

static pawl_status stream_add_run(pawl_replica *replica, const pawl_replica_run *run, pawl_error *error)
{
	(void) replica;
	(void) run;
	(void) error;
	return PAWL_OK;
}

/* ---- the driver -------------------------------------------------------------------------------------------------------- */

static const pawl_replica_driver driver = {
	.close = stream_close,
	.connect = stream_connect,
	.describe = stream_describe,
	.append_table = stream_append_table,
	.count_rows = stream_count_rows,
	.create_schema = stream_create_schema,
	.begin = pawl_stream_begin,
	.commit = pawl_stream_commit,
	.rollback = pawl_stream_rollback,
	.create = stream_create,
	.add_column = stream_add_column,
	.change_type = stream_change_type,
	.drop = stream_drop,
	.beside = stream_beside,
	.swap = stream_swap,
	.is_replacing = stream_is_replacing,
	.insert = stream_insert,
	.upsert = stream_upsert,
	.append = stream_append,
	.load_states = stream_load_states,
	.prepare = stream_prepare,
	.save_state = stream_save_state,
	.forget_state = stream_forget_state,
	.load_last_runs = stream_load_last_runs,
	.add_run = stream_add_run,
	.finish = pawl_stream_finish,
};

static void close_stream(pawl_stream_replica **stream)
{
	if (*stream != NULL)
		stream_close(&(*stream)->replica);
}

pawl_status pawl_replica_open_stream(const pawl_replica_options *options, pawl_replica **ret_replica, pawl_error *error)
{
	PAWL_CLEANUP(close_stream) pawl_stream_replica *stream = pawl_allocate(sizeof(*stream));
	const pawl_duck_options duck_options = {
		.memory_limit_bytes = options->memory_limit_bytes,
		.threads = options->threads,
		.temp_directory = options->temp_directory,
	};

	if (stream == NULL)
		return pawl_error_out_of_memory(error);
	stream->replica.driver = &driver;
	stream->replica.first = &stream->replica;
	stream->replica.memory_limit_bytes = options->memory_limit_bytes;
	stream->receiver = options->receiver;
	PAWL_TRY(pawl_stream_state_read(options->receiver->state, &stream->tables, error));
	PAWL_TRY(pawl_duck_open(&duck_options, &stream->replica.duck, error));
	*ret_replica = &PAWL_TAKE(stream)->replica;
	return PAWL_OK;
}
