# SPDX-License-Identifier: Apache-2.0
"""Starts everything, measures in rounds, prints.  Called by tools/bench, which
builds what is measured and what measures."""
import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile

import bodies
import figures
import gateways
import instruments
import machine
import measurements
import picture
import processes
import profiles
import report


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench", description="Measures Gatehouse beside nginx.", epilog=(
        "A gateway's command may contain {port}, {upstream} (host:port of an upstream in OpenAI's format) and {config} "
        "(a configuration for Gatehouse, so that two builds of it can be compared)."))
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (5)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one run (3)")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works, not how fast it is")
    parser.add_argument("--only", action="append", metavar="FIGURE", help="only this figure; several times for several")
    parser.add_argument("--list", action="store_true", help="the figures' names, and nothing else")
    parser.add_argument("--gateway", action="append", default=[], metavar="NAME=COMMAND", help="one more, beside Gatehouse")
    parser.add_argument("--build", metavar="FOLDER", help="of the release build (build-bench)")
    parser.add_argument("--gatehouse", metavar="PATH", help="another binary than that of the build")
    parser.add_argument("--no-build", action="store_true", help="measure what has been built before")
    parser.add_argument("--micro", action="store_true", help="instead: single steps alone, with Google Benchmark")
    parser.add_argument("--profile", action="store_true", help="instead: where Gatehouse's CPU goes in each measurement "
                        "(perf)")
    parser.add_argument("--json", metavar="FILE", help="write every result of every round there")
    parser.add_argument("--write", action="store_true", help="put the results into tools/benchmark and into README.md")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds = 1, 1.0
    if chosen.rounds < 1 or chosen.seconds <= 0:
        parser.error("--rounds and --seconds must be positive")
    for name in chosen.only or []:
        if name not in figures.FIGURES:
            parser.error(f"no figure {name}; --list names them")
    return chosen


def wanted_measurements(only):
    needed = {need for key in only or figures.FIGURES for need in figures.FIGURES[key].needs}
    return {name: one for name, one in figures.MEASUREMENTS.items() if name in needed}


class Run:
    """All rounds, over the same running gateways."""

    def __init__(self, chosen, folder):
        self.chosen = chosen
        tools = os.path.join(chosen.build, "tools", "benchmark")
        self.upstream = instruments.Upstream(os.path.join(tools, "bench_upstream"))
        load = instruments.Load(os.path.join(tools, "bench_load"), self.upstream)
        self.bench = measurements.Bench(self.upstream, load, chosen.seconds)
        self.wanted = wanted_measurements(chosen.only)
        self.ours = [gateways.Gatehouse("gatehouse", folder, self.upstream,
                                        chosen.gatehouse or os.path.join(chosen.build, "core", "gatehouse"))]
        for one in chosen.gateway:
            name, _, command = one.partition("=")
            self.ours.append(gateways.Command(name, folder, self.upstream, command))
        for gateway in self.ours:
            gateway.messages = any(measurement.messages for measurement in self.wanted.values())
        self.others = {figures.DIRECT: gateways.Direct(figures.DIRECT, folder, self.upstream),
                       figures.BUFFERED: gateways.Nginx(figures.BUFFERED, folder, self.upstream, True),
                       figures.UNBUFFERED: gateways.Nginx(figures.UNBUFFERED, folder, self.upstream, False)}
        self.rounds = []

    def targets(self, measurement):
        names = [figures.DIRECT] * measurement.direct + [measurement.yardstick] * bool(measurement.yardstick)
        return [self.others[name] for name in names] + self.ours

    def all_rounds(self):
        try:
            for number in range(self.chosen.rounds):
                self.rounds.append({})
                for name, measurement in self.wanted.items():
                    self.rounds[-1][name] = {}
                    for gateway in self.targets(measurement):
                        progress(f"round {number + 1} of {self.chosen.rounds}: {name}, {gateway.name}")
                        self.measure(name, measurement, gateway)
        finally:
            progress("")
            self.stop()

    def measure(self, name, measurement, gateway):
        """What cannot be measured is missing in the round; a gateway that does not start ends the run."""
        if measurement.fresh:
            gateway.stop()
        elif not gateway.process:
            self.upstream.plan(text=160)
            gateway.start()
        pids = [] if measurement.fresh else gateway.pids()
        favour = processes.favoured if measurement.timed else contextlib.nullcontext
        try:
            with favour([os.getpid(), self.upstream.pid, *pids]):
                self.rounds[-1][name][gateway.name] = measurement.run(self.bench, gateway)
        except instruments.Trouble as trouble:
            print(f"\n{name}: {trouble}", file=sys.stderr)
            gateway.stop()

    def profiles(self):
        """Of Gatehouse alone, as perf prints them."""
        try:
            for name, measurement in self.wanted.items():
                for gateway in self.targets(measurement):
                    if measurement.fresh or gateway not in self.ours:
                        continue
                    self.upstream.plan(text=160)
                    gateway.start()
                    progress(f"{name}, {gateway.name}")
                    print(f"\n=== {name}, {gateway.name}\n" +
                          profiles.record(gateway, lambda: measurement.run(self.bench, gateway)))
                    gateway.stop()
        finally:
            self.stop()

    def stop(self):
        for gateway in [*self.others.values(), *self.ours]:
            gateway.stop()
        self.upstream.stop()


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr)


