/* check_settings.c -- the settings as text, to the bit and nothing else; what
 * may change; a change that cannot be made changes nothing. */
#include "model_test.h"

#include <math.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "model/learn/fold.h"

#define ONE_FIELD(member, kind, option, fixed) + 1
enum { FIELDS = 0 SETTINGS_FIELDS(ONE_FIELD) };

static char error[SETTINGS_ERROR_MAX];

static bool parse(const char *text, struct settings *s)
{
    error[0] = '\0';
    return settings_parse(text, strlen(text), s, error);
}

/* Values that few digits do not tell. */
static struct settings odd_settings(uint64_t k)
{
    struct settings s = test_settings();
    s.seed = UINT64_MAX - k;
    s.max_users = UINT32_MAX - (uint32_t)k;
    s.rating_min = nextafterf(-1e30f, (float)k);
    s.rating_max = nextafterf(0.1f, 1);
    s.init = 1.0f / (float)(3 + k);
    s.factor_rate = 1.1754944e-38f;
    s.factor_l2 = 1.4e-45f; // the least there is
    s.bias_rate = 3.4028235e38f;
    s.bias_l2 = -0.0f;
    s.half_life_days = 1.0 / (double)(7 + k);
    return s;
}

START_TEST(there_and_back)
{
    for (uint64_t k = 0; k < 2000; k++) {
        struct settings s = odd_settings(k), back;
        char text[SETTINGS_TEXT_MAX], again[SETTINGS_TEXT_MAX];
        size_t n = settings_write(&s, text);
        ck_assert_uint_lt(n, SETTINGS_TEXT_MAX);
        ck_assert_uint_eq(n, strlen(text));
        ck_assert_msg(settings_parse(text, n, &back, error), "%s", error);
        ck_assert_ptr_null(settings_differ(&s, &back, false));
        ck_assert_uint_eq(settings_write(&back, again), n);
        ck_assert_str_eq(text, again); // -0 too
    }
}
END_TEST

/* The longest there can be fits. */
START_TEST(longest)
{
    struct settings s, back;
    char text[SETTINGS_TEXT_MAX];
#define LONG_U64(x) x = UINT64_MAX
#define LONG_U32(x) x = UINT32_MAX
#define LONG_F32(x) x = -1.17549435e-38f
#define LONG_F64(x) x = -2.2250738585072014e-308
#define LONGEST(member, kind, option, fixed) LONG_##kind(s.member);
    SETTINGS_FIELDS(LONGEST)
    size_t n = settings_write(&s, text);
    ck_assert_uint_lt(n, SETTINGS_TEXT_MAX - 64);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert(parse(text, &back));
    ck_assert_ptr_null(settings_differ(&s, &back, false));
}
END_TEST

/* Each line is needed once; each must be whole. */
START_TEST(a_line_too_few_or_too_many)
{
    struct settings s = test_settings(), back;
    char text[SETTINGS_TEXT_MAX], other[2 * SETTINGS_TEXT_MAX];
    settings_write(&s, text);
    int lines = 0;
    for (const char *line = text; *line; lines++) {
        const char *next = strchr(line, '\n') + 1;
        int before = (int)(line - text), length = (int)(next - line);
        const char *first = strchr(text, '\n') + 1; // "model.seed"
        snprintf(other, sizeof other, "%.*s%s", before, text, next);
        ck_assert_msg(!parse(other, &back), "without %.*s", length, line);
        ck_assert_str_ne(error, "");
        snprintf(other, sizeof other, "%s%.*s", text, length, line);
        ck_assert_msg(lines == 0 || !parse(other, &back), "twice %.*s", length,
                      line);
        if (line != first && lines) { // another one in its place
            snprintf(other, sizeof other, "%.*s%.*s%s", before, text,
                     (int)(strchr(first, '\n') + 1 - first), first, next);
            ck_assert_msg(!parse(other, &back), "no %.*s", length, line);
        }
        snprintf(other, sizeof other, "%.*s%.*sx\n%s", before, text,
                 length - 1, line, next);
        ck_assert_msg(!parse(other, &back), "%.*sx", length - 1, line);
        const char *value = strchr(line, '=') + 1;
        snprintf(other, sizeof other, "%.*s\n%s", (int)(value - text), text,
                 next);
        ck_assert_msg(!parse(other, &back), "no value: %.*s", length, line);
        line = next;
    }
    ck_assert_int_eq(lines, 1 + FIELDS);
}
END_TEST

