// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/citations.hpp"

#include "plugins/common/upstream/answer_parts.hpp"

namespace gatehouse::anthropic {

using namespace upstream;

std::optional<Citation> read_citation(dom::object citation, bool native) {
    Citation found;
    found.url = string_member(citation, "url");
    if (found.url.empty()) found.url = string_member(citation, "source");
    found.title = string_member(citation, "title");
    if (found.title.empty()) found.title = string_member(citation, "document_title");
    if (!native && found.url.empty() && found.title.empty()) return std::nullopt;
    // OpenAI's annotations have a type of their own.
    found.extra.text = native ? unknown_members(citation, {"url", "title"})
                              : unknown_members(citation, {"url", "title", "type"});
    return found;
}

}  // namespace gatehouse::anthropic
