// SPDX-License-Identifier: Apache-2.0
// A request flow with the plainest plugins and scripted upstreams.  One thread.
#pragma once

#include "core/request/request_flow.hpp"

#include "tests/core/fakes.hpp"
#include "tests/core/plain.hpp"

namespace gatehouse::core::fakes {

struct Recording final : Hook {
    struct State final : HookState {
        explicit State(std::vector<std::string>& s) : seen(s) {}
        Result<void> request(Operation& operation) override {
            if (auto* chat = std::get_if<ChatRequest>(&operation); chat && last_user_text(*chat) == "stop")
                return Error{ErrorKind::forbidden, "stopped by a hook"};
            return {};
        }
        void attempt(const AttemptInfo&) override { seen.push_back("attempt"); }
        void event(Event event, EventSink& next) override {
            if (auto* text = std::get_if<TextDelta>(&event); text && text->text == "secret")
                text->text = "***";
            if (auto* text = std::get_if<TextDelta>(&event); text && text->text == "expand")
                text->text.assign(100'000, 'x');
            next.emit(std::move(event));
        }
        void done(const RequestOutcome& outcome) override {
            seen.push_back(outcome.error ? "failed" : "done");
        }
        std::vector<std::string>& seen;
    };
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<State>(seen); }
    std::vector<std::string> seen;
};

/// For a request that must not be queued.
struct NoWaiter final : AdmissionWaiter {
    void on_admitted() override {}
    void on_refused(Error) override {}
};

struct Given {
    Settings settings;
    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    Metrics metrics{{"first", "second"}};
    MemoryBudget memory;
    FakeLoop loop;
    FakeUpstream upstream{loop};
    FakeClient client{loop};
    plain::PlainDialect dialect;
    plain::WordsProvider words;
    plain::TwoPlaces places;
    const ModelMapper* mapper = &places;
    plain::WordAuthenticator authenticator;
    plain::Stamp stamp;
    Recording hook;
    std::vector<NamedHook> hooks = {{"recording", &hook}};
    NamedLimiter limiter;
    Admission* admission = nullptr;
    ObserverQueues observers;
    TracePropagation trace = TracePropagation::full;  // the first provider's
    http::Headers headers;                            // further headers of the request
    ProviderOptions provider;                         // the first attempt's, as all below
    HealthLimits limits;
    std::shared_ptr<ProviderHealth> health;
    std::shared_ptr<RequestFlow> flow;

    /// The health of the first provider, for tests that prepare it.
    ProviderHealth& remember() {
        health = std::make_shared<ProviderHealth>(
            limits, [this](HealthEvent what, std::string_view) { metrics.count("first", what); });
        return *health;
    }
    bool counts(const std::string& sample) const {
        return metrics.text().find("\n" + sample + "\n") != std::string::npos;
    }

    void send(std::string body, std::string key = "in", std::string method = "POST",
              std::string path = "/v1/chat") {
        client.request = {.method = std::move(method),
                          .path = std::move(path),
                          .headers = {{"authorization", std::move(key)}}};
        for (const auto& [name, value] : headers) client.request.headers.add(name, value);
        client.body = std::move(body);
        if (!health) remember();
        auto instances = std::make_shared<const PluginInstances>(
            InstanceTable{
                .authenticators = {{"door", &authenticator}},
                .providers = {{"first",
                               {"first", &words, &stamp, "stamp", RoutePolicies(settings.upstream, provider),
                                health, nullptr, "words", trace}},
                              {"second", {"second", &words, &stamp, "stamp"}}},
                .hooks = hooks,
                .dialects = {{"plain", &dialect, dialect.endpoints()}},
                .mapper = mapper,
                .mapper_name = "places",
                .limiter = limiter,
                .observers = observers},
            nullptr);
        const std::shared_ptr<const ConfigSnapshot> snapshot(
            new ConfigSnapshot{settings, *log, metrics, Cors({}), std::move(instances), admission});
        flow = std::make_shared<RequestFlow>(snapshot, WorkerServices{&loop, &upstream, nullptr, &memory},
                                             client);
        client.listener = flow;
        flow->start();
        loop.run();
    }
    int status() const { return client.answer_head.status; }
    RequestListener& listener() { return *flow; }
};

inline Scripted good(std::vector<std::string> pieces) { return {.pieces = std::move(pieces)}; }

}  // namespace gatehouse::core::fakes
