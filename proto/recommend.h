/* recommend.h -- POST /v1/recommend and the short forms, both ways.
 *
 *   {"user_id" or "users":[...] or "similar_to":item, or none of them,
 *    "history":["i1",{"item_id":"i2","weight":0.5},...], "by":"popular"|"latest",
 *    "n":10,"offset":0,"at_seq":7,"keep":true,
 *    "exclude_seen":true,"exclude_kinds":["purchase",...],"exclude_days":30,
 *    "filter":{"categories":{"any":[],"all":[],"none":[]},"tags":{...},
 *              "numbers":{"price":{"min":1,"max":9}},"available_at":seconds},
 *    "include":[...],"exclude":[...],"pinned":[...],
 *    "boosts":[{"filter":{...},"items":[...],"by":2}],"diversity":0.3,
 *    "explain":true}
 *     -> {"items":[{"item_id","score"[,"pinned":true][,"explanation"]},...],
 *         "by":"ranking"|"popular"|"latest"|"similar","model_seq"
 *         [,"cold":["user"]]}
 *
 * With "users": {"lists":[{"user_id","items","by"[,"cold"]},...],"model_seq"}.
 */
#ifndef FRESHET_PROTO_RECOMMEND_H
#define FRESHET_PROTO_RECOMMEND_H

#include <stdbool.h>

#include "model/core/filter.h"
#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

#define RECOMMEND_N            10
#define RECOMMEND_OFFSET       1000000000
#define RECOMMEND_HISTORY      500     /* items of a history, at most */
#define RECOMMEND_WEIGHT       100
#define RECOMMEND_USERS        100
#define RECOMMEND_USERS_DEPTH  10000   /* offset + n, for several users */
#define RECOMMEND_PINNED       100
#define RECOMMEND_BOOSTS       16
#define RECOMMEND_BOOST        1000    /* by 1/1000..1000 */
#define RECOMMEND_DAYS_MAX     65535
#define RECOMMEND_DIVERSE      100     /* offset + n, with diversity */
#define RECOMMEND_KEPT         1000    /* offset + n, with keep */

/* What is asked for. */
enum recommend_what { RECOMMEND_THE_BEST, RECOMMEND_THE_POPULAR,
                      RECOMMEND_THE_LATEST, RECOMMEND_THE_LIKE };

/* An item of a history, and how much it was liked: disliked below 0. */
struct recommend_past {
    struct id item;
    float weight;
};

/* Items that count `by` times as much: those that pass and are listed. */
struct recommend_factor {
    bool has_filter, has_items;
    struct filter filter;
    struct id_list items;
    float by;
};

/* What it points to is borrowed until the thread's next document, or until it
 * lets go of those it holds. */
struct recommend_request {
    enum recommend_what what;
    struct id user;          /* len 0: nobody by name */
    bool batch;              /* "users" */
    struct id_list users;
    struct id like;          /* for RECOMMEND_THE_LIKE */
    const struct recommend_past *history; /* (nhistory) */
    uint32_t nhistory;
    uint32_t n;              /* 1..limits.top_n */
    uint32_t offset;
    bool has_at_seq;
    uint64_t at_seq;
    bool keep;               /* the list, for later pages with at_seq */
    const char *question;    /* (question_bytes) with keep or at_seq: what is
                                asked, but for the page; equal for questions
                                that are */
    size_t question_bytes;
    bool exclude_seen;
    struct id_list exclude_kinds; /* only what was done so: names of events.types
                                or "rating"; n 0: whatever was done */
    uint32_t exclude_days;   /* ... and so lately; 0: whenever */
    struct filter filter;    /* at_ms: limits.now_ms, if not said */
    bool has_include;
    struct id_list include, exclude, pinned;
    const struct recommend_factor *boost; /* (nboosts) */
    uint32_t nboosts;
    float diversity;         /* 0..1 */
    bool explain;            /* lists by "ranking" get explanations (explain.h);
                                at most limits.explain items then */
};

/* Any thread. */
bool recommend_parse(const char *bytes, size_t n,
                     const struct proto_limits *limits,
                     struct recommend_request *out, struct fail *f);

/* Any thread.  What is parsed from here on stays until it is let go, all of it
 * together: for questions that are answered together. */
void recommend_hold(void);
void recommend_let_go(void);

/* Any thread.  The short forms: what is asked for, of nobody, for the parameters
 * to be filled in; forgets the thread's document. */
void recommend_short(struct recommend_request *req, enum recommend_what what,
                     const struct proto_limits *limits);

/* Any thread.  Is it the kind that ratings are? */
bool recommend_is_rating(struct id kind);

/* Any thread.  One query parameter (decoded): n, offset, at_seq, exclude_seen,
 * exclude_days; exclude_kinds, names with commas between; category and tag, one of
 * which the items must have; these three may come again;
 * but of the user's own path user_id, whose items are left out.  An unknown name
 * is bad_query. */
bool recommend_query(struct recommend_request *req, const char *name,
                     const char *value, const struct proto_limits *limits,
                     struct fail *f);

/* Any thread.  After the last parameter.  path: which short form it is; id: what it
 * names, if anything. */
bool recommend_short_end(struct recommend_request *req, const char *path,
                         struct id id, struct fail *f);

/* ---- writing, any thread ------------------------------------------------ */

/* What belongs to an item may be put between its begin and its end, as members
 * that begin with a comma. */
void recommend_begin(struct buf *out);
void recommend_item_begin(struct buf *out, bool first, struct id item,
                          float score, bool pinned);
void recommend_item_end(struct buf *out);
/* by: the ranker's name. */
void recommend_end(struct buf *out, const char *by, uint64_t model_seq,
                   bool cold_user);

/* Several lists: begin, then for each user a list between open and close. */
void recommend_lists_begin(struct buf *out);
void recommend_list_open(struct buf *out, bool first, struct id user);
void recommend_list_close(struct buf *out, const char *by, bool cold_user);
void recommend_lists_end(struct buf *out, uint64_t model_seq);

/* Users like another: {"users":[{"user_id","score"},...],"model_seq"}. */
void recommend_users_begin(struct buf *out);
void recommend_user(struct buf *out, bool first, struct id user, float score);
void recommend_users_end(struct buf *out, uint64_t model_seq);

#endif
