// SPDX-License-Identifier: Apache-2.0
// Keeps the length and a hash of a streamed text, to detect that the last event
// repeats it.  One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse {

class TextSoFar {
public:
    void add(std::string_view piece) {
        if (piece.empty()) return;
        hash_.add(piece);
        size_ += piece.size();
        ++pieces_;
    }

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::size_t pieces() const { return pieces_; }
    bool begins(std::string_view whole) const {
        return whole.size() >= size_ && hash_of(whole.substr(0, size_)) == hash_;
    }
    /// The part of `whole` that follows this text.  Empty if `whole` does not begin with it.
    std::string_view rest_of(std::string_view whole) const {
        return begins(whole) ? whole.substr(size_) : std::string_view();
    }
    bool is(std::string_view whole) const { return whole.size() == size_ && begins(whole); }

private:
    /// A hash of the bytes, however they are cut into pieces.  It takes eight at once.
    class Hash {
    public:
        void add(std::string_view text) {
            for (; held_ == 0 && text.size() >= 8; text.remove_prefix(8)) mix(word_of(text));
            for (; text.size() >= 8; text.remove_prefix(8)) push(word_of(text), 8);
            if (!text.empty()) push(end_of(text), text.size());
        }
        bool operator==(const Hash&) const = default;

    private:
        static std::uint64_t word_of(std::string_view text) {
            std::uint64_t word = 0;
            for (unsigned i = 0; i < 8; ++i)
                word |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
            return word;
        }
        static std::uint64_t end_of(std::string_view text) {
            std::uint64_t word = 0;
            for (std::size_t i = text.size(); i-- > 0;)
                word = word << 8 | static_cast<unsigned char>(text[i]);
            return word;
        }
        void mix(std::uint64_t word) {
            state_ = (state_ ^ word) * 0x9E3779B97F4A7C15u;
            state_ ^= state_ >> 32;
        }
        /// Adds `count` bytes, at most 8.
        void push(std::uint64_t bytes, std::size_t count) {
            rest_ |= bytes << 8 * held_;
            held_ += count;
            if (held_ < 8) return;
            mix(rest_);
            held_ -= 8;
            rest_ = held_ == 0 ? 0 : bytes >> 8 * (count - held_);
        }

        std::uint64_t state_ = 0x243F6A8885A308D3u;
        std::uint64_t rest_ = 0;  // the bytes behind the last word of eight
        std::size_t held_ = 0;    // their number
    };
    static Hash hash_of(std::string_view text) {
        Hash hash;
        hash.add(text);
        return hash;
    }

    Hash hash_;
    std::size_t size_ = 0, pieces_ = 0;
};

}  // namespace gatehouse
