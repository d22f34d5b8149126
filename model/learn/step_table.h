/* step_table.h -- step sizes that shrink with what a row has learned.
 *
 *   factor(n) = factor_rate / (1 + n / factor_half)^(1/4)   two square roots
 *   bias(n)   = max(bias_rate, 1 / (n + bias_count))
 *
 * Both are computed with the same operations whether n is in the table or
 * beyond it, so the table is only a cache.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_STEP_TABLE_H
#define FRESHET_MODEL_LEARN_STEP_TABLE_H

#include "model/learn/settings.h"

#define STEP_TABLE_N 4096

struct step_sizes {
    float factor;
    float bias;
};

struct step_table {
    const struct settings *s;           /* borrowed */
    struct step_sizes at[STEP_TABLE_N];
};

void step_table_init(struct step_table *t, const struct settings *s);
struct step_sizes step_table_compute(const struct settings *s, uint32_t n);

static inline struct step_sizes step_table_get(const struct step_table *t,
                                               uint32_t n)
{
    return n < STEP_TABLE_N ? t->at[n] : step_table_compute(t->s, n);
}

#endif
