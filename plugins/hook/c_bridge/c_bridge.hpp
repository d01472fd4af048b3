// SPDX-License-Identifier: Apache-2.0
// The hook that runs a library through the C interface.  One instance per [hook.NAME] table.
// Constant after start: any thread.
#pragma once

#include "plugins/common/c_door/services.hpp"
#include "plugins/common/c_door/settings.hpp"
#include "plugins/hook/c_bridge/library.hpp"

#include <gatehouse/hook.hpp>

#include <memory>
#include <string>

namespace gatehouse::c_hook {

struct Options {
    std::string library;
    c_bridge::Given settings = {};
};

extern const Fields<Options> fields;

class CBridge final : public Hook {
public:
    /// Throws KeyError.
    CBridge(const Options& options, Host& host);
    /// The same with a loaded library.
    CBridge(const Library& library, const Options& options, Host& host);
    ~CBridge() override;

    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

    const gatehouse_c_hook_door& entry() const { return library_.entry; }
    void* instance() const { return instance_; }
    const Limits& limits() const { return host_.limits(); }
    /// Returns `error`.  Adds the library's name to the detail of an internal error.
    Error named(Error error) const;

private:
    const Library library_;
    Host& host_;
    const c_bridge::Services services_;
    void* instance_ = nullptr;
};

}  // namespace gatehouse::c_hook
