#include "replicate/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"

#define SUFFIX ".pawl"

enum { MOST_BYTES = 4 << 20, HOST_BYTES = 256 };

struct pawl_lock {
	int descriptor;
	char *path;
	char host[HOST_BYTES];
	char started_at[PAWL_TIME_TEXT_BYTES];
};

static pawl_status make_path(const char *warehouse, char **ret_path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer path = {0};

	pawl_buffer_appendf(&path, "%s%s", warehouse, SUFFIX);
	PAWL_TRY(pawl_buffer_status(&path, error));
	*ret_path = pawl_buffer_take(&path);
	return PAWL_OK;
}

static pawl_status read_text(int descriptor, char **ret_text, pawl_error *error)
{
	struct stat state;

	if (fstat(descriptor, &state) != 0 || state.st_size > MOST_BYTES)
		return pawl_error_set(error, PAWL_IO, "its size is not one of such a file");
	char *text = pawl_allocate((size_t) state.st_size + 1);
	if (text == NULL)
		return pawl_error_out_of_memory(error);
	ssize_t length = pread(descriptor, text, (size_t) state.st_size, 0);
	text[length < 0 ? 0 : length] = '\0';
	*ret_text = text;
	return PAWL_OK;
}

static pawl_status fail_locked(const pawl_lock *lock, const char *warehouse, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	PAWL_CLEANUP(pawl_json_free) json_t *root = NULL;
	const char *host = NULL, *started_at = NULL;
	pawl_error ignored;
	int pid = 0;

	if (read_text(lock->descriptor, &text, &ignored) == PAWL_OK &&
	    pawl_json_parse_object("lock", text, strlen(text), &root, &ignored) == PAWL_OK)
		(void) json_unpack(root, "{s:s, s:i, s:s}", "host", &host, "pid", &pid, "started_at", &started_at);
	if (host != NULL && started_at != NULL)
		pawl_error_set(error, PAWL_DATABASE, "another run writes to '%s': process %d on %s, since %s", warehouse, pid, host, started_at);
	else
		pawl_error_set(error, PAWL_DATABASE, "another run writes to '%s'", warehouse);
	error->is_retryable = true;
	return pawl_error_hint(error, "wait until it is done; 'pawl status' shows how far it is");
}

/* The file that is locked must still be the one of that name: the run before may have taken it away meanwhile. */
static bool is_current(int descriptor, const char *path)
{
	struct stat held, named;
	return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

static pawl_status open_and_lock(pawl_lock *lock, const char *warehouse, pawl_error *error)
{
	for (;;) {
		lock->descriptor = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (lock->descriptor < 0) {
			pawl_error_set(error, PAWL_IO, "cannot make '%s': %s", lock->path, strerror(errno));
			return pawl_error_hint(error, "the warehouse's folder must be there, and one that you may write to");
		}
		bool is_locked = flock(lock->descriptor, LOCK_EX | LOCK_NB) == 0;
		if (is_locked && is_current(lock->descriptor, lock->path))
			return PAWL_OK;
		/* Who only looks holds what a dead run left for a moment, and lets others look. */
		if (!is_locked && flock(lock->descriptor, LOCK_SH | LOCK_NB) != 0)
			return fail_locked(lock, warehouse, error);
		close(lock->descriptor);
		lock->descriptor = -1;
		if (!is_locked)
			usleep(1000);
	}
}

static void free_lock(pawl_lock **lock)
{
	if (*lock == NULL)
		return;
	if ((*lock)->descriptor >= 0)
		close((*lock)->descriptor);
	pawl_free((*lock)->path);
	pawl_free(*lock);
}

pawl_status pawl_lock_take(const char *warehouse, pawl_lock **ret_lock, pawl_error *error)
{
	PAWL_CLEANUP(free_lock) pawl_lock *lock = pawl_allocate(sizeof(*lock));

	if (lock == NULL)
		return pawl_error_out_of_memory(error);
	lock->descriptor = -1;
	PAWL_TRY(make_path(warehouse, &lock->path, error));
	PAWL_TRY(open_and_lock(lock, warehouse, error));
	if (gethostname(lock->host, sizeof(lock->host) - 1) != 0)
		snprintf(lock->host, sizeof(lock->host), "unknown");
	pawl_time_format_utc(pawl_time_now_us() / 1000000 * 1000000, lock->started_at);
	pawl_lock_write(lock, "null");
	*ret_lock = PAWL_TAKE(lock);
	return PAWL_OK;
}

/* Written over what is there, then cut: who reads in between finds no JSON, and tries again. */
void pawl_lock_write(pawl_lock *lock, const char *progress)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};

	pawl_buffer_append(&text, "{\"host\":");
	pawl_buffer_append_json(&text, lock->host, strlen(lock->host));
	pawl_buffer_appendf(&text, ",\"pid\":%d,\"started_at\":\"%s\",\"progress\":%s}\n", (int) getpid(), lock->started_at, progress);
	if (text.has_failed)
		return;
	if (pwrite(lock->descriptor, pawl_buffer_text(&text), text.length, 0) == (ssize_t) text.length)
		(void) !ftruncate(lock->descriptor, (off_t) text.length);
}

/* The name goes first: who opens it from now on makes a new file. */
void pawl_lock_release(pawl_lock *lock)
{
	if (lock == NULL)
		return;
	unlink(lock->path);
	free_lock(&lock);
}

static void close_descriptor(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
}

pawl_status pawl_lock_read(const char *warehouse, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *path = NULL;

	*ret_text = NULL;
	PAWL_TRY(make_path(warehouse, &path, error));
	PAWL_CLEANUP(close_descriptor) int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	/* Where the lock can be had, nobody is alive who wrote it; it is given back at once, with the file. */
	if (descriptor < 0 || flock(descriptor, LOCK_SH | LOCK_NB) == 0)
		return PAWL_OK;
	for (int tries = 0; tries < 100; tries++) {
		PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
		PAWL_TRY(read_text(descriptor, &text, error));
		if (pawl_json_check(text, strlen(text), error) == PAWL_OK) {
			pawl_error_clear(error);
			*ret_text = PAWL_TAKE(text);
			return PAWL_OK;
		}
		usleep(1000);
	}
	return pawl_error_prefix(error, "'%s': ", path);
}
