/* intake_kind.c -- see intake_kind.h. */
#include "server/api/intake_kind.h"

#include <math.h>

#include "model/core/training.h"
#include "model/learn/vector.h"
#include "model/rank/predict.h"
#include "proto/behaviours.h"
#include "proto/card_json.h"
#include "proto/ratings.h"
#include "proto/training.h"
#include "proto/vectors.h"
#include "server/api/intake_layer.h"

/* ---- ratings ------------------------------------------------------------- */

static bool add_rating(void *in, const struct rating *r, struct fail *f)
{
    struct event e = {.type = EVENT_RATING, .user = r->user, .item = r->item,
                      .value = r->value, .time_ms = r->time_ms,
                      .has_second = r->has_teacher, .second = r->teacher,
                      .event_id = r->event_id};
    if (r->unrated) {
        e.type = EVENT_TEACHER;
        e.value = r->teacher;
        e.has_second = false;
        e.second = 0;
    }
    return intake_event(in, &e, f);
}

static bool ratings_document(struct intake *in, const char *bytes, size_t n,
                             struct fail *f)
{
    return ratings_parse(bytes, n, &in->w->proto, add_rating, in, f);
}

static bool ratings_line(struct intake *in, const char *bytes, size_t n,
                         struct fail *f)
{
    return ratings_parse_line(bytes, n, &in->w->proto, add_rating, in, f);
}

const struct intake_kind intake_ratings = {
    ratings_document, ratings_line, COUNT_ratings_accepted,
    COUNT_ratings_duplicate, COUNT_ratings_rejected};

/* ---- behaviour ----------------------------------------------------------- */

static bool add_behaviour(void *in, const struct behaviour *b, struct fail *f)
{
    struct event e = {.type = EVENT_BEHAVIOUR, .user = b->user,
                      .item = b->item, .value = b->weight,
                      .time_ms = b->time_ms, .has_second = b->has_value,
                      .second = b->value, .event_id = b->event_id,
                      .payload = (const unsigned char *)b->kind.s,
                      .payload_bytes = b->kind.len};
    return intake_event(in, &e, f);
}

static struct behaviour_reader behaviour_reader(const struct intake *in)
{
    return (struct behaviour_reader){&in->w->app->rules.kinds, &in->w->proto};
}

static bool behaviours_document(struct intake *in, const char *bytes, size_t n,
                                struct fail *f)
{
    struct behaviour_reader r = behaviour_reader(in);
    return behaviours_parse(&r, bytes, n, add_behaviour, in, f);
}

static bool behaviours_line(struct intake *in, const char *bytes, size_t n,
                            struct fail *f)
{
    struct behaviour_reader r = behaviour_reader(in);
    return behaviours_parse_line(&r, bytes, n, add_behaviour, in, f);
}

const struct intake_kind intake_behaviours = {
    behaviours_document, behaviours_line, COUNT_behaviours_accepted,
    COUNT_behaviours_duplicate, COUNT_behaviours_rejected};

/* ---- of another model, and training -------------------------------------- */

/* What the worker sends for is checked against the model's shape here, so that
 * the client is told; the fold would skip it. */
static bool vector_fits(const struct intake *in, const struct vector *v,
                        struct fail *f)
{
    const struct settings *s = &in->w->settings;
    uint32_t dim = v->ranking ? s->rdim : s->dim;
    if (v->n == dim)
        return true;
    return fail_set(f, FAIL_invalid_vector, "the vector has %u numbers, the "
                    "%s head %u (model.%s_dim)", v->n,
                    v->ranking ? "ranking" : "rating", dim,
                    v->ranking ? "ranking" : "rating");
}

/* From rating units to the inner scale (learn/vector.h), into the payload. */
static void add_payload(const struct intake *in, const struct vector *v,
                        unsigned char *payload)
{
    const struct settings *s = &in->w->settings;
    float scaled[VECTOR_DIM_MAX];
    float by = v->ranking ? 1 : sqrtf(vector_scale(s));
    for (uint32_t i = 0; i < v->n; i++)
        scaled[i] = v->at[i] * by;
    vector_encode(v->ranking ? EVENT_HEAD_RANKING : EVENT_HEAD_RATING, scaled,
                  v->n, payload);
}

static bool add_vector(void *arg, const struct vector *v, struct fail *f)
{
    struct intake *in = arg;
    const struct settings *s = &in->w->settings;
    unsigned char payload[VECTOR_BYTES(VECTOR_DIM_MAX)];
    struct event e = {.type = EVENT_VECTOR, .user = v->user, .item = v->item,
                      .time_ms = TIME_UNSET, .has_second = v->count > 0,
                      .second = (float)v->count};
    if (v->is_layer)
        return intake_layer(in, v, f);
    if (!v->user.len && !v->item.len) {
        e.value = predict_to_inner(s, v->bias);
        return intake_event(in, &e, f);
    }
    if (!vector_fits(in, v, f))
        return false;
    add_payload(in, v, payload);
    e.value = v->ranking ? v->bias : v->bias * vector_scale(s);
    e.payload = payload;
    e.payload_bytes = VECTOR_BYTES(v->n);
    return intake_event(in, &e, f);
}

