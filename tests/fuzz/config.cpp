// SPDX-License-Identifier: Apache-2.0
// Configurations: read and checked against a plugin that has one of everything, or refused
// in words that name the file and never show a secret.
#define DOCTEST_CONFIG_DISABLE  // for what errors.hpp shares
#include "tests/core/config/errors.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::fuzz;

namespace {

constexpr std::string_view hidden = "s3cret-of-somebody";

/// Whether the secret stands once in the text, as the value of a key that is one.
bool holds_secret(std::string_view text) {
    const std::size_t at = text.find("\npass = \"s3cret-of-somebody\"\n");
    return at != std::string_view::npos && text.find(hidden, text.find(hidden) + 1) == std::string_view::npos;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    // Reading from a device may block.
    if (size > 8192 || text.find("/dev") != std::string_view::npos) return 0;
    const std::string error = core::test::error_of(std::string(text));
    same(core::test::error_of(std::string(text)), error, "a mistake has one message");
    if (error.empty()) return 0;
    promise(error.starts_with("test.toml"), "an error begins with the name of the file", error);
    for (unsigned char c : error)
        promise(c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f),
                "an error does not play with the terminal", error);
    promise(error.size() < 16'384, "an error is of some length", error);
    if (holds_secret(text))
        promise(error.find(hidden) == std::string::npos, "an error does not show a secret", error);
    return 0;
}
