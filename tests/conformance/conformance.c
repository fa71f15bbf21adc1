#include "conformance.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

const conformance_subject *subject;
pawl_duck *engine;
pawl_source *source;
pawl_source_catalog catalog;
pawl_error error;

static const conformance_subject *const conformance_subjects[] = {&conformance_duckdb, &conformance_sqlite, &conformance_postgres,
                                                                 NULL};

/* ---- opening --------------------------------------------------------------------------------------------------------- */

pawl_source_options source_options(void)
{
	const char *location = subject->location == NULL ? subject->path : subject->location();
	return (pawl_source_options) {.location = location, .engine = engine};
}

void open_source(void)
{
	pawl_snapshot snapshot;

	OK(pawl_duck_open(&(pawl_duck_options) {.threads = 2}, &engine, &error));
	const pawl_source_options options = source_options();
	OK(subject->driver->open(&options, &source, &error));
	OK(subject->driver->discover(source, &catalog, &error));
	OK(subject->driver->snapshot_begin(source, &snapshot, &error));
}

void close_source(void)
{
	if (source != NULL)
		subject->driver->snapshot_end(source);
	pawl_source_close_pointer(&source);
	pawl_source_catalog_clear(&catalog);
	pawl_duck_close_pointer(&engine);
}

void setup(const char *sql)
{
	OK(subject->run_sql(subject->path, sql, &error));
	open_source();
}

void setup_format(const char *format, ...)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	va_list arguments;

	va_start(arguments, format);
	pawl_buffer_append_va(&sql, format, arguments);
	va_end(arguments);
	setup(pawl_buffer_text(&sql));
}

const pawl_source_table *find_table(const char *name)
{
	for (size_t i = 0; i < catalog.table_count; i++)
		if (strcmp(catalog.tables[i].name, name) == 0)
			return &catalog.tables[i];
	fail_msg("the catalog has no table '%s'", name);
	abort();
}

size_t find_column(const pawl_source_table *table, const char *name)
{
	ptrdiff_t column = pawl_source_table_find(table, name);
	if (column < 0)
		fail_msg("'%s' has no column '%s'", table->name, name);
	return (size_t) column;
}

/* ---- another process ------------------------------------------------------------------------------------------------- */

static char program_path[4096];

/* A process of its own, since locks are between processes. The engine's threads are not in a child, so it starts anew. */
bool run_elsewhere(const char *sql)
{
	int state;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		execl(program_path, program_path, subject->driver->name, "run", sql, (char *) NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &state, 0), child);
	assert_true(WIFEXITED(state) && WEXITSTATUS(state) <= 1);
	return WEXITSTATUS(state) == 0;
}

/* ---- the engine ------------------------------------------------------------------------------------------------------ */

const char *query_text(const char *format, ...)
{
	static char text[1 << 16];
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	pawl_duck_rows *rows = NULL;
	bool has_row;
	va_list arguments;

	va_start(arguments, format);
	pawl_buffer_append_va(&sql, format, arguments);
	va_end(arguments);
	OK(pawl_duck_query(engine, pawl_buffer_text(&sql), NULL, 0, &rows, &error));
	OK(pawl_duck_rows_next(rows, &has_row, &error));
	assert_true(has_row);
	const char *found = pawl_duck_rows_text(rows, 0, NULL);
	snprintf(text, sizeof(text), "%s", found == NULL ? "NULL" : found);
	pawl_duck_rows_close(&rows);
	return text;
}

int64_t query_integer(const char *sql)
{
	return strtoll(query_text("SELECT (%s)::VARCHAR", sql), NULL, 10);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

pawl_window_limit rows_limit(int64_t rows)
{
	return (pawl_window_limit) {.rows = rows};
}

pawl_key_value integer_value(const char *text)
{
	return (pawl_key_value) {(char *) (uintptr_t) text, (char *) (uintptr_t) subject->integer_class};
}

pawl_read read_of(const pawl_source_table *table)
{
	static pawl_read_column column;
	column = (pawl_read_column) {.name = "id", .index = find_column(table, "id")};
	return (pawl_read) {.table = table, .columns = &column, .column_count = 1};
}

static char window_rows[1 << 16];

static pawl_status consume(const char *relation, bool has_tail, int64_t *ret_rows)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};
	PAWL_CLEANUP(pawl_duck_rows_close) pawl_duck_rows *rows = NULL;
	bool has_row;

	pawl_buffer_appendf(&sql, "SELECT count(*), coalesce(string_agg(id || CASE WHEN %s THEN ' t' ELSE ' f' END, "
	                          "' ' ORDER BY id), '') FROM %s",
	                    has_tail ? PAWL_COLUMN_IS_TAIL : "false", relation);
	PAWL_TRY(pawl_duck_query(engine, pawl_buffer_text(&sql), NULL, 0, &rows, &error));
	PAWL_TRY(pawl_duck_rows_next(rows, &has_row, &error));
	*ret_rows = pawl_duck_rows_integer(rows, 0);
	snprintf(window_rows, sizeof(window_rows), "%s", pawl_duck_rows_text(rows, 1, NULL));
	return PAWL_OK;
}

