#include "replicate/job.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/run.h"

/* ---- the fields ------------------------------------------------------------------------------------------------------ */

static const char *const null_keys_names[] = {
	[PAWL_NULLS_INCLUDE] = "include", [PAWL_NULLS_ERROR] = "error", [PAWL_NULLS_IGNORE] = "ignore", NULL,
};

static const char *const clock_names[] = {[PAWL_CLOCK_APPLICATION] = "application", [PAWL_CLOCK_DATABASE] = "database", NULL};
static const char *const hold_names[] = {
	[PAWL_HOLD_WAIT] = "wait", [PAWL_HOLD_WARN] = "warn", [PAWL_HOLD_LAG] = "lag", NULL,
};
static const char *const schema_changes_names[] = {[PAWL_SCHEMA_EVOLVE] = "evolve", [PAWL_SCHEMA_FREEZE] = "freeze", NULL};
static const char *const misfits_names[] = {[PAWL_MISFITS_TEXT] = "text", [PAWL_MISFITS_ERROR] = "error", NULL};

#define MEMBER(name) offsetof(pawl_table_settings, name)

/* max_ahead: more than clocks differ by, and less than time zones do, so that local times in a UTC column are noticed. */
const pawl_table_field pawl_table_fields[] = {
	{"key", PAWL_FIELD_NAMES, MEMBER(key), NULL, NULL,
	 "the replication key: a column that grows with each change; several: a row's greatest; or 'coalesce(a, b)'"},
	{"primary_key", PAWL_FIELD_NAMES, MEMBER(primary_key), NULL, NULL,
	 "the columns that tell rows apart, when the source declares none"},
	{"mode", PAWL_FIELD_CHOICE, MEMBER(mode), pawl_mode_names, "auto",
	 "upsert by primary key, append, or replace the whole table; auto: upsert where the keys allow it, else replace"},
	{"columns.include", PAWL_FIELD_NAMES, MEMBER(include), NULL, NULL, "the only columns to copy"},
	{"columns.exclude", PAWL_FIELD_NAMES, MEMBER(exclude), NULL, NULL, "columns that are not copied"},
	{"columns.rename", PAWL_FIELD_PAIRS, MEMBER(rename), NULL, NULL, "what columns are called in the destination"},
	{"where", PAWL_FIELD_TEXT, MEMBER(where), NULL, NULL, "only rows that meet this condition, in the source's SQL"},
	{"start", PAWL_FIELD_TEXT, MEMBER(start), NULL, NULL, "the first sync leaves out rows whose key is below this value"},
	{"lag", PAWL_FIELD_DURATION, MEMBER(lag_us), NULL, "60s",
	 "how long after its key was set a row may be committed and still be found"},
	{"null_keys", PAWL_FIELD_CHOICE, MEMBER(null_keys), null_keys_names, "include",
	 "rows without a key: include reads them at every sync, error stops the table, ignore leaves them out and counts them"},
	{"window_rows", PAWL_FIELD_COUNT, MEMBER(window_rows), NULL, "500000", "rows that are committed at once, about"},
	{"clock", PAWL_FIELD_CHOICE, MEMBER(clock), clock_names, "application",
	 "what sets the key: the application, or the database itself at every insert and update"},
	{"key_zone", PAWL_FIELD_TEXT, MEMBER(key_zone), NULL, NULL,
	 "the time zone of a key that has none: 'Europe/Berlin' (UTC when left out)"},
	{"key_format", PAWL_FIELD_CHOICE, MEMBER(key_format), pawl_key_format_names, "none",
	 "how a key of numbers or text is to be read as a time"},
	{"schema_changes", PAWL_FIELD_CHOICE, MEMBER(schema_changes), schema_changes_names, "evolve",
	 "new and changed columns of the source: evolve takes them over, freeze stops the table"},
	{"name", PAWL_FIELD_TEXT, MEMBER(name), NULL, "{schema}.{table}", "what the table is called in the destination"},
	{"max_ahead", PAWL_FIELD_DURATION, MEMBER(max_ahead_us), NULL, "10m",
	 "keys further ahead of the source's clock than this are warned of"},
	{"max_hold.after", PAWL_FIELD_DURATION, MEMBER(hold_after_us), NULL, "10m",
	 "how long open transactions may hold the cursor back before 'max_hold.then' applies"},
	{"max_hold.then", PAWL_FIELD_CHOICE, MEMBER(hold_then), hold_names, "wait",
	 "wait keeps the exact guarantee, whatever it takes; warn does too, and warns; lag goes on with the guarantee of a lag"},
	{"formats", PAWL_FIELD_PAIRS, MEMBER(formats), pawl_key_format_names, NULL,
	 "columns of numbers or text that are times, and how they are written"},
	{"misfits", PAWL_FIELD_CHOICE, MEMBER(misfits), misfits_names, "text",
	 "a value that does not fit its column's type: text makes the column text, error stops the table"},
	{0},
};

