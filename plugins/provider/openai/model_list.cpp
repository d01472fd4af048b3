// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/model_list.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/model_lists.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <set>

namespace gatehouse::openai_provider {

namespace {

using namespace upstream;

/// The first of `names` that is a positive number.  Servers use several names for the context window.
std::optional<std::int64_t> positive(dom::object item, std::initializer_list<std::string_view> names) {
    for (std::string_view name : names)
        if (const auto number = integer_member(item, name); number && *number > 0) return number;
    return std::nullopt;
}

/// Whole seconds; some servers send fractions.
std::int64_t created(dom::object item) {
    const auto found = member(item, "created");
    const double seconds = found ? number(*found).value_or(0.0) : 0.0;
    return seconds > 0 && seconds < 1e12 ? static_cast<std::int64_t>(seconds) : 0;
}

}  // namespace

Result<void> ModelList::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    const auto items = tree ? models_in(tree->root()) : std::nullopt;
    if (!items) return garbage("the upstream", "it has no list of models");
    std::set<std::string> told;
    for (const auto element : *items) {
        ModelInfo info{.id = model_name_of(element)};
        if (info.id.empty() || info.id.size() > 512 || !told.insert(info.id).second) continue;
        if (const auto item = object(element)) {
            info.owned_by = string_member(*item, "owned_by");
            info.created = created(*item);
            info.context_window = positive(*item, {"context_window", "max_model_len", "context_length"});
            info.max_output_tokens = positive(*item, {"max_output_tokens", "max_completion_tokens"});
        }
        if (!info.context_window) info.context_window = service_.options.context_window;
        events.emit(std::move(info));
    }
    return {};
}

}  // namespace gatehouse::openai_provider
