/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect - what a message or a file holds, in this process
 *
 * A walk collects pieces; then every piece ends in a document or among the
 * ignored ones with its reason, and what a person has to know becomes a
 * problem.
 */
#include "mime.h"

#include <string.h>

/* A message may be of any size, a file stands in memory as a whole. */
#define FILE_BYTES (256u * 1024 * 1024)
#define HEAD_BYTES 65536

const struct pl_limits pl_limits_default = {
	.depth = 32,
	.parts = 1000,
	.unpacked = 100u * 1024 * 1024,
	.ratio = 200,
};

struct pl_limits
pl_limits_of(const pl_config *config)
{
	struct pl_limits limits = pl_limits_default;

	limits.csv_columns = pl_config_gateway(config)->csv_columns;
	return limits;
}

struct inspection {
	pl_findings *findings;
	GPtrArray *pieces; /* struct pl_piece */
	GPtrArray *usable; /* of these, what goes into documents; lent */
	GHashTable *cids;
};

/* ---- the walk's callbacks ---------------------------------------------- */

static gboolean
collect(struct pl_walk *walk, const struct pl_seen *seen, const guint8 *bytes,
    gsize length, gboolean container)
{
	struct inspection *i = walk->user;
	struct pl_piece *piece = pl_piece_new(seen, bytes, length);

	if (container)
		piece->file->reason =
		    g_strdup("opened: the files in it stand by themselves");
	else if (seen->reason == NULL)
		pl_piece_read(piece, bytes, length, walk->limits->csv_columns);
	g_ptr_array_add(i->pieces, piece);
	return TRUE;
}

static void
note_closed(struct pl_walk *walk, unsigned file, const char *reason)
{
	struct inspection *i = walk->user;
	struct pl_piece *piece = i->pieces->pdata[file - 1];

	g_free(piece->file->reason);
	piece->file->reason = g_strdup(reason);
}

static void
note_problem(struct pl_walk *walk, const char *code, const char *filename,
    const char *text)
{
	struct inspection *i = walk->user;

	pl_found_problem_add(i->findings, code, filename, text);
}

static void
note_html(struct pl_walk *walk, const guint8 *bytes, gsize length)
{
	struct inspection *i = walk->user;

	pl_ignore_links(i->cids, bytes, length);
}

/* The plain address of the first sender. */
static char *
header_address(GMimeMessage *message)
{
	InternetAddressList *list = g_mime_message_get_from(message);
	InternetAddress *first =
	    list != NULL ? internet_address_list_get_address(list, 0) : NULL;

	if (first == NULL || !INTERNET_ADDRESS_IS_MAILBOX(first))
		return NULL;
	const char *addr =
	    internet_address_mailbox_get_addr((InternetAddressMailbox *)first);
	return addr != NULL ? pl_name_utf8(addr, -1) : NULL;
}

static void
note_header(struct pl_walk *walk, GMimeMessage *message)
{
	pl_findings *f = ((struct inspection *)walk->user)->findings;
	GMimeObject *object = (GMimeObject *)message;
	g_autofree char *id = pl_mime_field(object, "Message-Id", G_MAXSIZE);
	GDateTime *date = g_mime_message_get_date(message);

	f->message_id = id != NULL && id[0] != '\0' ? g_strdup(id) : NULL;
	f->subject = pl_mime_field(object, "Subject", G_MAXSIZE);
	f->from = pl_mime_field(object, "From", G_MAXSIZE);
	f->sender = header_address(message);
	f->date = date != NULL ? g_date_time_to_unix(date) * G_USEC_PER_SEC : 0;
}

/* ---- from pieces to findings ------------------------------------------- */

/* A problem with one file; it stays among the ignored ones. */
static void
refuse(pl_findings *f, struct pl_piece *piece, const char *code,
    const char *reason, const char *text)
{
	piece->file->reason = g_strdup(reason);
	pl_found_problem_add(
	    f, code, piece->file->filename, text != NULL ? text : reason);
}

static gboolean
is_image(const struct pl_piece *p)
{
	return p->facts->format == PL_FORMAT_PNG ||
	       p->facts->format == PL_FORMAT_JPEG ||
	       p->facts->format == PL_FORMAT_TIFF;
}

