/* The settings of the database connector: Fivetran's flat map of texts, of which a job is made. */
#include "protocol/fivetran/database/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/redact.h"
#include "base/text.h"
#include "source/source.h"

static pawl_status set_source(pawl_job *job, const char *value, pawl_error *error);
static pawl_status add_tables(pawl_job *job, const char *value, pawl_error *error);
static pawl_status set_allow_empty(pawl_job *job, const char *value, pawl_error *error);
static pawl_status set_accept_source(pawl_job *job, const char *value, pawl_error *error);
static pawl_status set_max_snapshot(pawl_job *job, const char *value, pawl_error *error);
static pawl_status set_busy_timeout(pawl_job *job, const char *value, pawl_error *error);

/* The settings of the job; those of tables, for all of them, follow from pawl_table_fields. */
static const struct job_setting {
	pawl_setting form;
	pawl_status (*set)(pawl_job *job, const char *value, pawl_error *error);
} job_settings[] = {
	{{.name = "source", .label = "Source", .kind = PAWL_SETTING_PASSWORD, .is_required = true,
	  .description = "the database, as postgres://reader:password@host/database, sqlite:/path/shop.db or "
	                 "duckdb:/path/shop.duckdb; files are those of the machine that 'pawl serve' runs on",
	  .placeholder = "postgres://reader:password@host:5432/database"},
	 set_source},
	{{.name = "tables", .label = "Tables",
	  .description = "names or patterns, as public.orders, log_*; with commas between them; empty: all"},
	 add_tables},
	{{.name = "overrides", .label = "Overrides",
	  .description = "settings of single tables, as JSON: {\"public.orders\": {\"key\": \"changed_at\"}, "
	                 "\"log_*\": {\"mode\": \"append\"}}"},
	 pawl_database_add_overrides},
	{{.name = "allow_empty", .label = "Allow empty tables", .kind = PAWL_SETTING_TOGGLE,
	  .description = "a table that is copied whole may become empty"},
	 set_allow_empty},
	{{.name = "accept_source", .label = "Accept another source", .kind = PAWL_SETTING_TOGGLE,
	  .description = "the database is the same one in another place: go on with it"},
	 set_accept_source},
	{{.name = "max_snapshot", .label = "Max snapshot", .default_value = "5m",
	  .description = "how long a transaction in the source may last, but for whole tables"},
	 set_max_snapshot},
	{{.name = "busy_timeout", .label = "Busy timeout", .default_value = "10s",
	  .description = "how long to try again while the source is locked"},
	 set_busy_timeout},
};
enum { JOB_SETTINGS = sizeof(job_settings) / sizeof(job_settings[0]), SETTINGS_MAX = JOB_SETTINGS + PAWL_TABLE_FIELDS_MAX };

bool pawl_database_is_left_to_client(const pawl_table_field *field)
{
	return strcmp(field->name, "name") == 0 || strcmp(field->name, "columns.rename") == 0;
}

/* Of all tables; what names columns is of one table. */
static bool is_for_all(const pawl_table_field *field)
{
	return !pawl_database_is_left_to_client(field) && field->kind != PAWL_FIELD_PAIRS && strncmp(field->name, "columns.", 8) != 0;
}

/* ---- the form --------------------------------------------------------------------------------------------------------- */

/* Of which other setting a field is worth asking for only with one value. */
static const struct condition {
	const char *name, *shown_if, *shown_value;
} conditions[] = {
	{"lag", "clock", "application"},
	{"max_hold.after", "clock", "database"},
	{"max_hold.then", "clock", "database"},
};

/* "primary_key": "Primary key" */
static char *make_label(pawl_arena *memory, const char *name)
{
	char *label = pawl_arena_duplicate(memory, name);

	for (char *at = label; at != NULL && *at != '\0'; at++)
		if (*at == '_' || *at == '.')
			*at = ' ';
	if (label != NULL)
		*label = (char) toupper((unsigned char) *label);
	return label;
}

static pawl_setting make_setting(pawl_arena *memory, const pawl_table_field *field)
{
	pawl_setting setting = {
		.name = field->name,
		.label = make_label(memory, field->name),
		.kind = field->kind == PAWL_FIELD_CHOICE ? PAWL_SETTING_CHOICE : PAWL_SETTING_TEXT,
		.description = field->help,
		.default_value = field->initial,
		.choices = field->choices,
	};
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (strcmp(conditions[i].name, field->name) == 0) {
			setting.shown_if = conditions[i].shown_if;
			setting.shown_value = conditions[i].shown_value;
		}
	return setting;
}

