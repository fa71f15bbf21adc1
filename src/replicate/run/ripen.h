/*
 * replicate/run/ripen.h: where the cursor may go when the key is a sequence.
 *
 * A sequence has no clock, and hands out its numbers long before they are committed. But a number is handed out before any greater
 * one is seen. So the newest one that a snapshot shows is noted, with the time; and when all transactions of that time are over, a
 * snapshot shows whatever was handed out up to it, or never will: the number is ripe.
 *
 *     PAWL_TRY(pawl_ripening_parse(state->ripening, &ripening, error));
 *     const pawl_key_value *ripe = pawl_ripening_find(&ripening, snapshot.settled_us);
 *     ...                                               // the rows from the old cursor on, of that snapshot; then the cursor is *ripe
 *     pawl_ripening_drop(&ripening, snapshot.settled_us);
 *     PAWL_TRY(pawl_ripening_add(&ripening, &bounds.newest, snapshot.taken_us, error));
 */
#ifndef PAWL_REPLICATE_RUN_RIPEN_H
#define PAWL_REPLICATE_RUN_RIPEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "source/source.h"

/* A sync that finds all of them unripe puts its own in the place of the last. */
#define PAWL_RIPENING_NOTES 16

typedef struct pawl_ripening_note {
	pawl_key_value newest;
	int64_t seen_us; /* the source's clock, after the snapshot that showed it */
} pawl_ripening_note;

/* Notes in the order in which they were made. */
typedef struct pawl_ripening {
	pawl_ripening_note notes[PAWL_RIPENING_NOTES];
	size_t count;
} pawl_ripening;

void pawl_ripening_clear(pawl_ripening *ripening);

/* As in _pawl.state; NULL is none. */
pawl_status pawl_ripening_parse(const char *text, pawl_ripening *ret_ripening, pawl_error *error);
pawl_status pawl_ripening_format(const pawl_ripening *ripening, char **ret_text, pawl_error *error);

/* Not again what was the newest at the last note already: the earlier time is the better one. */
pawl_status pawl_ripening_add(pawl_ripening *ripening, const pawl_key_value *newest, int64_t seen_us, pawl_error *error);

/* The last one that was seen before; NULL: none was. */
const pawl_key_value *pawl_ripening_find(const pawl_ripening *ripening, int64_t before_us);

/* Those that were seen before are of no use any more. */
void pawl_ripening_drop(pawl_ripening *ripening, int64_t before_us);

#endif
