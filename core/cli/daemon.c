/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon - is somebody there who speaks milter?
 *
 * A socket that accepts connections proves little: the answer to the option
 * negotiation does. The session is ended before it begins; the daemon sees a
 * client that came and went.
 */
#include "daemon.h"

#include <string.h>

#include "cli.h"

#define SECONDS 5
#define VERSION 6
#define ALL_ACTIONS 0x1ff
#define ALL_STEPS 0x1fffff

static gboolean
invalid(const char *text, GError **error)
{
	g_set_error(error, PL_CLI_ERROR, EX_CONFIG,
	    "\"%s\" is no socket: unix:/path or inet:port@host is needed",
	    text);
	return FALSE;
}

static gboolean
parse_inet(const char *text, const char *rest, struct pl_milter_socket *socket,
    GError **error)
{
	const char *at = strchr(rest, '@');
	g_autofree char *digits =
	    at != NULL ? g_strndup(rest, (gsize)(at - rest)) : g_strdup(rest);
	guint64 port;
	if (!g_ascii_string_to_unsigned(digits, 10, 1, 65535, &port, NULL))
		return invalid(text, error);
	socket->port = (guint16)port;
	socket->host = g_strdup(at != NULL ? at + 1 : "");
	return TRUE;
}

gboolean
pl_milter_socket_parse(
    const char *text, struct pl_milter_socket *socket, GError **error)
{
	const char *colon = strchr(text, ':');
	*socket = (struct pl_milter_socket){ 0 };
	if (g_str_has_prefix(text, "inet:") || g_str_has_prefix(text, "inet6:"))
		return parse_inet(text, colon + 1, socket, error);
	if (g_str_has_prefix(text, "unix:") || g_str_has_prefix(text, "local:"))
		text = colon + 1;
	if (*text != '/')
		return invalid(text, error);
	socket->path = g_strdup(text);
	return TRUE;
}

void
pl_milter_socket_clear(struct pl_milter_socket *socket)
{
	g_clear_pointer(&socket->path, g_free);
	g_clear_pointer(&socket->host, g_free);
}

static GSocketConnectable *
connectable(const struct pl_milter_socket *socket)
{
	if (socket->path != NULL)
		return G_SOCKET_CONNECTABLE(
		    g_unix_socket_address_new(socket->path));
	const char *host = socket->host;
	if (*host == '\0' || strcmp(host, "0.0.0.0") == 0)
		host = "127.0.0.1";
	else if (strcmp(host, "::") == 0)
		host = "::1";
	return g_network_address_new(host, socket->port);
}

static gboolean
negotiate(GIOStream *stream, GError **error)
{
	GOutputStream *out = g_io_stream_get_output_stream(stream);
	GInputStream *in = g_io_stream_get_input_stream(stream);
	guint32 words[3] = { g_htonl(VERSION), g_htonl(ALL_ACTIONS),
		g_htonl(ALL_STEPS) };
	guint32 length = g_htonl(1 + sizeof words);
	guint8 ask[4 + 1 + sizeof words], answer[5] = { 0 };
	gsize got = 0;

	memcpy(ask, &length, 4);
	ask[4] = 'O';
	memcpy(ask + 5, words, sizeof words);
	if (!g_output_stream_write_all(
		out, ask, sizeof ask, NULL, NULL, error) ||
	    !g_input_stream_read_all(
		in, answer, sizeof answer, &got, NULL, error))
		return FALSE;
	if (got != sizeof answer || answer[4] != 'O') {
		g_set_error(error, PL_CLI_ERROR, EX_UNAVAILABLE,
		    "it does not speak the milter protocol");
		return FALSE;
	}
	static const guint8 quit[] = { 0, 0, 0, 1, 'Q' };
	g_output_stream_write_all(out, quit, sizeof quit, NULL, NULL, NULL);
	return TRUE;
}

gboolean
pl_daemon_answers(const char *socket, GError **error)
{
	struct pl_milter_socket where;
	if (!pl_milter_socket_parse(socket, &where, error))
		return FALSE;
	g_autoptr(GSocketConnectable) to = connectable(&where);
	pl_milter_socket_clear(&where);
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_socket_client_set_timeout(client, SECONDS);
	g_autoptr(GSocketConnection) connection =
	    g_socket_client_connect(client, to, NULL, error);
	return connection != NULL && negotiate(G_IO_STREAM(connection), error);
}
