// SPDX-License-Identifier: Apache-2.0
// Citations of Cohere's answers, kept until the end: the documents that they
// name may come after them.  Bounded; one thread at a time.
#pragma once

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::oci {

class CohereCitations {
public:
    /// `citations` of either format.  Of the last event, which may repeat them, only if there were none.
    void add(dom::element citations, bool last);
    /// `documents` of a COHERE answer: titles and addresses by id.
    void add_documents(dom::element documents);

    /// `request` is the one that was answered: of documents that it gave without an
    /// id, and that an answer names by their places, it has the titles.
    void emit(const ChatRequest& request, EventSink& events);

private:
    struct Source {
        std::string id, title, url;
    };
    struct Cited {
        upstream::Range about = {};
        std::vector<Source> sources = {};
    };
    static constexpr std::size_t max_kept = 10'000;  // of citations, of their sources, of documents

    void note(dom::object document, std::string id);
    void note_documents_of(const ChatRequest& request);

    std::vector<Cited> cited_;
    std::size_t sources_ = 0;
    std::map<std::string, Source, std::less<>> documents_;
};

}  // namespace gatehouse::oci
