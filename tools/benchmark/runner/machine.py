# SPDX-License-Identifier: Apache-2.0
"""What the figures were taken on.  No names, no paths."""
import os
import platform
import re
import subprocess

import processes


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return ((done.stdout + done.stderr).strip().splitlines() or ["unknown"])[0]


def describe(build):
    model = re.search(r"^model name\s*: (.*)$", processes.read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal: +(\d+)", processes.read("/proc/meminfo"), re.M)
    virtual = "hypervisor" in processes.read("/proc/cpuinfo")
    compiler = re.search(r"C\+\+ compiler for the host machine: .*\((\w+ [\d.]+) ",
                         processes.read(os.path.join(build, "meson-logs", "meson-log.txt"))) if build else None
    return {"CPU": (model.group(1) if model else platform.machine()) + (", virtual" if virtual else ""),
            "cores": str(os.cpu_count()), "memory": f"{int(memory.group(1)) / 1024 ** 2:.0f} GiB" if memory else "unknown",
            "kernel": platform.release(), "compiler": compiler.group(1) if compiler else "unknown",
            "nginx": first_line("/usr/bin/env", "PATH=" + os.environ["PATH"] + ":/usr/sbin", "nginx", "-v").split("/")[-1],
            "OpenSSL": (first_line("openssl", "version").split(" ") + [""])[1]}


def load():
    """How busy the machine is, and how much of its time others have taken from it."""
    return float(processes.read("/proc/loadavg").split()[0])
