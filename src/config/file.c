#include "config/file.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/expand.h"
#include "config/job_fields.h"
#include "config/unknown.h"
#include "config/yaml.h"

#define FIELD_NAME_BYTES 64

static const char *const kind_names[] = {
	[PAWL_YAML_NOTHING] = "nothing",
	[PAWL_YAML_TEXT] = "a text",
	[PAWL_YAML_LIST] = "a list",
	[PAWL_YAML_MAPPING] = "a mapping",
};

static const char *const wanted_of_field[] = {
	[PAWL_FIELD_TEXT] = "a text",
	[PAWL_FIELD_CHOICE] = "one of a few words",
	[PAWL_FIELD_COUNT] = "an integer",
	[PAWL_FIELD_DURATION] = "a duration such as 90s",
	[PAWL_FIELD_NAMES] = "a name or a list of names",
	[PAWL_FIELD_PAIRS] = "a mapping of names to values",
};

static const char *const wanted_of_job_field[] = {
	[PAWL_JOB_TEXT] = "a text",
	[PAWL_JOB_COUNT] = "an integer",
	[PAWL_JOB_SIZE] = "a size such as 512MiB",
	[PAWL_JOB_DURATION] = "a duration such as 90s",
	[PAWL_JOB_SETTINGS] = "a mapping of settings",
	[PAWL_JOB_TABLES] = "a mapping of tables, or a list of their names",
};

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* A value on its way into a setting: what it is called in errors, and where it stands. */
typedef struct named_setting {
	const pawl_yaml_file *file;
	const char *name;
	const char *wanted;
} named_setting;

static pawl_status fail_kind(const named_setting *setting, const pawl_yaml *node, pawl_error *error)
{
	if (node->kind != PAWL_YAML_NOTHING)
		return pawl_yaml_fail(setting->file, node, error, "'%s' is %s, where %s is expected", setting->name,
		                      kind_names[node->kind], setting->wanted);
	pawl_yaml_fail(setting->file, node, error, "'%s' has no value", setting->name);
	return pawl_error_hint(error, "leave it out, or give it %s", setting->wanted);
}

/* After an error about a value: puts its place in front. What the environment holds is not shown. */
static pawl_status fail_value(const named_setting *setting, const pawl_yaml *node, const pawl_expansion *value,
                              pawl_error *error)
{
	if (error->status != PAWL_INVALID)
		return error->status;
	if (value->variable[0] != '\0') {
		pawl_yaml_fail(setting->file, node, error, "'%s': the value of ${%s} is not what it takes", setting->name,
		               value->variable);
		return pawl_error_hint(error, "it takes %s", setting->wanted);
	}
	pawl_error_prefix(error, "'%s': ", setting->name);
	return pawl_yaml_locate(setting->file, node, error);
}

/* The text of a value, with its variables. */
static pawl_status expand(const named_setting *setting, const pawl_yaml *node, pawl_expansion *value, pawl_error *error)
{
	if (node->kind != PAWL_YAML_TEXT)
		return fail_kind(setting, node, error);
	if (pawl_expand(node->text, value, error) == PAWL_OK)
		return PAWL_OK;
	value->variable[0] = '\0'; /* expanding failed: its own words show no value */
	return fail_value(setting, node, value, error);
}

/* ---- settings of tables ---------------------------------------------------------------------------------------------- */

static pawl_status read_text(const named_setting *setting, const pawl_yaml *node, const pawl_table_field *field,
                             pawl_table_settings *settings, pawl_error *error)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion value = {0};

	PAWL_TRY(expand(setting, node, &value, error));
	if (pawl_field_set(field, settings, pawl_buffer_text(&value.text), error) != PAWL_OK)
		return fail_value(setting, node, &value, error);
	return PAWL_OK;
}

/* An item of a list or mapping. */
static pawl_status read_item(const named_setting *setting, const pawl_yaml *node, const pawl_table_field *field,
                             pawl_table_settings *settings, pawl_error *error)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion value = {0};
	pawl_status status;

	PAWL_TRY(expand(setting, node, &value, error));
	if (field->kind == PAWL_FIELD_NAMES)
		status = pawl_field_add_name(field, settings, pawl_buffer_text(&value.text), error);
	else
		status = pawl_field_add_pair(field, settings, node->key->text, pawl_buffer_text(&value.text), error);
	return status == PAWL_OK ? PAWL_OK : fail_value(setting, node, &value, error);
}

