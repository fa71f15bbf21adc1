#include "support.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

/* ---- errors ----------------------------------------------------------------------------------------------------------- */

void support_assert_ok(pawl_status have, const pawl_error *error, const char *file, int line)
{
	if (have == PAWL_OK)
		return;
	print_error("%s:%d: %s: %s\n", file, line, pawl_status_name(have), error->message);
	_fail(file, line);
}

void support_assert_fails(pawl_status have, pawl_status want, const char *message, const pawl_error *error, const char *file,
                          int line)
{
	if (have == PAWL_OK) {
		print_error("%s:%d: it succeeded, where '%s' is expected\n", file, line, message);
		_fail(file, line);
	}
	_assert_string_equal(error->message, message, file, line);
	_assert_string_equal(pawl_status_name(have), pawl_status_name(want), file, line);
	_assert_int_equal(error->status, want, file, line);
}

/* ---- folders ---------------------------------------------------------------------------------------------------------- */

/* Memory is much faster than a disk where a test syncs files all the time; containers often have next to none there. */
static const char *parent_folder(void)
{
	static const char memory[] = "/dev/shm";
	struct statvfs room;
	bool has_room = access(memory, W_OK | X_OK) == 0 && statvfs(memory, &room) == 0 &&
	                room.f_bavail >= ((uint64_t) 1 << 30) / room.f_frsize;
	return has_room ? memory : "/tmp";
}

char *make_folder(void)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/pawl-test-XXXXXX", parent_folder());
	char *folder = mkdtemp(path) == NULL ? NULL : strdup(path);
	if (folder == NULL)
		fail_msg("cannot make the folder %s", path);
	return folder;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void) status;
	(void) kind;
	(void) place;
	return remove(path);
}

void remove_folder(char *folder)
{
	enum { OPEN_FOLDERS = 8 };
	if (nftw(folder, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
		fail_msg("cannot remove the folder %s", folder);
	free(folder);
}

int enter_folder(void **state)
{
	*state = make_folder();
	return chdir(*state);
}

int leave_folder(void **state)
{
	if (chdir("/") != 0)
		return -1;
	remove_folder(*state);
	return 0;
}

void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

#ifdef PAWL_TEST_HOOKS
long refuse_every_allocation(pawl_status (*attempt)(void *context, pawl_error *error), void *context)
{
	for (long n = 1;; n++) {
		pawl_error error;
		pawl_error_clear(&error);
		long before = pawl_memory_allocations();
		pawl_memory_fail_at(n);
		pawl_status status = attempt(context, &error);
		pawl_memory_fail_at(0);
		if (pawl_memory_allocations() - before < n) {
			OK(status);
			return n - 1;
		}
		const char *place = strstr(error.message, "out of memory"); /* with what was being done in front */
		if (status == PAWL_OK)
			fail_msg("allocation %ld was refused, and nobody noticed", n);
		if (status != PAWL_OUT_OF_MEMORY || place == NULL || strcmp(place, "out of memory") != 0)
			fail_msg("allocation %ld: %s: %s", n, pawl_status_name(status), error.message);
	}
}
#endif

/* ---- random numbers --------------------------------------------------------------------------------------------------- */

uint64_t random_seed(void)
{
	const char *given = getenv("PAWL_TEST_SEED");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
	print_message("PAWL_TEST_SEED=%llu\n", (unsigned long long) seed);
	return seed * 2654435761 << 1 | 1; /* zero would stay zero */
}

/* xorshift64 (Marsaglia 2003) */
uint64_t random_next(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return below == 0 ? *seed : *seed % below;
}

/* ---- output ----------------------------------------------------------------------------------------------------------- */

capture capture_open(void)
{
	capture output = {.kept = calloc(1, sizeof(struct captured_text))};
	if (output.kept != NULL)
		output.out = open_memstream(&output.kept->text, &output.kept->length);
	if (output.out == NULL)
		abort();
	return output;
}

const char *capture_text(capture *output)
{
	fflush(output->out);
	return output->kept->text;
}

void capture_close(capture *output)
{
	fclose(output->out);
	free(output->kept->text);
	free(output->kept);
}
