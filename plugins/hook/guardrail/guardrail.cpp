// SPDX-License-Identifier: Apache-2.0
// A hook that asks an HTTP service whether a request may continue.  The service gets the request's
// text and answers with JSON.  The instance is read only: any thread.
#include <gatehouse/all_texts.hpp>
#include <gatehouse/base_url.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>

#include <simdjson.h>

#include <memory>

namespace gatehouse::guardrail {

namespace {

struct Options {
    std::string url = {}, allowed = "/allowed", on_failure = "refuse";
    std::optional<std::string> key = {};
    std::int64_t timeout_ms = 2'000, max_text_bytes = 1'048'576;
};

const Fields<Options> fields = {
    required("url", &Options::url, "URL of the service, such as https://guard.example.com/check."),
    secret("key", &Options::key, "Sent to the service as Authorization: Bearer."),
    optional("allowed", &Options::allowed,
             "JSON pointer to the decision in the service's answer, true or false: \"/result\" for OPA."),
    choice("on_failure", &Options::on_failure, {"refuse", "allow"},
           "Whether requests are refused or allowed if the service does not decide in time."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 60'000,
           "Time for the service to decide, in milliseconds; shorter than hook_timeout_ms of the gateway."),
    ranged("max_text_bytes", &Options::max_text_bytes, 1'024, 67'108'864,
           "Longer texts are not sent, and count as a failure of the check."),
};

/// The decision in the service's answer; nothing if it has none.
std::optional<bool> decision_in(const std::string& body, const std::string& pointer) {
    thread_local simdjson::dom::parser parser(1'048'576);
    bool allowed = false;
    simdjson::dom::element answer;
    if (parser.parse(body).get(answer) || answer.at_pointer(pointer).get_bool().get(allowed))
        return std::nullopt;
    return allowed;
}

}  // namespace

class Guardrail final : public Hook {
public:
    Guardrail(Options options, Host& host) : options_(std::move(options)), host_(host) {
        check_service_url(options_.url, "url");
        if (!options_.allowed.starts_with('/'))
            throw KeyError("allowed", "expected a JSON pointer, such as \"/allowed\"");
    }
    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

private:
    friend class State;

    void ask(const RequestInfo& info, std::string_view model, std::string_view text,
             Completion<Verdict> done) const {
        if (text.size() > static_cast<std::size_t>(options_.max_text_bytes))
            return done(failed(info, "the text is longer than max_text_bytes"));
        http::Request ask{.method = "POST", .url = options_.url};
        ask.headers = {{"content-type", "application/json"}};
        if (options_.key) ask.headers.add("authorization", "Bearer " + *options_.key);
        ask.total_timeout = std::chrono::milliseconds(options_.timeout_ms);
        JsonWriter json(ask.body);
        json.begin_object().member("request", info.id).member("client", info.who.name);
        json.member("model", model).member("input", text).end_object();
        auto waiting = std::make_shared<Completion<Verdict>>(std::move(done));
        host_.fetch(std::move(ask), Completion<http::Response>([this, &info, waiting](auto answer) {
                        (*waiting)(verdict(info, answer));
                    }));
    }

    Result<Verdict> verdict(const RequestInfo& info, const Result<http::Response>& answer) const {
        if (!answer) return failed(info, answer.error().message);
        const int status = answer->head.status;
        if (status < 200 || status > 299) return failed(info, "status " + std::to_string(status));
        const auto allowed = decision_in(answer->body, options_.allowed);
        if (!allowed) return failed(info, "no decision at " + options_.allowed);
        if (*allowed) return Verdict::go_on();
        return Error{
            ErrorKind::forbidden, "the request was refused by a check of its content", {}, "refused"};
    }

    Result<Verdict> failed(const RequestInfo& info, const std::string& reason) const {
        host_.log(Level::warning, "request not checked",
                  {{"request_id", info.id}, {"action", options_.on_failure}, {"reason", reason}});
        if (options_.on_failure == "allow") return Verdict::go_on();
        return Error{ErrorKind::unavailable, "the request could not be checked; try again later"};
    }

    const Options options_;
    Host& host_;
};

class State final : public HookState {
public:
    State(const Guardrail& hook, const RequestInfo& info) : hook_(hook), info_(info) {}

    bool decides() const override { return true; }
    void decide(Operation& operation, Completion<Verdict> done) override {
        const std::string text = all_texts(operation);
        if (text.empty()) return done(Verdict::go_on());
        hook_.ask(info_, model_of(operation), text, std::move(done));
    }

private:
    const Guardrail& hook_;
    const RequestInfo& info_;
};

std::unique_ptr<HookState> Guardrail::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info);
}

}  // namespace gatehouse::guardrail

GATEHOUSE_PLUGIN(gatehouse::guardrail::Guardrail, gatehouse::guardrail::Options, gatehouse::guardrail::fields,
                 "guardrail", "1.0.0");
