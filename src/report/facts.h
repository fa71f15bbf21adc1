/*
 * report/facts.h: what is known of something, a line each.
 *
 *     pawl_facts_print(stdout, &terminal, PAWL_COLOR_NONE, "mode", "upsert");
 *     pawl_facts_print(stdout, &terminal, PAWL_COLOR_YELLOW, "warning", "no index leads with the replication key");
 *
 *           mode            upsert
 *           warning         no index leads with the replication key
 *
 * Text of others stays on its line.
 */
#ifndef PAWL_REPORT_FACTS_H
#define PAWL_REPORT_FACTS_H

#include <stdio.h>

#include "base/error.h"
#include "report/terminal.h"

/* The label is coloured. */
void pawl_facts_print(FILE *out, const pawl_terminal *terminal, pawl_color color, const char *label, const char *text);

/* The same with no colour, of `length` bytes; the label "" goes on below the line before. */
void pawl_facts_print_bytes(FILE *out, const char *label, const char *text, size_t length);

/* The same of several texts. What does not fit into some 1,000 bytes is cut. */
void pawl_facts_printf(FILE *out, const char *label, const char *format, ...) PAWL_PRINTF(3, 4);

#endif
