// SPDX-License-Identifier: Apache-2.0
// Decompresses the body of a response.  The gateway asks for `identity`, but some upstreams
// and proxies compress nevertheless.  One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace gatehouse::upstream {

class ContentDecoder {
public:
    /// `coding` is the value of `content-encoding`.  Reads gzip and deflate; gzip also without
    /// that header.
    explicit ContentDecoder(std::string_view coding);
    ContentDecoder() = default;
    ContentDecoder(ContentDecoder&&) noexcept;
    ContentDecoder& operator=(ContentDecoder&&) noexcept;
    ~ContentDecoder();

    /// Calls `each` with every piece of the plain body, which is at most 64 KiB, until it
    /// returns false.  Returns false if the body cannot be decoded.
    bool decode(std::string_view bytes, const std::function<bool(std::string_view plain)>& each);

    /// Whether decode() would pass `bytes` on as they are.
    bool passes(std::string_view bytes) {
        if (state_ == State::unknown && !bytes.empty()) begin(static_cast<unsigned char>(bytes.front()));
        return state_ == State::plain;
    }

    /// The coding, for messages: "br".  Empty for a plain body.
    const std::string& coding() const { return coding_; }

private:
    enum class State { unknown, plain, inflates, between_members, ended, failed };

    void begin(unsigned char first);
    bool inflate(std::string_view bytes, const std::function<bool(std::string_view)>& each);

    struct End {
        void operator()(z_stream_s* stream) const;
    };
    bool is_known() const;

    std::string coding_;
    State state_ = State::unknown;
    std::unique_ptr<z_stream_s, End> stream_;
};

}  // namespace gatehouse::upstream
