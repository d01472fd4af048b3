// SPDX-License-Identifier: Apache-2.0
// Halves of surrogate pairs.  JSON's grammar allows them, but no text in UTF-8 can have them.
// JavaScript writes them if it cuts a string.  Functions without state: any thread.
#pragma once

#include <string>

namespace gatehouse::json {

/// Replaces the escape of each half without its other half by \ufffd, in place.  `json` is a
/// JSON text, or the inside of a JSON string.  Returns whether there was one.
bool mend_surrogates(std::string& json);

}  // namespace gatehouse::json
