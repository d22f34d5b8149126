/* answer.h -- the client's side: members of the daemon's answers. */
#ifndef FRESHET_PROTO_ANSWER_H
#define FRESHET_PROTO_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the commands look at in receipts, predictions, stats and errors; what is
 * not there is 0, NAN or "". */
struct answer {
    uint64_t accepted, duplicates, rejected, seq, model_seq;
    uint64_t users, items, events;
    double rating, rmse, rmse_recent, mae, visible_p50, visible_p99;
    double rating_min, rating_max;
    uint64_t rating_dim, ranking_dim;
    char model_hash[24];
    char version[64];
    char error_code[32];
    char error_message[256];
    char first_error[256];     /* message of a receipt's first rejection */
};

/* Any thread.  False: not a JSON object. */
bool answer_parse(const char *bytes, size_t n, struct answer *out);

#endif
