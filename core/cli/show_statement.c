/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show_statement - a statement in clear text, for who does not know its format
 */
#include "show.h"

#include <string.h>

#include "amounts.h"
#include "postledger/formats.h"
#include "postledger/report.h"

#define PIPE_WIDTH 120 /* of a line where there is no terminal */
#define LEAST_WIDTH 24 /* for the words of a line */

/* ---- facts --------------------------------------------------------------- */

struct totals {
	struct pl_total credits, debits;
	unsigned before, behind; /* widest: sign and digits; decimals */
};

static void
count_amount(struct totals *t, const char *amount)
{
	const gsize before = amount != NULL ? strcspn(amount, ".") : 0;
	const gsize behind = amount != NULL ? strlen(amount + before) : 0;

	t->before = MAX(t->before, (unsigned)before);
	t->behind = MAX(t->behind, (unsigned)behind);
}

static void
count_lines(struct totals *t, const GPtrArray *lines)
{
	for (unsigned i = 0; lines != NULL && i < lines->len; i++) {
		const struct pl_line *l = g_ptr_array_index(lines, i);
		gboolean debit = l->amount != NULL && *l->amount == '-';
		count_amount(t, l->amount);
		if (l->unbooked)
			continue;
		pl_total_add(debit ? &t->debits : &t->credits, l->amount);
	}
}

/* AMOUNT with its point where that of the others is. */
static char *
aligned(const struct totals *t, const char *amount)
{
	const unsigned before = (unsigned)strcspn(amount, ".");
	const unsigned behind = (unsigned)strlen(amount) - before;

	return g_strdup_printf("%*s%s%*s", (int)(t->before - before), "",
	    amount, (int)(t->behind - behind), "");
}

static void
print_amount(const struct totals *t, const char *label, const char *amount,
    const char *currency, const char *more)
{
	if (amount == NULL)
		return;
	g_autofree char *number = aligned(t, amount);
	g_autofree char *clean =
	    pl_text_clean(currency != NULL ? currency : "", 0);
	g_autofree char *line = g_strdup_printf("  %-12s %s%s%s%s", label,
	    number, *clean != '\0' ? " " : "", clean, more);
	pl_out("%s\n", g_strchomp(line));
}

static void
print_balances(const pl_document *d, struct totals *t)
{
	const gboolean all =
	    d->transactions != NULL && d->transactions->len >= d->lines;
	g_autofree char *credits = all ? pl_total_text(&t->credits) : NULL;
	g_autofree char *debits = all ? pl_total_text(&t->debits) : NULL;
	g_autofree char *in = pl_out_count(t->credits.terms, "line");
	g_autofree char *out = pl_out_count(t->debits.terms, "line");
	g_autofree char *of_in = g_strdup_printf(", %s", in);
	g_autofree char *of_out = g_strdup_printf(", %s", out);

	count_amount(t, d->opening_balance);
	count_amount(t, d->closing_balance);
	count_amount(t, credits);
	count_amount(t, debits);
	print_amount(t, "opening", d->opening_balance, d->currency, "");
	print_amount(t, "credits", credits, d->currency, of_in);
	print_amount(t, "debits", debits, d->currency, of_out);
	print_amount(t, "closing", d->closing_balance, d->currency, "");
	if (d->opening_balance == NULL && d->closing_balance == NULL)
		pl_out_field("currency", d->currency);
}

static char *
period_of(const pl_document *d)
{
	if (d->from == NULL || d->to == NULL || strcmp(d->from, d->to) == 0)
		return g_strdup(d->from != NULL ? d->from : d->to);
	return g_strdup_printf("%s to %s", d->from, d->to);
}

void
pl_show_statement(const struct pl_page *page, const pl_document *d)
{
	struct totals t = { 0 };
	g_autofree char *lines = g_strdup_printf("%u", d->lines);
	g_autofree char *both = g_strjoin(", ", lines, page->no_lines, NULL);
	g_autofree char *period = period_of(d);
	count_lines(&t, d->transactions);
	pl_out_field("account", d->account);
	pl_out_field("number", d->sequence);
	pl_out_field("date", d->date);
	pl_out_field("period", period);
	print_balances(d, &t);
	pl_out_field("! SUM", d->problem);
	pl_out_field("lines", both);
}

/* ---- lines --------------------------------------------------------------- */

/* The words of TEXT in as many lines as they need, the first of the first
 * text at the end of OUT. */
static void
add_words(GString *out, unsigned indent, unsigned room, const char *text,
    gboolean *first)
{
	g_autofree char *clean = pl_text_clean(text != NULL ? text : "", 0);
	g_auto(GStrv) words = g_strsplit_set(clean, " \n", -1);
	unsigned column = 0;
	for (char **word = words; *word != NULL; word++) {
		unsigned cells = pl_out_cells(*word);
		if (cells == 0)
			continue;
		if (column > 0 && column + 1 + cells > room)
			column = 0;
		if (column > 0)
			g_string_append_c(out, ' ');
		else if (!*first)
			g_string_append_printf(out, "\n%*s", (int)indent, "");
		*first = FALSE;
		g_string_append(out, *word);
		column += cells + (column > 0);
	}
}

static char *
counterparty(const struct pl_line *l)
{
	if (l->counterparty_name == NULL || l->counterparty_account == NULL)
		return g_strdup(l->counterparty_name != NULL
				    ? l->counterparty_name
				    : l->counterparty_account);
	return g_strdup_printf(
	    "%s, %s", l->counterparty_name, l->counterparty_account);
}

static void
print_line(const struct totals *t, const struct pl_line *l, unsigned width)
{
	const unsigned indent = 2 + 10 + 2 + t->before + t->behind + 2;
	const unsigned room =
	    MAX(width > indent ? width - indent : 0, LEAST_WIDTH);
	g_autofree char *amount =
	    aligned(t, l->amount != NULL ? l->amount : "");
	g_autofree char *who = counterparty(l);
	g_autoptr(GString) out = g_string_new(NULL);
	gboolean first = TRUE;

	g_string_append_printf(
	    out, "  %-10s  %s  ", l->date != NULL ? l->date : "", amount);
	add_words(out, indent, room, who, &first);
	add_words(out, indent, room, l->communication, &first);
	if (l->payment_reference != NULL &&
	    (l->communication == NULL ||
		strstr(l->communication, l->payment_reference) == NULL))
		add_words(out, indent, room, l->payment_reference, &first);
	if (l->unbooked)
		add_words(
		    out, indent, room, "(announced, not booked yet)", &first);
	pl_out("%s\n", g_strchomp(out->str));
}

void
pl_show_lines(const pl_document *d)
{
	static const char title[] = "AMOUNT";
	struct totals t = { 0 };
	unsigned width = pl_out_width();
	if (d->transactions == NULL || d->transactions->len == 0)
		return;
	count_lines(&t, d->transactions);
	if (t.before + t.behind < strlen(title))
		t.before = (unsigned)strlen(title) - t.behind;
	pl_out("\n  %-10s  %*s  %s\n", "DATE", (int)(t.before + t.behind),
	    title, "COUNTERPARTY AND COMMUNICATION");
	for (unsigned i = 0; i < d->transactions->len; i++)
		print_line(&t, g_ptr_array_index(d->transactions, i),
		    width > 0 ? width : PIPE_WIDTH);
	if (d->transactions->len < d->lines)
		pl_out("  (and %u more: these are too many to show)\n",
		    d->lines - d->transactions->len);
}
