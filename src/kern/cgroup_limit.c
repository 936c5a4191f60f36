/* Limits as people write them, and whether the kernel kept one as written. */
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "cgroup_int.h"

enum { PERIOD_US = 100000, PIDS_LIMIT_MAX = 4194304, CPU_BITS = 4096 };

/* "1.5" in thousandths; more than three decimals are refused rather than rounded. */
static int thousandths(const char *s, size_t len, long long *out)
{
    const char *dot = memchr(s, '.', len);
    size_t whole = dot ? (size_t)(dot - s) : len, part = dot ? len - whole - 1 : 0;
    long long n = 0;
    if (whole == 0 || whole > 7 || part > 3 || (dot && part == 0))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (s + i == dot)
            continue;
        if (!isdigit((unsigned char)s[i]))
            return -1;
        n = n * 10 + (s[i] - '0');
    }
    for (; part < 3; part++)
        n *= 10;
    *out = n;
    return 0;
}

static int parse_cpu(const char *text, struct bw_cg_step *out, struct bw_err *err)
{
    size_t len = strlen(text);
    bool percent = len > 0 && text[len - 1] == '%';
    long long n, cores = sysconf(_SC_NPROCESSORS_CONF);
    if (strcmp(text, "max") == 0) {
        snprintf(out->value, sizeof out->value, "max %d", PERIOD_US);
        return 0;
    }
    if (thousandths(text, percent ? len - 1 : len, &n) || n == 0) {
        bw_err_usage(err, "\"%s\" is no CPU limit", text);
        bw_err_todo(err, "write a share of one core (50%%), a number of cores (1.5), or max");
        return -1;
    }
    if (!percent && n > cores * 1000) {
        bw_err_usage(err, "%s is read as %s cores, and this machine has %lld", text, text, cores);
        bw_err_todo(err, "for a share of one core write %s%%", text);
        return -1;
    }
    n = percent ? n * PERIOD_US / 100000 : n * PERIOD_US / 1000;
    snprintf(out->value, sizeof out->value, "%lld %d", n, PERIOD_US);
    return 0;
}

static int parse_memory(const char *text, struct bw_cg_step *out, struct bw_err *err)
{
    long long n;
    if (strcmp(text, "max") == 0) {
        snprintf(out->value, sizeof out->value, "max");
        return 0;
    }
    if (bw_parse_size(text, &n) || n == 0) {
        bw_err_usage(err, "\"%s\" is no memory limit", text);
        bw_err_todo(err,
                    "write bytes with a unit (64M, 1G), at least 1 and less than 2^63, or max");
        return -1;
    }
    snprintf(out->value, sizeof out->value, "%lld", n);
    return 0;
}

static int parse_pids(const char *text, struct bw_cg_step *out, struct bw_err *err)
{
    long long n;
    if (strcmp(text, "max") != 0 && bw_parse_num(text, 1, PIDS_LIMIT_MAX, &n)) {
        bw_err_usage(err, "\"%s\" is no limit of processes", text);
        bw_err_todo(err, "write a number from 1 to %d (the box's stage is one), or max",
                    PIDS_LIMIT_MAX);
        return -1;
    }
    snprintf(out->value, sizeof out->value, "%s", text);
    return 0;
}

/* A list such as 0-2,5 as bits. Returns 0 or -1. */
static int parse_list(const char *text, unsigned char bits[CPU_BITS / 8])
{
    const char *p = text;
    memset(bits, 0, CPU_BITS / 8);
    while (*p) {
        char *end;
        if (!isdigit((unsigned char)*p))
            return -1;
        unsigned long a = strtoul(p, &end, 10), b = a;
        if (*end == '-' && isdigit((unsigned char)end[1]))
            b = strtoul(end + 1, &end, 10);
        if (a > b || b >= CPU_BITS || (*end != ',' && *end != '\0') || (*end == ',' && !end[1]))
            return -1;
        for (unsigned long i = a; i <= b; i++)
            bits[i / 8] |= (unsigned char)(1u << i % 8);
        p = *end ? end + 1 : end;
    }
    return 0;
}

