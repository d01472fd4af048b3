// SPDX-License-Identifier: Apache-2.0
#include "core/config/admin_tokens.hpp"

#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/sha256.hpp>

#include <string.h>

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::string_view hash_prefix = "sha256:";
constexpr std::size_t shortest = 22;  // characters of base64 for 128 bits

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

/// The digest of a token that is given as text or as its hash; `wrong` is the mistake in it.
std::string digest_of(std::string_view token, std::string& wrong) {
    if (token.starts_with(hash_prefix)) {
        std::string digest = lower_case(token.substr(hash_prefix.size()));
        if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != digest.npos)
            wrong = "must have 64 hex digits after sha256:, as `gatehouse hash-key` prints them";
        return digest;
    }
    if (!std::ranges::all_of(token, is_visible))
        wrong = "must have only visible ASCII characters, without blanks and line ends";
    else if (token.size() < shortest)
        wrong = "must have at least 22 characters: make one with `openssl rand -hex 32`";
    return to_hex(sha256(token));
}

}  // namespace

bool AdminToken::has(std::string_view right) const { return std::ranges::count(may, right) > 0; }

AdminTokens AdminTokens::of(std::vector<AdminTokenOptions>& options, const Config& table,
                            Mistakes& mistakes) {
    AdminTokens tokens;
    for (std::size_t i = 0; i < options.size(); ++i) {
        AdminTokenOptions& given = options[i];
        const std::string path = "tokens[" + std::to_string(i) + "]";
        auto add = [&](const std::string& key, const std::string& message) {
            mistakes.add(table.error(path + "." + key, path + "." + key + " " + message));
        };
        std::string wrong;
        const std::string digest = digest_of(given.token, wrong);
        ::explicit_bzero(given.token.data(), given.token.size());
        if (!is_plain_name(given.name))
            add("name", "must be made of letters, digits, \"_\" and \"-\", because the log shows it");
        if (!wrong.empty()) add("token", wrong);
        for (const std::string& right : given.may)
            if (!is_plain_name(right))
                add("may", "must have words such as \"read\" and \"operate\", not " + toml_quoted(right));
        for (const AdminToken& other : tokens.all_) {
            if (other.name == given.name)
                add("name", "is that of another token: " + toml_quoted(given.name));
            else if (other.digest == digest && wrong.empty())
                add("token", "is that of " + toml_quoted(other.name));
        }
        tokens.all_.push_back({given.name, digest, given.may});
    }
    options.clear();
    return tokens;
}

const AdminToken* AdminTokens::find(std::string_view presented) const {
    return of_digest(to_hex(sha256(presented)));
}

const AdminToken* AdminTokens::of_digest(std::string_view digest) const {
    const AdminToken* found = nullptr;
    for (const AdminToken& one : all_)
        if (equal_in_constant_time(one.digest, digest)) found = &one;
    return found;
}

}  // namespace gatehouse::core
