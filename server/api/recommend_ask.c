/* recommend_ask.c -- see recommend_ask.h. */
#include "server/api/recommend_ask.h"

#include <string.h>

#include "server/http/query.h"

static const enum recommend_what what_of[] = {
    [ASK_RECOMMEND] = RECOMMEND_THE_BEST,
    [ASK_RECOMMENDATIONS] = RECOMMEND_THE_BEST,
    [ASK_POPULAR] = RECOMMEND_THE_POPULAR,
    [ASK_LATEST] = RECOMMEND_THE_LATEST,
    [ASK_SIMILAR_ITEMS] = RECOMMEND_THE_LIKE,
    [ASK_SIMILAR_USERS] = RECOMMEND_THE_BEST};

/* What the path asks for, in a word. */
static const char *const paths[] = {[ASK_RECOMMEND] = "recommend",
                                    [ASK_RECOMMENDATIONS] = "for",
                                    [ASK_POPULAR] = "popular",
                                    [ASK_LATEST] = "latest",
                                    [ASK_SIMILAR_ITEMS] = "like",
                                    [ASK_SIMILAR_USERS] = "like user"};

/* Does the path name the user? */
static bool is_of_user(const struct ask *ask)
{
    return ask->kind == ASK_RECOMMENDATIONS || ask->kind == ASK_SIMILAR_USERS;
}

/* Users have no categories and are not seen. */
static bool fits_users(const char *name)
{
    return strcmp(name, "n") == 0 || strcmp(name, "offset") == 0 ||
           strcmp(name, "at_seq") == 0;
}

static bool take_parameter(const struct ask *ask, const struct query *q,
                           const struct proto_limits *limits,
                           struct recommend_request *req, struct fail *f)
{
    if (strcmp(q->name, "min_seq") == 0)
        return true; // read with the head
    if (is_of_user(ask) && strcmp(q->name, "user_id") == 0)
        return fail_set(f, FAIL_bad_query, "the path names the user");
    if (ask->kind == ASK_SIMILAR_USERS && !fits_users(q->name))
        return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not known "
                        "here", q->name);
    return recommend_query(req, q->name, q->value, limits, f);
}

static bool read_short(const struct ask *ask, const struct proto_limits *limits,
                       struct recommend_request *req, struct fail *f)
{
    struct query q = {.at = ask->query ? ask->query : ""};
    recommend_short(req, what_of[ask->kind], limits);
    if (ask->kind == ASK_RECOMMENDATIONS)
        req->user = ask->id;
    else if (ask->kind == ASK_SIMILAR_ITEMS)
        req->like = ask->id;
    f->code = FAIL_NONE;
    while (query_next(&q, f))
        if (!take_parameter(ask, &q, limits, req, f))
            return false;
    return f->code == FAIL_NONE &&
           recommend_short_end(req, paths[ask->kind], ask->id, f);
}

static bool read_ask(struct ask_turn *a)
{
    const struct ask *ask = a->ask;
    return ask->kind == ASK_RECOMMEND
               ? recommend_parse(ask->body, ask->bytes, a->limits, &a->req,
                                 a->fail)
               : read_short(ask, a->limits, &a->req, a->fail);
}

/* Under a pin of t. */
static void answer_pinned(struct ask_turn *const *turn, uint32_t n,
                          const struct recommend_source *from,
                          const struct table *t)
{
    struct recommend_desk *desk[ASK_TURNS];
    uint32_t desks = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct ask_turn *a = turn[i];
        if (!a->ok)
            continue;
        if (a->ask->kind == ASK_SIMILAR_USERS) {
            a->ok = recommend_answer_users(&a->desk, from, t, a->ask->id,
                                           &a->req, a->out, a->fail);
            continue;
        }
        a->ok = recommend_answer_start(&a->desk, from, t, &a->req, a->fail);
        if (a->ok)
            desk[desks++] = &a->desk;
    }
    recommend_answer_scan(desk, desks);
    for (uint32_t i = 0; i < n; i++) {
        struct ask_turn *a = turn[i];
        if (a->ok && a->ask->kind != ASK_SIMILAR_USERS)
            a->ok = recommend_answer_finish(&a->desk, from, &a->req, a->out,
                                            a->fail);
    }
}

void ask_answer(struct ask_turn *const *turn, uint32_t n,
                const struct recommend_source *from)
{
    recommend_hold();
    for (uint32_t i = 0; i < n; i++)
        turn[i]->ok = read_ask(turn[i]);
    const struct table *t = live_pin(from->live, from->slot);
    answer_pinned(turn, n, from, t);
    live_unpin(from->live, from->slot);
    recommend_let_go();
}
