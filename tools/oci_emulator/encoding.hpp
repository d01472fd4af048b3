// SPDX-License-Identifier: Apache-2.0
// Base64, hashes and lower case.  Pure functions: [any thread].
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

/// Standard base64 with padding, on one line.
std::string to_base64(std::string_view bytes);

/// The bytes of standard base64 with padding; nothing if `text` has another form.
std::optional<std::string> from_base64(std::string_view text);

/// The alphabet of JWTs: - and _, no padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

/// The 32 raw bytes of the SHA-256 of `bytes`.
std::string sha256(std::string_view bytes);

/// Pairs of lower-case hex digits with `separator` between them.
std::string to_hex(std::string_view bytes, std::string_view separator = "");

/// ASCII letters in lower case.
std::string lower(std::string_view text);

}  // namespace gatehouse::emulator
