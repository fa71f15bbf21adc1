/* pawl/pawl.h: everything that a connector's author needs. Start reading at pawl/connector.h. */
#ifndef PAWL_H
#define PAWL_H

#include <pawl/connector.h>
#include <pawl/error.h>
#include <pawl/value.h>

#define PAWL_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that runs, which may be newer than PAWL_VERSION, the one that was compiled against. */
PAWL_EXPORT const char *pawl_version(void);

#ifdef __cplusplus
}
#endif

#endif
