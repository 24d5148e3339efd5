/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * user - from root to the user of the configuration, for ever
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "private.h"

/* In the form of all complaints about the file; a default has no line. */
static gboolean
fail(GError **error, const pl_config *config, const char *what)
{
	g_autofree char *line = config->user_line == 0
				    ? g_strdup("")
				    : g_strdup_printf("%u:", config->user_line);

	g_set_error(error, PL_CONFIG_ERROR, PL_CONFIG_USER,
	    "%s:%s [gateway] user = \"%s\"%s: must be the name of a user of "
	    "this system other than root; %s",
	    config->file, line, config->gateway.user,
	    config->user_line == 0 ? " (the default)" : "", what);
	return FALSE;
}

static gboolean
become(const char *user, uid_t uid, gid_t gid)
{
	return initgroups(user, gid) == 0 && setresgid(gid, gid, gid) == 0 &&
	       setresuid(uid, uid, uid) == 0;
}

gboolean
pl_config_become(const pl_config *config, GError **error)
{
	const char *user = config->gateway.user;
	const struct passwd *pw;

	if (geteuid() != 0)
		return TRUE;
	errno = 0;
	pw = getpwnam(user);
	if (pw == NULL)
		return fail(error, config,
		    errno != 0 ? g_strerror(errno) : "there is no such user");
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return fail(error, config, "this one is root's or in its group");
	if (!become(user, pw->pw_uid, pw->pw_gid))
		return fail(error, config, g_strerror(errno));
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0)
		return fail(error, config, "root could be had again");
	return TRUE;
}