/* The source and its tables, then what is done with them; what is rarely wanted comes last. */
static size_t list_settings(pawl_arena *memory, pawl_setting settings[SETTINGS_MAX])
{
	size_t count = 0;

	settings[count++] = job_settings[0].form;
	settings[count++] = job_settings[1].form;
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (is_for_all(field))
			settings[count++] = make_setting(memory, field);
	for (size_t i = 2; i < JOB_SETTINGS; i++)
		settings[count++] = job_settings[i].form;
	return count;
}

static void clear_memory(pawl_arena *memory)
{
	pawl_arena_free(memory);
}

pawl_status pawl_database_form(pawl_buffer *response, pawl_error *error)
{
	PAWL_CLEANUP(clear_memory) pawl_arena memory = {0};
	pawl_setting settings[SETTINGS_MAX + 1] = {0};
	const pawl_fivetran_form_parts parts = {settings, pawl_database_tests, pawl_database_test_count, true};
	size_t count = list_settings(&memory, settings);

	for (size_t i = 0; i < count; i++)
		if (settings[i].label == NULL)
			return pawl_error_out_of_memory(error);
	return pawl_fivetran_form_pack(&parts, response, error);
}

/* ---- the job's own settings ------------------------------------------------------------------------------------------- */

static pawl_status set_text(char **text, const char *value, pawl_error *error)
{
	*text = pawl_duplicate(value);
	return *text == NULL ? pawl_error_out_of_memory(error) : PAWL_OK;
}

static pawl_status fail_without_scheme(const char *value, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer shown = {0};

	pawl_redact_url(value, &shown);
	PAWL_TRY(pawl_buffer_status(&shown, error));
	pawl_error_set(error, PAWL_INVALID, "'%s' does not begin with the kind of database", pawl_buffer_text(&shown));
	return pawl_error_hint(error, "write sqlite:FILE, duckdb:FILE or postgres://...");
}

/* To look into a file gives up the locks that other updates of this process have on it: its kind must be told by its name, before
 * anything else is asked of it. */
static pawl_status set_source(pawl_job *job, const char *value, pawl_error *error)
{
	const pawl_source_driver *driver;
	const char *location;

	if (!pawl_source_has_scheme(value))
		return fail_without_scheme(value, error);
	PAWL_TRY(set_text(&job->source, value, error));
	PAWL_TRY(pawl_source_display(value, &job->source_display, error));
	return pawl_source_find(value, &driver, &location, error);
}

/* The next of the names between commas, without the blanks around it; what stands in parentheses is not cut. NULL: no more. */
static char *next_name(char **rest)
{
	char *name = *rest, *end;
	int depth = 0;

	if (name == NULL)
		return NULL;
	for (end = name; *end != '\0' && (*end != ',' || depth > 0); end++)
		depth += (*end == '(') - (*end == ')');
	*rest = *end == '\0' ? NULL : end + 1;
	*end = '\0';
	name += strspn(name, " \t\r\n");
	for (end = name + strlen(name); end > name && isspace((unsigned char) end[-1]); end--)
		end[-1] = '\0';
	return name;
}

static pawl_status add_tables(pawl_job *job, const char *value, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = pawl_duplicate(value);
	char *rest = text;
	pawl_table_rule *rule;

	if (text == NULL)
		return pawl_error_out_of_memory(error);
	for (char *name = next_name(&rest); name != NULL; name = next_name(&rest))
		PAWL_TRY(pawl_job_add_rule(job, name, &rule, error));
	return PAWL_OK;
}

static pawl_status set_toggle(bool *toggle, const char *value, pawl_error *error)
{
	bool is_true = pawl_text_equal_ignore_case(value, "true");

	if (!is_true && !pawl_text_equal_ignore_case(value, "false"))
		return pawl_error_set(error, PAWL_INVALID, "it is neither true nor false");
	*toggle = is_true;
	return PAWL_OK;
}

static pawl_status set_allow_empty(pawl_job *job, const char *value, pawl_error *error)
{
	return set_toggle(&job->is_allow_empty, value, error);
}

static pawl_status set_accept_source(pawl_job *job, const char *value, pawl_error *error)
{
	return set_toggle(&job->is_accept_source, value, error);
}

