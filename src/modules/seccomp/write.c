/* Rules as an OCI runtime takes them: opencontainers' runtime-spec config-linux.md. */
#include <json-c/json.h>

#include "seccomp_priv.h"

static void put(struct json_object *o, const char *key, struct json_object *v)
{
    json_object_object_add(o, key, v);
}

static struct json_object *condition(const struct scmp_arg_cmp *c)
{
    struct json_object *o = json_object_new_object();
    put(o, "index", json_object_new_int((int)c->arg));
    put(o, "value", json_object_new_uint64(c->datum_a));
    if (c->datum_b)
        put(o, "valueTwo", json_object_new_uint64(c->datum_b));
    put(o, "op", json_object_new_string(compare_name((int)c->op)));
    return o;
}

static struct json_object *one(const struct rule *r)
{
    struct json_object *o = json_object_new_object(), *names = json_object_new_array();
    for (size_t i = 0; i < r->n_names; i++)
        json_object_array_add(names, json_object_new_string(r->names[i]));
    put(o, "names", names);
    put(o, "action", json_object_new_string(r->action.name));
    if (r->action.code >= 0)
        put(o, "errnoRet", json_object_new_int(r->action.code));
    if (r->n_args) {
        struct json_object *args = json_object_new_array();
        for (unsigned i = 0; i < r->n_args; i++)
            json_object_array_add(args, condition(&r->args[i]));
        put(o, "args", args);
    }
    return o;
}

void rules_write(const struct rules *r, struct bw_str *out)
{
    struct json_object *o = json_object_new_object(), *arches = json_object_new_array(),
                       *calls = json_object_new_array();
    put(o, "defaultAction", json_object_new_string(r->otherwise.name));
    if (r->otherwise.code >= 0)
        put(o, "defaultErrnoRet", json_object_new_int(r->otherwise.code));
    for (size_t i = 0; i < r->n_arches; i++)
        json_object_array_add(arches, json_object_new_string(r->arch_names[i]));
    put(o, "architectures", arches);
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].n_names)
            json_object_array_add(calls, one(&r->v[i]));
    put(o, "syscalls", calls);
    bw_str_add(out, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
                                                          JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(o);
}
