// SPDX-License-Identifier: Apache-2.0
// The form of a managed key: "gh-", an id of 10 characters that logs may show, "-", a secret of 43
// characters (256 random bits in base64url), and 6 characters that check the others (CRC-32 in base 62).
// A scanner or a typing error can be told from a key without a look-up.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::managed_keys {

using Digest = std::array<unsigned char, 32>;

struct KeyText {
    std::string_view id;  // a part of the parsed text
    Digest digest;        // the SHA-256 of the complete key
};

/// 10 random letters and digits.
std::string make_id();
/// A new key with this id.
std::string make_key(std::string_view id);
/// Nothing if `text` does not have the form of a key, or if its last characters do not fit.
std::optional<KeyText> parse_key(std::string_view text);

}  // namespace gatehouse::managed_keys
