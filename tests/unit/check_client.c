/* check_client.c -- the HTTP client of the commands, byte by byte. */
#include "scripted_server.h"

#include "server/cli/client.h"

static struct client *client(const char *token)
{
    char error[256];
    struct client *c = client_new(url, token, error);
    ck_assert_msg(c != NULL, "%s", error);
    client_timeout(c, 5);
    return c;
}

/* ---- calls -------------------------------------------------------------- */

START_TEST(keeps_alive)
{
    static const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, END}, {SAY, OK_HEAD "2\r\n\r\nhi"},
        {UNTIL, "{\"a\":1}"}, {SAY, "HTTP/1.1 202 Accepted\r\n"
                                    "Transfer-Encoding: chunked\r\n\r\n"
                                    "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
        {DONE, NULL}};
    struct buf in = {0}, out = {0};
    serve(script);
    struct client *c = client("secret");
    ck_assert_int_eq(client_call(c, "GET", "/x", NULL, NULL, &in), 200);
    ck_assert_int_eq((int)in.len, 2);
    ck_assert_mem_eq(in.p, "hi", 2);
    buf_puts(&out, "{\"a\":1}");
    ck_assert_int_eq(client_call(c, "POST", "/y", "application/json", &out,
                                 &in), 202);
    ck_assert_mem_eq(in.p, "abcde", 5);
    client_free(c);
    const char *all = heard();
    ck_assert_int_eq(server.accepted, 1);
    ck_assert(strncmp(all, "GET /x HTTP/1.1\r\nHost: 127.0.0.1:", 33) == 0);
    ck_assert_ptr_nonnull(strstr(all, "\r\nAuthorization: Bearer secret\r\n"));
    ck_assert_ptr_nonnull(strstr(all, "POST /y HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(all, "Content-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(all, "Content-Length: 7\r\n\r\n{\"a\":1}"));
    buf_release(&in);
    buf_release(&out);
}
END_TEST

/* Closed while it was idle: told before a request is risked on it. */
START_TEST(idle_close)
{
    static const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, END}, {SAY, OK_HEAD "0" END},
        {HANG_UP, NULL}, {ACCEPT, NULL}, {UNTIL, "body"},
        {SAY, OK_HEAD "0" END}, {DONE, NULL}};
    struct buf body = {0};
    buf_puts(&body, "body");
    serve(script);
    struct client *c = client(NULL);
    ck_assert_int_eq(client_call(c, "GET", "/", NULL, NULL, NULL), 200);
    usleep(50000);
    ck_assert_int_eq(client_call(c, "POST", "/", "t", &body, NULL), 200);
    client_free(c);
    ck_assert_ptr_null(strstr(heard(), "Authorization"));
    ck_assert_int_eq(server.accepted, 2);
    buf_release(&body);
}
END_TEST

/* Closed instead of an answer: a GET goes again, a POST may have been heard. */
START_TEST(close_without_answer)
{
    static const struct step get[] = {
        {ACCEPT, NULL}, {UNTIL, END}, {SAY, OK_HEAD "0" END}, {UNTIL, END},
        {HANG_UP, NULL}, {ACCEPT, NULL}, {UNTIL, END},
        {SAY, OK_HEAD "0" END}, {DONE, NULL}};
    static const struct step post[] = {
        {ACCEPT, NULL}, {UNTIL, END}, {SAY, OK_HEAD "0" END}, {UNTIL, "body"},
        {HANG_UP, NULL}, {DONE, NULL}};
    struct buf body = {0};
    buf_puts(&body, "body");
    serve(_i ? post : get);
    struct client *c = client(NULL);
    ck_assert_int_eq(client_call(c, "GET", "/", NULL, NULL, NULL), 200);
    if (_i) {
        ck_assert_int_eq(client_call(c, "POST", "/", "t", &body, NULL), 0);
        ck_assert_msg(strstr(client_error(c), "closed the connection"), "%s",
                      client_error(c));
    } else
        ck_assert_int_eq(client_call(c, "GET", "/", NULL, NULL, NULL), 200);
    client_free(c);
    heard();
    ck_assert_int_eq(server.accepted, _i ? 1 : 2);
    buf_release(&body);
}
END_TEST

static const struct {
    const char *answer, *error;   /* error NULL: 200 */
} answers[] = {
    {"HTTP/1.1 100 Continue\r\n\r\n" OK_HEAD "0" END, NULL},
    {OK_HEAD "0\r\nConnection: close" END, NULL},
    {"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "closed"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
     "not HTTP"},
    {"", "closed"},
};

