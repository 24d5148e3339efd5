/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain - does each statement of an account follow the one before it?
 *
 * Pure: looks at nothing but its arguments. A chain is made of the statements
 * of one account and currency in one journal, the settled ones (sent,
 * archived) beside those that wait, so that a statement is compared with its
 * real neighbours whenever it comes.
 */
#ifndef PL_RUN_CHAIN_H
#define PL_RUN_CHAIN_H

#include "postledger/config.h"

/* A statement. Strings are lent; NULL or "" is not known. */
struct pl_link {
	gint64 entry;
	const char *day;  /* end of its period, ISO */
	const char *from; /* begin of its period, or day of the old balance */
	const char *sequence; /* as the bank counts */
	const char *opening, *closing, *currency;
	const char *format; /* "coda": each counts in its own way */
	gboolean settled;   /* sent or archived: it has its place */
	gboolean sent;      /* it left: nothing before it can be in time */
	gboolean released;  /* a person let it go: it passes, and counts */
	gboolean hole;      /* older ones before it were left out of the list */
};

/* What is wrong between a statement and the one before it. */
#define PL_GAP_BALANCE 1u
#define PL_GAP_NUMBER 2u

/* Where an open statement stands. */
struct pl_linked {
	gint64 entry;
	unsigned chain, rank; /* for who has several chains: see links.c */
	unsigned gap; /* bits PL_GAP_*; 0: it follows, or begins the chain */
	const char *code; /* "PL-201", "PL-202"; NULL without a gap */
	char *note;       /* what was expected, what came, what is missing */
	gint64 before;    /* the open one that has to leave first; 0: none */
};

/* The code of a gap? NULL is none. */
gboolean pl_chain_is_gap(const char *code);
/* LINKS (struct pl_link), in any order, no entry twice ▸ the places (struct
 * pl_place) of those that are not settled, in the order in which they have to
 * leave. Free with g_array_unref(). */
GArray *pl_chain(const GPtrArray *links, enum pl_numbering numbering);

/* ---- its parts ---------------------------------------------------------- */

/* The links in their order: by day, then number, then so that balances
 * continue. g_ptr_array_unref(). */
GPtrArray *pl_chain_order(const GPtrArray *links);

/* What the past of an account teaches about its numbers. */
struct pl_habits {
	gboolean skips;    /* steps other than one while balances continue */
	gboolean restarts; /* begins again within a year */
};
struct pl_habits pl_chain_habits(const GPtrArray *ordered);

/* What is wrong between FIRST and NEXT: bits PL_GAP_*. */
unsigned pl_chain_gap(const struct pl_link *first, const struct pl_link *next,
    enum pl_numbering numbering, const struct pl_habits *habits);
/* The words on it. g_free(). */
char *pl_chain_words(const struct pl_link *first, const struct pl_link *next,
    unsigned gap, enum pl_numbering numbering);

/* Exact: "100.0" is "100.00", "-0" is "0". */
gboolean pl_chain_same(const char *one, const char *other);
enum pl_balance { PL_BALANCE_UNKNOWN, PL_BALANCE_CONTINUES, PL_BALANCE_BREAKS };
enum pl_balance pl_chain_balance(
    const struct pl_link *first, const struct pl_link *next);
/* 0: it says nothing (absent, zero, not a number). */
guint64 pl_chain_number(const struct pl_link *link);
/* A year begins between them, and NEXT has the number of its first. */
gboolean pl_chain_begins_year(
    const struct pl_link *first, const struct pl_link *next);
/* The year of an ISO date, 0: none. */
unsigned pl_chain_year(const char *day);

#endif
