// SPDX-License-Identifier: Apache-2.0
// Checks of the bodies that a dialect reads.  A request is read or refused with a message.  It is
// refused if another JSON reader refuses it, except for half a surrogate pair.
#pragma once

#include "plugins/common/json/surrogates.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <gatehouse/dialect.hpp>
#include <gatehouse/sse.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::fuzz {

class DialectChecks {
public:
    using Json = nlohmann::json;

    /// `is_error`: whether a body is an error of the protocol.  `events`: an answer with something
    /// of everything.
    DialectChecks(Dialect& dialect, bool (*is_error)(const Json&), std::vector<Event> events)
        : dialect_(dialect), is_error_(is_error), events_(std::move(events)) {}

    /// Reads `input` as the body of a request to each of `paths`.
    void read(std::string_view input, const std::vector<const char*>& paths) {
        std::optional<bool> json;  // computed once, and only if an endpoint has accepted the body
        for (const char* path : paths) {
            std::string body;
            body.reserve(input.size() + 64);
            body = input;
            const http::RequestHead head{
                .method = "POST", .path = path, .headers = {{"content-type", "application/json"}}};
            const auto parsed = parse(head, std::move(body));
            if (!parsed) continue;
            if (!json) json = accepts(std::string(input));
            promise(*json, "another reader accepts the JSON too", path);
            promise(!model_of(parsed->operation).empty(), "a request has a model");
            check_answer(*parsed);
        }
    }

    /// Checks the error of a refused request.
    Result<Parsed> parse(const http::RequestHead& head, std::string body) {
        auto parsed = dialect_.parse(head, std::move(body));
        if (!parsed) check_error(parsed.error());
        return parsed;
    }

private:
    void check_error(const Error& error) const {
        const int status = status_of(error);
        promise(status >= 400 && status < 500, "a client's request is never an internal error",
                error.message);
        promise(!error.message.empty() && error.message.size() < 600,
                "a refusal has a message of some length", error.message);
        const http::Response answer = dialect_.error(error);
        promise(is_error_(Json::parse(answer.body, nullptr, false)), "a refusal is an error object",
                answer.body);
    }

    /// The other reader refuses half a surrogate pair.
    static bool accepts(std::string text) {
        json::mend_surrogates(text);
        return Json::accept(text);
    }

    void check_answer(const Parsed& parsed) const {
        auto formatter = parsed.formatter();
        std::string out;
        for (const Event& event : events_) formatter->event(event, out);
        formatter->end(out);
        if (!formatter->streams()) return promise(Json::accept(out), "a non-streaming response is JSON", out);
        SseReader reader;
        auto each = [&](std::string_view data) {
            promise(data == "[DONE]" || Json::accept(data), "each event of an answer is JSON", data);
        };
        promise(reader.feed(out, each), "an answer is a stream of events", out);
    }

    Dialect& dialect_;
    bool (*is_error_)(const Json&);
    const std::vector<Event> events_;
};

}  // namespace gatehouse::fuzz