/* Broken ones, and files that are there twice. */
static void
judge(struct inspection *in, struct pl_piece *p, GHashTable *seen)
{
	if (p->facts == NULL || p->file->reason != NULL)
		return;
	const struct pl_piece *first =
	    g_hash_table_lookup(seen, p->file->sha256);
	if (first != NULL) {
		p->file->reason = g_strdup_printf("the same file again%s%s",
		    first->file->filename != NULL ? ": " : "",
		    first->file->filename != NULL ? first->file->filename : "");
		return;
	}
	g_hash_table_insert(seen, p->file->sha256, p);
	if (p->facts->encrypted)
		refuse(in->findings, p, "PL-103",
		    "encrypted: it cannot be opened without a password",
		    p->facts->problem);
	else if (p->facts->damaged && is_image(p))
		p->file->reason = g_strdup("damaged image");
	else if (p->facts->limited)
		refuse(in->findings, p, "PL-105",
		    "not looked at: beyond the limits", p->facts->problem);
	else if (p->facts->damaged)
		refuse(in->findings, p, "PL-102", "damaged", p->facts->problem);
	else if (p->facts->problem != NULL)
		pl_found_problem_add(in->findings, "PL-102", p->file->filename,
		    p->facts->problem);
}

static gboolean
has_documents(const struct inspection *in)
{
	for (guint i = 0; i < in->pieces->len; i++) {
		const struct pl_piece *p = in->pieces->pdata[i];
		if (p->facts != NULL && p->file->reason == NULL && !is_image(p))
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_opened(const struct pl_file *f)
{
	return g_str_has_prefix(f->reason, "opened");
}

/* What is attached without a name is called by its type. */
static const char *
name_of(const struct pl_file *f)
{
	if (f->filename != NULL)
		return f->filename;
	return f->size == 0 || g_str_equal(f->reason, "body text")
		   ? NULL
		   : f->media_type;
}

/* A message without a document that no other problem explains: what is there
 * instead. */
static void
explain_nothing(const struct inspection *in)
{
	const GPtrArray *ignored = in->findings->ignored;
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned files = 0, opened = 0;

	if (in->findings->documents->len > 0 || in->findings->problems->len > 0)
		return;
	for (guint i = 0; i < ignored->len; i++) {
		const struct pl_file *f = ignored->pdata[i];
		const char *name = name_of(f);
		opened += is_opened(f);
		if (name == NULL || is_opened(f) || files++ > 9)
			continue;
		g_string_append_printf(text, "%s%s (%s)",
		    text->len > 0 ? ", " : "", name, f->reason);
	}
	if (files > 10)
		g_string_append_printf(text, ", and %u more", files - 10);
	if (files == 0)
		g_string_append(
		    text, opened > 0 ? "what is attached has no files in it"
				     : "nothing is attached");
	pl_found_problem_add(in->findings, "PL-101", NULL, text->str);
}

/* Every piece is usable, or ignored with its reason. */
static void
sort_out(struct inspection *in)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < in->pieces->len; i++)
		judge(in, in->pieces->pdata[i], seen);
	const gboolean documents = has_documents(in);
	for (guint i = 0; i < in->pieces->len; i++) {
		struct pl_piece *p = in->pieces->pdata[i];
		if (p->facts != NULL && p->file->reason == NULL &&
		    is_image(p) && in->findings->message)
			p->file->reason =
			    g_strdup(pl_ignore_image(p, in->cids, documents));
		if (p->file->media_type[0] == '\0') {
			g_free(p->file->media_type);
			p->file->media_type =
			    g_strdup("application/octet-stream");
		}
		if (p->facts != NULL && p->file->reason == NULL) {
			g_ptr_array_add(in->usable, p);
			continue;
		}
		g_clear_pointer(&p->file->format, g_free);
		g_ptr_array_add(in->findings->ignored, pl_file_copy(p->file));
	}
}

/* ---- a look ------------------------------------------------------------ */