#define FIELD_COUNT (sizeof(pawl_table_fields) / sizeof(pawl_table_fields[0]) - 1)
_Static_assert(FIELD_COUNT <= PAWL_TABLE_FIELDS_MAX, "pawl_table_settings.given has a bit for each field");

const pawl_table_field *pawl_field_find(const char *name)
{
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

static uint64_t bit_of(const pawl_table_field *field)
{
	return UINT64_C(1) << (field - pawl_table_fields);
}

uint64_t pawl_field_bit(const char *name)
{
	return bit_of(pawl_field_find(name));
}

static void *member_of(const pawl_table_field *field, pawl_table_settings *settings)
{
	return (char *) settings + field->offset;
}

static const void *const_member_of(const pawl_table_field *field, const pawl_table_settings *settings)
{
	return (const char *) settings + field->offset;
}

/* ---- pairs ----------------------------------------------------------------------------------------------------------- */

static void clear_pairs(pawl_pairs *pairs)
{
	pawl_names names = {pairs->names, pairs->count}, values = {pairs->values, pairs->count};
	pawl_names_clear(&names);
	pawl_names_clear(&values);
	*pairs = (pawl_pairs){0};
}

static pawl_status add_pair(pawl_pairs *pairs, const char *name, const char *value, pawl_error *error)
{
	pawl_names names = {pairs->names, pairs->count}, values = {pairs->values, pairs->count};
	pawl_status status = pawl_names_add(&names, name, error);

	if (status == PAWL_OK)
		status = pawl_names_add(&values, value, error);
	/* What grew is kept; a name that got no value is not. */
	if (names.count > values.count)
		pawl_free(names.items[--names.count]);
	*pairs = (pawl_pairs){names.items, values.items, values.count};
	return status;
}

static bool has_name(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (pawl_text_equal_ignore_case(names[i], name))
			return true;
	return false;
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

static pawl_status fail_value(const char *text, const char *what, pawl_error *error)
{
	char excerpt[PAWL_TEXT_EXCERPT_BYTES];

	pawl_text_excerpt(text, strlen(text), excerpt);
	return pawl_error_set(error, PAWL_INVALID, "'%s' %s", excerpt, what);
}

static pawl_status find_choice(const char *const *choices, const char *text, int *ret_choice, pawl_error *error)
{
	char all[256] = "";
	size_t used = 0;

	for (int i = 0; choices[i] != NULL; i++) {
		if (pawl_text_equal_ignore_case(text, choices[i])) {
			*ret_choice = i;
			return PAWL_OK;
		}
	}
	fail_value(text, "is none of the choices", error);
	const char *closest = pawl_text_closest(text, choices);
	if (closest != NULL)
		return pawl_error_hint(error, "did you mean '%s'?", closest);
	for (size_t i = 0; choices[i] != NULL && used < sizeof(all); i++)
		used += (size_t) snprintf(all + used, sizeof(all) - used, "%s'%s'", i > 0 ? ", " : "", choices[i]);
	return pawl_error_hint(error, "it is one of %s", all);
}

static pawl_status set_count(const char *text, int64_t *member, pawl_error *error)
{
	int64_t count;

	if (!pawl_text_parse_integer(text, &count))
		return fail_value(text, "is not an integer", error);
	if (count < 1)
		return fail_value(text, "is below 1", error);
	*member = count;
	return PAWL_OK;
}

static pawl_status set_duration(const char *text, int64_t *member, pawl_error *error)
{
	if (pawl_duration_parse(text, member))
		return PAWL_OK;
	fail_value(text, "is not a duration", error);
	return pawl_error_hint(error, "write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms");
}

/* What stands in braces must be known, so that a misspelt {tabel} does not become part of a table's name. */
static pawl_status check_name_pattern(const char *text, pawl_error *error)
{
	static const char *const words[] = {"{schema}", "{table}"};

	for (const char *next = text + strcspn(text, "{}"); *next != '\0'; next += strcspn(next, "{}")) {
		size_t i = 0;
		while (i < 2 && strncmp(next, words[i], strlen(words[i])) != 0)
			i++;
		if (i == 2) {
			fail_value(text, "has braces around something else than 'schema' or 'table'", error);
			return pawl_error_hint(error, "write {schema} and {table} where these names shall stand");
		}
		next += strlen(words[i]);
	}
	return PAWL_OK;
}

/* No text stands for none, so that a table can take back what the defaults say; where there is always one, it is refused. */
static pawl_status set_text(const pawl_table_field *field, const char *text, char **member, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = NULL;

	if (*text == '\0' && field->initial != NULL)
		return pawl_error_set(error, PAWL_INVALID, "it is empty");
	if (field->offset == MEMBER(name))
		PAWL_TRY(check_name_pattern(text, error));
	if (*text != '\0') {
		copy = pawl_duplicate(text);
		if (copy == NULL)
			return pawl_error_out_of_memory(error);
	}
	pawl_free(*member);
	*member = PAWL_TAKE(copy);
	return PAWL_OK;
}

static pawl_status set_names(const char *text, pawl_names *member, pawl_error *error)
{
	PAWL_CLEANUP(pawl_names_clear) pawl_names names = {0};

	if (*text == '\0')
		return pawl_error_set(error, PAWL_INVALID, "it is empty");
	PAWL_TRY(pawl_names_add(&names, text, error));
	pawl_names_clear(member);
	*member = names;
	names = (pawl_names){0};
	return PAWL_OK;
}

static pawl_status set_member(const pawl_table_field *field, void *member, const char *text, pawl_error *error)
{
	switch (field->kind) {
	case PAWL_FIELD_TEXT:
		return set_text(field, text, member, error);
	case PAWL_FIELD_CHOICE:
		return find_choice(field->choices, text, member, error);
	case PAWL_FIELD_COUNT:
		return set_count(text, member, error);
	case PAWL_FIELD_DURATION:
		return set_duration(text, member, error);
	case PAWL_FIELD_NAMES:
		return set_names(text, member, error);
	case PAWL_FIELD_PAIRS:
		return fail_value(text, "is one text, where names and values are expected", error);
	}
	return pawl_error_set(error, PAWL_INTERNAL, "the setting '%s' has no kind", field->name);
}

pawl_status pawl_field_set(const pawl_table_field *field, pawl_table_settings *settings, const char *text, pawl_error *error)
{
	PAWL_TRY(set_member(field, member_of(field, settings), text, error));
	settings->given |= bit_of(field);
	return PAWL_OK;
}

pawl_status pawl_field_add_name(const pawl_table_field *field, pawl_table_settings *settings, const char *name, pawl_error *error)
{
	pawl_names *names = member_of(field, settings);

	if (field->kind != PAWL_FIELD_NAMES)
		return pawl_error_set(error, PAWL_INTERNAL, "the setting '%s' is no list", field->name);
	if (*name == '\0')
		return pawl_error_set(error, PAWL_INVALID, "a name is empty");
	if (has_name(names->items, names->count, name))
		return fail_value(name, "is there twice", error);
	PAWL_TRY(pawl_names_add(names, name, error));
	settings->given |= bit_of(field);
	return PAWL_OK;
}

pawl_status pawl_field_add_pair(const pawl_table_field *field, pawl_table_settings *settings, const char *name, const char *value,
                                pawl_error *error)
{
	pawl_pairs *pairs = member_of(field, settings);
	int choice = 0;

	if (field->kind != PAWL_FIELD_PAIRS)
		return pawl_error_set(error, PAWL_INTERNAL, "the setting '%s' takes no pairs", field->name);
	if (*name == '\0')
		return pawl_error_set(error, PAWL_INVALID, "a name is empty");
	if (has_name(pairs->names, pairs->count, name))
		return fail_value(name, "is there twice", error);
	if (*value == '\0')
		return fail_value(name, "has no value", error);
	if (field->choices != NULL) {
		PAWL_TRY(find_choice(field->choices, value, &choice, error));
		value = field->choices[choice];
	}
	PAWL_TRY(add_pair(pairs, name, value, error));
	settings->given |= bit_of(field);
	return PAWL_OK;
}

/* ---- all of a table's ------------------------------------------------------------------------------------------------- */

static void clear_member(const pawl_table_field *field, void *member)
{
	if (field->kind == PAWL_FIELD_TEXT) {
		pawl_free(*(char **) member);
		*(char **) member = NULL;
	} else if (field->kind == PAWL_FIELD_NAMES) {
		pawl_names_clear(member);
	} else if (field->kind == PAWL_FIELD_PAIRS) {
		clear_pairs(member);
	}
}

void pawl_table_settings_clear(pawl_table_settings *settings)
{
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++)
		clear_member(field, member_of(field, settings));
	*settings = (pawl_table_settings){0};
}

pawl_status pawl_table_settings_init(pawl_table_settings *settings, pawl_error *error)
{
	pawl_status status = PAWL_OK;

	*settings = (pawl_table_settings){0};
	for (const pawl_table_field *field = pawl_table_fields; status == PAWL_OK && field->kind != 0; field++)
		if (field->initial != NULL)
			status = pawl_field_set(field, settings, field->initial, error);
	if (status != PAWL_OK)
		pawl_table_settings_clear(settings);
	settings->given = 0;
	return status;
}

static pawl_status copy_names(const pawl_names *from, pawl_names *to, pawl_error *error)
{
	PAWL_CLEANUP(pawl_names_clear) pawl_names copy = {0};

	for (size_t i = 0; i < from->count; i++)
		PAWL_TRY(pawl_names_add(&copy, from->items[i], error));
	pawl_names_clear(to);
	*to = copy;
	copy = (pawl_names){0};
	return PAWL_OK;
}

static pawl_status copy_pairs(const pawl_pairs *from, pawl_pairs *to, pawl_error *error)
{
	PAWL_CLEANUP(clear_pairs) pawl_pairs copy = {0};

	for (size_t i = 0; i < from->count; i++)
		PAWL_TRY(add_pair(&copy, from->names[i], from->values[i], error));
	clear_pairs(to);
	*to = copy;
	copy = (pawl_pairs){0};
	return PAWL_OK;
}

static pawl_status copy_text(char *const *from, char **to, pawl_error *error)
{
	PAWL_CLEANUP(pawl_free_pointer) char *copy = *from == NULL ? NULL : pawl_duplicate(*from);

	if (*from != NULL && copy == NULL)
		return pawl_error_out_of_memory(error);
	pawl_free(*to);
	*to = PAWL_TAKE(copy);
	return PAWL_OK;
}

static pawl_status copy_member(const pawl_table_field *field, const void *from, void *to, pawl_error *error)
{
	switch (field->kind) {
	case PAWL_FIELD_TEXT:
		return copy_text(from, to, error);
	case PAWL_FIELD_CHOICE:
		*(int *) to = *(const int *) from;
		return PAWL_OK;
	case PAWL_FIELD_COUNT:
	case PAWL_FIELD_DURATION:
		*(int64_t *) to = *(const int64_t *) from;
		return PAWL_OK;
	case PAWL_FIELD_NAMES:
		return copy_names(from, to, error);
	case PAWL_FIELD_PAIRS:
		return copy_pairs(from, to, error);
	}
	return pawl_error_set(error, PAWL_INTERNAL, "the setting '%s' has no kind", field->name);
}

pawl_status pawl_table_settings_merge(pawl_table_settings *settings, const pawl_table_settings *over, pawl_error *error)
{
	for (const pawl_table_field *field = pawl_table_fields; field->kind != 0; field++) {
		if ((over->given & bit_of(field)) == 0)
			continue;
		PAWL_TRY(copy_member(field, const_member_of(field, over), member_of(field, settings), error));
		settings->given |= bit_of(field);
	}
	return PAWL_OK;
}
