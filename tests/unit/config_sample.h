/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration file from lines, in a folder that goes away with the test. */
#ifndef CONFIG_SAMPLE_H
#define CONFIG_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "postledger/config.h"

#define SMALLEST_GATEWAY "[gateway]\nsender = postledger@gw.example\n"
#define SMALLEST_JOURNAL \
	"[journal sales]\naddress = sales@in.example\n" \
	"deliver_to = sales@out.example\n"
#define SMALLEST SMALLEST_GATEWAY SMALLEST_JOURNAL

/* Reads TEXT as a file called "FILE" in messages. */
static inline pl_config *
sample_bytes(const char *text, gssize length, char **message)
{
	g_autofree char *file = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("pl-config-XXXXXX", &file, NULL);
	pl_config *config;

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(file, text, length, NULL));
	config = pl_config_read(file, &error);
	g_unlink(file);
	assert_true((config == NULL) == (error != NULL));
	if (error != NULL)
		assert_true(error->domain == PL_CONFIG_ERROR);
	if (message != NULL && error != NULL) {
		g_autoptr(GString) m = g_string_new(error->message);

		g_string_replace(m, file, "FILE", 0);
		*message = g_string_free(g_steal_pointer(&m), FALSE);
	} else if (message != NULL) {
		*message = NULL;
	}
	return config;
}

static inline pl_config *
sample(const char *text, char **message)
{
	return sample_bytes(text, -1, message);
}

/* TEXT must be refused with exactly MESSAGE. */
static inline void
refused(const char *text, const char *message)
{
	g_autofree char *got = NULL;
	g_autoptr(pl_config) config = sample(text, &got);

	assert_null(config);
	assert_string_equal(got, message);
}

static inline pl_config *
accepted(const char *text)
{
	g_autofree char *got = NULL;
	pl_config *config = sample(text, &got);

	if (config == NULL)
		fail_msg("refused: %s", got);
	return config;
}

static inline pl_secret *
sample_secret(const char *text)
{
	g_autofree char *file = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("pl-secret-XXXXXX", &file, NULL); /* 0600 */
	pl_secret *secret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	secret = pl_secret_read(file, &error);
	g_unlink(file);
	if (secret == NULL)
		fail_msg("%s", error->message);
	return secret;
}

#endif
