/* SPDX-License-Identifier: BSD-2-Clause */
/* A setup made from a configuration that the test writes down. */
#include <glib/gstdio.h>

#include "setup.h"

static pl_setup *
made_setup(const char *gateway, const char *journals)
{
	g_autofree char *dir = g_dir_make_tmp("postledger-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(dir, "conf", NULL);
	g_autofree char *secret = g_build_filename(dir, "secret", NULL);
	g_autofree char *text = g_strdup_printf("[gateway]\n"
						"socket = unix:%s/sock\n"
						"ledger = sqlite:%s/ledger.db\n"
						"user = root\n"
						"secret_file = %s\n"
						"sender = pl@gw.example\n"
						"%s\n%s\n",
	    dir, dir, secret, gateway, journals);
	GError *error = NULL;

	assert_true(g_file_set_contents(file, text, -1, NULL));
	pl_config *config = pl_config_read(file, &error);
	if (error != NULL)
		fail_msg("%s", error->message);
	pl_setup *setup = pl_setup_new(config, &error);
	if (error != NULL)
		fail_msg("%s", error->message);
	g_unlink(file);
	g_unlink(secret);
	g_rmdir(dir);
	return setup;
}
