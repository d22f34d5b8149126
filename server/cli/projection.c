/* projection.c -- see projection.h. */
#include "server/cli/projection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS 60       /* of Jacobi rotations at most; eight are usual */
#define TINY   1e-12    /* a part of the largest that is taken for 0 */

/* ---- symmetric matrices (d x d) in binary64 ------------------------------ */

/* M' M of the rows, or the identity where there are none. */
static void gram(const struct matrix *m, size_t d, double *out)
{
    memset(out, 0, d * d * sizeof *out);
    for (size_t i = 0; i < d && !m->at; i++)
        out[i * d + i] = 1;
    for (size_t r = 0; r < m->rows && m->at; r++) {
        const float *row = &m->at[r * d];
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                out[i * d + j] += (double)row[i] * (double)row[j];
    }
}

/* Rows and columns p and q of a are turned so that a[p][q] becomes 0; the rows
 * of v with them. */
static void rotate(double *a, double *v, size_t d, size_t p, size_t q)
{
    double apq = a[p * d + q];
    double theta = (a[q * d + q] - a[p * d + p]) / (2 * apq);
    double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t i = 0; i < d; i++) {
        double x = a[i * d + p], y = a[i * d + q];
        a[i * d + p] = c * x - s * y;
        a[i * d + q] = s * x + c * y;
    }
    for (size_t i = 0; i < d; i++) {
        double x = a[p * d + i], y = a[q * d + i];
        a[p * d + i] = c * x - s * y;
        a[q * d + i] = s * x + c * y;
        x = v[p * d + i];
        y = v[q * d + i];
        v[p * d + i] = c * x - s * y;
        v[q * d + i] = s * x + c * y;
    }
}

/* a becomes diagonal: its eigenvalues, largest first; row i of v is the i-th
 * eigenvector.  The method of Jacobi (1846). */
static void eigen(double *a, double *v, size_t d)
{
    double all = 0;
    memset(v, 0, d * d * sizeof *v);
    for (size_t i = 0; i < d; i++)
        v[i * d + i] = 1;
    for (size_t i = 0; i < d * d; i++)
        all += a[i] * a[i];
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0;
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++)
                off += a[p * d + q] * a[p * d + q];
        if (off <= all * 1e-26)
            break;
        for (size_t p = 0; p < d; p++)
            for (size_t q = p + 1; q < d; q++)
                if (a[p * d + q] != 0)
                    rotate(a, v, d, p, q);
    }
    for (size_t i = 0; i < d; i++) { // by selection: few
        size_t most = i;
        for (size_t j = i + 1; j < d; j++)
            if (a[j * d + j] > a[most * d + most])
                most = j;
        double x = a[i * d + i];
        a[i * d + i] = a[most * d + most];
        a[most * d + most] = x;
        for (size_t j = 0; j < d && most != i; j++) {
            x = v[i * d + j];
            v[i * d + j] = v[most * d + j];
            v[most * d + j] = x;
        }
    }
}

/* ---- the two maps -------------------------------------------------------- */

struct work {
    size_t d, k;
    bool alone;        /* there are no users: the items are only turned */
    double *p, *a;     /* P'P = A' D A: D on the diagonal of p, A's rows in a */
    double *q, *b;     /* S Q'Q S' = B' E B, where S = sqrt(D) A */
    double *t;         /* scratch */
    double *to_user, *to_item;   /* (k, d) */
};

static double root(double x)
{
    return x > 0 ? sqrt(x) : 0;
}

/* t = S g, then q = t S' for the Gram matrix g of the items, which is in q. */
static void turn_items(struct work *w)
{
    size_t d = w->d;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0;
            for (size_t l = 0; l < d; l++)
                sum += w->a[i * d + l] * w->q[l * d + j];
            w->t[i * d + j] = root(w->p[i * d + i]) * sum;
        }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0;
            for (size_t l = 0; l < d; l++)
                sum += w->t[i * d + l] * w->a[j * d + l];
            w->q[i * d + j] = sum * root(w->p[j * d + j]);
        }
}

