// SPDX-License-Identifier: Apache-2.0
// Collects the citations of a Cohere response until its end, because the cited
// documents may follow them.  Bounded; one thread at a time.
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
    /// Adds `citations` of either format.  The last event may repeat them, so that
    /// they are added only if there are no others.
    void add(dom::element citations, bool last);
    /// Adds `documents` of a COHERE response: titles and URLs by id.
    void add_documents(dom::element documents);

    /// `request` is the answered request.  It has the titles of documents without
    /// an id, which a response names by position.
    void emit(const ChatRequest& request, EventSink& events);

private:
    struct Source {
        std::string id, title, url;
    };
    struct Cited {
        upstream::Range about = {};
        std::vector<Source> sources = {};
    };
    static constexpr std::size_t max_kept = 10'000;  // limit of citations, of their sources, and of documents

    void note(dom::object document, std::string id);
    void note_documents_of(const ChatRequest& request);

    std::vector<Cited> cited_;
    std::size_t sources_ = 0;
    std::map<std::string, Source, std::less<>> documents_;
};

}  // namespace gatehouse::oci
