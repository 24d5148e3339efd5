/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attach - where postledgerd hangs in a Postfix
 *
 * A unix socket in a list of milters is relative to the queue directory, or
 * absolute; for a chrooted process absolute means below the queue directory,
 * too. So the same text can be right in one service and wrong in another.
 */
#include "attach.h"

#include <netdb.h>
#include <string.h>
#include <sys/stat.h>

void
pl_place_clear(struct pl_place *place)
{
	g_clear_pointer(&place->address, g_free);
	g_clear_pointer(&place->action, g_free);
	g_clear_pointer(&place->protocol, g_free);
}

/* "{ unix:path, default_action=accept }" ▸ address and settings. */
static void
read_milter(const char *word, struct pl_place *place)
{
	gsize length = strlen(word);
	if (*word != '{' || length < 2) {
		place->address = g_strdup(word);
		return;
	}
	g_autofree char *inside = g_strndup(word + 1, length - 2);
	g_auto(GStrv) parts = pl_postfix_words(inside);
	for (char **part = parts; *part != NULL; part++) {
		if (place->address == NULL)
			place->address = g_strdup(*part);
		else if (g_str_has_prefix(*part, "default_action="))
			place->action = g_strdup(strchr(*part, '=') + 1);
		else if (g_str_has_prefix(*part, "protocol="))
			place->protocol = g_strdup(strchr(*part, '=') + 1);
	}
	if (place->address == NULL)
		place->address = g_strdup("");
}

