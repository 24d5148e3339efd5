/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pdf - PDF files, and the invoice inside the hybrid ones
 *
 * A PDF begins with "%PDF-" within its first kilobyte, as the viewers accept
 * it. One that asks for a password is encrypted; one that qpdf cannot open
 * or that ends before its end mark is damaged. Pages are not looked at.
 *
 * The first embedded XML that is an invoice makes a Factur-X file, whatever
 * the file's name; the names of the standards win over others.
 */
#include "pdf.h"

#include <string.h>

#include "readers.h"
#include "values.h"
#include "xml.h"

#define HEADER_WITHIN 1024
#define TAIL 900 /* where the end is looked for */
#define CANDIDATES_MAX 16

/* Where the header is, or -1. An XML file may well speak of it. */
static gssize
header_find(const guint8 *bytes, gsize length)
{
	const guint8 *found =
	    memmem(bytes, MIN(length, HEADER_WITHIN + 5), "%PDF-", 5);

	if (found == NULL || (length >= 5 && memcmp(bytes, "<?xml", 5) == 0))
		return -1;
	return found - bytes;
}

/* Where the last KEYWORD starts, or -1. */
static gssize
last_of(const guint8 *bytes, gsize length, const char *keyword)
{
	const gsize size = strlen(keyword);

	for (gsize at = length < size ? 0 : length - size + 1; at-- > 0;)
		if (bytes[at] == (guint8)keyword[0] &&
		    memcmp(bytes + at, keyword, size) == 0)
			return (gssize)at;
	return -1;
}

/* A whole file says behind its last object where the table of them is. qpdf
 * is content with the table of an earlier revision. */
static gboolean
is_cut_off(const guint8 *bytes, gsize length)
{
	return last_of(bytes, length, "startxref") <
	       MAX(last_of(bytes, length, "endobj"),
		   last_of(bytes, length, " obj"));
}

/* The length without what somebody put behind the end, zeros or a page of a
 * web server: qpdf looks for the end in the last kilobyte only. */
gsize
pl_pdf_length(const guint8 *bytes, gsize length)
{
	const gsize tail = MIN(length, TAIL);
	const guint8 *end;
	gssize table;

	if (memmem(bytes + length - tail, tail, "startxref", 9) != NULL)
		return length;
	table = last_of(bytes, length, "startxref");
	if (table < 0 || is_cut_off(bytes, length))
		return length;
	end = memmem(bytes + table, length - (gsize)table, "%%EOF", 5);
	return end != NULL ? (gsize)(end + 5 - bytes) : length;
}

/* ---- the invoice inside */

static guint
name_rank(const char *name)
{
	static const char *const standard[] = { "factur-x.xml",
		"zugferd-invoice.xml", "xrechnung.xml", NULL };

	if (name == NULL)
		return 0;
	for (guint i = 0; standard[i] != NULL; i++)
		if (g_ascii_strcasecmp(name, standard[i]) == 0)
			return 1;
	return 0;
}

/* The facts of an embedded invoice that can be read wholly, or NULL: what is
 * wrong with an embedded file leaves the PDF as it is. */
static struct pl_facts *
invoice_read(const struct pl_embedded *file)
{
	struct pl_facts *facts = pl_facts_new();
	gsize length;
	const guint8 *bytes = g_bytes_get_data(file->bytes, &length);

	if (bytes != NULL && pl_xml_read(bytes, length, facts) &&
	    !facts->damaged &&
	    (facts->format == PL_FORMAT_UBL || facts->format == PL_FORMAT_CII))
		return facts;
	pl_facts_free(facts);
	return NULL;
}

static void
facts_move(struct pl_facts *to, struct pl_facts *from)
{
	to->format = PL_FORMAT_FACTUR_X;
	to->kind = from->kind;
	to->number = g_steal_pointer(&from->number);
	to->date = g_steal_pointer(&from->date);
	to->currency = g_steal_pointer(&from->currency);
	to->total = g_steal_pointer(&from->total);
	to->payment_reference = g_steal_pointer(&from->payment_reference);
	to->seller.id = g_steal_pointer(&from->seller.id);
	to->seller.name = g_steal_pointer(&from->seller.name);
	to->buyer.id = g_steal_pointer(&from->buyer.id);
	to->buyer.name = g_steal_pointer(&from->buyer.name);
}

