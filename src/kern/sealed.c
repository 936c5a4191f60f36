#include "kern/sealed.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* Where the last segment that is loaded ends: debugging information, most of the file, comes
 * after it. */
static off_t loaded_size(void)
{
    const ElfW(Phdr) *p = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    unsigned long n = getauxval(AT_PHNUM);
    ElfW(Off) end = 0;

    for (unsigned long i = 0; p && i < n; i++)
        if (p[i].p_type == PT_LOAD && p[i].p_offset + p[i].p_filesz > end)
            end = p[i].p_offset + p[i].p_filesz;
    return (off_t)end;
}

static int memory_file(struct bw_err *err)
{
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    /* Kernels before 6.3 do not know MFD_EXEC; later ones may be told to want it. */
    int fd = memfd_create("boxwright", flags | MFD_EXEC);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("boxwright", flags);
    if (fd >= 0)
        return fd;
    bw_err_call(err, errno, "memfd_create",
                "\"boxwright\", MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_EXEC");
    if (errno == EACCES) {
        bw_err_cause(err, "vm.memfd_noexec lets no memory file be executed, and the box's stage "
                          "runs from one so that the box cannot overwrite boxwright");
        bw_err_todo(err, "as root: sysctl vm.memfd_noexec=1");
    }
    return -1;
}

static int fill(int to, struct bw_err *err)
{
    off_t at = 0, end = loaded_size();
    BW_AUTO_FD from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    if (from < 0)
        return bw_err_call(err, errno, "open", "\"/proc/self/exe\", O_RDONLY|O_CLOEXEC");
    while (at < end) {
        ssize_t n = sendfile(to, from, &at, (size_t)(end - at));
        if (n <= 0)
            return bw_err_call(err, n ? errno : EIO, "sendfile", "%d, %d", to, from);
    }
    if (fcntl(to, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
        return bw_err_call(err, errno, "fcntl", "%d, F_ADD_SEALS", to);
    return 0;
}

int bw_sealed_program(struct bw_err *err)
{
    static int kept = -1;

    if (kept >= 0)
        return kept;
    BW_AUTO_FD fd = memory_file(err);
    if (fd < 0 || fill(fd, err))
        return -1;
    return kept = bw_steal_fd(&fd);
}
