/* settings.c -- see settings.h. */
#include "model/learn/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/learn/fold.h"

#define HISTORY_MAX 1000000000u
#define MLP_RATE_MAX 100.0f

void settings_hidden(const struct settings *s, uint32_t out[MLP_HIDDEN_MAX])
{
    out[0] = s->hidden_1;
    out[1] = s->hidden_2;
    out[2] = s->hidden_3;
}

static bool mlp_ok(const struct settings *s)
{
    uint32_t hidden[MLP_HIDDEN_MAX];
    settings_hidden(s, hidden);
    return mlp_hidden_ok(hidden) && s->hidden_slope >= 0 &&
           s->hidden_slope <= 1 && s->mlp_rate >= 0 &&
           s->mlp_rate <= MLP_RATE_MAX && s->mlp_l2 >= 0;
}

static bool ranking_ok(const struct settings *s)
{
    if (s->rdim == 0)
        return true;
    return s->rdim >= 8 && s->rdim <= 512 && s->rdim % 8 == 0 &&
           s->rank_replay <= SETTINGS_REPLAY_MAX && s->rank_half > 0 &&
           s->negatives <= SETTINGS_NEGATIVES_MAX &&
           s->positives <= HISTORY_MAX &&
           (s->rank_replay == 0 || s->positives > 0);
}

bool settings_ok(const struct settings *s)
{
    return mlp_ok(s) && s->dim >= 8 && s->dim <= 512 && s->dim % 8 == 0 &&
           s->max_users > 0 && s->max_items > 0 && s->max_features > 0 &&
           s->rating_min < s->rating_max &&
           s->freeze <= FREEZE_ALL && s->trust_half >= 0 &&
           s->replay <= SETTINGS_REPLAY_MAX && s->factor_half > 0 &&
           s->bias_count > 0 && s->half_life_days > 0 &&
           s->history <= HISTORY_MAX && (s->replay == 0 || s->history > 0) &&
           s->control <= 1 && s->control_min >= 0 &&
           s->control_min <= s->control_max && s->guard_ratio >= 0 &&
           s->distill >= 0 && s->distill <= 1 &&
           s->recent <= LIKED_ITEMS && ranking_ok(s);
}

/* Enough digits that reading gives back the same bits. */
#define WRITE_U64(v) "%" PRIu64, (v)
#define WRITE_U32(v) "%" PRIu32, (v)
#define WRITE_F32(v) "%.9g", (double)(v)
#define WRITE_F64(v) "%.17g", (v)

#define READ_U64(s, end) strtoull(s, end, 10)
#define READ_U32(s, end) (uint32_t)strtoul(s, end, 10)
#define READ_F32(s, end) strtof(s, end)
#define READ_F64(s, end) strtod(s, end)

#define SINGLE_U64 false
#define SINGLE_U32 false
#define SINGLE_F32 true
#define SINGLE_F64 false

#define CONFIGURED "configured."

size_t settings_write_both(const struct settings *s,
                           const struct settings *configured,
                           char text[SETTINGS_TEXT_MAX])
{
    size_t n = (size_t)snprintf(text, SETTINGS_TEXT_MAX, "fold_version=%d\n",
                                FOLD_VERSION);
#define WRITE(member, kind, option, fixed)                                     \
    n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n, "%s=", option);     \
    n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n,                     \
                          WRITE_##kind(s->member));                            \
    n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n, "\n");
    SETTINGS_FIELDS(WRITE)
#undef WRITE
#define WRITE(member, kind, option, fixed)                                     \
    if (s->member != configured->member) {                                     \
        n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n,                 \
                              CONFIGURED "%s=", option);                       \
        n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n,                 \
                              WRITE_##kind(configured->member));               \
        n += (size_t)snprintf(text + n, SETTINGS_TEXT_MAX - n, "\n");          \
    }
    SETTINGS_FIELDS(WRITE)
#undef WRITE
    return n;
}

size_t settings_write(const struct settings *s, char text[SETTINGS_TEXT_MAX])
{
    return settings_write_both(s, s, text);
}

/* The value of `name` if this line sets it. */
static const char *value_of(const char *line, const char *name)
{
    size_t n = strlen(name);
    return strncmp(line, name, n) == 0 && line[n] == '=' ? line + n + 1 : NULL;
}

enum {
#define NUMBER(member, kind, option, fixed) NUMBER_##member,
    SETTINGS_FIELDS(NUMBER)
#undef NUMBER
    NUMBERS
};
_Static_assert(NUMBERS < 64, "too many for one word of bits");

/* What has been read. */
struct reading {
    int version;
    uint64_t set, configured_set;     /* bits of fields */
    struct settings settings, configured;
};

/* Sets what `name=value` says, and the field's bit in *set.  False: it says
 * nothing we know, or once more. */
