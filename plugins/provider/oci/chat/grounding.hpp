// SPDX-License-Identifier: Apache-2.0
// The web sources of Google's models: `groundingMetadata` of a choice (GroundingMetadata in OCI's API).
#pragma once

#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/event.hpp>

namespace gatehouse::oci {

/// Emits a Citation for each source of each supported passage.  The range of a Citation is copied from the
/// service (PROTOCOL.md, section 3.2).  Then emits the complete object as an Extra of the choice, with the
/// search queries and Google's search entry, which Google requires to be shown. Returns whether the object
/// had sources.
bool emit_grounding(dom::element metadata, int choice, EventSink& events);

}  // namespace gatehouse::oci
