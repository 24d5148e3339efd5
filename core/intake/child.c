/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * child - where foreign bytes are parsed: no rights, little memory
 *
 * Forked by the reader. It has one descriptor, asks for bytes of the message
 * over it and answers with findings or content. Before the first byte it gives
 * up everything else (rights.c). Time and memory are the reader's business.
 *
 * What libraries would load later (character sets, locale) is loaded by
 * pl_child_warm() before the fork.
 */
#include "room.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <malloc.h>
#include <openssl/cms.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536
#define KEPT (16 << 20)

/* ---- before the fork --------------------------------------------------- */

static void
warm_charsets(void)
{
	static const char *const names[] = { "ISO-8859-1", "ISO-8859-2",
		"ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6",
		"ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-10",
		"ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16",
		"CP1250", "CP1251", "CP1252", "CP1253", "CP1254", "CP1255",
		"CP1256", "CP1257", "CP1258", "CP437", "CP850", "CP852",
		"CP866", "CP874", "KOI8-R", "KOI8-U", "MACINTOSH", "TIS-620",
		"GB2312", "GBK", "GB18030", "BIG5", "BIG5-HKSCS", "SHIFT_JIS",
		"CP932", "EUC-JP", "ISO-2022-JP", "EUC-KR", "CP949",
		"ISO-2022-KR", "ISO-2022-CN", "UTF-7", "UTF-16", "UTF-16LE",
		"UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE", "UCS-2",
		"US-ASCII" };
	static GPtrArray *for_ever; /* that keeps the conversions loaded */

	for_ever = g_ptr_array_new();
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
		g_ptr_array_add(for_ever, iconv_open("UTF-8", names[i]));
}

/* Whatever a library does only the first time, it does now. */
static void
warm_libraries(void)
{
	static const char mail[] =
	    "Subject: =?iso-8859-1?q?=e9?=\r\n"
	    "Date: Mon, 6 Jan 2025 10:00:00 +0100\r\n"
	    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	    "Content-Type: application/xml; name=a.xml\r\n\r\n"
	    "<?xml version=\"1.0\"?><a/>\r\n--b\r\n"
	    "Content-Type: application/pdf; name=a.pdf\r\n\r\n"
	    "%PDF-1.4\r\n--b\r\n"
	    "Content-Type: application/zip; name=a.zip\r\n\r\n"
	    "PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n--b--\r\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(mail, sizeof mail - 1);
	const struct pl_source source = pl_source_memory(bytes);
	const guint8 der[] = { 0x30, 0x00 }, *p = der;

	CMS_ContentInfo_free(d2i_CMS_ContentInfo(NULL, &p, sizeof der));
	pl_findings_free(pl_inspect(&pl_limits_default, &source, NULL, NULL));
}

void
pl_child_warm(void)
{
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	g_mime_init();
	tzset();
	warm_charsets();
	warm_libraries();
	g_once_init_leave(&once, 1);
}

/* ---- serving ----------------------------------------------------------- */

struct remote {
	struct pl_channel channel;
	const guint8 *shared;
	GQueue *waiting; /* struct question: came while another was served */
	pl_kept *kept;
	/* what is in the slot of the present question */
	const guint8 *slot;
	guint64 start;
	gsize ready;
};

struct question {
	struct pl_frame_head head;
	char *text;
};

/* The next frame; a question is put in the queue. Ends with the reader. */
static void
next_frame(struct remote *r, struct pl_frame_head *head)
{
	if (!pl_channel_get(&r->channel, head, sizeof *head))
		_exit(0);
	if (head->type == PL_FRAME_BYTES)
		return;
	struct question *q = g_new0(struct question, 1);
	q->head = *head;
	q->text = g_malloc0((gsize)head->length + 1);
	g_queue_push_tail(r->waiting, q);
	if (!pl_channel_get(&r->channel, q->text, head->length))
		_exit(0);
}

static void
say(struct remote *r, const struct pl_frame_head *head, const void *bytes)
{
	if (!pl_channel_put(&r->channel, head, bytes))
		_exit(0);
}

