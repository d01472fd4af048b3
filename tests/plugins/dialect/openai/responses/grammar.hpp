// SPDX-License-Identifier: Apache-2.0
// A strict reader of a stream of the Responses API.  It checks each event against the grammar,
// because no client notices all errors.
#pragma once

#include "tests/json.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

class Grammar {
public:
    /// Reads a complete stream, or a beginning that ends between two events.  `native`: the upstream
    /// speaks this API too, so the response may have other members and items of other types.
    explicit Grammar(std::string_view stream, bool native = false);

    /// Violations of the grammar.  Empty: the stream is right so far.
    const std::vector<std::string>& faults() const { return faults_; }
    /// The first violation, or an empty text.
    std::string fault() const { return faults_.empty() ? "" : faults_.front(); }
    /// Whether the stream has its last event.
    bool ended() const { return state_ == State::ended; }

    const std::vector<Json>& events() const { return events_; }
    /// The response of the last event.
    const Json& response() const { return response_; }
    /// The types of the events, separated by blanks, without "response." and heartbeats.
    std::string types() const;

private:
    enum class State { created, in_progress, items, failing, ended };

    void read_block(std::string_view block);
    void take(const Json& event, const std::string& type);
    void take_frame(const Json& event, const std::string& type);
    void take_item(const Json& event, const std::string& type);
    void take_end(const Json& event, const std::string& type);
    void begin_item(const Json& event);
    void end_item(const Json& event);
    void take_part(const Json& event, const std::string& type);
    void take_delta(const Json& event, const std::string& type, std::string_view member);
    void check_response(const Json& response, std::string_view status);
    void check(bool good, const std::string& what);

    /// Whether the open item is of another type.
    bool is_other() const;

    const bool native_;
    State state_ = State::created;
    std::int64_t number_ = 0;
    std::vector<Json> events_;
    std::vector<std::string> faults_;
    Json response_, first_;                  // first_: the response of response.created
    Json item_;                              // the open item, as announced; null: none
    Json done_ = Json::array();              // the closed items
    bool part_open_ = false, said_ = false;  // said_: the open part has its .done
    std::int64_t parts_ = 0, summaries_ = 0;
    std::string text_;                // in the open part or call
    std::vector<std::string> texts_;  // in the closed parts
};

}  // namespace gatehouse::test
