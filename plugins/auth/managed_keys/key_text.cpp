// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_text.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/sha256.hpp>

#include <sys/random.h>
#include <boost/crc.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace gatehouse::managed_keys {

namespace {

constexpr std::string_view prefix = "gh-";
constexpr std::size_t id_size = 10, secret_size = 43, check_size = 6;
constexpr std::size_t check_at = prefix.size() + id_size + 1 + secret_size;
constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    while (::getrandom(bytes.data(), count, 0) != static_cast<ssize_t>(count))
        if (errno != EINTR) throw std::runtime_error("the system has no random numbers");
    return bytes;
}

std::string check_of(std::string_view text) {
    std::string check(check_size, '0');
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::uint32_t rest = crc.checksum();
    for (std::size_t i = check_size; i-- > 0; rest /= digits.size()) check[i] = digits[rest % digits.size()];
    return check;
}

bool is_id(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string make_id() {
    constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";  // 32, without l, o, 0 and 1
    std::string id;
    for (const char byte : random_bytes(id_size))
        id += letters[static_cast<unsigned char>(byte) % letters.size()];
    return id;
}

std::string make_key(std::string_view id) {
    std::string key(prefix);
    key.append(id).append("-").append(to_base64url(random_bytes(32)));
    return key + check_of(key);
}

std::optional<KeyText> parse_key(std::string_view text) {
    if (text.size() != check_at + check_size || !text.starts_with(prefix)) return std::nullopt;
    const std::string_view id = text.substr(prefix.size(), id_size);
    if (!is_id(id) || text[prefix.size() + id_size] != '-') return std::nullopt;
    if (check_of(text.substr(0, check_at)) != text.substr(check_at)) return std::nullopt;
    KeyText parsed{id, {}};
    const std::string digest = sha256(text);
    std::copy(digest.begin(), digest.end(), parsed.digest.begin());
    return parsed;
}

}  // namespace gatehouse::managed_keys
