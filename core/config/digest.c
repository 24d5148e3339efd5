/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest - SHA-256, by libcrypto, which uses what the processor has for it
 */
#include "postledger/config.h"

#include <openssl/evp.h>

/* Looking for the algorithm takes longer than a short text does. */
static const EVP_MD *
sha256(void)
{
	static EVP_MD *found;
	static gsize once;

	if (g_once_init_enter(&once)) {
		found = EVP_MD_fetch(NULL, "SHA256", NULL);
		if (found == NULL)
			g_error("libcrypto has no SHA-256");
		g_once_init_leave(&once, 1);
	}
	return found;
}

static void
write_hex(const guint8 sum[PL_SHA256], char hex[PL_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (unsigned i = 0; i < PL_SHA256; i++) {
		hex[2 * i] = digits[sum[i] >> 4];
		hex[2 * i + 1] = digits[sum[i] & 15];
	}
	hex[PL_SHA256_HEX] = '\0';
}

void
pl_sha256(const void *bytes, gsize length, guint8 sum[PL_SHA256])
{
	if (EVP_Digest(bytes, length, sum, NULL, sha256(), NULL) != 1)
		g_error("libcrypto: no SHA-256");
}

void
pl_sha256_hex(const void *bytes, gsize length, char hex[PL_SHA256_HEX + 1])
{
	guint8 sum[PL_SHA256];

	pl_sha256(bytes, length, sum);
	write_hex(sum, hex);
}

/* ---- piece by piece ---------------------------------------------------- */

static void
begin(pl_digest *d)
{
	if (EVP_DigestInit_ex2(d, sha256(), NULL) != 1)
		g_error("libcrypto: no SHA-256");
}

pl_digest *
pl_digest_new(void)
{
	pl_digest *d = EVP_MD_CTX_new();

	g_assert(d != NULL);
	begin(d);
	return d;
}

void
pl_digest_free(pl_digest *d)
{
	EVP_MD_CTX_free(d);
}

void
pl_digest_add(pl_digest *d, const void *bytes, gsize length)
{
	if (EVP_DigestUpdate(d, bytes, length) != 1)
		g_error("libcrypto: no SHA-256");
}

void
pl_digest_end(pl_digest *d, char hex[PL_SHA256_HEX + 1])
{
	guint8 sum[PL_SHA256];

	if (EVP_DigestFinal_ex(d, sum, NULL) != 1)
		g_error("libcrypto: no SHA-256");
	write_hex(sum, hex);
	begin(d);
}

void
pl_digest_so_far(const pl_digest *d, char hex[PL_SHA256_HEX + 1])
{
	g_autoptr(pl_digest) copy = EVP_MD_CTX_new();

	if (copy == NULL || EVP_MD_CTX_copy_ex(copy, d) != 1)
		g_error("libcrypto: no SHA-256");
	pl_digest_end(copy, hex);
}
