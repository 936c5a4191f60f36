case: a missing program is skipped
needs: cmd:no-such-program-here
run: echo x
status: 0
stdout: x
