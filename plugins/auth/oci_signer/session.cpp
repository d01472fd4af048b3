// SPDX-License-Identifier: Apache-2.0
// Session tokens: reading, watching and dating them.  One mutex; what happens
// under it is a stat() for each signature, and two small files after a change.
#include "plugins/auth/oci_signer/session.hpp"

#include "plugins/auth/oci_signer/signature.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_token_bytes = 16 * 1024;  // it travels in a header
constexpr auto recently = std::chrono::seconds(60);

std::string decode_base64url(std::string_view text) {
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (char c : text) {
        const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                          : c >= 'a' && c <= 'z' ? c - 'a' + 26
                          : c >= '0' && c <= '9' ? c - '0' + 52
                          : c == '-' || c == '+' ? 62
                          : c == '_' || c == '/' ? 63
                                                 : -1;
        if (value < 0) break;
        buffer = buffer << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(buffer >> bits & 0xFF);
        }
    }
    return bytes;
}

Result<std::string> read_token(const std::string& path) {
    auto content = read_file(path, max_token_bytes);
    if (!content) return content.error();
    std::string token(trim(*content));
    wipe(*content);
    if (token.empty()) return Error{ErrorKind::bad_config, "it is empty"};
    // Anything else could end the quoted keyId in the header that it goes into.
    const bool good = std::all_of(token.begin(), token.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != ',';
    });
    if (!good) return Error{ErrorKind::bad_config, "it holds something else than one token"};
    return token;
}

class Session final : public Principal {
public:
    Session(std::string path, KeySource source, std::string token, std::shared_ptr<const PrivateKey> key)
        : path_(std::move(path)),
          source_(std::move(source)),
          token_(std::move(token)),
          key_(std::move(key)),
          expiry_(expiry_of(token_)),
          stamps_(stamps_now()) {}

    Result<Credential> credential(Time now) override {
        std::lock_guard lock(mutex_);
        if (stamps_now() != stamps_) reload(now);
        if (expiry_ && Time(std::chrono::seconds(*expiry_)) <= now)
            return Error{ErrorKind::upstream, "the gateway's session with the upstream has expired",
                         "the session token " + path_ + " expired on " +
                             http_date(Time(std::chrono::seconds(*expiry_))) +
                             "; renew it with `oci session refresh` or `oci session authenticate`"};
        return Credential{"ST$" + token_, key_};
    }

    bool renew(Time now) override {
        std::lock_guard lock(mutex_);
        // Another request may have seen the change before: its renewal counts for this one too.
        return reload(now) || (renewed_at_ && now - *renewed_at_ < recently);
    }

private:
    using Stamps = std::pair<std::optional<FileStamp>, std::optional<FileStamp>>;

    Stamps stamps_now() const {
        return {stamp_of(path_), source_.path.empty() ? std::nullopt : stamp_of(source_.path)};
    }

    /// True if the token is another one.  What cannot be read, perhaps because it
    /// is just being written, leaves the pair that we have in place.
    bool reload(Time now) {
        const Stamps seen = stamps_now();
        auto token = read_token(path_);
        if (!token) return false;
        std::shared_ptr<const PrivateKey> key = key_;
        if (seen.second != stamps_.second) {
            auto loaded = source_.load();
            if (!loaded) return false;
            key = *loaded;
        }
        const bool changed = *token != token_;
        token_ = std::move(*token);
        key_ = std::move(key);
        expiry_ = expiry_of(token_);
        stamps_ = seen;
        if (changed) renewed_at_ = now;
        return changed;
    }

    const std::string path_;
    const KeySource source_;
    std::mutex mutex_;
    std::string token_;
    std::shared_ptr<const PrivateKey> key_;
    std::optional<std::int64_t> expiry_;
    Stamps stamps_;
    std::optional<Time> renewed_at_;
};

}  // namespace

std::optional<std::int64_t> expiry_of(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto claims =
        nlohmann::json::parse(decode_base64url(token.substr(first + 1, second - first - 1)), nullptr,
                              /*allow_exceptions=*/false);
    if (!claims.is_object()) return std::nullopt;
    const auto exp = claims.find("exp");
    if (exp == claims.end() || !exp->is_number()) return std::nullopt;
    const double seconds = exp->get<double>();
    if (!(seconds > 0 && seconds < 8e9)) return std::nullopt;  // until the year 2223: a Time holds it
    return static_cast<std::int64_t>(seconds);
}

std::shared_ptr<Principal> make_session(const Settings& settings, KeySource source,
                                        std::shared_ptr<const PrivateKey> key, Host& host) {
    const Setting& file = settings.need("security_token_file");
    auto token = read_token(file.value);
    if (!token)
        throw KeyError(file.toml_key,
                       "cannot use the session token " + file.value +
                           (file.origin == "security_token_file" ? "" : " (" + file.origin + ")") + ": " +
                           token.error().message + "; make it with `oci session authenticate`");
    const auto expiry = expiry_of(*token);
    const auto now = host.now();
    if (expiry && Principal::Time(std::chrono::seconds(*expiry)) <= now)
        host.log(
            Level::warning, "the session token has expired; renew it with `oci session authenticate`",
            {{"file", file.value}, {"expired", http_date(Principal::Time(std::chrono::seconds(*expiry)))}});
    return std::make_shared<Session>(file.value, std::move(source), std::move(*token), std::move(key));
}

}  // namespace gatehouse::oci
