// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/models/model_list.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/model_lists.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/models/model_families.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace gatehouse::oci {

namespace {

using upstream::array_member;

// Capabilities that the gateway's clients can use.
constexpr std::array<std::string_view, 3> capabilities = {"CHAT", "TEXT_EMBEDDINGS", "TEXT_RERANK"};

bool is_useful(dom::object item) {
    const auto list = array_member(item, "capabilities");
    return list && std::any_of(list->begin(), list->end(), [](dom::element one) {
               const auto name = string(one);
               return name && std::count(capabilities.begin(), capabilities.end(), *name);
           });
}

constexpr std::array<std::string_view, 4> paths = {"modelDiscovery", "endpoints", "importedModels", "models"};

std::int64_t time_in(dom::object item, std::string_view name) {
    const auto value = member(item, name);
    return value ? read_time(*value) : 0;
}

}  // namespace

std::string_view ModelList::path() const { return paths[static_cast<std::size_t>(list_)]; }

std::string ModelList::query() const {
    std::string query;
    if (list_ == List::models || list_ == List::discovery)
        for (std::string_view capability : capabilities) query.append("&capability=").append(capability);
    if (list_ != List::discovery) query += "&lifecycleState=ACTIVE";
    return query;
}

Result<std::optional<http::Request>> ModelList::request() {
    names_.clear();
    models_.clear();
    discovered_.clear();
    endpoints_.clear();
    seen_.clear();
    discovery_ = Listed::Discovery::succeeded;
    list_ = List::discovery;
    return std::optional(first_page(path(), query()));
}

// Only the list of models is known to every deployment, and allowed to every user of the models.
Result<void> ModelList::end(EventSink& events) {
    const int status = answer_head().status;
    const bool refused = status == 403 || status == 404;
    if (list_ == List::models && refused) service_.listed.refuse();
    if (list_ == List::models || (status >= 200 && status < 300)) return OciExchange::end(events);
    if (list_ == List::discovery) {
        discovery_ = refused ? Listed::Discovery::refused : Listed::Discovery::failed;
        discovery_status_ = status;
    }
    service_.host.log(Level::debug, "list of the service left out",
                      {{"list", path()}, {"status", std::to_string(status)}});
    return {};
}

Result<void> ModelList::on_end(EventSink& events) {
    const auto tree = upstream::Tree::parse(document_);
    const auto items = tree ? upstream::models_in(tree->root()) : std::nullopt;
    if (!items) return upstream::garbage("OCI", "the list of models has no 'items'");
    for (const auto element : *items) {
        const auto item = object(element);
        if (!item) continue;
        switch (list_) {
            case List::discovery: read_discovery(*item); break;
            case List::models: read_model(*item); break;
            case List::endpoints: read_endpoint(*item); break;
            case List::imported: read_imported(*item); break;
            case List::end: break;
        }
    }
    if (list_ == List::models && !has_next_page()) return finish(events);
    return {};
}

void ModelList::read_discovery(dom::object item) {
    const std::string id(string_member(item, "modelId"));
    if (id.empty() || id.size() > 512) return;
    discovered_.insert_or_assign(
        id, std::make_shared<const ModelFacts>(read_discovered(item, endpoint().region)));
}

/// If the discovery has failed, what it has told before.
std::shared_ptr<const ModelFacts> ModelList::facts_of(const std::string& model) const {
    if (const auto found = discovered_.find(model); found != discovered_.end()) return found->second;
    const auto before =
        discovery_ == Listed::Discovery::succeeded ? std::nullopt : service_.listed.find(model);
    return before && *before ? (*before)->facts : nullptr;
}

