// SPDX-License-Identifier: Apache-2.0
// The events of a streaming response: their names, and their numbers from 0 by 1.  A
// non-streaming response has the same items and no events.  One thread at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

class Outlet {
public:
    explicit Outlet(bool streams) : streams_(streams) {}

    /// Where the following events are appended.  REQUIRES: `out` outlives them.
    void append_to(std::string& out) { out_ = &out; }
    bool streams() const { return streams_; }

    /// Writes an event.  `members` are JSON, each with a comma before it, in pieces.
    void event(std::string_view type, std::initializer_list<std::string_view> members);
    /// Writes an event with the member `delta`.  `place` and `rest` are members as above.
    void delta(std::string_view type, std::string_view place, std::string_view text,
               std::string_view rest = {});

private:
    void begin(std::string_view type);
    void end();

    const bool streams_;
    std::string* out_ = nullptr;
    std::int64_t number_ = 0;
};

/// `text` as a JSON string.
std::string json_of(std::string_view text);

}  // namespace gatehouse::openai_dialect::responses
