# SPDX-License-Identifier: Apache-2.0
"""What is done to a gateway, one function per kind of run.  Each returns plain
numbers; figures.py says what they mean."""
import math
import os
import time

import bodies
import instruments
import processes

CORES = os.cpu_count()


class Bench:
    """What every measurement needs."""

    def __init__(self, upstream, load, seconds):
        self.upstream, self.load, self.seconds = upstream, load, seconds


def shares(result, count):
    """CPU in microseconds for each of `count`."""
    return {"cpu": result["gateway_cpu_us"] / max(count, 1), "upstream_cpu": result["upstream_cpu_us"] / max(count, 1),
            "load_cpu": result["own_cpu_us"] / max(count, 1)}


def whole(bench, gateway, body, connections):
    """As fast as it goes: each connection asks again as soon as it is answered."""
    bench.upstream.plan(text=160)
    result = bench.load.run("closed", gateway, body, connections=connections, seconds=bench.seconds)
    return {**shares(result, result["requests"]), "rate": result["requests"] / result["seconds"]}


def small(bench, gateway):
    return whole(bench, gateway, bodies.small(), 64)


def openai(bench, gateway):
    return whole(bench, gateway, bodies.small("gpt-5-openai"), 64)


def signed(bench, gateway):
    return {**whole(bench, gateway, bodies.small("gpt-5-signed"), 64), "signature": instruments.signature_us()}


def agent(bench, gateway):
    return whole(bench, gateway, bodies.agent(), 16)


def small_messages(bench, gateway):
    return whole(bench, gateway, bodies.messages(), 64)


def small_responses(bench, gateway):
    return whole(bench, gateway, bodies.responses(), 64)


def coding_agent(bench, gateway):
    return whole(bench, gateway, bodies.coding_agent(), 16)


def image(bench, gateway):
    return whole(bench, gateway, bodies.image(), 8)


def steady(bench, gateway):
    """200 requests a second, at their times, whatever comes back."""
    bench.upstream.plan(text=160)
    result = bench.load.run("open", gateway, bodies.small(), rate=200, seconds=2 * bench.seconds)
    return {**shares(result, result["requests"]), "p50": result["latency_us"]["p50"], "p99": result["latency_us"]["p99"]}


def streams(bench, gateway, connections, pace_ms, burst, body=bodies.small(stream=True)):
    """Streams that never end; counted is what happens in the middle of them."""
    bench.upstream.plan(stream=1, writes=0, pace_us=int(pace_ms * 1000), burst=burst, text=24)
    result = bench.load.run("closed", gateway, body, connections=connections, texts=0,
                            spread=0.5, warm_up=1, seconds=bench.seconds)
    return {**shares(result, result["texts"]), "rate": result["texts"] / result["seconds"],
            "reads": result["reads"] / result["seconds"],
            "gap_p99": result["gap_us"]["p99"], "transit_p50": result["transit_us"]["p50"],
            "transit_p99": result["transit_us"]["p99"]}


def events(bench, gateway):
    return streams(bench, gateway, connections=100, pace_ms=20, burst=1)


def messages_events(bench, gateway):
    return streams(bench, gateway, connections=100, pace_ms=20, burst=1, body=bodies.messages(stream=True))


def responses_events(bench, gateway):
    return streams(bench, gateway, connections=100, pace_ms=20, burst=1, body=bodies.responses(stream=True))


def bursts(bench, gateway):
    return streams(bench, gateway, connections=20, pace_ms=200, burst=200)


def first_token(bench, gateway):
    """50 streams begin each second; the upstream thinks for 50 ms."""
    bench.upstream.plan(stream=1, latency_us=50_000, writes=10, pace_us=10_000, text=24)
    result = bench.load.run("open", gateway, bodies.small(stream=True), rate=50, texts=10, stream=1,
                            seconds=2 * bench.seconds)
    return {"p50": result["first_us"]["p50"], "p99": result["first_us"]["p99"]}


HELD = (100, 1000, 5000)
SLOW_S = 2  # between two events of an open stream


