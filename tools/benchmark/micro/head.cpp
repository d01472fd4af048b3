// SPDX-License-Identifier: Apache-2.0
// The head of a request as an OpenAI client sends it: its end found, and read.
#include "core/net/server/parser.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace {

constexpr std::string_view sdk_head =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: 127.0.0.1:8050\r\n"
    "accept: application/json\r\n"
    "content-type: application/json\r\n"
    "user-agent: OpenAI/JS 7.57.0\r\n"
    "x-stainless-retry-count: 0\r\n"
    "x-stainless-lang: js\r\n"
    "x-stainless-package-version: 7.57.0\r\n"
    "x-stainless-os: Linux\r\n"
    "x-stainless-arch: x64\r\n"
    "x-stainless-runtime: node\r\n"
    "x-stainless-runtime-version: v26.10.0\r\n"
    "authorization: Bearer sk-bench\r\n"
    "accept-language: *\r\n"
    "sec-fetch-mode: cors\r\n"
    "accept-encoding: gzip, deflate\r\n"
    "content-length: 300\r\n"
    "\r\n";

void head(benchmark::State& state) {
    for (auto _ : state) {
        gatehouse::core::HeadScanner scanner(32 * 1024, 100);
        const auto size = scanner.scan(sdk_head);
        if (!size || *size != sdk_head.size()) return state.SkipWithError("the end was not found");
        auto parsed = gatehouse::core::parse_head(sdk_head, 100);
        if (!parsed) return state.SkipWithError(parsed.error().message.c_str());
        benchmark::DoNotOptimize(parsed);
    }
}
BENCHMARK(head);

}  // namespace
