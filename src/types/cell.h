/*
 * types/cell.h: a value turned into what its column stores, exactly or not at all.
 *
 *     PAWL_CLEANUP(pawl_buffer_free) pawl_buffer scratch = {0};
 *     pawl_cell cell;
 *     PAWL_TRY(pawl_cell_convert(&value, PAWL_UTC_DATETIME, &scratch, &cell, error));
 */
#ifndef PAWL_TYPES_CELL_H
#define PAWL_TYPES_CELL_H

#include "base/buffer.h"
#include "base/decimal.h"
#include "types/type.h"

/* One cell; which member holds it follows from the column's pawl_storage. */
typedef struct pawl_cell {
	bool is_null;
	size_t length; /* of bytes */
	union {
		bool boolean;
		int16_t int16;
		int32_t int32;
		int64_t int64;
		pawl_int128 int128;
		float float32;
		double float64;
		const char *bytes; /* borrowed from the value, or from the scratch buffer */
	} as;
} pawl_cell;

/*
 * The value as a cell of `type` (not PAWL_UNSPECIFIED). What it accepts beside the type's own kind:
 *   integers     integers in range; BOOLEAN no; text no
 *   BOOLEAN      booleans alone
 *   DECIMAL      decimal text, text that is a decimal, integers; never a float or double; no digit may be lost
 *   FLOAT        floats; doubles and integers that a float keeps exactly (NaN and infinities pass)
 *   DOUBLE       floats, doubles; integers up to 2^53 in size, or exactly representable
 *   NAIVE_DATE   days; text YYYY-MM-DD (also with a time of midnight, without zone)
 *   NAIVE_DATETIME  microseconds; text without zone; a NAIVE_DATE, or text of a date alone, as midnight
 *   UTC_DATETIME    microseconds; text with a zone ('Z' or offset); never text without one
 *   STRING       text, JSON and XML text; any other kind as its text (numbers as digits, booleans true/false, datetimes in ISO 8601)
 *   JSON         JSON text (checked); text that is JSON; numbers (not NaN or infinities) and booleans as JSON
 *   XML          XML or plain text, as it is
 *   BINARY       binary; text, as its bytes, whatever they are
 * Text in the other types must be valid UTF-8 without NUL bytes. Anything else is PAWL_INVALID: "'abc' is not a DECIMAL(5,2):
 * ..." The caller adds table and column in front. A cell made of new text (a number in a STRING column) keeps it in `scratch`,
 * in the place of what was there: it must stay as it is for as long as the cell is used.
 */
pawl_status pawl_cell_convert(const pawl_value *value, pawl_type type, pawl_buffer *scratch, pawl_cell *ret_cell,
                              pawl_error *error);

/* The cell as text, as pawl_cell_convert would put it into a STRING column; for hashes and messages. NULL appends nothing. */
void pawl_cell_append_text(const pawl_cell *cell, pawl_type type, pawl_buffer *out);

#endif
