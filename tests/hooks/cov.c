/* In the build for coverage only, in the program and in each module. The processes here end with
 * _exit, are killed, or stand in a root from which no file of the build can be reached: none could
 * write what gcov counted when it ends. So the counters (cov.ld puts them together) are memory
 * shared with a file in the folder that BW_HOOK names, from before main on: a count is there as
 * soon as it is made. With BW_HOOK_DUMP set, a program writes what the file holds as .gcda files,
 * and nothing else. */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern char bw_counters[] __attribute__((visibility("hidden")));
extern char bw_counters_end[] __attribute__((visibility("hidden")));
void __gcov_dump(void);
void __wrap___gcov_exit(void) __attribute__((visibility("hidden")));

/* What would add the counters to the .gcda files once more, for each process. */
void __wrap___gcov_exit(void)
{
}

/* The first bytes of the build ID of the object that these counters are of, in hex. */
static int identify(struct dl_phdr_info *info, size_t size, void *id)
{
    uintptr_t base = info->dlpi_addr, here = (uintptr_t)bw_counters;
    const char *note = NULL, *end = NULL;
    int mine = 0;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        mine |= p->p_type == PT_LOAD && here >= base + p->p_vaddr &&
                here < base + p->p_vaddr + p->p_memsz;
    }
    for (int i = 0; mine && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type != PT_NOTE || p->p_align != 4)
            continue;
        note = (const char *)(base + p->p_vaddr);
        for (end = note + p->p_memsz; note < end;) {
            ElfW(Nhdr) n;
            memcpy(&n, note, sizeof n);
            note += sizeof n + ((n.n_namesz + 3) & ~3u);
            for (int k = 0; n.n_type == NT_GNU_BUILD_ID && k < 8; k++)
                snprintf((char *)id + k * 2, 3, "%02x", (unsigned char)note[k]);
            note += (n.n_descsz + 3) & ~3u;
        }
    }
    return mine;
}

__attribute__((constructor(101))) static void share(void)
{
    const char *dir = getenv("BW_HOOK"), *dump = getenv("BW_HOOK_DUMP");
    const char *module = getenv("BW_HOOK_MODULE");
    size_t size = (size_t)((uintptr_t)bw_counters_end - (uintptr_t)bw_counters);
    char id[17] = "", path[300];
    if (!dir || !dl_iterate_phdr(identify, id))
        return;
    snprintf(path, sizeof path, "%s/%s", dir, id);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 && !dump) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd >= 0 && (fchmod(fd, 0666) || ftruncate(fd, (off_t)size)))
            perror(path);
    }
    int how = MAP_FIXED | (dump ? MAP_PRIVATE : MAP_SHARED);
    if (fd >= 0 && mmap(bw_counters, size, PROT_READ | PROT_WRITE, how, fd, 0) == MAP_FAILED)
        perror(path);
    close(fd);
    if (!dump)
        return;
    /* A module is loaded by the program, whose functions it calls. */
    static int inside;
    if (module && strcmp(dump, "program") == 0 && !inside++) {
        setenv("BW_HOOK_DUMP", "module", 1);
        if (!dlopen(module, RTLD_LAZY))
            dprintf(STDERR_FILENO, "%s\n", dlerror());
    } else if (fd >= 0) {
        __gcov_dump();
    }
    _exit(0);
}
