// SPDX-License-Identifier: Apache-2.0
// HTTP as plain values: a client's request, a provider's request, a signed request.
// Nothing here performs I/O.  The core owns every socket.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::http {

/// Whether two names are equal if the case of ASCII letters is ignored (RFC 9110, 5.1).
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
    auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

/// Header fields in the order of the message.  Names compare without case.
class Headers {
public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    /// The first value of `name`, or an empty view.  Valid until the next change.
    std::string_view get(std::string_view name) const {
        for (const auto& [key, value] : fields_)
            if (equal_ignoring_case(key, name)) return value;
        return {};
    }
    bool has(std::string_view name) const {
        return std::any_of(fields_.begin(), fields_.end(),
                           [&](const Field& field) { return equal_ignoring_case(field.first, name); });
    }

    /// Appends a field, even if a field of that name exists.
    void add(std::string name, std::string value) {
        if (fields_.capacity() == 0) fields_.reserve(8);  // few heads have more
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// Replaces every field called `name` by one field at the end.
    void set(std::string_view name, std::string value) {
        std::string key(name);  // may be a view of a removed field
        remove(key);
        add(std::move(key), std::move(value));
    }
    void remove(std::string_view name_view) {
        if (!has(name_view)) return;
        const std::string name(name_view);  // may be a view of a removed field
        std::erase_if(fields_, [&](const Field& field) { return equal_ignoring_case(field.first, name); });
    }

    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

/// The head of a client's request, before its body has been read.  The core has
/// checked the framing (RFC 9112).  The values are the client's own.
struct RequestHead {
    std::string method = "GET";
    std::string path = "/";  // as sent, percent-encoded, without the query
    std::string query = {};  // as sent, without the question mark
    Headers headers = {};
    std::string peer = {};  // the client's address, such as "192.0.2.7" or "2001:db8::1"
    /// The subject of the client's TLS certificate in the form of RFC 2253, such as
    /// "CN=openclaw,O=Example".  The core has verified the certificate against its own
    /// authorities.  Empty: there is no certificate, or it has only alternative names.
    std::string certificate = {};
    /// The alternative names of that certificate, in its order: "DNS:host.example" in lower
    /// case, "URI:spiffe://example.org/agent", "email:agent@example.org", "IP:192.0.2.7".
    /// Names of other kinds, and names with characters other than visible ASCII, are omitted.
    std::vector<std::string> certificate_names = {};
};

/// A request to an upstream.  The default of a timeout is the key of the core's [upstream] table.
struct Request {
    std::string method = "GET";
    /// Absolute: http:// or https://, and visible ASCII only.  Percent-encode everything else, also a model's
    /// name: it comes from a client and may contain "/", "?" or a line break.
    std::string url = {};
    Headers headers = {};
    std::string body = {};
    /// For connecting, including the TLS handshake.
    std::optional<std::chrono::milliseconds> connect_timeout = {};
    /// From the start of the attempt until the first byte of the response's head.
    std::optional<std::chrono::milliseconds> first_byte_timeout = {};
    /// The longest silence between two bytes of the response's body.
    std::optional<std::chrono::milliseconds> idle_timeout = {};
    /// For the complete exchange.
    std::optional<std::chrono::milliseconds> total_timeout = {};
    /// A PEM file of CA certificates that replaces the system's for this request.
    std::string ca_file = {};
    /// Never uses a proxy, whatever the configuration and the environment say.
    bool no_proxy = false;
};

struct ResponseHead {
    int status = 200;
    Headers headers = {};
};

struct Response {
    ResponseHead head = {};
    std::string body = {};
};

}  // namespace gatehouse::http
