// SPDX-License-Identifier: Apache-2.0
// A chunked body: whole as in pieces, and as a second reader, written here after
// RFC 9112, 7.1, understands it.
#include "tests/fuzz/fuzz.hpp"

#include "core/net/server/body.hpp"
#include "core/net/server/request_line.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::fuzz;

namespace {

constexpr std::size_t limit = 1000;

/// The result of the input: the body and its end, or the reason of its refusal.
struct Outcome {
    enum class Kind { more, complete, refused } kind = Kind::more;
    std::string body = {};
    std::size_t used = 0;
    Error error = {};
};

Outcome read(const std::vector<std::string_view>& pieces) {
    BodyReader reader;
    reader.start_chunked(limit);
    std::size_t used = 0;
    for (std::string_view piece : pieces) {
        std::string_view rest = piece;
        const auto done = reader.feed(rest);
        if (!done) return {.kind = Outcome::Kind::refused, .error = done.error()};
        used += piece.size() - rest.size();
        promise(reader.size() <= limit, "a body is never larger than its limit");
        promise(*done || rest.empty(), "a reader that wants more has taken all that there was");
        if (*done) return {.kind = Outcome::Kind::complete, .body = reader.take(), .used = used};
    }
    return {};
}

/// The other reader: whole lines, and nothing that is not in the grammar.  Nothing: it refuses or misses
/// something.
struct Second {
    std::string body;
    std::size_t used;
};
std::optional<Second> second_reading(std::string_view input) {
    const std::size_t all = input.size();
    std::string body;
    auto line = [&]() -> std::optional<std::string_view> {
        const std::size_t end = input.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view text = input.substr(0, end);
        input.remove_prefix(end + 2);
        for (unsigned char c : text)
            if (c != '\t' && (c < 0x20 || c == 0x7f)) return std::nullopt;
        return text;
    };
    for (;;) {
        const auto text = line();
        if (!text) return std::nullopt;
        const std::size_t digits = std::min(text->find_first_not_of("0123456789abcdefABCDEF"), text->size());
        if (digits == 0 || digits > 16) return std::nullopt;
        std::string_view rest = text->substr(digits);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.size() < text->size() - digits && rest.empty()) return std::nullopt;  // blanks at the end
        if (!rest.empty() && rest.front() != ';') return std::nullopt;
        const std::uint64_t size = std::stoull(std::string(text->substr(0, digits)), nullptr, 16);
        if (size == 0) break;
        if (size > input.size() || input.size() - size < 2 || input.substr(size, 2) != "\r\n")
            return std::nullopt;
        body += input.substr(0, size);
        input.remove_prefix(size + 2);
    }
    for (;;) {
        const auto text = line();
        if (!text) return std::nullopt;
        if (text->empty()) return Second{std::move(body), all - input.size()};
        const std::size_t colon = text->find(':');
        if (colon == std::string_view::npos || !is_token(text->substr(0, colon))) return std::nullopt;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    const Outcome whole = read({input});
    for (const auto& pieces : {pieces_of(input), bytes_of(input)}) {
        const Outcome cut = read(pieces);
        promise(cut.kind == whole.kind, "a body in pieces has the fate of the whole", whole.error.message,
                cut.error.message);
        same(cut.error.message, whole.error.message, "a body in pieces is refused as the whole");
        same(cut.body, whole.body, "a body in pieces is the same body");
        promise(cut.used == whole.used, "a body in pieces ends where the whole ends");
    }
    if (whole.kind == Outcome::Kind::refused) {
        const int status = status_of(whole.error);
        promise(status == 400 || status == 413, "a refusal is the client's mistake", whole.error.message);
    }
    const auto second = second_reading(input);
    if (whole.kind == Outcome::Kind::complete) {
        promise(second.has_value(), "an accepted body matches the grammar");
        same(second->body, whole.body, "two readers see the same body");
        promise(second->used == whole.used, "two readers see the same end");
    }
    // The limits on sizes, on extensions and on trailers are ours alone.
    if (second && whole.kind != Outcome::Kind::complete)
        promise(second->body.size() > limit || second->used > 16 * 1024, "a valid body is accepted",
                whole.error.message);
    return 0;
}