static pawl_status set_duration(int64_t *duration_us, const char *value, pawl_error *error)
{
	if (pawl_duration_parse(value, duration_us))
		return PAWL_OK;
	pawl_error_set(error, PAWL_INVALID, "it is not a duration");
	return pawl_error_hint(error, "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms");
}

static pawl_status set_max_snapshot(pawl_job *job, const char *value, pawl_error *error)
{
	return set_duration(&job->max_snapshot_us, value, error);
}

static pawl_status set_busy_timeout(pawl_job *job, const char *value, pawl_error *error)
{
	return set_duration(&job->busy_us, value, error);
}

/* ---- settings of tables ------------------------------------------------------------------------------------------------ */

pawl_status pawl_database_set_field(const pawl_table_field *field, pawl_table_settings *settings, const char *value,
                                    pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *text = pawl_duplicate(value);
	char *rest = text;

	if (text == NULL)
		return pawl_error_out_of_memory(error);
	if (field->kind != PAWL_FIELD_NAMES)
		return pawl_field_set(field, settings, value, error);
	for (char *name = next_name(&rest); name != NULL; name = next_name(&rest))
		PAWL_TRY(pawl_field_add_name(field, settings, name, error));
	return PAWL_OK;
}

pawl_status pawl_database_fail_unknown(const char *name, const char *const *names, pawl_error *error)
{
	const char *closest = pawl_text_closest(name, names);
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];

	pawl_text_excerpt(name, strlen(name), excerpt);
	pawl_error_set(error, PAWL_INVALID, "there is no setting '%s'", excerpt);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	return pawl_error_hint(error, "ConfigurationForm lists those that there are");
}

/* ---- all settings ------------------------------------------------------------------------------------------------------ */

/* What is left empty in the form is not there. */
static const char *find_value(const pawl_database_settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->entries[i]->key, name) == 0 && settings->entries[i]->value[0] != '\0')
			return settings->entries[i]->value;
	return NULL;
}

static const struct job_setting *find_job_setting(const char *name)
{
	for (size_t i = 0; i < JOB_SETTINGS; i++)
		if (strcmp(job_settings[i].form.name, name) == 0)
			return &job_settings[i];
	return NULL;
}

static pawl_status check_names(const pawl_database_settings *settings, pawl_error *error)
{
	const char *names[SETTINGS_MAX + 1];
	size_t count = 0;

	for (size_t i = 0; i < JOB_SETTINGS; i++)
		names[count++] = job_settings[i].form.name;
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (is_for_all(field))
			names[count++] = field->name;
	names[count] = NULL;
	for (size_t i = 0; i < settings->count; i++) {
		const char *name = settings->entries[i]->key;
		const pawl_table_field *field = pawl_field_find(name);
		if (find_job_setting(name) == NULL && (field == NULL || !is_for_all(field)))
			return pawl_database_fail_unknown(name, names, error);
	}
	return PAWL_OK;
}

static pawl_status apply(const pawl_database_settings *settings, pawl_job *job, pawl_error *error)
{
	for (size_t i = 0; i < JOB_SETTINGS; i++) {
		const char *name = job_settings[i].form.name, *value = find_value(settings, name);
		if (value != NULL && job_settings[i].set(job, value, error) != PAWL_OK)
			return pawl_error_prefix(error, "'%s': ", name);
	}
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++) {
		const char *value = find_value(settings, field->name);
		if (value != NULL && pawl_database_set_field(field, &job->defaults, value, error) != PAWL_OK)
			return pawl_error_prefix(error, "'%s': ", field->name);
	}
	if (job->source == NULL) {
		pawl_error_set(error, PAWL_INVALID, "'source' is required, and empty");
		return pawl_error_hint(error, "name the database: sqlite:FILE, duckdb:FILE or postgres://...");
	}
	return PAWL_OK;
}

pawl_status pawl_database_job(const pawl_fivetran_database_options *options, const pawl_database_settings *settings,
                              pawl_job *ret_job, pawl_error *error)
{
	PAWL_CLEANUP(pawl_job_clear) pawl_job job = {0};

	PAWL_TRY(pawl_job_init(&job, error));
	PAWL_TRY(check_names(settings, error));
	PAWL_TRY(apply(settings, &job, error));
	job.memory_limit_bytes = options->memory_limit_bytes;
	job.threads = options->threads;
	job.is_copying_anew = true;
	job.is_case_sensitive = true;
	*ret_job = job;
	job = (pawl_job) {0};
	return PAWL_OK;
}
