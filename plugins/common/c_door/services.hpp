// SPDX-License-Identifier: Apache-2.0
// The gateway gives these services to a library of every kind: log and clock.  Constant after start:
// any thread.
#pragma once

#include <gatehouse/c.h>
#include <gatehouse/host.hpp>

#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// Text for a library.  REQUIRES: a NUL follows `text`, as in a std::string.
inline gatehouse_c_bytes bytes_of(const std::string& text) { return {text.data(), text.size()}; }

/// Bytes of a library.  Throws Mistake if they are a null pointer with a size, or more than
/// `most`.  `what` names the argument, and `limit` the bound, in the message.
std::string_view view(const char* what, gatehouse_c_bytes bytes, std::size_t most, const char* limit);

/// The gateway's functions for one instance.  REQUIRES: lives as long as the instance.
class Services {
public:
    explicit Services(Host& host);
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    const gatehouse_c_host* door() const { return &c_host_; }

private:
    static void on_log(void* context, int32_t level, gatehouse_c_bytes message) noexcept;
    static int64_t on_now(void* context) noexcept;

    Host& host_;
    const gatehouse_c_host c_host_;
};

}  // namespace gatehouse::c_bridge
