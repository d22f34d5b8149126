/* training.c -- see training.h. */
#include "proto/training.h"

#include <math.h>

#include "proto/document.h"
#include "proto/fields.h"

enum { EPOCHS, FACTOR_RATE, BIAS_RATE, FEATURE_RATE, FACTOR_L2, BIAS_L2, DECAY,
       INIT, FRESH, NFIELDS };
static const struct field names[NFIELDS] = {
    [EPOCHS] = FIELD("epochs"),
    [FACTOR_RATE] = FIELD("factor_rate"),
    [BIAS_RATE] = FIELD("bias_rate"),
    [FEATURE_RATE] = FIELD("feature_rate"),
    [FACTOR_L2] = FIELD("factor_l2"),
    [BIAS_L2] = FIELD("bias_l2"),
    [DECAY] = FIELD("decay"),
    [INIT] = FIELD("init"),
    [FRESH] = FIELD("fresh")};

/* The numbers, by name: where each goes. */
static void places(struct training *t, float *at[NFIELDS])
{
    at[FACTOR_RATE] = &t->factor_rate;
    at[BIAS_RATE] = &t->bias_rate;
    at[FEATURE_RATE] = &t->feature_rate;
    at[FACTOR_L2] = &t->factor_l2;
    at[BIAS_L2] = &t->bias_l2;
    at[DECAY] = &t->decay;
    at[INIT] = &t->init;
}

static bool take_epochs(const json_t *v, uint32_t *out, struct fail *f)
{
    if (!v)
        return true;
    if (!json_is_integer(v) || json_integer_value(v) < 1 ||
        json_integer_value(v) > (json_int_t)TRAINING_EPOCHS_MAX)
        return fail_set(f, FAIL_invalid_training, "epochs must be a whole "
                        "number in 1..%u", TRAINING_EPOCHS_MAX);
    *out = (uint32_t)json_integer_value(v);
    return true;
}

static bool take_rates(const json_t *const at[NFIELDS], struct training *t,
                       struct fail *f)
{
    float *place[NFIELDS];
    places(t, place);
    for (int i = FACTOR_RATE; i <= INIT; i++) {
        if (!at[i])
            continue;
        if (!json_is_number(at[i]))
            return fail_set(f, FAIL_invalid_type, "%s must be a number, not %s",
                            names[i].name, document_type(at[i]));
        *place[i] = (float)json_number_value(at[i]);
        if (!training_ok(t))
            return fail_set(f, FAIL_invalid_training, "%s must be %s",
                            names[i].name, i == DECAY ? "above 0, at most 1"
                                                      : "in 0..10");
    }
    return true;
}

static bool take(const json_t *root, struct training *t, struct fail *f)
{
    const json_t *at[NFIELDS];
    if (!fields_take(root, "the body", names, NFIELDS, at, f) ||
        !take_epochs(at[EPOCHS], &t->epochs, f) || !take_rates(at, t, f))
        return false;
    if (at[FRESH] && !json_is_boolean(at[FRESH]))
        return fail_set(f, FAIL_invalid_type, "fresh must be true or false, "
                        "not %s", document_type(at[FRESH]));
    if (at[FRESH])
        t->fresh = json_is_true(at[FRESH]);
    return true;
}

bool training_parse(const char *bytes, size_t n,
                    const struct proto_limits *limits, struct training *t,
                    struct fail *f)
{
    const json_t *root = document_parse(bytes, n, limits, f);
    bool ok = root && take(root, t, f);
    document_reset();
    return ok;
}

void training_write(struct buf *out, const struct training *t)
{
    struct training copy = *t;
    float *place[NFIELDS];
    places(&copy, place);
    buf_puts(out, "{\"epochs\":");
    buf_uint(out, t->epochs);
    for (int i = FACTOR_RATE; i <= INIT; i++) {
        buf_printf(out, ",\"%s\":", names[i].name);
        buf_float(out, *place[i]);
    }
    buf_printf(out, ",\"fresh\":%s}", t->fresh ? "true" : "false");
}
