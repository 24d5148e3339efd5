/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * access - who may feed a journal
 *
 * The client must come from an allowed network or be authenticated where that
 * counts, and the envelope sender must be allowed. A client whose address
 * cannot be read is in no network.
 */
#include <string.h>

#include "private.h"

/* IPv4 also where it comes mapped into IPv6. NULL: no address. */
static GInetAddress *
client_address(const char *client)
{
	g_autofree char *plain = NULL;
	g_autoptr(GInetAddress) address = NULL;
	const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (client == NULL || *client == '\0')
		client = "127.0.0.1";
	if (g_ascii_strncasecmp(client, "IPv6:", 5) == 0)
		client += 5;
	plain = g_strndup(client, strcspn(client, "%"));
	address = g_inet_address_new_from_string(plain);
	if (address != NULL &&
	    g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6) {
		const guint8 *bytes = g_inet_address_to_bytes(address);

		if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
			return g_inet_address_new_from_bytes(
			    bytes + sizeof(mapped), G_SOCKET_FAMILY_IPV4);
	}
	return g_steal_pointer(&address);
}

static gboolean
network_allowed(const struct pl_access *access, const char *client)
{
	g_autoptr(GInetAddress) address = client_address(client);

	for (unsigned i = 0; address != NULL && i < access->networks->len; i++)
		if (g_inet_address_mask_matches(
			g_ptr_array_index(access->networks, i), address))
			return TRUE;
	return FALSE;
}

static gboolean
sender_allowed(const struct pl_access *access, const char *sender)
{
	if (access->senders->len == 0)
		return TRUE;
	for (unsigned i = 0; i < access->senders->len; i++)
		if (pl_address_matches(g_ptr_array_index(access->senders, i),
			sender != NULL ? sender : "", '\0'))
			return TRUE;
	return FALSE;
}

gboolean
pl_access_allows(const struct pl_access *access, const char *client,
    const char *auth, const char *sender)
{
	gboolean authenticated =
	    access->authenticated && auth != NULL && *auth != '\0';

	return (authenticated || network_allowed(access, client)) &&
	       sender_allowed(access, sender);
}
