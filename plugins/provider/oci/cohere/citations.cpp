// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere/citations.hpp"

#include "plugins/provider/oci/schema/json_tree.hpp"

namespace gatehouse::oci {

void CohereCitations::add(dom::element citations, bool last) {
    const auto list = array(citations);
    if (!list || (last && !cited_.empty())) return;
    for (dom::element element : *list) {
        const auto citation = object(element);
        if (!citation || cited_.size() >= max_kept) continue;
        // COHEREV2: a citation of a thought or a plan has no position in the text.
        const std::string_view type = string_member(*citation, "type");
        if (!type.empty() && type != "TEXT_CONTENT") continue;
        Cited& one = cited_.emplace_back();
        one.about = upstream::read_range(*citation, "start", "end");
        auto source = [&](std::string_view id) {
            if (sources_++ < max_kept) one.sources.push_back({std::string(id), {}, {}});
        };
        if (const auto ids = member(*citation, "documentIds"))
            if (const auto names = array(*ids))
                for (dom::element name : *names)
                    if (const auto id = string(name)) source(*id);
        if (const auto sources = member(*citation, "sources"))
            if (const auto entries = array(*sources))
                for (dom::element entry : *entries)
                    if (const auto from = object(entry))
                        for (std::string_view kind : {"document", "tool"})
                            if (const auto inner = member(*from, kind))
                                if (const auto named = object(*inner)) {
                                    source(string_member(*named, "id"));
                                    if (const auto document = member(*named, "document"))
                                        if (const auto about = object(*document))
                                            note(*about, std::string(string_member(*named, "id")));
                                }
    }
}

void CohereCitations::add_documents(dom::element documents) {
    const auto list = array(documents);
    if (!list) return;
    for (dom::element element : *list)
        if (const auto document = object(element))
            note(*document, std::string(string_member(*document, "id")));
}

void CohereCitations::note(dom::object document, std::string id) {
    if (id.empty() || documents_.size() >= max_kept) return;
    documents_[id] = {id, std::string(string_member(document, "title")),
                      std::string(string_member(document, "url"))};
}

void CohereCitations::note_documents_of(const ChatRequest& request) {
    const auto tree = JsonTree::parse(request.extra.text);
    const Node* list = tree ? tree->root().find("documents") : nullptr;
    if (!list) return;
    auto text = [](const Node& document, std::string_view key) {
        const Node* found = document.find(key);
        return found ? found->text : std::string();
    };
    for (std::size_t i = 0; i < list->items.size() && documents_.size() < max_kept; ++i) {
        const Node& document = list->items[i];
        const Node* data = document.find("data");
        std::string id = text(document, "id");
        if (id.empty()) id = "doc_" + std::to_string(i);
        const Node& about = data && data->is_object() ? *data : document;
        documents_.try_emplace(id, Source{id, text(about, "title"), text(about, "url")});
    }
}

void CohereCitations::emit(const ChatRequest& request, EventSink& events) {
    if (!cited_.empty() && !request.extra.empty()) note_documents_of(request);
    for (const Cited& cited : cited_) {
        if (cited.sources.empty()) events.emit(Citation{{}, {}, cited.about.start, cited.about.end});
        for (const Source& source : cited.sources) {
            const auto found = documents_.find(source.id);
            const Source& about = found == documents_.end() ? source : found->second;
            events.emit(Citation{about.url, about.title.empty() ? source.id : about.title, cited.about.start,
                                 cited.about.end});
        }
    }
}

}  // namespace gatehouse::oci
