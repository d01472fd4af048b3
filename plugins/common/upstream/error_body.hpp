// SPDX-License-Identifier: Apache-2.0
// The SDK's reader of error bodies under its earlier name.
#pragma once

#include "plugins/common/upstream/text.hpp"

#include <gatehouse/error_body.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

using gatehouse::ErrorBody;
using gatehouse::read_error_body;

/// `text` on one line, without credentials, of at most `most` bytes.
inline std::string presentable(std::string_view text, std::size_t most = 1000) {
    return one_line(text, most);
}

/// A client's text for a message: presentable, short, in quotes.
inline std::string shown(std::string_view text) { return in_quotes(presentable(text, 200)); }

}  // namespace gatehouse::upstream
