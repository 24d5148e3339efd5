#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`postledger check`: the mistakes that administrators make, each found."""

import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import Lab
from story import check, equal, tell


def findings(lab, *words):
    """{(level, code)} of what is wrong."""
    return {(f["level"], f.get("code")) for f in lab.check(*words)
            if f["level"] in ("warning", "error")}


def found(lab, level, code, *words):
    """The one finding with CODE; there is no other, and the exit code says
    so."""
    all_ = [f for f in lab.check() if f["level"] in ("warning", "error")]
    equal({(f["level"], f["code"]) for f in all_}, {(level, code)},
          "findings\n  %r" % all_)
    equal(lab.status, 78 if level == "error" else 0, "exit code")
    for f in all_:
        check(f.get("todo"), "says what to do: %r" % f)
    text = " ".join(f["text"] + f["todo"] for f in all_)
    for word in words:
        check(word in text, "%r is said: %s" % (word, text))


def story_all_right():
    """A Postfix with everything in place has no finding."""
    with Lab() as lab:
        equal(findings(lab), set(), "nothing is wrong")
        equal(lab.status, 0, "exit code")
        page = lab.run("check", "--postfix-config", lab.dir + "/postfix")
        check("0 errors, 0 warnings" in page, page)


def story_configuration():
    """A configuration with mistakes is one error a line, and exit 78."""
    with Lab() as lab:
        lab.journals["sales"].update(colour="red", start_date="2026-02-30")
        bad = lab.check()
        equal(lab.status, 78, "exit code")
        equal([f["code"] for f in bad], ["PL-411"] * 2, "two errors: %r" % bad)
        check("colour" in bad[0]["text"] + bad[1]["text"], "names the key")
        lab.journals["sales"] = {"address": "a@b.example",
                                 "deliver_to": "c@d.example"}
        lab.conf["user"] = "no-such-user"
        bad, = lab.check()
        equal(lab.status, 78, "exit code without the user")
        check(bad["text"].startswith(
            '%s:3: [gateway] user = "no-such-user": must be ' %
            lab.conf_file), bad)
        del lab.conf["user"]
        bad, = lab.check()
        check(bad["text"].startswith(
            '%s: [gateway] user = "postledger" (the default): must be ' %
            lab.conf_file), bad)
        lab.conf["user"] = "nobody"
        for key, value in (("timezone", "../../../etc/passwd"),
                           ("timezone", "/etc/passwd")):
            lab.conf[key] = value
            bad, = lab.check()
            check("must be the name of a time zone" in bad["text"], bad)
            equal(lab.stderr, "", "nothing of GLib's")
        os.unlink(lab.conf_file)
        lab.write = lambda: None
        lab.check()
        equal(lab.status, 78, "exit code without a file")


def story_not_attached():
    """Without any milter nothing is captured, and it says what to write."""
    with Lab() as lab:
        lab.main["smtpd_milters"] = ""
        found(lab, "error", "PL-404", "non_smtpd_milters = unix:sock/")


def story_not_last():
    """A milter behind ours is an error, in main.cf and in an override."""
    with Lab() as lab:
        lab.main["smtpd_milters"] = "unix:sock/milter.sock inet:h:1"
        found(lab, "error", "PL-404", "not the last",
              "inet:h:1, unix:sock/milter.sock")
    with Lab() as lab:
        lab.main["non_smtpd_milters"] = "unix:sock/milter.sock inet:h:1"
        found(lab, "error", "PL-404", "non_smtpd_milters")
    with Lab() as lab:
        lab.master["submission inet"] += \
            " -o smtpd_milters=unix:sock/milter.sock,inet:h:1"
        found(lab, "error", "PL-404", "submission")


