/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - between the socket and libmilter
 *
 * libmilter gives a session that has begun to send a packet one of its few
 * threads until the packet is complete: some that never go on keep all others
 * out. So the gate reads what comes, hands on whole packets only, and breaks
 * a session off whose packets are not sane (packet.h), or that stops in the
 * middle of one for five minutes. Answers go back as they are.
 *
 * libmilter has no place for that, hence accept() as it calls it is ours: what
 * it gets is the other end of a pair of sockets.
 */
#ifndef MILTER_GATE_H
#define MILTER_GATE_H

#include <glib.h>

/* Before smfi_main(). FALSE: errno. */
gboolean pl_gate_start(void);
/* After it: hands out the answers that are still there. */
void pl_gate_stop(void);

#endif
