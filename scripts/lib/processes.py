# SPDX-License-Identifier: MIT
"""Running commands so that nothing of them is left behind.

The runner makes itself the subreaper (prctl(2)): whatever its children start, in however many
sessions, stays its descendant and can be found and ended.
"""
import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans():
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _parents():
    """pid -> (parent's pid, command, state) of every process."""
    table = {}
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open(f'/proc/{entry}/stat', encoding='utf-8', errors='replace') as file:
                    stat = file.read()
            except OSError:
                continue
            command = stat[stat.index('(') + 1:stat.rindex(')')]
            state, parent = stat[stat.rindex(')') + 2:].split()[:2]
            table[int(entry)] = (int(parent), command, state)
    return table


def descendants():
    """pid -> command of all living processes that stem from this one."""
    table, found, frontier = _parents(), {}, {os.getpid()}
    while frontier:
        children = {pid for pid, (parent, _, _) in table.items() if parent in frontier and pid not in found}
        found.update((pid, table[pid][1]) for pid in children)
        frontier = children
    return {pid: command for pid, command in found.items() if table[pid][2] not in 'ZX'}


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def end_descendants(patience_s=0.0, grace_s=5.0):
    """Waits PATIENCE_S for all descendants to end by themselves, then ends them: SIGTERM, and after
    GRACE_S SIGKILL. Returns the commands of those that had to be ended. No Popen may be pending."""
    deadline = time.monotonic() + patience_s
    while (left := descendants()) and time.monotonic() < deadline:
        _reap()
        time.sleep(0.05)
    strays = sorted(left.values())
    kill_at = time.monotonic() + grace_s
    told = set()
    while left := descendants():
        for pid in left:
            late = time.monotonic() > kill_at
            if late or pid not in told:
                told.add(pid)
                try:
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                except ProcessLookupError:
                    pass
        _reap()
        time.sleep(0.05)
    _reap()
    return strays


def run(command, log, timeout_s, cwd, env=None):
    """Runs COMMAND, its output to the open file LOG. Returns its status, 'timeout' when it took too
    long, and the commands of the processes it left behind (which are ended)."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=cwd,
                             env={**os.environ, **(env or {})}, start_new_session=True, preexec_fn=_die_with_parent)
    try:
        status = child.wait(timeout=max(timeout_s, 1))
    except subprocess.TimeoutExpired:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        end_descendants()
        return 'timeout', []
    return status, end_descendants(patience_s=5)
