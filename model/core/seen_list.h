/* seen_list.h -- what a user has done with which items, and when: plain data of
 * the table (table.h).  learn/seen.h reads and writes it, learn/seen_kinds.h
 * names the kinds.
 */
#ifndef FRESHET_MODEL_CORE_SEEN_LIST_H
#define FRESHET_MODEL_CORE_SEEN_LIST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Entries in two arrays side by side, so that looking for an item reads nothing
 * else: item[0..sorted) ascending, then a tail as it came.  An entry says that
 * on its day things of its kinds were done with its item; an item has several
 * when its kinds have different newest days.  The trainer appends behind what
 * any reader may look at, so a list is shared by both copies; how many entries a
 * copy may see stands in its own row (users.nseen). */
struct seen_list {
    uint32_t cap;
    uint32_t sorted;
    uint32_t items;        /* different ones among the sorted */
    uint32_t item[];       /* (cap) rows of items, then (cap) stamps */
};

/* A stamp: the day above, 16 bits each.  A later day is a larger stamp. */
#define SEEN_DAY_SHIFT 16
#define SEEN_DAY_MAX   UINT16_MAX  /* days since 1970: the year 2149 */

/* Kinds as bits. */
#define SEEN_RATING    1u          /* a rating */
#define SEEN_OTHERS    0x8000u     /* whatever has no bit of its own */
#define SEEN_ANY       UINT16_MAX
#define SEEN_KINDS     16u         /* bits */

/* The kinds of behaviour that have a bit of their own, in the order in which
 * they were met: that of name[i] is bit i + 1.  All words, without padding. */
#define SEEN_NAMES      14u
#define SEEN_NAME_BYTES 32u
struct seen_kinds {
    uint64_t n;
    char name[SEEN_NAMES][SEEN_NAME_BYTES]; /* (n) zeros behind each name */
};

/* What counts: kinds as bits, on a day from `day` on. */
struct seen_want {
    uint16_t kinds;
    uint16_t day;
};
#define SEEN_WANT_ANY ((struct seen_want){SEEN_ANY, 0})

static inline uint32_t seen_stamp(uint32_t day, uint32_t kinds)
{
    return day << SEEN_DAY_SHIFT | kinds;
}

static inline int seen_counts(uint32_t stamp, struct seen_want want)
{
    return stamp & want.kinds && stamp >> SEEN_DAY_SHIFT >= want.day;
}

/* (cap) one for each entry. */
static inline uint32_t *seen_stamps(const struct seen_list *l)
{
    return (uint32_t *)(uintptr_t)&l->item[l->cap];
}

static inline size_t seen_list_bytes(uint32_t cap)
{
    return sizeof(struct seen_list) + (size_t)cap * 2 * sizeof(uint32_t);
}

/* The first n entries, to a list with room for no more: seen_list_bytes(n). */
static inline void seen_list_copy(struct seen_list *to,
                                  const struct seen_list *from, uint32_t n)
{
    *to = (struct seen_list){.cap = n, .sorted = from->sorted,
                             .items = from->items};
    memcpy(to->item, from->item, n * sizeof *to->item);
    memcpy(seen_stamps(to), seen_stamps(from), n * sizeof *to->item);
}

#endif
