// SPDX-License-Identifier: Apache-2.0
// OCI's OpenAI-compatible surface, as one more chat format: what the client said
// goes through, known or not, and so does what comes back (reference, section 1.3).
// Made at start, and only read afterwards: any thread.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"
#include "plugins/provider/oci/options.hpp"

#include <string>

namespace gatehouse::oci {

class OpenAiSurface final : public ChatFormat {
public:
    /// Throws KeyError for keys that do not go together, or cannot be sent.
    explicit OpenAiSurface(const Options& options);

    Result<Written> write(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                          bool stream) const override;
    std::unique_ptr<AnswerReader> reader(const ChatRequest& request) const override;
    std::string url(const Endpoint& endpoint) const override;
    void add_headers(http::Headers& headers) const override;

private:
    std::string path_, compartment_id_, project_;
};

/// Which surface the model `id` is spoken to on: `word` is the key's, in `auto`
/// native wherever there is a doubt.
Surface choose_surface(std::string_view word, std::string_view id, bool format_given, bool dedicated);

}  // namespace gatehouse::oci
