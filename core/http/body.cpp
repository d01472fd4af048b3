// SPDX-License-Identifier: Apache-2.0
#include "core/http/body.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t spare = 64;  // what JSON readers want beyond the end

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

void BodyReader::make_room(std::size_t more) {
    const std::size_t wanted = size_ + more + spare;
    if (wanted <= body_.capacity()) return;
    std::size_t target = std::max(wanted, 2 * body_.capacity());
    // The announced end is believed only as far as doubling would go anyway.
    if (!chunked_)
        target = std::min<std::uint64_t>(target, std::max<std::uint64_t>(wanted, size_ + remaining_ + spare));
    body_.reserve(target);
}

BodyReader::Room BodyReader::room(std::size_t wanted) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, remaining_));
    make_room(size);
    body_.resize(size_ + size);
    return {body_.data() + size_, size};
}

bool BodyReader::received(std::size_t count) {
    size_ += count;
    remaining_ -= count;
    body_.resize(size_);
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

Result<bool> BodyReader::feed_length(std::string_view& bytes) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
    make_room(part);
    body_.append(bytes.data(), part);
    bytes.remove_prefix(part);
    size_ += part;
    remaining_ -= part;
    return remaining_ == 0;
}

Result<bool> BodyReader::feed_chunked(std::string_view& bytes) {
    while (!bytes.empty() && !chunks_.complete()) {
        const std::string_view piece = chunks_.next(bytes);
        if (chunks_.fault()) return bad(chunks_.fault());
        if (piece.size() > limit_ - size_ || chunks_.announced() > limit_ - size_ - piece.size())
            return Error{ErrorKind::too_large,
                         "the body is larger than " + std::to_string(limit_) + " bytes"};
        if (piece.empty()) continue;
        make_room(piece.size());
        body_.append(piece);
        size_ += piece.size();
    }
    return chunks_.complete();
}

}  // namespace gatehouse::core
