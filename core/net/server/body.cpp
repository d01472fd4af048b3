// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/body.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t spare = 64;     // JSON parsers need this padding after the end
constexpr std::size_t believed = 16;  // reserves up to this factor of the received bytes, if announced

Error bad(std::string message) { return {ErrorKind::bad_request, std::move(message)}; }

}  // namespace

void BodyReader::start_length(std::uint64_t length) {
    *this = BodyReader();
    remaining_ = length;
}

void BodyReader::start_chunked(std::size_t limit) {
    *this = BodyReader();
    chunked_ = true;
    limit_ = limit;
}

/// Makes room for `more` bytes; `come` bytes of the body have been received.
void BodyReader::make_room(std::size_t more, std::size_t come) {
    const std::size_t wanted = size_ + more + spare;
    if (wanted <= body_.capacity()) return;
    if (chunked_) return body_.reserve(std::max(wanted, 2 * body_.capacity()));
    // Copies rarely, but does not reserve much memory for an announced length alone.
    const std::uint64_t end = size_ + remaining_ + spare;
    body_.reserve(std::min<std::uint64_t>(end, std::max(wanted, believed * come)));
}

BodyReader::Room BodyReader::room(std::size_t wanted) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, remaining_));
    make_room(size, size_);
    // Initialised but unused bytes are kept for the next call.
    if (body_.size() < size_ + size) body_.resize(size_ + size);
    return {body_.data() + size_, size};
}

bool BodyReader::received(std::size_t count) {
    size_ += count;
    remaining_ -= count;
    return remaining_ == 0;
}

std::string BodyReader::take() {
    body_.resize(size_);
    if (body_.capacity() < size_ + spare) body_.reserve(size_ + spare);
    return std::exchange(body_, {});
}

Result<bool> BodyReader::feed(std::string_view& bytes) {
    return chunked_ ? feed_chunked(bytes) : feed_length(bytes);
}

void BodyReader::append(std::string_view bytes) {
    make_room(bytes.size(), size_ + bytes.size());
    body_.resize(size_);
    body_.append(bytes);
    size_ += bytes.size();
}

Result<bool> BodyReader::feed_length(std::string_view& bytes) {
    const std::string_view part =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_)));
    append(part);
    bytes.remove_prefix(part.size());
    remaining_ -= part.size();
    return remaining_ == 0;
}

Result<bool> BodyReader::feed_chunked(std::string_view& bytes) {
    while (!bytes.empty() && !chunks_.complete()) {
        const std::string_view piece = chunks_.next(bytes);
        if (chunks_.fault()) return bad(chunks_.fault());
        if (piece.size() > limit_ - size_ || chunks_.announced() > limit_ - size_ - piece.size())
            return Error{ErrorKind::too_large,
                         "the body is larger than " + std::to_string(limit_) + " bytes"};
        if (!piece.empty()) append(piece);
    }
    return chunks_.complete();
}

}  // namespace gatehouse::core
