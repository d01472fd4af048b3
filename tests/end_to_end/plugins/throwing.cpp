// SPDX-License-Identifier: Apache-2.0
// A provider that throws where its model's name says: at "chat", "request",
// "head", "body", "end" or "int" (no std::exception); "twice" emits, then throws.
// For the end-to-end tests only.
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

namespace {

struct Options {
    std::string url;
};

const Fields<Options> fields = {required("url", &Options::url, "URL of the requests.")};

class Bomb final : public Exchange {
public:
    Bomb(std::string where, std::string url) : where_(std::move(where)), url_(std::move(url)) {}

    Result<std::optional<http::Request>> request() override {
        blow("request");
        return std::optional(http::Request{.url = url_});
    }
    void head(const http::ResponseHead&) override { blow("head"); }
    Result<void> body(std::string_view, EventSink& events) override {
        if (where_ == "twice") events.emit(TextDelta{"before"});
        blow("body");
        blow("twice");
        return {};
    }
    Result<void> end(EventSink&) override {
        blow("end");
        if (where_ == "int") throw 42;
        return Error{ErrorKind::upstream, "nothing was to be thrown here"};
    }

private:
    void blow(std::string_view at) const {
        if (where_ == at) throw std::runtime_error("the secret of /home/somebody");
    }
    std::string where_, url_;
};

class Throwing final : public Provider {
public:
    Throwing(Options options, Host&) : options_(std::move(options)) {}
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (request.model == "chat") throw std::runtime_error("the secret of /home/somebody");
        return std::unique_ptr<Exchange>(std::make_unique<Bomb>(request.model, options_.url));
    }

private:
    Options options_;
};

}  // namespace

GATEHOUSE_PLUGIN(Throwing, Options, fields, "throwing", "1.0.0");
