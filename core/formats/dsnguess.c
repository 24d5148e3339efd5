/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dsnguess - notices that are written for people alone
 *
 * qmail's QSBMF, Exim, old Exchange and many gateways tell in words what
 * became of a message. Words that mean "given up" and "still trying" are
 * looked for in the subject and the first of the text, in the languages that
 * mail servers here speak; then SMTP reply codes. Where neither is found
 * nothing is claimed: an answer of somebody on holiday must not look like a
 * bounce.
 */
#include "dsn.h"

#include <string.h>

#define TEXT_MAX 8192 /* bytes that are looked at */
#define WORDS_MAX 400 /* bytes of the words that are told */

/* What says "for good" even beside words of waiting. */
static const char *const given_up[] = { "permanent error",
	"permanent fatal error", "permanently failed", "i've given up",
	"giving up", "given up", "delivery has failed", "delivery failed",
	"delivery failure", "failure notice", "returned to sender",
	"fatal errors", "did not reach", "has failed permanently", NULL };
static const char *const waiting[] = { "delayed", "warning message only",
	"still being retried", "will be retried", "will keep trying",
	"will continue to be attempted", "not yet been delivered",
	"could not send message for past", "delivery delay",
	"noch nicht zugestellt", "verzögert", "retardé", "vertraagd",
	"retrasad", "ritardata", NULL };
static const char *const failed[] = { "undeliverable", "undelivered mail",
	"undelivered message", "could not be delivered",
	"couldn't be delivered", "cannot be delivered", "can't be delivered",
	"was not delivered", "wasn't delivered", "not been delivered",
	"wasn't able to deliver", "unable to deliver", "unable to be delivered",
	"returned mail", "mail delivery problem", "unzustellbar",
	"nicht zugestellt", "non remis", "pas pu être remis",
	"échec de la remise", "non distribu", "onbestelbaar", "niet bezorgd",
	"niet worden bezorgd", "no se pudo entregar",
	"no se ha podido entregar", "mancata consegna",
	"impossibile consegnare", NULL };

static gboolean
has_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(text, *words) != NULL)
			return TRUE;
	return FALSE;
}

/* ---- reply codes ------------------------------------------------------- */

/* "550 5.1.1 ..." or "550-5.7.1". */
static gboolean
is_reply(const char *p)
{
	return g_ascii_isdigit(p[1]) && p[1] < '8' && g_ascii_isdigit(p[2]) &&
	       (p[3] == ' ' || p[3] == '-') &&
	       (g_ascii_isalnum(p[4]) || p[4] == '<' || p[4] == '#');
}

/* "5.1.1", and no address 5.1.1.1. */
static gboolean
is_enhanced(const char *p)
{
	gsize n = p[1] == '.' ? strspn(p + 2, "0123456789") : 0;
	const char *last = p + 2 + n + 1;

	if (n == 0 || n > 3 || last[-1] != '.' || !g_ascii_isdigit(*last))
		return FALSE;
	last += strspn(last, "0123456789");
	return *last != '.' || !g_ascii_isdigit(last[1]);
}

/* Not in the middle of a sentence: "invoice 550 is". */
static gboolean
is_said(const char *text, const char *p)
{
	while (p > text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == text || strchr("\n:#(", p[-1]) != NULL;
}

/* The first reply code of TEXT, its class; *AT: where. 0: there is none. */
static unsigned
find_code(const char *text, const char **at)
{
	for (const char *p = text; *p != '\0'; p++) {
		if ((*p != '4' && *p != '5') ||
		    (p > text && (g_ascii_isalnum(p[-1]) || p[-1] == '.')))
			continue;
		if (is_enhanced(p) || (is_reply(p) && is_said(text, p))) {
			*at = p;
			return (unsigned)(*p - '0');
		}
	}
	return 0;
}

/* ---- words ------------------------------------------------------------- */

/* The rest of the paragraph at AT. */
static char *
paragraph(const char *at)
{
	const char *end = strstr(at, "\n\n");
	gsize n = end != NULL ? (gsize)(end - at) : strlen(at);

	return pl_dsn_line(at, MIN(n, WORDS_MAX));
}

/* "<a@b>:" at the start of a line, as qmail and others have it; moved behind
 * it. The address, or NULL. */
static char *
named(const char **text)
{
	for (const char *p = *text; p != NULL && *p != '\0';) {
		gsize n = *p == '<' ? strcspn(p, ">\n") : 0;

		if (n > 2 && n < 320 && p[n] == '>' && p[n + 1] == ':' &&
		    memchr(p, '@', n) != NULL) {
			*text = p + n + 2;
			return pl_dsn_line(p + 1, n - 1);
		}
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
	return NULL;
}

/* The server's words: what stands at the reply code, else beside the address,
 * else the first of the text, else the subject. */
static char *
tell(const char *subject, const char *text, const char *code, char **recipient)
{
	const char *behind = text;
	char *words = NULL;

	*recipient = named(&behind);
	if (code != NULL)
		words = paragraph(code);
	else if (*recipient != NULL)
		words = paragraph(behind + strspn(behind, " \n"));
	if (words == NULL || *words == '\0') {
		g_free(words);
		words = paragraph(text + strspn(text, " \n"));
	}
	if (*words == '\0') {
		g_free(words);
		words = pl_dsn_line(subject, strlen(subject));
	}
	return words;
}

/* With LF as line end, and blank lines really empty. */
static char *
plain(const char *text)
{
	g_autoptr(GString) s = g_string_new(NULL);
	const char *end = text;

	while (*end != '\0' && end - text < TEXT_MAX)
		end = g_utf8_next_char(end);
	for (const char *p = text; p < end; p++)
		if (*p != '\r')
			g_string_append_c(s, *p);
	g_string_replace(s, " \n", "\n", 0);
	return g_strdup(s->str);
}

static const char *
verdict(const char *subject, const char *text, const char **code)
{
	g_autofree char *both = g_strconcat(subject, "\n", text, NULL);
	g_autofree char *lower = g_utf8_strdown(both, -1);
	unsigned class = find_code(text, code);

	if (has_any(lower, given_up))
		return "failed";
	if (has_any(lower, waiting))
		return "delayed";
	if (has_any(lower, failed) || class == 5)
		return "failed";
	return class == 4 ? "delayed" : NULL;
}

pl_dsn *
pl_dsn_guess(const char *subject, const char *text)
{
	g_autofree char *body = plain(text != NULL ? text : "");
	pl_dsn *dsn = pl_dsn_new();
	struct pl_dsn_recipient *r;
	const char *code = NULL, *action;

	if (subject == NULL)
		subject = "";
	action = verdict(subject, body, &code);
	if (action == NULL)
		return dsn;
	r = g_new0(struct pl_dsn_recipient, 1);
	g_ptr_array_add(dsn->recipients, r);
	r->action = g_strdup(action);
	r->diagnostic = tell(subject, body, code, &r->recipient);
	return dsn;
}
