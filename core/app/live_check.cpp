// SPDX-License-Identifier: Apache-2.0
#include "core/app/live_check.hpp"

#include "core/net/run_on.hpp"
#include "core/plugin/guard.hpp"

#include <gatehouse/error_text.hpp>

#include <array>
#include <future>
#include <set>
#include <utility>

namespace gatehouse::core {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds time_for_each{60'000};

// The smallest limit that every service accepts; some services reject a lower limit.
constexpr std::int64_t few_tokens = 16;

/// One short request of each kind, because a model may support only embeddings or reranking.
std::array<Operation, 3> questions(const std::string& model) {
    ChatRequest chat;
    chat.model = model;
    Message greeting;
    greeting.parts.push_back(Text{"Say hi."});
    chat.messages.push_back(std::move(greeting));
    chat.sampling.max_tokens = few_tokens;
    EmbeddingRequest embedding;
    embedding.model = model;
    embedding.inputs = {"hi"};
    RerankRequest rerank;
    rerank.model = model;
    rerank.query = "hi";
    rerank.documents = {"hi", "bye"};
    return {std::move(chat), std::move(embedding), std::move(rerank)};
}

std::string described(const BackgroundRequest::Outcome& outcome) {
    std::string text = outcome.status ? std::to_string(outcome.status) + ": " : "";
    const std::string& message = outcome.error->message;
    text += message;
    // The message of an error response is complete, except for refused credentials.  A failed transfer has
    // its cause in `detail`, unless that repeats the message behind the host.
    std::string detail;
    if (outcome.status == 0 || refuses_credentials(outcome.status)) detail = outcome.error->detail;
    if (detail.ends_with(": " + message)) detail.resize(detail.size() - message.size() - 2);
    if (!detail.empty()) text += " (" + detail + ")";
    if (!outcome.request_id.empty()) text += ", request id " + outcome.request_id;
    return text;
}

void settle(Finding& finding, BackgroundRequest::Outcome& outcome, std::string good,
            Clock::time_point start) {
    finding.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    finding.good = !outcome.error;
    finding.text = finding.good ? std::move(good) : described(outcome);
    finding.advice = std::move(outcome.advice);
}

}  // namespace

bool LiveCheck::run(const std::function<void(const Finding&)>& report) {
    bool good = true;
    auto add = [&](const Finding& finding) {
        good = good && finding.good;
        report(finding);
    };
    for (const std::string& name : instances_.provider_names()) add(list(*instances_.provider(name)));

    const Identity nobody{"check"};
    auto models = guard({instances_.mapper_name(), "ModelMapper::models"},
                        [&] { return instances_.mapper().models(nobody, {}); });
    if (!models) {
        add({.subject = "models", .where = {}, .good = false, .text = models.error().message, .advice = {}});
        return false;
    }
    for (const ModelInfo& model : *models) {
        auto routes = guard({instances_.mapper_name(), "ModelMapper::map"},
                            [&] { return instances_.mapper().map({.model = model.id, .who = nobody}); });
        if (!routes) {
            add({.subject = "model " + model.id,
                 .where = {},
                 .good = false,
                 .text = routes.error().message,
                 .advice = {}});
            continue;
        }
        for (const Route& route : *routes) add(question(model.id, route));
    }
    return good;
}

Finding LiveCheck::list(const NamedProvider& provider) {
    Finding finding{.subject = "provider " + provider.name, .where = {}, .text = {}, .advice = {}};
    const auto start = Clock::now();
    auto outcome = ask(provider, ModelsRequest{});
    if (outcome.error && outcome.error->kind == ErrorKind::unsupported) {
        finding.text = "cannot list its models";
        return finding;
    }
    const std::size_t count = outcome.models.size();
    settle(finding, outcome, "lists " + std::to_string(count) + (count == 1 ? " model" : " models"), start);
    return finding;
}

Finding LiveCheck::question(const std::string& model, const Route& route) {
    Finding finding{
        .subject = "model " + model, .where = route.provider + "/" + route.model, .text = {}, .advice = {}};
    const NamedProvider* provider = instances_.provider(route.provider);
    if (!provider) {
        finding.good = false;
        finding.text = "there is no provider of this name";
        return finding;
    }
    const auto start = Clock::now();
    constexpr std::array answers = {"answers", "embeds", "ranks"};
    std::size_t at = 0;
    for (Operation& operation : questions(route.model)) {
        auto outcome = ask(*provider, std::move(operation));
        // The provider itself reports that the model does not support this operation.
        const bool other = outcome.error && outcome.error->kind == ErrorKind::unsupported && !outcome.status;
        if (at == 0 || !other) settle(finding, outcome, answers[at], start);
        if (!other) break;
        ++at;
    }
    return finding;
}

BackgroundRequest::Outcome LiveCheck::ask(const NamedProvider& provider, Operation operation) {
    std::promise<BackgroundRequest::Outcome> answer;
    std::unique_ptr<BackgroundRequest> background;
    run_on(*worker_.loop, [&] {
        background =
            std::make_unique<BackgroundRequest>(worker_, provider, std::move(operation), time_for_each, log_);
        background->start([&](BackgroundRequest::Outcome outcome) { answer.set_value(std::move(outcome)); });
    });
    auto outcome = answer.get_future().get();
    run_on(*worker_.loop, [&] { background.reset(); });
    return outcome;
}

}  // namespace gatehouse::core
