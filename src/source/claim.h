/*
 * source/claim.h: no file is open as that of two kinds of database at a time, in this process.
 *
 *     PAWL_TRY(pawl_source_claim_take(&source->claim, &pawl_source_sqlite, path, error));
 *     pawl_source_claim_release(&source->claim);
 *
 * POSIX takes all locks that a process has on a file away when it closes any descriptor of it. Each driver looks after that for the
 * files that it has open itself, and knows nothing of those of the other one. So a file is claimed before it is opened, and several
 * sources of one kind share it.
 */
#ifndef PAWL_SOURCE_CLAIM_H
#define PAWL_SOURCE_CLAIM_H

#include <sys/types.h>

#include "base/error.h"
#include "source/source.h"

/* Zeroed: there is none. It stays where it is as long as it holds. */
typedef struct pawl_source_claim {
	const pawl_source_driver *driver;
	dev_t device;
	ino_t inode;
	struct pawl_source_claim *next;
} pawl_source_claim;

/* PAWL_INVALID: a source of another driver has the file open. */
pawl_status pawl_source_claim_take(pawl_source_claim *claim, const pawl_source_driver *driver, const char *path, pawl_error *error);

/* When the file is closed. Of a claim that was not taken, nothing happens. */
void pawl_source_claim_release(pawl_source_claim *claim);

#endif
