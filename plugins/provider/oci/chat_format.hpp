// SPDX-License-Identifier: Apache-2.0
// What differs between OCI's chat formats: how a request is written and how an
// answer is read.  chat_generic*, chat_cohere* and chat_cohere_v2* implement it;
// HTTP, framing, errors and retries are the same for all.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/oci/endpoint.hpp"
#include "plugins/provider/oci/fields.hpp"
#include "plugins/provider/oci/model.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// A body, and which of the optional fields are in it.
struct Written {
    std::string body = {};
    FieldSet sent = {};
    /// What the client asked for and is not sent, because the format or the model
    /// has no place for it and an answer without it is still one: for the log.
    std::vector<std::string> left_out = {};
};

using upstream::AnswerReader;

/// Does not change: any thread.
class ChatFormat {
public:
    virtual Result<Written> write(const ChatRequest& request, const Model& model,
                                  std::string_view compartment_id, bool stream) const = 0;
    /// For the answer to `request`, which outlives it.
    virtual std::unique_ptr<AnswerReader> reader(const ChatRequest& request) const = 0;
    /// Where the request goes, and what it needs beside the headers of its content.
    virtual std::string url(const Endpoint& endpoint) const { return endpoint.url("/actions/chat"); }
    virtual void add_headers(http::Headers&) const {}

protected:
    ~ChatFormat() = default;
};

/// One of OCI's own formats.
template <auto write_chat, auto make_reader>
class NativeFormat final : public ChatFormat {
public:
    Result<Written> write(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                          bool stream) const override {
        return write_chat(request, model, compartment_id, stream);
    }
    std::unique_ptr<AnswerReader> reader(const ChatRequest& request) const override {
        return make_reader(request);
    }
};

const ChatFormat& generic_format();
const ChatFormat& cohere_format();
const ChatFormat& cohere_v2_format();

}  // namespace gatehouse::oci
