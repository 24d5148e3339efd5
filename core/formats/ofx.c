/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ofx - Open Financial Exchange 1 (SGML) and 2 (XML), as banks export it
 *
 * Both are a flow of tags; version 1 leaves out the end tags of fields. So
 * one reader goes from tag to tag: a tag with text behind it is a field, one
 * without a group. Programs write anything between the two versions, and
 * leave out the header; the first tag has to be OFX, or a header says that it
 * should be. A file without a statement (a list of accounts, an error message)
 * is not recognised, unless it was cut off.
 */
#include "readers.h"

#include <string.h>

#include "values.h"

#define NAME_MAX_LENGTH 32
#define VALUE_MAX 4096

struct ofx {
	struct pl_facts *facts;
	const char *begin, *at, *end;
	const char *counted; /* lines up to here */
	guint line_number;   /* of it */

	char name[NAME_MAX_LENGTH + 1]; /* of the tag, in capitals, no '/' */
	const char *tag;                /* where it begins */
	gboolean closing;               /* it is an end tag */
	const char *text;               /* what stands behind it */
	gsize text_length;
	char *value; /* the same decoded, where it matters */

	struct pl_statement *statement; /* being read, owned by the facts */
	struct pl_line *line;           /* being read, owned by it */
	char *balance_date, *memo, *reference;
	gboolean own_account;    /* inside BANKACCTFROM or its like */
	gboolean other_account;  /* inside BANKACCTTO or its like */
	gboolean ledger_balance; /* inside LEDGERBAL */
	guint lines;

	const char *response; /* the one that began last */
	guint begun;          /* statements with that of it, 0: none began */
	gboolean in_row;      /* the tag before was the end of one */
	gboolean scattered;   /* the file cannot be parted at them */
	gboolean opened;      /* by <OFX> */
	gboolean ended;       /* by </OFX> */
};

/* ---- tags */

/* "&#233;" or "&#xE9;" at TEXT is added to PLAIN: its length, or 0. */
static gsize
numbered_entity(const char *text, GString *plain)
{
	const char *digits = text + 2;
	gboolean hex;
	char *end;
	guint64 letter;

	if (text[0] != '&' || text[1] != '#')
		return 0;
	hex = g_ascii_tolower(*digits) == 'x';
	digits += hex;
	if (!g_ascii_isxdigit(*digits))
		return 0;
	letter = g_ascii_strtoull(digits, &end, hex ? 16 : 10);
	if (*end != ';' || letter < ' ' || letter > 0x10ffff ||
	    !g_unichar_validate((gunichar)letter))
		return 0;
	g_string_append_unichar(plain, (gunichar)letter);
	return (gsize)(end + 1 - text);
}

