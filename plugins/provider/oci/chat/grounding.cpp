// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/grounding.hpp"

#include "plugins/common/upstream/answer_parts.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::oci {

namespace {

using upstream::array_member;
using upstream::object_member;

constexpr std::size_t max_sources = 1'000;    // per answer
constexpr std::size_t max_citations = 2'000;  // per answer

struct Source {
    std::string_view url = {}, title = {};
};

/// The sources in their order.  One without `web` keeps its place, because supports name sources by number.
std::vector<Source> sources_in(dom::object metadata) {
    std::vector<Source> sources;
    const auto chunks = array_member(metadata, "groundingChunks");
    if (!chunks) return sources;
    for (dom::element chunk : *chunks) {
        if (sources.size() == max_sources) break;
        Source& source = sources.emplace_back();
        const auto from = object(chunk);
        const auto web = from ? object_member(*from, "web") : std::nullopt;
        if (!web) continue;
        source = {string_member(*web, "uri"), string_member(*web, "title")};
        if (source.title.empty()) source.title = string_member(*web, "domain");
    }
    return sources;
}

}  // namespace

bool emit_grounding(dom::element metadata, int choice, EventSink& events) {
    const auto from = object(metadata);
    if (!from) return false;
    const std::vector<Source> sources = sources_in(*from);
    std::size_t emitted = 0;
    auto cite = [&](std::size_t number, const upstream::Range& about) {
        if (number >= sources.size() || sources[number].url.empty() || emitted == max_citations) return;
        events.emit(Citation{std::string(sources[number].url), std::string(sources[number].title),
                             about.start, about.end, choice});
        ++emitted;
    };
    if (const auto supports = array_member(*from, "groundingSupports"))
        for (dom::element support : *supports) {
            const auto passage = object(support);
            const auto numbers = passage ? array_member(*passage, "groundingChunkIndices") : std::nullopt;
            if (!numbers) continue;
            const auto segment = object_member(*passage, "segment");
            const auto about =
                segment ? upstream::read_range(*segment, "startIndex", "endIndex") : upstream::Range();
            for (dom::element number : *numbers)
                if (const auto place = integer(number); place && *place >= 0)
                    cite(static_cast<std::size_t>(*place), about);
        }
    // Without passages each source supports the complete answer.
    if (emitted == 0)
        for (std::size_t i = 0; i < sources.size(); ++i) cite(i, {});
    events.emit(
        Extra{Extra::Place::choice, {R"({"grounding_metadata":)" + upstream::text_of(*from) + "}"}, choice});
    return !sources.empty();
}

}  // namespace gatehouse::oci
