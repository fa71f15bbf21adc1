/*
 * cli/query_format.h: rows of a result as an aligned table, CSV or JSON.
 *
 *     const pawl_query_format *format = &pawl_query_formats[choice];
 *     format->begin(&writer);
 *     while (there is a row)
 *         PAWL_TRY(format->row(&writer, rows, error));
 *     PAWL_TRY(format->end(&writer, error));
 *
 * Every column of `rows` is VARCHAR: the value cast to text; for JSON, a nested value is the text of to_json(value).
 */
#ifndef PAWL_CLI_QUERY_FORMAT_H
#define PAWL_CLI_QUERY_FORMAT_H

#include "base/buffer.h"
#include "duck/duck.h"
#include "report/grid.h"

/* What matters of a column's type. */
typedef enum pawl_query_kind {
	PAWL_QUERY_TEXT,
	PAWL_QUERY_BOOLEAN,
	PAWL_QUERY_NUMBER,   /* integers and decimals */
	PAWL_QUERY_FLOATING, /* may be NaN or infinite */
	PAWL_QUERY_JSON,
	PAWL_QUERY_NESTED    /* lists, structs, maps, unions, variants */
} pawl_query_kind;

/* By the name that DuckDB's DESCRIBE gives the type: "DECIMAL(18,2)", "INTEGER[]". */
pawl_query_kind pawl_query_kind_of(const char *type_name);

typedef struct pawl_query_column {
	char *name;
	pawl_query_kind kind;
} pawl_query_column;

typedef struct pawl_query_writer {
	FILE *out;
	const pawl_query_column *columns;
	size_t column_count;
	int64_t rows;     /* written, or kept for the table */
	pawl_grid grid;   /* the table, until its end */
	pawl_buffer line; /* of CSV and JSON */
} pawl_query_writer;

typedef struct pawl_query_format {
	void (*begin)(pawl_query_writer *writer);
	pawl_status (*row)(pawl_query_writer *writer, pawl_duck_rows *rows, pawl_error *error);
	pawl_status (*end)(pawl_query_writer *writer, pawl_error *error);
	int64_t default_limit; /* rows */
	bool is_json;
} pawl_query_format;

/* Their names, ending in NULL, and what they are, in the same order. */
extern const char *const pawl_query_format_names[];
extern const pawl_query_format pawl_query_formats[];

void pawl_query_writer_free(pawl_query_writer *writer);

#endif
