/* For a target of what a module does: its objects are linked, and nothing is loaded. Such a target
 * names its modules in the Makefile (FUZZ_MODULES_NAME). */
#ifndef BW_FUZZ_LINKED_H
#define BW_FUZZ_LINKED_H

struct fuzz_function {
    const char *symbol;
    void (*function)(void);
};

/* The target's own, ended by an empty one: all that bw_module_symbol finds. */
extern const struct fuzz_function fuzz_functions[];

#endif
