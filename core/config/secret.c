/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * secret - the gateway's secret: read, made where absent, used for MACs
 *
 * The daemon and a run may both find no secret and both make one. Each writes
 * its own under a name of its own, durable and complete, and then links it to
 * the real name: link() gives that name to one of them only, and never to half
 * a secret. The loser reads the winner's. A secret that is there is never
 * written over: it would make strangers of our own e-mails under way.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "private.h"

#define MAX_SECRET 4096
#define MIN_SECRET 16
#define NEW_BYTES 32

struct pl_secret {
	size_t length;
	char bytes[MAX_SECRET + 1];
};

void
pl_secret_free(pl_secret *secret)
{
	if (secret == NULL)
		return;
	OPENSSL_cleanse(secret, sizeof(*secret));
	g_free(secret);
}

static gboolean
fail(GError **error, const char *file, const char *what)
{
	g_set_error(error, PL_CONFIG_ERROR, PL_CONFIG_SECRET,
	    "the secret %s %s", file, what);
	return FALSE;
}

/* errno says why. */
static gboolean
fail_errno(GError **error, const char *file, const char *what)
{
	g_autofree char *text =
	    g_strdup_printf("%s: %s", what, g_strerror(errno));

	return fail(error, file, text);
}

/* ---- make ------------------------------------------------------------- */

static gboolean
fill_new(int fd)
{
	guint8 bytes[NEW_BYTES];
	char text[NEW_BYTES * 2 + 2];
	gboolean done;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return FALSE;
	for (unsigned i = 0; i < NEW_BYTES; i++)
		g_snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	text[NEW_BYTES * 2] = '\n';
	done = write(fd, text, NEW_BYTES * 2 + 1) == NEW_BYTES * 2 + 1 &&
	       fsync(fd) == 0;
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(text, sizeof(text));
	return done;
}

static gboolean
sync_folder(const char *file)
{
	g_autofree char *folder = g_path_get_dirname(file);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean done = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* TRUE also if somebody else was faster. */
static gboolean
make(const char *file, GError **error)
{
	g_autofree char *own = g_strdup_printf(
	    "%s.%ld.%08x", file, (long)getpid(), g_random_int());
	int fd = open(own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean done;
	int saved;

	if (fd < 0)
		return fail_errno(error, file, "cannot be made");
	done = fill_new(fd) && (link(own, file) == 0 || errno == EEXIST);
	saved = errno;
	close(fd);
	unlink(own);
	errno = saved;
	if (!done || !sync_folder(file))
		return fail_errno(error, file, "cannot be made");
	return TRUE;
}

/* ---- read ------------------------------------------------------------- */

static gboolean
check_rights(int fd, const char *file, GError **error)
{
	struct stat st;
	g_autofree char *what = NULL;

	if (fstat(fd, &st) != 0)
		return fail_errno(error, file, "cannot be read");
	if (!S_ISREG(st.st_mode))
		return fail(error, file, "must be a regular file");
	if ((st.st_mode & 077) == 0)
		return TRUE;
	what = g_strdup_printf("must be readable by its owner alone (it has"
			       " mode %04o): chmod 600 %s",
	    (unsigned)st.st_mode & 07777, file);
	return fail(error, file, what);
}

static pl_secret *
read_open(int fd, const char *file, GError **error)
{
	g_autoptr(pl_secret) secret = g_new0(pl_secret, 1);
	size_t n = 0;
	ssize_t got = 1;

	if (!check_rights(fd, file, error))
		return NULL;
	while (got > 0 && n < sizeof(secret->bytes)) {
		got = read(fd, secret->bytes + n, sizeof(secret->bytes) - n);
		if (got < 0) {
			fail_errno(error, file, "cannot be read");
			return NULL;
		}
		n += (size_t)got;
	}
	if (n > MAX_SECRET) {
		fail(error, file, "must have at most 4096 bytes");
		return NULL;
	}
	while (n > 0 && g_ascii_isspace(secret->bytes[n - 1]))
		n--;
	if (n < MIN_SECRET) {
		fail(error, file, "must have at least 16 bytes");
		return NULL;
	}
	secret->length = n;
	return g_steal_pointer(&secret);
}

pl_secret *
pl_secret_read(const char *file, GError **error)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	pl_secret *secret;

	if (fd < 0 && errno == ENOENT) {
		if (!make(file, error))
			return NULL;
		fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	}
	if (fd < 0) {
		fail_errno(error, file, "cannot be read");
		return NULL;
	}
	secret = read_open(fd, file, error);
	close(fd);
	return secret;
}

/* ---- use -------------------------------------------------------------- */

static void
add_part(GString *text, const char *part)
{
	guint64 length = GUINT64_TO_BE(strlen(part));

	g_string_append_len(text, (const char *)&length, sizeof(length));
	g_string_append(text, part);
}

void
pl_secret_mac(const pl_secret *secret, const char *const *parts,
    char mac[PL_MAC_LENGTH + 1])
{
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
	g_autoptr(GString) text = g_string_new(NULL);
	guint8 digest[EVP_MAX_MD_SIZE];
	unsigned bits = 0, have = 0, used = 0;

	for (; *parts != NULL; parts++)
		add_part(text, *parts);
	if (HMAC(EVP_sha256(), secret->bytes, (int)secret->length,
		(const guint8 *)text->str, text->len, digest, NULL) == NULL)
		g_error("libcrypto has no HMAC-SHA-256");
	for (unsigned i = 0; i < PL_MAC_LENGTH; i++) {
		if (have < 5) {
			bits = bits << 8 | digest[used++];
			have += 8;
		}
		have -= 5;
		mac[i] = base32[bits >> have & 31];
	}
	mac[PL_MAC_LENGTH] = '\0';
}
