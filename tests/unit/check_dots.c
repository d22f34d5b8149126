/* check_dots.c -- many rows at once give the bits of each alone. */
#include "suite_run.h"

#include "asserts.h"
#include <stdlib.h>
#include <string.h>

#include "model/core/random.h"
#include "model/rank/dot.h"
#include "model/rank/dots.h"

#define ROWS 23u

START_TEST(as_dot_rows)
{
    for (uint32_t dim = 8; dim <= 512; dim += dim < 64 ? 8 : 64) {
        float *rows = aligned_alloc(64, ROWS * 512 * sizeof(float));
        float *p = aligned_alloc(64, 1024 * sizeof(float)), out[ROWS];
        ck_assert(rows && p);
        for (uint32_t i = 0; i < ROWS * dim; i++)
            rows[i] = (float)random_bell(random_u64(1, 1, dim, i)) * 1e-5f;
        for (uint32_t i = 0; i < dim + 4; i++)
            p[i] = (float)random_bell(random_u64(2, 1, dim, i)) * 1e-5f;
        for (uint32_t shift = 0; shift <= 4; shift += 4) // 16 bytes
            for (uint32_t n = 0; n <= ROWS; n++) {
                dots(p + shift, rows, dim, n, out);
                for (uint32_t i = 0; i < n; i++) {
                    float want = dot_rows(p + shift, &rows[i * dim], dim);
                    ck_assert_int_eq(memcmp(&out[i], &want, sizeof want), 0);
                }
            }
        free(rows);
        free(p);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {as_dot_rows};
    return suite_run("dots", tests, sizeof tests / sizeof *tests);
}