def story_local_mail():
    """A milter that is missing from non_smtpd_milters is an error."""
    with Lab() as lab:
        lab.main["non_smtpd_milters"] = "inet:127.0.0.1:8891"
        found(lab, "error", "PL-404", "sendmail",
              "non_smtpd_milters = inet:127.0.0.1:8891, unix:sock/")
    with Lab() as lab:
        lab.master["pickup unix"] += " -o cleanup_service_name=pre"
        lab.master["pre unix"] = "n - n - 0 cleanup -o non_smtpd_milters="
        found(lab, "error", "PL-404", "pre/unix")
    with Lab() as lab:
        lab.master["pickup unix"] += \
            " -o receive_override_options=no_milters"
        found(lab, "error", "PL-412", "pickup")


def story_overrides():
    """Services of master.cf that go past the milter are found; one on
    loopback, behind a content filter, may."""
    with Lab() as lab:
        lab.master["submission inet"] += " -o smtpd_milters="
        found(lab, "error", "PL-412", "submission", "-P")
    with Lab() as lab:
        lab.master["submission inet"] += \
            " -o receive_override_options=no_milters"
        found(lab, "error", "PL-412", "no_milters")
    with Lab() as lab:
        lab.master["127.0.0.1:10026 inet"] = \
            "n - n - - smtpd -o smtpd_milters="
        equal(findings(lab), set(), "a content filter's way back")
    with Lab() as lab:
        lab.main["smtpd_milters"] = ""
        lab.main["non_smtpd_milters"] = "unix:sock/milter.sock"
        for name in lab.master:
            if name.startswith(("submission", "127")):
                lab.master[name] += " -o smtpd_milters=unix:sock/milter.sock"
        found(lab, "warning", "PL-404", "smtp/inet")


def story_macros_and_braces():
    """Macros of main.cf and settings in braces are understood."""
    with Lab() as lab:
        lab.main["ours"] = "{ unix:sock/milter.sock, connect_timeout=5s }"
        lab.main["smtpd_milters"] = "$ours"
        lab.master["submission inet"] += " -o smtpd_milters=$ours"
        equal(findings(lab), set(), "nothing is wrong")
        lab.main["ours"] = "{ unix:sock/milter.sock, default_action=accept }"
        found(lab, "warning", "PL-409", "accept")


def story_default_action():
    """What happens while the daemon is down is said when it is not to wait."""
    for action in ("accept", "reject", "quarantine"):
        with Lab() as lab:
            lab.main["milter_default_action"] = action
            found(lab, "warning", "PL-409", action)
    with Lab() as lab:
        lab.master["submission inet"] += " -o milter_default_action=accept"
        found(lab, "warning", "PL-409", "accept")


def story_protocol():
    """An old milter_protocol is an error."""
    with Lab() as lab:
        lab.main["milter_protocol"] = "2"
        found(lab, "error", "PL-404", "milter_protocol")


def story_chroot():
    """A socket path that is right for one chroot only is found; one that is
    relative is right everywhere."""
    with Lab() as lab:
        lab.main["smtpd_milters"] = "unix:" + lab.sock
        equal(findings(lab), set(), "no chroot: the full path is right")
        for name in lab.master:
            lab.master[name] = lab.master[name].replace("n - n", "n - y", 1)
        found(lab, "error", "PL-407", "chroot", "unix:sock/milter.sock")
        lab.main["smtpd_milters"] = "unix:/sock/milter.sock"
        equal(findings(lab), set(), "the path within the chroot")
        lab.main["smtpd_milters"] = "unix:sock/milter.sock"
        equal(findings(lab), set(), "relative to the queue directory")
        lab.master["cleanup unix"] = "n - n - 0 cleanup"
        equal(findings(lab), set(), "relative is right everywhere")
        lab.main["smtpd_milters"] = "unix:/sock/milter.sock"
        found(lab, "error", "PL-407", "non_smtpd_milters")


def story_outside_chroot():
    """A socket outside of the queue directory cannot be reached at all from
    a chroot."""
    with Lab() as lab:
        lab.stop_milter()
        lab.sock = lab.dir + "/lib/milter.sock"
        os.chmod(lab.dir + "/lib", 0o755)
        lab.start_milter()
        lab.conf["socket"] = "unix:" + lab.sock
        lab.main["smtpd_milters"] = "unix:" + lab.sock
        equal(findings(lab), set(), "without chroot it can")
        for name in lab.master:
            lab.master[name] = lab.master[name].replace("n - n", "n - y", 1)
        found(lab, "error", "PL-407", "below " + lab.dir + "/queue")