def replace_measured(path, text):
    """Between the two comments; what people have written around them stays."""
    with open(path, encoding="utf-8") as file:
        before, begin, rest = file.read().partition("<!-- measured -->\n")
        _, end, after = rest.partition("<!-- end of measured -->")
    if not begin or not end:
        sys.exit(f"bench: {path} has no place for the results")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n" + text + "\n\n" + end + after)


def write_results(text, run):
    """The page of results, its picture, and the short form in the project's own page."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    replace_measured(os.path.join(folder, "RESULTS.md"), text.strip())
    replace_measured(os.path.join(folder, "..", "..", "README.md"), report.short_table(run.rounds, "gatehouse"))
    with open(os.path.join(folder, "results.svg"), "w", encoding="utf-8") as file:
        file.write(picture.draw(report.rows(run.rounds, "gatehouse"), "Gatehouse", report.digits))


def micro(chosen):
    """Runs the micro-benchmarks on the same requests."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        for name, content in (("small", bodies.small()), ("stream", bodies.small(stream=True)),
                              ("agent", bodies.agent()), ("image", bodies.image())):
            with open(os.path.join(folder, name + ".json"), "wb") as file:
                file.write(content)
        program = os.path.join(chosen.build, "tools", "benchmark", "bench_micro")
        return subprocess.run([program], env={**os.environ, "BENCH_BODIES": folder}, check=False).returncode


def main():
    chosen = arguments()
    if chosen.list:
        for key, figure in figures.FIGURES.items():
            print(f"{key:14} {figure.title}")
        return
    if chosen.micro:
        sys.exit(micro(chosen))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # runs the cleanup
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    load_before = machine.load()
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        run = Run(chosen, folder)
        try:
            if chosen.profile:
                return run.profiles()
            run.all_rounds()
        except instruments.Trouble as trouble:
            sys.exit(f"bench: {trouble}")
    about = machine.describe(chosen.build)
    lines = ["; ".join(f"{name} {value}" for name, value in about.items()) + ".", "",
             f"{chosen.rounds} rounds, {chosen.seconds:g} s a run; median (range).  Other programs' load before the run: "
             f"{load_before:.1f}.", ""]
    for gateway in run.ours:
        lines += [report.table(run.rounds, gateway.name), ""]
    text = "\n".join(lines)
    print(text)
    if chosen.json:
        with open(chosen.json, "w", encoding="utf-8") as file:
            json.dump({"machine": about, "rounds": run.rounds}, file, indent=1)
    if chosen.write:
        write_results(text, run)


if __name__ == "__main__":
    main()
