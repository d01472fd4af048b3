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
using upstream::member;
using upstream::object;
using upstream::string;
using upstream::string_member;

// Capabilities that the gateway's clients can use.
constexpr std::array<std::string_view, 3> capabilities = {"CHAT", "TEXT_EMBEDDINGS", "TEXT_RERANK"};

// Bounds a list that never ends.  No region has a tenth as many models.
constexpr std::size_t max_pages = 50;
constexpr std::string_view page_size = "200";

bool is_useful(upstream::dom::object item) {
    const auto list = array_member(item, "capabilities");
    return list && std::any_of(list->begin(), list->end(), [](upstream::dom::element one) {
               const auto name = string(one);
               return name && std::count(capabilities.begin(), capabilities.end(), *name);
           });
}

Model no_model() { return {}; }

}  // namespace

ModelList::ModelList(Service& service) : OciExchange(service, no_model()) {}

Result<std::optional<http::Request>> ModelList::request() {
    pages_.clear();
    names_.clear();
    seen_.clear();
    return std::optional(page(""));
}

http::Request ModelList::page(const std::string& token) {
    std::string url = endpoint().control_base +
                      "/20231130/models?compartmentId=" + percent_encoded(service_.compartment_id);
    for (std::string_view capability : capabilities) url.append("&capability=").append(capability);
    url.append("&lifecycleState=ACTIVE&limit=").append(page_size);
    if (!token.empty()) url += "&page=" + percent_encoded(token);
    return for_document(begin_at("GET", std::move(url)));
}

Result<void> ModelList::on_end(EventSink& events) {
    const auto tree = upstream::Tree::parse(document_);
    const auto items = tree ? upstream::models_in(tree->root()) : std::nullopt;
    if (!items) return upstream::garbage("OCI", "the list of models has no 'items'");

    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(service_.host.now().time_since_epoch()).count();
    for (const auto element : *items) {
        const auto item = object(element);
        if (!item || !is_useful(*item)) continue;
        // Base models are listed by name, which is the same in all regions.
        const std::string id(string_member(*item, "id"));
        const std::string name(string_member(*item, "displayName"));
        const std::string& usable = string_member(*item, "type") == "CUSTOM" || name.empty() ? id : name;
        if (usable.empty() || usable.size() > 512) continue;

        Listed::Entry entry;
        entry.active = string_member(*item, "lifecycleState") == "ACTIVE";
        const auto retired = member(*item, "timeOnDemandRetired");
        if (const std::int64_t when = retired ? read_time(*retired) : 0; when > 0 && when <= now)
            entry.retired_on = string_member(*item, "timeOnDemandRetired").substr(0, 10);
        seen_.insert_or_assign(usable, entry);
        if (!id.empty()) seen_.insert_or_assign(id, entry);
        if (!entry.active || !entry.retired_on.empty() || !names_.insert(usable).second) continue;

        ModelInfo info{.id = usable, .owned_by = std::string(string_member(*item, "vendor"))};
        if (info.owned_by.empty()) info.owned_by = "oci";
        if (const auto created = member(*item, "timeCreated")) info.created = read_time(*created);
        const Model known = service_.models.find(usable);
        info.context_window = known.context_window;
        if (!info.context_window && !name.empty())
            if (const auto window = family_of(name).context_window; window > 0) info.context_window = window;
        info.max_output_tokens = known.max_tokens_cap;
        events.emit(std::move(info));
    }
    return {};
}

Result<std::optional<http::Request>> ModelList::next() {
    const std::string token(answer_head().headers.get("opc-next-page"));
    if (!token.empty() && pages_.size() < max_pages && pages_.insert(token).second)
        return std::optional(page(token));
    service_.listed.set(std::move(seen_));
    return std::nullopt;
}

}  // namespace gatehouse::oci
