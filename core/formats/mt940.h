/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mt940 - what the files of the MT940 reader share
 */
#ifndef PL_FORMATS_MT940_H
#define PL_FORMATS_MT940_H

#include "postledger/formats.h"

/* Reads field 86, the information to the account owner, in one of its
 * national structures into LINE. TEXT has its line breaks as '\n'. */
void pl_mt940_information(struct pl_line *line, const char *text);

#endif
