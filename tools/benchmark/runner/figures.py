# SPDX-License-Identifier: Apache-2.0
"""Each figure: where it comes from, in which unit, what it is compared with and
its limit.  The limits are those of the project's goal for speed."""
import dataclasses
import typing

import measurements

BUFFERED, UNBUFFERED, DIRECT = "nginx", "nginx-unbuffered", "direct"
KIB, MIB = 1024, 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Measurement:
    """`yardstick`: the nginx that it is run on too.  `direct`: whether also without any gateway.
    `timed`: looks at the clock and takes little CPU, so it may go before what else runs on the machine."""
    run: typing.Callable
    yardstick: str | None = BUFFERED
    direct: bool = False
    timed: bool = False
    messages: bool = False  # needs the dialect of Messages
    fresh: bool = False  # the run starts the gateway itself, a new one


MEASUREMENTS = {
    "small": Measurement(measurements.small),
    "steady": Measurement(measurements.steady, direct=True, timed=True),
    "signed": Measurement(measurements.signed, yardstick=None),
    "openai": Measurement(measurements.openai, yardstick=None),
    "agent": Measurement(measurements.agent),
    "image": Measurement(measurements.image),
    "small_messages": Measurement(measurements.small_messages, yardstick=None, messages=True),
    "small_responses": Measurement(measurements.small_responses, yardstick=None),
    "coding_agent": Measurement(measurements.coding_agent, yardstick=None, messages=True),
    "messages_events": Measurement(measurements.messages_events, yardstick=None, messages=True),
    "responses_events": Measurement(measurements.responses_events, yardstick=None),
    "events": Measurement(measurements.events, UNBUFFERED, direct=True, timed=True),
    "bursts": Measurement(measurements.bursts, UNBUFFERED),
    "first": Measurement(measurements.first_token, UNBUFFERED, direct=True, timed=True),
    "balance": Measurement(measurements.balance),
    "start": Measurement(measurements.start, timed=True, fresh=True),
    "hold": Measurement(measurements.hold, UNBUFFERED, fresh=True),
    "guarded": Measurement(measurements.guarded, yardstick=None, timed=True, fresh=True),
    "limited": Measurement(measurements.limited, yardstick=None, fresh=True),
}


@dataclasses.dataclass(frozen=True)
class Figure:
    """`value` takes the round's results, by measurement and then by gateway, and the gateway's name.
    `must` and `aim` limit the ratio to nginx if there is one, else the value itself."""
    title: str
    unit: str
    needs: tuple
    value: typing.Callable
    must: float | None = None
    aim: float | None = None
    ratio: bool = True

    @property
    def yardstick(self):
        return MEASUREMENTS[self.needs[0]].yardstick if self.ratio else None


def of(measurement, key, scale=1.0):
    return lambda results, name: results[measurement][name][key] * scale


def added(measurement, key):
    """What a gateway adds to the upstream's own time."""
    return lambda results, name: results[measurement][name][key] - results[measurement][DIRECT][key]


def beside(measurement, chat):
    """CPU in relation to that of the same in Chat Completions."""
    return lambda results, name: results[measurement][name]["cpu"] / results[chat][name]["cpu"]


def signatures(results, name):
    """CPU that signing adds to a request, in signatures of openssl's."""
    more = results["signed"][name]["cpu"] - results["small"][name]["cpu"]
    return more / results["signed"][name]["signature"]


def added_by_limits(results, name):
    return results["limited"][name]["with"] - results["limited"][name]["without"]


def ratio_of_limits(results, name):
    return results["limited"][name]["with"] / results["limited"][name]["without"]


def signed_rate(results, name):
    return 100 * results["signed"][name]["rate"] * results["signed"][name]["signature"] / 1e6 / measurements.CORES


def held_kib(count):
    return lambda results, name: ((results["hold"][name][f"memory_{count}"] - results["hold"][name]["idle"]) /
                                  count / KIB)


