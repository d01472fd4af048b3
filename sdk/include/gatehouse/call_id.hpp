// SPDX-License-Identifier: Apache-2.0
// Ids of tool calls, for an upstream that sends none.
// Functions without state.  [any thread]
#pragma once

#include <sys/random.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gatehouse {

/// "call_" and 24 random letters and digits, as OpenAI writes ids.  An id that repeats in a
/// conversation would mix up the results of its tools, so that a number is not enough.
inline std::string make_call_id(std::string_view prefix = "call_") {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    unsigned char bytes[24] = {};
    // 24 bytes come at once.  A signal interrupts only before the kernel has seeded its generator.
    while (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        if (errno != EINTR) throw std::runtime_error("the system has no random numbers");
    std::string id(prefix);
    for (const unsigned char byte : bytes) id += letters[byte % letters.size()];
    return id;
}

}  // namespace gatehouse
