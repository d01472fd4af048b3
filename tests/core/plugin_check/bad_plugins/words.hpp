// SPDX-License-Identifier: Apache-2.0
// A provider that keeps the contract, for a stream of words: each event is a word, one
// of type `end` closes the answer.  The planted defects change one thing of it.
#pragma once

#include <gatehouse/sdk.hpp>
#include <gatehouse/sse.hpp>

#include <charconv>

namespace gatehouse::bad {

struct Options {
    std::string base_url = "http://127.0.0.1:9";
    std::optional<std::string> token = {};
};

inline const Fields<Options> fields = {
    optional("base_url", &Options::base_url, "Where the backend is."),
    secret("token", &Options::token, "What the backend wants to see."),
};

class Words : public Exchange {
public:
    Words(const Options& options, const ChatRequest& request) : options_(options), request_(request) {}

    Result<std::optional<http::Request>> request() override {
        reader_ = SseReader();
        ended_ = false;
        retry_after_seconds_ = 0;
        http::Request http{.method = "POST", .url = options_.base_url + "/words"};
        http.headers = {{"content-type", "text/plain"}};
        http.body = last_user_text(request_);
        return http;
    }
    void head(const http::ResponseHead& head) override {
        status_ = head.status;
        const std::string_view later = head.headers.get("retry-after");
        std::from_chars(later.data(), later.data() + later.size(), retry_after_seconds_);
    }
    Result<void> body(std::string_view bytes, EventSink& events) override {
        if (status_ != 200) return {};
        const bool fits = reader_.feed(bytes, [&](std::string_view word) { take(word, events); });
        if (!fits) return Error{ErrorKind::upstream, "the backend sent a word that is too long"};
        return {};
    }
    Result<void> end(EventSink& events) override {
        if (status_ != 200)
            return Error{.kind = kind_of_upstream_status(status_),
                         .message = "the backend failed",
                         .retry_after_seconds = retry_after_seconds_};
        reader_.finish([&](std::string_view word) { take(word, events); });
        if (!ended_) return Error{ErrorKind::upstream, "the backend's answer ended too early"};
        events.emit(Finish{FinishReason::stop});
        return {};
    }

protected:
    virtual void take(std::string_view word, EventSink& events) {
        if (reader_.type() == "end")
            ended_ = true;
        else
            events.emit(TextDelta{std::string(word)});
    }

    const Options& options_;
    const ChatRequest& request_;
    SseReader reader_{256 * 1024};
    int status_ = 0, retry_after_seconds_ = 0;
    bool ended_ = false;
};

/// A provider of such exchanges.
template <typename Answering>
class Backend : public Provider {
public:
    Backend(Options options, Host&) : options_(std::move(options)) {}
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        return std::unique_ptr<Exchange>(std::make_unique<Answering>(options_, request));
    }

protected:
    Options options_;
};

}  // namespace gatehouse::bad