static void
find_invoice(struct pl_facts *facts)
{
	g_autoptr(pl_facts) best = NULL;
	struct pl_embedded *best_file = NULL;
	guint best_rank = 0, tried = 0;

	for (guint i = 0; i < facts->embedded->len && tried < CANDIDATES_MAX;
	     i++) {
		struct pl_embedded *file =
		    g_ptr_array_index(facts->embedded, i);
		g_autoptr(pl_facts) found = invoice_read(file);

		if (found == NULL)
			continue;
		tried++;

		guint rank = 1 + name_rank(file->filename);

		if (rank <= best_rank)
			continue;
		best_rank = rank;
		best_file = file;
		g_clear_pointer(&best, pl_facts_free);
		best = g_steal_pointer(&found);
	}
	if (best == NULL)
		return;
	best_file->invoice = TRUE;
	facts_move(facts, best);
}

/* ---- opening */

qpdf_data
pl_pdf_new(void)
{
	qpdf_data pdf = qpdf_init();
	qpdflogger_handle logger = qpdflogger_create();

	qpdflogger_set_info(logger, qpdf_log_dest_discard, NULL, NULL);
	qpdflogger_set_warn(logger, qpdf_log_dest_discard, NULL, NULL);
	qpdflogger_set_error(logger, qpdf_log_dest_discard, NULL, NULL);
	qpdf_set_logger(pdf, logger);
	qpdflogger_cleanup(&logger);
	qpdf_silence_errors(pdf);
	qpdf_set_suppress_warnings(pdf, QPDF_TRUE);
	return pdf;
}

static void
open_failed(qpdf_data pdf, struct pl_facts *facts)
{
	qpdf_error error = qpdf_get_error(pdf);
	enum qpdf_error_code_e code = qpdf_get_error_code(pdf, error);
	const char *detail = qpdf_get_error_message_detail(pdf, error);

	if (code == qpdf_e_password || code == qpdf_e_unsupported) {
		facts->encrypted = TRUE;
		facts->problem =
		    g_strdup("PDF: it is encrypted and cannot "
			     "be opened without its password or key");
	} else {
		pl_value_damage(facts, "PDF: %.200s", detail);
	}
}

static void
read_opened(qpdf_data pdf, const guint8 *bytes, gsize length, guint files,
    struct pl_facts *facts)
{
	qpdf_oh root = qpdf_get_root(pdf);

	if (qpdf_has_error(pdf)) {
		open_failed(pdf, facts);
		return;
	}
	if (!qpdf_oh_is_dictionary(pdf, root)) {
		pl_value_damage(facts, "PDF: no catalog");
		return;
	}

	if (!pl_pdf_list_embedded(pdf, files, facts->embedded))
		pl_value_limited(
		    facts, "PDF: the files in it are too long once unpacked");
	find_invoice(facts);
	if (is_cut_off(bytes, length))
		pl_value_damage(facts,
		    "PDF: cut off after %" G_GSIZE_FORMAT " bytes", length);
}

static void
ask(const guint8 *bytes, gsize length, const struct pl_pdf_look *look,
    struct pl_facts *facts)
{
	if (look->refused != NULL) {
		pl_value_limited(facts, "PDF: %s", look->refused);
		return;
	}

	qpdf_data pdf = pl_pdf_new();

	qpdf_set_attempt_recovery(pdf, look->recover);
	if ((qpdf_read_memory(pdf, "file", (const char *)bytes, length, NULL) &
		(QPDF_ERRORS)) != 0)
		open_failed(pdf, facts);
	else
		read_opened(pdf, bytes, length, look->files, facts);
	qpdf_cleanup(&pdf);
}

void
pl_pdf_ask(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct pl_pdf_look look;

	pl_pdf_look(bytes, length, &look);
	ask(bytes, length, &look, facts);
}

gboolean
pl_pdf_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct pl_pdf_look look;

	if (header_find(bytes, length) < 0)
		return FALSE;
	facts->format = PL_FORMAT_PDF;
	length = pl_pdf_length(bytes, length);
	if (pl_pdf_is_plain(bytes, length))
		return TRUE;
	pl_pdf_look(bytes, length, &look);
	if (look.refused != NULL || look.files > 0 ||
	    !pl_pdf_is_streamed(bytes, length))
		ask(bytes, length, &look, facts);
	return TRUE;
}