START_TEST(other_texts)
{
    struct settings s = test_settings(), back;
    char text[SETTINGS_TEXT_MAX], other[2 * SETTINGS_TEXT_MAX];
    ck_assert(!parse("", &back));
    ck_assert(!parse("genesis", &back));
    settings_write(&s, text);
    snprintf(other, sizeof other, "fold_version=%d%s", FOLD_VERSION + 1,
             strchr(text, '\n'));
    ck_assert(!parse(other, &back));
    char version[32];
    snprintf(version, sizeof version, "version %d of the fold",
             FOLD_VERSION + 1);
    ck_assert_ptr_nonnull(strstr(error, version));
    snprintf(other, sizeof other, "%slearn.new=1\n", text);
    ck_assert(!parse(other, &back));
    ck_assert_ptr_nonnull(strstr(error, "learn.new=1"));
    memset(other, 'x', sizeof other);
    ck_assert(!settings_parse(other, sizeof other, &back, error));
    ck_assert(!settings_parse(other, SETTINGS_TEXT_MAX, &back, error));
    ck_assert(!settings_parse(other, SETTINGS_TEXT_MAX - 1, &back, error));
}
END_TEST

/* ---- differences --------------------------------------------------------- */

START_TEST(differences)
{
    struct settings s = test_settings(), other;
    ck_assert_ptr_null(settings_differ(&s, &s, false));
#define ONE(member, kind, option, fixed)                                       \
    other = s;                                                                 \
    other.member += 1;                                                         \
    ck_assert_str_eq(settings_differ(&s, &other, false), option);              \
    if (fixed)                                                                 \
        ck_assert_str_eq(settings_differ(&s, &other, true), option);           \
    else                                                                       \
        ck_assert_ptr_null(settings_differ(&s, &other, true));
    SETTINGS_FIELDS(ONE)
}
END_TEST

static void change(struct settings *s, int k)
{
    switch (k) {
    case 0: s->dim = 12; break;
    case 1: s->dim = 520; break;
    case 2: s->dim = 0; break;
    case 3: s->max_users = 0; break;
    case 4: s->max_items = 0; break;
    case 5: s->rating_min = 5; break;
    case 6: s->rating_max = NAN; break;
    case 7: s->factor_half = 0; break;
    case 8: s->bias_count = 0; break;
    case 9: s->replay = 257; break;
    case 10: s->history = 0; break;
    case 11: s->history = 1000000001; break;
    case 12: s->half_life_days = 0; break;
    case 13: s->max_features = 0; break;
    case 14: s->rdim = 4; break;
    case 15: s->rdim = 20; break;
    case 16: s->rdim = 520; break;
    case 17: s->rank_half = 0; break;
    case 18: s->negatives = SETTINGS_NEGATIVES_MAX + 1; break;
    case 19: s->rank_replay = SETTINGS_REPLAY_MAX + 1; break;
    case 20: s->positives = 0; break;
    case 21: s->positives = 1000000001; break;
    case 22: s->recent = LIKED_ITEMS + 1; break;
    // within the range, but not to be changed on the way:
    case 23: s->dim = 24; break;
    case 24: s->seed++; break;
    case 25: s->rating_max = 6; break;
    case 26: s->half_life_days = 31; break;
    case 27: s->rdim = 0; break;
    case 28: s->rdim = 16; break;
    // asks for more rows than there are
    case 29: s->max_users++; break;
    case 30: s->max_items++; break;
    case 31: s->max_features++; break;
    default: break;
    }
}

static void fold_stream(struct model *m, uint32_t from, uint32_t to)
{
    model_begin(m);
    for (uint32_t k = from; k < to; k++) {
        char name[2][16];
        struct event e = test_stream(k, 40, 30, name);
        model_fold(m, &e, k + 1, NULL);
    }
    model_publish(m);
}

static uint64_t hash_of_stream(struct model *m)
{
    fold_stream(m, 0, 2000);
    return model_hash(m);
}

static uint64_t hash_after(const struct settings *first,
                           const struct settings *then, bool can)
{
    struct model *m;
    ck_assert_int_eq(model_new(first, 1, &m), ERR_OK);
    ck_assert(model_set(m, then) == can);
    uint64_t hash = hash_of_stream(m);
    ck_assert_ptr_null(settings_differ(model_settings_now(m),
                                       can ? then : first, false));
    model_free(m);
    return hash;
}

