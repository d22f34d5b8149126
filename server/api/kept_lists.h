/* kept_lists.h -- lists whose later pages are to be the same while the model
 * moves on.
 *
 * A question with "keep" leaves its list here, as rows of the model and scores;
 * one with at_seq that is the same but for its page finds it.  A fixed number of
 * lists of at most KEPT_ITEMS: a new one takes the place of the oldest of those
 * it could be among.  What happened since does not change them: who reads leaves
 * out what may not be shown any more.
 *
 * Rows mean nothing in another model, so all are forgotten when one takes the
 * place of another (kept_lists_renew()), and one that was made from the model
 * before is not taken.  One mutex, held for a copy of a page.
 */
#ifndef FRESHET_SERVER_API_KEPT_LISTS_H
#define FRESHET_SERVER_API_KEPT_LISTS_H

#include <stdbool.h>

#include "model/rank/recommend.h"

#define KEPT_ITEMS 1000u

struct live;
struct kept_lists;

/* What a list is found by. */
struct kept_key {
    uint64_t question;       /* kept_lists_question() */
    uint64_t seq;            /* of the copy it was made from */
};

/* Boot only.  Room for n lists, or a few more; 0: none is kept.  NULL: no
 * memory. */
struct kept_lists *kept_lists_new(uint32_t n);
void kept_lists_free(struct kept_lists *k);

/* Any thread.  From here on rows are those of this model. */
void kept_lists_renew(struct kept_lists *k, const struct live *live);

/* Any thread.  A question's bytes as a number: keyed, so that nobody can choose
 * two that are alike. */
uint64_t kept_lists_question(const struct kept_lists *k, const void *bytes,
                             size_t n);

/* Any thread.  Copies the list; without memory it is not kept. */
void kept_lists_put(struct kept_lists *k, const struct live *live,
                    struct kept_key key, const struct recommend_list *list);

/* Any thread.  The items of the list from `offset` on, at most n, to page (n);
 * out->items is page, out->npinned counts those of the page.  False: there is no
 * such list. */
bool kept_lists_find(struct kept_lists *k, const struct live *live,
                     struct kept_key key, uint32_t offset, uint32_t n,
                     struct scored *page, struct recommend_list *out);

#endif