START_TEST(odd_answers)
{
    const struct step script[] = {{ACCEPT, NULL}, {UNTIL, END},
                                  {SAY, answers[_i].answer}, {HANG_UP, NULL},
                                  {DONE, NULL}};
    serve(script);
    struct client *c = client(NULL);
    int status = client_call(c, "POST", "/", NULL, NULL, NULL);
    ck_assert_int_eq(status, answers[_i].error ? 0 : 200);
    if (answers[_i].error)
        ck_assert_msg(strstr(client_error(c), answers[_i].error), "%s",
                      client_error(c));
    client_free(c);
    heard();
}
END_TEST

START_TEST(silence)
{
    static const struct step script[] = {{ACCEPT, NULL}, {UNTIL, "never"},
                                         {DONE, NULL}};
    serve(script);
    struct client *c = client(NULL);
    client_timeout(c, 0.1);
    ck_assert_int_eq(client_call(c, "GET", "/", NULL, NULL, NULL), 0);
    ck_assert_msg(strstr(client_error(c), "gave up waiting"), "%s",
                  client_error(c));
    client_free(c);
    heard();
}
END_TEST

START_TEST(nobody_there)
{
    static const struct step script[] = {{DONE, NULL}};
    serve(script);
    heard(); // the port is free again
    struct client *c = client(NULL);
    ck_assert_int_eq(client_call(c, "GET", "/", NULL, NULL, NULL), 0);
    ck_assert_msg(strstr(client_error(c), "nobody listens there"), "%s",
                  client_error(c));
    client_free(c);
}
END_TEST

/* ---- uploads ------------------------------------------------------------ */

START_TEST(upload)
{
    static const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, "0\r\n\r\n"}, {SAY, OK_HEAD "1\r\n\r\n1"},
        {UNTIL, "0\r\n\r\n"}, {SAY, OK_HEAD "1\r\n\r\n2"}, {DONE, NULL}};
    struct buf piece = {0}, none = {0}, in = {0};
    buf_puts(&piece, "one\ntwo\n");
    serve(script);
    struct client *c = client(NULL);
    for (int i = 1; i <= 2; i++) { // on the same connection
        ck_assert(client_upload_begin(c, "/up", "text/x"));
        ck_assert(client_upload_send(c, &piece));
        ck_assert(client_upload_send(c, &none)); // not the end
        ck_assert(client_upload_send(c, &piece));
        ck_assert(!client_upload_over(c));
        ck_assert_int_eq(client_upload_end(c, &in), 200);
        ck_assert_int_eq(in.p[0], '0' + i);
    }
    client_free(c);
    ck_assert_ptr_nonnull(strstr(heard(), "Transfer-Encoding: chunked\r\n\r\n"
                                 "8\r\none\ntwo\n\r\n8\r\none\ntwo\n\r\n"
                                 "0\r\n\r\n"));
    ck_assert_int_eq(server.accepted, 1);
    buf_release(&piece);
    buf_release(&in);
}
END_TEST

/* The answer comes while there is more to send: the upload stops, though it has
 * far more than the socket takes, and the answer is read. */
START_TEST(early_answer)
{
    static const struct step script[] = {
        {ACCEPT, NULL}, {UNTIL, "first"},
        {SAY, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"},
        {UNTIL, "last"}, {DONE, NULL}};
    struct buf first = {0}, more = {0}, in = {0};
    bool ok = true;
    buf_puts(&first, "first");
    serve(script);
    for (int i = 0; i < 60000; i++)
        buf_puts(&more, "more\n");
    struct client *c = client(NULL);
    ck_assert(client_upload_begin(c, "/up", "text/x"));
    ck_assert(client_upload_send(c, &first));
    for (int i = 0; ok && i < 1000; i++)
        ok = client_upload_send(c, &more);
    ck_assert(!ok);
    ck_assert_int_eq(client_upload_end(c, &in), 503);
    ck_assert_mem_eq(in.p, "busy", 4);
    ck_assert_int_eq(client_fd(c), -1); // half a request is on it
    client_free(c);
    heard();
    buf_release(&first);
    buf_release(&more);
    buf_release(&in);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("client");
    tcase_add_test(t, keeps_alive);
    tcase_add_test(t, idle_close);
    tcase_add_loop_test(t, close_without_answer, 0, 2);
    tcase_add_loop_test(t, odd_answers, 0, 6);
    tcase_add_test(t, silence);
    tcase_add_test(t, nobody_there);
    tcase_add_test(t, upload);
    tcase_add_test(t, early_answer);
    return run(t, "client");
}
