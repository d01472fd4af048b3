// SPDX-License-Identifier: Apache-2.0
// The member toolConfig (Amazon Bedrock API Reference, ToolConfiguration and ToolChoice).
// A function without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/names.hpp"
#include "plugins/provider/bedrock/plan.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::bedrock {

/// Facts about the written toolConfig.
struct WrittenTools {
    bool any = false;     // the member was written
    bool strict = false;  // a tool has strict
};

/// Omits the member without tools.  `plan` learns the fields that are dropped.
Result<WrittenTools> write_tools(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                                 const Model& model, Plan& plan);

}  // namespace gatehouse::bedrock
