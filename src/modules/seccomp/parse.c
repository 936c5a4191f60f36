/* A profile in JSON, in OCI's form or Docker's: opencontainers' runtime-spec config-linux.md, and
 * docs.docker.com/engine/security/seccomp. What is not understood is an error: a filter that lacks
 * a part is worse than none. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/err.h"
#include "kern/caps.h"
#include "seccomp_priv.h"

enum { DEPTH = 32, ERRNO_MOST = 4095 };

static const struct {
    const char *name;
    uint32_t act;
    bool takes_code;
} actions[] = {
    {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false},
    {"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true},
    {"SCMP_ACT_LOG", SCMP_ACT_LOG, false},
    {"SCMP_ACT_TRAP", SCMP_ACT_TRAP, false},
    {"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true},
    {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, false},
    {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false},
    {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false},
};

static const char *const compares[] = {
    [SCMP_CMP_NE] = "SCMP_CMP_NE",
    [SCMP_CMP_LT] = "SCMP_CMP_LT",
    [SCMP_CMP_LE] = "SCMP_CMP_LE",
    [SCMP_CMP_EQ] = "SCMP_CMP_EQ",
    [SCMP_CMP_GE] = "SCMP_CMP_GE",
    [SCMP_CMP_GT] = "SCMP_CMP_GT",
    [SCMP_CMP_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

/* By libseccomp's constant: as profiles name it, and as their conditions do. */
static const struct {
    uint32_t arch;
    const char *name, *word;
} arches[] = {
    {SCMP_ARCH_X86, "SCMP_ARCH_X86", "x86"},
    {SCMP_ARCH_X86_64, "SCMP_ARCH_X86_64", "amd64"},
    {SCMP_ARCH_X32, "SCMP_ARCH_X32", "x32"},
    {SCMP_ARCH_ARM, "SCMP_ARCH_ARM", "arm"},
    {SCMP_ARCH_AARCH64, "SCMP_ARCH_AARCH64", "arm64"},
    {SCMP_ARCH_MIPS, "SCMP_ARCH_MIPS", "mips"},
    {SCMP_ARCH_MIPS64, "SCMP_ARCH_MIPS64", "mips64"},
    {SCMP_ARCH_MIPS64N32, "SCMP_ARCH_MIPS64N32", "mips64n32"},
    {SCMP_ARCH_MIPSEL, "SCMP_ARCH_MIPSEL", "mipsel"},
    {SCMP_ARCH_MIPSEL64, "SCMP_ARCH_MIPSEL64", "mipsel64"},
    {SCMP_ARCH_MIPSEL64N32, "SCMP_ARCH_MIPSEL64N32", "mipsel64n32"},
    {SCMP_ARCH_PPC, "SCMP_ARCH_PPC", "ppc"},
    {SCMP_ARCH_PPC64, "SCMP_ARCH_PPC64", "ppc64"},
    {SCMP_ARCH_PPC64LE, "SCMP_ARCH_PPC64LE", "ppc64le"},
    {SCMP_ARCH_S390, "SCMP_ARCH_S390", "s390"},
    {SCMP_ARCH_S390X, "SCMP_ARCH_S390X", "s390x"},
    {SCMP_ARCH_RISCV64, "SCMP_ARCH_RISCV64", "riscv64"},
};
enum { N_ARCHES = sizeof arches / sizeof *arches };

const char *compare_name(int op)
{
    return op > 0 && op < (int)(sizeof compares / sizeof *compares) ? compares[op] : NULL;
}

struct action action_make(const char *name, int code)
{
    struct action a = {.code = -1};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        a.name = actions[i].name;
        a.act = actions[i].act;
        if (actions[i].takes_code) {
            /* EPERM where nothing is said, as runc has it. */
            a.act |= (uint32_t)(code < 0 ? 1 : code);
            a.code = code;
        }
    }
    return a;
}

void rules_free(struct rules *r)
{
    for (size_t i = 0; i < r->n; i++) {
        for (size_t k = 0; k < r->v[i].n_names; k++)
            free(r->v[i].names[k]);
        free(r->v[i].names);
    }
    free(r->v);
    *r = (struct rules){0};
}

static struct rule *grow(struct rules *r)
{
    r->v = bw_realloc(r->v, (r->n + 1) * sizeof *r->v);
    r->v[r->n] = (struct rule){0};
    return &r->v[r->n++];
}

