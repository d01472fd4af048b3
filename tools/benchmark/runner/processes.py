# SPDX-License-Identifier: Apache-2.0
"""What the kernel says of a process and of those that it has started: CPU,
memory, threads, and which thread waits for which connection."""
import contextlib
import os
import re
import signal
import time


def read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:  # it has just ended
        return ""


def family(pid):
    """The process, its children and theirs."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := read(f"/proc/{name}/stat")):
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def cpu_seconds(pids):
    """All threads, those that have ended included."""
    total = 0.0
    for pid in pids:
        try:
            total += time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of another process
        except OSError:
            pass
    return total


def memory_bytes(pids):
    """Resident: what each process has for itself, and what they share once.  Of one process: its RSS."""
    own, shared = 0, 0
    for pid in pids:
        sizes = {name: int(value) * 1024 for name, value in
                 re.findall(r"^(\w+): +(\d+) kB$", read(f"/proc/{pid}/smaps_rollup"), re.M)}
        private = sizes.get("Private_Clean", 0) + sizes.get("Private_Dirty", 0)
        own += private
        shared = max(shared, sizes.get("Rss", 0) - private)
    return own + shared


def thread_cpu(pids):
    """Nanoseconds by thread."""
    return {(pid, task): int(read(f"/proc/{pid}/task/{task}/schedstat").split()[0] or 0)
            for pid in pids for task in os.listdir(f"/proc/{pid}/task")}


def connections_by_epoll(pids, port):
    """How many connections of the gateway's own port each of its epolls waits for."""
    table = {}  # inode of a socket that is connected at this port
    for line in read("/proc/net/tcp").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port and fields[3] == "01":
            table[fields[9]] = True
    counts = []
    for pid in pids:
        links = {}
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                links[name] = os.readlink(f"/proc/{pid}/fd/{name}")
            except OSError:
                pass
        for name, link in links.items():
            if link != "anon_inode:[eventpoll]":
                continue
            watched = re.findall(r"^tfd: +(\d+)", read(f"/proc/{pid}/fdinfo/{name}"), re.M)
            counts.append(sum(links.get(one, "")[8:-1] in table for one in watched
                              if links.get(one, "").startswith("socket:[")))
    return [count for count in counts if count > 0]


@contextlib.contextmanager
def favoured(pids):
    """In real time, children included, if we may, on CPUs that do not sleep: a request that waits for another
    program's time slice, or for a CPU to wake, says nothing about a gateway."""
    with awake():
        try:
            schedule(pids, os.SCHED_RR, 1)
            yield
        finally:
            schedule(pids, os.SCHED_OTHER, 0)


@contextlib.contextmanager
def awake():
    """Keeps each CPU busy with a loop that every other program interrupts at once.  A virtual CPU without work
    sleeps, and the hypervisor wakes it late."""
    loops = [idle_loop(cpu) for cpu in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for pid in loops:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def idle_loop(cpu):
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {cpu})
    while os.getppid() == parent:
        for _ in range(1_000_000):
            pass
    os._exit(0)


def schedule(pids, policy, priority):
    for pid in pids:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setscheduler(int(task), policy, os.sched_param(priority))
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            pass
