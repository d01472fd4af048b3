// SPDX-License-Identifier: Apache-2.0
// The plainest plugins that exercise a whole flow: a dialect that writes words,
// a provider that reads words from events, doors that open or not.
#pragma once

#include <gatehouse/sdk.hpp>
#include <gatehouse/sse.hpp>

#include <functional>
#include <optional>
#include <stdexcept>

namespace gatehouse::core::plain {

/// "MODEL WORDS" is a whole request, "stream MODEL WORDS" a streamed one.
/// Answers are the words, "." at the end, "~" for a heartbeat, "<MESSAGE>" for a break.
class PlainDialect final : public Dialect {
public:
    enum class Broken { no, error, formatter, streams };
    Broken broken = Broken::no;
    bool silent = false;  // not even "."
    bool silent_heart = false;
    Sampling sampling = {};                   // in each request
    std::function<void()> on_format = [] {};  // called while a formatter writes

    struct Formatter final : ResponseFormatter {
        Formatter(bool s, const PlainDialect& d) : stream(s), dialect(d) {}
        bool streams() const override {
            if (dialect.broken == Broken::streams) throw std::runtime_error("/secret/path");
            return stream;
        }
        http::ResponseHead head() override {
            return {.status = 200, .headers = {{"content-type", "text/plain"}}};
        }
        void event(const Event& event, std::string& out) override {
            dialect.on_format();
            if (auto* text = std::get_if<TextDelta>(&event)) out += text->text;
            if (auto* model = std::get_if<ModelInfo>(&event)) out += model->id + ' ';
        }
        void end(std::string& out) override {
            dialect.on_format();
            if (!dialect.silent) out += '.';
        }
        void heartbeat(std::string& out) override {
            if (!dialect.silent_heart) out += '~';
        }
        void error(const Error& error, std::string& out) override { out += '<' + error.message + '>'; }
        bool stream;
        const PlainDialect& dialect;
    };

    std::vector<Endpoint> endpoints() const override {
        return {{"POST", "/v1/chat"}, {"GET", "/v1/models"}, {"GET", "/v1/models/*"}};
    }
    Result<Parsed> parse(const http::RequestHead& head, std::string body) override {
        if (head.path == "/v1/models") return Parsed{ModelsRequest{}, format(false)};
        if (head.path.starts_with("/v1/models/"))
            return Parsed{ModelsRequest{head.path.substr(11)}, format(false)};
        if (body == "throw") throw std::runtime_error("/secret/path");
        const bool stream = body.starts_with("stream ");
        if (stream) body.erase(0, 7);
        const auto blank = body.find(' ');
        if (blank == std::string::npos) return Error{ErrorKind::bad_request, "no words"};
        return Parsed{ChatRequest{.model = body.substr(0, blank),
                                  .messages = {{.parts = {Text{body.substr(blank + 1)}}}},
                                  .sampling = sampling,
                                  .stream = stream},
                      format(stream)};
    }
    http::Response error(const Error& error) const override {
        if (broken == Broken::error) throw std::runtime_error("/secret/path");
        return {{.status = status_of(error)}, error.message};
    }
    void limits(const Standing& standing, http::Headers& headers) const override {
        for (const auto& [name, value] : standing.headers) headers.add(name, value);
    }

private:
    std::function<std::unique_ptr<ResponseFormatter>()> format(bool stream) const {
        return [this, stream]() -> std::unique_ptr<ResponseFormatter> {
            if (broken == Broken::formatter) return nullptr;
            return std::make_unique<Formatter>(stream, *this);
        };
    }
};

/// Each event is a word; "FINISH" ends the answer, "USAGE" is what it has cost, "DONE" says that nothing
/// follows, "PAUSE" that nothing may follow, "THROW" throws, "BAD" is an error.  The model "moves" has a
/// second place to ask.
class WordsProvider final : public Provider {
public:
    struct Words : Exchange {
        explicit Words(const ChatRequest& r) : chat(r) {}
        Result<std::optional<http::Request>> request() override {
            return http::Request{
                .method = "POST",
                .url = (moved ? "http://elsewhere.test/" : "http://upstream.test/") + chat.model,
                .body = last_user_text(chat)};
        }
        void head(const http::ResponseHead& head) override { status = head.status; }
        Result<void> body(std::string_view bytes, EventSink& events) override {
            if (status != 200) {
                reason += bytes;
                return {};
            }
            if (bytes.empty()) ++silences;
            if (bytes.empty()) return {};
            silences = 0;
            bool bad = false;
            if (!reader.feed(bytes, [&](std::string_view word) {
                    if (word == "THROW") throw std::runtime_error("/secret/path");
                    if (word == "BAD")
                        bad = true;
                    else if (word == "FINISH")
                        events.emit(Finish{});
                    else if (word == "USAGE")
                        events.emit(Usage{.prompt = 7, .completion = 3, .total = 10});
                    else if (word == "DONE")
                        all = true;
                    else if (word == "PAUSE")
                        ends_in_silence = true;
                    else if (word == "POLL")
                        running = true;
                    else if (word == "FLOOD")
                        for (flooded = 0; !events.full() && flooded < 10'000; ++flooded)
                            events.emit(TextDelta{"expand"});
                    else
                        events.emit(TextDelta{std::string(word)});
                }))
                bad = true;
            if (bad) return Error{ErrorKind::upstream, "bad word"};
            return {};
        }
        Result<void> end(EventSink& events) override {
            if (ends_in_silence) events.emit(Finish{});
            if (status == 200) return {};
            return Error{.kind = status == 429   ? ErrorKind::rate_limited
                                 : status == 400 ? ErrorKind::bad_request
                                 : status == 404 ? ErrorKind::not_found
                                                 : ErrorKind::upstream,
                         .message = "upstream said " + std::to_string(status) + reason,
                         .retry_after_seconds = status == 429 ? 7 : 0};
        }
        Result<std::optional<http::Request>> next() override {
            if (!std::exchange(running, false)) return std::nullopt;
            return request();
        }
        std::chrono::milliseconds delay() const override { return std::chrono::milliseconds(500); }
        bool complete() const override { return all || (ends_in_silence && silences >= 3); }
        bool may_end() const override { return ends_in_silence; }
        std::string advice(const Error& error) override { return "look at " + error.message; }
        bool amend(const Error&) override {
            if (chat.model == "moves") return !std::exchange(moved, true);
            return status == 400 && reason == " amend" && !std::exchange(once, true);
        }

        const ChatRequest& chat;
        SseReader reader;
        std::string reason;
        int status = 0;
        int silences = 0;
        inline static int flooded = 0;  // events of the last FLOOD
        bool once = false, moved = false, all = false, ends_in_silence = false, running = false;
    };
    std::function<void(const ChatRequest&)> on_chat = [](const ChatRequest&) {};
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        on_chat(request);
        if (request.model == "throws") throw 42;
        if (request.model == "null") return std::unique_ptr<Exchange>();
        if (request.model == "self") return answer("by myself");
        return std::make_unique<Words>(request);
    }
};

/// "a" and "b" are routes to the providers "first" and "second"; "ab" is both.
class TwoPlaces final : public ModelMapper {
public:
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        const std::string_view model = query.model;
        if (model == "a") return std::vector<Route>{{"first", "a"}};
        if (model == "ab") return std::vector<Route>{{"first", "a"}, {"second", "b"}};
        if (model == "nowhere") return Error{ErrorKind::not_found, "no such model"};
        return std::vector<Route>{{"first", std::string(model)}};
    }
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override {
        return {{.id = "a"}, {.id = "ab"}};
    }
    std::vector<std::string> providers() const override { return {"first", "second"}; }
};

