/* Causes of execve: a "no such file" on a file that exists is a missing loader. execve(2), elf(5)
 */
#include "explain_scene.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"

#define HEAD 4096 /* of a program's file: header, program headers, usually the loader's name */

/* The architecture this program was built for, which is the one execve takes. */
#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__riscv)
#define MACHINE EM_RISCV
#else
#define MACHINE EM_NONE
#endif

struct head {
    unsigned char b[HEAD];
    size_t n;
};

static bool read_head(const struct bw_scene *s, const char *path, struct head *h)
{
    BW_AUTO_FD fd = bw_scene_open(s, path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : pread(fd, h->b, sizeof h->b, 0);
    h->n = n > 0 ? (size_t)n : 0;
    return n >= 0;
}

/* The loader an ELF program asks for (PT_INTERP). Everything in the file may lie. */
static bool elf_loader(const struct bw_scene *s, const char *path, const struct head *h, char *out,
                       size_t size)
{
    Elf64_Ehdr e;
    Elf32_Ehdr e32;
    if (h->n < sizeof e || memcmp(h->b, ELFMAG, SELFMAG) != 0)
        return false;
    memcpy(&e, h->b, sizeof e);
    memcpy(&e32, h->b, sizeof e32);
    bool narrow = h->b[EI_CLASS] == ELFCLASS32;
    uint64_t off = narrow ? e32.e_phoff : e.e_phoff;
    size_t each = narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr),
           n = narrow ? e32.e_phnum : e.e_phnum;
    for (size_t i = 0; i < n && off + (i + 1) * each <= h->n && off < HEAD; i++) {
        Elf64_Phdr p;
        Elf32_Phdr p32;
        memcpy(&p32, h->b + off + i * each, sizeof p32);
        if (narrow)
            p = (Elf64_Phdr){
                .p_type = p32.p_type, .p_offset = p32.p_offset, .p_filesz = p32.p_filesz};
        else
            memcpy(&p, h->b + off + i * each, sizeof p);
        if (p.p_type != PT_INTERP || p.p_filesz < 2 || p.p_filesz >= size || p.p_offset > INT64_MAX)
            continue;
        BW_AUTO_FD fd = bw_scene_open(s, path, O_RDONLY);
        ssize_t got = fd < 0 ? -1 : pread(fd, out, p.p_filesz, (off_t)p.p_offset);
        out[got > 0 ? got : 0] = '\0';
        return got > 0;
    }
    return false;
}

/* The program that a script's first line names. */
static bool script_program(const struct head *h, char *out, size_t size)
{
    if (h->n < 3 || memcmp(h->b, "#!", 2) != 0)
        return false;
    size_t i = 2, n = 0;
    while (i < h->n && (h->b[i] == ' ' || h->b[i] == '\t'))
        i++;
    while (i < h->n && n + 1 < size && !memchr(" \t\n", h->b[i], 4))
        out[n++] = (char)h->b[i++];
    out[n] = '\0';
    return n > 0;
}

/* The first file of that name along a PATH, as execvp(3) searches. */
static bool along(const struct bw_scene *s, const char *dirs, const char *name, struct bw_str *out)
{
    while (bw_path_next(&dirs, out)) {
        struct stat st;
        bw_str_addf(out, "/%s", name);
        BW_AUTO_FD fd = bw_scene_open(s, out->s, O_PATH);
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
            return true;
    }
    return false;
}

/* The program's path; a bare name that was looked up along PATH is looked up again, because one
 * that was found and lacks its loader counts as not found there. */
static bool program(const struct bw_scene *s, struct bw_str *path)
{
    if (!bw_scene_arg(s, strcmp(s->err->op, "execveat") == 0 ? 1 : 0, path) || !path->len)
        return false;
    if (strchr(path->s, '/'))
        return true;
    BW_AUTO_STR name = BW_STR_INIT;
    bw_str_add(&name, path->s);
    if (along(s, getenv("PATH"), name.s, path) || along(s, BW_PATH_USUAL, name.s, path))
        return true;
    bw_str_clear(path);
    bw_str_add(path, name.s);
    return true;
}

