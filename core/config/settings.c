/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * settings - every setting, once
 *
 * Section, key, default, what is allowed (read after "must be"), how it is
 * read and where it goes. The manual page and the sample file are checked
 * against this table; error messages quote it.
 */
#include "private.h"

#define AT(type, member) \
	offsetof(struct type, member), sizeof(((struct type *)NULL)->member)
#define GATEWAY(key, fallback, allowed, how, member, read) \
	{ \
		{ "gateway", key, fallback, allowed }, PL_DEFAULT_##how, \
		    AT(pl_gateway, member), pl_value_##read \
	}
#define JOURNAL(key, fallback, allowed, how, member, read) \
	{ \
		{ "journal", key, fallback, allowed }, PL_DEFAULT_##how, \
		    AT(pl_journal, member), pl_value_##read \
	}
/* A journal's own value for a setting of the gateway. */
#define OVERRIDE(key, allowed, member, read) \
	JOURNAL(key, "the gateway's", allowed, INHERITED, member, read)

#define YES_NO "yes or no"
#define HOLD_SEND "hold or send"
#define ADDRESS "one e-mail address (name@domain)"
#define DESTINATION "an e-mail address (name@domain) or a folder (dir:/path)"
#define ADDRESSES "e-mail addresses (name@domain)"
#define PATTERNS "e-mail addresses (name@domain, *@domain)"
#define PATH "an absolute path"
#define RETURN_PATH "per-batch or fixed"
#define NETWORKS "networks (127.0.0.0/8 ::1) or none"
#define REJECT "reject or pass"
#define NUMBERING \
	"auto, strict, yearly, none or ACCOUNT:RULE"
#define IDS "VAT or company numbers without blanks"
#define CSV_COLUMNS "words such as date:1 amount:Bedrag columns:9"

