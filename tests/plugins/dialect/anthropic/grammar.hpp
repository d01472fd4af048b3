// SPDX-License-Identifier: Apache-2.0
// A strict reader of the streams of Anthropic's protocol, as a state machine of its own: one
// block is open at a time, the indices have no gap, a delta belongs to the kind of its block,
// and nothing follows the end or an error.  No client is as strict.
#pragma once

#include "tests/json.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

class MessageStream {
public:
    /// Reads a complete stream.  The service's own streams may have less usage in message_delta.
    explicit MessageStream(std::string_view stream, bool from_service = false) : from_service_(from_service) {
        while (!stream.empty()) {
            const std::size_t end = stream.find("\n\n");
            REQUIRE_MESSAGE(end != stream.npos, "an event has no end: " << stream);
            frame(stream.substr(0, end));
            stream.remove_prefix(end + 2);
        }
        REQUIRE((state_ == State::done || state_ == State::failed));
    }

    /// The message that the events build: content with joined deltas, stop reason and usage.
    nlohmann::json message;
    nlohmann::json first_usage;
    nlohmann::json last_delta;  // the event message_delta
    std::optional<nlohmann::json> error = {};
    int pings = 0;
    std::vector<std::string> events;  // names without pings

    bool complete() const { return state_ == State::done; }

private:
    using Json = nlohmann::json;
    enum class State { before, idle, block, delta, done, failed };

    void frame(std::string_view text) {
        CAPTURE(text);
        REQUIRE(text.starts_with("event: "));
        const std::size_t line = text.find('\n');
        REQUIRE(line != text.npos);
        const std::string name(text.substr(7, line - 7));
        std::string_view data = text.substr(line + 1);
        REQUIRE(data.starts_with("data: "));
        REQUIRE(data.find('\n') == data.npos);
        const Json event = Json::parse(data.substr(6));
        REQUIRE(event.at("type") == name);
        REQUIRE(state_ != State::done);
        REQUIRE(state_ != State::failed);
        if (name == "ping") {
            REQUIRE(event.size() == 1);
            ++pings;
            return;
        }
        events.push_back(name);
        if (name == "error") return take_error(event);
        if (name == "message_start") return start(event);
        if (name == "content_block_start") return begin_block(event);
        if (name == "content_block_delta") return block_delta(event);
        if (name == "content_block_stop") return end_block(event);
        if (name == "message_delta") return message_delta(event);
        REQUIRE(name == "message_stop");
        REQUIRE(state_ == State::delta);
        REQUIRE(event.size() == 1);
        state_ = State::done;
    }

    static void count(const Json& usage, const char* name) {
        REQUIRE(usage.at(name).is_number_integer());
        REQUIRE(usage.at(name) >= 0);
    }

    void take_error(const Json& event) {
        static const std::set<std::string> types = {
            "invalid_request_error", "authentication_error", "billing_error",
            "permission_error",      "not_found_error",      "conflict_error",
            "rate_limit_error",      "request_too_large",    "api_error",
            "timeout_error",         "overloaded_error"};
        REQUIRE(types.count(event.at("error").at("type")) == 1);
        REQUIRE(!event.at("error").at("message").get<std::string>().empty());
        error = event.at("error");
        state_ = State::failed;
    }

