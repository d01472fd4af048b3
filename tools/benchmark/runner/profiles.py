# SPDX-License-Identifier: Apache-2.0
"""Where a gateway's CPU goes, by perf: libraries first, then functions."""
import os
import subprocess
import tempfile

from instruments import Trouble


def record(gateway, work):
    """The report of what `gateway` did while `work` ran."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        data = os.path.join(folder, "perf.data")
        try:
            perf = subprocess.Popen(["perf", "record", "-q", "-F", "1999", "-o", data,
                                     "-p", ",".join(map(str, gateway.pids()))],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        except FileNotFoundError as missing:
            raise Trouble("perf is not there (Debian: linux-perf)") from missing
        try:
            work()
        finally:
            perf.send_signal(2)
            errors = perf.communicate()[1]
        if not os.path.exists(data):
            raise Trouble(f"perf: {errors.strip()}")
        return report(data, "dso", 1) + "\n" + report(data, "dso,symbol", 0.5)


def report(data, sort, limit):
    output = subprocess.run(["perf", "report", "-i", data, "--stdio", "--no-children", "-g", "none", "--sort", sort,
                             "--percent-limit", str(limit)], capture_output=True, text=True, check=False).stdout
    # Addresses without a name, as in libraries without symbols, are in the sum of their library.
    return "\n".join(line.rstrip() for line in output.splitlines()
                     if line.strip() and not line.startswith("#") and " 0x0000" not in line)
