// SPDX-License-Identifier: Apache-2.0
// Compares the boundary with tests/abi/abi-N.txt for the ABI number N of plugin.hpp.
#include "tests/abi/abi_text.hpp"

#include <gatehouse/plugin.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace {

const std::string number = std::to_string(gatehouse::abi);

std::string golden(const std::string& abi) {
    std::ifstream file(std::string(GOLDEN) + "/abi-" + abi + ".txt");
    std::stringstream text;
    if (file) text << file.rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    std::string above;  // a member's line does not name its type
    for (std::string line; std::getline(stream, line);) {
        if (!line.starts_with(' ')) above = line.substr(0, line.find(':'));
        lines.push_back(line.starts_with(' ') ? above + ":" + line : line);
    }
    return lines;
}

/// The lines that only one of two texts has.
std::string difference(const std::string& before, const std::string& after) {
    const auto old_lines = lines_of(before), new_lines = lines_of(after);
    const std::set<std::string> old_set(old_lines.begin(), old_lines.end()),
        new_set(new_lines.begin(), new_lines.end());
    std::string text;
    for (const auto& line : old_lines)
        if (!new_set.contains(line)) text += "- " + line + "\n";
    for (const auto& line : new_lines)
        if (!old_set.contains(line)) text += "+ " + line + "\n";
    return text.empty() ? "the same lines in another order\n" : text;
}

const std::string command =
    "    ninja -C BUILD tests/abi/abi_print && BUILD/tests/abi/abi_print > tests/abi/abi-" + number +
    ".txt\n";

}  // namespace

TEST_CASE("the boundary is the recorded one of its ABI number") {
    const std::string expected = golden(number), actual = abi_text();
    if (expected.empty())
        FAIL("there is no tests/abi/abi-" << number
                                          << ".txt: gatehouse::abi was raised; record the new boundary:\n"
                                          << command);
    if (expected != actual)
        FAIL("the boundary differs from the recorded one of abi "
             << number << ":\n"
             << difference(expected, actual)
             << "Plugins that are already built would misread it: raise gatehouse::abi in "
                "sdk/include/gatehouse/plugin.hpp, then\n"
             << "    ninja -C BUILD tests/abi/abi_print && BUILD/tests/abi/abi_print > "
                "tests/abi/abi-"
             << gatehouse::abi + 1 << ".txt\n"
             << "If no plugin with this number was ever released:\n"
             << command);
}

TEST_CASE("a new number has another boundary") {
    for (std::uint32_t older = 1; older < gatehouse::abi; ++older) {
        const std::string before = golden(std::to_string(older)), after = abi_text();
        if (before.empty()) continue;
        CHECK(before.substr(before.find('\n')) != after.substr(after.find('\n')));
    }
}

TEST_CASE("the text shows moved members and added functions") {
    // Tests the tools that make the text, not the golden file.
    const std::string text = abi_text();
    CHECK(text.find("\nError: size ") != std::string::npos);
    CHECK(text.find("\nProvider: 11 slots") != std::string::npos);
    CHECK(text.find("\n  3 chat: Result<std::unique_ptr<Exchange, std::default_delete<Exchange>>> "
                    "(Provider::*)(ChatRequest const&)\n") != std::string::npos);
    CHECK(text.find("-1 ") == std::string::npos);  // a function that is not virtual
}
