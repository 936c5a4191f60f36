#include "idmaps.h"

#include <errno.h>

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/observe.h"
#include "stage/client.h"

/* One line of a map: this ID of the new namespace is the caller's own. */
int idmaps_one(struct idmaps *m, enum bw_id_kind kind, unsigned inside, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    bw_str_addf(&text, "%u:%u:1", inside, kind == BW_UID ? geteuid() : getegid());
    return kind == BW_UID ? bw_idmap_parse(text.s, m->uid, &m->n_uid, err)
                          : bw_idmap_parse(text.s, m->gid, &m->n_gid, err);
}

int idmaps_both(struct idmaps *m, unsigned uid, unsigned gid, struct bw_err *err)
{
    return idmaps_one(m, BW_UID, uid, err) || idmaps_one(m, BW_GID, gid, err) ? -1 : 0;
}

/* util-linux writes ranges INNER:OUTER:COUNT, or with commas; "auto" is the caller's subids. */
int idmaps_range(struct idmaps *m, enum bw_id_kind kind, const char *text, struct bw_err *err)
{
    struct bw_id_range *v = kind == BW_UID ? m->uid : m->gid;
    size_t *n = kind == BW_UID ? &m->n_uid : &m->n_gid;
    if (strcmp(text, "auto") != 0) {
        BW_AUTO_FREE char *colons = bw_strdup(text);
        for (char *c = colons; *c; c++)
            if (*c == ',')
                *c = ':';
        return bw_idmap_parse(colons, v, n, err);
    }
    struct bw_id_range sub;
    if (bw_idmap_subids(kind, &sub, 1) == 0) {
        bw_err_set(err, "/etc/sub%cid has no range for this user", kind == BW_UID ? 'u' : 'g');
        bw_err_todo(
            err, "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
        return -1;
    }
    unsigned inside = *n && v[0].inside == 0 ? 1 : 0;
    BW_AUTO_STR range = BW_STR_INIT;
    bw_str_addf(&range, "%u:%u:%u", inside, sub.outside, sub.count - inside);
    return bw_idmap_parse(range.s, v, n, err);
}

static int write_all(const struct idmaps *m, pid_t pid, struct bw_err *err)
{
    /* The kernel takes an ordinary user's gid_map only once setgroups is denied; util-linux denies
     * it for every map of the caller's own group alone, and so does this. */
    bool own_only = m->n_gid == 1 && m->gid[0].count == 1;
    if ((m->setgroups == 0 || (m->setgroups < 0 && own_only)) &&
        bw_idmap_setgroups(pid, false, err))
        return -1;
    if (m->setgroups == 1 && bw_idmap_setgroups(pid, true, err))
        return -1;
    if (m->n_uid && bw_idmap_write(pid, BW_UID, m->uid, m->n_uid, err))
        return -1;
    return m->n_gid ? bw_idmap_write(pid, BW_GID, m->gid, m->n_gid, err) : 0;
}

int idmaps_write(const struct idmaps *m, struct bw_stage *st, struct bw_err *err)
{
    if (!m->n_uid && !m->n_gid && m->setgroups < 0)
        return 0;
    if (bw_stage_show(st, true, err))
        return -1;
    int r = write_all(m, st->pid, err);
    /* What refused the maps is told, not what comes after. */
    struct bw_err hiding = BW_ERR_INIT;
    if (bw_stage_show(st, false, &hiding) && r == 0) {
        *err = hiding;
        r = -1;
    }
    return r;
}

static bool covers(const struct bw_id_range *v, int n, unsigned outside)
{
    for (int i = 0; i < n; i++)
        if (outside >= v[i].outside && outside - v[i].outside < v[i].count)
            return true;
    return false;
}

static bool has_zero(const struct bw_id_range *v, int n)
{
    for (int i = 0; i < n; i++)
        if (v[i].inside == 0)
            return true;
    return false;
}

int idmaps_settle(struct bw_stage *st, struct bw_err *err)
{
    static struct bw_id_range uid[BW_IDMAP_MAX], gid[BW_IDMAP_MAX];
    struct bw_status_file now;
    int n_uid = bw_idmap_read(st->pid, BW_UID, uid, BW_IDMAP_MAX);
    int n_gid = bw_idmap_read(st->pid, BW_GID, gid, BW_IDMAP_MAX);
    if (n_uid < 0 || n_gid < 0 || bw_status_read(st->pid, &now))
        return bw_err_call(err, errno, "open", "\"/proc/%d/%s\", O_RDONLY|O_CLOEXEC", (int)st->pid,
                           n_uid < 0   ? "uid_map"
                           : n_gid < 0 ? "gid_map"
                                       : "status");
    if (n_uid == 0 || n_gid == 0)
        return 0;
    if ((covers(uid, n_uid, now.uid[1]) && covers(gid, n_gid, now.gid[1])) ||
        !has_zero(uid, n_uid) || !has_zero(gid, n_gid))
        return 0;
    return bw_stage_setid(st, 0, 0, err);
}