static bool vectors_document(struct intake *in, const char *bytes, size_t n,
                             struct fail *f)
{
    return vectors_parse(bytes, n, &in->w->proto, add_vector, in, f);
}

static bool vectors_line(struct intake *in, const char *bytes, size_t n,
                         struct fail *f)
{
    return vectors_parse_line(bytes, n, &in->w->proto, add_vector, in, f);
}

static bool train_document(struct intake *in, const char *bytes, size_t n,
                           struct fail *f)
{
    struct training t = training_default(TRAINING_EPOCHS);
    unsigned char payload[TRAINING_BYTES];
    struct event e = {.type = EVENT_TRAIN, .time_ms = TIME_UNSET,
                      .payload = payload, .payload_bytes = sizeof payload};
    if (!training_parse(bytes, n, &in->w->proto, &t, f))
        return false;
    if (in->w->settings.replay == 0)
        return fail_set(f, FAIL_invalid_training, "there is no history to "
                        "train on: learn.replay is 0");
    training_encode(&t, payload);
    return intake_event(in, &e, f);
}

const struct intake_kind intake_vectors = {
    vectors_document, vectors_line, COUNT_vectors_accepted,
    COUNT_vectors_accepted, COUNT_vectors_rejected};
const struct intake_kind intake_train = {
    train_document, NULL, COUNT_trainings_accepted, COUNT_trainings_accepted,
    COUNT_trainings_rejected};

/* ---- metadata ------------------------------------------------------------ */

static bool add_item(void *in, struct id id, const unsigned char *card,
                     size_t n, struct fail *f)
{
    struct event e = {.type = EVENT_ITEM_PUT, .item = id,
                      .time_ms = TIME_UNSET, .payload = card,
                      .payload_bytes = (uint32_t)n};
    return intake_event(in, &e, f);
}

static bool add_user(void *in, struct id id, const unsigned char *card,
                     size_t n, struct fail *f)
{
    struct event e = {.type = EVENT_USER_PUT, .user = id,
                      .time_ms = TIME_UNSET, .payload = card,
                      .payload_bytes = (uint32_t)n};
    return intake_event(in, &e, f);
}

static struct card_reader card_reader(const struct intake *in,
                                      enum card_owner owner)
{
    return (struct card_reader){owner, in->w->cards, &in->w->proto};
}

static bool cards_document(struct intake *in, enum card_owner owner,
                           const char *bytes, size_t n, struct fail *f)
{
    struct card_reader r = card_reader(in, owner);
    card_sink add = owner == CARD_OF_ITEM ? add_item : add_user;
    return in->path.len
               ? card_json_parse_put(&r, in->path, bytes, n, add, in, f)
               : card_json_parse(&r, bytes, n, add, in, f);
}

static bool items_document(struct intake *in, const char *bytes, size_t n,
                           struct fail *f)
{
    return cards_document(in, CARD_OF_ITEM, bytes, n, f);
}

static bool items_line(struct intake *in, const char *bytes, size_t n,
                       struct fail *f)
{
    struct card_reader r = card_reader(in, CARD_OF_ITEM);
    return card_json_parse_line(&r, bytes, n, add_item, in, f);
}

static bool users_document(struct intake *in, const char *bytes, size_t n,
                           struct fail *f)
{
    return cards_document(in, CARD_OF_USER, bytes, n, f);
}

static bool users_line(struct intake *in, const char *bytes, size_t n,
                       struct fail *f)
{
    struct card_reader r = card_reader(in, CARD_OF_USER);
    return card_json_parse_line(&r, bytes, n, add_user, in, f);
}

/* There is no body.  An item that is not known is not known afterwards. */
static bool item_delete(struct intake *in, const char *bytes, size_t n,
                        struct fail *f)
{
    struct event e = {.type = EVENT_ITEM_DELETE, .item = in->path,
                      .time_ms = TIME_UNSET};
    (void)bytes;
    (void)n;
    return intake_event(in, &e, f);
}

/* Metadata has no event_id, so that none is a duplicate. */
const struct intake_kind intake_items = {
    items_document, items_line, COUNT_metadata_accepted,
    COUNT_metadata_accepted, COUNT_metadata_rejected};
const struct intake_kind intake_users = {
    users_document, users_line, COUNT_metadata_accepted,
    COUNT_metadata_accepted, COUNT_metadata_rejected};
const struct intake_kind intake_item_delete = {
    item_delete, NULL, COUNT_metadata_accepted, COUNT_metadata_accepted,
    COUNT_metadata_rejected};
