/* Modules: parts that need a library most starts do not (readline, json-c, libarchive, sd-bus,
 * libseccomp …). Each is a shared object of the same build, found beside the program under modules/
 * or in the installed library folder, and loaded when its first function is asked for. */
#ifndef BW_BASE_MODULE_H
#define BW_BASE_MODULE_H

struct bw_err;

/* The address of symbol in module NAME ("json"), which is loaded if it is not yet. Returns NULL
 * with err filled when the module or one of its libraries is missing. Never unloads. */
void *bw_module_symbol(const char *name, const char *symbol, struct bw_err *err);

/* The same for a function: its address is stored in *function, a pointer to one. 0 or -1. */
int bw_module_function(const char *name, const char *symbol, void *function, struct bw_err *err);

/* Where a file that comes with modules is: beside them, or in the installed folder. Only while the
 * root directory is the one boxwright was started in. */
struct bw_str;
int bw_module_file(const char *file, struct bw_str *path, struct bw_err *err);

/* The program's own file, beside which modules are looked for: what /proc/self/exe leads to, or
 * what was set by a process that runs from a copy of it. */
const char *bw_module_program(void);
void bw_module_set_program(const char *path);

#endif