static void add_name(struct rule *r, const char *name)
{
    r->names = bw_realloc(r->names, (r->n_names + 1) * sizeof *r->names);
    r->names[r->n_names++] = bw_strdup(name);
}

void rules_add(struct rules *r, const char *name, struct action action)
{
    struct rule *rule = grow(r);
    rule->action = action;
    add_name(rule, name);
}

static int add_arch(struct rules *r, const char *name)
{
    for (size_t i = 0; i < N_ARCHES; i++) {
        if (strcmp(arches[i].name, name) != 0 || r->n_arches == ARCHES)
            continue;
        r->arch_names[r->n_arches] = arches[i].name;
        r->arches[r->n_arches++] = arches[i].arch;
        return 0;
    }
    return -1;
}

void rules_all_arches(struct rules *r)
{
    switch (seccomp_arch_native()) {
    case SCMP_ARCH_X86_64:
        add_arch(r, "SCMP_ARCH_X86_64");
        add_arch(r, "SCMP_ARCH_X86");
        add_arch(r, "SCMP_ARCH_X32");
        break;
    case SCMP_ARCH_AARCH64:
        add_arch(r, "SCMP_ARCH_AARCH64");
        add_arch(r, "SCMP_ARCH_ARM");
        break;
    default:
        break;
    }
}

static const char *native_word(void)
{
    for (size_t i = 0; i < N_ARCHES; i++)
        if (arches[i].arch == seccomp_arch_native())
            return arches[i].word;
    return "?";
}

static const char *native_name(void)
{
    for (size_t i = 0; i < N_ARCHES; i++)
        if (arches[i].arch == seccomp_arch_native())
            return arches[i].name;
    return "?";
}

/* ---- JSON ---- */

