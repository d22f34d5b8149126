/* fuzz_ratings.c -- an accepted rating is in range, and reads back; the short
 * cut for plain ones makes no difference. */
#include "tests/fuzz/fuzz.h"

#include "proto/ratings.h"
#include "proto/ratings_scan.h"

struct copy {
    struct rating r;
    char user[ID_BYTES_MAX], item[ID_BYTES_MAX], event[ID_BYTES_MAX];
    bool filled;
};

static void check(const struct rating *r)
{
    fuzz_check_id(r->user);
    fuzz_check_id(r->item);
    if (r->event_id.len)
        fuzz_check_id(r->event_id);
    MUST(r->value >= fuzz_limits.rating_min &&
         r->value <= fuzz_limits.rating_max);
    MUST(!r->has_teacher || (r->teacher >= fuzz_limits.rating_min &&
                             r->teacher <= fuzz_limits.rating_max));
    MUST(r->time_ms == TIME_UNSET ||
         (r->time_ms >= 0 &&
          r->time_ms <= fuzz_limits.now_ms + fuzz_limits.future_ms));
}

static bool keep(void *arg, const struct rating *r, struct fail *f)
{
    struct copy *c = arg;
    (void)f;
    check(r);
    c->r = *r;
    c->r.user.s = memcpy(c->user, r->user.s, r->user.len);
    c->r.item.s = memcpy(c->item, r->item.s, r->item.len);
    if (r->event_id.len)
        c->r.event_id.s = memcpy(c->event, r->event_id.s, r->event_id.len);
    c->filled = true;
    return true;
}

static bool same(void *arg, const struct rating *r, struct fail *f)
{
    const struct copy *c = arg;
    (void)f;
    MUST(r->user.len == c->r.user.len &&
         memcmp(r->user.s, c->user, r->user.len) == 0);
    MUST(r->item.len == c->r.item.len &&
         memcmp(r->item.s, c->item, r->item.len) == 0);
    MUST(r->event_id.len == c->r.event_id.len);
    MUST(r->event_id.len == 0 ||
         memcmp(r->event_id.s, c->event, r->event_id.len) == 0);
    MUST(memcmp(&r->value, &c->r.value, sizeof r->value) == 0);
    MUST(r->has_teacher == c->r.has_teacher && r->teacher == c->r.teacher);
    MUST(r->time_ms == c->r.time_ms);
    return true;
}

/* What the short cut takes comes out as by the tree: a rating, or an error. */
static void compare_ways(const char *s, size_t size)
{
    struct ratings_plain plain;
    struct copy c = {.filled = false};
    struct fail f, g;
    if (!ratings_scan(s, size, &plain))
        return;
    if (ratings_parse_tree(s, size, &fuzz_limits, keep, &c, &f)) {
        MUST(c.filled);
        MUST(ratings_parse(s, size, &fuzz_limits, same, &c, &g));
        MUST(ratings_parse_line(s, size, &fuzz_limits, same, &c, &g));
        return;
    }
    MUST(!ratings_parse(s, size, &fuzz_limits, same, &c, &g));
    MUST(f.code == g.code && strcmp(f.message, g.message) == 0);
    MUST(!ratings_parse_line(s, size, &fuzz_limits, same, &c, &g));
    MUST(f.code == g.code && strcmp(f.message, g.message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf b;
    struct copy c = {.filled = false};
    struct fail f;
    const char *s = (const char *)data;
    compare_ways(s, size);
    if (!ratings_parse(s, size, &fuzz_limits, keep, &c, &f))
        fuzz_check_fail(&f);
    else
        MUST(c.filled);
    c.filled = false;
    if (!ratings_parse_line(s, size, &fuzz_limits, keep, &c, &f)) {
        fuzz_check_fail(&f);
        MUST(f.index == -1);
        return 0;
    }
    MUST(c.filled);
    buf_clear(&b);
    ratings_write_line(&b, &c.r);
    MUST(!b.failed && memchr(b.p, '\n', b.len) == b.p + b.len - 1);
    MUST(ratings_parse_line(b.p, b.len - 1, &fuzz_limits, same, &c, &f));
    return 0;
}
