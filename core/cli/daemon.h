/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon - is somebody there who speaks milter?
 */
#ifndef POSTLEDGER_CLI_DAEMON_H
#define POSTLEDGER_CLI_DAEMON_H

#include <gio/gio.h>

/* A socket as libmilter writes it: "unix:/path", "inet:port@host". */
struct pl_milter_socket {
	char *path; /* NULL: inet */
	char *host; /* "" for any */
	guint16 port;
};
gboolean pl_milter_socket_parse(
    const char *text, struct pl_milter_socket *socket, GError **error);
void pl_milter_socket_clear(struct pl_milter_socket *socket);

/* Connects, negotiates as an MTA would, and quits. */
gboolean pl_daemon_answers(const char *socket, GError **error);

#endif