static struct json_object *get(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

/* A NUL does not make another word of it. */
static const char *string(struct json_object *v)
{
    if (!v || !json_object_is_type(v, json_type_string))
        return NULL;
    const char *s = json_object_get_string(v);
    return strlen(s) == (size_t)json_object_get_string_len(v) ? s : NULL;
}

/* The list under key; NULL when it is not there or null. Anything else sets *bad. */
static struct json_object *list(struct json_object *o, const char *key, bool *bad)
{
    struct json_object *v = get(o, key);
    if (!v)
        return NULL;
    *bad = *bad || !json_object_is_type(v, json_type_array);
    return *bad ? NULL : v;
}

static size_t length(struct json_object *a)
{
    return a ? json_object_array_length(a) : 0;
}

static int number(struct json_object *o, const char *key, int64_t least, int64_t most, int64_t *out)
{
    struct json_object *v = get(o, key);
    if (!v)
        return 0;
    *out = json_object_get_int64(v);
    return json_object_is_type(v, json_type_int) && *out >= least && *out <= most ? 1 : -1;
}

static int action(struct json_object *o, const char *key, const char *code_key, struct action *out,
                  struct bw_err *err)
{
    const char *name = string(get(o, key));
    int64_t code = -1;
    if (!name)
        return bw_err_set(err, "the profile has no %s where one is needed", key);
    if (number(o, code_key, 0, ERRNO_MOST, &code) < 0)
        return bw_err_set(err, "%s of the profile is no errno", code_key);
    *out = action_make(name, (int)code);
    if (out->name)
        return 0;
    bw_err_set(err, "the profile's action %s is not one that can be used here", name);
    bw_err_todo(err,
                strcmp(name, "SCMP_ACT_NOTIFY") == 0
                    ? "SCMP_ACT_NOTIFY needs an agent of its own; take SCMP_ACT_ERRNO: what it "
                      "refuses is shown all the same"
                    : "SCMP_ACT_ALLOW, ERRNO, LOG, TRAP, TRACE, KILL_THREAD, KILL_PROCESS");
    return -1;
}

/* A whole number of 64 bits, 0 where none is given; -1 for anything else, as a negative one, which
 * json-c would make 0. */
static int datum(struct json_object *o, const char *key, uint64_t *out)
{
    struct json_object *v = get(o, key);

    *out = v ? json_object_get_uint64(v) : 0;
    return v && (!json_object_is_type(v, json_type_int) || json_object_get_int64(v) < 0) ? -1 : 0;
}

static int one_arg(struct json_object *o, struct rule *r, struct bw_err *err)
{
    int64_t index = 0;
    const char *op = string(get(o, "op"));
    uint64_t one, two;
    int cmp = 0;
    for (int i = 1; op && compare_name(i); i++)
        if (strcmp(compare_name(i), op) == 0)
            cmp = i;
    if (r->n_args == CONDITIONS || !cmp || number(o, "index", 0, ARGS - 1, &index) < 0 ||
        datum(o, "value", &one) || datum(o, "valueTwo", &two))
        return bw_err_set(err,
                          "a condition on an argument of the profile's rule for %s cannot be "
                          "understood",
                          r->n_names ? r->names[0] : "no call");
    r->args[r->n_args++] = (struct scmp_arg_cmp){
        .arg = (unsigned)index, .op = (enum scmp_compare)cmp, .datum_a = one, .datum_b = two};
    return 0;
}

/* "6.1" and what follows; -1 when it does not begin so. */
static int version(const char *text, unsigned long v[2], const char **rest)
{
    char *end;
    if (*text < '0' || *text > '9')
        return -1;
    v[0] = strtoul(text, &end, 10);
    if (*end != '.' || end[1] < '0' || end[1] > '9')
        return -1;
    v[1] = strtoul(end + 1, &end, 10);
    *rest = end;
    return 0;
}

static int kernel_at_least(const char *text, bool *is)
{
    struct utsname u;
    unsigned long want[2], have[2] = {0, 0};
    const char *rest;
    if (version(text, want, &rest) || *rest)
        return -1;
    if (uname(&u) || version(u.release, have, &rest))
        return -1;
    *is = have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
    return 0;
}

static bool has_cap(const struct bw_profile_request *rq, const char *name)
{
    int cap = bw_cap_by_name(name);
    return cap >= 0 && rq->bounding >> cap & 1;
}

/* How many of the list hold, of how many there are; -1 when it is no list of words. */
static int count(const struct bw_profile_request *rq, struct json_object *o, const char *key,
                 size_t *of)
{
    bool bad = false;
    struct json_object *a = list(o, key, &bad);
    int n = 0;
    *of = length(a);
    for (size_t i = 0; i < *of; i++) {
        const char *word = string(json_object_array_get_idx(a, i));
        if (!word)
            return -1;
        n += strcmp(key, "caps") == 0 ? has_cap(rq, word) : strcmp(word, native_word()) == 0;
    }
    return bad ? -1 : n;
}

/* Docker's conditions: of excludes any that holds takes the rule out; of includes all capabilities,
 * the architecture and the kernel must be there. */
static int condition(const struct bw_profile_request *rq, struct json_object *rule, bool excludes,
                     bool *keep, struct bw_err *err)
{
    struct json_object *o = get(rule, excludes ? "excludes" : "includes");
    size_t n_caps, n_arches;
    bool newer = !excludes;
    if (!o)
        return 0;
    int caps = count(rq, o, "caps", &n_caps), archs = count(rq, o, "arches", &n_arches);
    struct json_object *min = get(o, "minKernel");
    if (caps < 0 || archs < 0 || (min && (!string(min) || kernel_at_least(string(min), &newer))))
        return bw_err_set(err, "%s of a rule of the profile cannot be understood",
                          excludes ? "excludes" : "includes");
    if (excludes)
        *keep = *keep && caps == 0 && archs == 0 && !newer;
    else
        *keep = *keep && caps == (int)n_caps && (n_arches == 0 || archs > 0) && newer;
    return 0;
}

/* Known or not, its bytes are a call's: what is unknown is named to the user. */
static int take_name(struct rule *r, struct json_object *v, struct bw_err *err)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *name = string(v);

    if (!name || !*name || name[strspn(name, bytes)])
        return bw_err_set(err, "a rule of the profile names something that is no system call");
    add_name(r, name);
    return 0;
}

static int one_rule(const struct bw_profile_request *rq, struct json_object *o, struct rules *out,
                    struct bw_err *err)
{
    bool bad = false, keep = true;
    struct json_object *names = list(o, "names", &bad), *args = list(o, "args", &bad);
    const char *name = string(get(o, "name"));
    if (bad || !json_object_is_type(o, json_type_object) || !(name || names) || (name && names))
        return bw_err_set(err, "a rule of the profile has no list of names");
    if (condition(rq, o, true, &keep, err) || condition(rq, o, false, &keep, err))
        return -1;
    struct action act;
    if (action(o, "action", "errnoRet", &act, err))
        return -1;
    struct rule *r = grow(out);
    r->action = act;
    if (name && take_name(r, get(o, "name"), err))
        return -1;
    for (size_t i = 0; i < length(names); i++)
        if (take_name(r, json_object_array_get_idx(names, i), err))
            return -1;
    for (size_t i = 0; i < length(args); i++)
        if (one_arg(json_object_array_get_idx(args, i), r, err))
            return -1;
    if (keep)
        return 0;
    for (size_t k = 0; k < r->n_names; k++)
        free(r->names[k]);
    free(r->names);
    out->n--;
    return 0;
}

