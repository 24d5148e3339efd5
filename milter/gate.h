/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate - what comes before libmilter
 *
 * Hands on whole packets only, and breaks a session off whose packets are not
 * sane (packet.h), that stops in the middle of one for five minutes, or that
 * does not read its answers. There is nothing to call: see gate.c.
 */
#ifndef MILTER_GATE_H
#define MILTER_GATE_H

/* A session's descriptor is below. */
#define PL_GATE_DESCRIPTORS 65536

#endif
