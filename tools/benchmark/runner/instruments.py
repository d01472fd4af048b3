# SPDX-License-Identifier: Apache-2.0
"""The mock upstream and the load client as Python sees them, and openssl's own
measure of a signature."""
import json
import os
import re
import subprocess
import tempfile

import bodies
import processes


class Trouble(Exception):
    """Something could not be measured, and why."""


class Upstream:
    """The mock, whose answers follow the last plan."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.pid = self.process.pid
        self.port = int(self._line().split()[1])

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Trouble("the mock upstream has ended")
        return line

    def _ask(self, order):
        self.process.stdin.write(order + "\n")
        return self._line().strip()

    def plan(self, **words):
        answer = self._ask("plan " + " ".join(f"{name}={value}" for name, value in words.items()))
        if answer != "ok":
            raise Trouble(f"the mock upstream refuses its plan: {answer}")

    def stats(self):
        return json.loads(self._ask("stats"))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


class Load:
    """Runs the load client, whose window is also that of the CPU it reports."""

    def __init__(self, program, upstream):
        self.program, self.upstream = program, upstream

    def command(self, mode, gateway, body, folder, options):
        path = os.path.join(folder, "request")
        with open(path, "wb") as file:
            file.write(bodies.http(body, gateway.port))
        words = [self.program, mode, f"port={gateway.port}", f"request={path}", f"upstream={self.upstream.pid}",
                 "gateway=" + ",".join(map(str, gateway.pids()))]
        return words + [f"{name}={value}" for name, value in options.items()]

    def start(self, mode, gateway, body, **options):
        return Running(self, mode, gateway, body, options)

    def run(self, mode, gateway, body, **options):
        return self.start(mode, gateway, body, **options).result()

    def hold(self, gateway, body, **options):
        return Held(self, gateway, body, options)


class Running:
    """A client at work."""

    def __init__(self, load, mode, gateway, body, options):
        self.name, self.folder = gateway.name, tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(load.command(mode, gateway, body, self.folder.name, options),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self):
        output, errors = self.process.communicate()
        self.folder.cleanup()
        if self.process.returncode != 0:
            raise Trouble(f"{self.name}: {errors.strip()}")
        result = json.loads(output)
        if result["failed"]:
            raise Trouble(f"{self.name}: {result['failed']} answers beside {result['requests']} good ones were "
                          "wrong or did not come")
        return result


class Held:
    """Clients that stay until they are told to leave."""

    def __init__(self, load, gateway, body, options):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(load.command("hold", gateway, body, self.folder.name, options),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        if not line or int(line[1]) != options["connections"]:
            self.leave()
            raise Trouble(f"{gateway.name}: of {options['connections']} streams {line[1] if line else 'none'} stand")

    def leave(self):
        """Returns when all sockets are closed."""
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait(30)
        self.folder.cleanup()


def signature_us():
    """CPU of one RSA-2048 signature, as openssl measures it."""
    output = subprocess.run(["openssl", "speed", "-seconds", "1", "-mr", "rsa2048"], capture_output=True, text=True,
                            check=True).stdout
    rate = float(re.search(r"^\+F2:\d+:2048:([\d.]+):", output, re.M).group(1))
    return 1e6 / rate if rate > 1 else rate * 1e6  # older versions print seconds
