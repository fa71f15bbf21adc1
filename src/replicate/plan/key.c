#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "replicate/plan/internal.h"

/* ---- choosing -------------------------------------------------------------------------------------------------------- */

/* What columns are called that tell when a row was changed: in small letters, without what stands between words. Best first. */
static const char *const names[] = {
	"updatedat",  "modifiedat",   "lastmodifiedat",   "lastupdatedat", "updatedon",   "modifiedon",     "lastmodified",
	"lastupdated", "lastupdate",  "changedat",        "lastchangedat", "lastchanged", "updatetime",     "updatedtime",
	"modifiedtime", "updatedate", "updateddate",      "modifieddate",  "lastmodifieddate", "lastupdateddate", "dateupdated",
	"datemodified", "updatetimestamp", "lastupdatetime", "lastmodifiedtime", "updatedtimestamp", "systemmodstamp", "sysupdatedon",
	"rowupdatedat", "updated",    "modified",         "changed",       "mtime",
};
enum { NAME_COUNT = sizeof(names) / sizeof(names[0]), NAME_BYTES = 32 };

/* The place of the name in the list, or NAME_COUNT. */
static size_t place_of(const char *name)
{
	char plain[NAME_BYTES];
	size_t length = 0;

	for (const char *c = name; *c != '\0' && length + 1 < NAME_BYTES; c++)
		if (isalnum((unsigned char) *c))
			plain[length++] = (char) tolower((unsigned char) *c);
	plain[length] = '\0';
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (strcmp(names[i], plain) == 0)
			return i;
	return NAME_COUNT;
}

/* 0: it cannot be the key unless somebody says so. */
static int score(const pawl_source_column *column)
{
	static const int of_class[] = {
		[PAWL_KEY_NONE] = 0,    [PAWL_KEY_TIMESTAMPTZ] = 300, [PAWL_KEY_TIMESTAMP] = 290,
		[PAWL_KEY_DATE] = 100,  [PAWL_KEY_NUMBER] = 50,       [PAWL_KEY_TEXT] = 50,
	};
	size_t place = place_of(column->name);

	if (place == NAME_COUNT || of_class[column->key_class] == 0)
		return 0;
	return of_class[column->key_class] + (int) (NAME_COUNT - place) + (column->is_set_by_trigger ? 60 : 0) +
	       (column->is_set_by_default ? 20 : 0) + (column->is_indexed ? 40 : 0) + (column->is_nullable ? 0 : 30);
}

static void explain_choice(const pawl_source_column *column, char reason[PAWL_PLAN_TEXT_BYTES])
{
	snprintf(reason, PAWL_PLAN_TEXT_BYTES, "chosen by its name; %.60s, %s%s%s%s", column->native_type,
	         column->is_nullable ? "may be NULL" : "not NULL", column->is_indexed ? "" : ", no index",
	         column->is_set_by_trigger ? ", set by a trigger" : "", column->is_set_by_default ? ", set by a default" : "");
}

ptrdiff_t pawl_key_choose(const pawl_source_table *table, char reason[PAWL_PLAN_TEXT_BYTES])
{
	ptrdiff_t best = -1;
	int best_score = 0;

	for (size_t i = 0; i < table->column_count; i++)
		if (score(&table->columns[i]) > best_score) {
			best = (ptrdiff_t) i;
			best_score = score(&table->columns[i]);
		}
	if (best < 0)
		snprintf(reason, PAWL_PLAN_TEXT_BYTES, "no column has a name such as 'updated_at' and a type that has an order");
	else
		explain_choice(&table->columns[best], reason);
	return best;
}

/* ---- what was asked for ---------------------------------------------------------------------------------------------- */

