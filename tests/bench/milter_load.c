/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * milter_load - speaks the milter protocol as Postfix does, as fast as it goes
 *
 *   milter_load SOCKET CONNECTIONS MESSAGES PER_CONNECTION RECIPIENT SIZE
 *
 * PER_CONNECTION 0: all on one. Steps and answers that the filter does not
 * want are left out; the body comes in pieces of 65535 bytes. Each message has
 * a Message-ID of its own. Prints one line of JSON; latencies are from MAIL to
 * the verdict, in ms. Fails unless every message was accepted.
 */
#include <arpa/inet.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

#define PIECE 65535

static const char *path, *recipient;
static long messages, per_connection;
static char *body;
static gsize size;
static gint next, failed;
static gint64 *latency; /* microseconds, by message */

struct session {
	int fd;
	guint32 protocol;
	GByteArray *out;
};

/* ---- packets ----------------------------------------------------------- */

static void
put(struct session *s, char command, const void *data, gsize n)
{
	guint32 length = htonl((guint32)n + 1);

	g_byte_array_append(s->out, (const guint8 *)&length, 4);
	g_byte_array_append(s->out, (const guint8 *)&command, 1);
	if (n > 0)
		g_byte_array_append(s->out, data, (guint)n);
}

static gboolean
flush(struct session *s)
{
	for (gsize at = 0; at < s->out->len;) {
		ssize_t n = send(
		    s->fd, s->out->data + at, s->out->len - at, MSG_NOSIGNAL);

		if (n <= 0)
			return FALSE;
		at += (gsize)n;
	}
	g_byte_array_set_size(s->out, 0);
	return TRUE;
}

static gboolean
get(struct session *s, void *data, gsize n)
{
	return n == 0 || recv(s->fd, data, n, MSG_WAITALL) == (ssize_t)n;
}

/* The next packet's kind, 0: the filter is gone. */
static char
packet(struct session *s, char *data, gsize room)
{
	guint32 length;
	char kind;

	if (!get(s, &length, 4) || !get(s, &kind, 1))
		return 0;
	length = ntohl(length) - 1;
	return length <= room && get(s, data, length) ? kind : 0;
}

static char
verdict(struct session *s)
{
	char data[1024], kind;

	if (!flush(s))
		return 0;
	do
		kind = packet(s, data, sizeof(data));
	while (kind != 0 && strchr("acdrtys", kind) == NULL);
	return kind;
}

/* Sends one step; 'c' where no answer comes. */
static char
step(struct session *s, guint32 none, guint32 silent, char command,
    const void *data, gsize n)
{
	if (s->protocol & none)
		return SMFIR_CONTINUE;
	put(s, command, data, n);
	return s->protocol & silent ? SMFIR_CONTINUE : verdict(s);
}

static void
macro(struct session *s, char command, const char *name, const char *value)
{
	g_autofree char *text =
	    g_strdup_printf("%c%s%c%s", command, name, '\1', value);
	gsize n = strlen(text);

	*strchr(text, '\1') = '\0';
	put(s, SMFIC_MACRO, text, n + 1);
}

/* ---- one message ------------------------------------------------------- */

static char
header(struct session *s, const char *name, const char *value)
{
	g_autofree char *text = g_strdup_printf("%s%c %s", name, '\1', value);
	gsize n = strlen(text);

	*strchr(text, '\1') = '\0';
	return step(s, SMFIP_NOHDRS, SMFIP_NR_HDR, SMFIC_HEADER, text, n + 1);
}

static char
content(struct session *s, const char *id)
{
	char answer = header(s, "From", "<erp@shop.example>");

	if (answer == SMFIR_CONTINUE)
		answer = header(s, "Subject", "Invoice");
	if (answer == SMFIR_CONTINUE)
		answer = header(s, "Message-ID", id);
	if (answer == SMFIR_CONTINUE)
		answer = step(s, SMFIP_NOEOH, SMFIP_NR_EOH, SMFIC_EOH, "", 0);
	for (gsize at = 0; at < size && answer == SMFIR_CONTINUE; at += PIECE)
		answer = step(s, SMFIP_NOBODY, SMFIP_NR_BODY, SMFIC_BODY,
		    body + at, MIN(PIECE, size - at));
	if (answer != SMFIR_CONTINUE)
		return answer;
	put(s, SMFIC_BODYEOB, "", 0);
	return verdict(s);
}

