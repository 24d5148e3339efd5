/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words - numbers, times and reasons as a reader wants them, in English
 */
#include "words.h"

#include <string.h>

#include "clean.h"

#define NAME_MAX_CHARS 60
#define REPLY_MAX_CHARS 200
#define PARTY_MAX_CHARS 60
#define AMOUNT_MAX_CHARS 30

char *
pl_words_number(guint64 n)
{
	GString *s = g_string_new(NULL);

	g_string_printf(s, "%" G_GUINT64_FORMAT, n);
	for (gssize at = (gssize)s->len - 3; at > 0; at -= 3)
		g_string_insert_c(s, at, ',');
	return g_string_free(s, FALSE);
}

char *
pl_words_count(guint64 n, const char *one, const char *many)
{
	g_autofree char *number = pl_words_number(n);

	return g_strdup_printf("%s %s", number, n == 1 ? one : many);
}

char *
pl_text_time(gint64 time, GTimeZone *zone, const char *format)
{
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local =
	    utc ? g_date_time_to_timezone(utc, zone) : NULL;
	char *text = local && time ? g_date_time_format(local, format) : NULL;

	return text ? text : g_strdup("");
}

char *
pl_words_time(gint64 time, GTimeZone *zone)
{
	return pl_text_time(time, zone, "%Y-%m-%d %H:%M");
}

char *
pl_words_day(gint64 time, GTimeZone *zone)
{
	char *text = pl_words_time(time, zone);

	if (g_str_has_suffix(text, " 00:00"))
		text[strlen(text) - strlen(" 00:00")] = '\0';
	return text;
}

char *
pl_words_stamp(gint64 time, GTimeZone *zone)
{
	return pl_text_time(time, zone, "%Y-%m-%d %H:%M:%S%:z");
}

char *
pl_words_size(guint64 bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB" };
	guint64 tenths = bytes * 10 / 1024;
	unsigned unit = 0;

	if (bytes < 1024)
		return pl_words_count(bytes, "byte", "bytes");
	for (; tenths >= 10240 && unit + 1 < G_N_ELEMENTS(units); unit++)
		tenths /= 1024;
	if (tenths >= 1000 || tenths % 10 == 0)
		return g_strdup_printf(
		    "%" G_GUINT64_FORMAT " %s", tenths / 10, units[unit]);
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " %s",
	    tenths / 10, tenths % 10, units[unit]);
}

const char *
pl_words_kind(int kind)
{
	switch (kind) {
	case PL_KIND_INVOICE:
		return "invoice";
	case PL_KIND_CREDIT_NOTE:
		return "credit note";
	case PL_KIND_STATEMENT:
		return "statement";
	default:
		return "other document";
	}
}

/* A reason of the plan: heading, and what will happen. */
struct reason {
	const char *name, *heading, *then;
};

static const struct reason reasons[] = {
	{ "none", "Being handed over to the mail server",
	    "It is not confirmed yet; the next run goes on." },
	{ "due", "Due", "Sent by the next run." },
	{ "disabled", "The journal is switched off",
	    "Kept, and sent once the journal is switched on again." },
	{ "archived", "Archived by a person", "Never sent." },
	{ "held", "Held until a person decides", "" },
	{ "not-accepted", "The journal no longer takes such documents",
	    "Not sent under the present rules of the journal." },
	{ "start-date", "Dated before the start date",
	    "Not sent, unless the start date is moved back." },
	{ "delay", "In the delay before sending", "" },
	{ "gap", "Behind a gap in the statements",
	    "Sent in order once the missing statement is here, or when a "
	    "person releases it." },
	{ "unfinished", "The period of the statement has not ended", "" },
	{ "window", "Outside the hours in which the journal sends", "" },
	{ "schedule", "For the next scheduled run", "" },
	{ "cap", "Over the limit of e-mails a run",
	    "Sent by the next runs, oldest first." },
	{ "shared-file", "In a file of which not all may be sent",
	    "The file cannot be parted: see PL-206." },
	{ "too-large", "Larger than an e-mail of this journal may be",
	    "Not sent, unless max_mail_size is raised: see PL-104." },
};

static const struct reason *
find(const char *name)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (!g_strcmp0(reasons[i].name, name ? name : "none"))
			return &reasons[i];
	return NULL;
}

static char *
start_date(guint32 julian)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, julian);
	return g_strdup_printf("Dated before the start date %04u-%02u-%02u",
	    g_date_get_year(&date), g_date_get_month(&date),
	    g_date_get_day(&date));
}

