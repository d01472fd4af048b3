// SPDX-License-Identifier: Apache-2.0
// OCI's OpenAI-compatible surface, as two chat formats: Chat Completions and Responses.  Known
// and unknown fields of the request and the response are passed through (PROTOCOL.md, section 1.3).
// Immutable after the start: any thread.
#pragma once

#include "plugins/provider/oci/chat/format.hpp"
#include "plugins/provider/oci/options.hpp"

#include <string>

namespace gatehouse::oci {

class OpenAiSurface final : public ChatFormat {
public:
    /// Throws KeyError for keys that contradict each other or cannot be sent.
    explicit OpenAiSurface(const Options& options);

    Result<Written> write(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                          bool stream) const override;
    std::unique_ptr<AnswerReader> reader(const ChatRequest& request, const ExplainError&) const override;
    std::string url(const Endpoint& endpoint) const override { return url(endpoint, "/chat/completions"); }
    bool custom_tools() const override { return true; }
    void add_headers(http::Headers& headers) const override;

    std::string url(const Endpoint& endpoint, std::string_view operation) const {
        return endpoint.base + path_ + std::string(operation);
    }
    /// Whether clients of the Responses API get it natively, if the model has it.
    bool has_responses() const { return responses_; }

private:
    std::string path_, compartment_id_, project_;
    bool responses_ = false;
};

/// The Responses API of the surface.  A client of the same API gets everything that the upstream tells.
class ResponsesSurface final : public ChatFormat {
public:
    /// REQUIRES: `surface` outlives this.
    explicit ResponsesSurface(const OpenAiSurface& surface) : surface_(surface) {}

    Result<Written> write(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                          bool stream) const override;
    std::unique_ptr<AnswerReader> reader(const ChatRequest& request,
                                         const ExplainError& explain) const override;
    std::string url(const Endpoint& endpoint) const override { return surface_.url(endpoint, "/responses"); }
    bool custom_tools() const override { return true; }
    void add_headers(http::Headers& headers) const override { surface_.add_headers(headers); }

private:
    const OpenAiSurface& surface_;
};

/// Whether `id` is the OCID of a routing profile, which only the OpenAI-compatible surface serves.
bool is_routing_profile(std::string_view id);

/// Returns the surface for chats with the model `id`.  `word` is the key's value;
/// "auto" selects native in case of doubt.
Surface choose_surface(std::string_view word, std::string_view id, bool format_given, bool dedicated);

}  // namespace gatehouse::oci