/* clang-format off */
const struct pl_setting pl_settings[] = {
	GATEWAY("socket", "unix:/var/spool/postfix/postledger/milter.sock",
	    "unix:/path, inet:port@host or inet6:port@host",
	    TEXT, socket, socket),
	GATEWAY("socket_mode", "0660", "an octal mode such as 0660",
	    TEXT, socket_mode, mode),
	GATEWAY("user", "postledger", "the name of a user",
	    TEXT, user, user),
	GATEWAY("ledger", "sqlite:/var/lib/postledger/ledger.db",
	    "sqlite:/path", TEXT, ledger, ledger),
	GATEWAY("messages", "the folder messages beside the ledger", PATH,
	    COMPUTED, messages, path),
	GATEWAY("submission", "smtp://127.0.0.1:25", "smtp://host:port",
	    TEXT, submission, submission),
	GATEWAY("secret_file", "/etc/postledger/secret", PATH,
	    TEXT, secret_file, path),
	GATEWAY("sender", "none (required)", ADDRESS, REQUIRED, sender, address),
	GATEWAY("return_path", "per-batch", RETURN_PATH,
	    TEXT, return_path_fixed, return_path),
	GATEWAY("recipient_delimiter", "+",
	    "one of + - _ . = # or the word none", TEXT, delimiter, delimiter),
	GATEWAY("report_to", "nobody", ADDRESSES,
	    COMPUTED, report_to, addresses),
	GATEWAY("report_when", "always", "always, activity, problems or never",
	    TEXT, report_when, report_when),
	GATEWAY("timezone", "the system's",
	    "the name of a time zone such as Europe/Brussels",
	    COMPUTED, timezone, timezone),
	GATEWAY("company_ids", "no numbers", IDS, COMPUTED, company_ids, ids),
	GATEWAY("csv_columns", "the banks that are known", CSV_COLUMNS,
	    COMPUTED, csv_columns, csv),
	GATEWAY("allow_networks", "127.0.0.0/8 ::1", NETWORKS,
	    TEXT, access.networks, networks),
	GATEWAY("allow_authenticated", "yes", YES_NO,
	    TEXT, access.authenticated, yes),
	GATEWAY("allow_senders", "any sender", PATTERNS,
	    COMPUTED, access.senders, senders),
	GATEWAY("unauthorised", "reject", REJECT, TEXT, access.reject, reject),
	GATEWAY("max_message_size", "the MTA's own limit",
	    "a number of bytes such as 50M (K, M or G)",
	    COMPUTED, max_message_size, size),
	GATEWAY("retention", "10y", "a time such as 90d, 18m or 10y",
	    TEXT, retention_days, days),

	JOURNAL("enabled", "yes", YES_NO, TEXT, enabled, yes),
	JOURNAL("address", "none (required)", PATTERNS, REQUIRED, addresses, intake),
	JOURNAL("deliver_to", "none (required)", DESTINATION,
	    REQUIRED, deliver_to, deliver_to),
	JOURNAL("accept", "invoice credit-note statement other",
	    "any of invoice credit-note statement other sale purchase",
	    TEXT, accept, accept),
	JOURNAL("account", "any account",
	    "IBANs or account numbers without blanks",
	    COMPUTED, accounts, accounts),
	JOURNAL("numbering", "auto", NUMBERING, TEXT, numbering, numbering),
	JOURNAL("formats", "pdf xml statement",
	    "any of pdf xml image statement", TEXT, formats, formats),
	JOURNAL("documents_per_mail", "1", "a whole number from 1 to 10000",
	    TEXT, documents_per_mail, count),
	JOURNAL("compress", "none", "none or zip", TEXT, zip, zip),
	JOURNAL("delay_days", "0", "a whole number from 0 to 3650",
	    TEXT, delay_days, delay),
	JOURNAL("start_date", "no limit", "a date YYYY-MM-DD",
	    COMPUTED, start_date, start_date),
	JOURNAL("expires", "never", "a date YYYY-MM-DD",
	    COMPUTED, expires, start_date),
	JOURNAL("max_mails_per_run", "50", "a whole number from 1 to 10000",
	    TEXT, max_mails_per_run, count),
	JOURNAL("max_mail_size", "7M",
	    "a number of bytes such as 7M (K, M or G), at least 16K",
	    TEXT, max_mail_size, mail_size),
	JOURNAL("schedule", "every run",
	    "times HH:MM, or every 1m to every 24h",
	    COMPUTED, slots, slots),
	JOURNAL("window", "always open", "spans of time HH:MM-HH:MM",
	    COMPUTED, windows, windows),
	JOURNAL("on_amended", "hold", HOLD_SEND, TEXT, send_amended, send),
	JOURNAL("on_gap", "hold", HOLD_SEND, TEXT, send_gap, send),
	JOURNAL("subject", "a text that names journal and number of documents",
	    "a line of text", COMPUTED, subject, text),
	OVERRIDE("sender", ADDRESS, sender, address),
	OVERRIDE("report_to", ADDRESSES, report_to, addresses),
	OVERRIDE("company_ids", IDS, company_ids, ids),
	OVERRIDE("return_path", RETURN_PATH, return_path_fixed, return_path),
	OVERRIDE("allow_networks", NETWORKS, access.networks, networks),
	OVERRIDE("allow_authenticated", YES_NO, access.authenticated, yes),
	OVERRIDE("allow_senders", PATTERNS, access.senders, senders),
	OVERRIDE("unauthorised", REJECT, access.reject, reject),
};
/* clang-format on */
const unsigned pl_settings_n = G_N_ELEMENTS(pl_settings);

const struct pl_setting *
pl_setting_find(const char *section, const char *key)
{
	for (unsigned i = 0; i < pl_settings_n; i++) {
		const struct pl_setting *s = &pl_settings[i];

		if (g_str_equal(s->info.section, section) &&
		    g_str_equal(s->info.key, key))
			return s;
	}
	return NULL;
}

const struct pl_setting_info *
pl_config_settings(unsigned *n)
{
	static struct pl_setting_info infos[G_N_ELEMENTS(pl_settings)];
	static gsize done;

	if (g_once_init_enter(&done)) {
		for (unsigned i = 0; i < pl_settings_n; i++)
			infos[i] = pl_settings[i].info;
		g_once_init_leave(&done, 1);
	}
	*n = pl_settings_n;
	return infos;
}
