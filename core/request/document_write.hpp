// SPDX-License-Identifier: Apache-2.0
// Stores one document of a client, as Keep says.  A document that several requests change is read,
// changed and stored.  If another request was faster, this is repeated after a random pause.
#pragma once

#include "core/net/loop.hpp"
#include "core/observe/log.hpp"

#include <gatehouse/completion.hpp>
#include <gatehouse/dialect.hpp>
#include <gatehouse/store.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace gatehouse::core {

/// Where documents go.  Everything must outlive the completion of a write.
struct DocumentPlace {
    Store& store;
    Loop& loop;
    Log& log;
    std::string_view dialect, store_name, request_id;
    std::size_t max_bytes;       // limit of a changed document, before and after the change
    std::function<bool()> over;  // whether the request is over, so that its change is not repeated
};

/// The error of Keep::change, or of a changed document that is too large.  Nothing was stored then.
using Refusal = std::optional<Error>;

/// Completes with an error if the store fails, or if other requests were faster ten times.  [the loop's
/// thread]
void write_document(const DocumentPlace& place, StoreKey key, Keep document, Completion<Refusal> done);

}  // namespace gatehouse::core
