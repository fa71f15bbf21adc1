#include "source/claim.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pawl_source_claim *claims; /* of all threads, under the lock */

static const pawl_source_driver *find_other(const pawl_source_claim *wanted)
{
	for (const pawl_source_claim *claim = claims; claim != NULL; claim = claim->next)
		if (claim->device == wanted->device && claim->inode == wanted->inode && claim->driver != wanted->driver)
			return claim->driver;
	return NULL;
}

static const pawl_source_driver *add(pawl_source_claim *claim)
{
	pthread_mutex_lock(&lock);
	const pawl_source_driver *other = find_other(claim);
	if (other == NULL) {
		claim->next = claims;
		claims = claim;
	}
	pthread_mutex_unlock(&lock);
	return other;
}

pawl_status pawl_source_claim_take(pawl_source_claim *claim, const pawl_source_driver *driver, const char *path, pawl_error *error)
{
	struct stat file;

	if (stat(path, &file) != 0)
		return pawl_error_set(error, PAWL_IO, "source '%s': %s", path, strerror(errno));
	*claim = (pawl_source_claim) {.driver = driver, .device = file.st_dev, .inode = file.st_ino};
	const pawl_source_driver *other = add(claim);
	if (other == NULL)
		return PAWL_OK;
	*claim = (pawl_source_claim) {0};
	pawl_error_set(error, PAWL_INVALID, "source '%s': it is open as a file of another kind", path);
	return pawl_error_hint(error, "is it %s:FILE, and not %s:FILE?", other->name, driver->name);
}

void pawl_source_claim_release(pawl_source_claim *claim)
{
	if (claim->driver == NULL)
		return;
	pthread_mutex_lock(&lock);
	pawl_source_claim **at = &claims;
	while (*at != claim)
		at = &(*at)->next;
	*at = claim->next;
	pthread_mutex_unlock(&lock);
	*claim = (pawl_source_claim) {0};
}
