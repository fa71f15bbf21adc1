/*
 * types/cell_text.h: values as text. For this room alone: others use pawl_cell_append_text.
 */
#ifndef PAWL_TYPES_CELL_TEXT_H
#define PAWL_TYPES_CELL_TEXT_H

#include "base/decimal.h"
#include "types/type.h"

#define PAWL_CELL_TEXT_BYTES PAWL_DECIMAL_TEXT_BYTES

/*
 * A value that has no bytes (not NULL either) as text: "true", "-42", "2024-03-16T16:40:29Z"; a FLOAT or DOUBLE as the shortest
 * digits that give the same one back, or "NaN", "Infinity", "-Infinity".
 */
void pawl_cell_format_value(const pawl_value *value, char out[PAWL_CELL_TEXT_BYTES]);

#endif
