// SPDX-License-Identifier: Apache-2.0
// Only tools/bench writes these command lines, so the check is short.
#include "tools/benchmark/load_options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace gatehouse::benchmark {

namespace {

[[noreturn]] void fail(std::string_view what, std::string_view which) {
    std::fprintf(stderr, "bench_load: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
                 static_cast<int>(which.size()), which.data());
    std::exit(2);
}

double number(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1e12)) fail("no number", text);
    return value;
}

std::int64_t nanoseconds(const std::string& seconds) {
    return static_cast<std::int64_t>(number(seconds) * 1e9);
}

std::vector<pid_t> processes(const std::string& list) {
    std::vector<pid_t> found;
    std::istringstream input(list);
    for (std::string one; std::getline(input, one, ',');) found.push_back(static_cast<pid_t>(number(one)));
    return found;
}

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot read", path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void set(LoadOptions& options, const std::string& name, const std::string& value) {
    if (name == "port")
        options.plan.port = static_cast<int>(number(value));
    else if (name == "request")
        options.plan.request = content(value);
    else if (name == "texts")
        options.plan.texts = static_cast<std::uint64_t>(number(value));
    else if (name == "stream")
        options.plan.stream = number(value) != 0;
    else if (name == "connections")
        options.connections = static_cast<std::size_t>(number(value));
    else if (name == "rate")
        options.interval_ns = static_cast<std::int64_t>(1e9 / std::max(number(value), 0.001));
    else if (name == "spread")
        options.spread_ns = nanoseconds(value);
    else if (name == "warm_up")
        options.warm_up_ns = nanoseconds(value);
    else if (name == "seconds")
        options.window_ns = nanoseconds(value);
    else if (name == "patience")
        options.patience_ns = nanoseconds(value);
    else if (name == "gateway")
        options.gateway = processes(value);
    else if (name == "upstream")
        options.upstream = processes(value);
    else
        fail("unknown option", name);
}

}  // namespace

LoadOptions read_load_options(int argc, char** argv) {
    LoadOptions options;
    if (argc > 1) options.mode = argv[1];
    if (options.mode != "closed" && options.mode != "open" && options.mode != "hold")
        fail("the first word must be closed, open or hold", options.mode);
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) fail("not NAME=VALUE", word);
        set(options, word.substr(0, equals), word.substr(equals + 1));
    }
    if (options.plan.port == 0 || options.plan.request.empty())
        fail("port= and request= are needed", options.mode);
    return options;
}

}  // namespace gatehouse::benchmark