char *
pl_words_reason(const struct pl_journal *j, const char *name)
{
	const struct reason *reason = find(name);

	if (!reason && g_str_has_prefix(name, PL_REPORT_PUT_OFF)) {
		g_autofree char *words = pl_text_clean(
		    name + strlen(PL_REPORT_PUT_OFF), REPLY_MAX_CHARS);

		return g_strdup_printf("Put off%s: %s",
		    pl_folder_is(j->deliver_to) ? "" : " by the mail server",
		    words);
	}
	if (!reason)
		return pl_text_clean(name, NAME_MAX_CHARS);
	if (g_str_equal(reason->name, "none") && pl_folder_is(j->deliver_to))
		return g_strdup("Being written into its folder");
	if (g_str_equal(reason->name, "start-date") &&
	    g_date_valid_julian(j->start_date))
		return start_date(j->start_date);
	if (g_str_equal(reason->name, "delay") && j->delay_days)
		return g_strdup_printf(
		    "In the delay of %u day%s before sending", j->delay_days,
		    j->delay_days == 1 ? "" : "s");
	if (g_str_equal(reason->name, "cap") && j->max_mails_per_run)
		return g_strdup_printf("Over the limit of %u e-mail%s a run",
		    j->max_mails_per_run, j->max_mails_per_run == 1 ? "" : "s");
	if (g_str_equal(reason->name, "too-large") && j->max_mail_size) {
		g_autofree char *size = pl_words_size(j->max_mail_size);

		return g_strdup_printf(
		    "Larger than an e-mail of this journal may be (%s)", size);
	}
	return g_strdup(reason->heading);
}

const char *
pl_words_then(const char *name)
{
	const struct reason *reason = find(name);

	if (!reason && g_str_has_prefix(name, PL_REPORT_PUT_OFF))
		return "Tried again by the next run.";
	return reason ? reason->then : "";
}

static gboolean
is_set(const char *text)
{
	return text && *text;
}

char *
pl_words_name(const pl_entry *e)
{
	if (is_set(e->number))
		return pl_text_clean(e->number, NAME_MAX_CHARS);
	if (is_set(e->account)) {
		g_autofree char *all =
		    is_set(e->sequence)
			? g_strdup_printf("%s no. %s", e->account, e->sequence)
			: g_strdup(e->account);

		return pl_text_clean(all, NAME_MAX_CHARS);
	}
	return pl_text_clean_name(
	    is_set(e->filename) ? e->filename : "(no name)", NAME_MAX_CHARS);
}

/* Is ID (a VAT or company number) one of the journal's own? Compared without
 * blanks and dots, in capitals. */
static gboolean
is_own(const struct pl_journal *journal, const char *id)
{
	GString *plain = g_string_new(NULL);
	gboolean own = FALSE;

	for (const char *p = id; *p; p++)
		if (g_ascii_isalnum(*p))
			g_string_append_c(plain, g_ascii_toupper(*p));
	for (unsigned i = 0; i < pl_view_length(journal->company_ids); i++)
		own |= g_str_equal(journal->company_ids->pdata[i], plain->str);
	g_string_free(plain, TRUE);
	return own;
}

char *
pl_words_party(const pl_entry *e, const struct pl_journal *journal)
{
	const char *seller =
	    is_set(e->seller_name) ? e->seller_name : e->seller_id;

	if (is_set(e->seller_id) && is_set(e->buyer_id) && journal &&
	    is_own(journal, e->seller_id)) {
		g_autofree char *to = g_strconcat("to ", e->buyer_id, NULL);

		return pl_text_clean(to, PARTY_MAX_CHARS);
	}
	return is_set(seller) ? pl_text_clean(seller, PARTY_MAX_CHARS) : NULL;
}

char *
pl_words_amount(const pl_entry *e)
{
	g_autofree char *all = NULL;

	if (!is_set(e->total))
		return NULL;
	all = g_strjoin(
	    " ", e->total, is_set(e->currency) ? e->currency : NULL, NULL);
	return pl_text_clean(all, AMOUNT_MAX_CHARS);
}

char *
pl_words_sender(const char *from, const char *sender)
{
	g_autofree char *bare = NULL, *all = NULL;
	gsize length = sender ? strlen(sender) : 0;

	if (length > 1 && sender[0] == '<' && sender[length - 1] == '>')
		bare = g_strndup(sender + 1, length - 2);
	else
		bare = g_strdup(length ? sender : "");
	if (!is_set(from) && !*bare)
		return length ? g_strdup("<> (a mail server)") : NULL;
	if (!is_set(from) || g_str_equal(from, bare))
		return pl_text_clean(bare, 120);
	if (!*bare || strstr(from, bare))
		return pl_text_clean(from, 120);
	all = g_strdup_printf("%.400s, sent by %s", from, bare);
	return pl_text_clean(all, 160);
}

/* ---- folders ---------------------------------------------------------- */

gboolean
pl_words_is_folder(const pl_batch *batch)
{
	return batch->deliver_to && pl_folder_is(batch->deliver_to);
}

char *
pl_words_ways(guint64 mails, guint64 folders)
{
	g_autofree char *some = pl_words_count(mails, "e-mail", "e-mails");
	g_autofree char *others =
	    pl_words_count(folders, "batch of files", "batches of files");

	if (!mails && !folders)
		return g_strdup("");
	if (!mails || !folders)
		return g_strdup(mails ? some : others);
	return g_strdup_printf("%s and %s", some, others);
}

/* A ZIP belongs to all entries of its batch. */
char *
pl_words_written(const GPtrArray *files, const pl_entry *entry)
{
	GString *words = g_string_new(NULL);

	for (unsigned i = 0; files && i < files->len; i++) {
		const struct pl_written *w = files->pdata[i];

		if (w->entry && w->entry != entry->id)
			continue;
		g_string_append_printf(
		    words, "%s%s", words->len ? "; " : "", w->path);
	}
	return g_string_free(words, FALSE);
}
