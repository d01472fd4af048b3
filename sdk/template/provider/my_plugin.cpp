// SPDX-License-Identifier: Apache-2.0
// A provider for a made-up backend.  Change it into your own.
//
// It sends `POST BASE_URL/generate` with {"model":…,"prompt":…} and reads a
// stream of server-sent events.  Each piece of text is one event.  An event of type
// `end` closes the answer.
#include <gatehouse/base_url.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/upstream_stream.hpp>

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

// One request: builds the upstream request and decodes the response.  It opens no socket and
// starts no thread, because the gateway does all the waiting.  SseExchange cuts the response into
// events, bounds them, and makes the error of a bad status, with the upstream's reason and
// retry-after.
class Generate final : public SseExchange {
public:
    Generate(Host& host, const Options& options, const ChatRequest& request)
        : SseExchange(host, "The backend"), options_(options), request_(request) {}

    // Called again before a retry.  begin() resets the state.
    Result<std::optional<http::Request>> request() override {
        http::Request http = begin("POST", options_.base_url + "/generate");
        http.headers = {{"content-type", "application/json"}, {"accept", "text/event-stream"}};
        JsonWriter json(http.body);
        json.begin_object().member("model", request_.model);
        json.member("prompt", options_.prefix + last_user_text(request_)).end_object();
        return http;
    }

private:
    // One event.  Override on_json() instead if the data of each event is JSON.
    Result<void> on_piece(std::string_view data, EventSink& events) override {
        if (reader().type() == "end") {
            events.emit(Finish{FinishReason::stop});
            finished();
        } else {
            events.emit(TextDelta{std::string(data)});
        }
        return {};
    }
    // The response has ended without the event `end`.
    Result<void> on_done(EventSink&) override { return invalid("it ended too early"); }

    const Options& options_;      // the provider's
    const ChatRequest& request_;  // the gateway keeps it during the exchange
};

class Backend final : public Provider {
public:
    Backend(Options options, Host& host) : options_(std::move(options)), host_(host) {
        // Rejects a URL that cannot be used, and removes the slash at its end.
        options_.base_url = parse_base_url(options_.base_url, "base_url", "base_url").text;
    }

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (!request.tools.empty())
            return Error{
                .kind = ErrorKind::unsupported, .message = "this model has no tools", .param = "tools"};
        return std::make_unique<Generate>(host_, options_, request);
    }

private:
    Options options_;
    Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Backend, Options, fields, "my_plugin", "0.1.0");
