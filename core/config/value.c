/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value - reads settings that are one thing: texts, paths, addresses, words
 *
 * Each reader takes the whole value, sets the member it was given and returns
 * TRUE, or leaves it alone and returns FALSE. It says nothing itself: what is
 * allowed stands in the table of settings.
 */
#include <string.h>
#include <sys/un.h>

#include "private.h"

const char *
pl_value_whole(struct pl_value *v)
{
	g_string_assign(v->word, v->rest);
	if (strchr(v->rest, '\n') != NULL) {
		v->why = "and stand on one line (indented lines belong to the"
			 " setting above them)";
		return NULL;
	}
	v->rest += v->word->len;
	return v->word->str;
}

static gboolean
keep(struct pl_value *v, void *at, const char *text)
{
	*(const char **)at = pl_config_keep(v->config, text);
	return TRUE;
}

gboolean
pl_value_text(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	return text != NULL && keep(v, at, text);
}

/* Empty: the caller computes it. */
gboolean
pl_value_path(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	return text != NULL && (*text == '\0' || g_path_is_absolute(text)) &&
	       keep(v, at, text);
}

gboolean
pl_value_user(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	return text != NULL && *text != '-' && *text != '\0' &&
	       strspn(text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_.-") ==
		   strlen(text) &&
	       keep(v, at, text);
}

/* "port@host", as libmilter takes it. */
static gboolean
inet_socket_valid(const char *text)
{
	char *end;
	guint64 port;

	if (!g_ascii_isdigit(*text))
		return FALSE;
	port = g_ascii_strtoull(text, &end, 10);
	return port > 0 && port < 65536 && *end == '@' && end[1] != '\0' &&
	       strpbrk(end + 1, " \t@") == NULL;
}

gboolean
pl_value_socket(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v), *path = NULL;
	struct sockaddr_un sun;

	if (text == NULL)
		return FALSE;
	if (g_str_has_prefix(text, "unix:"))
		path = text + strlen("unix:");
	else if (g_str_has_prefix(text, "local:"))
		path = text + strlen("local:");
	if (path != NULL)
		return *path == '/' && strlen(path) < sizeof(sun.sun_path) &&
		       keep(v, at, text);
	if (g_str_has_prefix(text, "inet:"))
		return inet_socket_valid(text + 5) && keep(v, at, text);
	if (g_str_has_prefix(text, "inet6:"))
		return inet_socket_valid(text + 6) && keep(v, at, text);
	return FALSE;
}

gboolean
pl_value_mode(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);
	size_t n = text != NULL ? strlen(text) : 0;

	if (n < 3 || n > 4 || strspn(text, "01234567") != n)
		return FALSE;
	if (n == 4 && *text != '0')
		return FALSE;
	*(unsigned *)at = (unsigned)strtoul(text, NULL, 8);
	return TRUE;
}

gboolean
pl_value_ledger(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	return text != NULL && g_str_has_prefix(text, "sqlite:/") &&
	       !g_str_has_suffix(text, "/") && keep(v, at, text);
}

/* Kept with its port. */
gboolean
pl_value_submission(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);
	g_autoptr(GUri) uri = NULL;
	const char *host;
	gboolean six;
	g_autofree char *full = NULL;
	int port;

	if (text == NULL || !g_str_has_prefix(text, "smtp://"))
		return FALSE;
	uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
	if (uri == NULL || g_uri_get_userinfo(uri) != NULL ||
	    g_uri_get_query(uri) != NULL || g_uri_get_fragment(uri) != NULL)
		return FALSE;
	host = g_uri_get_host(uri);
	port = g_uri_get_port(uri);
	if (host == NULL || *host == '\0' || port == 0 ||
	    !(g_str_equal(g_uri_get_path(uri), "") ||
		g_str_equal(g_uri_get_path(uri), "/")))
		return FALSE;
	six = strchr(host, ':') != NULL;
	full = g_strdup_printf("smtp://%s%s%s:%d", six ? "[" : "", host,
	    six ? "]" : "", port > 0 ? port : 25);
	return keep(v, at, full);
}

gboolean
pl_value_address(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	return text != NULL && pl_address_valid(text, FALSE) &&
	       keep(v, at, text);
}

/* GLib reads whatever file is named, and complains loudly about one that is no
 * time zone. What is no file at all may still be a rule such as CET-1CEST. */
static gboolean
may_be_timezone(const char *name)
{
	const char *folder = g_getenv("TZDIR");
	g_autofree char *path = NULL, *bytes = NULL;
	gsize n;

	if (*name == ':')
		name++;
	if (g_path_is_absolute(name) || strstr(name, "..") != NULL)
		return FALSE;
	path = g_build_filename(
	    folder != NULL ? folder : "/usr/share/zoneinfo", name, NULL);
	return !g_file_get_contents(path, &bytes, &n, NULL) ||
	       g_str_has_prefix(bytes, "TZif");
}

gboolean
pl_value_timezone(struct pl_value *v, void *at)
{
	struct pl_gateway *g =
	    (struct pl_gateway *)(void *)((char *)at -
					  offsetof(
					      struct pl_gateway, timezone));
	const char *text = pl_value_whole(v);

	if (text == NULL || !may_be_timezone(text))
		return FALSE;
	g->timezone = *text != '\0' ? g_time_zone_new_identifier(text)
				    : g_time_zone_new_local();
	if (g->timezone == NULL)
		return FALSE;
	g->timezone_name =
	    pl_config_keep(v->config, g_time_zone_get_identifier(g->timezone));
	return TRUE;
}

gboolean
pl_value_delimiter(struct pl_value *v, void *at)
{
	const char *text = pl_value_whole(v);

	if (text == NULL)
		return FALSE;
	if (g_str_equal(text, "none"))
		*(char *)at = '\0';
	else if (strlen(text) == 1 && strchr("+-_.=#", *text) != NULL)
		*(char *)at = *text;
	else
		return FALSE;
	return TRUE;
}

/* The place of the value among WORDS, which end with NULL; -1 if absent. */
static int
read_word(struct pl_value *v, const char *const *words)
{
	const char *text = pl_value_whole(v);

	for (int i = 0; text != NULL && words[i] != NULL; i++)
		if (g_ascii_strcasecmp(text, words[i]) == 0)
			return i;
	return -1;
}

static gboolean
read_either(struct pl_value *v, const char *no, const char *yes, void *at)
{
	const char *const words[] = { no, yes, NULL };
	int place = read_word(v, words);

	if (place < 0)
		return FALSE;
	*(gboolean *)at = place;
	return TRUE;
}

gboolean
pl_value_yes(struct pl_value *v, void *at)
{
	return read_either(v, "no", "yes", at);
}

gboolean
pl_value_return_path(struct pl_value *v, void *at)
{
	return read_either(v, "per-batch", "fixed", at);
}

gboolean
pl_value_reject(struct pl_value *v, void *at)
{
	return read_either(v, "pass", "reject", at);
}

gboolean
pl_value_zip(struct pl_value *v, void *at)
{
	return read_either(v, "none", "zip", at);
}

gboolean
pl_value_send(struct pl_value *v, void *at)
{
	return read_either(v, "hold", "send", at);
}

gboolean
pl_value_report_when(struct pl_value *v, void *at)
{
	static const char *const words[] = { "always", "activity", "problems",
		"never", NULL };
	int place = read_word(v, words);

	if (place < 0)
		return FALSE;
	*(enum pl_report_when *)at = (enum pl_report_when)place;
	return TRUE;
}
