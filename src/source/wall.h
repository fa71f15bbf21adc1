/*
 * source/wall.h: an instant as the clocks on walls show it: keys that are local times, or texts.
 *
 *     PAWL_TRY(pawl_wall_time(engine, "Europe/Berlin", horizon_us, &local_us, error));
 *     PAWL_TRY(pawl_wall_text(engine, zone, newest, horizon_us, text, &is_time, error));
 */
#ifndef PAWL_SOURCE_WALL_H
#define PAWL_SOURCE_WALL_H

#include "base/error.h"
#include "base/time.h"
#include "duck/duck.h"

/*
 * The smallest local time of any instant at or after this one: clocks that are put back within the next day show it again.
 * Microseconds; `zone` is a name of the IANA database.
 */
pawl_status pawl_wall_time(pawl_duck *engine, const char *zone, int64_t us, int64_t *ret_local_us, pawl_error *error);

/*
 * The instant, written as `like` is and not above any text of that form for that instant or a later one. A text that says no
 * zone is of `zone`, NULL being UTC. *ret_is_time is false when `like` is no time of ISO 8601.
 */
pawl_status pawl_wall_text(pawl_duck *engine, const char *zone, const char *like, int64_t us, char out[PAWL_TIME_TEXT_BYTES],
                           bool *ret_is_time, pawl_error *error);

#endif
