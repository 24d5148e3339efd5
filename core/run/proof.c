/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof - did the MTA queue an attempt whose answer nobody saw?
 */
#include "pass.h"

enum pl_proof
pl_proof_find(const pl_batch *batch, const char *return_path, char **words)
{
	(void)batch;
	(void)return_path;
	*words = NULL;
	return PL_PROOF_NONE;
}
