// SPDX-License-Identifier: Apache-2.0
// Measures the cost of a small piece of text in the masker.
#include "plugins/hook/redact/masker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace gatehouse::redact;

namespace {

void measure(const Rules& rules, const char* what, const std::vector<std::string>& pieces) {
    constexpr int rounds = 3000;
    Tally tally(rules.names().size());
    std::string out;
    TextOutput output(out);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
        Masker masker(rules, tally);
        for (const std::string& piece : pieces) masker.feed(piece, output);
        masker.finish(output);
        out.clear();
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    std::printf("%-40s %8.0f ns a piece\n", what, took.count() / rounds / static_cast<double>(pieces.size()));
}

std::vector<std::string> tokens(std::string_view text, std::size_t size) {
    std::vector<std::string> pieces;
    for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
        pieces.emplace_back(text.substr(0, size));
    return pieces;
}

}  // namespace

int main() {
    Rules rules;
    for (const std::string& name : built_in_names()) rules.add_built_in(name);
    rules.finish("[{name}]");
    const std::string prose =
        "The quick brown fox jumps over the lazy dog, and then, in 1984, it sat down to think about what it "
        "had done; "
        "a fox, after all, is a thoughtful animal.\n\n1. It eats.\n2. It sleeps (sometimes).\n";
    measure(rules, "prose, a token of 5 bytes", tokens(prose, 5));
    measure(rules, "prose, a byte", tokens(prose, 1));
    measure(rules, "prose, 200 bytes", tokens(prose, 200));
    measure(rules, "with an address, 5 bytes",
            tokens(prose + "Write to alice@example.com today. " + prose, 5));
    std::string key = "-----BEGIN PRIVATE KEY-----\n";
    for (int i = 0; i < 50; ++i) key += std::string(64, static_cast<char>('A' + i % 26)) + "\n";
    measure(rules, "within a private key of 3 kB, 5 bytes", tokens(key, 5));
}
