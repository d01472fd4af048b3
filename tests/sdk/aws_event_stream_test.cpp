// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/aws_event_stream.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;

namespace {

// Written by another implementation (zlib's CRC-32): a header of each type, and {"a":1}.
constexpr unsigned char message[] =
    "\x00\x00\x00\x74\x00\x00\x00\x5d\x7c\xaa\xb4\x2f\x0b\x3a\x65\x76\x65\x6e\x74\x2d\x74\x79\x70\x65\x07"
    "\x00\x05\x63\x68\x75\x6e\x6b\x01\x74\x00\x01\x66\x01\x01\x62\x02\xff\x01\x73\x03\xff\xfe\x01\x69\x04"
    "\x00\x01\x11\x70\x01\x6c\x05\xff\xff\xff\xfe\xd5\xfa\x0e\x00\x03\x62\x69\x6e\x06\x00\x02\x00\x01\x02"
    "\x61\x74\x08\x00\x00\x01\x8b\xcf\xe5\x68\x7b\x01\x75\x09\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x61"
    "\x62\x63\x64\x65\x66\x7b\x22\x61\x22\x3a\x31\x7d\x63\x2f\xe7\x5e";

std::string whole() { return {reinterpret_cast<const char*>(message), sizeof message - 1}; }

/// "name=value name=value payload|" of each message, or the reason of an error.
std::string read(const std::vector<std::string_view>& pieces, std::size_t limit = 1000) {
    AwsEventReader reader(limit);
    std::string out;
    for (std::string_view piece : pieces) {
        const auto fed = reader.feed(piece, [&](const AwsEvent& event) {
            for (const auto& [name, value] : event.headers) out += name + '=' + value + ' ';
            out.append(event.payload).append("|");
        });
        if (!fed) return out + fed.error().message;
    }
    return out + (reader.complete() ? "" : "(cut)");
}

const std::string damaged = "the upstream's event stream is damaged: ";

}  // namespace

TEST_CASE("headers of each type and the payload of a message are read") {
    using namespace std::string_literals;
    CHECK(read({whole()}) ==
          ":event-type=chunk t=true f=false b=-1 s=-2 i=70000 l=-5000000000 bin=\0\1 "
          "at=1700000000123 u=0123456789abcdef {\"a\":1}|"s);
    AwsEvent event{.headers = {{"a", "1"}, {"a", "2"}}};
    CHECK(event.header("a") == "1");
    CHECK(event.header("b") == "");
}

TEST_CASE("messages are the same for every cut of the bytes") {
    std::string two;
    append_aws_event(two, {{":event-type", "contentBlockDelta"}, {":message-type", "event"}}, "{}");
    append_aws_event(two, {}, "");
    const std::string expected = ":event-type=contentBlockDelta :message-type=event {}||";
    const std::string_view text = two;
    std::vector<std::string_view> bytes;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        CHECK(read({text.substr(0, cut), "", text.substr(cut)}) == expected);
        if (cut < text.size()) bytes.push_back(text.substr(cut, 1));
    }
    CHECK(read(bytes) == expected);
}

TEST_CASE("a stream that ends within a message is not complete") {
    const std::string text = whole();
    for (std::size_t size = 1; size < text.size(); ++size)
        CHECK(read({std::string_view(text).substr(0, size)}) == "(cut)");
    CHECK(read({}) == "");
}

TEST_CASE("each wrong bit is found") {
    const std::string good = whole();
    for (std::size_t at = 0; at < good.size(); ++at)
        for (int bit = 0; bit < 8; ++bit) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
            CHECK(read({bad}) ==
                  damaged + (at < 12 ? "a length has a wrong checksum" : "a message has a wrong checksum"));
        }
}

TEST_CASE("lengths and headers that cannot be right are refused, although their checksums are") {
    auto message_of = [](std::string text) {  // with 8 bytes of lengths first
        auto sum = [](std::string_view bytes) {
            std::string out;
            const auto value = detail::crc32(bytes);
            for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
            return out;
        };
        text.insert(8, sum(text.substr(0, 8)));
        return text + sum(text);
    };
    using namespace std::string_literals;
    for (const std::string& bad :
         {"\0\0\0\x0f\0\0\0\0"s, "\0\0\0\0\0\0\0\0"s, "\0\0\0\x10\0\0\0\1"s, "\0\0\0\x10\xff\xff\xff\xff"s})
        CHECK(read({message_of(bad)}) == damaged + "a message has an impossible length");
    // No name, no type, an unknown type, a string and a number that are cut, a name that is cut.
    for (const std::string& bad :
         {"\0\0\0\x12\0\0\0\2\0\0"s, "\0\0\0\x12\0\0\0\2\1a"s, "\0\0\0\x13\0\0\0\3\1a\x0a"s,
          "\0\0\0\x15\0\0\0\5\1a\7\0\1"s, "\0\0\0\x14\0\0\0\4\1a\4\0"s, "\0\0\0\x11\0\0\0\1\5"s})
        CHECK(read({message_of(bad)}) == damaged + "a message has invalid headers");
    CHECK(read({message_of("\0\0\0\x14\0\0\0\4\1a\2\2"s)}) == "a=2 |");
}

TEST_CASE("a message above the limit is refused at its length, before its bytes come") {
    CHECK(read({whole()}, 116).ends_with("|"));
    CHECK(read({whole().substr(0, 12)}, 115) == damaged + "a message is too large");
}
