// SPDX-License-Identifier: Apache-2.0
#include "core/app/live_check.hpp"

#include "core/app/ask_stores.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"

#include <gatehouse/store.hpp>

#include <array>
#include <utility>

namespace gatehouse::core {

namespace {

using Clock = std::chrono::steady_clock;

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

void settle(Finding& finding, BackgroundRequest::Outcome& outcome, std::string good,
            Clock::time_point start) {
    finding.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    finding.good = !outcome.error;
    finding.text = finding.good ? std::move(good) : described(outcome);
    finding.advice = std::move(outcome.advice);
}

void add_line(std::string& lines, const std::string& line) {
    if (line.empty()) return;
    if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
    lines += line;
}

}  // namespace

bool LiveCheck::run(pid_t running, const std::function<void(const Finding&)>& report) {
    bool good = true;
    auto add = [&](const Finding& finding) {
        good = good && finding.good;
        report(finding);
    };
    for (const auto& [name, store] : instances_.stores()) add(read(*store, running));
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

Finding LiveCheck::read(const StoreInstance& store, pid_t running) {
    Finding finding{.subject = "store " + store.name, .where = {}, .text = {}, .advice = {}};
    const auto shared = guard({store.name, "Store::shared"}, [&] { return store.store().shared(); });
    if (running != 0 && shared && !*shared) {
        finding.text = "not asked, because the running process " + std::to_string(running) + " uses it";
        return finding;
    }
    const auto start = Clock::now();
    finding.text = why_unusable(store);
    const bool is_shared = shared && *shared;
    if (finding.text.empty() && is_shared) finding.text = why_not_writable(store);
    finding.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    finding.good = finding.text.empty();
    if (!finding.good) return finding;
    const auto size = guard({store.name, "Store::size"}, [&] { return store.store().size(); });
    finding.text = !is_shared && size && size->records == 0 ? "answers, and has no records" : "answers";
    return finding;
}

void LiveCheck::note_warnings(const NamedProvider& provider, const ProviderInventory& inventory) {
    for (const InventoryRow& row : inventory.rows)
        if (!row.warning.empty()) warnings_.emplace(std::pair(provider.name, row.id), row.warning);
}

// A refusal of an inventory other than `models` does not fail the check, because clients do not need it.
Finding LiveCheck::list(const NamedProvider& provider) {
    Finding finding{.subject = "provider " + provider.name, .where = {}, .text = {}, .advice = {}};
    const auto start = Clock::now();
    ProviderInventory models = inventory_of(worker_, provider, "models", log_);
    if (models.outcome.error && models.outcome.error->kind == ErrorKind::unsupported) {
        finding.text = "cannot list its models";
        return finding;
    }
    note_warnings(provider, models);
    const std::size_t count = models.rows.size();
    settle(finding, models.outcome, "lists " + std::to_string(count) + (count == 1 ? " model" : " models"),
           start);
    if (!finding.good) return finding;
    for (const std::string_view name : inventory_names) {
        if (name == "models") continue;
        const ProviderInventory inventory = inventory_of(worker_, provider, name, log_);
        note_warnings(provider, inventory);
        if (name != "keys") continue;
        for (const InventoryRow& row : inventory.rows) add_line(finding.advice, row.warning);
    }
    return finding;
}

Finding LiveCheck::question(const std::string& model, const Route& route) {
    Finding finding = answer_of(model, route);
    const auto warned = warnings_.find(std::pair(route.provider, route.model));
    if (warned != warnings_.end()) add_line(finding.advice, warned->second);
    return finding;
}

Finding LiveCheck::answer_of(const std::string& model, const Route& route) {
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
        auto outcome = ask_provider(worker_, *provider, std::move(operation), log_);
        // The provider itself reports that the model does not support this operation.
        const bool other = is_unsupported(outcome);
        if (at == 0 || !other) settle(finding, outcome, answers[at], start);
        if (!other) break;
        ++at;
    }
    return finding;
}

}  // namespace gatehouse::core
