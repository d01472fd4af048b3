// SPDX-License-Identifier: Apache-2.0
// Parses one response of an upstream from the bytes of its connection, in pieces of any size:
// head, pieces of the body, end.  Buffers only an incomplete line.  Owned by a NativeTransfer.
// [the loop's thread]
#pragma once

#include "core/net/client/response_head.hpp"
#include "core/net/framing/chunk_reader.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

class ResponseParser {
public:
    enum class Step {
        more,    // all bytes have been taken
        head,    // head() is valid
        body,    // piece() is the next part of the body
        end,     // the remaining bytes do not belong to the response
        broken,  // error() has the reason
    };

    /// bodiless: the response has no body whatever its head says, as for HEAD.
    void start(std::size_t max_header_bytes, bool bodiless);
    /// Consumes from the front of `bytes`.
    Step next(std::string_view& bytes);

    /// REQUIRES: Step::head.  Valid until forget_head().
    const http::ResponseHead& head() const { return head_.value(); }
    void forget_head() { head_.forget_value(); }
    std::string_view piece() const { return piece_; }
    /// REQUIRES: Step::broken.
    Error error() const { return {ErrorKind::upstream, fault_, std::string(detail_)}; }

    /// Whether the first bytes were a TLS record, which an upstream with TLS on this port sends.
    bool is_tls() const { return tls_; }

    /// Whether any byte has come.
    bool begun() const { return begun_; }
    /// Whether a first line has come.
    bool started() const { return head_.started(); }
    bool has_head() const { return head_.complete(); }
    /// Whether a head, final or interim, has begun and not ended.
    bool within_head() const { return head_.within(); }
    /// Whether the end of the connection now completes the response.
    bool may_end_here() const { return phase_ == Phase::until_close; }
    /// The error text if the connection ends now.
    const char* truncation() const;
    bool keeps_connection() const { return head_.keeps_connection(); }

private:
    enum class Phase : std::uint8_t { head, length, chunks, until_close, over };

    Step read_head(std::string_view& bytes);
    Step keep_line(std::string_view part);
    void frame();
    Step read_chunks(std::string_view& bytes);
    Step give(std::string_view piece);
    Step broken(const char* fault, std::string_view detail = {});

    ResponseHeadParser head_;
    std::string line_;  // an incomplete line
    std::size_t max_head_bytes_ = 0;
    std::uint64_t left_ = 0;  // bytes of a body with a length
    ChunkReader chunks_;
    std::string_view piece_;
    const char* fault_ = "";
    std::string_view detail_;
    Phase phase_ = Phase::head;
    bool bodiless_ = false, begun_ = false, tls_ = false;
};

}  // namespace gatehouse::core
