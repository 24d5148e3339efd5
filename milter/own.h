/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own - is this one of our own batches on its way out?
 *
 * Two looks. At MAIL FROM the envelope sender makes a candidate: a keyed
 * return path with a good MAC, or, with `return_path = fixed`, the plain
 * sender address. At the end of the header the stamp decides: its MAC must be
 * good for this Message-ID and recipient, and it must name the batch and the
 * attempt of the return path. Both are needed, since a return path can be
 * read in any delivered batch. Pure: looks at nothing but its arguments.
 */
#ifndef MILTER_OWN_H
#define MILTER_OWN_H

#include "setup.h"

enum pl_own {
	PL_OWN_NO,
	PL_OWN_KEYED, /* sender+b.BATCH.ATTEMPT.MAC@domain */
	PL_OWN_FIXED, /* the plain address of a fixed return path */
};

/* KEYED is filled for PL_OWN_KEYED. SENDER as the MTA hands it over. */
enum pl_own pl_own_sender(
    const pl_setup *setup, const char *sender, struct pl_keyed *keyed);

enum pl_path {
	PL_PATH_NO,     /* any other address, also a plain sender */
	PL_PATH_FORGED, /* keyed, but not with our secret */
	PL_PATH_OURS,
};
/* Is ADDRESS the keyed return path of one of our attempts? */
enum pl_path pl_own_path(
    const pl_setup *setup, const char *address, struct pl_keyed *keyed);

/* What the header says; NULL where a field is missing. */
struct pl_own_header {
	const char *stamp, *message_id;
	const GPtrArray *recipients; /* char *, as received */
};
/* STAMP gets batch and attempt. */
gboolean pl_own_proven(const pl_setup *setup, enum pl_own candidate,
    const struct pl_keyed *keyed, const struct pl_own_header *header,
    struct pl_stamp *stamp);

#endif