static pawl_status read_field(const pawl_yaml_file *file, const pawl_yaml *node, const pawl_table_field *field,
                              pawl_table_settings *settings, pawl_error *error)
{
	const named_setting setting = {file, field->name, wanted_of_field[field->kind]};
	const pawl_yaml_kind items_kind = field->kind == PAWL_FIELD_PAIRS ? PAWL_YAML_MAPPING : PAWL_YAML_LIST;
	const bool has_items = field->kind == PAWL_FIELD_PAIRS || field->kind == PAWL_FIELD_NAMES;

	if (has_items && node->kind == items_kind) {
		settings->given |= UINT64_C(1) << (field - pawl_table_fields); /* also when it is empty */
		for (const pawl_yaml *item = node->first; item != NULL; item = item->next)
			PAWL_TRY(read_item(&setting, item, field, settings, error));
		return PAWL_OK;
	}
	if (field->kind == PAWL_FIELD_PAIRS)
		return fail_kind(&setting, node, error);
	return read_text(&setting, node, field, settings, error);
}

/* "columns." and "include": "columns.include". False when no setting has such a name, as it is too long, or has a dot. */
static bool join_name(const char *group, const char *key, char out[FIELD_NAME_BYTES])
{
	int length = snprintf(out, FIELD_NAME_BYTES, "%s%s", group, key);

	return length >= 0 && length + 1 < FIELD_NAME_BYTES && strchr(key, '.') == NULL;
}

/* A mapping of settings; `group` is "", or "columns." for those of pawl_table_fields that begin so. */
static pawl_status read_settings(const pawl_yaml_file *file, const pawl_yaml *mapping, const char *group,
                                 pawl_table_settings *settings, pawl_error *error)
{
	for (const pawl_yaml *entry = mapping->first; entry != NULL; entry = entry->next) {
		const named_setting setting = {file, entry->key->text, "a mapping of settings"};
		char name[FIELD_NAME_BYTES];
		if (!join_name(group, setting.name, name))
			return pawl_unknown_setting(file, entry->key, group, error);
		const pawl_table_field *field = pawl_field_find(name);
		if (field != NULL) {
			PAWL_TRY(read_field(file, entry, field, settings, error));
			continue;
		}
		strcat(name, ".");
		if (!pawl_field_has_group(name))
			return pawl_unknown_setting(file, entry->key, group, error);
		if (entry->kind != PAWL_YAML_MAPPING)
			return fail_kind(&setting, entry, error);
		PAWL_TRY(read_settings(file, entry, name, settings, error));
	}
	return PAWL_OK;
}

/* ---- the tables ------------------------------------------------------------------------------------------------------ */

static pawl_status add_rule(const pawl_yaml_file *file, const pawl_yaml *node, const char *pattern, pawl_job *job,
                            pawl_table_rule **ret_rule, pawl_error *error)
{
	pawl_table_rule *rule = NULL;

	for (size_t i = 0; i < job->rule_count; i++)
		if (strcmp(job->rules[i].pattern, pattern) == 0)
			return pawl_yaml_fail(file, node, error, "the table is there twice, first in line %d",
			                      job->rules[i].line);
	if (pawl_job_add_rule(job, pattern, &rule, error) != PAWL_OK)
		return pawl_yaml_locate(file, node, error);
	rule->line = node->line;
	*ret_rule = rule;
	return PAWL_OK;
}

static pawl_status read_table(const pawl_yaml_file *file, const pawl_yaml *entry, pawl_job *job, pawl_error *error)
{
	pawl_table_rule *rule = NULL;

	if (entry->kind != PAWL_YAML_MAPPING && entry->kind != PAWL_YAML_NOTHING)
		return fail_kind(&(const named_setting){file, entry->key->text, "a mapping of settings"}, entry, error);
	PAWL_TRY(add_rule(file, entry->key, entry->key->text, job, &rule, error));
	return read_settings(file, entry, "", &rule->settings, error);
}

static pawl_status read_table_name(const named_setting *setting, const pawl_yaml *item, pawl_job *job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion value = {0};
	pawl_table_rule *rule = NULL;

	if (item->kind == PAWL_YAML_MAPPING) {
		pawl_yaml_fail(setting->file, item, error, "a table in a list has a name, and no settings");
		return pawl_error_hint(error, "write 'tables' as a mapping, without the dashes");
	}
	PAWL_TRY(expand(setting, item, &value, error));
	return add_rule(setting->file, item, pawl_buffer_text(&value.text), job, &rule, error);
}

