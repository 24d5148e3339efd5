/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * intake_mail - messages and files made for the tests, and what is found
 */
#ifndef INTAKE_MAIL_H
#define INTAKE_MAIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "room.h"

/* ---- files ------------------------------------------------------------- */

/* A PDF of one empty page with TEXT in a comment; it is valid. */
static inline GBytes *
make_pdf(const char *text)
{
	GString *s = g_string_new("%PDF-1.4\n");
	gsize at[4];

	g_string_append_printf(s, "%% %s\n", text);
	at[1] = s->len;
	g_string_append(
	    s, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
	at[2] = s->len;
	g_string_append(
	    s, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
	at[3] = s->len;
	g_string_append(s, "3 0 obj\n<</Type/Page/Parent 2 0 R"
			   "/MediaBox[0 0 9 9]>>\nendobj\n");
	gsize xref = s->len;
	g_string_append(s, "xref\n0 4\n0000000000 65535 f \n");
	for (int i = 1; i < 4; i++)
		g_string_append_printf(s, "%010zu 00000 n \n", at[i]);
	g_string_append_printf(s,
	    "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n",
	    xref);
	return g_string_free_to_bytes(s);
}

/* A UBL invoice (CREDIT: a credit note); PDF_NAME and PDF may be NULL. */
static inline GBytes *
make_ubl(gboolean credit, const char *number, const char *date,
    const char *total, const char *pdf_name, GBytes *pdf)
{
	const char *root = credit ? "CreditNote" : "Invoice";
	GString *s = g_string_new("<?xml version=\"1.0\"?>\n");

	g_string_append_printf(s,
	    "<%s xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:%s-2\" "
	    "xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:"
	    "CommonAggregateComponents-2\" "
	    "xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:"
	    "CommonBasicComponents-2\">"
	    "<cbc:ID>%s</cbc:ID><cbc:IssueDate>%s</cbc:IssueDate>"
	    "<cbc:%sTypeCode>%s</cbc:%sTypeCode>"
	    "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>",
	    root, root, number, date, root, credit ? "381" : "380", root);
	if (pdf_name != NULL) {
		g_string_append_printf(s,
		    "<cac:AdditionalDocumentReference><cbc:ID>%s</cbc:ID>",
		    pdf_name);
		if (pdf != NULL) {
			g_autofree char *b64 =
			    g_base64_encode(g_bytes_get_data(pdf, NULL),
				g_bytes_get_size(pdf));
			g_string_append_printf(s,
			    "<cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
			    "mimeCode=\"application/pdf\" filename=\"%s\">%s"
			    "</cbc:EmbeddedDocumentBinaryObject>"
			    "</cac:Attachment>",
			    pdf_name, b64);
		}
		g_string_append(s, "</cac:AdditionalDocumentReference>");
	}
	g_string_append_printf(s,
	    "<cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme>"
	    "<cbc:CompanyID>BE0123456749</cbc:CompanyID>"
	    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
	    "</cac:PartyTaxScheme><cac:PartyLegalEntity>"
	    "<cbc:RegistrationName>Seller</cbc:RegistrationName>"
	    "</cac:PartyLegalEntity></cac:Party>"
	    "</cac:AccountingSupplierParty>"
	    "<cac:AccountingCustomerParty><cac:Party><cac:PartyTaxScheme>"
	    "<cbc:CompanyID>BE0987654394</cbc:CompanyID>"
	    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
	    "</cac:PartyTaxScheme></cac:Party>"
	    "</cac:AccountingCustomerParty>"
	    "<cac:LegalMonetaryTotal>"
	    "<cbc:TaxInclusiveAmount currencyID=\"EUR\">%s"
	    "</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal></%s>\n",
	    total, root);
	return g_string_free_to_bytes(s);
}

static inline GBytes *
make_text(const char *text)
{
	return g_bytes_new(text, strlen(text));
}

/* ---- messages ---------------------------------------------------------- */

#define FIELDS \
	"From: Anna <anna@shop.example>\r\n" \
	"To: sales@compta.example\r\n" \
	"Subject: =?utf-8?q?caf=C3=A9?=\r\n" \
	"Message-ID: <1@shop.example>\r\n" \
	"Date: Mon, 02 Feb 2026 10:00:00 +0100\r\n" \
	"MIME-Version: 1.0\r\n"

static inline GString *
mail_begin(const char *subtype)
{
	GString *m = g_string_new(FIELDS);

	g_string_append_printf(
	    m, "Content-Type: multipart/%s; boundary=\"=_1\"\r\n\r\n", subtype);
	return m;
}

/* A part with these header lines (each with \r\n), as it stands. */
static inline void
mail_raw(GString *m, const char *header, const void *bytes, gsize length)
{
	g_string_append_printf(m, "--=_1\r\n%s\r\n", header);
	g_string_append_len(m, bytes, (gssize)length);
	g_string_append(m, "\r\n");
}

static inline void
mail_text(GString *m, const char *text)
{
	mail_raw(m, "Content-Type: text/plain\r\n", text, strlen(text));
}

/* The bytes in base64, attached as NAME (no name if NULL); takes BYTES. */
static inline void
mail_file(GString *m, const char *type, const char *name, GBytes *bytes)
{
	g_autofree char *b64 =
	    g_base64_encode(g_bytes_get_data(bytes, NULL),
		g_bytes_get_size(bytes));
	g_autoptr(GString) h = g_string_new(NULL);

	g_string_append_printf(h,
	    "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment",
	    type);
	if (name != NULL)
		g_string_append_printf(h, "; filename=\"%s\"", name);
	g_string_append(h, "\r\n");
	mail_raw(m, h->str, b64, strlen(b64));
	g_bytes_unref(bytes);
}

static inline GBytes *
mail_end(GString *m)
{
	g_string_append(m, "--=_1--\r\n");
	return g_string_free_to_bytes(m);
}

/* A message with one file; takes BYTES. */
static inline GBytes *
mail_of(const char *type, const char *name, GBytes *bytes)
{
	GString *m = mail_begin("mixed");

	mail_text(m, "hello");
	mail_file(m, type, name, bytes);
	return mail_end(m);
}

/* ---- what is found ----------------------------------------------------- */

/* Takes BYTES. */
static inline pl_findings *
inspect_with(const struct pl_limits *limits, GBytes *bytes, const char *name)
{
	const struct pl_source source = pl_source_memory(bytes);
	g_autoptr(GError) error = NULL;
	pl_findings *f;

	pl_child_warm();
	f = pl_inspect(limits, &source, name, &error);
	if (f == NULL)
		fail_msg("inspect: %s", error->message);
	g_bytes_unref(bytes);
	return f;
}

static inline pl_findings *
inspect(GBytes *bytes)
{
	return inspect_with(&pl_limits_default, bytes, NULL);
}

static inline const struct pl_file *
ignored(const pl_findings *f, const char *name)
{
	for (guint i = 0; i < f->ignored->len; i++) {
		const struct pl_file *file = f->ignored->pdata[i];
		if (g_strcmp0(file->filename, name) == 0)
			return file;
	}
	return NULL;
}

/* All of the findings in one text, to compare: a document a line "kind number:
 * file file", then "-name (reason)", then "!code name". */
static inline char *
told(const pl_findings *f)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < f->documents->len; i++) {
		const pl_document *d = f->documents->pdata[i];
		g_string_append_printf(s, "%s%s%s:", pl_kind_name(d->kind),
		    d->number != NULL ? " " : "",
		    d->number != NULL ? d->number : "");
		for (guint k = 0; k < d->files->len; k++) {
			const struct pl_file *file = d->files->pdata[k];
			g_string_append_printf(s, " %s",
			    file->filename != NULL ? file->filename : "?");
		}
		g_string_append_c(s, '\n');
	}
	for (guint i = 0; i < f->ignored->len; i++) {
		const struct pl_file *file = f->ignored->pdata[i];
		if (strcmp(file->reason, "body text") != 0)
			g_string_append_printf(s, "-%s (%s)\n",
			    file->filename != NULL ? file->filename : "?",
			    file->reason);
	}
	for (guint i = 0; i < f->problems->len; i++) {
		const struct pl_found_problem *p = f->problems->pdata[i];
		g_string_append_printf(s, "!%s %s\n", p->code,
		    p->filename != NULL ? p->filename : "");
	}
	return g_string_free(s, FALSE);
}