static int parse_cpuset(const char *text, struct bw_cg_step *out, struct bw_err *err)
{
    unsigned char bits[CPU_BITS / 8];
    if (!*text || strlen(text) >= sizeof out->value || parse_list(text, bits)) {
        bw_err_usage(err, "\"%s\" is no list of CPUs", text);
        bw_err_todo(err, "write numbers and ranges with commas, such as 0 or 0-1,3");
        return -1;
    }
    snprintf(out->value, sizeof out->value, "%s", text);
    return 0;
}

/* The disk that a device is a part of: limits hold for whole disks, partitions are refused. */
static dev_t whole_disk(dev_t dev)
{
    char path[64], *end;

    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(dev), minor(dev));
    if (access(path, F_OK))
        return dev;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/../dev", major(dev), minor(dev));
    BW_AUTO_STR text = BW_STR_INIT;
    if (bw_read_file(AT_FDCWD, path, &text))
        return dev;
    unsigned long a = strtoul(bw_str_get(&text), &end, 10);
    return *end == ':' ? makedev((unsigned)a, (unsigned)strtoul(end + 1, NULL, 10)) : dev;
}

/* "8:0" as it is; of "/dev/sda" or "/dev/sda1", or of a directory on them, the disk: "8:0". */
static int device_number(const char *word, char out[32], struct bw_err *err)
{
    struct stat st;
    size_t a = strspn(word, "0123456789"),
           b = word[a] == ':' ? strspn(word + a + 1, "0123456789") : 0;
    if (a > 0 && b > 0 && a + b < 20 && word[a + 1 + b] == '\0') {
        snprintf(out, 32, "%s", word);
        return 0;
    }
    bool there = stat(word, &st) == 0, dir = there && S_ISDIR(st.st_mode);
    /* Those without a device of their own have major 0: tmpfs, overlay, btrfs. */
    if (dir && major(st.st_dev) == 0) {
        bw_err_usage(err, "the file system of \"%s\" has no block device of its own", word);
        bw_err_todo(err, "name the device by path or number: /dev/sda or 8:0 (host lsblk lists "
                         "them)");
        return -1;
    }
    if (!dir && (!there || !S_ISBLK(st.st_mode))) {
        bw_err_usage(err, "\"%s\" is no block device", word);
        bw_err_todo(err, "name one by path or number: /dev/sda or 8:0 (host lsblk lists them)");
        return -1;
    }
    dev_t dev = whole_disk(dir ? st.st_dev : st.st_rdev);
    snprintf(out, 32, "%u:%u", major(dev), minor(dev));
    return 0;
}

static int parse_io(const char *text, struct bw_cg_step *out, struct bw_err *err)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    BW_AUTO_STR value = BW_STR_INIT;
    char dev[32], *save = NULL, *word = strtok_r(copy, " ", &save);
    static const char *const keys[] = {"rbps", "wbps", "riops", "wiops"};
    if (!word || device_number(word, dev, err))
        return word ? -1 : bw_err_usage(err, "an I/O limit names a device: /dev/sda rbps=1M");
    bw_str_add(&value, dev);
    while ((word = strtok_r(NULL, " ", &save)) != NULL) {
        char *is = strchr(word, '=');
        long long n = 0;
        size_t k = 0;
        while (is && k < 4 &&
               !(strncmp(word, keys[k], (size_t)(is - word)) == 0 &&
                 strlen(keys[k]) == (size_t)(is - word)))
            k++;
        if (!is || k == 4 ||
            (strcmp(is + 1, "max") != 0 && (bw_parse_size(is + 1, &n) || n == 0))) {
            bw_err_usage(err, "\"%s\" is no I/O limit", word);
            bw_err_todo(err, "write rbps= or wbps= (bytes a second), riops= or wiops= (requests a "
                             "second), with a number above 0 or max");
            return -1;
        }
        bw_str_addf(&value, n ? " %s=%lld" : " %s=max", keys[k], n);
    }
    if (strchr(value.s, ' ') == NULL || value.len >= sizeof out->value)
        return bw_err_usage(err, "an I/O limit says how much: %s rbps=1M", dev);
    snprintf(out->value, sizeof out->value, "%s", value.s);
    return 0;
}

