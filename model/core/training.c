/* training.c -- see training.h. */
#include "model/core/training.h"

#include "model/core/bytes.h"

#define RATE_MAX 10.0f
#define FRESH    1u    /* flag of the payload */

/* What a rating is moved by in all epochs together stays the same, however many
 * they are: so more of them are finer, and neither under- nor overfit. */
#define TOTAL_RATE  1.6f    /* of factors: the first rate * epochs, */
#define RATE_MOST   0.12f   /* ... which does not go above this */
#define SLOWING     2.9f    /* decay^epochs is about exp(-2.9) */
#define DECAY_LEAST 0.2f
#define BIAS_PART   0.27f   /* of the factors' rate */

struct training training_default(uint32_t epochs)
{
    float n = (float)epochs;
    float rate = TOTAL_RATE / n < RATE_MOST ? TOTAL_RATE / n : RATE_MOST;
    float decay = 1 - SLOWING / n;
    return (struct training){.epochs = epochs,
                             .factor_rate = rate,
                             .bias_rate = BIAS_PART * rate,
                             .feature_rate = 0.2f,
                             .factor_l2 = 0.09f,
                             .bias_l2 = 0.0085f,
                             .decay = decay > DECAY_LEAST ? decay
                                                          : DECAY_LEAST,
                             .init = 0.06f,
                             .fresh = true};
}

static bool in_range(float v)
{
    return v >= 0 && v <= RATE_MAX; // false for NaN
}

bool training_ok(const struct training *t)
{
    return t->epochs >= 1 && t->epochs <= TRAINING_EPOCHS_MAX &&
           in_range(t->factor_rate) && in_range(t->bias_rate) &&
           in_range(t->feature_rate) && in_range(t->factor_l2) &&
           in_range(t->bias_l2) && in_range(t->init) && t->decay > 0 &&
           t->decay <= 1;
}

void training_encode(const struct training *t, unsigned char payload[TRAINING_BYTES])
{
    put_u32(payload, t->epochs);
    put_f32(payload + 4, t->factor_rate);
    put_f32(payload + 8, t->bias_rate);
    put_f32(payload + 12, t->feature_rate);
    put_f32(payload + 16, t->factor_l2);
    put_f32(payload + 20, t->bias_l2);
    put_f32(payload + 24, t->decay);
    put_f32(payload + 28, t->init);
    put_u32(payload + 32, t->fresh ? FRESH : 0);
}

bool training_decode(const unsigned char *payload, size_t n, struct training *t)
{
    if (n != TRAINING_BYTES || get_u32(payload + 32) > FRESH)
        return false;
    *t = (struct training){.epochs = get_u32(payload),
                        .factor_rate = get_f32(payload + 4),
                        .bias_rate = get_f32(payload + 8),
                        .feature_rate = get_f32(payload + 12),
                        .factor_l2 = get_f32(payload + 16),
                        .bias_l2 = get_f32(payload + 20),
                        .decay = get_f32(payload + 24),
                        .init = get_f32(payload + 28),
                        .fresh = get_u32(payload + 32) == FRESH};
    return training_ok(t);
}