static char
message(struct session *s, int number)
{
	static const char from[] = "<erp@shop.example>";
	g_autofree char *queue_id = g_strdup_printf("4X%08X", number);
	g_autofree char *id =
	    g_strdup_printf("<%d.%d@shop.example>", number, (int)getpid());
	g_autofree char *to = g_strdup_printf("<%s>", recipient);
	char answer;

	macro(s, SMFIC_MAIL, "{client_addr}", "127.0.0.1");
	answer = step(
	    s, SMFIP_NOMAIL, SMFIP_NR_MAIL, SMFIC_MAIL, from, sizeof(from));
	macro(s, SMFIC_RCPT, "i", queue_id);
	if (answer == SMFIR_CONTINUE)
		answer = step(s, SMFIP_NORCPT, SMFIP_NR_RCPT, SMFIC_RCPT, to,
		    strlen(to) + 1);
	if (answer == SMFIR_CONTINUE)
		answer =
		    step(s, SMFIP_NODATA, SMFIP_NR_DATA, SMFIC_DATA, "", 0);
	return answer == SMFIR_CONTINUE ? content(s, id) : answer;
}

/* ---- sessions ---------------------------------------------------------- */

static gboolean
dial(struct session *s)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const guint32 offer[3] = { htonl(SMFI_PROT_VERSION),
		htonl(SMFI_CURR_ACTS), htonl(SMFI_CURR_PROT) };
	guint32 answer[256];

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 ||
	    connect(s->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return FALSE;
	put(s, SMFIC_OPTNEG, offer, sizeof(offer));
	if (!flush(s) ||
	    packet(s, (char *)answer, sizeof(answer)) != SMFIC_OPTNEG)
		return FALSE;
	s->protocol = ntohl(answer[2]);
	return TRUE;
}

static gboolean
talk(struct session *s)
{
	int number;

	for (long n = 0; per_connection == 0 || n < per_connection; n++) {
		gint64 begun = g_get_monotonic_time();

		number = g_atomic_int_add(&next, 1);
		if (number >= messages)
			break;
		if (message(s, number) != SMFIR_ACCEPT)
			return FALSE;
		latency[number] = g_get_monotonic_time() - begun;
	}
	put(s, SMFIC_QUIT, "", 0);
	return flush(s);
}

static gpointer
work(gpointer nothing)
{
	(void)nothing;
	while (
	    g_atomic_int_get(&next) < messages && !g_atomic_int_get(&failed)) {
		struct session s = { .out = g_byte_array_new() };

		if (!dial(&s) || !talk(&s))
			g_atomic_int_set(&failed, TRUE);
		close(s.fd);
		g_byte_array_unref(s.out);
	}
	return NULL;
}

static int
by_length(const void *a, const void *b)
{
	gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

	return x < y ? -1 : x > y;
}

static void
report(double seconds)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	qsort(latency, (size_t)messages, sizeof(*latency), by_length);
	printf("{\"rate\": %.1f, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f, "
	       "\"cpu\": %.4f}\n",
	    (double)messages / seconds, (double)latency[messages / 2] / 1e3,
	    (double)latency[(messages - 1) * 99 / 100] / 1e3,
	    (double)latency[messages - 1] / 1e3,
	    ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3) /
		(double)messages);
}

static void
make_body(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
				      "ghijklmnopqrstuvwxyz0123456789+/";

	body = g_malloc(size + 1);
	for (gsize i = 0; i < size; i++)
		body[i] = i % 78 < 76 ? letters[g_random_int() % 64]
				      : "\r\n"[i % 78 - 76];
}

int
main(int argc, char **argv)
{
	g_autoptr(GPtrArray) threads = g_ptr_array_new();

	if (argc != 7) {
		fprintf(stderr,
		    "usage: %s SOCKET CONNECTIONS MESSAGES PER_CONNECTION "
		    "RECIPIENT SIZE\n",
		    argv[0]);
		return 64;
	}
	path = argv[1];
	messages = atol(argv[3]);
	per_connection = atol(argv[4]);
	recipient = argv[5];
	size = strtoul(argv[6], NULL, 10);
	latency = g_new0(gint64, (gsize)messages);
	make_body();
	gint64 begun = g_get_monotonic_time();
	for (int i = 0; i < atoi(argv[2]); i++)
		g_ptr_array_add(threads, g_thread_new("load", work, NULL));
	for (guint i = 0; i < threads->len; i++)
		g_thread_join(threads->pdata[i]);
	if (failed) {
		fputs("milter_load: a message was not accepted\n", stderr);
		return 1;
	}
	report((double)(g_get_monotonic_time() - begun) / 1e6);
	return 0;
}