static bool exec_absent(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, bad = BW_STR_INIT;
    if (!program(s, &path))
        return false;
    const char *where = s->pid ? " in the box's root" : "";
    if (!strchr(path.s, '/')) {
        bw_err_cause(s->err, "no directory of PATH has %.200s%s", path.s, where);
        if (s->pid)
            bw_err_todo(s->err, "run ls /bin shows what there is; host %.100s runs it outside",
                        path.s);
        else
            bw_err_todo(s->err, "check the name, or install it on the host");
        return true;
    }
    int code = bw_scene_walk(s, path.s, &bad);
    if (code != ENOENT && code != ENOTDIR)
        return false;
    bw_err_cause(s->err, "%.300s %s%s", bw_str_get(&bad),
                 code == ENOENT ? "does not exist" : "is not a directory", where);
    if (s->pid)
        bw_err_todo(
            s->err,
            "check the path with run ls, or put the program there; host %.100s runs it outside",
            path.s);
    else
        bw_err_todo(s->err, "check the path with host ls");
    return true;
}

static bool loader_missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, bad = BW_STR_INIT;
    struct head h;
    char loader[512];
    if (!program(s, &path) || !read_head(s, path.s, &h) ||
        !elf_loader(s, path.s, &h, loader, sizeof loader) || bw_scene_walk(s, loader, &bad) == 0)
        return false;
    bw_err_cause(s->err, "%.200s is there, but its loader %.200s is not in the box's root", path.s,
                 loader);
    bw_err_todo(s->err, "copy the loader and the libraries that ldd lists into the root, or use a "
                        "static program (rootfs busybox) "
                        "or the whole /usr (rootfs host)");
    return true;
}

static bool interpreter_missing(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT, bad = BW_STR_INIT;
    struct head h;
    char name[256];
    if (!program(s, &path) || !read_head(s, path.s, &h) || !script_program(&h, name, sizeof name))
        return false;
    size_t n = strlen(name);
    if (name[n - 1] == '\r') {
        bw_err_cause(s->err,
                     "the first line of %.200s ends with a carriage return, which counts as a part "
                     "of the name %.100s",
                     path.s, name);
        bw_err_todo(s->err, "write the file with newlines only: host sed -i 's/\\r$//' FILE");
        return true;
    }
    if (bw_scene_walk(s, name, &bad) != 0) {
        bw_err_cause(
            s->err,
            "%.200s is there, but %.200s, which its first line asks for, is not in the box's root",
            path.s, name);
        bw_err_todo(
            s->err,
            "install it in the root, or run the script with a program that is there: run sh FILE");
        return true;
    }
    struct head inner;
    char loader[512];
    if (!read_head(s, name, &inner) || !elf_loader(s, name, &inner, loader, sizeof loader) ||
        bw_scene_walk(s, loader, &bad) == 0)
        return false;
    bw_err_cause(s->err, "%.150s is run by %.150s, whose loader %.150s is not in the box's root",
                 path.s, name, loader);
    bw_err_todo(s->err, "copy the loader and the libraries that ldd lists into the root");
    return true;
}

static bool exec_noexec(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct statvfs fs;
    struct bw_mounts m;
    if (!program(s, &path))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, path.s, O_PATH);
    if (fd < 0 || fstatvfs(fd, &fs) != 0 || !(fs.f_flag & ST_NOEXEC))
        return false;
    BW_AUTO_STR full = BW_STR_INIT;
    bw_scene_absolute(s, path.s, &full);
    const struct bw_mount *on = bw_scene_mounts(s, &m) ? bw_scene_mount(&m, full.s, true) : NULL;
    bw_err_cause(s->err, "%.200s lies on a mount with noexec (%.150s)", path.s,
                 on ? on->target : "see inspect");
    bw_err_todo(s->err, "mount -o remount,exec %.150s, or put the program elsewhere",
                on ? on->target : "DIR");
    bw_mounts_free(&m);
    return true;
}

