/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * room - what the files of the intake room share
 *
 * walk finds files and opens what is packed (zip, tnef, smime, encoded); each
 * file found is told to a visitor once, with its content, and nothing of the
 * content is kept by the walk. inspect is the visitor that reads facts and
 * hashes, extract the one that looks for a hash. group forms documents, wire
 * carries findings between child and reader.
 */
#ifndef POSTLEDGER_INTAKE_ROOM_H
#define POSTLEDGER_INTAKE_ROOM_H

#include "postledger/formats.h"
#include "postledger/intake.h"

#include <gmime/gmime.h>

/* GMime does not bring them */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)


#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* ---- source: bytes at an offset, as a stream --------------------------- */

/* Reads SOURCE through a window; the parts of a message share it. PARTS bounds
 * the boundary lines that are shown (0: all of them). */
GMimeStream *pl_stream_new(const struct pl_source *source, unsigned parts);
/* Why the stream ended early (of PARTS, or of its header), or NULL. */
const char *pl_stream_cut(GMimeStream *stream);
/* What failed in SOURCE, or NULL; the stream's. */
const GError *pl_stream_error(GMimeStream *stream);
/* A source over memory, which must outlive it. */
struct pl_source pl_source_memory(const GBytes *bytes);

/* ---- guard: boundary lines are counted before GMime sees them ----------- */

struct pl_guard {
	unsigned limit, count;
	GHashTable *boundaries; /* char *: all that were declared */
	gboolean addresses;     /* the lines belong to an address field */
	unsigned groups;        /* colons in that */
	GString *line;          /* of an unfinished line, its beginning */
	unsigned more;          /* colons in the rest of it */
};
void pl_guard_init(struct pl_guard *guard, unsigned limit);
void pl_guard_clear(struct pl_guard *guard);
/* How many of LENGTH bytes may be shown: fewer once there are too many. */
gsize pl_guard_feed(struct pl_guard *guard, const char *bytes, gsize length);
/* Why fewer were shown. */
const char *pl_guard_reason(const struct pl_guard *guard);

/* ---- names -------------------------------------------------------------- */

/* The parameter NAME of the raw field VALUE ("attachment; filename=..."), as
 * UTF-8, or NULL: RFC 2231 pieces, RFC 2047 words, raw 8-bit. g_free(). */
char *pl_name_parameter(const char *value, const char *name);
/* 8-bit text of unknown charset as valid UTF-8. g_free(). */
char *pl_name_utf8(const char *text, gssize length);
/* Without folders, control characters, overrides, reserved names; NULL if
 * nothing is left. g_free(). */
char *pl_name_clean(const char *name);
/* Lower-case name without its extension, for comparing. g_free(). */
char *pl_name_stem(const char *name);
/* Does NAME contain NUMBER, not as a part of a longer number? */
gboolean pl_name_has_number(const char *name, const char *number);
/* Does NAME (may be NULL) end with the extension DOT_EXT? */
gboolean pl_name_ends(const char *name, const char *dot_ext);

/* ---- walk --------------------------------------------------------------- */

/* A file before anybody looked inside. All members are lent. */
struct pl_seen {
	const char *name;       /* clean, or NULL */
	const char *media_type; /* lower case, as declared */
	const char *cid;        /* without <>, or NULL */
	const char *reason;     /* why it is ignored, known beforehand */
	gboolean attached;      /* Content-Disposition says so */
	gboolean related;       /* in multipart/related, and not its root */
	unsigned scope;         /* number of the container it lies in, 0: top */
	guint64 spot, spot_length; /* see struct pl_file */
};

/* The boundaries of the multiparts that are walked, from the inside out. */
struct pl_open {
	const char *boundary;
	const struct pl_open *outer;
};

/* In what a walk finds itself: limits, and what was used up of them. */
struct pl_walk {
	const struct pl_limits *limits;
	unsigned depth, parts, scope, scopes, files;
	unsigned packed; /* containers around what is walked now */
	guint64 skip;    /* bytes of the message that are not shown */
	GMimeStream *stream;        /* that is walked */
	const struct pl_open *open; /* in it */
	guint64 unpacked;
	char *limit;         /* a sentence: which limit was hit; NULL: none */
	const char *refused; /* why the present container stays closed */
	gboolean full; /* the present container is beyond a limit */
	gboolean stop;
	GError *error; /* the source failed */
	/* FALSE ends the walk. CONTAINER: it will be opened after this. */
	gboolean (*visit)(struct pl_walk *walk, const struct pl_seen *seen,
	    const guint8 *bytes, gsize length, gboolean container);
	/* The container that was the FILE-th visited could not be opened, or
	 * not wholly; may be NULL. */
	void (*closed)(struct pl_walk *walk, unsigned file, const char *reason);
	/* One sentence on a file that could not be opened; may be NULL. */
	void (*problem)(struct pl_walk *walk, const char *code,
	    const char *filename, const char *text);
	/* The text of an HTML body, for its cid: links; may be NULL. */
	void (*html)(struct pl_walk *walk, const guint8 *bytes, gsize length);
	void *user;
};

