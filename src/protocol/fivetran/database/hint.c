/* Hints that name options of the command line. */
#include "protocol/fivetran/database/internal.h"

#include <string.h>

#include "base/error.h"

/* What begins with an option has another word here; what ends with one, or tells of one among others, is cut in front of it. */
void pawl_database_adapt_hint(pawl_error *error)
{
	static const struct {
		const char *option, *hint;
	} hints[] = {
		{"--allow-empty", "allow_empty: true if the table is meant to be empty"},
		{"--accept-source", "accept_source: true if it is the same database in another place; an empty state copies all tables "
		                    "again"},
		{"--full-refresh", "an empty state copies all tables again"},
		{"'pawl discover", "Schema lists the tables"},
		{"--", ""},
	};
	if (error->status == PAWL_OK)
		return;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strncmp(error->hint, hints[i].option, strlen(hints[i].option)) == 0) {
			pawl_error_hint(error, "%s", hints[i].hint);
			return;
		}
	char *option = strstr(error->hint, "--");
	while (option != NULL && option > error->hint && *option != ',' && *option != ';')
		option--;
	if (option != NULL)
		*option = '\0';
}
