// SPDX-License-Identifier: Apache-2.0
// What differs between OCI's chat formats: how a request is written and how an
// answer is read.  One file pair per format implements it (chat_generic, later
// chat_cohere); HTTP, framing, errors and retries are the same for all.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/oci/fields.hpp"
#include "plugins/provider/oci/model.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <string>

namespace gatehouse::oci {

/// A body, and which of the optional fields are in it.
struct Written {
    std::string body = {};
    FieldSet sent = {};
};

using upstream::AnswerReader;

/// Without state: any thread.
class ChatFormat {
public:
    virtual Result<Written> write(const ChatRequest& request, const Model& model,
                                  std::string_view compartment_id, bool stream) const = 0;
    virtual std::unique_ptr<AnswerReader> reader() const = 0;

protected:
    ~ChatFormat() = default;
};

const ChatFormat& generic_format();

}  // namespace gatehouse::oci
