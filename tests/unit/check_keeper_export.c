/* check_keeper_export.c -- everything that is held about a person, in pages,
 * and nothing of anybody else. */
#include "keeper_test.h"

#include "model/core/ids.h"
#include "model/learn/history.h"

#define PERSON "person-of-the-test"

static struct house x;

static void populate(bool in_memory)
{
    house_init(&x, in_memory);
    x.h.want.history = 5000; // nothing is pushed out
    x.h.want.rdim = 8;
    x.h.want.rank_init = 0.1f;
    x.h.want.rank_rate = 0.05f;
    x.h.want.rank_half = 1e9f;
    x.h.want.rank_replay = 1;
    x.h.want.positives = 5000;
    x.h.want.positive_from = -1e9f;
    house_open(&x);
    house_start(&x);
    for (int i = 0; i < 3; i++) {
        house_rate(&x, 700);
        house_rate_as(&x, PERSON, NULL, 5); // the same five each time
        house_rate_as(&x, PERSON "2", NULL, 3);
        house_rate_as(&x, "person", PERSON, 1);
    }
}

/* The seqs of theirs: 701.., 1410.., 2119.. */
static uint64_t seq_of(uint32_t k)
{
    return 701 + 709 * (uint64_t)(k / 5) + k % 5;
}

/* The page has events k, k + 1, ... of them; returns how many. */
static uint32_t is_page(const struct job *job, uint32_t k)
{
    const unsigned char *p = job->frames, *end = p + job->frames_bytes;
    uint32_t n = 0;
    for (; p < end; n++) {
        struct event e;
        char item[8];
        ck_assert_uint_eq(get_u64(p), seq_of(k + n));
        ck_assert(event_check(p + 8, get_u64(p)));
        p = event_decode(p + 8, end, &e);
        ck_assert_ptr_nonnull(p);
        snprintf(item, sizeof item, "i%u", (k + n) % 5);
        struct event want = test_event(PERSON, item, 4, 1700000000000);
        ck_assert(event_same(&e, &want));
    }
    return n;
}

static void is_history(const struct history_copy *h)
{
    const struct ids *users = live_user_ids(model_live(x.h.m));
    const struct ids *items = live_item_ids(model_live(x.h.m));
    bool there[5] = {false};
    ck_assert_uint_eq(h->n, 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct history_entry *e = &h->entry[i];
        struct id user = ids_name(users, e->user);
        struct id item = ids_name(items, e->item);
        ck_assert_uint_eq(user.len, sizeof PERSON - 1);
        ck_assert_mem_eq(user.s, PERSON, user.len);
        ck_assert(item.len == 2 && item.s[0] == 'i');
        uint32_t k = (uint32_t)(item.s[1] - '0');
        ck_assert(k < 5 && !there[k]);
        there[k] = true;
        ck_assert_uint_eq(e->seq, seq_of(10 + k)); // the newest counts
    }
}

START_TEST(in_pages)
{
    static const uint32_t sizes[] = {1, 2, 4, 5, 14, 15, 16, 1000};
    populate(false);
    for (int killed = 0; killed < 2; killed++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint64_t from = killed ? 0 : 1;
            uint32_t k = 0;
            do {
                struct job *job = house_job(JOB_EXPORT, PERSON, "");
                job->from_seq = from;
                job->max_events = sizes[i];
                house_ask(&x, job);
                ck_assert_int_eq(job->err, ERR_OK);
                uint32_t n = is_page(job, k);
                k += n;
                from = job->next_seq;
                ck_assert_uint_eq(from, k < 15 ? seq_of(k) : 0);
                ck_assert(n == sizes[i] || from == 0);
                is_history(&job->history);
                is_history(&job->positives);
                job_free(job);
            } while (from);
            ck_assert_uint_eq(k, 15);
        }
        house_again(&x, true);
    }
    house_release(&x);
}
END_TEST

START_TEST(of_whom)
{
    static const char *const nobody[] = {"person-of-the-tes", "", "nobody",
                                         PERSON "3", "i1"};
    populate(false);
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        struct job *job = house_ask(&x, house_job(JOB_EXPORT, nobody[i], ""));
        ck_assert_int_eq(job->err, ERR_OK);
        ck_assert_uint_eq(job->frames_bytes + job->history.n + job->next_seq, 0);
        job_free(job);
    }
    struct job *job = house_job(JOB_EXPORT, PERSON, ""); // behind the end
    job->from_seq = 100000;
    house_ask(&x, job);
    ck_assert_int_eq(job->err, ERR_OK);
    ck_assert_uint_eq(job->frames_bytes, 0);
    job_free(job);
    (void)house_do(&x, JOB_RETRACT, PERSON, "i2");
    job = house_ask(&x, house_job(JOB_EXPORT, PERSON, ""));
    ck_assert_uint_eq(job->history.n, 4);
    ck_assert_uint_eq(job->frames_bytes % 12, 0); // 12 frames of one size
    job_free(job);
    (void)house_do(&x, JOB_ERASE, PERSON, "");
    job = house_ask(&x, house_job(JOB_EXPORT, PERSON, ""));
    ck_assert_uint_eq(job->frames_bytes + job->history.n, 0);
    job_free(job);
    house_release(&x);
}
END_TEST

/* What was acknowledged before it was asked for is in it. */
START_TEST(up_to_date)
{
    house_init(&x, false);
    house_open(&x);
    house_start(&x);
    for (uint32_t n = 1; n < 150; n++) {
        house_rate_as(&x, PERSON, "i1", 1);
        house_rate(&x, n % 30);
        struct job *job = house_ask(&x, house_job(JOB_EXPORT, PERSON, ""));
        size_t each = 8 + (EVENT_HEAD_BYTES + sizeof PERSON + 8) / 8 * 8;
        ck_assert_uint_eq(job->frames_bytes, n * each);
        ck_assert_uint_eq(job->history.n, 1);
        job_free(job);
    }
    house_release(&x);
}
END_TEST

START_TEST(without_a_log)
{
    populate(true);
    struct job *job = house_ask(&x, house_job(JOB_EXPORT, PERSON, ""));
    ck_assert_int_eq(job->err, ERR_OK);
    ck_assert_uint_eq(job->frames_bytes + job->next_seq, 0);
    is_history(&job->history);
    is_history(&job->positives);
    job_free(job);
    house_release(&x);
}
END_TEST

MODEL_TEST_MAIN("keeper_export", in_pages, of_whom, up_to_date, without_a_log)
