// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of an instance share.  Owned by the provider, created at start.
// `learned` locks, all other members are constant.
#pragma once

#include <gatehouse/base_url.hpp>
#include "plugins/common/upstream/learned_quirks.hpp"
#include "plugins/provider/openai/adjustments.hpp"
#include "plugins/provider/openai/options.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <string>
#include <string_view>

namespace gatehouse::openai_provider {

/// Fields that a model has refused.  They are not sent to it again.
struct Quirks {
    bool max_completion_tokens = false;  // instead of max_tokens
    bool no_stream_options = false;
    bool no_encrypted_thoughts = false;  // `include` of the Responses API
    Adjustments adjustments = {};        // to requests of other protocols
    bool reasoning = false,
         no_reasoning = false;  // reasoning_content of earlier turns, whatever send_reasoning says

    void add(const Quirks& more) {
        adjustments.add(more.adjustments);
        max_completion_tokens |= more.max_completion_tokens;
        no_stream_options |= more.no_stream_options;
        no_encrypted_thoughts |= more.no_encrypted_thoughts;
        reasoning |= more.reasoning;
        no_reasoning |= more.no_reasoning;
    }
};

struct Service {
    Options options;
    BaseUrl base;
    http::Headers headers;  // headers of every request
    Host& host;
    upstream::LearnedQuirks<Quirks> learned;

    /// `path` such as "/chat/completions"; `model` names Azure's deployment.
    std::string url(std::string_view path, std::string_view model) const;
};

}  // namespace gatehouse::openai_provider
