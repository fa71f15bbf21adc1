#include "source/sqlite/internal.h"

#include <string.h>

/* "2024-05-01", and what may come behind it. */
#define DATE_LENGTH   10
#define TIME_LENGTH   19 /* of a date and a time to the second */
#define OFFSET_LENGTH 6  /* of "+02:00" */

/* What two keys have to share, so that they compare as the times that they stand for. */
typedef struct form {
	bool is_text; /* of a date or a time, with what follows */
	char day[DATE_LENGTH + 1];
	char separator[2]; /* behind the date; "" when nothing is */
	char offset[OFFSET_LENGTH + 1];
} form;

static form form_of(const pawl_source_key *key, const pawl_key_value *newest)
{
	form own = {.is_text = pawl_sqlite_is_text_time(key, newest)};
	size_t length = strlen(newest->text);

	if (!own.is_text || length < DATE_LENGTH)
		return own;
	memcpy(own.day, newest->text, DATE_LENGTH);
	own.separator[0] = newest->text[DATE_LENGTH];
	if (length > TIME_LENGTH && strchr("+-", newest->text[length - OFFSET_LENGTH]) != NULL)
		memcpy(own.offset, newest->text + length - OFFSET_LENGTH, OFFSET_LENGTH);
	return own;
}

/* Whether `pawl_key` is of another form. Integers and real numbers compare as one. */
static void append_difference(pawl_buffer *sql, const form *own, const pawl_key_value *newest)
{
	bool is_number = strcmp(newest->type, "integer") == 0 || strcmp(newest->type, "real") == 0;

	pawl_buffer_appendf(sql, " WHERE replace(typeof(pawl_key), 'real', 'integer') <> '%s'",
	                    is_number ? "integer" : strcmp(newest->type, "blob") == 0 ? "blob" : "text");
	if (own->is_text) {
		pawl_buffer_append(sql, " OR substr(pawl_key, 11, 1) <> ");
		pawl_buffer_append_literal(sql, own->separator);
		pawl_buffer_append(sql, " OR iif(length(pawl_key) > 19 AND substr(pawl_key, -6, 1) IN ('+', '-'), "
		                        "substr(pawl_key, -6), '') <> ");
		pawl_buffer_append_literal(sql, own->offset);
	}
	pawl_buffer_append(sql, " LIMIT 1");
}

/* Which keys are looked at. */
typedef enum scope { SCOPE_ALL, SCOPE_LEAST, SCOPE_NEW, SCOPE_SAME_DAY } scope;

static pawl_status look(pawl_sqlite_source *sqlite, const pawl_read *read, scope where, const pawl_key_value *newest,
                        pawl_key_value *ret_other, pawl_error *error)
{
	PAWL_CLEANUP(pawl_sqlite_query_free) pawl_sqlite_query query = {0};
	const pawl_read all = {.table = read->table, .key = read->key, .where = read->where};
	form own = form_of(read->key, newest);
	char before[sizeof(own.day) + sizeof(own.separator)] = "", text[] = "text";

	if (where == SCOPE_SAME_DAY && own.separator[0] == '\0')
		return PAWL_OK;
	strcat(strcpy(before, own.day), own.separator);
	const pawl_key_value day = {own.day, text}, other_day = {before, text};
	pawl_buffer_append(&query.sql, "SELECT pawl_key FROM (SELECT ");
	pawl_sqlite_append_key(&query.sql, read);
	pawl_buffer_append(&query.sql, " AS pawl_key");
	pawl_sqlite_append_table(&query, read);
	pawl_sqlite_append_keyed(&query, where == SCOPE_NEW ? read : &all);
	if (where == SCOPE_SAME_DAY) {
		pawl_sqlite_append_comparison(&query, read, " >= ", &day);
		pawl_sqlite_append_comparison(&query, read, " < ", &other_day);
	}
	if (where == SCOPE_LEAST) {
		pawl_buffer_append(&query.sql, " ORDER BY ");
		pawl_sqlite_append_key(&query.sql, read);
		pawl_buffer_append(&query.sql, " LIMIT 1");
	}
	pawl_buffer_append_character(&query.sql, ')');
	append_difference(&query.sql, &own, newest);
	return pawl_sqlite_query_value(sqlite, &query, ret_other, error);
}

/*
 * A time in another form than the newest may be above or below all others, whatever it says: '2024-05-01T08:00' is above
 * '2024-05-01 09:00', and a number below each text. Without an index all keys are looked at; else the least one, those that
 * are new, and those that a key of the newest one's day is above by its form alone.
 */
pawl_status pawl_sqlite_find_other_form(pawl_sqlite_source *sqlite, const pawl_read *read, const pawl_key_value *newest,
                                        pawl_key_value *ret_other, pawl_error *error)
{
	static const scope scopes[] = {SCOPE_LEAST, SCOPE_NEW, SCOPE_SAME_DAY};
	const pawl_source_key *key = read->key;
	bool is_indexed = key->column_count == 1 && read->table->columns[key->columns[0]].is_indexed;

	if (!pawl_sqlite_is_time(key))
		return PAWL_OK;
	if (!is_indexed)
		return look(sqlite, read, SCOPE_ALL, newest, ret_other, error);
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]) && ret_other->text == NULL; i++)
		if (scopes[i] != SCOPE_NEW || read->from.text != NULL)
			PAWL_TRY(look(sqlite, read, scopes[i], newest, ret_other, error));
	return PAWL_OK;
}