static gboolean
ask(struct remote *r, guint64 offset, gsize length)
{
	struct pl_frame_head head = {
		.type = PL_FRAME_ASK,
		.number = offset,
		.size = MIN(length, PL_SLOT),
	};

	say(r, &head, NULL);
	do
		next_frame(r, &head);
	while (head.type != PL_FRAME_BYTES);
	r->start = offset;
	r->ready = MIN(head.ready, PL_SLOT);
	return head.number == 0;
}

static gssize
remote_pread(
    void *ctx, guint64 offset, void *buffer, gsize length, GError **error)
{
	struct remote *r = ctx;

	if ((offset < r->start || offset >= r->start + r->ready) &&
	    !ask(r, offset, length)) {
		g_set_error_literal(error, PL_INTAKE_ERROR, PL_INTAKE_READ,
		    "the message could not be read");
		return -1;
	}
	if (offset >= r->start + r->ready)
		return 0;
	length = MIN(length, r->start + r->ready - offset);
	memcpy(buffer, r->slot + (offset - r->start), length);
	return (gssize)length;
}

static void
answer(struct remote *r, enum pl_frame type, guint64 number, const void *bytes,
    gsize length)
{
	struct pl_frame_head head = {
		.type = type,
		.length = (guint32)length,
		.number = number,
	};

	say(r, &head, bytes);
}

static void
answer_error(struct remote *r, const GError *error)
{
	int code =
	    error->domain == PL_INTAKE_ERROR ? error->code : PL_INTAKE_READ;

	answer(r, PL_FRAME_FAILED, (guint64)code, error->message,
	    MIN(strlen(error->message), 1000));
}

static void
serve_inspect(struct remote *r, const struct pl_limits *limits,
    const struct pl_source *source, const char *name, gboolean lines)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_findings) findings =
	    pl_inspect(limits, source, name, &error);

	if (findings == NULL) {
		answer_error(r, error);
		return;
	}
	if (!lines)
		pl_findings_drop_lines(findings);
	g_autoptr(GBytes) bytes = pl_wire_pack(findings);
	gsize n;
	const void *data = g_bytes_get_data(bytes, &n);
	answer(r, PL_FRAME_FOUND, 0, data, n);
}

static void
serve_extract(struct remote *r, const struct pl_limits *limits,
    const struct pl_source *source, const char *sha256)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes =
	    pl_extract_keeping(limits, source, sha256, r->kept, &error);

	if (bytes == NULL) {
		answer_error(r, error);
		return;
	}
	gsize n;
	const guint8 *data = g_bytes_get_data(bytes, &n);
	for (gsize i = 0; i < n; i += PIECE)
		answer(r, PL_FRAME_CONTENT, 0, data + i, MIN(PIECE, n - i));
	answer(r, PL_FRAME_FOUND, 0, NULL, 0);
}

static void
serve_returned(struct remote *r, const struct pl_limits *limits,
    const struct pl_source *source)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pl_returned) returned =
	    pl_returned_read(limits, source, &error);

	if (returned == NULL) {
		answer_error(r, error);
		return;
	}
	g_autoptr(GBytes) bytes = pl_returned_pack(returned);
	gsize n;
	const void *data = g_bytes_get_data(bytes, &n);
	answer(r, PL_FRAME_FOUND, 0, data, n);
}

/* For tests of reader and filter: the message says how to misbehave. What the
 * filter must refuse ends with PL_CHILD_REFUSED if it does. */
