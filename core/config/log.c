/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log - one event, one line, beside those of the MTA
 *
 * Values are foreign text. What does not print, and bytes that are no UTF-8,
 * become \xNN, quotes and backslashes get a backslash; so a value can neither
 * end its line nor its quotes, nor turn a terminal's text around.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "private.h"

#define MAX_VALUE 200 /* characters */
#define MAX_QUEUE_ID 40
#define MAX_LINE 2000 /* bytes; longer lines are cut by some syslogs */

static const char *program = "postledger";
static gboolean to_stderr;

void
pl_log_open(const char *name, gboolean also_stderr)
{
	program = name;
	to_stderr = also_stderr;
	openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void
append_hex(GString *line, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(line, "\\x%02X", (guchar)bytes[i]);
}

/* The character at TEXT; returns what is behind it. */
static const char *
append_character(GString *line, const char *text)
{
	gunichar c = g_utf8_get_char_validated(text, -1);
	size_t n;

	if (c == (gunichar)-1 || c == (gunichar)-2) {
		append_hex(line, text, 1);
		return text + 1;
	}
	n = (size_t)(g_utf8_next_char(text) - text);
	if (!g_unichar_isprint(c) || (c != ' ' && g_unichar_isspace(c))) {
		append_hex(line, text, n);
	} else {
		if (c == '"' || c == '\\')
			g_string_append_c(line, '\\');
		g_string_append_len(line, text, (gssize)n);
	}
	return text + n;
}

static void
append_characters(GString *line, const char *text, unsigned most)
{
	for (unsigned n = 0; *text != '\0' && n < most; n++)
		text = append_character(line, text);
	if (*text != '\0')
		g_string_append(line, "...");
}

static void
append_value(GString *line, const char *value)
{
	gboolean quoted = *value == '\0' || strchr(value, ' ') != NULL;

	if (quoted)
		g_string_append_c(line, '"');
	append_characters(line, value, MAX_VALUE);
	if (quoted)
		g_string_append_c(line, '"');
}

static void
append_pairs(GString *line, va_list ap)
{
	const char *key, *value;

	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL)
			continue;
		if (line->len > 0)
			g_string_append_c(line, ' ');
		g_string_append_printf(line, "%s=", key);
		append_value(line, value);
	}
}

static void
cut(GString *line)
{
	if (line->len <= MAX_LINE)
		return;
	g_string_truncate(line,
	    (gsize)(g_utf8_find_prev_char(line->str, line->str + MAX_LINE + 1) -
		    line->str));
	g_string_append(line, "...");
}

void
pl_log(int priority, const char *queue_id, const char *event, ...)
{
	g_autoptr(GString) line = g_string_new(NULL);
	va_list ap;

	if (queue_id != NULL && *queue_id != '\0') {
		append_characters(line, queue_id, MAX_QUEUE_ID);
		g_string_append_c(line, ':');
	}
	if (*event != '\0')
		g_string_append_printf(
		    line, "%s%s", line->len > 0 ? " " : "", event);
	va_start(ap, event);
	append_pairs(line, ap);
	va_end(ap);
	cut(line);
	syslog(LOG_MAIL | LOG_PRI(priority), "%s", line->str);
	if (to_stderr)
		fprintf(stderr, "%s[%ld]: %s\n", program, (long)getpid(),
		    line->str);
}
