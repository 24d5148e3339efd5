#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""conf/postfix-inline.cf and conf/postfix-hop.cf, as they are, on a Postfix:
what the install guide tells people to add works when they add it."""

import grp
import os
import pwd
import re

import gateway
from gateway import Gateway, wait_for
from mails import invoice, mail
from story import check, equal, tell

CONF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../conf")
ACME = "acme-sales@accounting.example"
JOURNALS = {"sales": {"address": "sales@compta.example", "deliver_to": ACME}}


class Snippet(Gateway):
    """A gateway whose Postfix has the snippet NAME and nothing else of ours;
    socket and folder as postledger.conf and postledger.tmpfiles have them."""

    def __init__(self, name, extra="", **more):
        super().__init__(JOURNALS, main_cf=extra, **more)
        with open("%s/%s" % (CONF, name)) as f:
            self.main_cf, self.master_cf = re.split(
                r"^### (?:main|master)\.cf$", f.read(), flags=re.M)[1:]
        self.conf["socket"] = (
            "unix:%s/queue/postledger/milter.sock" % self.dir)
        if name == "postfix-hop.cf":
            self.conf["submission"] = "smtp://127.0.0.1:%d" % self.out_port

    def write_postfix(self):
        folder = self.dir + "/queue/postledger"
        os.mkdir(folder)
        os.chown(folder, pwd.getpwnam(gateway.USER).pw_uid,
                 grp.getgrnam("postfix").gr_gid)
        os.chmod(folder, 0o2750)
        # the ports of the example may be taken on the machine of the test
        ports = {":10029": ":%d" % self.hop_port,
                 ":10030": ":%d" % self.out_port}
        link = "[127.0.0.1]:%d" % self.hop_port
        rest = gateway.MAIN_CF.replace("transport_maps = {transport}\n", "")
        with open(self.dir + "/postfix/main.cf", "w") as f:
            f.write(rest.format(dir=self.dir, sink_port=self.sink_port,
                                milters="", extra=self.main_extra))
            f.write(self.main_cf.replace("[127.0.0.1]:10029", link))
        with open(self.dir + "/postfix/master.cf", "w") as f:
            f.write(gateway.MASTER_CF.format(port=self.port, hop=""))
            f.write(re.sub("|".join(ports), lambda m: ports[m[0]],
                           self.master_cf))

    def captured(self):
        return self.sql("select count(*) from message")[0][0]


def whole_way(g):
    """By SMTP and by sendmail, an intake and another recipient: both get
    theirs, and the run delivers."""
    one, first = invoice("F-1")
    two, second = invoice("F-2")
    g.send(one, ["sales@compta.example", "bob@customers.example"])
    g.sendmail(two, ["Sales+x@compta.example", "ann@customers.example"])
    wait_for("two captured messages", lambda: g.captured() == 2)
    g.settle()
    equal(len(g.arrived("bob@customers.example")), 1, "Bob's mail")
    equal(len(g.arrived("ann@customers.example")), 1, "Ann's mail")
    g.run("--now")
    equal(dict(g.documents(ACME)), {"F-1.pdf": first, "F-2.pdf": second},
          "what arrived at the accounting software")
    check("warning: " not in g.maillog(),
          "Postfix has no complaints: " + g.maillog())


def story_inline():
    """postfix-inline.cf: mail by SMTP and by sendmail is intercepted."""
    with Snippet("postfix-inline.cf") as g:
        whole_way(g)


def story_hop():
    """postfix-hop.cf: mail for the intake domain is intercepted, bcc copies
    come once."""
    with Snippet("postfix-hop.cf",
                 "always_bcc = copy@archive.example") as g:
        whole_way(g)
        m, _ = invoice("F-3")
        g.send(m, "sales@compta.example")
        wait_for("the third", lambda: g.captured() == 3)
        g.settle()
        third = [a for a in g.arrived("copy@archive.example")
                 if m["Message-ID"] in a.raw.decode(errors="replace")]
        equal(len(third), 1, "one copy, though the message came by twice")


def story_hop_leftover():
    """postfix-hop.cf: an address of the intake domain that is none of ours is
    returned to its sender and does not run in circles."""
    with Snippet("postfix-hop.cf") as g:
        g.send(mail(text="lost"), "typo@compta.example")
        wait_for("a bounce", lambda: g.arrived("erp@shop.example"))
        bounce = g.arrived("erp@shop.example")[0].raw.decode()
        check("no such accounting address here" in bounce, bounce)
        check("5.1.1" in bounce, bounce)
        equal(bounce.count("too many hops"), 0, "no loop")
        equal(g.captured(), 0, "nothing captured")


def story_hop_is_for_loopback():
    """postfix-hop.cf: the front decides who may send; the hop itself speaks
    to loopback alone."""
    with Snippet("postfix-hop.cf") as g:
        with open(g.dir + "/postfix/master.cf") as f:
            services = re.findall(r"^\S+ +inet", f.read(), re.M)
        equal(len(services), 3, "front, hop and the way out")
        check(all(s.startswith("127.0.0.1:") for s in services), services)


def story_down():
    """While postledgerd is down: in line all mail is deferred, behind the hop
    only intake mail; once it is back, nothing was lost."""
    with Snippet("postfix-hop.cf") as g:
        g.stop_daemon()
        m, content = invoice("F-1")
        g.send(m, ["sales@compta.example", "bob@customers.example"])
        wait_for("Bob's mail", lambda: g.arrived("bob@customers.example"))
        g.settle()
        g.start_daemon()
        g.postfix("flush")
        wait_for("the capture", lambda: g.captured() == 1)
        g.run("--now")
        equal(g.documents(ACME), [("F-1.pdf", content)], "late, but there")
    with Snippet("postfix-inline.cf") as g:
        g.stop_daemon()
        try:
            g.send(mail(text="no"), "bob@customers.example")
        except OSError as e:
            check(" 4" in " " + str(e) or "(4" in str(e), str(e))
        else:
            check(False, "mail was taken while the daemon was down")


if __name__ == "__main__":
    tell(globals())
