// SPDX-License-Identifier: Apache-2.0
// Keeps the length and a hash of a streamed text, to detect that the last event
// repeats it.  One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::upstream {

class TextSoFar {
public:
    void add(std::string_view piece) {
        if (piece.empty()) return;
        hash_ = hashed(hash_, piece);
        size_ += piece.size();
        ++pieces_;
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::size_t pieces() const { return pieces_; }
    bool begins(std::string_view whole) const {
        return whole.size() >= size_ && hashed(start, whole.substr(0, size_)) == hash_;
    }
    /// The part of `whole` that follows this text.  Empty if `whole` does not begin with it.
    std::string_view rest_of(std::string_view whole) const {
        return begins(whole) ? whole.substr(size_) : std::string_view();
    }
    bool is(std::string_view whole) const { return whole.size() == size_ && begins(whole); }

private:
    static constexpr std::uint64_t start = 14695981039346656037u;  // FNV-1a

    static std::uint64_t hashed(std::uint64_t hash, std::string_view text) {
        for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
        return hash;
    }

    std::uint64_t hash_ = start;
    std::size_t size_ = 0, pieces_ = 0;
};

}  // namespace gatehouse::upstream
