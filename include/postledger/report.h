/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report - facts ▸ text, HTML, CSV
 *
 * The run gathers the facts; this room only writes them down. Text and HTML
 * are made from the same lines, so they say the same. Foreign text is cleaned
 * of control characters, escaped in HTML, and kept from becoming a formula in
 * the CSV.
 */
#ifndef POSTLEDGER_REPORT_H
#define POSTLEDGER_REPORT_H

#include "postledger/config.h"
#include "postledger/ledger.h"

/* A problem code in full: the table from which docs/codes.md is checked. */
struct pl_code {
	const char *code;  /* "PL-101" */
	const char *title; /* one line */
	const char *cause; /* sentences */
	const char *todo;  /* what to do, for a finance team or an admin */
};
const struct pl_code *pl_codes(unsigned *n);
const struct pl_code *pl_code_find(const char *code); /* any case; NULL */

/* A code with the marks that NOTE begins with: "PL-201 ! BALANCE ! NUMBER".
 * g_free(). */
char *pl_code_marked(const char *code, const char *note);

#define PL_REPORT_PUT_OFF "put-off: "
/* One waiting entry with the plan's words. */
struct pl_report_waiting {
	const pl_entry *entry;
	const char *reason; /* pl_reason_name(), or PL_REPORT_PUT_OFF and the
			     * mail server's words */
	gint64 until;       /* 0: not known */
	const char *behind; /* words on the one that keeps it back, or NULL */
};

struct pl_report_sent {
	const pl_batch *batch;
	GArray *ids;        /* gint64: its entries; NULL: those in `entries` */
	GPtrArray *entries; /* pl_entry; NULL: the source has them */
	GPtrArray *written; /* struct pl_written, if it went into folders */
};

/* Arrays may be NULL. An entry counts once, however often it is named: on the
 * batch it left in, else by its state. */
struct pl_report_journal {
	const struct pl_journal *journal;
	GPtrArray *sent;      /* struct pl_report_sent: finished, not told yet,
			       * refused and bounced ones as well */
	GPtrArray *waiting;   /* struct pl_report_waiting: all that wait, and
			       * all that are held, as planned */
	GArray *more;         /* what the source tells those by that are not
			       * in `waiting`; NULL: there are none */
	GPtrArray *others;    /* pl_entry, not told yet: duplicates,
			       * superseded, held, archived, new */
	unsigned cap_left;    /* documents that wait for the next run (cap) */
	gint64 next;          /* next time it is served, 0: never */
	const struct pl_counts *totals; /* of the whole ledger; NULL: leaves
					 * that table out */
};

/* FALSE: no more of them. WAITING lives as long as the call. */
typedef gboolean (*pl_report_each)(
    const struct pl_report_waiting *waiting, void *user);

/* What facts leave out because there can be any number of it. It is asked for
 * when it is written, some of it more than once, and must then be the same. */
struct pl_report_source {
	/* What is in a batch, to be unref()ed. */
	gboolean (*batch)(const pl_batch *batch, GPtrArray **entries,
	    GPtrArray **written, void *user, GError **error);
	/* All that wait by JOURNAL's `more`. */
	gboolean (*waiting)(const struct pl_report_journal *journal,
	    pl_report_each each, void *each_user, void *user, GError **error);
	void *user;
};

struct pl_report_facts {
	struct pl_report_source source;
	const pl_run *run;
	gint64 now;
	GTimeZone *timezone;
	const char *timezone_name, *host, *version;
	const char *head;      /* of the event chain */
	GPtrArray *journals;   /* struct pl_report_journal */
	GPtrArray *problems;   /* struct pl_problem */
	GPtrArray *notes;      /* char *: sentences on the run itself */
	unsigned messages;     /* indexed in this run */
	GPtrArray *originals;  /* pl_entry that duplicates and superseded ones
				* name as their original, so that their date
				* can be told; may be NULL or incomplete */
};

/* What goes out. Text and HTML stay below about 200 KB, whatever the facts. */
struct pl_report_texts {
	char *subject, *text, *html;
};
/* FALSE: the source's error. Members are g_free()d by pl_report_clear(). */
gboolean pl_report_write(const struct pl_report_facts *facts,
    struct pl_report_texts *texts, GError **error);
void pl_report_clear(struct pl_report_texts *texts);
/* The CSV (UTF-8 with BOM, RFC 4180), which has a line for everything, some
 * 64 KB of whole lines at a time. FALSE: the error of the source or of SINK. */
gboolean pl_report_write_csv(const struct pl_report_facts *facts,
    pl_report_sink sink, void *user, GError **error);
/* Is there anything to tell: sent, new, problems / problems only? */
gboolean pl_report_activity(const struct pl_report_facts *facts);
gboolean pl_report_problems(const struct pl_report_facts *facts);

/* Foreign text for a line of output: control characters, terminal escapes and
 * bidirectional overrides taken out, not valid UTF-8 replaced, cut at MAX
 * characters with "…" (0: never). g_free(). */
char *pl_text_clean(const char *text, unsigned max);
/* TIME (microseconds since 1970, UTC) in ZONE, as g_date_time_format() has it;
 * "" for 0 and for what no calendar knows. g_free(). */
char *pl_text_time(gint64 time, GTimeZone *zone, const char *format);

#endif