/// Accepts the credentials "in", and "a only" for the model a; "later" waits in `waiting`; "throw" throws.
class WordAuthenticator final : public Authenticator {
public:
    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const auto word = head.headers.get("authorization");
        if (word == "throw") throw std::runtime_error("/secret/path");
        if (word == "drop") return;
        if (word == "later")
            waiting.push_back(std::move(done));
        else if (word == "in")
            done(Identity{.name = "tester", .groups = groups});
        else if (word == "a only")
            done(Identity{"tester", {"a", "mo*"}});
        else
            done(Error{ErrorKind::unauthenticated, "wrong key"});
    }
    std::vector<Completion<Identity>> waiting;
    std::vector<std::string> groups;
};

/// Counts; "reject once" answers a 401 with a new signature.
class Stamp final : public Signer {
public:
    void sign_for(const Identity& who, http::Request request, Completion<http::Request> done) override {
        clients.push_back(who.name);
        last_who = &who;
        sign(std::move(request), std::move(done));
    }
    void sign(http::Request request, Completion<http::Request> done) override {
        request.headers.set("stamp", std::to_string(++signatures));
        if (refuses) return done(*refuses);
        if (!key.empty()) request.headers.set("authorization", "Bearer " + key);
        if (hold)
            waiting.emplace_back(std::move(request), std::move(done));
        else
            done(std::move(request));
    }
    void rejected(const Rejection& rejection, Completion<bool> done) override {
        seen.push_back(std::to_string(rejection.head.status) + " " +
                       std::string(rejection.head.headers.get("x-reason")) + " " +
                       std::string(rejection.body) + " for " + rejection.who.name);
        ++rejections;
        done(renews || rejections > renews_after);
    }
    std::string advice() const override { return "signed by a stamp"; }
    std::string key = {};
    std::optional<Error> refuses = {};
    int signatures = 0, rejections = 0;
    int renews_after = 1'000;  // refusals
    bool renews = false, hold = false;
    std::vector<std::string> seen = {}, clients = {};
    const Identity* last_who = nullptr;
    std::vector<std::pair<http::Request, Completion<http::Request>>> waiting;
};

}  // namespace gatehouse::core::plain
