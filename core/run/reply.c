/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply - what the MTA says, line by line
 */
#include <string.h>

#include "reply.h"

#define TEXT_MAX 4096 /* of one reply; codes are read from all of it */

void
pl_reply_reset(struct pl_reply *reply)
{
	if (reply->text == NULL)
		reply->text = g_string_new(NULL);
	g_string_truncate(reply->text, 0);
	reply->code = 0;
}

/* The code of a final line "250 ..." or "250", else 0. */
static unsigned
final_code(const char *line, gsize length)
{
	if (length < 3 || !g_ascii_isdigit(line[0]) ||
	    !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
		return 0;
	if (length > 3 && line[3] != ' ')
		return 0;
	return (unsigned)((line[0] - '0') * 100 + (line[1] - '0') * 10 +
			  (line[2] - '0'));
}

static gsize
without_end(const char *line, gsize length)
{
	while (length > 0 &&
	       (line[length - 1] == '\r' || line[length - 1] == '\n'))
		length--;
	return length;
}

/* A NUL would hide what is behind it. */
static void
append(GString *text, const char *line, gsize length)
{
	const gsize before = text->len;

	g_string_append_len(text, line, (gssize)length);
	for (gsize i = before; i < text->len; i++)
		if (text->str[i] == '\0')
			text->str[i] = '?';
}

void
pl_reply_add(struct pl_reply *reply, const char *line, gsize length)
{
	gsize n = without_end(line, length);

	if (reply->text == NULL)
		pl_reply_reset(reply);
	if (length > 0 && line[length - 1] == '\n')
		reply->code = final_code(line, n);
	if (reply->text->len == 0)
		n = MIN(n, TEXT_MAX - 1);
	if (reply->text->len + n + 1 > TEXT_MAX)
		return;
	if (reply->text->len > 0)
		g_string_append_c(reply->text, '\n');
	append(reply->text, line, n);
}

static char *
word_at(const char *at)
{
	return g_strndup(at, strcspn(at, " \t\r\n,;()"));
}

/* Behind "250 2.0.0 ". */
static const char *
behind_codes(const char *text)
{
	const char *at = text + strspn(text, "0123456789");

	at += strspn(at, " -");
	if (strchr("245", at[0]) != NULL && at[0] != '\0' && at[1] == '.') {
		at += strspn(at, "0123456789.");
		at += strspn(at, " ");
	}
	return at;
}

char *
pl_reply_queue_id(const char *text)
{
	const char *last = strrchr(text, '\n');
	const char *line = behind_codes(last != NULL ? last + 1 : text);
	const char *at = strstr(line, "queued as ");

	if (at != NULL)
		return word_at(at + strlen("queued as "));
	at = strstr(line, " id=");
	if (at != NULL)
		return word_at(at + strlen(" id="));
	if (strstr(line, " Message accepted") != NULL)
		return word_at(line);
	return *line != '\0' ? g_strdup(line) : NULL;
}
