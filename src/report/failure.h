/*
 * report/failure.h: an error, told to a person, once.
 *
 *     error: unknown verb 'dbug'
 *     hint: did you mean 'debug'?
 */
#ifndef PAWL_REPORT_FAILURE_H
#define PAWL_REPORT_FAILURE_H

#include <stdio.h>

#include <pawl/error.h>

/* One or two lines; red on a terminal that shows colours. */
void pawl_failure_print(FILE *out, const pawl_error *error);

#endif
