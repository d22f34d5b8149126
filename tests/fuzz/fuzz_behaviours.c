/* fuzz_behaviours.c -- an accepted event of behaviour is what an event of the log
 * may be; rules of any text are taken or refused with a reason. */
#include "tests/fuzz/fuzz.h"

#include <math.h>

#include "model/store/event.h"
#include "proto/behaviours.h"
#include "proto/card_features.h"

static struct behaviour_kinds kinds;

static bool check(void *arg, const struct behaviour *b, struct fail *f)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct event e = {.type = EVENT_BEHAVIOUR, .user = b->user,
                      .item = b->item, .value = b->weight,
                      .time_ms = b->time_ms, .has_second = b->has_value,
                      .second = b->value, .event_id = b->event_id,
                      .payload = (const unsigned char *)b->kind.s,
                      .payload_bytes = b->kind.len}, back;
    (void)f;
    *(bool *)arg = true;
    fuzz_check_id(b->user);
    fuzz_check_id(b->item);
    if (b->event_id.len)
        fuzz_check_id(b->event_id);
    MUST(isfinite(b->weight) && isfinite(b->value));
    MUST(fabsf(b->weight) <= BEHAVIOUR_WEIGHT_MAX);
    size_t size = event_encode(&e, frame);
    MUST(event_decode(frame, frame + size, &back) == frame + size);
    MUST(event_same(&e, &back));
    return true;
}

static void try_rules(const char *s, size_t size)
{
    static struct behaviour_kinds any;
    static struct card_rules rules;
    char text[1024], why[BEHAVIOUR_ERROR_MAX], error[CARD_RULES_ERROR_MAX];
    if (size >= sizeof text)
        return;
    memcpy(text, s, size);
    text[size] = '\0';
    MUST(behaviour_kinds_set(&any, text, why) || fuzz_is_line(why));
    MUST(card_rules_set(&rules, text, 1, 1, error) || fuzz_is_line(error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct behaviour_reader r = {&kinds, &fuzz_limits};
    const char *s = (const char *)data;
    char why[BEHAVIOUR_ERROR_MAX];
    struct fail f;
    bool filled = false;
    if (kinds.n == 0)
        MUST(behaviour_kinds_set(&kinds, "view:1,no:-1,watch:2:30", why));
    try_rules(s, size);
    if (!behaviours_parse(&r, s, size, check, &filled, &f))
        fuzz_check_fail(&f);
    else
        MUST(filled);
    filled = false;
    if (!behaviours_parse_line(&r, s, size, check, &filled, &f))
        fuzz_check_fail(&f);
    else
        MUST(filled);
    return 0;
}
