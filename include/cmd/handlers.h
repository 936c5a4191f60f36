/* The handlers of the command table, by the file that holds them. */
#ifndef BW_CMD_HANDLERS_H
#define BW_CMD_HANDLERS_H

struct bw_session;
#define BW_HANDLER(name) int name(struct bw_session *s, int argc, char **argv)

/* cmd_ns.c */
BW_HANDLER(bw_cmd_unshare);
BW_HANDLER(bw_cmd_fork);
BW_HANDLER(bw_cmd_map);
BW_HANDLER(bw_cmd_hostname);
BW_HANDLER(bw_cmd_enter);
/* cmd_fs.c, cmd_mount.c */
BW_HANDLER(bw_cmd_rootfs);
BW_HANDLER(bw_cmd_debootstrap);
BW_HANDLER(bw_cmd_mkdir);
BW_HANDLER(bw_cmd_mount);
BW_HANDLER(bw_cmd_umount);
BW_HANDLER(bw_cmd_bind);
BW_HANDLER(bw_cmd_mountproc);
BW_HANDLER(bw_cmd_chroot);
BW_HANDLER(bw_cmd_pivot);
BW_HANDLER(bw_cmd_overlay);
/* cmd_cgroup.c */
BW_HANDLER(bw_cmd_cgcreate);
BW_HANDLER(bw_cmd_cgset);
BW_HANDLER(bw_cmd_cgget);
BW_HANDLER(bw_cmd_cgexec);
BW_HANDLER(bw_cmd_cgclassify);
BW_HANDLER(bw_cmd_cgdelete);
/* cmd_box.c */
BW_HANDLER(bw_cmd_box);
unsigned bw_cmd_box_needs(int argc, char **argv);
/* cmd_caps.c */
BW_HANDLER(bw_cmd_caps);
BW_HANDLER(bw_cmd_nonewprivs);
/* cmd_seccomp.c */
BW_HANDLER(bw_cmd_seccomp);
/* cmd_net.c */
BW_HANDLER(bw_cmd_net);
unsigned bw_cmd_net_needs(int argc, char **argv);
/* cmd_harden.c */
BW_HANDLER(bw_cmd_harden);
/* cmd_mask.c */
BW_HANDLER(bw_cmd_mask);
BW_HANDLER(bw_cmd_devices);
BW_HANDLER(bw_cmd_rlimit);
/* cmd_program.c */
BW_HANDLER(bw_cmd_run);
BW_HANDLER(bw_cmd_sh);
BW_HANDLER(bw_cmd_spawn);
BW_HANDLER(bw_cmd_fg);
BW_HANDLER(bw_cmd_ps);
BW_HANDLER(bw_cmd_kill);
BW_HANDLER(bw_cmd_burn);
BW_HANDLER(bw_cmd_host);
/* cmd_look.c */
BW_HANDLER(bw_cmd_inspect);
BW_HANDLER(bw_cmd_diff);
BW_HANDLER(bw_cmd_trace);
BW_HANDLER(bw_cmd_explain);
BW_HANDLER(bw_cmd_lsns);
BW_HANDLER(bw_cmd_doctor);
/* cmd_history.c */
BW_HANDLER(bw_cmd_plan);
BW_HANDLER(bw_cmd_undo);
BW_HANDLER(bw_cmd_redo);
BW_HANDLER(bw_cmd_reset);
BW_HANDLER(bw_cmd_save);
BW_HANDLER(bw_cmd_source);
/* cmd_lesson.c */
BW_HANDLER(bw_cmd_lessons);
BW_HANDLER(bw_cmd_learn);
BW_HANDLER(bw_cmd_hint);
BW_HANDLER(bw_cmd_check);
BW_HANDLER(bw_cmd_solution);
BW_HANDLER(bw_cmd_play);
/* cmd_shell.c */
BW_HANDLER(bw_cmd_help);
BW_HANDLER(bw_cmd_set);
BW_HANDLER(bw_cmd_quit);
/* cmd_pane.c */
BW_HANDLER(bw_cmd_pane);
BW_HANDLER(bw_cmd_watch);

#endif
