/* check_datadir.c -- the directory of data.dir: made, locked against others,
 * and clear words when that cannot be. */
#include "store_test.h"

#include <sys/wait.h>

#include "disk_test.h"
#include "model/store/datadir.h"

static char path[64], error[DATADIR_ERROR_MAX];
static struct datadir d;

static void setup(void)
{
    disk_hook_reset();
    snprintf(path, sizeof path, "%s/freshet-datadir-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
}

static void teardown(void)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        unlinkat(fd, "log", AT_REMOVEDIR);
        unlinkat(fd, "snapshot", AT_REMOVEDIR);
        store_empty(fd);
        close(fd);
        ck_assert_int_eq(rmdir(path), 0);
    }
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

static void refused(bool offline, enum err want, const char *words)
{
    int before = open_files();
    ck_assert_int_eq(datadir_open(path, offline, &d, error), want);
    ck_assert_msg(strstr(error, words), "%s", error);
    ck_assert_msg(strncmp(error, path, strlen(path)) == 0, "%s", error);
    ck_assert(d.fd == -1 && d.log == -1 && d.snapshot == -1 && d.lock == -1);
    ck_assert_int_eq(open_files(), before);
}

START_TEST(made)
{
    setup();
    ck_assert_int_eq(rmdir(path), 0);
    for (int again = 0; again < 2; again++) {
        int before = open_files();
        ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
        ck_assert_str_eq(error, "");
        ck_assert(is_open(d.fd) && is_open(d.log) && is_open(d.snapshot) &&
                  is_open(d.lock));
        ck_assert(file_there(d.fd, "log/.") && file_there(d.fd, "snapshot/."));
        struct file f = file_read(d.fd, "LOCK");
        f.bytes[f.n] = '\0';
        ck_assert_int_eq(strtol((char *)f.bytes, NULL, 10), getpid());
        free(f.bytes);
        datadir_close(&d);
        ck_assert_int_eq(open_files(), before);
    }
    datadir_close(&d); // no more than once
    teardown();
}
END_TEST

START_TEST(missing)
{
    setup();
    ck_assert_int_eq(rmdir(path), 0);
    refused(true, ERR_IO, "cannot be read: No such file");
    ck_assert_int_ne(access(path, F_OK), 0);
    size_t n = strlen(path);
    snprintf(path + n, sizeof path - n, "/below");
    refused(false, ERR_IO, "cannot be made: No such file");
}
END_TEST

START_TEST(no_directory)
{
    setup();
    ck_assert_int_eq(rmdir(path), 0);
    file_write(AT_FDCWD, path, "x", 1);
    refused(false, ERR_IO, "Not a directory");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    file_write(fd, "log", "x", 1);
    refused(false, ERR_IO, "log/ or snapshot/");
    close(fd);
    teardown();
}
END_TEST

/* Nobody but root may do everything; root becomes somebody for this. */
static void as_nobody(void)
{
    if (geteuid() == 0)
        ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
}

