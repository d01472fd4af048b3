// SPDX-License-Identifier: Apache-2.0
// One answer of an upstream, out of the bytes of its connection, however they are cut:
// head, pieces of the body, end.  Keeps nothing but a line that has not ended.  Part of a
// transfer.  [the loop's thread]
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
        head,    // head() is there
        body,    // piece() is the next of it
        end,     // what is left of the bytes does not belong to the answer
        broken,  // error() says why
    };

    /// bodiless: whatever the head says, as for HEAD.
    void start(std::size_t max_header_bytes, bool bodiless);
    /// Takes from the front of `bytes`.
    Step next(std::string_view& bytes);

    /// REQUIRES: Step::head.  Valid until forget_head().
    const http::ResponseHead& head() const { return head_.value(); }
    void forget_head() { head_.forget_value(); }
    std::string_view piece() const { return piece_; }
    /// REQUIRES: Step::broken.
    Error error() const { return {ErrorKind::upstream, fault_, std::string(detail_)}; }

    /// Whether anything has come.
    bool begun() const { return begun_; }
    /// Whether a first line has.
    bool started() const { return head_.started(); }
    bool has_head() const { return head_.complete(); }
    /// Whether a head has begun, be it an interim one, and not ended.
    bool within_head() const { return head_.within(); }
    /// Whether a connection that ends now completes the answer.
    bool may_end_here() const { return phase_ == Phase::until_close; }
    /// Why an answer that ends here is none.
    const char* cut() const;
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
    std::string line_;  // the beginning of one
    std::size_t max_head_bytes_ = 0;
    std::uint64_t left_ = 0;  // of a body by length
    ChunkReader chunks_;
    std::string_view piece_;
    const char* fault_ = "";
    std::string_view detail_;
    Phase phase_ = Phase::head;
    bool bodiless_ = false, begun_ = false;
};

}  // namespace gatehouse::core
