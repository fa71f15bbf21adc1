/* Runs a fuzz target on each file of a folder, where there is no libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "fuzz.h"

enum { MOST_BYTES = 1024 * 1024 };

static void replay(const char *folder, const char *name)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer path = {0};
	PAWL_CLEANUP(pawl_free_pointer) char *bytes = NULL;
	size_t length;
	pawl_error error;
	pawl_buffer_appendf(&path, "%s/%s", folder, name);
	if (pawl_file_read(pawl_buffer_text(&path), MOST_BYTES, &bytes, &length, &error) != PAWL_OK) {
		fprintf(stderr, "%s\n", error.message);
		exit(1);
	}
	LLVMFuzzerTestOneInput((const uint8_t *) bytes, length);
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	size_t count = 0;
	if (folder == NULL)
		return 1;
	for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.')
			continue;
		replay(argv[1], entry->d_name);
		count++;
	}
	closedir(folder);
	printf("%zu inputs\n", count);
	return count > 0 ? 0 : 1;
}