int bw_cg_parse_limit(enum bw_cg_ctl ctl, const char *text, struct bw_cg_step *out,
                      struct bw_err *err)
{
    static const struct {
        const char *file;
        int (*parse)(const char *text, struct bw_cg_step *out, struct bw_err *err);
    } by_ctl[BW_CG_COUNT] = {
        [BW_CG_CPU] = {"cpu.max", parse_cpu},
        [BW_CG_MEMORY] = {"memory.max", parse_memory},
        [BW_CG_PIDS] = {"pids.max", parse_pids},
        [BW_CG_IO] = {"io.max", parse_io},
        [BW_CG_CPUSET] = {"cpuset.cpus", parse_cpuset},
    };
    snprintf(out->file, sizeof out->file, "%s", by_ctl[ctl].file);
    return by_ctl[ctl].parse(text, out, err);
}

int bw_cg_limit_check(enum bw_cg_ctl ctl, const char *value, struct bw_err *err)
{
    struct bw_cg_step ignored;
    return bw_cg_parse_limit(ctl, value, &ignored, err);
}

/* ---- kept as written? ---- */

static size_t trimmed(const char *s)
{
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        n--;
    return n;
}

/* The line of a per-device file that begins with the same device as written. */
static const char *device_line(const char *kept, const char *written, size_t dev)
{
    for (; *kept; kept += strcspn(kept, "\n"), kept += *kept == '\n')
        if (strncmp(kept, written, dev) == 0 && kept[dev] == ' ')
            return kept;
    return NULL;
}

/* A line that is absent stands for "no limit": 0 on v1, max for each key on v2. */
static int device_kept(const char *written, const char *kept)
{
    size_t dev = strcspn(written, " ");
    const char *line = device_line(kept, written, dev);
    for (const char *p = written + dev; *p;) {
        p += strspn(p, " ");
        size_t n = strcspn(p, " ");
        bool none = (n == 1 && *p == '0') || (n > 4 && strncmp(p + n - 4, "=max", 4) == 0);
        bool found = false;
        for (const char *q = line ? line + dev : ""; *q && *q != '\n'; q += strcspn(q, " \n")) {
            q += *q == ' ';
            found = found || (strcspn(q, " \n") == n && strncmp(p, q, n) == 0);
        }
        if (n && !found && !(none && !line))
            return -1;
        p += n;
    }
    return 1;
}

/* 1, 0 or -1 for two numbers, -2 when they are none. */
static int numbers_kept(const char *written, const char *kept)
{
    long long w, k, page = sysconf(_SC_PAGESIZE);
    if (bw_parse_size(kept, &k))
        return -2;
    if (strcmp(written, "-1") == 0 || strcmp(written, "max") == 0)
        return k > INT64_MAX - page ? 1 : -1;
    if (bw_parse_size(written, &w))
        return -2;
    return w == k ? 1 : w - k > 0 && w - k < page ? 0 : -1;
}

int bw_cg_kept(const char *written, const char *kept)
{
    unsigned char a[CPU_BITS / 8], b[CPU_BITS / 8];
    size_t n = trimmed(kept);
    if (strncmp(written, kept, n) == 0 && strlen(written) == n)
        return 1;
    if (strchr(written, ':') && strchr(written, ' '))
        return device_kept(written, kept);
    /* Tables, flags and the like are not what was written by nature. */
    if (memchr(kept, '\n', n) || strchr(written, ' '))
        return 1;
    /* cpu.max keeps the period when only the quota is written. */
    size_t first = strcspn(kept, " \n");
    if (strlen(written) == first && strncmp(written, kept, first) == 0)
        return 1;
    BW_AUTO_STR one = BW_STR_INIT;
    bw_str_addn(&one, kept, n);
    int r = numbers_kept(written, bw_str_get(&one));
    if (r != -2)
        return r;
    if (parse_list(written, a) == 0 && parse_list(bw_str_get(&one), b) == 0)
        return memcmp(a, b, sizeof a) == 0 ? 1 : -1;
    return -1;
}
