// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/model_list.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/model_lists.hpp"
#include "plugins/common/upstream/rfc3339.hpp"
#include "plugins/common/upstream/text.hpp"

#include <utility>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

// Limits an endless list.
constexpr std::size_t max_pages = 50;

std::optional<std::int64_t> positive(dom::object item, std::string_view key) {
    const auto number = integer_member(item, key);
    return number && *number > 0 ? number : std::nullopt;
}

}  // namespace

Result<std::optional<http::Request>> ModelList::request() {
    asked_.clear();
    names_.clear();
    return std::optional(page(""));
}

http::Request ModelList::page(const std::string& after) {
    last_.clear();
    std::string path = "/v1/models?limit=1000";
    if (!after.empty()) path += "&after_id=" + percent_encoded(after);
    return for_document(begin("GET", path));
}

Result<void> ModelList::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    const auto items = tree ? models_in(tree->root()) : std::nullopt;
    if (!items) return garbage("Anthropic", "it has no list of models");

    std::string last;
    for (const auto element : *items) {
        const std::string id = model_name_of(element);
        if (id.empty() || id.size() > 256) continue;
        last = id;
        const auto item = object(element);
        if (!item) {
            if (names_.insert(id).second) events.emit(ModelInfo{.id = id, .owned_by = "anthropic"});
            continue;
        }
        if (string_member(*item, "lifecycle") == "retired" || !names_.insert(id).second) continue;
        events.emit(ModelInfo{.id = id,
                              .owned_by = "anthropic",
                              .created = read_rfc3339(string_member(*item, "created_at")),
                              .context_window = positive(*item, "max_input_tokens"),
                              .max_output_tokens = positive(*item, "max_tokens")});
    }
    const auto top = object(tree->root());
    const auto more = top ? member(*top, "has_more") : std::nullopt;
    if (more && more->is_bool() && bool(*more)) {
        last_ = string_member(*top, "last_id");
        if (last_.empty()) last_ = last;
    }
    return {};
}

Result<std::optional<http::Request>> ModelList::next() {
    const std::string after = std::exchange(last_, {});
    if (!after.empty() && asked_.size() < max_pages && asked_.insert(after).second)
        return std::optional(page(after));
    return std::nullopt;
}

}  // namespace gatehouse::anthropic
