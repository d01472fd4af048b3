// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/model_list.hpp"

#include "plugins/common/upstream/answer_stream.hpp"
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

}  // namespace

Result<void> ModelList::on_end(EventSink& events) {
    const auto tree = Tree::parse(document_);
    const auto top = tree ? object(tree->root()) : std::nullopt;
    const auto items = top ? array_member(*top, "data") : std::nullopt;
    if (!items) return garbage("the upstream", "a list of models has no data");
    std::set<std::string> told;
    for (const auto element : *items) {
        const auto item = object(element);
        if (!item) continue;
        ModelInfo info{.id = std::string(string_member(*item, "id")),
                       .owned_by = std::string(string_member(*item, "owned_by"))};
        if (info.id.empty() || info.id.size() > 512 || !told.insert(info.id).second) continue;
        info.created = positive(*item, {"created"}).value_or(0);
        info.context_window = positive(*item, {"context_window", "max_model_len", "context_length"});
        if (!info.context_window) info.context_window = service_.options.context_window;
        info.max_output_tokens = positive(*item, {"max_output_tokens", "max_completion_tokens"});
        events.emit(std::move(info));
    }
    return {};
}

}  // namespace gatehouse::openai_provider
