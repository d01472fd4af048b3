// SPDX-License-Identifier: Apache-2.0
// The checks of plugins/provider/oci/PROTOCOL.md, section 6.11, in the same order.
#include "tools/oci_emulator/signature_check.hpp"

#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/http_date.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::emulator {

namespace {

Error bad_signature(std::string why) { return {ErrorKind::unauthenticated, std::move(why)}; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Joins all values of a header as the draft requires.  Returns nothing if the
// header is absent.
std::optional<std::string> joined_values(const http::Headers& headers, std::string_view name) {
    std::optional<std::string> joined;
    for (const auto& [key, value] : headers) {
        if (!http::equal_ignoring_case(key, name)) continue;
        if (joined)
            joined->append(", ").append(trimmed(value));
        else
            joined = trimmed(value);
    }
    return joined;
}

Result<void> check_signed_names(const Authorization& authorization, const http::RequestHead& head,
                                bool lenient) {
    std::vector<std::string_view> required = {"(request-target)"};
    if (!lenient) required.push_back("host");
    if (head.method == "POST" || head.method == "PUT" || head.method == "PATCH")
        required.insert(required.end(), {"content-length", "content-type", "x-content-sha256"});
    for (std::string_view name : required)
        if (!has(authorization.headers, name)) return bad_signature("not signed: " + std::string(name));
    // If both dates are sent, x-date counts and must be signed.
    const bool x_date = head.headers.has("x-date");
    if (lenient && (has(authorization.headers, "date") || has(authorization.headers, "x-date"))) return {};
    if (!has(authorization.headers, x_date ? "x-date" : "date"))
        return bad_signature(x_date ? "not signed: x-date" : "not signed: date");
    return {};
}

Result<void> check_date(const http::RequestHead& head, const SignatureRules& rules,
                        std::chrono::system_clock::time_point now) {
    const auto sent = parse_http_date(head.headers.get(head.headers.has("x-date") ? "x-date" : "date"));
    if (!sent) return bad_signature("the date does not have the form Thu, 05 Jan 2014 21:31:40 GMT");
    const auto skew = *sent > now ? *sent - now : now - *sent;
    if (skew > rules.clock_skew)
        return bad_signature("the date is " +
                             std::to_string(std::chrono::duration_cast<std::chrono::seconds>(skew).count()) +
                             " s away from the clock");
    return {};
}

Result<void> check_body(const http::RequestHead& head, std::string_view body) {
    if (head.method == "GET" || head.method == "HEAD" || head.method == "DELETE") return {};
    if (head.headers.get("content-length") != std::to_string(body.size()))
        return bad_signature("content-length is not the length of the body");
    if (head.headers.get("x-content-sha256") != to_base64(sha256(body)))
        return bad_signature("x-content-sha256 is not the digest of the body");
    return {};
}

}  // namespace

Result<Authorization> read_authorization(std::string_view value) {
    constexpr std::string_view scheme = "signature ";
    value = trimmed(value);
    if (lower(value.substr(0, scheme.size())) != scheme) return bad_signature("the scheme is not Signature");
    value.remove_prefix(scheme.size());

    // name="value" pairs; a value may hold = / : + and commas, but no quote.
    std::map<std::string, std::string> parameters;
    for (value = trimmed(value); !value.empty();) {
        const std::size_t equals = value.find("=\"");
        const std::size_t close = equals == std::string_view::npos ? equals : value.find('"', equals + 2);
        if (close == std::string_view::npos)
            return bad_signature("Authorization is not a list of name=\"value\"");
        if (!parameters
                 .emplace(lower(trimmed(value.substr(0, equals))),
                          value.substr(equals + 2, close - equals - 2))
                 .second)
            return bad_signature("Authorization names a parameter twice");
        value = trimmed(value.substr(close + 1));
        if (value.empty()) break;
        if (value.front() != ',') return bad_signature("Authorization is not a list of name=\"value\"");
        value = trimmed(value.substr(1));
    }

    for (const char* name : {"version", "keyid", "algorithm", "signature"})
        if (parameters[name].empty()) return bad_signature("Authorization has no " + std::string(name));
    Authorization authorization{
        parameters["version"], parameters["keyid"], parameters["algorithm"], parameters["signature"], {}};
    const std::string names = parameters.contains("headers") ? lower(parameters["headers"]) : "date";
    for (std::size_t start = 0; start < names.size();) {
        const std::size_t end = std::min(names.find(' ', start), names.size());
        if (end > start) authorization.headers.push_back(names.substr(start, end - start));
        start = end + 1;
    }
    return authorization;
}

Result<std::string> signing_string(const std::vector<std::string>& names, const http::RequestHead& head) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += '\n';
        text += name;
        text += ": ";
        if (name == "(request-target)") {
            text += lower(head.method) + " " + head.path + (head.query.empty() ? "" : "?" + head.query);
            continue;
        }
        const auto value = joined_values(head.headers, name);
        if (!value) return bad_signature("signed but not sent: " + name);
        text += *value;
    }
    return text;
}

Result<void> check_signature(const http::RequestHead& head, std::string_view body, const KeyStore& keys,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now) {
    const FindKey find = [&](const std::string& key_id) -> Result<KeyPointer> {
        if (KeyPointer key = keys.find(key_id)) return key;
        return bad_signature("the key is not known");
    };
    return check_signature(head, body, find, rules, now);
}

Result<void> check_signature(const http::RequestHead& head, std::string_view body, const FindKey& find,
                             const SignatureRules& rules, std::chrono::system_clock::time_point now) {
    if (rules.mode == SignatureRules::Mode::off) return {};
    if (!head.headers.has("authorization")) return bad_signature("no Authorization");
    const auto authorization = read_authorization(head.headers.get("authorization"));
    if (!authorization) return authorization.error();
    if (authorization->version != "1") return bad_signature("the version is not 1");
    if (lower(authorization->algorithm) != "rsa-sha256")
        return bad_signature("the algorithm is not rsa-sha256");
    if (auto ok = check_signed_names(*authorization, head, rules.lenient_names); !ok) return ok;
    if (rules.mode == SignatureRules::Mode::strict)
        if (auto ok = check_date(head, rules, now); !ok) return ok;
    if (auto ok = check_body(head, body); !ok) return ok;
    const auto key = find(authorization->key_id);
    if (!key) return key.error();
    const auto text = signing_string(authorization->headers, head);
    if (!text) return text.error();
    const auto signature = from_base64(authorization->signature);
    if (!signature) return bad_signature("the signature is not base64");
    if (!verifies(*key, *text, *signature)) return bad_signature("the signature is wrong");
    return {};
}

}  // namespace gatehouse::emulator