    void start(const Json& event) {
        REQUIRE(state_ == State::before);
        message = event.at("message");
        REQUIRE(message.at("type") == "message");
        REQUIRE(message.at("role") == "assistant");
        REQUIRE(message.at("id").get<std::string>().starts_with("msg_"));
        REQUIRE(!message.at("model").get<std::string>().empty());
        REQUIRE(message.at("content") == Json::array());
        REQUIRE(message.at("stop_reason").is_null());
        REQUIRE(message.at("stop_sequence").is_null());
        first_usage = message.at("usage");
        for (const char* name :
             {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"})
            count(first_usage, name);
        REQUIRE(first_usage.at("input_tokens") > 0);
        state_ = State::idle;
    }

    void begin_block(const Json& event) {
        REQUIRE(state_ == State::idle);
        REQUIRE(event.at("index") == message["content"].size());
        Json block = event.at("content_block");
        kind_ = block.at("type");
        if (kind_ == "text") REQUIRE(block.at("text") == "");
        if (kind_ == "thinking") {
            REQUIRE(block.at("thinking") == "");
            REQUIRE(block.at("signature") == "");
        }
        if (kind_ == "tool_use") {
            REQUIRE(block.at("input") == Json::object());
            check_id(block.at("id"));
            REQUIRE(!block.at("name").get<std::string>().empty());
        }
        message["content"].push_back(std::move(block));
        input_.clear();
        signed_ = false;
        deltas_ = 0;
        state_ = State::block;
    }

    static void check_id(const std::string& id) {
        REQUIRE(!id.empty());
        for (const char c : id)
            REQUIRE((std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'));
    }

    void block_delta(const Json& event) {
        REQUIRE(state_ == State::block);
        REQUIRE(event.at("index") == message["content"].size() - 1);
        const Json& delta = event.at("delta");
        const std::string type = delta.at("type");
        Json& block = message["content"].back();
        auto join = [&](const char* name) {
            const std::string piece = delta.at(name);
            REQUIRE(!piece.empty());
            block[name] = block[name].get<std::string>() + piece;
        };
        // The signature is the last delta of a thought.
        REQUIRE((!signed_ || (from_service_ && type == "signature_delta")));
        ++deltas_;
        if (type == "text_delta") {
            REQUIRE(kind_ == "text");
            join("text");
        } else if (type == "citations_delta") {
            REQUIRE(kind_ == "text");
            block["citations"].push_back(delta.at("citation"));
        } else if (type == "thinking_delta") {
            REQUIRE(kind_ == "thinking");
            join("thinking");
        } else if (type == "signature_delta") {
            REQUIRE(kind_ == "thinking");
            signed_ = true;
            join("signature");
        } else {
            REQUIRE(type == "input_json_delta");
            REQUIRE(block.contains("input"));
            input_ += delta.at("partial_json").get<std::string>();
        }
    }

    void end_block(const Json& event) {
        REQUIRE(state_ == State::block);
        REQUIRE(event.size() == 2);
        REQUIRE(event.at("index") == message["content"].size() - 1);
        Json& block = message["content"].back();
        if (kind_ == "text") REQUIRE(deltas_ > 0);  // no empty text
        if (!input_.empty()) {
            Json input = Json::parse(input_, nullptr, false);
            broken_input = input.is_discarded();
            block["input"] = broken_input ? Json(input_) : std::move(input);
        }
        state_ = State::idle;
    }

    void message_delta(const Json& event) {
        static const std::set<std::string> reasons = {"end_turn",
                                                      "max_tokens",
                                                      "stop_sequence",
                                                      "tool_use",
                                                      "pause_turn",
                                                      "refusal",
                                                      "model_context_window_exceeded"};
        REQUIRE(state_ == State::idle);
        const Json& delta = event.at("delta");
        REQUIRE(reasons.count(delta.at("stop_reason")) == 1);
        REQUIRE((delta.at("stop_reason") == "stop_sequence") == delta.at("stop_sequence").is_string());
        if (!from_service_)
            for (const char* name :
                 {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"})
                count(event.at("usage"), name);
        bool calls = false;
        for (const Json& block : message["content"]) calls |= block.at("type") == "tool_use";
        if (delta.at("stop_reason") == "tool_use") REQUIRE(calls);
        if (calls) REQUIRE(delta.at("stop_reason") != "end_turn");
        message.update(delta);
        message["usage"].update(event.at("usage"));
        last_delta = event;
        state_ = State::delta;
    }

public:
    bool broken_input = false;  // the model did not complete the last call

private:
    const bool from_service_;
    State state_ = State::before;
    std::string kind_, input_;  // the open block's
    bool signed_ = false;
    int deltas_ = 0;
};

}  // namespace gatehouse::test
