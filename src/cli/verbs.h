/*
 * cli/verbs.h: the verbs of the program pawl, a file each.
 */
#ifndef PAWL_CLI_VERBS_H
#define PAWL_CLI_VERBS_H

#include "cli/command.h"

extern const pawl_command pawl_verb_sync;

#endif