/* P Q' = (P S^-1) (S Q'), where P S^-1 has orthonormal columns; so its k
 * greatest singular directions are the first k rows of B, with the roots of E
 * as values, the root of each for the users and for the items. */
static void make_maps(struct work *w)
{
    size_t d = w->d;
    double least = w->p[0] * TINY;
    for (size_t i = 0; i < w->k; i++) {
        double value = w->alone ? 1 : root(root(w->q[i * d + i]));
        for (size_t j = 0; j < d; j++) {
            double user = 0, item = 0;
            for (size_t l = 0; l < d; l++) {
                double s = root(w->p[l * d + l]), turn = w->a[l * d + j];
                item += w->b[i * d + l] * s * turn;
                if (w->p[l * d + l] > least)
                    user += w->b[i * d + l] / s * turn;
            }
            w->to_user[i * d + j] = user * value;
            w->to_item[i * d + j] = value > 0 ? item / value : 0;
        }
    }
}

static bool work_init(struct work *w, size_t d, size_t k)
{
    size_t n = d * d;
    *w = (struct work){.d = d, .k = k};
    w->p = calloc(5 * n + 2 * k * d + 1, sizeof *w->p);
    w->a = w->p + n;
    w->q = w->a + n;
    w->b = w->q + n;
    w->t = w->b + n;
    w->to_user = w->t + n;
    w->to_item = w->to_user + k * d;
    return w->p != NULL;
}

/* ---- matrices ------------------------------------------------------------ */

static float *longer(const struct matrix *m, size_t k)
{
    float *out = calloc(m->rows * k + 1, sizeof *out);
    for (size_t r = 0; out && r < m->rows; r++)
        memcpy(&out[r * k], &m->at[r * m->cols], m->cols * sizeof *out);
    return out;
}

static float *mapped(const struct matrix *m, const double *map, size_t k)
{
    float *out = calloc(m->rows * k + 1, sizeof *out);
    for (size_t r = 0; out && r < m->rows; r++) {
        const float *row = &m->at[r * m->cols];
        for (size_t i = 0; i < k; i++) {
            double sum = 0;
            for (size_t j = 0; j < m->cols; j++)
                sum += map[i * m->cols + j] * (double)row[j];
            out[r * k + i] = (float)sum;
        }
    }
    return out;
}

static void set(struct matrix *m, float *at, size_t k)
{
    free(m->at);
    m->at = at;
    m->cols = at ? k : m->cols;
}

/* New rows of both, or of neither. */
static bool replace(struct matrix *users, struct matrix *items,
                    const struct work *w, size_t k)
{
    float *u = NULL, *i = NULL;
    if (users->at)
        u = w ? mapped(users, w->to_user, k) : longer(users, k);
    if (items->at)
        i = w ? mapped(items, w->to_item, k) : longer(items, k);
    if ((users->at && !u) || (items->at && !i)) {
        free(u);
        free(i);
        return false;
    }
    set(users, u, k);
    set(items, i, k);
    return true;
}

/* items are there; users may not be. */
static bool fit(struct matrix *users, struct matrix *items, size_t k,
                double *kept)
{
    size_t d = items->cols;
    struct work w;
    *kept = 1;
    if (d <= k)
        return d == k || replace(users, items, NULL, k);
    if (d > PROJECTION_MAX || !work_init(&w, d, k))
        return false;
    w.alone = !users->at;
    gram(users, d, w.p);
    gram(items, d, w.q);
    eigen(w.p, w.a, d);
    turn_items(&w);
    eigen(w.q, w.b, d);
    make_maps(&w);
    double all = 0, part = 0;
    for (size_t i = 0; i < d; i++) {
        all += w.q[i * d + i];
        part += i < k ? w.q[i * d + i] : 0;
    }
    *kept = all > 0 ? part / all : 1;
    bool ok = replace(users, items, &w, k);
    free(w.p);
    return ok;
}

bool projection_fit(struct matrix *users, struct matrix *items, size_t k,
                    double *kept)
{
    *kept = 1;
    if (items->at)
        return fit(users, items, k, kept);
    return !users->at || fit(items, users, k, kept);
}
