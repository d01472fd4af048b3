// SPDX-License-Identifier: Apache-2.0
// The boundary is what tests/abi/abi-N.txt says for the ABI number N of plugin.hpp.
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
    std::string above;  // a member's line alone does not say of what
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

TEST_CASE("the boundary is the one that its number stands for") {
    const std::string expected = golden(number), actual = abi_text();
    if (expected.empty())
        FAIL("there is no tests/abi/abi-"
             << number << ".txt: gatehouse::abi was raised; now write what it stands for:\n"
             << command);
    if (expected != actual)
        FAIL("the boundary is not that of abi "
             << number << ":\n"
             << difference(expected, actual)
             << "Plugins built before would misread it: raise gatehouse::abi in "
                "sdk/include/gatehouse/plugin.hpp, then\n"
             << "    ninja -C BUILD tests/abi/abi_print && BUILD/tests/abi/abi_print > "
                "tests/abi/abi-"
             << gatehouse::abi + 1 << ".txt\n"
             << "If no plugin with this number was ever given away:\n"
             << command);
}

TEST_CASE("a new number has a reason") {
    for (std::uint32_t older = 1; older < gatehouse::abi; ++older) {
        const std::string before = golden(std::to_string(older)), after = abi_text();
        if (before.empty()) continue;
        CHECK(before.substr(before.find('\n')) != after.substr(after.find('\n')));
    }
}

TEST_CASE("the text sees members that change places, and functions that are added") {
    // Not the golden file's business but this test's own: what it is made of must work.
    const std::string text = abi_text();
    CHECK(text.find("\nError: size ") != std::string::npos);
    CHECK(text.find("\nProvider: 8 slots") != std::string::npos);
    CHECK(text.find("\n  2 chat: Result<std::unique_ptr<Exchange, std::default_delete<Exchange>>> "
                    "(Provider::*)(ChatRequest const&)\n") != std::string::npos);
    CHECK(text.find("-1 ") == std::string::npos);  // a function that is not virtual
}
