/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery notices: any bytes, as the part for machines and as words. */
#include <string.h>

#include "postledger/formats.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

static void
check(const pl_dsn *dsn)
{
	g_assert(dsn->recipients->len <= PL_DSN_RECIPIENTS);
	for (guint i = 0; i < dsn->recipients->len; i++) {
		const struct pl_dsn_recipient *r = dsn->recipients->pdata[i];
		const char *const all[] = { r->recipient, r->action, r->status,
			r->remote, r->diagnostic, r->date };

		for (guint k = 0; k < G_N_ELEMENTS(all); k++)
			g_assert(all[k] == NULL ||
				 (strlen(all[k]) < 4000 &&
				     strpbrk(all[k], "\r\n\033") == NULL));
		g_assert(r->diagnostic == NULL ||
			 g_utf8_validate(r->diagnostic, -1, NULL));
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autofree char *raw = g_strndup((const char *)bytes, length);
	g_autofree char *text = g_utf8_make_valid(raw, -1);
	g_autoptr(pl_dsn) machine = pl_dsn_read(bytes, length);
	g_autoptr(pl_dsn) words = pl_dsn_guess("", text);

	check(machine);
	check(words);
	return 0;
}