static bool exec_mode(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct stat st;
    if (!program(s, &path))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, path.s, O_PATH);
    if (fd < 0 || fstat(fd, &st) != 0)
        return bw_scene_denied(s, path.s, X_OK, false);
    if (!S_ISREG(st.st_mode)) {
        bw_err_cause(s->err, "%.300s is %s, not a program", path.s,
                     S_ISDIR(st.st_mode) ? "a directory" : "a special file");
        bw_err_todo(s->err, "name a program in it");
        return true;
    }
    if (!(st.st_mode & 0111)) {
        bw_err_cause(s->err, "%.300s has mode %04o: no execute bit", path.s, st.st_mode & 07777u);
        const char *by = s->pid ? "run" : "host";
        bw_err_todo(s->err, "%s chmod +x %.200s, or name its interpreter: %s sh %.200s", by, path.s,
                    by, path.s);
        return true;
    }
    return bw_scene_denied(s, path.s, X_OK, false);
}

static bool interpreter_mode(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct head h;
    struct stat st;
    char name[512];
    if (!program(s, &path) || !read_head(s, path.s, &h) ||
        !(script_program(&h, name, sizeof name) || elf_loader(s, path.s, &h, name, sizeof name)))
        return false;
    BW_AUTO_FD fd = bw_scene_open(s, name, O_PATH);
    if (fd < 0 || fstat(fd, &st) != 0 || (S_ISREG(st.st_mode) && (st.st_mode & 0111)))
        return false;
    bw_err_cause(s->err, "%.200s is run by %.200s, which has mode %04o and is not executable",
                 path.s, name, st.st_mode & 07777u);
    bw_err_todo(s->err, "run chmod +x %.200s", name);
    return true;
}

static bool not_a_program(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    struct head h;
    Elf64_Ehdr e = {0};
    if (!program(s, &path) || !read_head(s, path.s, &h))
        return false;
    memcpy(&e, h.b, h.n < sizeof e ? h.n : sizeof e);
    if (h.n == 0) {
        bw_err_cause(s->err, "%.300s is empty", path.s);
        bw_err_todo(s->err, "put a program there");
    } else if (h.n < 20 || memcmp(h.b, ELFMAG, SELFMAG) != 0) {
        bw_err_cause(
            s->err, "%.300s is neither an ELF program nor a script whose first line starts with #!",
            path.s);
        bw_err_todo(s->err, "begin the script with #!/bin/sh, or run sh %.200s", path.s);
    } else if (MACHINE != EM_NONE && e.e_machine != MACHINE) {
        bw_err_cause(
            s->err,
            "%.300s is an ELF program for another architecture (e_machine %u, this machine is %u)",
            path.s, e.e_machine, MACHINE);
        bw_err_todo(s->err, "use a root file system for this architecture, or install qemu-user "
                            "with binfmt_misc on the host");
    } else {
        bw_err_cause(
            s->err,
            "%.300s has an ELF header, but the kernel cannot load it: it is cut short or damaged",
            path.s);
        bw_err_todo(s->err, "copy the program again");
    }
    return true;
}

static bool text_busy(struct bw_scene *s)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (!program(s, &path))
        return false;
    bw_err_cause(
        s->err, "%.300s is open for writing by some process, and a file that may change is not run",
        path.s);
    bw_err_todo(s->err, "wait until it is written, or end the writer");
    return true;
}

static const struct bw_cause causes[] = {
    {"execve", ENOENT, exec_absent, "the program does not exist in the box's root"},
    {"execve", ENOTDIR, exec_absent, "a part of the path is a file"},
    {"execve", ENOENT, loader_missing,
     "the program is there, but the loader that its ELF header names is not"},
    {"execve", ENOENT, interpreter_missing,
     "the script is there, but the interpreter that its first line names is not"},
    {"execve", EACCES, exec_noexec, "the program lies on a mount with noexec"},
    {"execve", EACCES, exec_mode,
     "the file has no execute bit, is no regular file, or a directory may not be searched"},
    {"execve", EACCES, interpreter_mode, "the interpreter or loader is not executable"},
    {"execve", ENOEXEC, not_a_program,
     "the file is no ELF program of this architecture and no script with #!"},
    {"execve", ETXTBSY, text_busy, "the file is open for writing"},
};

const struct bw_causes bw_causes_exec = {causes, sizeof causes / sizeof causes[0]};
