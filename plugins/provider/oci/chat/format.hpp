// SPDX-License-Identifier: Apache-2.0
// Interface of a chat format: writes requests and reads responses. chat/generic*,
// cohere/v1* and cohere/v2* implement it.  HTTP, framing, errors and retries are
// the same for all formats.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/oci/models/fields.hpp"
#include "plugins/provider/oci/models/model.hpp"
#include "plugins/provider/oci/region/endpoint.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// A request body, and the optional fields that it contains.
struct Written {
    std::string body = {};
    FieldSet sent = {};
    /// Fields of the client that are not sent, because the format or the model
    /// does not have them and a response without them is still useful.  For the
    /// log.
    std::vector<std::string> left_out = {};

    /// Whether the body gets the client's member `name`, which carries `field`; nothing: any other member.
    /// Notes the answer.
    bool wants(std::string_view name, std::optional<RequestField> field, const Model& model) {
        if (!field) return true;
        if (model.drop.has(*field)) {
            left_out.emplace_back(name);
            return false;
        }
        sent.add(*field);
        return true;
    }
};

using upstream::AnswerReader;

/// Converts an error of the upstream, which is JSON text.
using ExplainError = std::function<Error(std::string_view)>;

/// Immutable: any thread.
class ChatFormat {
public:
    virtual Result<Written> write(const ChatRequest& request, const Model& model,
                                  std::string_view compartment_id, bool stream) const = 0;
    /// Creates a reader of the response to `request`, which outlives the reader.
    virtual std::unique_ptr<AnswerReader> reader(const ChatRequest& request,
                                                 const ExplainError& explain) const = 0;
    /// Whether the format has custom tools.  Otherwise write() gets functions.
    virtual bool custom_tools() const { return false; }
    /// The request's URL, and its headers in addition to those of the content.
    virtual std::string url(const Endpoint& endpoint) const { return endpoint.url("/actions/chat"); }
    virtual void add_headers(http::Headers&) const {}

protected:
    ~ChatFormat() = default;
};

/// A format of OCI's native surface.
template <auto write_chat, auto make_reader>
class NativeFormat final : public ChatFormat {
public:
    Result<Written> write(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                          bool stream) const override {
        return write_chat(request, model, compartment_id, stream);
    }
    std::unique_ptr<AnswerReader> reader(const ChatRequest& request, const ExplainError&) const override {
        return make_reader(request);
    }
};

const ChatFormat& generic_format();
const ChatFormat& cohere_format();
const ChatFormat& cohere_v2_format();

}  // namespace gatehouse::oci