/* The files of each document: "a.pdf a.xml|b.cod:17", with the number of a
 * statement. */
static inline char *
names_of(const GPtrArray *documents)
{
	GString *s = g_string_new(NULL);

	for (guint i = 0; i < documents->len; i++) {
		const pl_document *d = documents->pdata[i];
		g_string_append(s, i > 0 ? "|" : "");
		for (guint k = 0; k < d->files->len; k++) {
			const struct pl_file *f = d->files->pdata[k];
			g_string_append_printf(s, "%s%s", k > 0 ? " " : "",
			    f->filename != NULL ? f->filename : "?");
			if (k == 0 && d->sequence != NULL)
				g_string_append_printf(s, ":%s", d->sequence);
		}
	}
	return g_string_free(s, FALSE);
}

/* Findings as they come back from a child: the same. Nothing that was cut is
 * taken for whole, and most changes of a byte are noticed. */
static inline pl_findings *
come_back(const pl_findings *f)
{
	g_autoptr(GBytes) bytes = pl_wire_pack(f);
	pl_findings *same = pl_wire_unpack(bytes);
	unsigned refused = 0;
	gsize n;
	const guint8 *data = g_bytes_get_data(bytes, &n);

	assert_non_null(same);
	for (gsize i = 0; i < n; i++) {
		guint8 *copy = g_memdup2(data, n);
		copy[i] ^= 0xff;
		g_autoptr(GBytes) changed = g_bytes_new_take(copy, n);
		g_autoptr(pl_findings) g = pl_wire_unpack(changed);
		refused += g == NULL;
		g_autoptr(GBytes) cut = g_bytes_new(data, i);
		assert_null(pl_wire_unpack(cut));
	}
	assert_true(refused > n / 2);
	return same;
}

/* Takes BYTES and checks what is told of them. */
static inline void
assert_told(GBytes *bytes, const char *expected)
{
	g_autoptr(pl_findings) f = inspect(bytes);
	g_autofree char *text = told(f);

	assert_string_equal(text, expected);
}

#endif
