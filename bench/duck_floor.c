/*
 * DuckDB alone, for bench/sync.py: it makes the data sets, and is the floor that Pawl is compared with. Built as postgres_floor, it
 * has the functions of postgres_floor.c too.
 *
 *     duck_floor FILE LABEL=SQL...
 *
 * runs the statements in their order in that database, and prints one JSON object: for each label, and for opening and closing
 * the file, the seconds that passed and those of all cores; and the peak of the process's memory. A label may come more than
 * once.
 */
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef WITH_POSTGRES
#include "postgres_floor.h"
#endif

enum { LABELS_MAX = 32 };

typedef struct label {
	const char *name;
	size_t length;
	double seconds, cpu_seconds;
} label;

static double read_clock(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void start_clocks(label *of)
{
	of->seconds -= read_clock(CLOCK_MONOTONIC);
	of->cpu_seconds -= read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static void stop_clocks(label *of)
{
	of->seconds += read_clock(CLOCK_MONOTONIC);
	of->cpu_seconds += read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "duck_floor: %s: %s\n", what, why == NULL ? "unknown error" : why);
	exit(1);
}

/* The high-water mark of the resident memory, which getrusage() may have from the process before exec. */
static long peak_kib(void)
{
	char line[256];
	long kib = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

static label *find_label(label *labels, size_t *count, const char *name, size_t length)
{
	for (size_t i = 0; i < *count; i++)
		if (labels[i].length == length && memcmp(labels[i].name, name, length) == 0)
			return &labels[i];
	if (*count == LABELS_MAX)
		fail("arguments", "too many labels");
	labels[*count] = (label) {name, length, 0, 0};
	return &labels[(*count)++];
}

static void run(duckdb_connection connection, const char *argument, label *labels, size_t *count)
{
	const char *equals = strchr(argument, '=');
	if (equals == NULL)
		fail(argument, "expected LABEL=SQL");
	label *found = find_label(labels, count, argument, (size_t) (equals - argument));
	duckdb_result result;
	start_clocks(found);
	if (duckdb_query(connection, equals + 1, &result) != DuckDBSuccess)
		fail(equals + 1, duckdb_result_error(&result));
	duckdb_destroy_result(&result);
	stop_clocks(found);
}

static void open_file(const char *path, duckdb_database *database, duckdb_connection *connection)
{
	char *message = NULL;

	if (duckdb_open_ext(path, database, NULL, &message) != DuckDBSuccess)
		fail(path, message);
	if (duckdb_connect(*database, connection) != DuckDBSuccess)
		fail(path, "no connection");
#ifdef WITH_POSTGRES
	postgres_floor_register(*connection);
#endif
}

static void print(const label *labels, size_t count)
{
	printf("{\"peak_memory_bytes\": %ld", peak_kib() * 1024);
	for (size_t i = 0; i < count; i++)
		printf(", \"%.*s\": {\"seconds\": %.6f, \"cpu_seconds\": %.6f}", (int) labels[i].length, labels[i].name,
		       labels[i].seconds, labels[i].cpu_seconds);
	puts("}");
}

int main(int argc, char **argv)
{
	label labels[LABELS_MAX] = {{"open", 4, 0, 0}, {"close", 5, 0, 0}};
	size_t count = 2;
	duckdb_database database;
	duckdb_connection connection;

	if (argc < 2)
		fail("usage", "duck_floor FILE LABEL=SQL...");
	start_clocks(&labels[0]);
	open_file(argv[1], &database, &connection);
	stop_clocks(&labels[0]);
	for (int i = 2; i < argc; i++)
		run(connection, argv[i], labels, &count);
	start_clocks(&labels[1]);
	duckdb_disconnect(&connection);
	duckdb_close(&database);
	stop_clocks(&labels[1]);
	print(labels, count);
	return 0;
}
