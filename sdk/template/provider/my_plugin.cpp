// SPDX-License-Identifier: Apache-2.0
// A provider for a made-up backend.  Change it into your own.
//
// It sends `POST BASE_URL/generate` with {"model":…,"prompt":…} and reads a
// stream of server-sent events.  Each piece of text is one event.  An event of type
// `end` closes the answer.
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/sse.hpp>

using namespace gatehouse;

namespace {

// The keys of [provider.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml provider my_plugin` prints them.
struct Options {
    std::string base_url;
    std::string prefix = "";
};

const Fields<Options> fields = {
    required("base_url", &Options::base_url, "URL of the backend, such as http://127.0.0.1:9000."),
    optional("prefix", &Options::prefix, "Text before every prompt."),
};

// One request: builds the upstream request and decodes the response.
// It opens no socket and starts no thread.  The gateway does all the waiting.
class Generate final : public Exchange {
public:
    Generate(const Options& options, const ChatRequest& request, const Limits& limits)
        : options_(options), request_(request), events_(limits.max_event_bytes), limits_(limits) {}

    // Called again before a retry, so it resets the state.
    Result<std::optional<http::Request>> request() override {
        events_ = SseReader(limits_.max_event_bytes);
        ended_ = false;
        http::Request http{.method = "POST", .url = options_.base_url + "/generate"};
        http.headers = {{"content-type", "application/json"}, {"accept", "text/event-stream"}};
        JsonWriter json(http.body);
        json.begin_object().member("model", request_.model);
        json.member("prompt", options_.prefix + last_user_text(request_)).end_object();
        return http;
    }

    void head(const http::ResponseHead& head) override { status_ = head.status; }

    // The bytes are cut anywhere.  SseReader keeps an incomplete event.
    Result<void> body(std::string_view bytes, EventSink& events) override {
        if (status_ != 200) return {};  // an exchange could read the reason here
        const bool fits = events_.feed(bytes, [&](std::string_view data) { take(data, events); });
        if (!fits) return Error{ErrorKind::upstream, "the backend sent an event that is too large"};
        return {};
    }

    Result<void> end(EventSink& events) override {
        if (status_ != 200)
            return Error{kind_of_upstream_status(status_), "the backend answered " + std::to_string(status_)};
        events_.finish([&](std::string_view data) { take(data, events); });
        if (!ended_) return Error{ErrorKind::upstream, "the backend's answer ended too early"};
        events.emit(Finish{FinishReason::stop});
        return {};
    }

private:
    void take(std::string_view data, EventSink& events) {
        if (events_.type() == "end")
            ended_ = true;
        else
            events.emit(TextDelta{std::string(data)});
    }

    const Options& options_;      // the provider's
    const ChatRequest& request_;  // the gateway keeps it during the exchange
    SseReader events_;
    const Limits& limits_;
    int status_ = 0;
    bool ended_ = false;
};

class Backend final : public Provider {
public:
    Backend(Options options, Host& host) : options_(std::move(options)), limits_(host.limits()) {
        // Rejects a value of the right type that cannot be used.  The message names the key.
        if (!options_.base_url.starts_with("http://") && !options_.base_url.starts_with("https://"))
            throw KeyError("base_url", "expected http:// or https:// at its beginning");
        while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
    }

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (!request.tools.empty())
            return Error{
                .kind = ErrorKind::unsupported, .message = "this model has no tools", .param = "tools"};
        return std::unique_ptr<Exchange>(std::make_unique<Generate>(options_, request, limits_));
    }

private:
    Options options_;
    const Limits& limits_;
};

}  // namespace

GATEHOUSE_PLUGIN(Backend, Options, fields, "my_plugin", "0.1.0");