def hold(bench, gateway):
    """A fresh process holds more and more slow streams, and then all clients leave without a word."""
    bench.upstream.plan(text=160)
    gateway.start()
    try:
        time.sleep(0.5)
        values = {"idle": processes.memory_bytes(gateway.pids())}
        left = 0
        for count in HELD:
            bench.upstream.plan(stream=1, writes=0, pace_us=SLOW_S * 1_000_000, text=24)
            held = bench.load.hold(gateway, bodies.small(stream=True), connections=count, texts=0, stream=1, rate=2000)
            time.sleep(SLOW_S + 0.2)  # each stream has had an event that is not its first
            pids = gateway.pids()
            before, begun = processes.cpu_seconds(pids), time.monotonic()
            time.sleep(SLOW_S * math.ceil(bench.seconds / SLOW_S))
            values[f"cpu_{count}"] = (processes.cpu_seconds(pids) - before) / (time.monotonic() - begun) * 1000
            values[f"memory_{count}"] = processes.memory_bytes(pids)
            left = max(left, calls_left(bench, held))
        bench.upstream.plan(latency_us=60_000_000, text=160)
        held = bench.load.hold(gateway, bodies.small(), connections=500, rate=2000)
        time.sleep(0.5)
        values["left"] = max(left, calls_left(bench, held))
        return values
    finally:
        gateway.stop()


def calls_left(bench, held):
    running = bench.upstream.stats()["running"]
    held.leave()
    time.sleep(0.7)
    if running == 0:
        raise instruments.Trouble("the upstream had no calls when the clients left")
    return bench.upstream.stats()["running"]


GUARDED = 1000


def guarded(bench, gateway):
    """Requests that a hook's service allows at once: alone, beside many that it leaves waiting, and alone again."""
    def p99(seconds=2 * bench.seconds):
        result = bench.load.run("open", gateway, bodies.small(), rate=500, seconds=seconds)
        return result["latency_us"]["p99"]

    bench.upstream.plan(text=160)
    gateway.guarded = True
    try:
        gateway.start()  # in real time as this process
        p99(seconds=1)  # the first requests are slower
        before = p99()
        bench.upstream.plan(latency_us=60_000_000, text=160)
        held = bench.load.hold(gateway, bodies.small(), connections=GUARDED, rate=2000)
        time.sleep(0.5)
        waiting = bench.upstream.stats()["running"]
        bench.upstream.plan(text=160)
        beside = p99()
        held.leave()
        if waiting != GUARDED:
            raise instruments.Trouble(f"{waiting} calls of the hook waited, not {GUARDED}")
        time.sleep(0.5)
        alone = (before + p99()) / 2
        return {"alone": alone, "beside": beside, "percent": 100 * beside / alone}
    finally:
        gateway.guarded = False
        gateway.stop()


def limited(bench, gateway):
    """The small request without limits, and then with limits and a ledger, each with a fresh process."""
    values = {}
    try:
        for name, limits in (("without", False), ("with", True)):
            gateway.limited = limits
            bench.upstream.plan(text=160)
            gateway.start()
            values[name] = small(bench, gateway)["cpu"]
            gateway.stop()
        return values
    finally:
        gateway.limited = False
        gateway.stop()


def start(bench, gateway):
    bench.upstream.plan(text=160)
    times, sizes = [], []
    for _ in range(3):
        times.append(gateway.start() * 1000)
        time.sleep(0.3)
        sizes.append(processes.memory_bytes(gateway.pids()))
        gateway.stop()
    return {"ms": sorted(times)[1], "idle": sorted(sizes)[1]}


def balance(bench, gateway):
    """How 64 clients share the workers: each worker's connections and CPU."""
    bench.upstream.plan(text=160)
    held = bench.load.start("closed", gateway, bodies.small(), connections=64, seconds=bench.seconds + 1)
    time.sleep(0.7)
    pids = gateway.pids()
    before = processes.thread_cpu(pids)
    time.sleep(bench.seconds / 2)
    connections = processes.connections_by_epoll(pids, gateway.port)
    time.sleep(bench.seconds / 2)
    after = processes.thread_cpu(pids)
    held.result()
    busy = sorted((after[one] - before.get(one, 0) for one in after), reverse=True)[:max(len(connections), 1)]
    return {"connections": 100 * max(connections, default=0) / max(sum(connections), 1),
            "cpu": 100 * busy[0] / max(sum(busy), 1), "workers": len(connections)}
