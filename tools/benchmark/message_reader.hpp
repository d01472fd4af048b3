// SPDX-License-Identifier: Apache-2.0
// Reads one HTTP/1.1 message after the other, requests or answers, however the
// bytes are cut.  Keeps the head and hands out the body in slices, unframed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::benchmark {

class MessageReader {
public:
    /// A response without a length continues until the connection ends; a request without one has no body.
    enum class Kind { request, answer };
    explicit MessageReader(Kind kind) : kind_(kind) {}

    /// Takes bytes up to the end of the message and says how many.  `body` gets the slices of its
    /// body, which are slices of `bytes`.
    std::size_t take(std::string_view bytes, std::vector<std::string_view>& body);
    /// The connection has ended, which completes some answers.
    void end();
    /// Makes ready for the next message.
    void begin();

    bool begun() const { return !head_.empty() || part_ != Part::head; }
    bool complete() const { return part_ == Part::complete; }
    bool broken() const { return part_ == Part::broken; }
    /// The head with its empty line, once it is complete.
    std::string_view head() const { return head_; }
    /// Status of a response, or 0 if there is no status.
    int status() const;

private:
    enum class Part {
        head,
        counted,
        until_end,
        chunk_size,
        chunk_data,
        chunk_end,
        trailer,
        complete,
        broken
    };

    std::size_t take_head(std::string_view bytes);
    std::size_t take_line(std::string_view bytes);
    void read_head();
    void read_line();
    std::string_view field(std::string_view lower_case_name) const;

    Kind kind_;
    Part part_ = Part::head;
    std::string head_, line_;
    std::uint64_t left_ = 0;
};

}  // namespace gatehouse::benchmark
