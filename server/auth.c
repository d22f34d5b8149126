/* auth.c -- see auth.h.
 *
 * DESIGN  A rwlock: requests compare under the read lock, SIGHUP replaces the
 * token under the write lock.  Tokens are compared by XOR over a fixed length,
 * so that time says nothing about how much of a guess was right.
 */
#include "server/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_GOOD 16
#define TOKEN_MAX 512

struct auth {
    pthread_rwlock_t lock;
    char token[TOKEN_MAX];      /* guarded by lock; zero-padded */
    size_t len;                 /* guarded by lock; 0: no token */
    char from_env[TOKEN_MAX];   /* main thread; "" if none */
};

struct auth *auth_new(void)
{
    struct auth *a = calloc(1, sizeof *a);
    if (a)
        pthread_rwlock_init(&a->lock, NULL);
    return a;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    pthread_rwlock_destroy(&a->lock);
    explicit_bzero(a, sizeof *a);
    free(a);
}

static bool read_file(const char *path, char token[TOKEN_MAX], char error[256])
{
    bool ok = false;
    ssize_t n = -1;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        snprintf(error, 256, "auth.token_file %s: %s", path, strerror(errno));
        goto out;
    }
    // Secrets that an orchestrator mounts are often 0444: a warning, not an end.
    if (st.st_mode & S_IROTH)
        snprintf(error, 256, "auth.token_file %s is readable by everybody on "
                 "this machine", path);
    n = read(fd, token, TOKEN_MAX - 1);
    if (n < 0) {
        snprintf(error, 256, "auth.token_file %s: %s", path, strerror(errno));
        goto out;
    }
    token[n] = '\0';
    token[strcspn(token, "\r\n")] = '\0';
    ok = true;
out:
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool token_ok(const char *token, char error[256])
{
    size_t n = strlen(token);
    for (size_t i = 0; i < n; i++) {
        if (token[i] <= ' ' || token[i] > '~') {
            snprintf(error, 256, "the token has a blank or a character that "
                     "is not ASCII");
            return false;
        }
    }
    if (n == 0) {
        snprintf(error, 256, "the token is empty");
        return false;
    }
    if (n < TOKEN_GOOD)
        snprintf(error, 256, "the token is shorter than %d characters; "
                 "`openssl rand -hex 16` makes a good one", TOKEN_GOOD);
    return true;
}

bool auth_load(struct auth *a, const char *token_file, char error[256])
{
    char token[TOKEN_MAX] = "";
    error[0] = '\0';
    const char *env = getenv("FRESHET_AUTH_TOKEN");
    if (env && *env) {
        if (strlen(env) >= TOKEN_MAX) {
            snprintf(error, 256, "FRESHET_AUTH_TOKEN is longer than %d "
                     "characters", TOKEN_MAX - 1);
            return false;
        }
        memcpy(a->from_env, env, strlen(env) + 1);
        unsetenv("FRESHET_AUTH_TOKEN");
    }
    if (a->from_env[0])
        memcpy(token, a->from_env, sizeof token);
    else if (token_file[0] && !read_file(token_file, token, error))
        return false;
    if ((a->from_env[0] || token_file[0]) && !token_ok(token, error))
        return false;
    pthread_rwlock_wrlock(&a->lock);
    memcpy(a->token, token, sizeof a->token);
    a->len = strlen(token);
    pthread_rwlock_unlock(&a->lock);
    explicit_bzero(token, sizeof token);
    return true;
}

bool auth_required(struct auth *a)
{
    pthread_rwlock_rdlock(&a->lock);
    bool required = a->len > 0;
    pthread_rwlock_unlock(&a->lock);
    return required;
}

bool auth_allows(struct auth *a, enum scope scope, const char *value, size_t n)
{
    static const char bearer[] = "Bearer ";
    size_t head = sizeof bearer - 1;
    char given[TOKEN_MAX];
    if (scope == SCOPE_OPEN || !auth_required(a))
        return true;
    memset(given, 0, sizeof given);
    if (value && n > head && n - head < TOKEN_MAX &&
        strncasecmp(value, bearer, head) == 0)
        memcpy(given, value + head, n - head);
    pthread_rwlock_rdlock(&a->lock);
    unsigned char differ = 0;
    for (size_t i = 0; i < TOKEN_MAX; i++)
        differ |= (unsigned char)(given[i] ^ a->token[i]);
    bool allowed = a->len == 0 || differ == 0; // len: a reload may drop it
    pthread_rwlock_unlock(&a->lock);
    return allowed;
}
