/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * foldertry - a test file into the folder of a journal, and out again
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shelf.h"

static const char content[] = "A test of postledger. It can be deleted.\n";

/* All steps a batch takes, in the fixed folder. */
static gboolean
put(pl_shelf *shelf, const char *ticket, int folder, const char *name,
    GError **error)
{
	int fd = pl_shelf_begin(shelf, ticket, 0, error);

	if (fd < 0)
		return FALSE;
	if (!pl_shelf_write(shelf, fd, content, strlen(content), error)) {
		close(fd);
		return FALSE;
	}
	return pl_shelf_end(shelf, fd, NULL, error) &&
	       pl_shelf_put(shelf, ticket, 0, folder, name, error) ==
		   PL_SHELVED_OUT &&
	       pl_shelf_sync(shelf, folder, error);
}

gboolean
pl_folder_try(const char *deliver_to, char **path, GError **error)
{
	g_autofree char *fixed = pl_folder_fixed(deliver_to);
	g_autofree char *random = g_uuid_string_random();
	g_autofree char *ticket = g_strconcat("test.", random, NULL);
	g_autofree char *name = g_strdup_printf("postledger-%s.txt", ticket);
	g_autoptr(pl_shelf) shelf = pl_shelf_open(fixed, error);
	int folder = shelf == NULL ? -1 : pl_shelf_folder(shelf, "", error);
	gboolean done;

	*path = g_build_filename(fixed, name, NULL);
	if (folder < 0)
		return FALSE;
	done = put(shelf, ticket, folder, name, error);
	unlinkat(folder, name, 0);
	close(folder);
	pl_shelf_drop(shelf, ticket);
	return done;
}
