#include "replicate/run.h"

const char *const pawl_phase_names[] = {
	[PAWL_PHASE_NONE] = "none",
	[PAWL_PHASE_BACKFILL] = "backfill",
	[PAWL_PHASE_INCREMENTAL] = "incremental",
	[PAWL_PHASE_REFRESH] = "refresh",
	NULL,
};

const char *const pawl_mode_names[] = {
	[PAWL_MODE_AUTO] = "auto",
	[PAWL_MODE_UPSERT] = "upsert",
	[PAWL_MODE_APPEND] = "append",
	[PAWL_MODE_REPLACE] = "replace",
	NULL,
};

const char *const pawl_guarantee_names[] = {
	[PAWL_GUARANTEE_NONE] = "none",
	[PAWL_GUARANTEE_LAG] = "lag",
	[PAWL_GUARANTEE_EXACT] = "exact",
	NULL,
};
