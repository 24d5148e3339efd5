/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codes - every problem code, what it means and what to do about it
 *
 * The only place where codes are explained: the report, `postledger explain`,
 * `postledger check` and docs/codes.md (held against this table by a test) all
 * take their words from here. 1xx and 2xx are read by a finance team, 3xx by
 * both, 4xx and 5xx by the administrator of the mail gateway. A code is stable
 * for ever: it may get better words, but no other meaning.
 */
#include "postledger/report.h"

#include <string.h>

static const struct pl_code codes[] = {
	/* documents */
	{ "PL-101", "No usable attachment",
	    "The message came in, but holds nothing that can be booked: no "
	    "PDF, "
	    "no invoice as XML, no bank statement; only text, logos or other "
	    "files.",
	    "Find it by sender, subject and date, and have it sent again with "
	    "the document attached. Nothing is to be done if it was not meant "
	    "for accounting." },
	{ "PL-102", "The document cannot be read",
	    "The file is damaged or incomplete, often because it was cut off "
	    "on "
	    "its way or was not what its name says.",
	    "Ask the sender for a new copy. The original is kept as it came: "
	    "your mail administrator can get it with postledger export." },
	{ "PL-103", "The document is locked by a password",
	    "The file is encrypted, so nobody, the accounting software "
	    "included, can read it without its password.",
	    "Ask the sender for a copy without a password." },
	{ "PL-104", "The document is too large",
	    "It is larger than one e-mail of this journal may be "
	    "(max_mail_size), or than the mail server takes.",
	    "Book it by hand (postledger export gets it, postledger archive "
	    "says that it is done), or ask your mail administrator to raise "
	    "max_mail_size if the accounting software takes larger e-mails; it "
	    "then leaves with the next run." },
	{ "PL-105", "The message is packed too deep or too large",
	    "It has more parts, more nested messages and archives, or more "
	    "data once unpacked than postledger looks into. Such messages can "
	    "be meant to do harm.",
	    "Ask the sender to attach the document directly. Do not open the "
	    "message if you do not know the sender." },
	{ "PL-106", "No journal takes this kind of document",
	    "The document was read, but no journal with this address accepts "
	    "its kind: for instance a credit note sent to an address for "
	    "invoices, or one that names neither party as your company.",
	    "Have it sent to the right address, or ask your mail administrator "
	    "to let the journal accept it (accept, formats, company_ids, "
	    "account); it is then taken up by the next run." },
	{ "PL-107", "Neither party is your company",
	    "The journal takes sales or purchases, and both the seller and the "
	    "buyer of this document are companies whose number is not among "
	    "your own (company_ids). It is held, since it may be meant for "
	    "somebody else.",
	    "Look whether it is yours. If it is, release it, and have your "
	    "mail administrator add the number it names to company_ids; "
	    "otherwise archive it and tell the sender." },
	{ "PL-110", "Changed after it was sent",
	    "A document with the same number from the same issuer was sent "
	    "before, but amounts or dates of this one differ. It is held, so "
	    "that nothing is booked twice.",
	    "Compare the two. Release this one if it is to be booked as well "
	    "(postledger release), archive it if not (postledger archive)." },
	{ "PL-111", "The same invoice from another sender",
	    "An invoice with the same issuer and number came again, with other "
	    "contents and from another sender or by another way, before the "
	    "first was sent. Both are held: a forged invoice with another bank "
	    "account looks like this. So are two bank statements of one number "
	    "and day with other balances.",
	    "Ask the issuer which one is right, by a telephone number that you "
	    "know and not one from the invoice. Release the right one and "
	    "archive the other." },
	{ "PL-112", "Possibly a new version of a document that waits",
	    "A PDF without readable facts came from the same sender with the "
	    "same number in its file name as one that still waits; or an "
	    "invoice came with an XML whose PDF came before by itself. They "
	    "may be two versions of one invoice, or two invoices. It is held.",
	    "Open both. Release what is to be booked and archive the other." },
	/* statements */
	{ "PL-201", "The balance does not continue",
	    "The opening balance of this statement is not the closing "
	    "balance of the one before it (! BALANCE; with ! NUMBER its "
	    "number is not the next one, either). A statement between "
	    "them is missing, or this one belongs to another account or "
	    "journal, or the bank corrected one of the two. It is held, "
	    "and those behind it wait. The words beside it say what was "
	    "expected, what came, and what is missing.",
	    "Have the missing statements sent again, or add them with "
	    "postledger import: the others follow by themselves, in "
	    "order. Archive those that were booked by hand (postledger "
	    "archive); the next one then continues them. If the account "
	    "is in the wrong journal, archive this one and have the "
	    "account moved (key “account”). Release it if the gap is "
	    "known and right (postledger release)." },
	{ "PL-202", "The number does not continue",
	    "The number of this statement is not the one after the last "
	    "(! NUMBER), while its balance continues or is not known. A "
	    "statement is missing, or the bank counts in another way. It "
	    "is held, and those behind it wait. The words beside it say "
	    "what was expected, what came, and what is missing.",
	    "Have the missing statement sent again, or add it with "
	    "postledger import: the others follow by themselves, in "
	    "order. Archive it if it was booked by hand (postledger "
	    "archive). Release this one if none is missing (postledger "
	    "release): what the bank does with its numbers is learnt from "
	    "it. The key “numbering” says it for good." },
	{ "PL-203", "An account without a journal",
	    "A statement of this account came in, but no journal takes the "
	    "account, so it is not sent.",
	    "Ask your mail administrator to add the account to the key "
	    "“account” of a journal. Its statements are taken up by the next "
	    "run." },
	{ "PL-204", "An account is silent",
	    "By the dates of its past statements the next one of this account "
	    "is overdue, with weekends and bank holidays allowed for. It is "
	    "told once, until the account speaks again; postledger status "
	    "shows it as long as it lasts.",
	    "Ask the bank or the service, and look whether the permission to "
	    "get statements has ended. If the account was closed, have your "
	    "mail administrator take it out of the key account of the "
	    "journal." },
	{ "PL-205", "Lines do not add up",
	    "The lines of this statement do not lead from its opening to its "
	    "closing balance, or the totals at the end of its file are not "
	    "theirs. A line is missing or was changed on the way. It is held, "
	    "and the words beside it give the figures.",
	    "Get the statement from the bank again and compare. Release this "
	    "one if it is right nevertheless (postledger release), archive it "
	    "if another one takes its place (postledger archive)." },
	{ "PL-206", "File cannot be parted",
	    "The file has several statements, some of which may not be sent "
	    "here: they belong to another journal, or were sent or archived "
	    "before, or are dated before the start date. Its format does not "
	    "allow to part it, so this statement is held.",
	    "Have the bank make a file for each account, or a file per "
	    "statement. Or release this statement (postledger release): then "
	    "the whole file goes out, with all that is in it. Archive it if "
	    "it is booked by hand (postledger archive)." },
	/* sending */
	{ "PL-301", "Refused by the mail server",
	    "The mail server refused an e-mail to the accounting software for "
	    "good; its words are given. The documents in it are held.",
	    "Mail administrator: remove the cause (address, size, policy), "
	    "then "
	    "release the documents with postledger release." },
	{ "PL-302", "Returned as undeliverable",
	    "The mail server took the e-mail, but could not deliver it and "
	    "sent "
	    "it back; the other side's words are given. The documents in it "
	    "are held.",
	    "See whether the accounting software still takes mail at this "
	    "address and from this sender, then release the documents with "
	    "postledger release." },
	{ "PL-303", "Possibly sent twice",
	    "The connection to the mail server broke at the very moment at "
	    "which it may have taken the e-mail, and no proof was found. It "
	    "was "
	    "sent again under the same Message-ID, since a lost invoice is "
	    "worse than a double one.",
	    "Look in the accounting software whether the documents named are "
	    "there twice, and remove one." },
	{ "PL-304", "The mail server did not take the e-mail yet",
	    "The mail server did not answer, or put the e-mail off; its words "
	    "are given, if there were any. Nothing is lost: the documents stay "
	    "in their batch.",
	    "Nothing, if it happens once: the next run sends them. Otherwise "
	    "mail administrator: look at the mail server and its log." },
	{ "PL-305", "The e-mail could not be made",
	    "A batch of documents could not be put together from the stored "
	    "messages, so it was not sent.",
	    "Mail administrator: run postledger check; the message bytes in "
	    "the ledger may be damaged or missing. Restore them from the "
	    "backup; the next run tries again." },
	{ "PL-306", "A report was not delivered",
	    "The mail server took a report, or an answer of the accounting "
	    "software that was passed on, but could not deliver it; the other "
	    "side's words are given. Nobody at that address has read it.",
	    "Mail administrator: see that the addresses in report_to exist and "
	    "take mail from this sender. The report itself is kept: postledger "
	    "report RUN shows it, postledger show message:N an answer." },
	{ "PL-307", "A folder cannot be written",
	    "The folder of a journal (deliver_to = dir:...) is missing, full, "
	    "read-only or not writable; path and reason are given. Nothing is "
	    "lost: the documents stay in their batch, and what was written "
	    "already is not written again.",
	    "Mail administrator: make the folder, room or the rights that are "
	    "named (postledger check tells of each folder; under systemd the "
	    "unit needs a ReadWritePaths= for it, see the install guide); the "
	    "next run goes on." },
	{ "PL-308", "An e-mail came by again after it was sent",
	    "The mail server showed postledger an e-mail a second time that it "
	    "had taken before. It was dropped, so nothing arrives twice. "
	    "Either a content filter gives mail back to a port where "
	    "postledger sees it again, or somebody has copied the e-mail with "
	    "its keys and sends it. Or a message has the return path of an "
	    "e-mail and is not that e-mail; then it is treated as any other "
	    "mail.",
	    "Mail administrator: look for the queue id in the mail log to see "
	    "where it came from. A filter: add receive_override_options = "
	    "no_milters to the service that takes its mail back (see the "
	    "install guide)." },
	/* configuration and access */
	{ "PL-401", "Not allowed to feed the journal",
	    "The client, its login or the sender of a message is not among "
	    "those that the journal takes mail from. The message was refused "
	    "or let through, but not captured.",
	    "If it should have been taken: add the client to allow_networks, "
	    "the sender to allow_senders, or let it log in "
	    "(allow_authenticated)." },
	{ "PL-402", "Daemon and command have different configurations",
	    "The running postledgerd read another configuration, or an earlier "
	    "state of it, than the command.",
	    "Make postledgerd read it again (systemctl reload postledgerd, or "
	    "SIGUSR1), and see that both are started with the same -c FILE." },
	{ "PL-403", "The mail server takes less than max_mail_size",
	    "The size limit of the mail server is lower than max_mail_size of "
	    "a journal; postledger keeps to the lower one.",
	    "Raise message_size_limit in Postfix above max_mail_size, or lower "
	    "max_mail_size." },
	{ "PL-404", "The milter is missing or not the last one",
	    "postledgerd must be the last milter of smtpd_milters and, for "
	    "local mail, of non_smtpd_milters. A milter behind it can still "
	    "refuse a message that was already captured or noted as passed.",
	    "Put its socket at the end of the list that is named." },
	{ "PL-405", "Delivery comes back to the intake address",
	    "The milter is attached by a hop (transport_maps), and deliver_to "
	    "of a journal lies in an intake domain, so what is sent would come "
	    "back for ever.",
	    "Set deliver_to to the address of the accounting software itself, "
	    "or attach postledgerd in line." },
	{ "PL-406", "The return path is refused",
	    "The mail server does not accept the keyed return address of the "
	    "batches (sender+b...@domain), so nothing can be sent, or a bounce "
	    "cannot come back.",
	    "See that the domain of sender exists for the mail server and that "
	    "recipient_delimiter is the same in both configurations, or set "
	    "return_path = fixed." },
	{ "PL-407", "The socket cannot be reached by the mail server",
	    "The socket lies outside Postfix's chroot, or its folder or its "
	    "mode keeps the mail server's user out.",
	    "Put it below the queue directory "
	    "(/var/spool/postfix/postledger), and let Postfix's user into the "
	    "group of the folder and the socket (socket_mode)." },
	{ "PL-408", "The daemon does not answer",
	    "Nothing answers at the socket of the configuration: postledgerd "
	    "does not run, or listens elsewhere.",
	    "Start it (systemctl start postledgerd) and look at its log "
	    "(journalctl -u postledgerd)." },
	{ "PL-409", "Mail would pass uncaptured while the daemon is down",
	    "milter_default_action is accept: when postledgerd cannot be "
	    "asked, mail for intake addresses goes on past it; or reject: it "
	    "is lost to the sender.",
	    "Set milter_default_action = tempfail, or attach postledgerd by a "
	    "hop, where only intake mail waits for it." },
	{ "PL-410", "The secret is missing or open to others",
	    "The file that the return paths and headers of batches are keyed "
	    "with is missing, too short, or readable by others than its owner. "
	    "Who knows it can forge batches.",
	    "chown it to the user of postledger and chmod 0600; put a file of "
	    "at least 16 random bytes there if it is gone. Bounces of earlier "
	    "batches are not recognised after a change." },
	{ "PL-411", "The configuration is not valid",
	    "The configuration file has an unknown key, a bad value, or two "
	    "that contradict each other; file, line and key are named.",
	    "Correct it and run postledger check. The daemon keeps running "
	    "with the last valid one." },
	{ "PL-412", "A service in master.cf overrides the milters",
	    "A service in master.cf sets smtpd_milters or "
	    "milter_default_action for itself with -o, so that mail coming in "
	    "there does not pass postledgerd, or passes it in another way.",
	    "Add the socket to that -o option as well, or remove the option; "
	    "right only for services that take no intake mail." },
	{ "PL-413", "Everyone may feed the journal",
	    "allow_networks lets any client in. Behind a hop every client "
	    "looks like loopback, so only the front can tell who it is.",
	    "In line: narrow allow_networks down. With a hop: restrict who may "
	    "send to the intake domain at the front (see the install guide), "
	    "or set allow_senders." },
	{ "PL-414", "The milter socket is open to others",
	    "Whoever can speak to the socket can forge messages: it is an inet "
	    "socket, or a unix socket that all users can write to.",
	    "Use a unix socket with socket_mode 0660 or stricter." },
	{ "PL-415", "The mail server's configuration cannot be read",
	    "postconf is missing or failed, so how the milter is attached "
	    "could not be checked.",
	    "Run postledger check on the mail gateway itself, as root. With "
	    "another mail server than Postfix, follow its guide." },
	{ "PL-416", "The mail server does not take the intake address",
	    "An address of a journal is refused by the mail server before "
	    "postledgerd is asked, so no mail for it can come in.",
	    "Let the mail server accept it: as a relay or virtual domain, or "
	    "as an address that exists." },
	{ "PL-417", "Batches do not pass the daemon",
	    "submission leads past the milter, so postledgerd cannot note that "
	    "a batch was offered. After a crash it may be sent twice.",
	    "Point submission at a service of the local Postfix that has "
	    "postledgerd among its milters." },
	{ "PL-418", "The accounting software's address is refused",
	    "The mail server does not take mail for deliver_to of a journal, "
	    "so "
	    "nothing of this journal can be sent.",
	    "Correct deliver_to, or let the mail server relay mail from this "
	    "host to it." },
	{ "PL-419", "Nobody gets the reports",
	    "report_to is empty or report_when is never, so nobody is told of "
	    "problems.",
	    "Set report_to to the finance team's address; report_when = "
	    "problems keeps the number of mails down." },
	{ "PL-420", "No run for too long",
	    "The last run is longer ago than the schedule of a journal asks "
	    "for, so documents stay.",
	    "See whether the timer works (systemctl list-timers), start "
	    "postledger run by hand, and look at its messages." },
	{ "PL-421", "A permission ends soon",
	    "What the documents of this journal come by (a consent to get bank "
	    "statements, a subscription) ends on the day given, as the key "
	    "expires of the journal says. After it nothing more may come in. "
	    "What comes in is sent as ever.",
	    "Have it renewed where it was given, at the bank or the service, "
	    "then ask your mail administrator to write the new date to "
	    "expires." },
	{ "PL-422", "A permission has ended",
	    "The day in the key expires of the journal is over. Its source "
	    "may have stopped, so that documents are missing without anybody "
	    "noticing. What still comes in is sent as ever.",
	    "Have it renewed where it was given and get what is missing since "
	    "then, then ask your mail administrator to write the new date to "
	    "expires, or to remove it." },
	{ "PL-423", "Bounces do not come back to postledger",
	    "What this Postfix cannot deliver it returns to the keyed return "
	    "path, but neither a hop nor internal_mail_filter_classes leads "
	    "that back to postledgerd. A bounce then ends in a mailbox, and no "
	    "report says that the accounting software did not get the e-mail.",
	    "Hop: give sender an address in the intake domain. In line: "
	    "postconf -e internal_mail_filter_classes=bounce, after reading "
	    "what the install guide says of its risks. Or have somebody read "
	    "the mailbox of sender." },
	/* storage */
	{ "PL-501", "The disk is nearly full",
	    "Less space is left than postledger keeps in reserve. Before it is "
	    "gone, new mail for intake addresses is put off; it stays with its "
	    "senders and is not lost.",
	    "Make room on the file system that is named, or give it more. "
	    "Everything goes on by itself." },
	{ "PL-502", "The ledger is damaged",
	    "The ledger's file or one of the monthly message files is not "
	    "whole. New mail for intake addresses is put off and nothing is "
	    "sent, so that nothing is written beside the damage.",
	    "Stop postledgerd, copy the files away, check the disk, and "
	    "restore the last backup as the guide says." },
	{ "PL-503", "The ledger cannot be written",
	    "The file system is read-only, or the files belong to another "
	    "user.",
	    "See that the file system is mounted for writing and that ledger "
	    "and messages belong to the user of postledger." },
	{ "PL-504", "The chain of events is broken",
	    "An event in the ledger was changed, removed, added or moved since "
	    "it was written; the first one that does not fit is named.",
	    "Keep the ledger as it is and make a copy of it. Compare with the "
	    "last backup and with the chain heads in earlier reports to see "
	    "since when, and find out who had access." },
	{ "PL-505", "The ledger is from a newer version",
	    "A newer postledger has written this ledger; this one cannot know "
	    "what it means.",
	    "Install the newer version again, or restore the backup made "
	    "before the upgrade." },
	{ "PL-506", "Message bytes are missing",
	    "A monthly file with the bytes of messages is missing, or a "
	    "message in it is. Its documents can neither be sent nor exported.",
	    "Restore the file named from the backup into the folder of the "
	    "messages." },
	{ "PL-507", "Possibly sent before the ledger was restored",
	    "The ledger was put back from a backup. This document waited when "
	    "the backup was made, or came in before it was put back, and may "
	    "have been sent since then; the ledger cannot know. It is held, so that nothing is booked twice. Or an "
	    "e-mail that was made after the backup came by, or something came "
	    "back to it: it was taken into the ledger, and the words say which "
	    "of its documents are known.",
	    "Look whether the accounting software has what is held. If so: "
	    "postledger archive ID. If not: postledger release ID. Of an "
	    "e-mail that was taken in nothing needs to be done." },
};

const struct pl_code *
pl_codes(unsigned *n)
{
	*n = G_N_ELEMENTS(codes);
	return codes;
}

char *
pl_code_marked(const char *code, const char *note)
{
	gsize n = g_str_has_prefix(note ? note : "", "! ") ? strcspn(note, ":")
							   : 0;

	return n > 0 && n < 40 ? g_strdup_printf("%s %.*s", code, (int)n, note)
			       : g_strdup(code);
}

const struct pl_code *
pl_code_find(const char *code)
{
	for (unsigned i = 0; code && i < G_N_ELEMENTS(codes); i++)
		if (!g_ascii_strcasecmp(codes[i].code, code))
			return &codes[i];
	return NULL;
}
