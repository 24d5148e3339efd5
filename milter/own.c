/* SPDX-License-Identifier: BSD-2-Clause */
/* own - see own.h */
#include "own.h"

#include <string.h>

/* The sender of which ADDRESS is the keyed form with its delimiter at AT. */
static const struct pl_sender *
find_plain(const pl_setup *s, const char *address, const char *at)
{
	g_autofree char *plain = g_strdup_printf(
	    "%.*s%s", (int)(at - address), address, strrchr(address, '@'));

	return g_hash_table_lookup(s->senders, plain);
}

/* ADDRESS is the normalised RAW. Foreign addresses with an extension end at
 * the second comparison. */
static enum pl_path
path_of(const pl_setup *s, const char *address, const char *raw,
    struct pl_keyed *keyed)
{
	char delimiter = s->gateway->delimiter;
	enum pl_path path = PL_PATH_NO;

	if (delimiter == '\0' || strchr(address, '@') == NULL)
		return PL_PATH_NO;
	for (const char *at = strchr(address, delimiter); at != NULL;
	     at = strchr(at + 1, delimiter)) {
		if (at[1] != 'b' || at[2] != '.')
			continue;
		const struct pl_sender *plain = find_plain(s, address, at);

		if (plain == NULL)
			continue;
		path = PL_PATH_FORGED;
		if (pl_keyed_parse(
			s->secret, plain->address, delimiter, raw, keyed))
			return keyed->verb == 'b' ? PL_PATH_OURS : path;
	}
	return path;
}

enum pl_path
pl_own_path(const pl_setup *s, const char *address, struct pl_keyed *keyed)
{
	g_autofree char *normal = NULL;

	/* most mail is other mail */
	if (s->gateway->delimiter == '\0' ||
	    strchr(address, s->gateway->delimiter) == NULL)
		return PL_PATH_NO;
	normal = pl_address_normalise(address);
	return path_of(s, normal, address, keyed);
}

enum pl_own
pl_own_sender(const pl_setup *s, const char *sender, struct pl_keyed *keyed)
{
	g_autofree char *address = pl_address_normalise(sender);
	const struct pl_sender *plain =
	    g_hash_table_lookup(s->senders, address);

	if (plain != NULL && plain->fixed)
		return PL_OWN_FIXED;
	return path_of(s, address, sender, keyed) == PL_PATH_OURS ? PL_OWN_KEYED
								  : PL_OWN_NO;
}

/* A batch has one envelope recipient for each address it is stamped for; the
 * MTA may hand them over one by one or together. */
static gboolean
stamp_is_good(
    const pl_setup *s, const struct pl_own_header *h, struct pl_stamp *stamp)
{
	for (guint i = 0; i < h->recipients->len; i++)
		if (!pl_stamp_parse(s->secret, h->stamp, h->message_id,
			h->recipients->pdata[i], stamp))
			return FALSE;
	return h->recipients->len > 0;
}

gboolean
pl_own_proven(const pl_setup *s, enum pl_own candidate,
    const struct pl_keyed *keyed, const struct pl_own_header *h,
    struct pl_stamp *stamp)
{
	if (candidate == PL_OWN_NO || h->stamp == NULL ||
	    h->message_id == NULL || h->recipients == NULL ||
	    !stamp_is_good(s, h, stamp))
		return FALSE;
	return candidate == PL_OWN_FIXED ||
	       (stamp->batch == keyed->id && stamp->attempt == keyed->number);
}