static bool take_value(const char *line, struct settings *s, uint64_t *set)
{
    const char *v;
    char *end;
#define TAKE(member, kind, option, fixed)                                      \
    if ((v = value_of(line, option))) {                                        \
        uint64_t bit = (uint64_t)1 << NUMBER_##member;                         \
        bool again = *set & bit;                                               \
        s->member = READ_##kind(v, &end);                                      \
        *set |= bit;                                                           \
        return *end == '\0' && end != v && !again;                             \
    }
    SETTINGS_FIELDS(TAKE)
#undef TAKE
    return false;
}

static bool take_line(const char *line, struct reading *r)
{
    const char *v = value_of(line, "fold_version");
    char *end;
    if (v) {
        r->version = (int)strtol(v, &end, 10);
        return *end == '\0' && end != v;
    }
    if (strncmp(line, CONFIGURED, sizeof CONFIGURED - 1) == 0)
        return take_value(line + sizeof CONFIGURED - 1, &r->configured,
                          &r->configured_set);
    return take_value(line, &r->settings, &r->set);
}

bool settings_parse_both(const char *text, size_t n, struct settings *out,
                         struct settings *configured,
                         char error[SETTINGS_ERROR_MAX])
{
    char copy[SETTINGS_TEXT_MAX], *rest = copy;
    struct reading r = {.version = 0};
    if (n >= sizeof copy) {
        snprintf(error, SETTINGS_ERROR_MAX, "the settings are too long");
        return false;
    }
    memcpy(copy, text, n);
    copy[n] = '\0';
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line || take_line(line, &r))
            continue;
        snprintf(error, SETTINGS_ERROR_MAX, "cannot read the setting %.60s",
                 line);
        return false;
    }
    bool all = r.set == ((uint64_t)1 << NUMBERS) - 1;
    if (r.version != FOLD_VERSION)
        snprintf(error, SETTINGS_ERROR_MAX, "learned by version %d of the "
                 "fold, this is version %d", r.version, FOLD_VERSION);
    else if (!all)
        snprintf(error, SETTINGS_ERROR_MAX, "%d settings where there are %d",
                 __builtin_popcountll(r.set), NUMBERS);
    *out = *configured = r.settings;
    settings_take(configured, &r.configured, r.configured_set);
    return r.version == FOLD_VERSION && all;
}

bool settings_parse(const char *text, size_t n, struct settings *out,
                    char error[SETTINGS_ERROR_MAX])
{
    struct settings configured;
    return settings_parse_both(text, n, out, &configured, error);
}

/* ---- options as bits ----------------------------------------------------- */

void settings_take(struct settings *to, const struct settings *from,
                   uint64_t fields)
{
#define COPY(member, kind, option, fixed)                                      \
    if (fields >> NUMBER_##member & 1)                                         \
        to->member = from->member;
    SETTINGS_FIELDS(COPY)
#undef COPY
}

double settings_value(const struct settings *s, uint64_t field, bool *single)
{
#define VALUE(member, kind, option, fixed)                                     \
    if (field >> NUMBER_##member & 1) {                                        \
        *single = SINGLE_##kind;                                               \
        return (double)s->member;                                              \
    }
    SETTINGS_FIELDS(VALUE)
#undef VALUE
    return 0;
}

void settings_follow(struct settings *s, const struct settings *configured,
                     const struct settings *want)
{
#define FOLLOW(member, kind, option, fixed)                                    \
    if (configured->member != want->member)                                    \
        s->member = want->member;
    SETTINGS_FIELDS(FOLLOW)
#undef FOLLOW
}

/* Is it how many rows are reserved? */
static bool is_size(const char *option)
{
    return strcmp(option, "model.max_users") == 0 ||
           strcmp(option, "model.max_items") == 0 ||
           strcmp(option, "model.max_features") == 0;
}

uint64_t settings_field(const char *option, bool *fixed)
{
    static const struct {
        const char *name;
        bool fixed;
    } fields[] = {
#define ROW(member, kind, option, fixed) {option, fixed},
        SETTINGS_FIELDS(ROW)
#undef ROW
    };
    for (size_t i = 0; i < NUMBERS; i++) {
        if (strcmp(fields[i].name, option) != 0)
            continue;
        *fixed = fields[i].fixed || is_size(option);
        return (uint64_t)1 << i;
    }
    return 0;
}

const char *settings_differ(const struct settings *a, const struct settings *b,
                            bool fixed_only)
{
#define DIFFER(member, kind, option, fixed)                                    \
    if ((fixed || !fixed_only) && a->member != b->member)                      \
        return option;
    SETTINGS_FIELDS(DIFFER)
#undef DIFFER
    return NULL;
}