/* No tables at all is no way to say "every table": they may have been commented out. */
static pawl_status read_tables(const named_setting *setting, const pawl_yaml *node, pawl_job *job, pawl_error *error)
{
	if (node->kind == PAWL_YAML_TEXT)
		return fail_kind(setting, node, error);
	if (node->first == NULL) {
		pawl_yaml_fail(setting->file, node, error, "'tables' names no table");
		return pawl_error_hint(error, "leave it out to copy every table");
	}
	for (const pawl_yaml *entry = node->first; entry != NULL; entry = entry->next) {
		if (node->kind == PAWL_YAML_MAPPING)
			PAWL_TRY(read_table(setting->file, entry, job, error));
		else
			PAWL_TRY(read_table_name(setting, entry, job, error));
	}
	return PAWL_OK;
}

/* ---- the file -------------------------------------------------------------------------------------------------------- */

static pawl_status read_job_text(const named_setting *setting, const pawl_yaml *node, const pawl_job_field *field,
                                 pawl_job *job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_expansion_free) pawl_expansion value = {0};

	PAWL_TRY(expand(setting, node, &value, error));
	if (pawl_job_field_set(field, job, pawl_buffer_text(&value.text), error) != PAWL_OK)
		return fail_value(setting, node, &value, error);
	return PAWL_OK;
}

static pawl_status read_job_field(const pawl_yaml_file *file, const pawl_yaml *node, const pawl_job_field *field,
                                  pawl_job *job, pawl_error *error)
{
	const named_setting setting = {file, field->name, wanted_of_job_field[field->kind]};

	if (field->kind == PAWL_JOB_TABLES)
		return read_tables(&setting, node, job, error);
	if (field->kind != PAWL_JOB_SETTINGS)
		return read_job_text(&setting, node, field, job, error);
	if (node->kind != PAWL_YAML_MAPPING && node->kind != PAWL_YAML_NOTHING)
		return fail_kind(&setting, node, error);
	return read_settings(file, node, "", &job->defaults, error);
}

static const pawl_yaml *find_entry(const pawl_yaml *mapping, const char *name)
{
	for (const pawl_yaml *entry = mapping->first; entry != NULL; entry = entry->next)
		if (strcmp(entry->key->text, name) == 0)
			return entry;
	return NULL;
}

static pawl_status check_required(const pawl_yaml_file *file, pawl_error *error)
{
	for (const pawl_job_field *field = pawl_job_fields; field->kind != 0; field++) {
		if (!field->is_required || find_entry(file->root, field->name) != NULL)
			continue;
		pawl_error_set(error, PAWL_INVALID, "%s: '%s' is missing", file->name, field->name);
		return pawl_error_hint(error, "add a line like '%s: %s'", field->name, field->example);
	}
	return PAWL_OK;
}

static pawl_status read_job(const pawl_yaml_file *file, pawl_job *job, pawl_error *error)
{
	if (file->root->kind != PAWL_YAML_MAPPING && file->root->kind != PAWL_YAML_NOTHING)
		return pawl_yaml_fail(file, file->root, error, "%s, where a mapping of settings is expected",
		                      kind_names[file->root->kind]);
	for (const pawl_yaml *entry = file->root->first; entry != NULL; entry = entry->next) {
		const pawl_job_field *field = pawl_job_field_find(entry->key->text);
		if (field == NULL)
			return pawl_unknown_job_setting(file, entry->key, error);
		PAWL_TRY(read_job_field(file, entry, field, job, error));
	}
	return check_required(file, error);
}

pawl_status pawl_config_parse(const char *name, const char *text, size_t length, pawl_job *ret_job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_yaml_free) pawl_yaml_file file = {.name = name};
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	PAWL_TRY(pawl_yaml_parse(&file, text, length, error));
	PAWL_TRY(pawl_job_init(&job, error));
	job.path = pawl_duplicate(name);
	if (job.path == NULL)
		return pawl_error_out_of_memory(error);
	PAWL_TRY(read_job(&file, &job, error));
	*ret_job = job;
	job = (pawl_job){0};
	return PAWL_OK;
}

pawl_status pawl_config_load(const char *path, pawl_job *ret_job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = NULL;
	size_t length;

	PAWL_TRY(pawl_file_read(path, PAWL_CONFIG_MAX_BYTES, &text, &length, error));
	return pawl_config_parse(path, text, length, ret_job, error);
}
