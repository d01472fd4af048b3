// SPDX-License-Identifier: Apache-2.0
// The pages in the library: an archive that tools/console/build.mjs makes.  [any thread]
#pragma once

#include <gatehouse/pages.hpp>

#include <string_view>
#include <vector>

namespace gatehouse::console {

/// The archive in the library.
std::string_view archive();

/// The pages of an archive: lines of NAME, TYPE, immutable or -, TAG and LENGTH with tabs between them, an
/// empty line, and the compressed bytes.  Empty if the archive is not valid.  The pages are views of it.
std::vector<Page> pages_of(std::string_view archive);

}  // namespace gatehouse::console
