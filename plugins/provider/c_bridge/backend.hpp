// SPDX-License-Identifier: Apache-2.0
// An instance of a library, and the gateway's functions for it.  Owned by the provider, shared
// by its exchanges.  Constant after start: any thread.
#pragma once

#include "plugins/common/c_door/services.hpp"
#include "plugins/common/c_door/settings.hpp"
#include "plugins/provider/c_bridge/library.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

class Backend {
public:
    /// Throws KeyError.
    Backend(const Library& library, const Given& settings, Host& host);
    ~Backend();
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    const gatehouse_c_door& entry() const { return library_.entry; }
    const Description& description() const { return library_.description; }
    void* instance() const { return instance_; }
    Host& host() const { return host_; }
    /// Returns `error`.  Adds the library's name to the detail of an internal error.
    Error named(Error error) const;

private:
    const Library library_;
    Host& host_;
    const Services services_;
    void* instance_ = nullptr;
};

}  // namespace gatehouse::c_bridge
