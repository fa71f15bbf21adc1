#include "source/source.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/redact.h"

const pawl_source_driver *const pawl_source_drivers[] = {&pawl_source_duckdb, &pawl_source_sqlite,
                                                        &pawl_source_postgres, NULL};

static bool has_ending(const char *path, const char *ending)
{
	size_t length = strlen(path), ending_length = strlen(ending);
	return length > ending_length && strcasecmp(path + length - ending_length, ending) == 0;
}

static bool is_scheme(const char *name, const char *url, size_t length)
{
	return strlen(name) == length && strncasecmp(name, url, length) == 0;
}

static bool has_scheme(const pawl_source_driver *driver, const char *url, size_t length)
{
	for (const char *const *alias = driver->aliases; alias != NULL && *alias != NULL; alias++)
		if (is_scheme(*alias, url, length))
			return true;
	return is_scheme(driver->name, url, length);
}

/* "sqlite:shop.db": the driver named by what stands before the colon. */
static const pawl_source_driver *find_scheme(const char *url, const char **ret_location)
{
	size_t length = strcspn(url, ":");

	for (size_t i = 0; url[length] == ':' && pawl_source_drivers[i] != NULL; i++) {
		if (!has_scheme(pawl_source_drivers[i], url, length))
			continue;
		*ret_location = pawl_source_drivers[i]->has_url ? url : url + length + 1;
		return pawl_source_drivers[i];
	}
	return NULL;
}

bool pawl_source_has_scheme(const char *url)
{
	const char *location;

	return find_scheme(url, &location) != NULL;
}

static const pawl_source_driver *find_ending(const char *path)
{
	for (size_t i = 0; pawl_source_drivers[i] != NULL; i++)
		for (const char *const *ending = pawl_source_drivers[i]->endings; *ending != NULL; ending++)
			if (has_ending(path, *ending))
				return pawl_source_drivers[i];
	return NULL;
}

/* By the first bytes of the file: both formats say there what they are. */
static const pawl_source_driver *find_content(const char *path)
{
	char head[16] = {0};
	FILE *file = fopen(path, "rbe");
	if (file == NULL)
		return NULL;
	size_t length = fread(head, 1, sizeof(head), file);
	fclose(file);
	for (size_t i = 0; length == sizeof(head) && pawl_source_drivers[i] != NULL; i++) {
		const pawl_source_driver *driver = pawl_source_drivers[i];
		if (driver->magic != NULL && memcmp(head + driver->magic_offset, driver->magic, strlen(driver->magic)) == 0)
			return driver;
	}
	return NULL;
}

static const pawl_source_driver *find_driver(const char *url, const char **ret_location)
{
	*ret_location = url;
	const pawl_source_driver *driver = find_scheme(url, ret_location);
	bool is_path = driver == NULL && strstr(url, "://") == NULL;

	if (is_path)
		driver = find_content(url);
	if (is_path && driver == NULL)
		driver = find_ending(url);
	return driver;
}

/* A URL of nobody's may hold a password nevertheless: "postgre://user:secret@host". */
static pawl_status display_unknown(const char *url, char **ret_text, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer shown = {0};

	pawl_redact_url(url, &shown);
	PAWL_TRY(pawl_buffer_status(&shown, error));
	*ret_text = pawl_duplicate(pawl_buffer_text(&shown));
	return *ret_text == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

pawl_status pawl_source_display(const char *url, char **ret_text, pawl_error *error)
{
	const char *location;
	const pawl_source_driver *driver = find_driver(url, &location);

	if (driver == NULL)
		return display_unknown(url, ret_text, error);
	if (driver->display != NULL)
		return driver->display(location, ret_text, error);
	*ret_text = pawl_duplicate(url);
	return *ret_text == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

pawl_status pawl_source_find(const char *url, const pawl_source_driver **ret_driver, const char **ret_location, pawl_error *error)
{
	const char *location;
	const pawl_source_driver *driver = find_driver(url, &location);

	if (driver != NULL && *location != '\0') {
		*ret_driver = driver;
		*ret_location = location;
		return PAWL_OK;
	}
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer schemes = {0};
	for (size_t i = 0; pawl_source_drivers[i] != NULL; i++)
		pawl_buffer_appendf(&schemes, "%s%s%s", i == 0 ? "" : " or ", pawl_source_drivers[i]->name,
		                    pawl_source_drivers[i]->has_url ? "://USER@HOST/DATABASE" : ":FILE");
	PAWL_TRY(pawl_buffer_status(&schemes, error));
	PAWL_CLEANUP(pawl_free_pointer) char *shown = NULL;
	PAWL_TRY(pawl_source_display(url, &shown, error));
	if (driver != NULL)
		pawl_error_set(error, PAWL_INVALID, "the source '%s' names no file", shown);
	else
		pawl_error_set(error, PAWL_INVALID, "'%s' does not tell what kind of source it is", shown);
	return pawl_error_hint(error, "name it %s", pawl_buffer_text(&schemes));
}

pawl_status pawl_source_open(const char *url, const pawl_source_options *options, pawl_source **ret_source, pawl_error *error)
{
	const pawl_source_driver *driver;
	pawl_source_options located = *options;

	PAWL_TRY(pawl_source_find(url, &driver, &located.location, error));
	return driver->open(&located, ret_source, error);
}

void pawl_source_close_pointer(pawl_source **source)
{
	if (*source != NULL)
		(*source)->driver->close(*source);
	*source = NULL;
}
