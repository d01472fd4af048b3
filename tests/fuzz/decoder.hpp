// SPDX-License-Identifier: Apache-2.0
// Checks of every provider for any response: the same events wherever the bytes are cut, and
// either a response that event.hpp allows or an error without secrets.
// One thread.
#pragma once

#include "tests/fuzz/fuzz.hpp"

#include "core/plugin_check/events.hpp"
#include "core/plugin_check/texts.hpp"

#include <gatehouse/testing.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace gatehouse::fuzz {

/// The errors that plugin-check finds in a good answer; warnings are for authors.
class Findings {
public:
    Findings() {
        if (::pipe2(pipe_, O_NONBLOCK | O_CLOEXEC) != 0) std::abort();
    }
    ~Findings() {
        ::close(pipe_[0]);
        ::close(pipe_[1]);
    }
    Findings(const Findings&) = delete;

    void check(const std::vector<Event>& events, const Operation& operation, bool utf8) {
        core::plugin_check::Check check(pipe_[1], pulse_, {});
        core::plugin_check::check_events(check, events, operation, utf8);
        char buffer[65536];
        const ssize_t size = ::read(pipe_[0], buffer, sizeof buffer);
        std::string_view found(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
        while (!found.empty()) {
            const std::size_t end = std::min(found.find('\n'), found.size());
            promise(is_allowed(found.substr(0, end)), "a successful response follows event.hpp", found,
                    core::plugin_check::described(events));
            found.remove_prefix(std::min(end + 1, found.size()));
        }
    }

private:
    /// The upstream of a fuzzer may send arguments that are not valid JSON.
    static bool is_allowed(std::string_view line) {
        return line.find("error") == line.npos || line.find("tool-arguments") != line.npos;
    }

    int pipe_[2];
    core::plugin_check::Pulse pulse_;
};

/// The end of a response, and all events before it.
struct Replayed {
    std::vector<Event> events = {};
    std::optional<Error> error = {};
};

inline Replayed replay(Exchange& exchange, const http::ResponseHead& head,
                       const std::vector<std::string_view>& pieces) {
    testing::Events events;
    auto ended = [&](std::optional<Error> error) {
        return Replayed{std::move(events.list), std::move(error)};
    };
    auto sent = exchange.request();
    promise(bool(sent), "the request was good", sent ? "" : sent.error().message);
    exchange.head(head);
    for (std::string_view piece : pieces) {
        // As the core does: nothing is fed to an exchange that is complete.
        if (exchange.complete()) break;
        if (auto ok = exchange.body(piece, events); !ok) return ended(ok.error());
    }
    if (auto ok = exchange.end(events); !ok) return ended(ok.error());
    return ended({});
}

/// One way in which a provider is asked.
struct Question {
    Operation operation;
    int status = 200;
    const char* type = "application/json";
};

class Decoder {
public:
    explicit Decoder(Provider& provider) : provider_(provider) {}

    void check(const Question& question, std::string_view answer) {
        const http::ResponseHead head{question.status, {{"content-type", question.type}}};
        const Replayed whole = replay(*begin(question), head, {answer});
        const std::string expected = told(whole);
        for (const auto& pieces : {pieces_of(answer), bytes_of(answer)})
            same(told(replay(*begin(question), head, pieces)), expected,
                 "however an answer is cut, it means the same");
        if (whole.error) return check_error(*whole.error);
        promise(question.status < 300, "a bad status is not a success");
        findings_.check(whole.events, question.operation, core::plugin_check::is_utf8(answer));
    }

private:
    std::unique_ptr<Exchange> begin(const Question& question) {
        auto exchange = std::visit([this](const auto& request) { return ask(request); }, question.operation);
        promise(bool(exchange), "the question was good", exchange ? "" : exchange.error().message);
        return *std::move(exchange);
    }
    Result<std::unique_ptr<Exchange>> ask(const ChatRequest& request) { return provider_.chat(request); }
    Result<std::unique_ptr<Exchange>> ask(const EmbeddingRequest& request) {
        return provider_.embed(request);
    }
    Result<std::unique_ptr<Exchange>> ask(const RerankRequest& request) { return provider_.rerank(request); }
    Result<std::unique_ptr<Exchange>> ask(const TokenCountRequest& request) {
        return provider_.count_tokens(request);
    }
    Result<std::unique_ptr<Exchange>> ask(const ModelsRequest&) { return provider_.models(); }
    Result<std::unique_ptr<Exchange>> ask(const RawRequest& request) { return provider_.raw(request); }

    static std::string told(const Replayed& replayed) {
        std::string text = core::plugin_check::described(replayed.events);
        if (replayed.error)
            text += "\nerror " + std::to_string(status_of(*replayed.error)) + ": " + replayed.error->message;
        return text;
    }

    static void check_error(const Error& error) {
        promise(!error.message.empty(), "an error has a message");
        promise(error.message.size() < 4096, "an error's message is bounded", error.message);
        promise(core::plugin_check::is_utf8(error.message), "an error's message is text", error.message);
        promise(error.kind != ErrorKind::internal && error.kind != ErrorKind::unauthenticated,
                "an upstream's answer is neither our defect nor the client's key", error.message);
    }

    Provider& provider_;
    Findings findings_;
};

inline ChatRequest chat(const char* model, bool stream) {
    ChatRequest request;
    request.model = model;
    request.stream = stream;
    request.include_usage = stream;
    Message message;
    message.parts.push_back(Text{"Hello"});
    request.messages.push_back(std::move(message));
    Tool tool;
    tool.name = "get_weather";
    tool.parameters.text = R"({"type":"object","properties":{}})";
    request.tools.push_back(std::move(tool));
    return request;
}
inline EmbeddingRequest embeddings(const char* model) {
    EmbeddingRequest request;
    request.model = model;
    request.inputs = {"a", "b"};
    return request;
}
inline RerankRequest ranking(const char* model) {
    RerankRequest request;
    request.model = model;
    request.query = "q";
    request.documents = {"a", "b", "c"};
    return request;
}

/// Whether `answer` is meant as a stream of events; a whole one is read as JSON.
inline bool is_stream(std::string_view answer) {
    return answer.find("data:") != std::string_view::npos || answer.find("event:") != std::string_view::npos;
}
/// Whether it is meant as the body of a bad status.
inline bool is_error(std::string_view answer) {
    return answer.find("\"error\"") != std::string_view::npos ||
           answer.find("\"code\"") != std::string_view::npos ||
           answer.find("\"message\"") == std::string_view::npos;
}

}  // namespace gatehouse::fuzz
