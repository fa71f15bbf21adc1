/*
 * duck_sql FILE: runs the SQL of standard input in a DuckDB file, which is made when it is not there. `pawl query` opens files
 * read-only, so that tests need this one to make and change what they replicate.
 */
#include <stdio.h>

#include "base/memory.h"
#include "duck/duck.h"

static pawl_status read_input(pawl_buffer *sql, pawl_error *error)
{
	char part[4096];
	size_t length;

	while ((length = fread(part, 1, sizeof(part), stdin)) > 0)
		pawl_buffer_append_bytes(sql, part, length);
	if (ferror(stdin))
		return pawl_error_set(error, PAWL_IO, "cannot read standard input");
	return pawl_buffer_status(sql, error);
}

static pawl_status run(const char *path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_duck_close_pointer) pawl_duck *duck = NULL;
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer sql = {0};

	PAWL_TRY(read_input(&sql, error));
	PAWL_TRY(pawl_duck_open(&(pawl_duck_options) {.path = path, .threads = 1}, &duck, error));
	return pawl_duck_run_buffer(duck, &sql, error);
}

int main(int argc, char **argv)
{
	pawl_error error = {0};

	if (argc != 2) {
		fprintf(stderr, "usage: duck_sql FILE < SQL\n");
		return 2;
	}
	if (run(argv[1], &error) == PAWL_OK)
		return 0;
	fprintf(stderr, "error: %s\n", error.message);
	return 1;
}
