// SPDX-License-Identifier: Apache-2.0
// HTTP as plain values: what a client sent, what a provider asks for, what a
// signer signs.  Nothing here performs I/O; the core owns every socket.
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

/// Whether two names are the same but for the case of ASCII letters (RFC 9110, 5.1).
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
    auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

/// Header fields in the order they came or will be sent.  Names compare without case.
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

    /// Appends a field, even if one of that name is there.
    void add(std::string name, std::string value) {
        if (fields_.capacity() == 0) fields_.reserve(8);  // few heads have more
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// Replaces every field called `name` by one, the last.
    void set(std::string_view name, std::string value) {
        std::string key(name);  // it may be a view of a field that goes
        remove(key);
        add(std::move(key), std::move(value));
    }
    void remove(std::string_view name_view) {
        if (!has(name_view)) return;
        const std::string name(name_view);  // the same
        std::erase_if(fields_, [&](const Field& field) { return equal_ignoring_case(field.first, name); });
    }

    std::size_t size() const { return fields_.size(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

/// What a client asks for, before its body has been read.  The framing has
/// been checked by the core (RFC 9112); the values are the client's own.
struct RequestHead {
    std::string method = "GET";
    std::string path = "/";  // as sent, percent-encoded, without the query
    std::string query = {};  // as sent, without the question mark
    Headers headers = {};
    std::string peer = {};  // the client's address, such as "192.0.2.7" or "2001:db8::1"
    /// The subject of the client's TLS certificate, which the core has verified against
    /// its own authorities, as RFC 2253 writes it: "CN=openclaw,O=Example".  Empty: none was
    /// shown, or it has names of the next kind only.
    std::string certificate = {};
    /// That certificate's alternative names, in its order: "DNS:host.example" in lower case,
    /// "URI:spiffe://example.org/agent", "email:agent@example.org", "IP:192.0.2.7".  Names of
    /// other kinds, and those with other than visible ASCII characters, are left out.
    std::vector<std::string> certificate_names = {};
};

/// A request to an upstream.  Timeouts left out are those of the core's [upstream] table.
struct Request {
    std::string method = "GET";
    std::string url = {};  // absolute: http:// or https://
    Headers headers = {};
    std::string body = {};
    /// Until the connection, TLS included, stands.
    std::optional<std::chrono::milliseconds> connect_timeout = {};
    /// From the start of the attempt until the first byte of the answer's head.
    std::optional<std::chrono::milliseconds> first_byte_timeout = {};
    /// The longest silence between two bytes of the answer's body.
    std::optional<std::chrono::milliseconds> idle_timeout = {};
    /// The whole exchange.
    std::optional<std::chrono::milliseconds> total_timeout = {};
    /// A file of CA certificates in PEM that replaces the system's, for this request.
    std::string ca_file = {};
    /// Never through a proxy, whatever the configuration and the environment say.
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
