/* check_projection.c -- factors of another length say the same, or the best
 * that as few can. */
#include "asserts.h"
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/random.h"
#include "server/cli/projection.h"
#include "suite_run.h"

/* Numbers around 0 that are the same everywhere. */
static float number(uint64_t key, uint64_t i)
{
    return (float)random_below(random_u64(5, RANDOM_REPLAY, key, i), 2001) /
               1000.0f - 1.0f;
}

static struct matrix make(size_t rows, size_t cols, uint64_t key)
{
    struct matrix m = {.rows = rows, .cols = cols};
    m.at = malloc(rows * cols * sizeof *m.at);
    ck_assert_ptr_nonnull(m.at);
    for (size_t i = 0; i < rows * cols; i++)
        m.at[i] = number(key, i);
    return m;
}

static struct matrix copy(const struct matrix *m)
{
    struct matrix out = make(m->rows, m->cols, 0);
    memcpy(out.at, m->at, m->rows * m->cols * sizeof *m->at);
    return out;
}

static double product(const struct matrix *p, size_t i, const struct matrix *q,
                      size_t j)
{
    double sum = 0;
    for (size_t d = 0; d < p->cols; d++)
        sum += (double)p->at[i * p->cols + d] * (double)q->at[j * q->cols + d];
    return sum;
}

/* Sum of squares of P Q' - R S', and of P Q'. */
static double apart(const struct matrix *p, const struct matrix *q,
                    const struct matrix *r, const struct matrix *s, double *all)
{
    double sum = 0;
    *all = 0;
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < q->rows; j++) {
            double x = product(p, i, q, j);
            double e = x - (r ? product(r, i, s, j) : 0);
            sum += e * e;
            *all += x * x;
        }
    return sum;
}

START_TEST(longer_rows_say_the_same)
{
    struct matrix p = make(5, 3, 1), q = make(4, 3, 2);
    struct matrix r = copy(&p), s = copy(&q);
    double kept, all;
    ck_assert(projection_fit(&r, &s, 8, &kept));
    ck_assert(r.cols == 8 && s.cols == 8 && kept == 1);
    ck_assert(apart(&p, &q, &r, &s, &all) == 0);
    ck_assert(r.at[3] == 0 && r.at[7] == 0);
    ck_assert(projection_fit(&r, &s, 8, &kept));
    ck_assert(r.cols == 8 && kept == 1);
    free(p.at), free(q.at), free(r.at), free(s.at);
}
END_TEST

/* Of rank 4 in 12 columns: 4 columns are enough. */
START_TEST(a_low_rank_is_kept_whole)
{
    struct matrix p = make(40, 12, 1), q = make(30, 12, 2);
    for (size_t i = 0; i < 40; i++)       // columns 4.. follow from the others
        for (size_t d = 4; d < 12; d++)
            p.at[i * 12 + d] = p.at[i * 12 + d % 4] * (float)d * 0.25f -
                               p.at[i * 12 + (d + 1) % 4];
    struct matrix r = copy(&p), s = copy(&q);
    double kept, all, lost;
    ck_assert(projection_fit(&r, &s, 4, &kept));
    ck_assert(r.rows == 40 && s.rows == 30 && r.cols == 4 && s.cols == 4);
    lost = apart(&p, &q, &r, &s, &all);
    ck_assert_msg(lost < 1e-9 * all, "%g of %g", lost, all);
    ck_assert(kept > 1 - 1e-9);
    free(p.at), free(q.at), free(r.at), free(s.at);
}
END_TEST

/* No other rows of as many columns are nearer: neither are the principal
 * components of the items alone, nor is any step aside.  And what is said to be
 * kept is kept. */
START_TEST(the_best_there_is)
{
    struct matrix p = make(50, 10, 3), q = make(40, 10, 4);
    for (size_t i = 0; i < 50; i++)       // users heed some columns little
        for (size_t d = 0; d < 10; d++)
            p.at[i * 10 + d] *= 1.0f / (float)(1 + d * d);
    struct matrix r = copy(&p), s = copy(&q), none = {.at = NULL};
    struct matrix alone = copy(&q);
    double kept, all, x;
    ck_assert(projection_fit(&r, &s, 3, &kept));
    double lost = apart(&p, &q, &r, &s, &all);
    ck_assert_msg(fabs(lost / all - (1 - kept)) < 1e-6, "%g %g", lost / all,
                  1 - kept);
    for (size_t i = 0; i < 3 * 50; i++) {
        for (int sign = -1; sign < 2; sign += 2) {
            float was = r.at[i];
            r.at[i] += (float)sign * 0.01f;
            ck_assert(apart(&p, &q, &r, &s, &x) > lost);
            r.at[i] = was;
        }
    }
    // users and items are of one size
    double a = 0, b = 0;
    for (size_t i = 0; i < 3 * 50; i++)
        a += (double)(r.at[i] * r.at[i]);
    for (size_t i = 0; i < 3 * 40; i++)
        b += (double)(s.at[i] * s.at[i]);
    ck_assert_msg(fabs(a / b - 1) < 1e-4, "%g %g", a, b);
    // the items alone are turned: no longer than they were
    ck_assert(projection_fit(&none, &alone, 3, &kept));
    ck_assert(alone.cols == 3 && kept < 1 && !none.at);
    double before = 0, after = 0;
    for (size_t i = 0; i < 10 * 40; i++)
        before += (double)(q.at[i] * q.at[i]);
    for (size_t i = 0; i < 3 * 40; i++)
        after += (double)(alone.at[i] * alone.at[i]);
    ck_assert_msg(fabs(after / before - kept) < 1e-6, "%g %g", after / before,
                  kept);
    free(p.at), free(q.at), free(r.at), free(s.at), free(alone.at);
}
END_TEST

START_TEST(nothing_to_say_and_too_much)
{
    struct matrix p = make(3, 16, 1), q = make(3, 16, 2), none = {.at = NULL};
    double kept;
    memset(p.at, 0, 3 * 16 * sizeof *p.at);
    ck_assert(projection_fit(&p, &q, 8, &kept));
    for (size_t i = 0; i < 3 * 8; i++)
        ck_assert(p.at[i] == 0 && isfinite(q.at[i]));
    ck_assert(projection_fit(&none, &none, 8, &kept));
    struct matrix wide = make(1, PROJECTION_MAX + 1, 1);
    ck_assert(!projection_fit(&wide, &none, 8, &kept));
    ck_assert_uint_eq(wide.cols, PROJECTION_MAX + 1);
    free(p.at), free(q.at), free(wide.at);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {longer_rows_say_the_same, a_low_rank_is_kept_whole,
                            the_best_there_is, nothing_to_say_and_too_much};
    return suite_run("projection", tests, sizeof tests / sizeof *tests);
}
