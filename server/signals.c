/* signals.c -- see signals.h. */
#include "server/signals.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    int fd;
    sigset_t before;
};

struct signals *signals_new(void)
{
    sigset_t set;
    struct signals *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, &s->before);
    signal(SIGPIPE, SIG_IGN);
    s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (s->fd < 0) {
        pthread_sigmask(SIG_SETMASK, &s->before, NULL);
        free(s);
        return NULL;
    }
    return s;
}

static void on_die(int sig)
{
    (void)sig;
    _exit(1);
}

void signals_die(struct signals *s)
{
    struct sigaction act = {.sa_handler = on_die};
    sigset_t set = s->before;
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigdelset(&set, SIGTERM);
    sigdelset(&set, SIGINT);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
}

void signals_free(struct signals *s)
{
    if (!s)
        return;
    close(s->fd);
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
    free(s);
}

int signals_wait(struct signals *s, int timeout_ms, int fd)
{
    struct pollfd p[2] = {{.fd = s->fd, .events = POLLIN},
                          {.fd = fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    uint64_t count;
    if (poll(p, 2, timeout_ms) <= 0)
        return 0;
    if (p[1].revents & POLLIN) {
        ssize_t ignored = read(fd, &count, sizeof count);
        (void)ignored;
    }
    if (p[0].revents & POLLIN && read(s->fd, &info, sizeof info) ==
                                     (ssize_t)sizeof info)
        return (int)info.ssi_signo;
    return 0;
}
