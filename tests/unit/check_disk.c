/* check_disk.c -- the seam to the disk: short writes, interruptions, errors. */
#include "store_test.h"

#include "disk_test.h"
#include "model/store/disk.h"

static unsigned char bytes[100000], back[100000];

static int file_of(size_t n)
{
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    disk_hook_reset();
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 251);
    ck_assert_int_eq(disk_write(fd, bytes, n, 0), ERR_OK);
    disk_hook.writes = 0;
    return fd;
}

static void holds(int fd, size_t n)
{
    ck_assert_int_eq(pread(fd, back, sizeof back, 0), (ssize_t)n);
    ck_assert_mem_eq(back, bytes, n);
}

START_TEST(short_writes)
{
    static const size_t most[] = {1, 7, 4096, 0};
    for (size_t i = 0; i < 4; i++) {
        int fd = file_of(0);
        struct disk_stats before, after;
        disk_stats(&before);
        disk_hook.at_most = most[i];
        ck_assert_int_eq(disk_write(fd, bytes, 9999, 0), ERR_OK);
        holds(fd, 9999);
        disk_stats(&after);
        ck_assert_uint_eq(after.written - before.written, 9999);
        ck_assert_uint_eq(disk_hook.writes,
                          most[i] ? (9999 + most[i] - 1) / most[i] : 1);
        close(fd);
    }
}
END_TEST

/* More pieces than one call may have, some of them empty, all cut anywhere. */
START_TEST(pieces)
{
    static struct iovec iov[3000];
    for (size_t most = 0; most < 40; most += 13) {
        size_t at = 0;
        for (size_t i = 0; i < 3000; i++) {
            iov[i] = (struct iovec){bytes + at, i % 4 ? i % 23 : 0};
            at += iov[i].iov_len;
        }
        int fd = file_of(0);
        disk_hook.at_most = most;
        ck_assert_int_eq(disk_write_pieces(fd, iov, 3000, 0), ERR_OK);
        holds(fd, at);
        close(fd);
    }
    int fd = file_of(0);
    ck_assert_int_eq(disk_write_pieces(fd, iov, 0, 0), ERR_OK);
    ck_assert_int_eq(disk_write(fd, bytes, 0, 0), ERR_OK);
    ck_assert_uint_eq(disk_hook.writes, 0);
    close(fd);
}
END_TEST

static const struct {
    int error;
    enum err err;
} errors[] = {{ENOSPC, ERR_NOSPACE}, {EDQUOT, ERR_NOSPACE}, {EIO, ERR_IO},
              {EROFS, ERR_IO}, {EBADF, ERR_IO}, {EFBIG, ERR_IO}};

/* One of the seven. */
static enum err call(int k, int fd, int dirfd)
{
    switch (k) {
    case 0:
        return disk_write(fd, bytes, 10, 0);
    case 1:
        return disk_sync(fd);
    case 2:
        return disk_sync_dir(dirfd);
    case 3:
        return disk_rename(dirfd, "there", "here");
    case 4:
        return disk_unlink(dirfd, "there");
    case 5:
        return disk_truncate(fd, 10);
    default:
        return disk_allocate(fd, 0, 100);
    }
}

START_TEST(what_fails_says_why)
{
    struct store s;
    store_init(&s);
    int fd = file_of(100);
    for (int k = 0; k < 7; k++) {
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
            disk_hook_arm(1, 1, errors[i].error);
            ck_assert_msg(call(k, fd, s.dir) == errors[i].err, "%d %s", k,
                          strerror(errors[i].error));
            ck_assert_int_eq(errno, errors[i].error);
        }
        disk_hook_reset();
        file_write(s.dir, "there", "x", 1);
        ck_assert_int_eq(call(k, fd, s.dir), ERR_OK);
    }
    ck_assert_int_eq(disk_unlink(s.dir, "nowhere"), ERR_OK);
    close(fd);
    store_release(&s);
}
END_TEST

START_TEST(interrupted)
{
    int fd = file_of(0);
    disk_hook.at_most = 100;
    disk_hook_arm(3, 5, EINTR);
    ck_assert_int_eq(disk_write(fd, bytes, 1000, 0), ERR_OK);
    holds(fd, 1000);
    disk_hook_arm(1, 3, EINTR);
    ck_assert_int_eq(disk_allocate(fd, 0, 2000), ERR_OK);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 2000);
    close(fd);
}
END_TEST

/* A part was written; the rest is not tried again and again. */
START_TEST(full_half_way)
{
    int fd = file_of(0);
    disk_hook.at_most = 100;
    disk_hook_arm(4, UINT_MAX, ENOSPC);
    ck_assert_int_eq(disk_write(fd, bytes, 1000, 0), ERR_NOSPACE);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_uint_eq(disk_hook.writes, 4);
    holds(fd, 300);
    close(fd);
}
END_TEST

/* Where the file system does not know fallocate(). */
START_TEST(allocated_the_other_way)
{
    int fd = file_of(10);
    disk_hook.no_fallocate = true;
    ck_assert_int_eq(disk_allocate(fd, 0, 5000), ERR_OK);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 5000);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        disk_hook_arm(2, 1, errors[i].error);
        ck_assert_int_eq(disk_allocate(fd, 0, 9000), errors[i].err);
        ck_assert_int_eq(errno, errors[i].error);
    }
    close(fd);
}
END_TEST

START_TEST(reads)
{
    int fd = file_of(1000);
    size_t got;
    ck_assert_int_eq(disk_read(fd, back, 1000, 0), ERR_OK);
    ck_assert_mem_eq(back, bytes, 1000);
    ck_assert_int_eq(disk_read(fd, back, 1000, 1), ERR_RANGE);
    ck_assert_int_eq(disk_read(fd, back, 0, 5000), ERR_OK);
    ck_assert_int_eq(disk_read_some(fd, back, 600, 700, &got), ERR_OK);
    ck_assert_uint_eq(got, 300);
    ck_assert_mem_eq(back, bytes + 700, 300);
    ck_assert_int_eq(disk_read_some(fd, back, 600, 1000, &got), ERR_OK);
    ck_assert_uint_eq(got, 0);
    close(fd);
    ck_assert_int_eq(disk_read(fd, back, 10, 0), ERR_IO);
    ck_assert_int_eq(disk_read_some(fd, back, 10, 0, &got), ERR_IO);
}
END_TEST

MODEL_TEST_MAIN("disk", short_writes, pieces, what_fails_says_why, interrupted,
                full_half_way, allocated_the_other_way, reads)