static int arch_list(struct json_object *a, struct rules *out, struct bw_err *err)
{
    for (size_t i = 0; i < length(a); i++) {
        const char *name = string(json_object_array_get_idx(a, i));
        if (!name || add_arch(out, name))
            return bw_err_set(err, "the profile's architecture %s is not known",
                              name ? name : "without a name");
    }
    return 0;
}

static int architectures(struct json_object *o, struct rules *out, struct bw_err *err)
{
    bool bad = false;
    struct json_object *plain = list(o, "architectures", &bad), *map = list(o, "archMap", &bad);
    if (bad || (length(plain) && length(map)))
        return bw_err_set(err, "the profile has architectures and archMap, or one that is no list");
    if (arch_list(plain, out, err))
        return -1;
    for (size_t i = 0; i < length(map); i++) {
        struct json_object *m = json_object_array_get_idx(map, i);
        const char *name = string(get(m, "architecture"));
        struct json_object *sub = list(m, "subArchitectures", &bad);
        if (bad || !name)
            return bw_err_set(err, "the profile's archMap cannot be understood");
        if (strcmp(name, native_name()) != 0)
            continue;
        add_arch(out, name);
        return arch_list(sub, out, err);
    }
    return 0;
}

static int flags(struct json_object *o, struct bw_err *err)
{
    bool bad = false;
    struct json_object *f = list(o, "flags", &bad);
    for (size_t i = 0; i < length(f); i++) {
        const char *name = string(json_object_array_get_idx(f, i));
        /* All threads at once: a program has one when it begins. */
        if (!name || strcmp(name, "SECCOMP_FILTER_FLAG_TSYNC") != 0)
            return bw_err_set(err, "the profile's flag %s is not one that can be used here",
                              name ? name : "without a name");
    }
    return bad ? bw_err_set(err, "the profile's flags are no list") : 0;
}

static int whole(const struct bw_profile_request *rq, struct json_object *o, struct rules *out,
                 struct bw_err *err)
{
    bool bad = false;
    if (!json_object_is_type(o, json_type_object))
        return bw_err_set(err, "the profile is no JSON object");
    struct json_object *calls = list(o, "syscalls", &bad);
    if (bad)
        return bw_err_set(err, "the profile's syscalls are no list");
    if (action(o, "defaultAction", "defaultErrnoRet", &out->otherwise, err) ||
        architectures(o, out, err) || flags(o, err))
        return -1;
    for (size_t i = 0; i < length(calls); i++)
        if (one_rule(rq, json_object_array_get_idx(calls, i), out, err))
            return -1;
    return 0;
}

int rules_parse(const struct bw_profile_request *rq, struct rules *out, struct bw_err *err)
{
    struct json_tokener *t = json_tokener_new_ex(DEPTH);
    if (!t)
        return bw_err_set(err, "there is no memory to read the profile");
    json_tokener_set_flags(t, JSON_TOKENER_STRICT);
    struct json_object *o = json_tokener_parse_ex(t, rq->text, (int)rq->len);
    enum json_tokener_error e = json_tokener_get_error(t);
    size_t at = json_tokener_get_parse_end(t);
    json_tokener_free(t);
    if (e == json_tokener_success) {
        while (at < rq->len && rq->text[at] && strchr(" \t\r\n", rq->text[at]))
            at++;
        e = at < rq->len ? json_tokener_error_parse_unexpected : e;
    }
    int r = -1;
    if (e != json_tokener_success || !o)
        bw_err_set(err, "the profile is no JSON: %s at byte %zu",
                   e == json_tokener_success    ? "nothing"
                   : e == json_tokener_continue ? "it ends too early,"
                                                : json_tokener_error_desc(e),
                   at);
    else
        r = whole(rq, o, out, err);
    json_object_put(o);
    if (r)
        rules_free(out);
    return r;
}