/* LENGTH bytes at the start of SOURCE, or fewer if it is shorter. */
static GBytes *
read_start(const struct pl_source *source, gsize length, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	length = MIN(length, source->size);
	g_byte_array_set_size(bytes, (guint)length);
	for (gsize have = 0; have < length;) {
		gssize n = source->pread(source->ctx, have, bytes->data + have,
		    length - have, error);
		if (n < 0)
			return NULL;
		if (n == 0) {
			g_byte_array_set_size(bytes, (guint)have);
			break;
		}
		have += (gsize)n;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static gboolean
inspect_file(struct pl_walk *walk, pl_findings *f,
    const struct pl_source *source, const char *name, GError **error)
{
	g_autofree char *clean = pl_name_clean(name);
	const struct pl_seen seen = {
		.name = clean,
		.media_type = "",
		.attached = TRUE,
	};

	f->message = FALSE;
	if (source->size > FILE_BYTES) {
		pl_found_problem_add(f, "PL-104", clean,
		    "the file is larger than 256 MB and was not read");
		return TRUE;
	}
	g_autoptr(GBytes) bytes = read_start(source, FILE_BYTES, error);
	if (bytes == NULL)
		return FALSE;
	gsize n;
	const guint8 *data = g_bytes_get_data(bytes, &n);
	pl_walk_file(walk, &seen, n > 0 ? data : (const guint8 *)"", n);
	return TRUE;
}

/* Is the file NAME an e-mail? Nothing else that we know begins like one. */
static gboolean
is_message(const struct pl_source *source, const char *name, GError **error,
    gboolean *message)
{
	g_autoptr(GBytes) head = read_start(source, HEAD_BYTES, error);
	gsize n;

	if (head == NULL)
		return FALSE;
	const guint8 *data = g_bytes_get_data(head, &n);
	const enum pl_packing packing = pl_packing_of(data, n, name, "");
	*message = packing == PL_PACKED_MESSAGE;
	if (packing != PL_PACKED_NOT || n == 0)
		return TRUE;
	if (pl_name_ends(name, ".eml") ||
	    pl_packing_is_message(data, n, TRUE)) {
		g_autoptr(pl_facts) facts = pl_facts_read(data, n, NULL);
		*message = facts->format == PL_FORMAT_UNKNOWN;
	}
	return TRUE;
}

/* It is called an e-mail, and has not one field that e-mails have. */
static gboolean
is_nonsense(const struct pl_source *source)
{
	g_autoptr(GBytes) head = read_start(source, HEAD_BYTES, NULL);
	gsize n = 0;
	const guint8 *data =
	    head != NULL ? g_bytes_get_data(head, &n) : NULL;

	return n > 0 && !pl_packing_is_message(data, n, TRUE);
}

static gboolean
inspect(struct pl_walk *walk, const struct pl_source *source, const char *name,
    GError **error)
{
	struct inspection *in = walk->user;

	if (name != NULL &&
	    !is_message(source, name, error, &in->findings->message))
		return FALSE;
	if (!in->findings->message)
		return inspect_file(walk, in->findings, source, name, error);
	pl_walk_message(walk, source, note_header);
	if (name == NULL || in->pieces->len > 0 || walk->error != NULL ||
	    !is_nonsense(source))
		return TRUE;
	return inspect_file(walk, in->findings, source, name, error);
}

/* ---- a second look: the pages of PDFs beside statements ---------------- */

struct second {
	const GPtrArray *pieces; /* in the order of the walk */
	GHashTable *wanted;
	unsigned at;
};

static gboolean
look_again(struct pl_walk *walk, const struct pl_seen *seen,
    const guint8 *bytes, gsize length, gboolean container)
{
	struct second *s = walk->user;
	struct pl_piece *p = s->pieces->pdata[s->at++];

	(void)seen, (void)container;
	if (g_hash_table_remove(s->wanted, p) && p->file->size == length) {
		g_autofree char *words = pl_pdf_words(bytes, length);
		if (words != NULL)
			p->page_said = pl_said_new(words);
	}
	return s->at < s->pieces->len && g_hash_table_size(s->wanted) > 0;
}

/* Only where it tells with which statement a PDF goes: of most messages nothing
 * is read twice. */
static void
read_pages(const struct inspection *in, const struct pl_limits *limits,
    const struct pl_source *source, const char *name)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
	struct second second = { in->pieces, wanted, 0 };
	struct pl_walk walk = {
		.limits = limits,
		.visit = look_again,
		.user = &second,
	};

	for (guint i = 0; i < in->usable->len; i++)
		if (pl_group_wants_pages(in->usable, in->usable->pdata[i]))
			g_hash_table_add(wanted, in->usable->pdata[i]);
	if (g_hash_table_size(wanted) == 0)
		return;
	if (in->findings->message)
		pl_walk_message(&walk, source, NULL);
	else
		inspect_file(&walk, in->findings, source, name, NULL);
	/* what was not read says nothing */
	g_clear_error(&walk.error);
	g_free(walk.limit);
}

/* ---- calls ------------------------------------------------------------- */

pl_findings *
pl_inspect(const struct pl_limits *limits, const struct pl_source *source,
    const char *name, GError **error)
{
	g_autoptr(pl_findings) findings = pl_findings_new();
	g_autoptr(GPtrArray) pieces =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pl_piece_free);
	g_autoptr(GHashTable) cids =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) usable = g_ptr_array_new();
	struct inspection in = { findings, pieces, usable, cids };
	struct pl_walk walk = {
		.limits = limits,
		.visit = collect,
		.closed = note_closed,
		.problem = note_problem,
		.html = note_html,
		.user = &in,
	};
	gboolean done = inspect(&walk, source, name, error);

	g_autofree char *limit = walk.limit;
	if (walk.error != NULL && done) {
		g_propagate_error(error, walk.error);
		done = FALSE;
	}
	if (!done)
		return NULL;
	if (limit != NULL)
		pl_found_problem_add(findings, "PL-105", NULL, limit);
	sort_out(&in);
	read_pages(&in, limits, source, name);
	pl_group(usable, findings->documents);
	explain_nothing(&in);
	return g_steal_pointer(&findings);
}
