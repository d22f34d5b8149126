/* redo.c -- see redo.h. */
#include "model/store/redo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/disk.h"

#define NAME       "redo"
#define TEMP       "redo.tmp"
#define HEAD_BYTES 40
#define PLACE_BYTES 32

static const char magic[8] = "FRESREDO";

bool redo_add(struct redo *r, const struct redo_place *p)
{
    if (r->n == r->cap) {
        uint64_t cap = r->cap ? 2 * r->cap : 64;
        struct redo_place *more = realloc(r->place, cap * sizeof *more);
        if (!more)
            return false;
        r->place = more;
        r->cap = cap;
    }
    r->place[r->n++] = *p;
    return true;
}

void redo_release(struct redo *r)
{
    free(r->place);
    memset(r, 0, sizeof *r);
}

uint64_t redo_known_from(const struct redo *r, uint64_t first)
{
    uint64_t place = r->n ? r->place[0].seq : r->birth;
    return r->birth < first && r->birth < place ? r->birth : place;
}

/* ---- the file ------------------------------------------------------------ */

static size_t file_bytes(const struct redo *r)
{
    return HEAD_BYTES + sizeof r->frame + r->n * PLACE_BYTES;
}

static void encode(const struct redo *r, unsigned char *p)
{
    memcpy(p, magic, sizeof magic);
    put_u32(p + 8, 1);
    put_u64(p + 16, r->birth);
    put_u64(p + 24, r->n);
    put_u32(p + 32, r->frame_bytes);
    memcpy(p + HEAD_BYTES, r->frame, r->frame_bytes);
    unsigned char *at = p + HEAD_BYTES + sizeof r->frame;
    for (uint64_t i = 0; i < r->n; i++, at += PLACE_BYTES) {
        put_u64(at, r->place[i].segment);
        put_u64(at + 8, r->place[i].offset);
        put_u64(at + 16, r->place[i].seq);
        put_u64(at + 24, r->place[i].bytes);
    }
    put_u32(p + 12, crc32c(0, p, file_bytes(r)));
}

enum err redo_write(int datafd, const struct redo *r)
{
    size_t n = file_bytes(r);
    unsigned char *bytes = calloc(1, n);
    int fd = bytes ? openat(datafd, TEMP,
                            O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640) : -1;
    enum err err = !bytes ? ERR_NOMEM : fd >= 0 ? ERR_OK
                   : errno == ENOSPC            ? ERR_NOSPACE : ERR_IO;
    if (err == ERR_OK) {
        encode(r, bytes);
        err = disk_write(fd, bytes, n, 0);
    }
    if (err == ERR_OK)
        err = disk_sync(fd);
    if (err == ERR_OK)
        err = disk_rename(datafd, TEMP, NAME);
    bool named = err == ERR_OK;
    if (err == ERR_OK)
        err = disk_sync_dir(datafd);
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (err != ERR_OK && disk_unlink(datafd, named ? NAME : TEMP) != ERR_OK)
        saved = errno;
    free(bytes);
    errno = saved;
    return err;
}

static bool decode(struct redo *r, unsigned char *p, size_t n)
{
    uint32_t crc = get_u32(p + 12);
    put_u32(p + 12, 0);
    if (memcmp(p, magic, sizeof magic) != 0 || get_u32(p + 8) != 1 ||
        crc != crc32c(0, p, n))
        return false;
    uint64_t places = get_u64(p + 24);
    r->birth = get_u64(p + 16);
    r->frame_bytes = get_u32(p + 32);
    if (r->frame_bytes > sizeof r->frame || places > n / PLACE_BYTES ||
        n != HEAD_BYTES + sizeof r->frame + places * PLACE_BYTES)
        return false;
    memcpy(r->frame, p + HEAD_BYTES, r->frame_bytes);
    const unsigned char *at = p + HEAD_BYTES + sizeof r->frame;
    for (uint64_t i = 0; i < places; i++, at += PLACE_BYTES) {
        struct redo_place place = {get_u64(at), get_u64(at + 8),
                                   get_u64(at + 16), get_u64(at + 24)};
        if (place.bytes < EVENT_HEAD_BYTES || place.bytes > EVENT_BYTES_MAX ||
            place.bytes % 8 || !redo_add(r, &place))
            return false;
    }
    return true;
}

enum err redo_look(int datafd, struct redo *r)
{
    struct stat st;
    memset(r, 0, sizeof *r);
    int fd = openat(datafd, NAME, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_OK : ERR_IO;
    enum err err = fstat(fd, &st) == 0 ? ERR_OK : ERR_IO;
    if (err == ERR_OK && st.st_size < (off_t)(HEAD_BYTES + sizeof r->frame))
        err = ERR_CORRUPT;
    unsigned char *bytes = err == ERR_OK ? malloc((size_t)st.st_size) : NULL;
    if (err == ERR_OK && !bytes)
        err = ERR_NOMEM;
    if (err == ERR_OK)
        err = disk_read(fd, bytes, (size_t)st.st_size, 0);
    if (err == ERR_OK && !decode(r, bytes, (size_t)st.st_size))
        err = ERR_CORRUPT;
    if (err != ERR_OK)
        redo_release(r);
    free(bytes);
    close(fd);
    return err;
}

enum err redo_read(int datafd, struct redo *r, bool *there)
{
    enum err err = redo_look(datafd, r);
    *there = err == ERR_OK && (r->n || r->frame_bytes);
    if (err != ERR_OK)
        return err;
    return disk_unlink(datafd, TEMP); // what was not renamed has not happened
}

enum err redo_remove(int datafd)
{
    enum err err = disk_unlink(datafd, NAME);
    return err == ERR_OK ? disk_sync_dir(datafd) : err;
}

/* ---- doing it ------------------------------------------------------------ */

/* Every place was on the disk before the file was written: a segment that ends
 * before it is another than it was. */
static enum err void_one(int fd, const struct redo_place *p,
                         unsigned char *buf)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ERR_IO;
    if (p->offset > (uint64_t)st.st_size ||
        p->bytes > (uint64_t)st.st_size - p->offset)
        return ERR_CORRUPT;
    event_void(buf, p->bytes, p->seq);
    return disk_write(fd, buf, p->bytes, (off_t)p->offset);
}

/* The places of one segment lie together, for they come in order of seq. */
enum err redo_apply(int logfd, const struct redo *r)
{
    unsigned char *buf = malloc(EVENT_BYTES_MAX);
    enum err err = buf ? ERR_OK : ERR_NOMEM;
    for (uint64_t i = 0; i < r->n && err == ERR_OK;) {
        uint64_t segment = r->place[i].segment;
        char name[SEGMENT_NAME_BYTES];
        segment_name(segment, name);
        int fd = openat(logfd, name, O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno != ENOENT)
            err = ERR_IO;
        for (; i < r->n && r->place[i].segment == segment && err == ERR_OK;
             i++) {
            if (fd >= 0)
                err = void_one(fd, &r->place[i], buf);
            if (i == r->n / 2 && !DISK_POINT("erase.half_voided"))
                err = ERR_IO;
        }
        if (fd >= 0 && err == ERR_OK)
            err = disk_sync(fd);
        if (fd >= 0)
            close(fd);
    }
    free(buf);
    return err;
}
