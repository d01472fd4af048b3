// SPDX-License-Identifier: Apache-2.0
// The framing of application/vnd.amazon.eventstream, as Amazon Bedrock streams its responses.
// A message has the length of the message and of its headers, a CRC-32 of both, the headers,
// the payload, and a CRC-32 of all (AWS, "Amazon Transcribe: Setting up streaming", event stream
// encoding; Smithy 2.0, "Amazon Event Stream specification").  Numbers are big-endian.
// [one thread at a time]
#pragma once

#include "gatehouse/result.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// A complete message.
struct AwsEvent {
    /// In the order of the message.  Numbers and times (milliseconds since 1970) as decimal
    /// digits, booleans as true and false, bytes and UUIDs as they are.
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string_view payload = {};  // valid during the call

    /// The first value of `name`, such as ":event-type" or ":message-type".  Empty if absent.
    std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (key == name) return value;
        return {};
    }
};

namespace detail {

inline constexpr std::array<std::uint32_t, 256> crc32_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
        table[i] = value;
    }
    return table;
}();

/// The CRC-32 of IEEE 802.3, as zlib computes it.
inline std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t value = 0xFFFFFFFF;
    for (const char c : bytes)
        value = value >> 8 ^ crc32_table[(value ^ static_cast<unsigned char>(c)) & 0xFF];
    return ~value;
}

/// REQUIRES: `bytes` has at least `size` bytes, which are at most 8.
inline std::uint64_t big_endian(std::string_view bytes, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

/// Reads the headers of a message.
class AwsHeaders {
public:
    explicit AwsHeaders(std::string_view bytes) : rest_(bytes) {}

    /// False if the bytes are not headers.
    bool read(AwsEvent& event) {
        while (!rest_.empty()) {
            std::string_view name, value;
            if (!take_sized(1, name) || name.empty() || rest_.empty()) return false;
            const int type = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            if (!take_value(type, value)) return false;
            event.headers.emplace_back(name, shown(type, value));
        }
        return true;
    }

private:
    enum Type { yes, no, byte, two_bytes, four_bytes, eight_bytes, binary, string, time, uuid };

    bool take(std::size_t size, std::string_view& out) {
        if (size > rest_.size()) return false;
        out = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }
    /// Bytes after their number, which has `length_bytes` bytes.
    bool take_sized(std::size_t length_bytes, std::string_view& out) {
        std::string_view length;
        return take(length_bytes, length) && take(big_endian(length, length_bytes), out);
    }
    bool take_value(int type, std::string_view& out) {
        switch (type) {
            case yes:
            case no: return true;
            case byte: return take(1, out);
            case two_bytes: return take(2, out);
            case four_bytes: return take(4, out);
            case eight_bytes:
            case time: return take(8, out);
            case binary:
            case string: return take_sized(2, out);
            case uuid: return take(16, out);
            default: return false;
        }
    }
    static std::string shown(int type, std::string_view value) {
        if (type == yes || type == no) return type == yes ? "true" : "false";
        if (type == binary || type == string || type == uuid) return std::string(value);
        // Numbers have a sign.
        const std::size_t unused = 64 - 8 * value.size();
        return std::to_string(static_cast<std::int64_t>(big_endian(value, value.size()) << unused) >> unused);
    }

    std::string_view rest_;
};

}  // namespace detail

class AwsEventReader {
public:
    /// Maximum size of a message, in bytes.
    explicit AwsEventReader(std::size_t max_message_bytes = 16 * 1024 * 1024) : limit_(max_message_bytes) {}

    /// Calls on_event(const AwsEvent&) for each complete message.  An error ends the stream: a
    /// wrong checksum or length, or a message above the limit.
    template <typename OnEvent>
    Result<void> feed(std::string_view bytes, OnEvent&& on_event) {
        while (!bytes.empty()) {
            const std::size_t wanted = rest_.size() < prelude_size ? prelude_size : message_size();
            const std::size_t taken = std::min(wanted - rest_.size(), bytes.size());
            rest_ += bytes.substr(0, taken);
            bytes.remove_prefix(taken);
            if (rest_.size() == prelude_size)
                if (auto good = check_prelude(); !good) return good;
            if (rest_.size() < prelude_size || rest_.size() < message_size()) continue;
            AwsEvent event;
            if (auto good = read_message(event); !good) return good;
            on_event(std::as_const(event));
            rest_.clear();
        }
        return {};
    }

    /// Whether the stream may end here.  False within a message.
    bool complete() const { return rest_.empty(); }

private:
    static constexpr std::size_t prelude_size = 12, checksum_size = 4;

    static Error damaged(const char* why) {
        return {ErrorKind::upstream, std::string("the upstream's event stream is damaged: ") + why};
    }
    std::size_t number_at(std::size_t at) const {
        return static_cast<std::size_t>(detail::big_endian(std::string_view(rest_).substr(at), 4));
    }
    std::size_t message_size() const { return number_at(0); }
    std::size_t headers_size() const { return number_at(4); }

    Result<void> check_prelude() const {
        if (detail::crc32(std::string_view(rest_).substr(0, 8)) != number_at(8))
            return damaged("a length has a wrong checksum");
        if (message_size() < prelude_size + checksum_size ||
            headers_size() > message_size() - prelude_size - checksum_size)
            return damaged("a message has an impossible length");
        if (message_size() > limit_) return damaged("a message is too large");
        return {};
    }
    Result<void> read_message(AwsEvent& event) const {
        const std::string_view all = rest_;
        const std::size_t end = all.size() - checksum_size;
        if (detail::crc32(all.substr(0, end)) != number_at(end))
            return damaged("a message has a wrong checksum");
        if (!detail::AwsHeaders(all.substr(prelude_size, headers_size())).read(event))
            return damaged("a message has invalid headers");
        const std::size_t begin = prelude_size + headers_size();
        event.payload = all.substr(begin, end - begin);
        return {};
    }

    std::size_t limit_;
    std::string rest_;  // an incomplete message
};

/// Appends a message whose headers are strings, for tests of a provider.  REQUIRES: names have at
/// most 255 bytes, values at most 65,535.
inline void append_aws_event(std::string& out,
                             const std::vector<std::pair<std::string, std::string>>& headers,
                             std::string_view payload) {
    auto number = [](std::size_t value, int bytes) {
        std::string text;
        while (bytes-- > 0) text += static_cast<char>(value >> (8 * bytes) & 0xFF);
        return text;
    };
    std::string block;
    for (const auto& [name, value] : headers)
        block += number(name.size(), 1) + name + '\7' + number(value.size(), 2) + value;
    std::string message = number(16 + block.size() + payload.size(), 4) + number(block.size(), 4);
    message += number(detail::crc32(message), 4);
    message.append(block).append(payload);
    message += number(detail::crc32(message), 4);
    out += message;
}

}  // namespace gatehouse