/* In a process of its own, which says what was wrong. */
static int in_child(void (*run)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        run();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect(enum err got, enum err want, const char *words)
{
    if (got != want || !strstr(error, words)) {
        fprintf(stderr, "err %d: %s\n", (int)got, error);
        _exit(1);
    }
}

static void refused_to_nobody(void)
{
    as_nobody();
    expect(datadir_open(path, false, &d, error), ERR_IO,
           "cannot be written: Permission denied");
}

static void refused_to_nobody_below(void)
{
    as_nobody();
    expect(datadir_open(path, false, &d, error), ERR_IO,
           "log/ or snapshot/ in it cannot be written: Permission denied");
}

/* Looking is for everybody who can read. */
static void nobody_looks(void)
{
    as_nobody();
    expect(datadir_open(path, true, &d, error), ERR_OK, "");
    datadir_close(&d);
}

START_TEST(read_only)
{
    setup();
    ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
    ck_assert_int_eq(fchmod(d.lock, 0444), 0);
    ck_assert_int_eq(fchmod(d.log, 0555), 0);
    ck_assert_int_eq(fchmod(d.snapshot, 0555), 0);
    ck_assert_int_eq(fchmod(d.fd, 0555), 0);
    datadir_close(&d);
    ck_assert_int_eq(in_child(refused_to_nobody), 0);
    ck_assert_int_eq(in_child(nobody_looks), 0);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(fchmodat(fd, "LOCK", 0666, 0), 0);
    ck_assert_int_eq(in_child(refused_to_nobody_below), 0);
    ck_assert_int_eq(fchmod(fd, 0755), 0);
    ck_assert_int_eq(unlinkat(fd, "LOCK", 0), 0);
    ck_assert_int_eq(fchmod(fd, 0555), 0);
    ck_assert_int_eq(in_child(nobody_looks), 0);
    ck_assert_int_eq(fchmod(fd, 0755), 0);
    close(fd);
    teardown();
}
END_TEST

/* ---- the lock ---------------------------------------------------------- */

static int told[2];

/* Holds it until it is ended from outside. */
static void hold(void)
{
    char ok = datadir_open(path, false, &d, error) == ERR_OK;
    ssize_t n = write(told[1], &ok, 1);
    for (;;)
        pause();
    (void)n;
}

START_TEST(locked_by_another)
{
    char words[64], ok;
    setup();
    ck_assert_int_eq(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0)
        hold();
    ck_assert_int_eq(read(told[0], &ok, 1), 1);
    ck_assert_int_eq(ok, 1);
    snprintf(words, sizeof words, "locked by pid %ld:", (long)pid);
    refused(false, ERR_CLOSED, words);
    refused(true, ERR_CLOSED, words);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
    struct datadir mine = d;
    refused(false, ERR_CLOSED, "locked by pid"); // even by ourselves
    datadir_close(&mine);
    ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
    datadir_close(&d);
    close(told[0]);
    close(told[1]);
    teardown();
}
END_TEST

/* Whatever is in it. */
START_TEST(the_text_of_the_lock)
{
    static const char *const texts[] = {"", "garbage", "12\n34\n",
                                        "99999999999999999999999"};
    setup();
    ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
    datadir_close(&d);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int fd = open(path, O_RDONLY | O_DIRECTORY);
        file_write(fd, "LOCK", texts[i], strlen(texts[i]));
        close(fd);
        disk_hook_arm(1, 1, ENOSPC); // not even that can be written
        ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
        datadir_close(&d);
        ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
        struct file f = file_read(d.fd, "LOCK");
        f.bytes[f.n] = '\0';
        ck_assert_int_eq(strtol((char *)f.bytes, NULL, 10), getpid());
        free(f.bytes);
        datadir_close(&d);
    }
    teardown();
}
END_TEST

/* A directory that is not surely there after a power cut is not taken. */
START_TEST(cannot_be_synced)
{
    setup();
    ck_assert_int_eq(rmdir(path), 0);
    for (int i = 0; i < 2; i++) { // until it has been, each start tries
        disk_hook_arm(1, 1, EIO);
        refused(false, ERR_IO, "its parent cannot be synced: Input/output");
    }
    disk_hook_arm(3, 1, EIO); // the parent, the pid, then itself
    refused(false, ERR_IO, ": cannot be synced: Input/output error");
    disk_hook_arm(2, 1, EIO); // no parent any more
    refused(false, ERR_IO, ": cannot be synced: Input/output error");
    disk_hook_reset();
    ck_assert_int_eq(datadir_open(path, false, &d, error), ERR_OK);
    datadir_close(&d);
    teardown();
}
END_TEST

MODEL_TEST_MAIN("datadir", made, missing, no_directory, read_only,
                locked_by_another, the_text_of_the_lock, cannot_be_synced)
