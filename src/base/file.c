#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/step.h"

/* In the messages here %m stands for errno's text; it must still be the errno of the call that failed. */

#define READ_BYTES 16384

static void close_descriptor(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
}

pawl_status pawl_file_read(const char *path, size_t limit_bytes, char **ret_text, size_t *ret_length, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer buffer = {0};
	PAWL_CLEANUP(close_descriptor) int file = open(path, O_RDONLY | O_CLOEXEC);
	char piece[READ_BYTES];
	size_t length;
	char *text;

	if (file < 0)
		return pawl_error_set(error, errno == ENOENT ? PAWL_NOT_FOUND : PAWL_IO, "cannot open '%s': %m", path);
	for (;;) {
		ssize_t count = read(file, piece, sizeof(piece));

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return pawl_error_set(error, PAWL_IO, "cannot read '%s': %m", path);
		if (count == 0)
			break;
		pawl_buffer_append_bytes(&buffer, piece, (size_t) count);
		PAWL_TRY(pawl_buffer_status(&buffer, error));
		if (buffer.length > limit_bytes)
			return pawl_error_set(error, PAWL_INVALID, "file '%s' is longer than %zu bytes", path, limit_bytes);
	}

	length = buffer.length;
	text = pawl_buffer_take(&buffer);
	if (text == NULL)
		return pawl_error_out_of_memory(error);
	*ret_text = text;
	*ret_length = length;
	return PAWL_OK;
}

static bool write_all(int file, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t count = write(file, text, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		text += count;
		length -= (size_t) count;
	}
	return true;
}

/*
 * A new file beside `path` that holds the text, on disk. On failure nothing is left of it; what a crash leaves is replaced by
 * the next write, since its name is always the same.
 */
static pawl_status write_beside(const char *path, mode_t mode, const char *text, size_t length, char **ret_temporary,
                                pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer name = {0};
	int file;
	bool is_written;

	pawl_buffer_appendf(&name, "%s.tmp", path);
	PAWL_TRY(pawl_buffer_status(&name, error));

	unlink(name.text);
	file = open(name.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return pawl_error_set(error, PAWL_IO, "cannot make a file beside '%s': %m", path);
	is_written = (mode == 0 || fchmod(file, mode) == 0) && write_all(file, text, length) && fsync(file) == 0;
	if (!is_written)
		pawl_error_set(error, PAWL_IO, "cannot write '%s': %m", path);
	if (close(file) != 0 && is_written) {
		is_written = false;
		pawl_error_set(error, PAWL_IO, "cannot close '%s': %m", path);
	}
	if (!is_written) {
		unlink(name.text);
		return PAWL_IO;
	}
	*ret_temporary = pawl_buffer_take(&name);
	return PAWL_OK;
}

/* Makes the folder's entries last: a rename that only memory knows is lost with the power. */
static pawl_status sync_folder_of(const char *path, pawl_error *error)
{
	PAWL_CLEANUP(close_descriptor) int folder = -1;
	const char *slash = strrchr(path, '/');
	char name[PATH_MAX];

	if (slash == NULL)
		strcpy(name, ".");
	else
		snprintf(name, sizeof(name), "%.*s", (int) (slash == path ? 1 : slash - path), path);

	folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || (fsync(folder) != 0 && errno != EINVAL)) /* EINVAL: a file system that cannot, as some remote ones */
		return pawl_error_set(error, PAWL_IO, "'%s' is written, but its folder cannot be synced: %m", path);
	return PAWL_OK;
}

pawl_status pawl_file_write_atomic(const char *path, const char *text, size_t length, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *temporary = NULL;
	char resolved[PATH_MAX];
	struct stat status;
	mode_t mode = 0;

	/* What is there keeps its mode; a link is followed, not replaced; a device or pipe must not be renamed over. */
	if (stat(path, &status) == 0) {
		if (!S_ISREG(status.st_mode))
			return pawl_error_set(error, PAWL_IO, "cannot write '%s': it is not a regular file", path);
		mode = status.st_mode & 07777;
		if (realpath(path, resolved) != NULL)
			path = resolved;
	}

	PAWL_TRY(write_beside(path, mode, text, length, &temporary, error));
	PAWL_STEP("file: written");
	if (rename(temporary, path) != 0) {
		pawl_error_set(error, PAWL_IO, "cannot rename '%s' to '%s': %m", temporary, path);
		unlink(temporary);
		return PAWL_IO;
	}
	PAWL_STEP("file: renamed");
	return sync_folder_of(path, error);
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

pawl_status pawl_file_make_parents(const char *path, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *folder = pawl_duplicate(path);

	if (folder == NULL)
		return pawl_error_out_of_memory(error);
	for (char *slash = strchr(folder + (folder[0] == '/'), '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0777) != 0) {
			int reason = errno;

			if (!is_folder(folder)) {
				errno = reason;
				return pawl_error_set(error, PAWL_IO, "cannot make folder '%s': %m", folder);
			}
		}
		*slash = '/';
	}
	return PAWL_OK;
}

bool pawl_file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}
