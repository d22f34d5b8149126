/* step_table.c -- see step_table.h. */
#include "model/learn/step_table.h"

#include <math.h>

/* sqrtf is exact to the last bit by IEEE 754 on every machine; pow is not. */
struct step_sizes step_table_compute(const struct settings *s, uint32_t n)
{
    struct step_sizes out;
    float grown = 1.0f + (float)n / s->factor_half;
    float least = 1.0f / ((float)n + s->bias_count);
    out.factor = s->factor_rate / sqrtf(sqrtf(grown));
    out.bias = least > s->bias_rate ? least : s->bias_rate;
    return out;
}

void step_table_init(struct step_table *t, const struct settings *s)
{
    t->s = s;
    for (uint32_t n = 0; n < STEP_TABLE_N; n++)
        t->at[n] = step_table_compute(s, n);
}