void ModelList::read_model(dom::object item) {
    if (!is_useful(item)) return;
    // Base models are listed by name, which is the same in all regions.
    const std::string id(string_member(item, "id"));
    const std::string name(string_member(item, "displayName"));
    const std::string& usable = string_member(item, "type") == "CUSTOM" || name.empty() ? id : name;
    if (usable.empty() || usable.size() > 512) return;

    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(service_.host.now().time_since_epoch()).count();
    Listed::Entry entry{.facts = facts_of(usable)};
    entry.active = string_member(item, "lifecycleState") == "ACTIVE";
    if (const std::int64_t when = time_in(item, "timeOnDemandRetired"); when > 0 && when <= now)
        entry.retired_on = string_member(item, "timeOnDemandRetired").substr(0, 10);
    seen_.insert_or_assign(usable, entry);
    if (!id.empty()) seen_.insert_or_assign(id, entry);
    if (!entry.active || !entry.retired_on.empty() || names_.contains(usable)) return;

    ModelInfo info{.id = usable,
                   .owned_by = std::string(string_member(item, "vendor")),
                   .created = time_in(item, "timeCreated")};
    if (!name.empty())
        if (const auto window = family_of(name).context_window; window > 0) info.context_window = window;
    add(std::move(info), entry.facts);
}

// A dedicated endpoint is a model for clients.
void ModelList::read_endpoint(dom::object item) {
    const std::string id(string_member(item, "id"));
    if (id.empty() || id.size() > 512) return;
    seen_.insert_or_assign(id, Listed::Entry{.active = string_member(item, "lifecycleState") == "ACTIVE"});
    if (seen_.at(id).active) endpoints_.emplace_back(id, time_in(item, "timeCreated"));
}

// Imported models run on endpoints.  The list is for the advice about a model only.
void ModelList::read_imported(dom::object item) {
    const std::string id(string_member(item, "id"));
    if (!id.empty() && id.size() <= 512)
        seen_.insert_or_assign(id,
                               Listed::Entry{.active = string_member(item, "lifecycleState") == "ACTIVE"});
}

void ModelList::add(ModelInfo info, const std::shared_ptr<const ModelFacts>& facts) {
    names_.insert(info.id);
    if (info.owned_by.empty()) info.owned_by = "oci";
    Model known = service_.models.find(info.id);
    if (facts) {
        learn(known, *facts);
        info.extra = facts->for_clients();
    }
    if (known.context_window) info.context_window = known.context_window;
    info.max_output_tokens = known.max_tokens_cap;
    models_.push_back(std::move(info));
}

// Endpoints, and models that only the discovery tells of, come last.  The core asks again soon after an
// error, and after a good list not for minutes, in which the rules of residency would refuse models.
Result<void> ModelList::finish(EventSink& events) {
    for (const auto& [id, created] : endpoints_)
        if (!names_.contains(id)) add({.id = id, .owned_by = "oci", .created = created}, nullptr);
    for (const auto& [id, facts] : discovered_) {
        if (!seen_.contains(id)) seen_.emplace(id, Listed::Entry{.facts = facts});
        const bool useful = facts->chats || facts->embeds || facts->ranks;
        if (useful && facts->on_demand && !names_.contains(id) && seen_.at(id).retired_on.empty() &&
            seen_.at(id).active)
            add({.id = id, .owned_by = facts->vendor}, facts);
    }
    service_.listed.set(std::move(seen_), discovery_);
    seen_.clear();
    if (service_.residency_needs_discovery && service_.listed.answer() == Listed::Answer::none)
        return Error{
            .kind = ErrorKind::unavailable,
            .message = "the model discovery failed with status " + std::to_string(discovery_status_)};
    tell(std::exchange(models_, {}), events);
    return {};
}

void ModelList::tell(std::vector<ModelInfo> models, EventSink& events) {
    for (ModelInfo& info : models) events.emit(std::move(info));
}

Result<std::optional<http::Request>> ModelList::next() {
    if (has_next_page()) return std::optional(next_page(path(), query()));
    list_ = static_cast<List>(static_cast<int>(list_) + 1);
    if (list_ == List::end) return std::nullopt;
    return std::optional(first_page(path(), query()));
}

}  // namespace gatehouse::oci
