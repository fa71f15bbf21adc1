#include "config/unknown.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/job_fields.h"

enum { CANDIDATES_MAX = 64, CANDIDATE_BYTES = 32 };

/* Names that could have been meant, and the list of them that pawl_text_closest takes. */
typedef struct candidate_list {
	char names[CANDIDATES_MAX][CANDIDATE_BYTES];
	const char *list[CANDIDATES_MAX + 1];
	size_t count;
} candidate_list;

/* One that is there already, as a group is once for each of its fields, is not added. */
static void add_candidate(candidate_list *candidates, const char *name, size_t length)
{
	if (candidates->count == CANDIDATES_MAX || length >= CANDIDATE_BYTES)
		return;
	char *added = candidates->names[candidates->count];
	memcpy(added, name, length);
	added[length] = '\0';
	for (size_t i = 0; i < candidates->count; i++)
		if (strcmp(candidates->list[i], added) == 0)
			return;
	candidates->list[candidates->count++] = added;
}

bool pawl_field_has_group(const char *group)
{
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (strncmp(field->name, group, strlen(group)) == 0)
			return true;
	return false;
}

static bool is_group(const char *name)
{
	char group[CANDIDATE_BYTES];

	return (size_t) snprintf(group, sizeof(group), "%s.", name) < sizeof(group) && pawl_field_has_group(group);
}

/* The group's names, those of the groups in it among them. */
static void list_group(candidate_list *candidates, const char *group)
{
	size_t length = strlen(group);

	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (strncmp(field->name, group, length) == 0)
			add_candidate(candidates, field->name + length, strcspn(field->name + length, "."));
}

/* The one that was probably meant, or all that there are. */
static pawl_status suggest(const candidate_list *candidates, const char *name, pawl_error *error)
{
	const char *closest = pawl_text_closest(name, candidates->list);
	char all[sizeof(error->hint)] = "";
	size_t used = 0;

	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	for (size_t i = 0; i < candidates->count && used < sizeof(all); i++)
		used += (size_t) snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "", candidates->list[i]);
	return pawl_error_hint(error, "there are: %s", all);
}

pawl_status pawl_unknown_job_setting(const pawl_yaml_file *file, const pawl_yaml *key, pawl_error *error)
{
	candidate_list candidates = {0};

	pawl_yaml_fail(file, key, error, "unknown setting '%s'", key->text);
	if (pawl_field_find(key->text) != NULL || is_group(key->text))
		return pawl_error_hint(error, "'%s' is a setting of tables: put it under 'defaults' or a table", key->text);
	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++)
		add_candidate(&candidates, field->name, strlen(field->name));
	return suggest(&candidates, key->text, error);
}

/* The field that is called so inside a group, or NULL. */
static const pawl_table_field *find_inside_group(const char *name)
{
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++) {
		const char *dot = strchr(field->name, '.');
		if (dot != NULL && strcmp(dot + 1, name) == 0)
			return field;
	}
	return NULL;
}

pawl_status pawl_unknown_setting(const pawl_yaml_file *file, const pawl_yaml *key, const char *group, pawl_error *error)
{
	const pawl_table_field *inside = find_inside_group(key->text);
	candidate_list candidates = {0};

	pawl_yaml_fail(file, key, error, "unknown setting '%s%s'", group, key->text);
	if (pawl_job_field_find(key->text) != NULL)
		return pawl_error_hint(error, "'%s' stands at the top of the file", key->text);
	if (*group == '\0' && inside != NULL)
		return pawl_error_hint(error, "'%s' belongs under '%.*s'", key->text, (int) strcspn(inside->name, "."),
		                       inside->name);
	if (*group != '\0' && pawl_field_find(key->text) != NULL)
		return pawl_error_hint(error, "'%s' stands beside '%.*s', not under it", key->text, (int) strcspn(group, "."),
		                       group);
	list_group(&candidates, group);
	return suggest(&candidates, key->text, error);
}
