// SPDX-License-Identifier: Apache-2.0
// The Responses API of OCI's OpenAI-compatible surface.
#include "plugins/common/openai/responses/answer.hpp"
#include "plugins/common/openai/responses/request.hpp"
#include "plugins/provider/oci/surface.hpp"

#include <optional>

namespace gatehouse::oci {

namespace {

namespace api = openai_format::responses;

/// The field that a member of this API carries.
std::optional<RequestField> field_in(std::string_view member) {
    if (member == "reasoning") return RequestField::reasoning_effort;
    return field_called(member);
}

}  // namespace

Result<Written> ResponsesSurface::write(const ChatRequest& request, const Model& model, std::string_view,
                                        bool stream) const {
    Written written;
    api::Wire wire{.developer = model.developer || api::is_native(request),
                   .encrypted = !model.drop.has(RequestField::encrypted_content),
                   .thoughts = !model.drop.has(RequestField::reasoning_items),
                   .whole = !stream,
                   .most = model.max_tokens_cap};
    wire.wants = [&](std::string_view name) { return written.wants(name, field_in(name), model); };
    auto body = api::write_request(request, wire);
    if (!body) return body.error();
    if (wire.encrypted) written.sent.add(RequestField::encrypted_content);
    if (wire.thoughts) written.sent.add(RequestField::reasoning_items);
    for (std::string& name : api::left_out(request)) written.left_out.push_back(std::move(name));
    written.body = *std::move(body);
    return written;
}

std::unique_ptr<AnswerReader> ResponsesSurface::reader(const ChatRequest& request,
                                                       const ExplainError& explain) const {
    return std::make_unique<api::ResponseReader>("OCI", api::is_native(request), explain);
}

}  // namespace gatehouse::oci
