// SPDX-License-Identifier: Apache-2.0
// One request and its answer as a line of JSON.  Belongs to one request: one thread at
// a time.
#pragma once

#include <gatehouse/event.hpp>
#include <gatehouse/hook.hpp>
#include <gatehouse/operation.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::audit {

class Record {
public:
    using Time = std::chrono::system_clock::time_point;

    /// `request_id`: as in the log and in `x-request-id`.
    Record(std::string request_id, std::string client, Time begun, std::size_t max_bytes);

    void request(const Operation& operation);
    /// Discards the recorded response, because another attempt begins.
    void forget_answer();
    void event(const Event& event);
    /// The line, with its line end.
    std::string line(const RequestOutcome& outcome, Time now) const;

private:
    struct Call {
        std::string name, arguments;
    };
    struct Choice {
        std::string text, reasoning, refusal;
        std::map<int, Call> calls;
        std::optional<FinishReason> finish;
    };

    /// Returns `text`, cut between two characters if it exceeds the limit.
    std::string_view fitting(std::string_view text, std::size_t& room);
    void keep(std::string& to, std::string_view text) { to += fitting(text, answer_room_); }

    const std::string request_id_, client_;
    const Time begun_;
    const std::size_t max_bytes_;
    std::string request_;  // a JSON object
    std::size_t request_room_, answer_room_;
    bool cut_ = false;
    std::map<int, Choice> choices_;
    std::optional<Usage> usage_;
};

}  // namespace gatehouse::audit
