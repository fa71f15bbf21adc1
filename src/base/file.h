/*
 * base/file.h: whole files, read with a limit and written so that a crash leaves the old one or the new one.
 */
#ifndef PAWL_BASE_FILE_H
#define PAWL_BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/*
 * The file's bytes, with a NUL after them; free with pawl_free. PAWL_NOT_FOUND when there is no such file; PAWL_INVALID when
 * it is longer than `limit_bytes`. Pipes work. Errors name the path.
 */
pawl_status pawl_file_read(const char *path, size_t limit_bytes, char **ret_text, size_t *ret_length, pawl_error *error);

/*
 * Writes beside the file, syncs, renames over it, syncs the folder. New files get mode 0600 less the umask, an old one keeps its
 * mode. A symbolic link is followed; anything that is not a regular file is refused. One writer at a time: the file beside it is
 * `path`.tmp, and replaced when a crash left one.
 */
pawl_status pawl_file_write_atomic(const char *path, const char *text, size_t length, pawl_error *error);

/* Makes the folder that `path` stands in, and those above it. No error when it is there. */
pawl_status pawl_file_make_parents(const char *path, pawl_error *error);

bool pawl_file_exists(const char *path);

#endif
