/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this room share: the configuration as an object, the lines
 * of a file, and the contract of the functions that read one value.
 */
#ifndef PL_CONFIG_PRIVATE_H
#define PL_CONFIG_PRIVATE_H

#include "postledger/config.h"

struct pl_config {
	gatomicrefcount refs;
	char *file, *text, *digest;
	struct pl_gateway gateway;
	unsigned user_line; /* of [gateway] user; 0: the default */
	GPtrArray *journals; /* struct pl_journal */
	GHashTable *names;   /* name ▸ struct pl_journal */
	/* normalised address, or domain of a *@domain ▸ GPtrArray of journals */
	GHashTable *exact, *domains;
	GStringChunk *strings; /* every string of the settings */
	GPtrArray *arrays;     /* every array of the settings */
};

pl_config *pl_config_new(const char *file);

/* ---- lines.c: a file as sections and entries, in order ---------------- */

struct pl_entry_line {
	char *key, *value; /* trimmed; a value over several lines keeps \n */
	unsigned line;
};
struct pl_section_lines {
	char *name; /* between the brackets, trimmed; NULL before the first */
	unsigned line;
	GPtrArray *entries; /* struct pl_entry_line */
};
/* Told for each thing that is wrong, in any order. WHAT is a sentence. */
typedef void pl_complain(void *user, unsigned line, const char *what);
/* TEXT has LENGTH bytes and a NUL behind them. Array of sections, owned. */
GPtrArray *pl_config_lines(
    const char *text, gsize length, pl_complain *complain, void *user);

/* ---- value.c, value_*.c: one value --------------------------------- */

struct pl_value {
	pl_config *config; /* owns what is made of the value */
	const char *rest;  /* what is not read yet */
	GString *word;     /* what was read last: shown when it is bad */
	unsigned line;     /* where that stands */
	const char *why;   /* more to say than what is allowed; or NULL */
};
/* Reads VALUE into the member at AT; FALSE if it is not allowed. An empty value
 * stands for a default that cannot be written down. */
typedef gboolean pl_value_read(struct pl_value *value, void *at);

/* The whole value, which must stand on one line. NULL if it does not. */
const char *pl_value_whole(struct pl_value *value);
/* The next word of a list, NULL at its end. */
const char *pl_value_next(struct pl_value *value);

pl_value_read pl_value_text, pl_value_path, pl_value_user, pl_value_socket,
    pl_value_mode, pl_value_ledger, pl_value_submission, pl_value_address,
    pl_value_deliver_to,
    pl_value_timezone, pl_value_delimiter, pl_value_yes, pl_value_size,
    pl_value_mail_size, pl_value_days, pl_value_start_date, pl_value_delay,
    pl_value_count, pl_value_report_when, pl_value_return_path, pl_value_reject,
    pl_value_zip, pl_value_send, pl_value_accept, pl_value_formats,
    pl_value_intake, pl_value_addresses, pl_value_senders, pl_value_networks,
    pl_value_ids, pl_value_accounts, pl_value_numbering, pl_value_slots,
    pl_value_windows, pl_value_csv;

/* A string and an array that live as long as the configuration. */
const char *pl_config_keep(pl_config *config, const char *text);
GPtrArray *pl_config_array(pl_config *config, GDestroyNotify free_member);

/* ---- settings.c: the table -------------------------------------------- */

enum pl_setting_default {
	PL_DEFAULT_TEXT,      /* the fallback is read like a value */
	PL_DEFAULT_COMPUTED,  /* an empty value is read */
	PL_DEFAULT_INHERITED, /* copied from the gateway's */
	PL_DEFAULT_REQUIRED,
};
struct pl_setting {
	struct pl_setting_info info;
	enum pl_setting_default how;
	size_t offset, size; /* of the member in its struct */
	pl_value_read *read;
};
/* NULL if the section has no such key. */
const struct pl_setting *pl_setting_find(const char *section, const char *key);
extern const struct pl_setting pl_settings[];
extern const unsigned pl_settings_n;

/* ---- section.c: one section; what is wrong with a file ---------------- */

struct pl_complaint {
	unsigned line;
	char *text;
};
void pl_complaint_free(void *complaint);
struct pl_reading {
	pl_config *config;
	GPtrArray *complaints; /* struct pl_complaint */
};
struct pl_part {
	struct pl_reading *reading;
	const struct pl_section_lines *lines;
	const char *section; /* in the table: "gateway" or "journal" */
	void *at;            /* struct pl_gateway or pl_journal: to be filled */
};
void pl_reading_part(const struct pl_part *part);
/* The first entry of that key, NULL if there is none. */
const struct pl_entry_line *pl_reading_entry(
    const struct pl_section_lines *lines, const char *key);
pl_complain pl_reading_complain; /* USER is the struct pl_reading */
void pl_reading_complainf(struct pl_reading *reading, unsigned line,
    const char *format, ...) G_GNUC_PRINTF(3, 4);
/* TEXT of the file in quotes, on one line and not too long. g_free(). */
char *pl_reading_quote(const char *text);

/* ---- address.c -------------------------------------------------------- */

/* pl_address_normalise() into OUT, which has room for strlen(ADDRESS) + 1 and
 * may be ADDRESS itself. Returns where the domain begins, 0 if there is none.
 */
size_t pl_address_fold(const char *address, char *out);
/* Takes the extension out of a folded address; FALSE if it has none. */
gboolean pl_address_strip(char *folded, size_t *domain, char delimiter);
/* local@domain, both sensible; WILD also takes *@domain. */
gboolean pl_address_valid(const char *address, gboolean wild);

/* ---- match.c ---------------------------------------------------------- */

void pl_config_index(pl_config *config);

#endif
