// SPDX-License-Identifier: Apache-2.0
// Static pages of an admin resource, for a browser.
//
// A resource that also derives from PageSource has pages at /NAME/ on the [admin] listener.  The core serves
// them without a token, because a browser cannot send one when it opens a page.  Therefore a page has no
// data: its script gets the data from the admin API, with a token.  The core checks the host of the request,
// and adds a content security policy that admits only scripts, styles and connections of the same origin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// One file.  Plain value.
struct Page {
    std::string name = {};       // behind /NAME/, such as "console-5f1c.js"; empty: the index
    std::string type = {};       // the content type
    std::string_view gzip = {};  // the compressed bytes; as long as the plugin's library
    std::string tag = {};        // changes with the bytes, without quotes
    bool immutable = false;      // the name changes with the bytes, so a browser may keep them
};

/// [main thread, at start or reload]
class PageSource {
public:
    /// The same each time.
    virtual std::vector<Page> pages() const = 0;

protected:
    ~PageSource() = default;
};

}  // namespace gatehouse