START_TEST(what_cannot_be_changes_nothing)
{
    struct settings s = test_settings();
    uint64_t want = hash_after(&s, &s, true);
    for (int k = 0; k < 32; k++) {
        struct settings bad = s;
        struct model *m;
        change(&bad, k);
        bad.factor_rate *= 2; // and a change that could be made
        ck_assert_uint_eq(hash_after(&s, &bad, false), want);
        ck_assert_msg(settings_ok(&bad) == (k > 22), "change %d", k);
        if (k <= 22)
            ck_assert_int_eq(model_new(&bad, 1, &m), ERR_RANGE);
    }
}
END_TEST

START_TEST(neural_head)
{
    static const struct {
        uint32_t hidden[MLP_HIDDEN_MAX];
        float slope, rate, l2;
        bool ok;
    } cases[] = {
        {{16, 8, 0}, 0.1f, 0.01f, 0, true}, {{0, 0, 0}, 1, 0, 9, true},
        {{12, 0, 0}, 0, 0, 0, false},       {{0, 8, 0}, 0, 0, 0, false},
        {{8, 0, 0}, -0.1f, 0, 0, false},    {{8, 0, 0}, 1.1f, 0, 0, false},
        {{8, 0, 0}, 0, NAN, 0, false},      {{8, 0, 0}, 0, 101, 0, false},
        {{8, 0, 0}, 0, 0, -1, false},       {{8, 0, 0}, 0, 0, NAN, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings s = test_settings();
        s.hidden_1 = cases[i].hidden[0];
        s.hidden_2 = cases[i].hidden[1];
        s.hidden_3 = cases[i].hidden[2];
        s.hidden_slope = cases[i].slope;
        s.mlp_rate = cases[i].rate;
        s.mlp_l2 = cases[i].l2;
        ck_assert_msg(settings_ok(&s) == cases[i].ok, "%zu", i);
    }
}
END_TEST

/* A model set to others is one that was made with them. */
START_TEST(as_if_made_so)
{
    struct settings s = test_settings(), other = s, off = s;
    other.replay = 7;
    other.history = 50;
    other.factor_rate = 0.11f;
    other.max_users = 30;
    other.max_seen = 5;
    other.rank_replay = 5;
    other.positives = 40;
    other.negatives = 0;
    other.max_features = 10;
    off.replay = 0;
    off.history = 0;
    off.rank_replay = 0;
    off.positives = 0;
    const struct settings *all[] = {&s, &other, &off};
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
            struct settings room = *all[a];
            room.max_users = s.max_users; // rows for both
            room.max_features = s.max_features;
            ck_assert_uint_eq(hash_after(&room, all[b], true),
                              hash_after(all[b], all[b], true));
        }
    }
}
END_TEST

START_TEST(no_memory_changes_nothing)
{
    struct settings s = test_settings(), off = s, large[2] = {s, s};
    off.replay = off.rank_replay = 0;
    large[0].history = 1000000000;
    large[0].positives = 20;
    large[1].history = 20; // the one that it has to forget from is not the one
    large[1].positives = 1000000000; // that has no room
    uint64_t want = hash_after(&s, &s, true);
    uint64_t plain = hash_after(&off, &off, true);
    for (int i = 0; i < 4; i++) {
        struct model *m;
        struct rlimit all, little;
        large[i % 2].factor_rate *= 2;
        ck_assert_int_eq(model_new(i / 2 ? &s : &off, 1, &m), ERR_OK);
        getrlimit(RLIMIT_AS, &all);
        fold_stream(m, 0, 1000); // there is something to lose
        little = all;
        little.rlim_cur = (rlim_t)8 << 30;
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
        ck_assert(!model_set(m, &large[i % 2]));
        setrlimit(RLIMIT_AS, &all);
        fold_stream(m, 1000, 2000);
        ck_assert_uint_eq(model_hash(m), i / 2 ? want : plain);
        model_free(m);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {there_and_back, longest, a_line_too_few_or_too_many,
                            other_texts, differences,
                            what_cannot_be_changes_nothing, neural_head,
                            as_if_made_so, no_memory_changes_nothing};
    size_t n = sizeof tests / sizeof *tests - (SANITIZED ? 1 : 0);
    return suite_run("settings", tests, n);
}
