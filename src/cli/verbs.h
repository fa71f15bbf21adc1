/*
 * cli/verbs.h: the verbs of the program pawl, a file each.
 */
#ifndef PAWL_CLI_VERBS_H
#define PAWL_CLI_VERBS_H

#include "cli/command.h"

extern const pawl_command pawl_verb_sync;
extern const pawl_command pawl_verb_init;
extern const pawl_command pawl_verb_check;
extern const pawl_command pawl_verb_plan;
extern const pawl_command pawl_verb_discover;
extern const pawl_command pawl_verb_status;
extern const pawl_command pawl_verb_state;
extern const pawl_command pawl_verb_debug;
extern const pawl_command pawl_verb_serve;

#endif
