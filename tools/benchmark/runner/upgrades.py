# SPDX-License-Identifier: Apache-2.0
"""Upgrades of a gateway with many open streams.  Called by tools/upgrades, which builds what runs.

Each stream has one event per second and ends after --events events; its client opens the next one on a new connection. A
stream that an upgrade finds open ends in the old process. The delay of an event is the time from its sending by the upstream to
its arrival at the client.  It is the amount by which a gap in the stream exceeds the gap that the upstream made."""
import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

import bodies
import gateways
import instruments
import machine

PACE_S = 1


class Closing(bytes):
    """A request on a connection of its own."""
    path, head = "/v1/chat/completions", "connection: close\r\n"


class Upgraded(gateways.Gatehouse):
    """A gateway of which the runner knows only the newest process."""

    def upgrade(self):
        """Returns the seconds until the new process accepts connections."""
        begun = time.monotonic()
        done = subprocess.run([self.command[0], "upgrade", "-c", self.config], capture_output=True, text=True)
        if done.returncode != 0:
            raise instruments.Trouble(f"gatehouse upgrade failed: {done.stdout}{done.stderr}{self.last_words()}")
        return time.monotonic() - begun

    def processes(self):
        """All processes of this configuration."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if self.config.encode() in file.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass
        return found

    def stop(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.process = None


def arguments():
    parser = argparse.ArgumentParser(prog="tools/upgrades", description="Upgrades a gateway below open streams.")
    parser.add_argument("--streams", type=int, default=5000, help="open at a time (5000)")
    parser.add_argument("--upgrades", type=int, default=20, help="how many (20)")
    parser.add_argument("--every", type=float, default=2.0, help="seconds from one upgrade to the next (2)")
    parser.add_argument("--events", type=int, default=20, help="of a stream, one per second (20)")
    parser.add_argument("--most", type=float, default=200, help="longest delay of an event in ms (200)")
    parser.add_argument("--build", metavar="FOLDER", help="of the release build (build-bench)")
    parser.add_argument("--no-build", action="store_true", help="run what has been built before")
    return parser.parse_args()


def load_of(load, gateway, chosen, seconds):
    return load.start("closed", gateway, Closing(bodies.small(stream=True)), connections=chosen.streams, texts=chosen.events, stream=1,
                      spread=chosen.events * PACE_S, warm_up=chosen.events * PACE_S + 2, seconds=seconds)


def shown(result):
    delay, gap = result["transit_us"], result["gap_us"]
    return (f"{result['requests']} streams ended, {result['texts']} events; delay of an event p50 {delay['p50'] / 1000:.1f} ms, "
            f"p99 {delay['p99'] / 1000:.1f} ms, most {delay['max'] / 1000:.1f} ms; longest gap {gap['max'] / 1000:.0f} ms of {PACE_S * 1000} ms")


def run(chosen, folder):
    tools = os.path.join(chosen.build, "tools", "benchmark")
    upstream = instruments.Upstream(os.path.join(tools, "bench_upstream"))
    load = instruments.Load(os.path.join(tools, "bench_load"), upstream)
    gateway = Upgraded("gatehouse", folder, upstream, os.path.join(chosen.build, "core", "gatehouse"))
    direct = gateways.Direct("no gateway", folder, upstream)
    try:
        upstream.plan(text=160)
        gateway.start()
        upstream.plan(stream=1, writes=chosen.events, pace_us=PACE_S * 1_000_000, text=24)
        direct.start()
        for name, target in (("without a gateway", direct), ("without upgrades", gateway)):
            print(f"{name}: {shown(load_of(load, target, chosen, 10).result())}", flush=True)
        seconds = chosen.upgrades * chosen.every + chosen.events * PACE_S
        running = load_of(load, gateway, chosen, seconds)
        time.sleep(chosen.events * PACE_S + 3)
        open_streams, most, times = upstream.stats()["running"], 0, []
        while len(times) < chosen.upgrades and running.process.poll() is None:
            begun = time.monotonic()
            times.append(gateway.upgrade())
            most = max(most, len(gateway.processes()))
            time.sleep(max(0.0, chosen.every - (time.monotonic() - begun)))
        left = time.monotonic()
        result = running.result()
        print(f"{len(times)} upgrades: {shown(result)}", flush=True)
        if len(times) < chosen.upgrades:
            raise instruments.Trouble(f"the load ended before the last upgrades: one took up to {max(times):.0f} s; try a larger --every")
        while len(gateway.processes()) > 1 and time.monotonic() - left < 60 + chosen.events * PACE_S:
            time.sleep(0.1)
        print(f"{open_streams} streams open at the first upgrade; an upgrade took {min(times):.1f} to {max(times):.1f} s; at most {most} processes "
              f"at a time, {len(gateway.processes())} at the end")
        return result["transit_us"]["max"] / 1000 <= chosen.most and len(gateway.processes()) == 1
    finally:
        gateway.stop()
        upstream.stop()


def main():
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # runs the cleanup
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"load of the machine before: {machine.load():.1f}")
    with tempfile.TemporaryDirectory(prefix="gatehouse-upgrades-") as folder:
        try:
            good = run(chosen, folder)
        except instruments.Trouble as trouble:
            sys.exit(f"upgrades: {trouble}")
    sys.exit(0 if good else f"upgrades: an event was delayed by more than {chosen.most:g} ms, or an old process did not end")


if __name__ == "__main__":
    main()
