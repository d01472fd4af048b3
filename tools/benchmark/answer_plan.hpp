// SPDX-License-Identifier: Apache-2.0
// Responses of the mock upstream: set by a line on its standard input, and
// made into bytes once, not per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::benchmark {

struct AnswerPlan {
    bool stream = false;
    std::int64_t latency_ns = 0;  // before the first byte of an answer
    std::int64_t pace_ns = 0;     // between two writes of a stream
    std::uint64_t writes = 10;    // per stream; 0: it never ends
    std::size_t burst = 1;        // events in one write
    std::size_t text = 64;  // bytes of text in a non-streaming response or in an event, at least a mark's
};

/// From words such as `stream=1 latency_us=1000 pace_us=20000 writes=50 burst=1 text=24`; those left out
/// are as above.  Says what is wrong in `error`, if anything.
AnswerPlan parse_plan(std::string_view words, std::string& error);

/// The bytes of one format under one plan.
struct AnswerBytes {
    std::string whole;                  // head and body
    std::string opening;                // a stream's head and the bytes before its first text
    std::string write;                  // one write of `burst` events, framed as one chunk
    std::vector<std::size_t> marks;     // where the marks stand in `write`
    std::string closing;                // finish reason, usage, [DONE], last chunk
    std::vector<std::size_t> in_whole;  // where the mark stands in `whole`
};
AnswerBytes openai_answer(const AnswerPlan& plan);
AnswerBytes oci_answer(const AnswerPlan& plan);
AnswerBytes guard_answer(const AnswerPlan& plan);  // for the service of a hook

}  // namespace gatehouse::benchmark