def story_rights():
    """A folder or socket that keeps Postfix's user out is named."""
    with Lab() as lab:
        os.chmod(lab.dir + "/queue/sock", 0o700)
        found(lab, "error", "PL-407", "queue/sock", "postfix")
        os.chmod(lab.dir + "/queue/sock", 0o750)
        os.chmod(lab.sock, 0o600)
        found(lab, "error", "PL-407", "milter.sock", "socket_mode")


def story_daemon():
    """A daemon that is not there, or speaks something else, is an error."""
    with Lab() as lab:
        lab.start_milter(answer=b"X")
        found(lab, "error", "PL-408", "milter protocol")
        lab.stop_milter()
        found(lab, "error", "PL-408", "milter.sock")


def story_other_configuration():
    """A daemon that has read another configuration than the command's is an
    error."""
    with Lab() as lab:
        lab.check()
        with open(lab.conf_file, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        with open(lab.dir + "/lib/ledger.db.daemon.lock", "w") as f:
            f.write("1 1\nconfig=%s\n" % digest)
        equal(findings(lab), set(), "the same")
        lab.journals["sales"]["delay_days"] = "3"
        found(lab, "error", "PL-402", lab.conf_file, "reload")


def story_inet_socket():
    """An inet socket works, and is warned of."""
    with Lab(milter=False) as lab:
        lab.conf["socket"] = "inet:8899@127.0.0.1"
        lab.main["smtpd_milters"] = "inet:localhost:8899"
        equal(findings(lab), {("warning", "PL-414"), ("error", "PL-408")},
              "open to others, and nobody there")


def story_sizes():
    """max_mail_size above message_size_limit or EHLO SIZE is told."""
    with Lab() as lab:
        lab.main["message_size_limit"] = "1000000"
        found(lab, "warning", "PL-403", "1000000")
    with Lab() as lab:
        lab.mta.size = 2000000
        found(lab, "warning", "PL-403", "2000000")


def hop(lab):
    """By a hop instead: only an smtpd on loopback has the milter."""
    lab.main["smtpd_milters"] = lab.main["non_smtpd_milters"] = ""
    lab.main["transport_maps"] = \
        "inline:{ compta.example=smtp:[127.0.0.1]:10099 }"
    lab.master["127.0.0.1:10099 inet"] = \
        "n - n - - smtpd -o smtpd_milters=unix:sock/milter.sock"
    lab.conf["submission"] = "smtp://127.0.0.1:%d" % lab.mta.port
    lab.master["127.0.0.1:%d inet" % lab.mta.port] = \
        "n - n - - smtpd -o smtpd_milters=unix:sock/milter.sock"


def story_hop():
    """A hop is recognised, and that it is one."""
    with Lab() as lab:
        hop(lab)
        equal(findings(lab), set(), "nothing is wrong")
        check(any("hop" in f["text"] for f in lab.check()), "says how")
        for key, bare in ((".example", ""), ("example", "transport_maps"),
                          ("sales@compta.example", ""), ("*", "")):
            lab.main["transport_maps"] = \
                "inline:{ %s=smtp:[127.0.0.1]:10099 " \
                "accounting.example=relay:[192.0.2.1] }" % key
            lab.main["parent_domain_matches_subdomains"] = bare
            equal(findings(lab), set(), "by " + key)


def story_hop_front():
    """Behind a hop every client is loopback: where the front takes the intake
    domain from strangers, that is a warning."""
    with Lab() as lab:
        hop(lab)
        lab.main["relay_domains"] = "other.example"
        equal(findings(lab), set(), "only its own clients")
        for name, value in (
                ("relay_domains", "other.example, compta.example"),
                ("relay_domains", "Example"),
                ("relay_domains", "inline:{ compta.example=1 }"),
                ("relay_domains", "$transport_maps"),
                ("mydestination", "localhost compta.example"),
                ("virtual_alias_domains", "compta.example")):
            lab.main["relay_domains"] = ""
            lab.main[name] = value
            found(lab, "warning", "PL-413", "compta.example")
            check(any(name in f["text"] for f in lab.check()), "names it")
            lab.main[name] = ""
        lab.main["relay_domains"] = "compta.example"
        lab.conf["allow_senders"] = "*@shop.example"
        equal(findings(lab), set(), "senders are listed")


def story_returns():
    """Whether bounces of the e-mails reach postledger is said: in line, by a
    hop, and not."""
    def said(lab):
        return " ".join(f["text"] for f in lab.check()
                        if "bounces" in f["text"])
    with Lab() as lab:
        check("PL-423" in said(lab), "not in line: " + said(lab))
        lab.main["internal_mail_filter_classes"] = "notify, bounce"
        check("come back by non_smtpd_milters" in said(lab), said(lab))
        lab.conf["return_path"] = "fixed"
        check("the mailbox of" in said(lab), "fixed: " + said(lab))
    with Lab() as lab:
        hop(lab)
        check("PL-423" in said(lab), "another domain: " + said(lab))
        lab.conf["sender"] = "postledger@compta.example"
        check("come back by the hop 127.0.0.1:10099" in said(lab), said(lab))


def story_hop_loops():
    """A hop whose deliver_to leads back to it is an error; in line the same
    address is fine."""
    with Lab() as lab:
        lab.journals["sales"]["deliver_to"] = "sales@compta.example"
        equal(findings(lab), set(), "in line")
        hop(lab)
        found(lab, "error", "PL-405", "sales@compta.example")
        lab.journals["sales"]["deliver_to"] = "other@compta.example"
        found(lab, "error", "PL-405", "other@compta.example")


def story_hop_without_milter():
    """A hop that has no milter is an error."""
    with Lab() as lab:
        hop(lab)
        lab.master["127.0.0.1:10099 inet"] = "n - n - - smtpd"
        found(lab, "error", "PL-404", "127.0.0.1:10099")


def story_hop_for_some():
    """A hop that some intake addresses do not take is told."""
    with Lab() as lab:
        hop(lab)
        lab.journals["bank"] = {"address": "*@bank.example",
                                "deliver_to": "x@accounting.example"}
        found(lab, "warning", "PL-404", "1 of 2")


def story_submission():
    """Batches that go past the milter are warned of."""
    with Lab() as lab:
        lab.master["127.0.0.1:%d inet" % lab.mta.port] += \
            " -o smtpd_milters="
        found(lab, "warning", "PL-417")


def story_mta():
    """What the MTA refuses is told with its words: return path, deliver_to,
    report_to, intake address; and when it is not there."""
    with Lab() as lab:
        lab.mta.refuse = lambda verb, address: (
            "550 5.1.0 no tags here" if verb == "MAIL" and "+b." in address
            else None)
        found(lab, "error", "PL-406", "no tags here", "fixed")
        lab.conf["return_path"] = "fixed"
        equal(findings(lab), set(), "a fixed return path is taken")
    for address, code in (("acme-sales@accounting.example", "PL-418"),
                          ("team@office.example", "PL-418"),
                          ("sales@compta.example", "PL-416")):
        with Lab() as lab:
            lab.mta.refuse = lambda verb, a, refused=address: (
                "550 5.1.1 unknown here"
                if verb == "RCPT" and a == refused else None)
            found(lab, "error", code, address, "unknown here")
    with Lab() as lab:
        lab.mta.refuse = lambda verb, address: (
            "451 4.7.1 Service unavailable" if verb == "MAIL" else None)
        found(lab, "warning", "PL-304", "451 4.7.1", "takes no mail now")
        lab.mta.refuse = lambda verb, address: (
            "450 4.2.0 greylisted" if "acme" in address else None)
        found(lab, "warning", "PL-304", "deliver_to", "greylisted")
    with Lab(mta=False) as lab:
        equal(findings(lab), {("error", "PL-304"), ("warning", "PL-417")},
              "nobody there")


def story_no_postfix_configuration():
    """Without a main.cf it is said once, in our own words."""
    with Lab() as lab:
        done = lab.command("check", env=dict(
            os.environ, MAIL_CONFIG=lab.dir + "/none"))
        check("GLib" not in done.stderr, done.stderr)
        check("PL-4" in done.stdout and "none/main.cf" in done.stdout,
              done.stdout)


def story_secret():
    """A secret that others can read, or that is too short, is an error."""
    with Lab() as lab:
        lab.check()
        secret = lab.dir + "/lib/secret"
        os.chmod(secret, 0o644)
        found(lab, "error", "PL-410", secret)


def story_access():
    """Networks that let everyone in are warned of, and a report that nobody
    gets."""
    with Lab() as lab:
        lab.conf["allow_networks"] = "0.0.0.0/0"
        found(lab, "warning", "PL-413", "sales")
        lab.conf["allow_networks"] = "0.0.0.0/1 128.0.0.0/1"
        found(lab, "warning", "PL-413", "sales")
        lab.conf["allow_networks"] = "2000::/3"
        found(lab, "warning", "PL-413", "sales")
        lab.conf["allow_senders"] = "*@shop.example"
        equal(findings(lab), set(), "unless senders are listed")
        lab.conf["allow_networks"] = "10.0.0.0/8 2001:db8::/32"
        lab.conf["allow_senders"] = ""
        equal(findings(lab), set(), "nor of one's own")
        lab.conf["report_to"] = ""
        found(lab, "warning", "PL-419", "report_to")


def story_ledger():
    """A ledger that is no database is an error, and so is a folder that the
    user may not write in; nothing is created by a check."""
    with Lab() as lab:
        lab.check()
        equal(os.path.exists(lab.dir + "/lib/ledger.db"), False, "created")
        with open(lab.dir + "/lib/ledger.db", "wb") as f:
            f.write(b"This is no ledger. " * 500)
        os.chown(f.name, 65534, 65534)
        found(lab, "error", "PL-502", "ledger.db")
        os.unlink(lab.dir + "/lib/ledger.db")
        os.chown(lab.dir + "/lib", 0, 0)
        equal({c for _, c in findings(lab)}, {"PL-503"}, "folder")
        equal(lab.status, 78, "exit code")


def story_no_postfix():
    """Where postconf fails it says what could not be checked."""
    with Lab() as lab:
        os.rename(lab.dir + "/postfix", lab.dir + "/other")
        lab.write = lambda: Lab.write(lab) if os.path.isdir(
            lab.dir + "/postfix") else None
        with open(lab.conf_file, "w") as f:
            f.write("[gateway]\n")
            f.writelines("%s = %s\n" % i for i in lab.conf.items())
            f.write("[journal sales]\n")
            f.writelines("%s = %s\n" % i
                         for i in lab.journals["sales"].items())
        found(lab, "warning", "PL-415")


def story_send_test():
    """--send-test mails a test to deliver_to, and not to an address that is
    intercepted."""
    with Lab() as lab:
        lab.check("--send-test", "sales")
        equal(lab.status, 0, "exit code")
        (envelope, data), = lab.mta.mails
        equal(envelope["RCPT"], ["acme-sales@accounting.example"], "to")
        check(b"\nSubject: " in data, "a message")
        lab.check("--send-test", "nope")
        equal(lab.status, 64, "no such journal")
        check("sales" in lab.stderr, "the names: " + lab.stderr)
        lab.journals["sales"]["deliver_to"] = "sales@compta.example"
        lab.check("--send-test", "sales")
        equal(len(lab.mta.mails), 1, "not to an intake address")


if __name__ == "__main__":
    tell(globals())
