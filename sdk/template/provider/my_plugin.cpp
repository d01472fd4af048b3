// SPDX-License-Identifier: Apache-2.0
// A provider for a made-up backend, to be changed into your own.
//
// It sends `POST BASE_URL/generate` with {"model":…,"prompt":…} and reads a
// stream of server-sent events: each piece of text is one event, and one of type
// `end` closes the answer.
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/sse.hpp>

using namespace gatehouse;

namespace {

// The keys of [provider.NAME] in the gateway's TOML.  The gateway checks them;
// `gatehouse explain -c gatehouse.toml provider my_plugin` shows them.
struct Options {
    std::string base_url;
    std::string prefix = "";
};

const Fields<Options> fields = {
    required("base_url", &Options::base_url, "Where the backend is, such as http://127.0.0.1:9000."),
    optional("prefix", &Options::prefix, "What to put before every prompt."),
};

// One request on its way: says what to send, and what the answer's bytes mean.
// It opens no socket and starts no thread; the gateway does all the waiting.
class Generate final : public Exchange {
public:
    Generate(const Options& options, const ChatRequest& request, const Limits& limits)
        : options_(options), request_(request), events_(limits.max_event_bytes), limits_(limits) {}

    // Called again before a retry, so it starts afresh.
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

    // The bytes are cut anywhere: SseReader keeps what is incomplete.
    Result<void> body(std::string_view bytes, EventSink& events) override {
        if (status_ != 200) return {};  // the reason could be read here
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
    const ChatRequest& request_;  // the gateway keeps it as long as this
    SseReader events_;
    const Limits& limits_;
    int status_ = 0;
    bool ended_ = false;
};

class Backend final : public Provider {
public:
    Backend(Options options, Host& host) : options_(std::move(options)), limits_(host.limits()) {
        // A value that has the right type but cannot be used: reported at its key.
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