/* The message in SOURCE. TOP (may be NULL) is called with it. */
typedef void (*pl_walk_top)(struct pl_walk *walk, GMimeMessage *message);
void pl_walk_message(
    struct pl_walk *walk, const struct pl_source *source, pl_walk_top top);
/* A file with its content: visits it, and what is packed in it. */
void pl_walk_file(struct pl_walk *walk, const struct pl_seen *seen,
    const guint8 *bytes, gsize length);
/* The walk ends with this sentence; printf-like. */
void pl_walk_limit(struct pl_walk *walk, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* LENGTH more bytes came out of a container of PACKED bytes that gave TOTAL
 * until now. FALSE: too much, the container is `full`. */
gboolean pl_walk_unpacked(
    struct pl_walk *walk, gsize length, guint64 total, guint64 packed);
/* One more part. FALSE: too many. */
gboolean pl_walk_part(struct pl_walk *walk);
void pl_walk_problem(struct pl_walk *walk, const char *code,
    const char *filename, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* ---- what is packed ------------------------------------------------------ */

enum pl_packing {
	PL_PACKED_NOT,
	PL_PACKED_ZIP,
	PL_PACKED_TNEF,
	PL_PACKED_CMS,     /* opaque S/MIME, DER, PEM or bare base64 */
	PL_PACKED_MESSAGE, /* an e-mail as a file */
};
/* By content; NAME and MEDIA_TYPE only where content leaves it open. */
enum pl_packing pl_packing_of(const guint8 *bytes, gsize length,
    const char *name, const char *media_type);
/* Does it begin like an e-mail? SURE: its name or type says so. */
gboolean pl_packing_is_message(
    const guint8 *bytes, gsize length, gboolean sure);

/* BYTES and their LENGTH without a byte order mark and blanks before them. */
const guint8 *pl_packing_text(const guint8 *bytes, gsize *length);

/* Each opens BYTES and walks on through pl_walk_file(). */
void pl_zip_open(struct pl_walk *walk, const struct pl_seen *zip,
    const guint8 *bytes, gsize length);
/* An office document is a ZIP that nobody wants opened. */
gboolean pl_zip_is_document(const guint8 *bytes, gsize length);
void pl_tnef_open(struct pl_walk *walk, const struct pl_seen *tnef,
    const guint8 *bytes, gsize length);
void pl_cms_open(struct pl_walk *walk, const struct pl_seen *cms,
    const guint8 *bytes, gsize length);
/* uuencoded and yEnc files in a text body. TRUE if there was one. */
gboolean pl_encoded_open(
    struct pl_walk *walk, const guint8 *bytes, gsize length);
/* The first uuencoded file of a text; empty if there is none. */
GByteArray *pl_encoded_uu(const guint8 *bytes, gsize length);

/* ---- pieces: files with facts -------------------------------------------- */

struct pl_piece {
	struct pl_file *file;
	struct pl_facts *facts; /* without embedded bytes; NULL: ignored */
	GPtrArray *inside;      /* char *: SHA-256 of embedded files */
	char *stem, *cid;
	/* of a PDF beside statements, else NULL: what is in its name, and on
	 * its pages */
	struct pl_said *name_said, *page_said;
	gboolean attached, related;
	gboolean used; /* it is in a document */
	unsigned scope;
};
struct pl_piece *pl_piece_new(
    const struct pl_seen *seen, const guint8 *bytes, gsize length);
void pl_piece_free(struct pl_piece *piece);
/* Reads the facts, and drops what is embedded but for its hashes. */
void pl_piece_read(struct pl_piece *piece, const guint8 *bytes, gsize length,
    const char *csv_columns);

/* Why a piece is no document by itself, or NULL. CIDS: the links of all HTML
 * bodies; DOCUMENTS: there are PDF or XML files in the message. */
const char *pl_ignore_image(
    const struct pl_piece *piece, GHashTable *cids, gboolean documents);
/* By its declared type and name, before anybody reads it; or NULL. */
const char *pl_ignore_declared(
    const struct pl_seen *seen, const guint8 *bytes, gsize length);
/* A page of the web or a drawing, by content; or NULL. Not for containers,
 * which may begin with one. */
const char *pl_ignore_page(const guint8 *bytes, gsize length);
/* What a file of no known format seems to be: "not a document: ...". */
const char *pl_ignore_unknown(const guint8 *bytes, gsize length);
/* Adds the cid: links of an HTML text to CIDS. */
void pl_ignore_links(GHashTable *cids, const guint8 *bytes, gsize length);

/* ---- beside: the PDF of a statement ------------------------------------ */

struct pl_said;
struct pl_said *pl_said_new(const char *text);
void pl_said_free(struct pl_said *said);
/* Does the name of PDF have account and number, or day; the account and no
 * other number? Do its pages have account and number; the balance, too? Do they
 * speak of another statement? What was not looked at says nothing. */
gboolean pl_beside_named(
    const struct pl_statement *s, const struct pl_piece *pdf);
gboolean pl_beside_account(
    const struct pl_statement *s, const struct pl_piece *pdf);
gboolean pl_beside_written(
    const struct pl_statement *s, const struct pl_piece *pdf);
gboolean pl_beside_written_well(
    const struct pl_statement *s, const struct pl_piece *pdf);
gboolean pl_beside_contradicts(
    const struct pl_statement *s, const struct pl_piece *pdf);

struct pl_file *pl_file_copy(const struct pl_file *file);
/* The document of a PDF, an XML, or both; of an image (as PDF). */
void pl_document_of_files(GPtrArray *documents, const struct pl_piece *pdf,
    const struct pl_piece *xml);
/* One document for each statement in FILE, with its PDF: PDFS has one for
 * each, or NULL. */
void pl_document_of_statements(GPtrArray *documents,
    const struct pl_piece *file, const struct pl_piece *const *pdfs);
/* How many documents that makes. */
unsigned pl_document_count(const struct pl_piece *file);

/* Does what is on the pages of PDF (one of PIECES) tell with which statement
 * it goes? Otherwise nobody needs to read it. */
gboolean pl_group_wants_pages(
    const GPtrArray *pieces, const struct pl_piece *pdf);
/* Pieces (struct pl_piece, with facts) ▸ documents (struct pl_document), in
 * the order of their first piece; what is in one is marked `used`. */
void pl_group(GPtrArray *pieces, GPtrArray *documents);

/* ---- inspect, extract: in this process --------------------------------- */

pl_findings *pl_findings_new(void);
/* Without the lines of its statements: who indexes needs their number. */
void pl_findings_drop_lines(pl_findings *findings);
void pl_found_problem_add(pl_findings *findings, const char *code,
    const char *filename, const char *text);
pl_findings *pl_inspect(const struct pl_limits *limits,
    const struct pl_source *source, const char *name, GError **error);
/* The content of the file with that hash, or NULL. */
GBytes *pl_extract(const struct pl_limits *limits,
    const struct pl_source *source, const char *sha256, GError **error);
/* Files that came out of an archive behind one that was asked for. */
typedef struct pl_kept pl_kept;
pl_kept *pl_kept_new(void);
void pl_kept_free(pl_kept *kept); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pl_kept, pl_kept_free)
/* Forgets those of any message but this one (0: of all). */
void pl_kept_only(pl_kept *kept, gint64 message);
/* pl_extract() from KEPT if it is there; what comes behind it is kept, if the
 * source says of which message it is. */
GBytes *pl_extract_keeping(const struct pl_limits *limits,
    const struct pl_source *source, const char *sha256, pl_kept *kept,
    GError **error);

/* ---- returned: what came back, in this process ------------------------- */

pl_returned *pl_returned_read(const struct pl_limits *limits,
    const struct pl_source *source, GError **error);
GBytes *pl_returned_pack(const pl_returned *returned);
/* BYTES are foreign: NULL if they are not what pl_returned_pack() makes. */
pl_returned *pl_returned_unpack(GBytes *bytes);

/* ---- wire -------------------------------------------------------------- */

/* Of the lines of statements, as many as PL_WIRE_LINES bytes hold. */
GBytes *pl_wire_pack(const pl_findings *findings);
#define PL_WIRE_LINES (40u << 20)
/* BYTES are foreign: NULL if they are not what pl_wire_pack() makes. */
pl_findings *pl_wire_unpack(GBytes *bytes);

enum pl_frame {
	PL_FRAME_INSPECT, /* reader ▸ child: size, name */
	PL_FRAME_EXTRACT, /* reader ▸ child: size, hash, message */
	PL_FRAME_BYTES, /* reader ▸ child: what was asked for is in the slot */
	PL_FRAME_ASK,   /* child ▸ reader: offset, length */
	PL_FRAME_CONTENT, /* child ▸ reader: a piece of the file */
	PL_FRAME_FOUND,   /* child ▸ reader: findings; or the content's end */
	PL_FRAME_FAILED,  /* child ▸ reader: enum pl_intake_error, text */
	PL_FRAME_DETAIL,  /* as INSPECT; found: with lines of statements */
	PL_FRAME_RETURNED, /* reader ▸ child: size; found: what came back */
};
struct pl_frame_head {
	guint32 type, length; /* bytes that follow */
	guint32 slot, ready;  /* of the request; bytes in it */
	guint64 number, size; /* offset, error, message, or: there is a text */
};
#define PL_FRAME_MOST (1u << 20) /* bytes in one frame but findings */

/* Message bytes are in memory that is shared: a slot for each request that is
 * under way, with the bytes from the start or from what was asked for. Behind
 * the slots the child counts the requests that it is through with, which says
 * what it was at when it died. */
#define PL_SLOTS PL_READER_AHEAD
#define PL_SLOT (1024u * 1024)
#define PL_SHARED (PL_SLOTS * PL_SLOT + 4096)

/* The child's end. */
struct pl_channel {
	int fd;
	GByteArray *out; /* not written yet */
	gsize at, have;  /* what was read and not taken yet */
	guint8 in[8192];
};
void pl_channel_init(struct pl_channel *channel, int fd);
/* All block and see through interruptions. FALSE: the other end is gone.
 * What is put is written at the next flush, or get that has to wait. */
gboolean pl_channel_put(struct pl_channel *channel,
    const struct pl_frame_head *head, const void *bytes);
gboolean pl_channel_flush(struct pl_channel *channel);
gboolean pl_channel_get(
    struct pl_channel *channel, void *bytes, gsize length);

/* ---- child ------------------------------------------------------------- */

/* Everything that opens files, before the filter forbids it. */
void pl_child_warm(void);
/* Keeps FD alone of all that a process may use; where it is now. */
int pl_child_give_up(int fd);
/* Serves FD until it is closed, with no rights. Never returns. */
void pl_child_main(
    int fd, guint8 *shared, const struct pl_limits *limits) G_GNUC_NORETURN;
#define PL_CHILD_MEMORY 3  /* exit code: out of memory */
#define PL_CHILD_FILTER 4  /* exit code: the filter could not be set */
#define PL_CHILD_REFUSED 5 /* exit code: refused by the filter, in a test */

/* ---- versions: pure ---------------------------------------------------- */

/* What is decided for a new document in one journal. */
struct pl_verdict {
	enum pl_state state; /* waiting, held, duplicate */
	const char *code;    /* NULL: none */
	char *note;
	gint64 original;
	gint64 supersede; /* entry that the new one replaces, 0: none */
	gint64 hold;      /* entry that is held with the new one, 0: none */
	char *hold_note;  /* what it is held for */
};
void pl_verdict_clear(struct pl_verdict *verdict);
/* A new document beside what the journal has already. */
struct pl_versions_input {
	const struct pl_journal *journal;
	const pl_message *message;
	const pl_document *document;
	gboolean stranger;   /* it names both parties, and neither is ours */
	gint64 same_message; /* entry of the message it is a copy of, 0 */
	/* pl_entry that stand, found by the matches below: by the files that
	 * speak; a PDF of its files alone; the same invoice or statement, sent
	 * and open */
	const GPtrArray *same_file, *same_part, *same_number;
	const GPtrArray *same_sender; /* pl_entry: waiting or held */
};
/* Of the entries that have something in common with DOCUMENT, is this one it?
 */
typedef gboolean (*pl_versions_match)(
    const pl_entry *entry, const pl_document *document);
gboolean pl_versions_file(const pl_entry *e, const pl_document *d);
gboolean pl_versions_bare(const pl_entry *e, const pl_document *d);
/* The same invoice; with the same date and amount. */
gboolean pl_versions_invoice(const pl_entry *e, const pl_document *d);
gboolean pl_versions_facts(const pl_entry *e, const pl_document *d);
/* The same statement; one of its number and day that says otherwise. */
gboolean pl_versions_statement(const pl_entry *e, const pl_document *d);
gboolean pl_versions_amended(const pl_entry *e, const pl_document *d);
/* The longest row of digits in a name, separators left out: "2026-117 v2.pdf" ▸
 * "2026117". Of a name with nothing but a date, its words too: "scan 2026-03".
 * NULL if there is none. g_free(). */
char *pl_versions_number(const char *filename);
/* A PDF of which only the name may say a number. */
gboolean pl_versions_plain(int kind, const char *number, const char *filename);
void pl_versions(
    const struct pl_versions_input *input, struct pl_verdict *verdict);

#endif