static gboolean
same_file(const char *a, const char *b)
{
	g_autofree char *one = g_canonicalize_filename(a, "/");
	g_autofree char *two = g_canonicalize_filename(b, "/");
	struct stat x, y;
	return strcmp(one, two) == 0 ||
	       (stat(one, &x) == 0 && stat(two, &y) == 0 &&
		   x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

static enum pl_match
match_path(const pl_check *check, const pl_postfix *postfix, const char *path,
    gboolean chroot)
{
	const char *ours = check->socket.path;
	g_autofree char *below = g_build_filename(
	    pl_postfix_get(postfix, "queue_directory"), path, NULL);
	if (ours == NULL)
		return PL_MATCH_OTHER;
	if (*path != '/')
		return same_file(below, ours) ? PL_MATCH_OURS : PL_MATCH_OTHER;
	if (same_file(chroot ? below : path, ours))
		return PL_MATCH_OURS;
	return same_file(chroot ? path : below, ours) ? PL_MATCH_CHROOT
						      : PL_MATCH_OTHER;
}

/* "localhost:8891" in Postfix's order against our port and host. */
static enum pl_match
match_inet(const struct pl_milter_socket *ours, const char *text)
{
	const char *colon = strrchr(text, ':');
	if (ours->path != NULL || colon == NULL)
		return PL_MATCH_OTHER;
	return g_ascii_strtoull(colon + 1, NULL, 10) == ours->port
		   ? PL_MATCH_OURS
		   : PL_MATCH_OTHER;
}

static enum pl_match
match(const pl_check *check, const pl_postfix *postfix, const char *address,
    gboolean chroot)
{
	if (g_str_has_prefix(address, "unix:"))
		return match_path(
		    check, postfix, address + strlen("unix:"), chroot);
	if (g_str_has_prefix(address, "local:"))
		return match_path(
		    check, postfix, address + strlen("local:"), chroot);
	if (g_str_has_prefix(address, "inet:"))
		return match_inet(&check->socket, address + strlen("inet:"));
	return PL_MATCH_OTHER;
}

void
pl_place_find(struct pl_place *place, const pl_check *check,
    const pl_postfix *postfix, const char *list, gboolean chroot)
{
	g_auto(GStrv) words = pl_postfix_words(list);
	*place = (struct pl_place){ 0 };
	for (char **word = words; *word != NULL; word++) {
		struct pl_place here = { 0 };
		read_milter(*word, &here);
		here.match = match(check, postfix, here.address, chroot);
		here.last = word[1] == NULL;
		if (here.match > place->match) {
			pl_place_clear(place);
			*place = here;
		} else {
			pl_place_clear(&here);
		}
	}
}

char *
pl_place_wanted(const pl_check *check, const pl_postfix *postfix)
{
	const char *queue = pl_postfix_get(postfix, "queue_directory");
	const struct pl_milter_socket *ours = &check->socket;
	if (ours->path == NULL)
		return g_strdup_printf("inet:%s:%u",
		    *ours->host != '\0' ? ours->host : "127.0.0.1", ours->port);
	if (g_str_has_prefix(ours->path, queue) &&
	    ours->path[strlen(queue)] == '/')
		return g_strconcat(
		    "unix:", ours->path + strlen(queue) + 1, NULL);
	return g_strconcat("unix:", ours->path, NULL);
}

char *
pl_place_corrected(
    const pl_check *check, const pl_postfix *postfix, const char *list)
{
	g_auto(GStrv) words = pl_postfix_words(list);
	g_autofree char *wanted = pl_place_wanted(check, postfix);
	g_autoptr(GString) text = g_string_new(NULL);
	for (char **word = words; *word != NULL; word++) {
		struct pl_place here = { 0 };
		read_milter(*word, &here);
		if (match(check, postfix, here.address, TRUE) ==
			PL_MATCH_OTHER &&
		    match(check, postfix, here.address, FALSE) ==
			PL_MATCH_OTHER)
			g_string_append_printf(text, "%s, ", *word);
		pl_place_clear(&here);
	}
	g_string_append(text, wanted);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- services ---------------------------------------------------------- */

gboolean
pl_attach_is_smtpd(const struct pl_service *service)
{
	return strcmp(service->command, "smtpd") == 0 &&
	       (strcmp(service->type, "inet") == 0 ||
		   strcmp(service->type, "pass") == 0);
}

static gboolean
loopback(const char *host)
{
	return g_str_has_prefix(host, "127.") || strcmp(host, "::1") == 0 ||
	       g_ascii_strcasecmp(host, "localhost") == 0;
}

/* "host:port", "[host]:port", "port" ▸ both; the host may be "". */
static unsigned
split_port(const char *text, const char *fallback, char **host)
{
	const char *colon = strrchr(text, ':');
	const char *close = strrchr(text, ']');
	g_autofree char *port = NULL;
	if (colon != NULL && (close == NULL || colon > close)) {
		*host = g_strndup(text, (gsize)(colon - text));
		port = g_strdup(colon + 1);
	} else if (fallback != NULL) {
		*host = g_strdup(text);
		port = g_strdup(fallback);
	} else {
		*host = g_strdup("");
		port = g_strdup(text);
	}
	if (**host == '[' && g_str_has_suffix(*host, "]")) {
		(*host)[strlen(*host) - 1] = '\0';
		memmove(*host, *host + 1, strlen(*host));
	}
	if (g_ascii_isdigit(*port))
		return (unsigned)g_ascii_strtoull(port, NULL, 10);
	const struct servent *known = getservbyname(port, "tcp");
	return known != NULL ? ntohs((guint16)known->s_port) : 0;
}

gboolean
pl_attach_loopback(const struct pl_service *service)
{
	g_autofree char *host = NULL;
	split_port(service->name, NULL, &host);
	return loopback(host);
}

static const struct pl_service *
service_at(const pl_postfix *postfix, const char *host, unsigned port)
{
	const GPtrArray *services = pl_postfix_services(postfix);
	if (port == 0 || !loopback(host))
		return NULL;
	for (unsigned i = 0; i < services->len; i++) {
		const struct pl_service *s = g_ptr_array_index(services, i);
		g_autofree char *name = NULL;
		if (pl_attach_is_smtpd(s) &&
		    split_port(s->name, NULL, &name) == port &&
		    (*name == '\0' || loopback(name)))
			return s;
	}
	return NULL;
}

const struct pl_service *
pl_attach_target(const pl_postfix *postfix, const char *transport)
{
	const char *colon = strchr(transport, ':');
	g_autofree char *host = NULL;
	if (colon == NULL || colon[1] == '\0')
		return NULL;
	unsigned port = split_port(colon + 1, "25", &host);
	return service_at(postfix, host, port);
}

const struct pl_service *
pl_attach_submission(const pl_postfix *postfix, const char *url)
{
	g_autofree char *host = NULL;
	if (g_str_has_prefix(url, "smtp://"))
		url += strlen("smtp://");
	unsigned port = split_port(url, "25", &host);
	return service_at(postfix, host, port);
}
