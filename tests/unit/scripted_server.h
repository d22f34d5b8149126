/* scripted_server.h -- a server on loopback that does what a list says, for the
 * tests of the client: it waits for bytes, says bytes, hangs up. */
#ifndef FRESHET_TESTS_UNIT_SCRIPTED_SERVER_H
#define FRESHET_TESTS_UNIT_SCRIPTED_SERVER_H

#include <arpa/inet.h>
#include "asserts.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: "
#define END     "\r\n\r\n"

struct step {
    enum { DONE, ACCEPT, UNTIL, SAY, HANG_UP } what;
    const char *text;        /* UNTIL: read up to this; SAY: write it */
};

static struct {
    const struct step *script;
    int listener;
    pthread_t thread;
    char heard[1 << 20];     /* all that was read */
    size_t nheard;
    int accepted;
} server;

static char url[64];

/* Reads byte by byte: nothing behind the text is taken. */
static void hear_until(int fd, const char *text)
{
    size_t n = strlen(text), from = server.nheard;
    while (server.nheard + 1 < sizeof server.heard &&
           (server.nheard < from + n ||
            memcmp(server.heard + server.nheard - n, text, n) != 0)) {
        if (read(fd, server.heard + server.nheard, 1) != 1)
            break; // the test will miss what was not heard
        server.nheard++;
    }
}

static void *server_main(void *arg)
{
    int fd = -1;
    (void)arg;
    for (const struct step *s = server.script; s->what != DONE; s++) {
        if (s->what == ACCEPT) {
            fd = accept(server.listener, NULL, NULL);
            server.accepted++;
        } else if (s->what == UNTIL) {
            hear_until(fd, s->text);
        } else if (s->what == SAY) {
            send(fd, s->text, strlen(s->text), MSG_NOSIGNAL);
        } else {
            close(fd);
            fd = -1;
        }
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void serve(const struct step *script)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    server.script = script;
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&a, size), 0);
    ck_assert_int_eq(listen(server.listener, 8), 0);
    getsockname(server.listener, (struct sockaddr *)&a, &size);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(a.sin_port));
    ck_assert_int_eq(pthread_create(&server.thread, NULL, server_main, NULL),
                     0);
}

static const char *heard(void)
{
    pthread_join(server.thread, NULL);
    close(server.listener);
    server.heard[server.nheard] = '\0';
    return server.heard;
}

static int run(TCase *t, const char *name)
{
    Suite *s = suite_create(name);
    tcase_set_timeout(t, 20);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

#endif
