/* A copy of this program that nobody can write to, for what runs where programs of a box can see
 * it: through /proc/PID/exe they would reach, and as root could overwrite, the file on the host. */
#ifndef BW_KERN_SEALED_H
#define BW_KERN_SEALED_H

struct bw_err;

/* A memory file, sealed against writing, with what the kernel loads of /proc/self/exe. Made when
 * first asked for and kept: the descriptor is not the caller's to close. Returns it, or -1 with
 * err filled (EACCES: the program may not be read, or vm.memfd_noexec is 2). memfd_create(2) */
int bw_sealed_program(struct bw_err *err);

#endif