FIGURES = {
    "small": Figure("request of 300 B, saturated: CPU", "µs", ("small",), of("small", "cpu"), 2, 1.2),
    "small_200": Figure("request of 300 B, 200 a second: CPU", "µs", ("steady",), of("steady", "cpu"), 2, 1.3),
    "latency_p50": Figure("added latency at 200 a second, p50", "µs", ("steady",), added("steady", "p50"), 2, 1.3),
    "latency_p99": Figure("added latency at 200 a second, p99", "µs", ("steady",), added("steady", "p99")),
    "event": Figure("streamed event in its own packet: CPU", "µs", ("events",), of("events", "cpu"), 1.3, 1),
    "burst": Figure("streamed event in bursts of 200: CPU", "µs", ("bursts",), of("bursts", "cpu"), 6, 3),
    "first_p50": Figure("added time to first token, p50", "µs", ("first",), added("first", "p50"), 1.5, 1.1),
    "first_p99": Figure("added time to first token, p99", "µs", ("first",), added("first", "p99")),
    "gap_p99": Figure("gap between events of one stream, p99", "ms", ("events",), of("events", "gap_p99", 1e-3), 1.3, 1.1),
    "transit_p50": Figure("event's added way through the gateway, p50", "µs", ("events",), added("events", "transit_p50")),
    "transit_p99": Figure("event's added way through the gateway, p99", "µs", ("events",), added("events", "transit_p99")),
    "agent": Figure("agent's request of 61 kB, 12 tools: CPU", "µs", ("agent",), of("agent", "cpu"), 3, 1.5),
    "image": Figure("request with an image, 1 MB: CPU", "µs", ("image",), of("image", "cpu"), 3, 1.5),
    "rate": Figure("requests of 300 B, saturated", "per second", ("small",), of("small", "rate")),
    "messages": Figure("request of 300 B in Messages: CPU", "of Chat Completions", ("small_messages", "small"),
                       beside("small_messages", "small"), 1.2, 1.1, ratio=False),
    "responses": Figure("request of 300 B in Responses: CPU", "of Chat Completions", ("small_responses", "small"),
                        beside("small_responses", "small"), 1.2, 1.1, ratio=False),
    "messages_event": Figure("streamed event in Messages: CPU", "of Chat Completions", ("messages_events", "events"),
                             beside("messages_events", "events"), 1.2, 1.1, ratio=False),
    "responses_event": Figure("streamed event in Responses: CPU", "of Chat Completions", ("responses_events", "events"),
                              beside("responses_events", "events"), 1.2, 1.1, ratio=False),
    "coding_agent": Figure("coding agent's request of 76 kB in Messages, 18 tools: CPU", "of `agent`",
                           ("coding_agent", "agent"), beside("coding_agent", "agent"), 1.3, 1.2, ratio=False),
    "signed": Figure("CPU added by signing", "signatures of openssl's", ("signed", "small"), signatures,
                     1.15, 1.05, ratio=False),
    "signed_rate": Figure("signed requests, as a share of openssl's signatures", "%", ("signed",), signed_rate, ratio=False),
    "openai": Figure("request of 300 B, OpenAI to OpenAI, saturated: CPU", "µs", ("openai",), of("openai", "cpu"),
                     ratio=False),
    "limited": Figure("request of 300 B with four limits and a ledger, saturated: CPU", "µs", ("limited",),
                      of("limited", "with"), ratio=False),
    "limits": Figure("CPU added by four limits and a ledger", "µs", ("limited",), added_by_limits, 2, 2, ratio=False),
    "limits_ratio": Figure("request of 300 B with four limits and a ledger: CPU", "of that without", ("limited",),
                           ratio_of_limits, ratio=False),
    "held": Figure("memory of an open stream, at 5,000", "KiB", ("hold",), held_kib(5000), 20, 8, ratio=False),
    "held_1000": Figure("memory of an open stream, at 1,000", "KiB", ("hold",), held_kib(1000), ratio=False),
    "held_100": Figure("memory of an open stream, at 100", "KiB", ("hold",), held_kib(100), ratio=False),
    "memory_5000": Figure("memory with 5,000 streams", "MiB", ("hold",), of("hold", "memory_5000", 1 / MIB), 120, 60,
                          ratio=False),
    "cpu_5000": Figure("CPU holding 5,000 streams, an event each 2 s", "ms/s", ("hold",), of("hold", "cpu_5000")),
    "cpu_1000": Figure("CPU holding 1,000 streams", "ms/s", ("hold",), of("hold", "cpu_1000")),
    "cpu_100": Figure("CPU holding 100 streams", "ms/s", ("hold",), of("hold", "cpu_100")),
    "left": Figure("upstream calls 0.7 s after all clients left", "calls", ("hold",), of("hold", "left"), 0, 0, ratio=False),
    "guarded": Figure("p99 beside 1,000 requests that wait for a hook's service, to p99 alone", "%", ("guarded",),
                      of("guarded", "percent"), 105, 105, ratio=False),
    "guarded_p99": Figure("the same p99", "µs", ("guarded",), of("guarded", "beside"), ratio=False),
    "idle": Figure("memory when idle", "MiB", ("start",), of("start", "idle", 1 / MIB), 20, 12, ratio=False),
    "start": Figure("start to first answer", "ms", ("start",), of("start", "ms"), 100, 50, ratio=False),
    "connections": Figure("64 clients: the busiest worker's connections", "%", ("balance",), of("balance", "connections"),
                          60, 55, ratio=False),
    "worker_cpu": Figure("64 clients: the busiest worker's CPU", "%", ("balance",), of("balance", "cpu"), 60, 55, ratio=False),
    "mock": Figure("the mock upstream's own CPU, of a request of 300 B", "µs", ("small",), of("small", "upstream_cpu"),
                   ratio=False),
    "client": Figure("the load client's own CPU, of a request of 300 B", "µs", ("small",), of("small", "load_cpu"), ratio=False),
}