/* Text with its five entities and numbers resolved, or NULL. */
static char *
plain_text(const char *text, gsize length)
{
	static const struct {
		const char *name;
		char letter;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' }, { "&nbsp;", ' ' } };
	g_autofree char *utf8 = pl_value_utf8(text, MIN(length, VALUE_MAX));
	g_autoptr(GString) plain = g_string_new(NULL);

	for (const char *c = utf8; *c != '\0'; c++) {
		const gsize number = numbered_entity(c, plain);
		guint i = 0;

		if (number > 0) {
			c += number - 1;
			continue;
		}
		while (*c == '&' && i < G_N_ELEMENTS(entities) &&
		       !g_str_has_prefix(c, entities[i].name))
			i++;
		if (*c != '&' || i == G_N_ELEMENTS(entities)) {
			g_string_append_c(plain, *c);
			continue;
		}
		g_string_append_c(plain, entities[i].letter);
		c += strlen(entities[i].name) - 1;
	}
	return pl_value_words(plain->str);
}

static gboolean
begins(const struct ofx *ofx, const char *at, const char *with)
{
	const gsize length = strlen(with);

	return (gsize)(ofx->end - at) >= length &&
	       memcmp(at, with, length) == 0;
}

/* Behind the next WORD from AT on, or the end. */
static const char *
behind(const struct ofx *ofx, const char *at, const char *word)
{
	const char *found =
	    memmem(at, (gsize)(ofx->end - at), word, strlen(word));

	return found != NULL ? found + strlen(word) : ofx->end;
}

/* The first '<' from AT on that begins a tag, or the end: "A < B" has none. */
static const char *
tag_start(const struct ofx *ofx, const char *at)
{
	while ((at = memchr(at, '<', (gsize)(ofx->end - at))) != NULL) {
		if (ofx->end - at > 1 &&
		    (g_ascii_isalpha(at[1]) || strchr("/!?", at[1]) != NULL))
			return at;
		at++;
	}
	return ofx->end;
}

/* The next tag that is no comment and has an end, or NULL; *CLOSE is its end.
 * One that lost its end is text. */
static const char *
next_start(const struct ofx *ofx, const char **close)
{
	const char *start = tag_start(ofx, ofx->at), *inner;

	while (start < ofx->end) {
		inner = tag_start(ofx, start + 1);
		*close = memchr(start, '>', (gsize)(inner - start));
		if (begins(ofx, start, "<!--"))
			start = tag_start(ofx, behind(ofx, start, "-->"));
		else if (*close != NULL)
			return start;
		else
			start = inner;
	}
	return NULL;
}

/* "<NAME><![CDATA[value]]>": the text is what stands inside. */
static void
text_unwrap(struct ofx *ofx)
{
	static const char open[] = "<![CDATA[", close[] = "]]>";
	const char *from = ofx->at, *end;

	if (!begins(ofx, from, open))
		return;
	end = behind(ofx, from, close);
	ofx->at = end;
	ofx->text = from + strlen(open);
	if (end - ofx->text >= (gssize)strlen(close) &&
	    memcmp(end - strlen(close), close, strlen(close)) == 0)
		end -= strlen(close);
	ofx->text_length = (gsize)(end - ofx->text);
}

/* "<NAME>value" up to the next '<', and then "</NAME>" as a tag of its own.
 * FALSE at the end. */
static gboolean
next_tag(struct ofx *ofx)
{
	const char *close, *text_end;
	const char *start = next_start(ofx, &close);
	guint length = 0;

	if (start == NULL)
		return FALSE;
	ofx->tag = start;
	start++;
	ofx->closing = *start == '/';
	if (ofx->closing)
		start++;
	while (start + length < close && length < NAME_MAX_LENGTH &&
	       !g_ascii_isspace(start[length])) {
		ofx->name[length] = g_ascii_toupper(start[length]);
		length++;
	}
	/* "<MEMO/>" is an empty field. */
	if (length > 0 && ofx->name[length - 1] == '/')
		length--;
	ofx->name[length] = '\0';
	text_end = tag_start(ofx, close);
	ofx->text = close + 1;
	ofx->text_length = (gsize)(text_end - close - 1);
	ofx->at = text_end;
	if (!ofx->closing)
		text_unwrap(ofx);
	return TRUE;
}

/* A tag with text behind it is a field, one without a group. */
static gboolean
is_group(const struct ofx *ofx)
{
	if (ofx->closing)
		return TRUE;
	for (gsize i = 0; i < ofx->text_length; i++)
		if (!g_ascii_isspace(ofx->text[i]))
			return FALSE;
	return TRUE;
}

static gboolean
is(const struct ofx *ofx, const char *name)
{
	return strcmp(ofx->name, name) == 0;
}

/* ---- values */

/* "20090523122017[-5:EST]" */
static char *
date_value(const char *value)
{
	return pl_value_edifact_date(value, NULL);
}

/* The decimal sign may be a comma; with both, the last one is it. */
static char *
amount_value(const char *value)
{
	gboolean comma = value != NULL && strchr(value, ',') != NULL;
	gboolean point = value != NULL && strchr(value, '.') != NULL;

	if (comma && point)
		return pl_value_guess_amount(value);
	return pl_value_amount(value, comma ? ',' : '.');
}

/* The line of the present tag, which ends where its text begins. */
static guint
tag_line(struct ofx *ofx)
{
	const char *to = ofx->text != NULL ? ofx->text : ofx->at;

	for (; ofx->counted < to; ofx->counted++)
		ofx->line_number += *ofx->counted == '\n';
	return ofx->line_number;
}

static void G_GNUC_PRINTF(2, 3) fail(struct ofx *ofx, const char *format, ...)
{
	va_list arguments;
	g_autofree char *what = NULL;

	if (ofx->facts->damaged)
		return;
	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	pl_value_damage(ofx->facts, "OFX: line %u: %s", tag_line(ofx), what);
}

/* PLACE takes the amount of the present field. */
static void
amount_field(struct ofx *ofx, char **place)
{
	char *amount = amount_value(ofx->value);

	if (amount == NULL)
		fail(ofx, "%s \"%.40s\" is no amount", ofx->name, ofx->value);
	pl_value_first(place, amount);
}

/* Banks write zeros for no date, but no words. */
static gboolean
says_no_date(const char *value)
{
	return value == NULL || *value == '\0' ||
	       strspn(value, "0") >= MIN(strlen(value), 8);
}

static void
date_field(struct ofx *ofx, char **place)
{
	char *date = date_value(ofx->value);

	if (date == NULL && !says_no_date(ofx->value))
		fail(ofx, "%s \"%.40s\" is no date", ofx->name, ofx->value);
	pl_value_first(place, date);
}

/* ---- transactions */

static void
line_begin(struct ofx *ofx)
{
	if (++ofx->lines > PL_LINES_MAX) {
		fail(ofx, "too many transactions");
		return;
	}
	ofx->line = pl_line_new();
	g_ptr_array_add(ofx->statement->lines, ofx->line);
}

static void
line_end(struct ofx *ofx)
{
	struct pl_line *line = ofx->line;

	if (line == NULL)
		return;
	if (line->amount == NULL)
		fail(ofx, "a transaction without a TRNAMT");
	line->communication = g_steal_pointer(&ofx->memo);
	pl_value_first(&line->communication, g_steal_pointer(&ofx->reference));
	ofx->line = NULL;
}

static void
line_field(struct ofx *ofx)
{
	struct pl_line *line = ofx->line;

	if (is(ofx, "TRNAMT"))
		amount_field(ofx, &line->amount);
	else if (is(ofx, "DTPOSTED"))
		date_field(ofx, &line->date);
	else if (is(ofx, "NAME"))
		pl_value_first(&line->counterparty_name, g_strdup(ofx->value));
	else if (is(ofx, "MEMO"))
		pl_value_first(&ofx->memo, g_strdup(ofx->value));
	else if (is(ofx, "REFNUM") || is(ofx, "CHECKNUM"))
		pl_value_first(&ofx->reference, g_strdup(ofx->value));
	else if (is(ofx, "ACCTID") && ofx->other_account)
		pl_value_first(
		    &line->counterparty_account, pl_value_account(ofx->value));
}

/* ---- statements */

static gboolean
is_statement(const struct ofx *ofx)
{
	return is(ofx, "STMTRS") || is(ofx, "CCSTMTRS") || is(ofx, "INVSTMTRS");
}

static void
statement_begin(struct ofx *ofx)
{
	if (ofx->facts->statements->len >= PL_STATEMENTS_MAX) {
		fail(ofx, "too many statements");
		return;
	}
	ofx->statement = pl_statement_new();
	g_ptr_array_add(ofx->facts->statements, ofx->statement);
}

static void
statement_end(struct ofx *ofx)
{
	line_end(ofx);
	if (ofx->statement != NULL) {
		if (ofx->statement->account == NULL)
			fail(ofx, "a statement without an ACCTID");
		pl_value_first(
		    &ofx->statement->to, g_steal_pointer(&ofx->balance_date));
	}
	g_clear_pointer(&ofx->balance_date, g_free);
	ofx->statement = NULL;
	ofx->own_account = ofx->other_account = ofx->ledger_balance = FALSE;
}

static void
statement_field(struct ofx *ofx)
{
	struct pl_statement *statement = ofx->statement;

	if (is(ofx, "CURDEF"))
		pl_value_first(&statement->currency, g_strdup(ofx->value));
	else if (is(ofx, "DTSTART"))
		date_field(ofx, &statement->from);
	else if (is(ofx, "DTEND"))
		date_field(ofx, &statement->to);
	else if (is(ofx, "ACCTID") && ofx->own_account)
		pl_value_first(&statement->account, pl_value_trim(ofx->value));
	else if (is(ofx, "BALAMT") && ofx->ledger_balance)
		amount_field(ofx, &statement->closing_balance);
	else if (is(ofx, "DTASOF") && ofx->ledger_balance)
		date_field(ofx, &ofx->balance_date);
}

static void
group(struct ofx *ofx)
{
	gboolean open = !ofx->closing;

	if (is_statement(ofx)) {
		statement_end(ofx);
		if (open)
			statement_begin(ofx);
	} else if (is(ofx, "STMTTRN") && ofx->statement == NULL) {
		fail(ofx, "a transaction outside of a statement (STMTRS)");
	} else if (is(ofx, "STMTTRN")) {
		line_end(ofx);
		if (open)
			line_begin(ofx);
	} else if (is(ofx, "BANKTRANLIST")) {
		line_end(ofx);
	} else if (is(ofx, "BANKACCTFROM") || is(ofx, "CCACCTFROM") ||
		   is(ofx, "INVACCTFROM")) {
		ofx->own_account = open;
	} else if (is(ofx, "BANKACCTTO") || is(ofx, "CCACCTTO")) {
		ofx->other_account = open;
	} else if (is(ofx, "LEDGERBAL")) {
		line_end(ofx);
		ofx->other_account = FALSE;
		ofx->ledger_balance = open;
	}
}

/* ---- borders */

/* What a statement comes in. */
static gboolean
is_response(const struct ofx *ofx)
{
	return is(ofx, "STMTTRNRS") || is(ofx, "CCSTMTTRNRS") ||
	       is(ofx, "INVSTMTTRNRS");
}

/* A file can be parted where responses with one statement each stand in a row:
 * then each has its bytes. */
static void
border(struct ofx *ofx)
{
	const GPtrArray *statements = ofx->facts->statements;
	struct pl_statement *last;

	if (!is_response(ofx)) {
		ofx->in_row = FALSE;
	} else if (!ofx->closing) {
		if (ofx->begun > 0 && !ofx->in_row)
			ofx->scattered = TRUE;
		ofx->response = ofx->tag;
		ofx->begun = statements->len + 1;
	} else if (ofx->begun == 0 || statements->len != ofx->begun) {
		ofx->scattered = TRUE;
	} else {
		last = statements->pdata[statements->len - 1];
		last->offset = (gsize)(ofx->response - ofx->begin);
		last->length = (gsize)(ofx->text - ofx->response);
		ofx->in_row = TRUE;
	}
}

static void
borders_end(struct ofx *ofx)
{
	GPtrArray *statements = ofx->facts->statements;
	gboolean all = statements->len > 1 && !ofx->scattered;
	struct pl_statement *s;

	for (guint i = 0; i < statements->len; i++)
		all &=
		    ((struct pl_statement *)statements->pdata[i])->length > 0;
	for (guint i = 0; !all && i < statements->len; i++) {
		s = statements->pdata[i];
		s->offset = s->length = 0;
	}
}

/* Of the fields of OFX only these are decoded. */
static gboolean
is_wanted(const struct ofx *ofx)
{
	static const char *const names[] = { "TRNAMT", "DTPOSTED", "NAME",
		"MEMO", "REFNUM", "CHECKNUM", "ACCTID", "CURDEF", "DTSTART",
		"DTEND", "BALAMT", "DTASOF", NULL };

	return ofx->statement != NULL && g_strv_contains(names, ofx->name);
}

static void
tag_read(struct ofx *ofx)
{
	border(ofx);
	if (!ofx->opened && !is(ofx, "OFX") && g_ascii_isalpha(*ofx->name))
		fail(ofx, "its beginning (<OFX>) is missing");
	if (is(ofx, "OFX"))
		*(ofx->closing ? &ofx->ended : &ofx->opened) = TRUE;
	if (is_group(ofx)) {
		group(ofx);
		return;
	}
	if (!is_wanted(ofx))
		return;
	ofx->value = plain_text(ofx->text, ofx->text_length);
	if (ofx->line != NULL)
		line_field(ofx);
	else
		statement_field(ofx);
	g_clear_pointer(&ofx->value, g_free);
}

/* ---- recognition */

/* "OFXHEADER:100", or "<?OFX OFXHEADER=" behind an XML declaration. */
static gboolean
has_header(const char *bytes, gsize length)
{
	static const char word[] = "OFXHEADER";
	const gsize size = strlen(word);
	gsize blanks = 0;

	while (blanks < length && g_ascii_isspace(bytes[blanks]))
		blanks++;
	if (length - blanks < size)
		return FALSE;
	return memcmp(bytes + blanks, word, size) == 0 ||
	       (bytes[blanks] == '<' && bytes[blanks + 1] == '?' &&
		   g_strstr_len(bytes, (gssize)MIN(length, 1024),
		       "<?OFX OFXHEADER") != NULL);
}

/* The first tag that is no declaration or comment must be OFX, with at most
 * a header before it. */
static gboolean
is_ofx(const char *bytes, gsize length)
{
	const char *end = bytes + length;
	const char *at = bytes;

	if (has_header(bytes, length))
		return TRUE;

	while ((at = memchr(at, '<', (gsize)(end - at))) != NULL &&
	       at - bytes < 4096 && end - at >= 5) {
		if (g_ascii_strncasecmp(at, "<OFX", 4) == 0 &&
		    (at[4] == '>' || g_ascii_isspace(at[4])))
			return TRUE;
		if (at[1] != '?' && at[1] != '!')
			return FALSE;
		at++;
	}
	return FALSE;
}

gboolean
pl_ofx_read(const guint8 *bytes, gsize length, struct pl_facts *facts)
{
	struct ofx ofx = { .facts = facts,
		.begin = (const char *)bytes,
		.at = (const char *)bytes,
		.end = (const char *)bytes + length,
		.counted = (const char *)bytes,
		.line_number = 1 };

	if (!is_ofx(ofx.at, length))
		return FALSE;
	while (next_tag(&ofx) && ofx.lines <= PL_LINES_MAX &&
	       facts->statements->len <= PL_STATEMENTS_MAX)
		tag_read(&ofx);
	ofx.text = ofx.end - 1;
	if (ofx.statement != NULL)
		fail(&ofx, "cut off inside a statement");
	else if (!ofx.ended)
		fail(&ofx, "cut off: its end (</OFX>) is missing");
	statement_end(&ofx);
	borders_end(&ofx);
	g_free(ofx.memo);
	g_free(ofx.reference);
	if (facts->statements->len == 0 && !facts->damaged)
		return FALSE;
	facts->format = PL_FORMAT_OFX;
	facts->kind = PL_FACTS_STATEMENT;
	return TRUE;
}
