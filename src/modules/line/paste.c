/* Bracketed paste: readline's own handler would block until the end mark. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <stdio.h>

#include <readline/readline.h>

#include "cmd/session.h"
#include "line_priv.h"

#define PASTE_END "\033[201~"
enum { PASTE_MAX = 1 << 20 };

int bw_ed_on_paste(int count, int key)
{
    (void)count;
    (void)key;
    bw_ed.pasting = true;
    bw_str_clear(&bw_ed.pasted);
    return 0;
}

/* One byte of the paste: what stands after the end mark is not ours to read. */
void bw_ed_collect_paste(void)
{
    const size_t mark = strlen(PASTE_END);
    char c;
    ssize_t n = read(STDIN_FILENO, &c, 1);

    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        bw_ed.pasting = false;
        return;
    }
    if (n < 0 || c == '\0')
        return;
    if (bw_ed.pasted.len >= PASTE_MAX) {
        /* Only the mark is looked for now. */
        memmove(bw_ed.pasted.s + PASTE_MAX - mark, bw_ed.pasted.s + PASTE_MAX - mark + 1, mark - 1);
        bw_ed.pasted.s[PASTE_MAX - 1] = c;
    } else {
        bw_str_addc(&bw_ed.pasted, c);
    }
    if (bw_ed.pasted.len < mark || strcmp(bw_ed.pasted.s + bw_ed.pasted.len - mark, PASTE_END) != 0)
        return;
    bw_ed.pasting = false;
    rl_redisplay();
    bool full = bw_ed.pasted.len >= PASTE_MAX;
    bw_ed.pasted.len -= mark;
    bw_ed.pasted.s[bw_ed.pasted.len] = '\0';
    if (full) {
        bw_str_clear(&bw_ed.pasted);
        bw_msg(bw_ed.s->out, "\n");
        bw_session_note(bw_ed.s, "a paste of more than 1 MiB is dropped: use boxwright FILE");
        rl_forced_update_display();
    }
}

/* Types the next line of the paste in, its end included; the rest waits until it has run. */
void bw_ed_type_pasted(void)
{
    BW_AUTO_STR piece = BW_STR_INIT;
    size_t n = strcspn(bw_ed.pasted.s, "\r\n"), used = n;
    bool end = bw_ed.pasted.s[n] != '\0';

    if (end)
        used += bw_ed.pasted.s[n] == '\r' && bw_ed.pasted.s[n + 1] == '\n' ? 2 : 1;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)bw_ed.pasted.s[i] >= 0x20 && bw_ed.pasted.s[i] != 0x7f) ||
            bw_ed.pasted.s[i] == '\t')
            bw_str_addc(&piece, bw_ed.pasted.s[i]);
    BW_AUTO_STR rest = BW_STR_INIT;
    bw_str_add(&rest, bw_ed.pasted.s + used);
    bw_str_clear(&bw_ed.pasted);
    bw_str_add(&bw_ed.pasted, bw_str_get(&rest));
    rl_insert_text(bw_str_get(&piece));
    rl_redisplay();
    if (end) {
        rl_stuff_char('\n');
        rl_callback_read_char();
    }
}
