/* Logging for boxwright's own developers, to the file named by BW_LOG, never to the terminal.
 * Control bytes are neutralised. Without BW_LOG nothing is opened and nothing is written. */
#ifndef BW_BASE_LOG_H
#define BW_BASE_LOG_H

/* Writes one line "PID SECONDS text". Keeps errno. */
void bw_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