bool is_no_news(pawl_status status, pawl_status end_status)
{
	return status != PAWL_OK && end_status == PAWL_INTERNAL;
}

/* As whoever reads has to do it: the source's error is the better one. */
pawl_status read_window(const pawl_window_limit *limit, bool has_tail, const char **ret_rows, pawl_window *ret_window)
{
	const char *relation;
	pawl_error end_error;
	int64_t rows = 0;
	pawl_window window = {0};

	PAWL_TRY(subject->driver->window_begin(source, limit, &relation, &error));
	pawl_status status = consume(relation, has_tail, &rows);
	pawl_status end_status = subject->driver->window_end(source, &window, &end_error);
	if (end_status != PAWL_OK && !is_no_news(status, end_status)) {
		error = end_error;
		return end_status;
	}
	if (status != PAWL_OK) {
		pawl_free(window.position);
		return status;
	}
	if (subject->is_stream)
		assert_int_equal(window.rows, rows);
	else
		window.rows = rows;
	*ret_rows = window_rows;
	*ret_window = window;
	return PAWL_OK;
}

/* All that the tests read by this fits into one window. */
const char *read_ids(const pawl_read *read)
{
	static char ids[sizeof(window_rows)];
	const pawl_window_limit limit = rows_limit(1000000);
	const char *rows;
	pawl_window window;
	size_t length = 0;

	OK(subject->driver->read_begin(source, read, &error));
	OK(read_window(&limit, false, &rows, &window));
	assert_true(window.is_last);
	pawl_free(window.position);
	subject->driver->read_end(source);
	for (const char *c = rows; *c != '\0'; c++)
		if (*c == ' ' && (c[1] == 'f' || c[1] == 't'))
			c++;
		else
			ids[length++] = *c;
	ids[length] = '\0';
	return ids;
}

/* ---- a program ------------------------------------------------------------------------------------------------------- */

static int leave(void **state)
{
	close_source();
	return leave_folder(state);
}

static const conformance_subject *find_subject(const char *name)
{
	for (size_t i = 0; conformance_subjects[i] != NULL; i++)
		if (strcmp(conformance_subjects[i]->driver->name, name) == 0)
			return conformance_subjects[i];
	return NULL;
}

bool is_of_files(const conformance_subject *of)
{
	return !of->driver->has_url;
}

static int run_chosen(const char *name, const conformance_test *tests, size_t count)
{
	PAWL_CLEANUP(pawl_free_pointer) struct CMUnitTest *chosen = pawl_allocate_array(count, sizeof(*chosen));
	char group[64];
	size_t chosen_count = 0;

	if (chosen == NULL)
		return 2;
	for (size_t i = 0; i < count; i++)
		if (tests[i].is_for == NULL || tests[i].is_for(subject))
			chosen[chosen_count++] = (struct CMUnitTest) {
				tests[i].name, tests[i].function, enter_folder, leave, NULL};
	snprintf(group, sizeof(group), "%s %s", subject->driver->name, name);
	return _cmocka_run_group_tests(group, chosen, chosen_count, NULL, NULL);
}

int conformance_main(int argc, char **argv, const char *name, const conformance_test *tests, size_t count)
{

	subject = argc >= 2 ? find_subject(argv[1]) : NULL;
	if (subject == NULL) {
		fprintf(stderr, "usage: %s DRIVER\n", argv[0]);
		return 2;
	}
	if (argc == 4 && strcmp(argv[2], "run") == 0)
		return subject->run_sql(subject->path, argv[3], &error) == PAWL_OK ? 0 : 1;
	if (realpath("/proc/self/exe", program_path) == NULL)
		return 2;
	return run_chosen(name, tests, count);
}
