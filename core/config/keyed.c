/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyed - addresses and header values that only this gateway can have made
 *
 * Each MAC covers a word for its purpose and every fact it vouches for, so one
 * made for an address is worthless in a header and the other way round. The
 * facts are taken from the text, the MAC is made again, and both are compared
 * in constant time.
 */
#include <string.h>
#include <openssl/crypto.h>

#include "private.h"

static gboolean
mac_equal(const char *mac, const char *other)
{
	return CRYPTO_memcmp(mac, other, PL_MAC_LENGTH) == 0;
}

/* A number from 1 to MAX as we write it, and the character STOP behind it;
 * TEXT is moved past both. */
static gboolean
read_number(const char **text, guint64 max, char stop, guint64 *number)
{
	char *end;

	if (!g_ascii_isdigit(**text) || **text == '0')
		return FALSE;
	*number = g_ascii_strtoull(*text, &end, 10);
	if (end - *text > 19 || *number > max || *end != stop)
		return FALSE;
	*text = end + 1;
	return TRUE;
}

static void
keyed_mac(const pl_secret *secret, const char *sender,
    const struct pl_keyed *keyed, char *mac)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, keyed->id);
	g_autofree char *number = g_strdup_printf("%u", keyed->number);
	const char verb[] = { keyed->verb, '\0' };
	const char *const parts[] = { "postledger address", verb, id, number,
		sender, NULL };

	pl_secret_mac(secret, parts, mac);
}

char *
pl_keyed_format(const pl_secret *secret, const char *sender, char delimiter,
    const struct pl_keyed *keyed)
{
	g_autofree char *folded = g_malloc(strlen(sender) + 1);
	size_t domain = pl_address_fold(sender, folded);
	char mac[PL_MAC_LENGTH + 1];
	const char *at = strrchr(sender, '@');

	g_assert(domain > 1 && at != NULL && delimiter != '\0');
	g_assert(keyed->id > 0 && keyed->number > 0);
	g_assert(g_ascii_islower(keyed->verb));
	keyed_mac(secret, folded, keyed, mac);
	return g_strdup_printf("%.*s%c%c.%" G_GINT64_FORMAT ".%u.%s%s",
	    (int)(at - sender), sender, delimiter, keyed->verb, keyed->id,
	    keyed->number, mac, at);
}

/* TEXT is folded: "v.ID.NUMBER.MAC@domain". */
static gboolean
read_keyed(const char *text, const char *domain, struct pl_keyed *keyed,
    const char **mac)
{
	guint64 id, number;

	if (!g_ascii_islower(text[0]) || text[1] != '.')
		return FALSE;
	keyed->verb = text[0];
	text += 2;
	if (!read_number(&text, G_MAXINT64, '.', &id) ||
	    !read_number(&text, G_MAXUINT, '.', &number))
		return FALSE;
	keyed->id = (gint64)id;
	keyed->number = (unsigned)number;
	*mac = text;
	return strlen(text) > PL_MAC_LENGTH && text[PL_MAC_LENGTH] == '@' &&
	       g_str_equal(text + PL_MAC_LENGTH + 1, domain);
}

gboolean
pl_keyed_parse(const pl_secret *secret, const char *sender, char delimiter,
    const char *address, struct pl_keyed *keyed)
{
	g_autofree char *own = g_malloc(strlen(sender) + 1);
	g_autofree char *other = NULL;
	size_t domain = pl_address_fold(sender, own);
	struct pl_keyed k = { 0 };
	char good[PL_MAC_LENGTH + 1];
	const char *mac;

	if (domain == 0 || delimiter == '\0' || strlen(address) > 1000)
		return FALSE;
	other = pl_address_normalise(address);
	if (strncmp(other, own, domain - 1) != 0 ||
	    other[domain - 1] != delimiter ||
	    !read_keyed(other + domain, own + domain, &k, &mac))
		return FALSE;
	keyed_mac(secret, own, &k, good);
	if (!mac_equal(mac, good))
		return FALSE;
	*keyed = k;
	return TRUE;
}

/* ---- X-Postledger-Batch ----------------------------------------------- */

static void
stamp_mac(const pl_secret *secret, const struct pl_stamp *stamp,
    const char *message_id, const char *recipient, char *mac)
{
	g_autofree char *folded = pl_address_normalise(recipient);
	g_autofree char *id =
	    g_strdup_printf("%" G_GINT64_FORMAT, stamp->batch);
	g_autofree char *attempt = g_strdup_printf("%u", stamp->attempt);
	const char *const parts[] = { "postledger batch", id, attempt,
		message_id, folded, NULL };

	pl_secret_mac(secret, parts, mac);
}

char *
pl_stamp_format(const pl_secret *secret, const struct pl_stamp *stamp,
    const char *message_id, const char *recipient)
{
	char mac[PL_MAC_LENGTH + 1];

	g_assert(stamp->batch > 0 && stamp->attempt > 0);
	stamp_mac(secret, stamp, message_id, recipient, mac);
	return g_strdup_printf("%" G_GINT64_FORMAT
			       ".%u; journal=%s; documents=%u; mac=%s",
	    stamp->batch, stamp->attempt, stamp->journal, stamp->documents,
	    mac);
}

gboolean
pl_stamp_parse(const pl_secret *secret, const char *value,
    const char *message_id, const char *recipient, struct pl_stamp *stamp)
{
	g_autofree char *text = g_strstrip(g_strdup(value));
	const char *at = text, *mac = strstr(text, "; mac=");
	struct pl_stamp s = { 0 };
	guint64 batch, attempt;
	char good[PL_MAC_LENGTH + 1];
	g_autofree char *lower = NULL;

	if (mac == NULL || strlen(mac + strlen("; mac=")) != PL_MAC_LENGTH ||
	    !read_number(&at, G_MAXINT64, '.', &batch) ||
	    !read_number(&at, G_MAXUINT, ';', &attempt))
		return FALSE;
	s.batch = (gint64)batch;
	s.attempt = (unsigned)attempt;
	stamp_mac(secret, &s, message_id, recipient, good);
	lower = g_ascii_strdown(mac + strlen("; mac="), -1);
	if (!mac_equal(lower, good))
		return FALSE;
	stamp->batch = s.batch;
	stamp->attempt = s.attempt;
	return TRUE;
}
