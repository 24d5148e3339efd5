/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_folder - the folders of journals that deliver into one
 *
 * Looks without writing: is it there, may `user` write, how much room is left,
 * and on which file system, so that somebody notices a mount that is missing.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "postledger/run.h"

#define LITTLE (100u << 20) /* bytes left */

static gboolean
lies_below(const char *path, const char *mount)
{
	gsize n = strlen(mount);
	return strcmp(mount, "/") == 0 ||
	       (strncmp(path, mount, n) == 0 &&
		   (path[n] == '/' || path[n] == '\0'));
}

/* "ext4 mounted on /srv"; g_free(). */
static char *
file_system(const char *path)
{
	g_autofree char *real = realpath(path, NULL);
	g_autofree char *words = g_strdup("a file system that is not known");
	gsize longest = 0;
	struct mntent *m;
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	while (
	    mounts != NULL && real != NULL && (m = getmntent(mounts)) != NULL) {
		gsize n = strlen(m->mnt_dir);
		if (n < longest || !lies_below(real, m->mnt_dir))
			continue;
		longest = n;
		g_free(words);
		words = g_strdup_printf(
		    "%s mounted on %s", m->mnt_type, m->mnt_dir);
	}
	if (mounts != NULL)
		endmntent(mounts);
	return g_steal_pointer(&words);
}

static void
fail(pl_check *check, const struct pl_journal *journal, const char *path,
    const char *why)
{
	g_autofree char *todo = g_strdup_printf(
	    "For instance: install -d -o %s -g GROUP -m 2770 %s, GROUP being "
	    "that of the program that reads it.",
	    check->gateway->user, path);
	pl_check_fail(check, "PL-307", todo,
	    "journal %s: the folder %s cannot be written: %s", journal->name,
	    path, why);
}

/* TRUE: it is a folder that we may write. */
static gboolean
is_writable(pl_check *check, const struct pl_journal *journal, const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0)
		fail(check, journal, path, g_strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		fail(check, journal, path, "it is no folder");
	else if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
		fail(check, journal, path, g_strerror(errno));
	else
		return TRUE;
	return FALSE;
}

static gboolean
is_workplace_ours(
    pl_check *check, const struct pl_journal *journal, const char *path)
{
	g_autofree char *work =
	    g_build_filename(path, PL_FOLDER_WORKPLACE, NULL);
	struct stat st;
	if (lstat(work, &st) < 0 ||
	    (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
		(st.st_mode & 077) == 0))
		return TRUE;
	g_autofree char *todo =
	    g_strdup_printf("Remove it, or: chown %s %s && chmod 0700 %s",
		check->gateway->user, work, work);
	pl_check_fail(check, "PL-307", todo,
	    "journal %s: %s is not a folder of the user \"%s\" alone",
	    journal->name, work, check->gateway->user);
	return FALSE;
}

static void
check_one(pl_check *check, const struct pl_journal *journal)
{
	g_autofree char *path = pl_folder_fixed(journal->deliver_to);
	g_autofree char *where = NULL, *space = NULL;
	struct statvfs vfs;
	guint64 left = 0;
	if (!is_writable(check, journal, path) ||
	    !is_workplace_ours(check, journal, path))
		return;
	where = file_system(path);
	if (statvfs(path, &vfs) == 0)
		left = (guint64)vfs.f_bavail * vfs.f_frsize;
	space = pl_out_size(left);
	if (left < LITTLE)
		pl_check_warn(check, "PL-307", "Make room on it.",
		    "journal %s: only %s are left for the folder %s (%s)",
		    journal->name, space, path, where);
	else
		pl_check_good(check,
		    "journal %s: the folder %s can be written, %s left (%s)",
		    journal->name, path, space, where);
}

void
pl_check_folders(pl_check *check)
{
	pl_config *config = check->cli->config;
	for (unsigned i = 0; i < pl_config_journals(config); i++) {
		const struct pl_journal *j = pl_config_journal(config, i);
		if (pl_folder_is(j->deliver_to))
			check_one(check, j);
	}
}

void
pl_check_send_folder(pl_check *check, const struct pl_journal *journal)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	if (pl_folder_try(journal->deliver_to, &path, &error))
		pl_check_good(check,
		    "a test file was written as %s and removed again", path);
	else
		pl_check_fail(check, "PL-307", NULL,
		    "the test file %s was not written: %s", path,
		    error->message);
}
