/* pawl_of takes every type of C11 that has one meaning; through const and in an expression too. */
#include <pawl/pawl.h>

pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state);

pawl_status update(pawl_sync *sync, const pawl_configuration *configuration, const pawl_state *state)
{
	const int constant = 7;
	char text[] = "text";
	const char *cursor = pawl_state_string(state, "cursor", pawl_configuration_require(configuration, "start"));

	pawl_upsert(sync, "values", {"boolean", pawl_of((bool) true)}, {"signed char", pawl_of((signed char) -1)},
	            {"short", pawl_of((short) -1)}, {"int", pawl_of(constant)}, {"long", pawl_of(-1L)},
	            {"long long", pawl_of(-1LL)},
	            {"unsigned char", pawl_of((unsigned char) 1)}, {"unsigned short", pawl_of((unsigned short) 1)},
	            {"unsigned", pawl_of(1U)}, {"unsigned long", pawl_of(1UL)}, {"unsigned long long", pawl_of(1ULL)},
	            {"float", pawl_of(0.5F)}, {"double", pawl_of(0.5 + constant)}, {"text", pawl_of(text)},
	            {"literal", pawl_of("literal")}, {"value", pawl_of(pawl_utc_datetime(0))}, {"size", pawl_of(sizeof text)});
	return pawl_checkpoint(sync, {"cursor", pawl_of(cursor)});
}
