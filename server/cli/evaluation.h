/* evaluation.h -- test-then-train over a set of ratings: the work and the
 * report.  For server/cli/evaluate*.c. */
#ifndef FRESHET_SERVER_CLI_EVALUATION_H
#define FRESHET_SERVER_CLI_EVALUATION_H

#include "config/config.h"
#include "model/core/training.h"
#include "model/learn/quality_sums.h"
#include "model/model.h"
#include "server/cli/card_set.h"
#include "server/cli/item_names.h"
#include "server/cli/ratings_set.h"

struct evaluation {
    const struct config *cfg;
    struct settings settings;
    const char *file, *items;    /* items: NULL without --items */
    const char *users;           /* NULL without --users */
    const char *holdout;         /* NULL without --holdout */
    const char *curve;           /* NULL without --curve */
    uint32_t rank_every;         /* 1: the catalogue is ranked at each event */
    bool by_time;
    bool trains;                 /* epochs over all of it at the end: */
    struct training training;
    struct ratings_set ratings;  /* in the order in which they are learned */
    struct ratings_set held;     /* of the holdout, never learned */
    struct item_names names;
    struct card_set cards;       /* of items and users, learned first */
    struct model *model;
    /* what came out */
    struct error_sums all, last_half;
    struct error_sums unseen;    /* the holdout, by the model at the end */
    uint64_t unseen_cold;        /* of them: user or item is not known */
    struct quality_sums sums;    /* what the model reports of itself */
    struct quality_ranks found;  /* the holdout's items, by the model at the
                                    end */
    uint64_t skipped;            /* the fold could not take them */
    double seconds;              /* of folding and publishing, without the
                                    ranking of samples */
    double train_seconds;        /* of the epochs */
    uint64_t hash;
};

/* RMSE and MAE of sums; NAN when there are none. */
double evaluation_rmse(const struct error_sums *s);
double evaluation_mae(const struct error_sums *s);

/* Looks for the holdout's items among what their users have not seen. */
void evaluation_rank_holdout(struct evaluation *e);

/* To standard output.  Main thread. */
void evaluation_print_report(const struct evaluation *e);
void evaluation_print_json(const struct evaluation *e);

#endif