static void
misbehave(struct remote *r, const struct pl_source *source)
{
	char start[256] = "", how[16] = "";
	struct pl_frame_head head = { .type = PL_FRAME_FOUND, .length = 4 };

	if (source->pread(source->ctx, 0, start, sizeof start - 1, NULL) < 0 ||
	    sscanf(start, "X-Misbehave: %15s", how) != 1)
		return;
	if (strcmp(how, "leak") == 0) {
		memset(g_malloc(8 << 20), 1, 8 << 20);
		return;
	}
	if (strcmp(how, "crash") == 0)
		abort();
	while (strcmp(how, "hang") == 0)
		continue;
	while (strcmp(how, "memory") == 0)
		memset(g_malloc(1 << 20), 1, 1 << 20);
	if (strcmp(how, "open") == 0 && open("/etc/passwd", O_RDONLY) < 0)
		_exit(PL_CHILD_REFUSED);
	if (strcmp(how, "socket") == 0 && socket(AF_INET, SOCK_STREAM, 0) < 0)
		_exit(PL_CHILD_REFUSED);
	if (strcmp(how, "exec") == 0 &&
	    execl("/bin/true", "true", (char *)NULL) < 0 && errno == EACCES)
		_exit(PL_CHILD_REFUSED);
	if (strcmp(how, "kill") == 0 && kill(getppid(), 0) < 0)
		_exit(PL_CHILD_REFUSED);
	if (strcmp(how, "code") == 0 &&
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0) == MAP_FAILED)
		_exit(PL_CHILD_REFUSED);
	while (strcmp(how, "wait") == 0)
		pause();
	if (strcmp(how, "flood") == 0)
		head.length = G_MAXUINT32;
	if (strcmp(how, "end") != 0 &&
	    write(r->channel.fd, &head, sizeof head) == sizeof head &&
	    write(r->channel.fd, "abcd", 4) != 4)
		_exit(1);
	_exit(0);
}

static void
serve_source(struct remote *r, const struct pl_limits *limits,
    const struct question *q, const struct pl_source *source)
{
	if (q->head.type != PL_FRAME_EXTRACT)
		pl_kept_only(r->kept, 0);
	if (q->head.type == PL_FRAME_INSPECT || q->head.type == PL_FRAME_DETAIL)
		serve_inspect(r, limits, source,
		    q->head.number != 0 ? q->text : NULL,
		    q->head.type == PL_FRAME_DETAIL);
	else if (q->head.type == PL_FRAME_EXTRACT)
		serve_extract(r, limits, source, q->text);
	else if (q->head.type == PL_FRAME_RETURNED)
		serve_returned(r, limits, source);
}

/* A message that the slot has room for is read where it is. */
static void
serve(struct remote *r, const struct pl_limits *limits,
    const struct question *q, gboolean test)
{
	struct pl_source source = {
		.ctx = r,
		.size = q->head.size,
		.pread = remote_pread,
	};
	g_autoptr(GBytes) whole = NULL;

	r->slot = r->shared + (gsize)(q->head.slot % PL_SLOTS) * PL_SLOT;
	r->start = 0;
	r->ready = MIN(q->head.ready, PL_SLOT);
	if (r->ready == q->head.size) {
		whole = g_bytes_new_static(r->slot, r->ready);
		source = pl_source_memory(whole);
	}
	if (q->head.type == PL_FRAME_EXTRACT)
		source.message = (gint64)q->head.number;
	if (test)
		misbehave(r, &source);
	serve_source(r, limits, q, &source);
}

void
pl_child_main(int fd, guint8 *shared, const struct pl_limits *limits)
{
	struct remote remote = { .shared = shared,
		.waiting = g_queue_new(),
		.kept = pl_kept_new() };
	const gboolean test = g_getenv("POSTLEDGER_TEST_CHILD") != NULL;
	gint *through = (gint *)(void *)(shared + PL_SLOTS * PL_SLOT);
	struct pl_frame_head head;

	mprotect(shared, PL_SLOTS * PL_SLOT, PROT_READ);
	/* what a message needed is kept for the next one */
	mallopt(M_TRIM_THRESHOLD, KEPT);
	mallopt(M_MMAP_THRESHOLD, KEPT);
	pl_channel_init(&remote.channel, pl_child_give_up(fd));
	for (;;) {
		struct question *q = g_queue_pop_head(remote.waiting);
		if (q == NULL) {
			next_frame(&remote, &head);
			continue;
		}
		serve(&remote, limits, q, test);
		g_atomic_int_inc(through);
		g_free(q->text);
		g_free(q);
	}
}
