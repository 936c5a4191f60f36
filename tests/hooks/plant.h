/* Shows that what is looked for would be found: the file plant, "NAME overflow" or "NAME leak", in
 * the folder that BW_HOOK names. NAME is a process's, or scratch for a stage that another forked.
 */
#ifndef BW_TESTS_PLANT_H
#define BW_TESTS_PLANT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static char plant[64];
static pid_t first;

static void plant_read(const char *dir)
{
    char path[256];
    snprintf(path, sizeof path, "%s/plant", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    first = getpid();
    if (fd < 0)
        return;
    if (read(fd, plant, sizeof plant - 1) < 0)
        plant[0] = '\0';
    close(fd);
}

/* The leak is what it is for. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

__attribute__((noinline)) static void plant_one(bool overflow)
{
    char *volatile p = malloc(40);
    void *(*volatile fill)(void *, int, size_t) = memset;
    if (p)
        fill(p, 1, overflow ? 41 : 40);
    p = NULL;
}

static void plant_sow(void)
{
    char name[16] = "", what[16] = "", who[16] = "";
    if (sscanf(plant, "%15s %15s", who, what) != 2)
        return;
    bool scratch = strcmp(who, "scratch") == 0, forked = getpid() != first;
    prctl(PR_GET_NAME, name);
    if (strcmp(scratch ? "bw-stage" : who, name) != 0 || (scratch && !forked))
        return;
    plant[0] = '\0';
    /* Some, for the stack or a register may still hold the address of the last one. */
    for (int i = 0; i < 8; i++)
        plant_one(strcmp(what, "overflow") == 0);
}

#endif
