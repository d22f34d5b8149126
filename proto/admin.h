/* admin.h -- the control plane's requests and answers: JSON <-> values.
 *
 * Any thread, pure.
 */
#ifndef FRESHET_PROTO_ADMIN_H
#define FRESHET_PROTO_ADMIN_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

/* {"to_seq":N}: undo what came after event N. */
bool admin_rollback_parse(const char *bytes, size_t n,
                          const struct proto_limits *limits, uint64_t *to_seq,
                          struct fail *f);

/* {"section.name":value,...}, one at least.  Calls set() for each; a number
 * comes as its text.  False when set() says so, having filled *f. */
typedef bool (*admin_setting)(void *arg, const char *name, const char *value,
                              struct fail *f);
bool admin_settings_parse(const char *bytes, size_t n,
                          const struct proto_limits *limits, admin_setting set,
                          void *arg, struct fail *f);

/* {"rolled_back":true,"to_seq","seq","events","effective","model_seq"} */
struct rollback_receipt {
    uint64_t to_seq, seq;
    uint64_t events;          /* that taught, and do no more */
    bool live;                /* effective now, else at the next start */
    uint64_t model_seq;
};
void admin_rolled_back(struct buf *out, const struct rollback_receipt *r);

/* {"paused":true|false,"model_seq"} */
void admin_paused(struct buf *out, bool paused, uint64_t model_seq);

/* {"settings":{"section.name":value,...},"configured":{...}[,"seq"],"model_seq"}
 * piece by piece: admin_settings_begin(), what is in force, then
 * admin_settings_configured(), those that the configuration says otherwise,
 * admin_settings_end(); seq: of the event that made them so, NULL: none. */
void admin_settings_begin(struct buf *out);
void admin_setting_word(struct buf *out, const char *name, const char *word,
                        size_t n);
void admin_setting_number(struct buf *out, const char *name, double value,
                          bool single);
void admin_settings_configured(struct buf *out);
void admin_settings_end(struct buf *out, const uint64_t *seq,
                        uint64_t model_seq);

#endif