static pawl_status add_column(pawl_table_plan *table, size_t index, pawl_error *error)
{
	pawl_source_key *key = &table->key;
	size_t *grown = pawl_reallocate(key->columns, (key->column_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return pawl_error_out_of_memory(error);
	key->columns = grown;
	grown[key->column_count++] = index;
	return PAWL_OK;
}

static pawl_status add_named(pawl_table_plan *table, const char *name, pawl_error *error)
{
	ptrdiff_t index = pawl_source_table_find(table->source, name);
	if (index < 0)
		return pawl_plan_fail_unknown_column(table->source, "key", name, error);
	const pawl_source_column *column = &table->source->columns[index];
	if (column->key_class == PAWL_KEY_NONE) {
		pawl_error_set(error, PAWL_INVALID, "column '%s' cannot be the replication key: values of %s have no order", column->name,
		               column->native_type);
		return pawl_error_hint(error, "name a column of times, numbers or text, or use mode: replace");
	}
	return add_column(table, (size_t) index, error);
}

/* "coalesce(a, b)": adds the names between the parentheses, unless the text is nothing of that kind. */
static pawl_status add_function(pawl_table_plan *table, const char *text, bool *ret_is_function, pawl_error *error)
{
	static const struct {
		const char *name;
		pawl_key_kind kind;
	} functions[] = {{"coalesce(", PAWL_KEY_COALESCE}, {"greatest(", PAWL_KEY_GREATEST}};
	size_t length = strlen(text);

	*ret_is_function = false;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		size_t start = strlen(functions[i].name);
		if (length <= start || strncasecmp(text, functions[i].name, start) != 0 || text[length - 1] != ')')
			continue;
		*ret_is_function = true;
		table->key.kind = functions[i].kind;
		PAWL_CLEANUP(pawl_free_pointer) char *arguments = pawl_duplicate(text + start);
		if (arguments == NULL)
			return pawl_error_out_of_memory(error);
		arguments[length - start - 1] = '\0';
		char *rest;
		for (char *name = strtok_r(arguments, ", ", &rest); name != NULL; name = strtok_r(NULL, ", ", &rest))
			PAWL_TRY(add_named(table, name, error));
		return PAWL_OK;
	}
	return PAWL_OK;
}

static pawl_status take_asked(pawl_table_plan *table, pawl_error *error)
{
	const pawl_names *asked = &table->settings.key;
	bool is_function;

	snprintf(table->key_reason, sizeof(table->key_reason), "asked for");
	if (asked->count == 1) {
		PAWL_TRY(add_function(table, asked->items[0], &is_function, error));
		if (is_function)
			return PAWL_OK;
	}
	table->key.kind = asked->count == 1 ? PAWL_KEY_COLUMN : PAWL_KEY_GREATEST;
	for (size_t i = 0; i < asked->count; i++)
		PAWL_TRY(add_named(table, asked->items[i], error));
	return PAWL_OK;
}

/* ---- the key --------------------------------------------------------------------------------------------------------- */

static pawl_status check_columns(const pawl_table_plan *table, pawl_error *error)
{
	const pawl_source_key *key = &table->key;
	const pawl_source_column *first = &table->source->columns[key->columns[0]];

	for (size_t i = 1; i < key->column_count; i++) {
		const pawl_source_column *column = &table->source->columns[key->columns[i]];
		if (strcmp(column->type, first->type) != 0) {
			pawl_error_set(error, PAWL_INVALID, "the columns of a key must be of one type: '%s' is %s, '%s' is %s", first->name,
			               first->native_type, column->name, column->native_type);
			return pawl_error_hint(error, "make a view that casts them, and replicate that");
		}
	}
	return PAWL_OK;
}

static pawl_status set_text(pawl_table_plan *table, pawl_error *error)
{
	PAWL_CLEANUP(pawl_buffer_free) pawl_buffer text = {0};
	const pawl_source_key *key = &table->key;

	if (key->kind != PAWL_KEY_COLUMN)
		pawl_buffer_append(&text, key->kind == PAWL_KEY_GREATEST ? "greatest(" : "coalesce(");
	for (size_t i = 0; i < key->column_count; i++)
		pawl_buffer_appendf(&text, "%s%s", i == 0 ? "" : ", ", table->source->columns[key->columns[i]].name);
	if (key->kind != PAWL_KEY_COLUMN)
		pawl_buffer_append_character(&text, ')');
	PAWL_TRY(pawl_buffer_status(&text, error));
	table->key_text = pawl_buffer_take(&text);
	return PAWL_OK;
}

pawl_status pawl_plan_key(pawl_table_plan *table, pawl_error *error)
{
	pawl_source_key *key = &table->key;

	if (table->settings.mode == PAWL_MODE_REPLACE) {
		snprintf(table->key_reason, sizeof(table->key_reason), "mode replace needs none");
		return PAWL_OK;
	}
	if (table->settings.key.count > 0) {
		PAWL_TRY(take_asked(table, error));
	} else {
		ptrdiff_t chosen = pawl_key_choose(table->source, table->key_reason);
		if (chosen < 0)
			return PAWL_OK;
		PAWL_TRY(add_column(table, (size_t) chosen, error));
	}
	if (key->column_count == 0)
		return pawl_error_set(error, PAWL_INVALID, "'key' names no column");
	PAWL_TRY(check_columns(table, error));
	table->has_key = true;
	key->key_class = table->source->columns[key->columns[0]].key_class;
	key->format = (pawl_key_format) table->settings.key_format;
	if (table->settings.key_zone != NULL) {
		key->zone = pawl_duplicate(table->settings.key_zone);
		if (key->zone == NULL)
			return pawl_error_out_of_memory(error);
	}
	return set_text(table, error);
}
