// SPDX-License-Identifier: Apache-2.0
// The content of a chat of another protocol.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>

#include <string>

namespace gatehouse::openai_format {

/// The text in a block of Anthropic's protocol that this vocabulary does not know: a search
/// result, a document, or the result of a tool that the service has run.  Empty if it has no
/// text for a model.
std::string plain_text_of(const OtherPart& part);

/// `file` without members of its protocol.  A text becomes a Text.
Part translated_file(const File& file);

}  // namespace gatehouse::openai_format
