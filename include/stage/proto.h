/* The language between shell and stage, a pure codec: no descriptor, no allocation beyond strings.
 *
 * One message is one SOCK_SEQPACKET packet: a fixed head, then strings, each NUL-terminated. A
 * packet whose length, magic, count of strings or reserved bytes do not fit exactly is refused.
 * Descriptors travel beside it (SCM_RIGHTS). */
#ifndef BW_STAGE_PROTO_H
#define BW_STAGE_PROTO_H

#include <stddef.h>
#include <stdint.h>

struct bw_calls;
struct bw_err;

#define BW_PROTO_MAGIC 0x62773031u /* "bw01" */
#define BW_PROTO_MAX 131072        /* bytes of a packet */
#define BW_PROTO_STRS 4096         /* strings of a packet */
#define BW_PROTO_NUMS 4

enum bw_op {
    BW_OP_NONE,
    BW_OP_UNSHARE,     /* n0 flags */
    BW_OP_FORK,        /* reply: n0 successor's pid as the caller counts, n1 whether the old stage
                          stays as the parent of its programs; one descriptor: pidfd */
    BW_OP_SETNS,       /* n0 nstype; one descriptor */
    BW_OP_MOUNT,       /* n0 flags; strings: root, source, target, type, data, source root
                          ("" is NULL) */
    BW_OP_UMOUNT,      /* n0 flags; root, target */
    BW_OP_PROPAGATION, /* n0 flag; target */
    BW_OP_CHROOT,      /* dir */
    BW_OP_PIVOT,       /* new root */
    BW_OP_HOSTNAME,    /* name */
    BW_OP_MKDIR,       /* n0 mode, n1 parents; root, path */
    BW_OP_RMDIR,       /* root (or ""), path */
    BW_OP_ROOTFS,      /* kind, dir, archive; reply: n0 made */
    BW_OP_RMTREE,      /* n0 only what is in it; dir */
    BW_OP_SCRATCH,     /* n0 bw_scratch flags; 4 descriptors: 0, 1, 2, socket; reply: n0 pid as the
                          stage counts; one descriptor: pidfd */
    BW_OP_WATCH,       /* n0 pid as the stage counts: tell when it ends or stops */
    BW_OP_EXEC,        /* n0 number of arguments; strings: arguments, then environment. A reply
                          comes only on failure: success closes the socket */
    BW_OP_BURN,        /* n0 kind, n1 amount, n2 ms: the scratch stage becomes the load */
    BW_OP_SETID,       /* n0 uid, n1 gid, as the box counts: after a map that leaves its own out */
    BW_OP_LOOK,        /* one descriptor: the stage's own /proc/PID; string: "ns/uts", "root" or
                          "cwd". One descriptor comes back: what that link leads to */
    BW_OP_SHOW,        /* n0 1: /proc/PID belongs to the stage's user, while it has no program;
                          0: to root again */
    BW_OP_PING,        /* answered by whoever serves the socket now */
    BW_OP_QUIT,
    BW_OP_CAPS, /* n0 set, n1 enum bw_caps_kind; reply: n0 1 when it failed midway */
    BW_OP_NO_NEW_PRIVS,
    BW_OP_FILTER,    /* of system calls, for each program that is started: one descriptor (a sealed
                        memfd), or none for none; reply: n0 bit 0 it can notify, then its mode + 1 */
    BW_OP_MASK,      /* n0 enum bw_mask_kind; root (or ""), path; reply: n0 bit 0 it failed midway,
                        bit 1 there is such a path */
    BW_OP_MASK_ROOT, /* reply: n0 it failed midway */
    BW_OP_DEVICES,   /* root (or ""), dir; reply: n0 it failed midway */
    BW_OP_RLIMIT,    /* of each program that is started: n0 place in bw_rlimits, n1 soft, n2 hard */
    BW_OP_ATTACK,    /* n0 enum bw_attack_id; reply: n0 the result: kern/attack.h */
    BW_OP_COUNT
};

enum bw_kind {
    BW_KIND_REQUEST = 1, /* code: enum bw_op */
    BW_KIND_REPLY,       /* code: 0 or 1 (error); strings: error's 4, then 4 for each call */
    BW_KIND_EVENT        /* code: enum bw_event; n0 pid, n1 status or signal, n2 which stage of the
                            box counts so: how many came before it */
};

/* LISTENER comes while a program is being started, with one descriptor: it notifies there. */
enum bw_event { BW_EVENT_EXIT = 1, BW_EVENT_STOP, BW_EVENT_LISTENER, BW_EVENT_KILL };

struct bw_head {
    uint32_t magic;
    uint16_t kind;
    uint16_t code;
    uint32_t seq;
    uint32_t length; /* of the whole packet */
    uint32_t strings;
    uint32_t reserved; /* 0 */
    int64_t n[BW_PROTO_NUMS];
};

/* A message being written or read. str[] point into the buffer it was decoded from, or to the
 * caller's strings when encoding. */
struct bw_packet {
    struct bw_head head;
    const char *str[BW_PROTO_STRS];
};

/* Encodes into buf; sets length, magic and strings. Returns the length, or -1 with errno E2BIG. */
long bw_proto_encode(const struct bw_packet *p, void *buf, size_t size);
/* Decodes buf[0..len) and checks it exactly. Returns 0, or -1 with errno EPROTO. buf must outlive
 * the packet. */
int bw_proto_decode(const void *buf, size_t len, struct bw_packet *p);

/* A reply's error and call records as strings, and back. put returns the number of strings used
 * (scratch memory for numbers is taken from arena, an array the caller clears after encoding). */
struct bw_str;
long bw_proto_put_result(struct bw_packet *p, const struct bw_err *err,
                         const struct bw_calls *calls, struct bw_str *arena);
int bw_proto_get_result(const struct bw_packet *p, struct bw_err *err, struct bw_calls *calls);

#endif
