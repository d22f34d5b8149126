/* projection.h -- factors of one length as factors of another.  Pure.
 *
 * What a model of factors says of a user and an item is the product of their
 * rows, so users P (n x d) and items Q (m x d) may be turned together by any
 * matrix as long as P Q' stays.  Shorter rows are made longer with zeros,
 * which changes nothing; longer ones are cut to the k columns that keep the
 * most of P Q': its truncated singular value decomposition, the best there is
 * (Eckart and Young), found from the d x d Gram matrices of P and Q alone.
 * Where there are only users, or only items, their k principal components.
 */
#ifndef FRESHET_SERVER_CLI_PROJECTION_H
#define FRESHET_SERVER_CLI_PROJECTION_H

#include <stdbool.h>
#include <stddef.h>

#define PROJECTION_MAX 1024   /* columns */

struct matrix {
    float *at;                /* (rows, cols) row-major; NULL: there is none */
    size_t rows, cols;
};

/* Both get k columns (one of them may be none).  *kept: how much of the sum of
 * squares of P Q' is left, 0..1.  False: no memory, or more than
 * PROJECTION_MAX columns; nothing has changed. */
bool projection_fit(struct matrix *users, struct matrix *items, size_t k,
                    double *kept);

#endif
