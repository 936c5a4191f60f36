/* readline under the split screen: it edits, the screen draws. Keys that look back have a keymap of
 * their own; any other key ends it and means what it always means. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <readline/readline.h>

#include "line_priv.h"
#include "ui/split.h"

static Keymap typing, back, asking;
static struct bw_str sought;
/* The user asked to look back: letters are keys of it then. An output that is held because it is
 * long must not eat the first letter of the next command. */
static bool browsing;

/* readline puts prompts of its own there, as for ^R. */
static void redisplay(void)
{
    bw_split_line(bw_ed.split, rl_display_prompt ? rl_display_prompt : "", rl_line_buffer,
                  (size_t)rl_point);
}

/* Keys that wait are taken in first. */
void bw_ed_split_frame(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    if (poll(&in, 1, 0) != 0)
        return;
    /* The end of a paste has not come with the rest: it may never come. */
    if (bw_ed.pasting)
        bw_split_line(bw_ed.split, "(in a paste that has not ended; ^C drops it) ", "", 0);
    bw_split_frame(bw_ed.split);
}

/* Which keymap holds follows from whether the view does. */
static int follow_view(void)
{
    rl_set_keymap(bw_split_held(bw_ed.split) ? back : typing);
    bw_split_browse(bw_ed.split, browsing);
    return 0;
}

void bw_ed_split_begin(void)
{
    browsing = false;
    follow_view();
}

static int on_redraw(int count, int key)
{
    (void)count, (void)key;
    bw_split_resize(bw_ed.split);
    return 0;
}

/* ---- moving ---- */

#define KEY(name, action)                                                                          \
    static int name(int count, int key)                                                            \
    {                                                                                              \
        (void)count, (void)key;                                                                    \
        action;                                                                                    \
        return follow_view();                                                                      \
    }
KEY(on_page_up, (browsing = true, bw_split_page(bw_ed.split, -1)))
KEY(on_page_down, bw_split_page(bw_ed.split, 1))
KEY(on_row_up, bw_split_rows(bw_ed.split, -1))
KEY(on_row_down, bw_split_rows(bw_ed.split, 1))
KEY(on_top, bw_split_ends(bw_ed.split, true))
KEY(on_end, bw_split_ends(bw_ed.split, false))

static int on_other(int count, int key)
{
    int r = 0;

    browsing = false;
    bw_split_follow(bw_ed.split);
    follow_view();
    if (key >= 0 && key < KEYMAP_SIZE && typing[key].type == ISFUNC && typing[key].function)
        r = typing[key].function(count, key);
    return r;
}

static int on_letter_key(int count, int key)
{
    if (!browsing)
        return on_other(count, key);
    if (key == 'q')
        bw_split_follow(bw_ed.split);
    else if (key == 'b')
        bw_split_page(bw_ed.split, -1);
    else if (key == 'f')
        bw_split_page(bw_ed.split, 1);
    else if (sought.len == 0)
        return on_other(count, key);
    else
        bw_split_search(bw_ed.split, sought.s, key == 'n');
    return follow_view();
}

/* ---- searching ---- */

static int ask(void)
{
    bw_split_ask(bw_ed.split, bw_str_get(&sought));
    return 0;
}

static int on_ask(int count, int key)
{
    (void)count, (void)key;
    bw_str_clear(&sought);
    browsing = true;
    rl_set_keymap(asking);
    return ask();
}

static int on_letter(int count, int key)
{
    (void)count;
    if (sought.len < 200)
        bw_str_addc(&sought, (char)key);
    return ask();
}

static int on_erase(int count, int key)
{
    (void)count, (void)key;
    while (sought.len > 0 && ((unsigned char)sought.s[--sought.len] & 0xc0) == 0x80)
        ;
    if (sought.s)
        sought.s[sought.len] = '\0';
    return ask();
}

static int on_search(int count, int key)
{
    (void)count, (void)key;
    bw_split_ask(bw_ed.split, NULL);
    /* Upwards first: what was printed is what is looked for. */
    if (sought.len > 0 && !bw_split_search(bw_ed.split, sought.s, true))
        bw_split_search(bw_ed.split, sought.s, false);
    return follow_view();
}

static int on_give_up(int count, int key)
{
    (void)count, (void)key;
    bw_split_ask(bw_ed.split, NULL);
    return follow_view();
}

/* ---- keymaps ---- */

static const struct {
    const char *keys;
    rl_command_func_t *run;
} looking[] = {
    {"\033[5~", on_page_up}, {"\033[6~", on_page_down}, {"\033[A", on_row_up},
    {"\033OA", on_row_up},   {"\033[B", on_row_down},   {"\033OB", on_row_down},
    {"\033[H", on_top},      {"\033OH", on_top},        {"\033[1~", on_top},
    {"\033[F", on_end},      {"\033OF", on_end},        {"\033[4~", on_end},
    {" ", on_page_down},     {"\r", on_row_down},       {"/", on_ask},
    {"f", on_letter_key},    {"b", on_letter_key},      {"q", on_letter_key},
    {"n", on_letter_key},    {"N", on_letter_key},
};

static void make_back(void)
{
    back = rl_make_bare_keymap();
    for (int key = 0; key < 256; key++)
        if (key != 033)
            rl_bind_key_in_map(key, on_other, back);
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
        rl_bind_keyseq_in_map(looking[i].keys, looking[i].run, back);
    rl_bind_keyseq_in_map("\033[200~", bw_ed_on_paste, back);
    rl_bind_keyseq_in_map("\f", on_redraw, back);
}

static void make_asking(void)
{
    asking = rl_make_bare_keymap();
    for (int key = 0; key < 256; key++)
        if (key != 033)
            rl_bind_key_in_map(key, key < ' ' ? on_give_up : on_letter, asking);
    rl_bind_key_in_map(0x7f, on_erase, asking);
    rl_bind_key_in_map('\b', on_erase, asking);
    rl_bind_key_in_map('\r', on_search, asking);
    rl_bind_key_in_map('\n', on_search, asking);
}

static void no_preparation(int meta)
{
    (void)meta;
}

static void nothing(void)
{
}

void bw_ed_split_init(void)
{
    rl_prep_term_function = no_preparation;
    rl_deprep_term_function = nothing;
    rl_redisplay_function = redisplay;
    rl_outstream = fopen("/dev/null", "we");
    if (!rl_outstream)
        rl_outstream = stderr;
    typing = rl_get_keymap();
    rl_bind_keyseq_in_map("\033[5~", on_page_up, typing);
    rl_bind_keyseq_in_map("\033[6~", on_page_down, typing);
    rl_bind_keyseq_in_map("\f", on_redraw, typing);
    make_back();
    make_asking();
}
