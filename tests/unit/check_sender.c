/* check_sender.c -- ratings on their way: receipts, errors, connections. */
#include "scripted_server.h"

#include "proto/setup.h"
#include "server/cli/sender.h"

static struct rating rating(const char *user)
{
    return (struct rating){.user = {user, (uint32_t)strlen(user)},
                           .item = {"i", 1}, .value = 3,
                           .time_ms = TIME_UNSET};
}

/* An answer with this JSON; lives as long as the test. */
static const char *answer(const char *status, const char *json)
{
    static char out[2][512];
    static int n;
    char *at = out[n++ % 2];
    snprintf(at, sizeof out[0], "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s",
             status, strlen(json), json);
    return at;
}

#define RECEIPT(accepted, duplicates, rejected, seq)                           \
    "{\"accepted\":" #accepted ",\"duplicates\":" #duplicates ","              \
    "\"rejected\":" #rejected ",\"errors\":[],\"seq\":" #seq "}"

START_TEST(sender_receipts)
{
    const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, "0\r\n\r\n"},
        {SAY, answer("202 Accepted", RECEIPT(2, 5, 1, 42))}, {DONE, NULL}};
    char error[256];
    struct rating r = rating("u");
    proto_setup();
    serve(script);
    struct sender *s = sender_new("test", url, NULL, 1, error);
    ck_assert_int_eq(sender_due_ms(s), -1);
    for (int i = 0; i < 3; i++)
        ck_assert(sender_put(s, &r));
    ck_assert_uint_eq(sender_sums(s)->sent, 0); // collected
    ck_assert(sender_flush(s) && sender_tick(s));
    ck_assert_uint_eq(sender_sums(s)->sent, 3);
    ck_assert_int_gt(sender_due_ms(s), 0);
    ck_assert_int_ge(sender_fd(s), 0);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    ck_assert_int_eq(sender_finish(s), 0);
    ck_assert_uint_eq(sender_sums(s)->accepted, 2);
    ck_assert_uint_eq(sender_sums(s)->duplicates, 5);
    ck_assert_uint_eq(sender_sums(s)->rejected, 1);
    ck_assert_uint_eq(sender_sums(s)->seq, 42);
    sender_free(s);
    ck_assert_ptr_nonnull(strstr(heard(), "POST /v1/ratings HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(server.heard, "application/x-ndjson\r\n"));
}
END_TEST

/* The daemon shuts down in the middle: what it accepted is known. */
START_TEST(sender_cut)
{
    static const char body[] =
        "{\"error\":{\"code\":\"shutting_down\",\"message\":\"m\"},"
        "\"receipt\":" RECEIPT(7, 0, 0, 9) "}";
    char error[256];
    const struct step script[] = {{ACCEPT, NULL}, {UNTIL, "}\n"},
                                  {SAY, answer("503 x", body)},
                                  {UNTIL, "never"}, {DONE, NULL}};
    struct rating r = rating("u");
    proto_setup();
    serve(script);
    struct sender *s = sender_new("test", url, NULL, 1, error);
    ck_assert(sender_put(s, &r) && sender_flush(s));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    for (int i = 0; i < 500 && sender_tick(s); i++)
        usleep(10000);
    ck_assert(!sender_put(s, &r));
    ck_assert_int_eq(sender_finish(s), 69);
    ck_assert_uint_eq(sender_sums(s)->accepted, 7);
    ck_assert_uint_eq(sender_sums(s)->seq, 9);
    sender_free(s);
    heard();
}
END_TEST

/* A stream of which no line is right is answered with the first one's error,
 * without a receipt: counted, and not the end of all. */
START_TEST(sender_nothing_right)
{
    static const char *const statuses[] = {"400 x", "409 x"};
    const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, "0\r\n\r\n"},
        {SAY, answer(statuses[_i], "{\"error\":{\"code\":\"x\","
                                   "\"message\":\"m\"}}")}, {DONE, NULL}};
    char error[256];
    struct rating r = rating("u");
    proto_setup();
    serve(script);
    struct sender *s = sender_new("test", url, NULL, 1, error);
    ck_assert(sender_put(s, &r) && sender_put(s, &r));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    ck_assert_int_eq(sender_finish(s), 0);
    ck_assert_uint_eq(sender_sums(s)->rejected, 2);
    ck_assert_uint_eq(sender_sums(s)->accepted, 0);
    sender_free(s);
    heard();
}
END_TEST

/* Each user's ratings take one connection, and all connections are used. */
START_TEST(sender_splits_by_user)
{
    const char *nothing = answer("202 Accepted", RECEIPT(0, 0, 0, 0));
    const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, "0\r\n\r\n"}, {SAY, nothing},
        {ACCEPT, NULL}, {UNTIL, "0\r\n\r\n"}, {SAY, nothing}, {DONE, NULL}};
    char error[256], user[24];
    proto_setup();
    serve(script);
    struct sender *s = sender_new("test", url, NULL, 2, error);
    ck_assert_int_eq(sender_fd(s), -1);
    for (int i = 0; i < 300; i++) {
        snprintf(user, sizeof user, "user-%d", i % 30);
        struct rating r = rating(user);
        ck_assert(sender_put(s, &r));
    }
    ck_assert_int_eq(sender_finish(s), 0);
    sender_free(s);
    const char *first = heard(), *second = strstr(first + 1, "POST ");
    ck_assert_ptr_nonnull(second);
    int on_first = 0;
    for (int i = 0; i < 30; i++) {
        snprintf(user, sizeof user, "\"user-%d\"", i);
        int before = 0, behind = 0;
        for (const char *p = strstr(first, user); p; p = strstr(p + 1, user))
            p < second ? before++ : behind++;
        ck_assert_int_eq(before + behind, 10);
        ck_assert(before == 0 || behind == 0);
        on_first += before > 0;
    }
    ck_assert_int_gt(on_first, 5);
    ck_assert_int_lt(on_first, 25);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("sender");
    tcase_add_test(t, sender_receipts);
    tcase_add_test(t, sender_cut);
    tcase_add_loop_test(t, sender_nothing_right, 0, 2);
    tcase_add_test(t, sender_splits_by_user);
    return run(t, "sender");
}
