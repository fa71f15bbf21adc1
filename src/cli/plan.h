/*
 * cli/plan.h: what a sync would do, shown: `pawl plan`, and `pawl sync --dry-run`.
 */
#ifndef PAWL_CLI_PLAN_H
#define PAWL_CLI_PLAN_H

#include "cli/command.h"
#include "replicate/job.h"

/* Changes nothing. Fails as the sync would, as far as that shows before anything is read. */
pawl_status pawl_plan_show(const pawl_program *program, const pawl_job *job, bool is_json, pawl_error *error);

#endif
