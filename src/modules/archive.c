/* Module archive: an image layer unpacked with libarchive. The process has chrooted into the target
 * directory first, so that whatever an entry or a link in it says, nothing outside can be named. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

int bw_archive_module_unpack(int file, struct bw_err *err);

/* Why an entry is refused, or NULL. ".." is refused although it could not lead out: an archive
 * that tries is not to be trusted with the rest. */
static const char *refusal(const char *path)
{
    if (!path || !*path)
        return "it has no name";
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
            return "its path has ..";
    }
    return NULL;
}

/* OCI: .wh.NAME removes NAME of the layers below. */
static bool whiteout(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strncmp(name, ".wh.", 4) != 0)
        return false;
    BW_AUTO_STR victim = BW_STR_INIT;
    bw_str_addn(&victim, path, (size_t)(name - path));
    bw_str_add(&victim, name + 4);
    if (strcmp(name, ".wh..wh..opq") != 0 && strchr(name + 4, '/') == NULL && name[4])
        unlink(victim.s);
    return true;
}

static int copy_data(struct archive *in, struct archive *out)
{
    const void *block;
    size_t size;
    la_int64_t offset;
    int r;
    while ((r = archive_read_data_block(in, &block, &size, &offset)) == ARCHIVE_OK)
        if (archive_write_data_block(out, block, size, offset) < ARCHIVE_OK)
            return -1;
    return r == ARCHIVE_EOF ? 0 : -1;
}

static int one_entry(struct archive *in, struct archive *out, struct archive_entry *e,
                     struct bw_err *err)
{
    const char *path = archive_entry_pathname(e), *why = refusal(path);
    if (why)
        return bw_err_set(err, "the archive has an entry that is refused: %s (%s)",
                          path ? path : "", why);
    const char *hard = archive_entry_hardlink(e);
    if (hard && refusal(hard))
        return bw_err_set(err, "the entry %s is a hard link to %s", path, hard);
    if (whiteout(path))
        return 0;
    mode_t type = archive_entry_filetype(e);
    if ((type == AE_IFCHR || type == AE_IFBLK) && geteuid() != 0)
        return 0;
    if (archive_write_header(out, e) < ARCHIVE_OK ||
        (archive_entry_size(e) > 0 && copy_data(in, out)) ||
        archive_write_finish_entry(out) < ARCHIVE_WARN) {
        struct archive *which = archive_error_string(out) ? out : in;
        const char *text = archive_error_string(which);
        int code = archive_errno(which);
        bw_err_set(err, "%s cannot be unpacked: %s%s%s", path, text ? text : "unknown reason",
                   code > 0 ? ": " : "", code > 0 ? strerror(code) : "");
        bw_err_todo(err, "see whether there is room, and whether the archive is whole: host df, "
                         "host tar tf FILE");
        return -1;
    }
    return 0;
}

static int unpack(struct archive *in, struct archive *out, struct bw_err *err)
{
    struct archive_entry *e;
    int r;
    while ((r = archive_read_next_header(in, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)
        if (one_entry(in, out, e, err))
            return -1;
    if (r != ARCHIVE_EOF)
        return bw_err_set(err, "the archive is damaged, or cannot be read: %s%s%s",
                          archive_error_string(in), archive_errno(in) > 0 ? ": " : "",
                          archive_errno(in) > 0 ? strerror(archive_errno(in)) : "");
    return 0;
}

int bw_archive_module_unpack(int file, struct bw_err *err)
{
    int flags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                ARCHIVE_EXTRACT_UNLINK;
    struct archive *in = archive_read_new(), *out = archive_write_disk_new();
    archive_read_support_filter_all(in);
    archive_read_support_format_tar(in);
    archive_read_support_format_cpio(in);
    archive_write_disk_set_options(out, geteuid() == 0 ? flags | ARCHIVE_EXTRACT_OWNER : flags);
    int r = archive_read_open_fd(in, file, 1 << 16) == ARCHIVE_OK
                ? unpack(in, out, err)
                : bw_err_set(err, "the archive cannot be read: %s: %s", archive_error_string(in),
                             strerror(archive_errno(in)));
    archive_read_free(in);
    if (archive_write_free(out) != ARCHIVE_OK && r == 0)
        r = bw_err_set(err, "the last entries could not be written");
    return r;
}
