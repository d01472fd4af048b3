// SPDX-License-Identifier: Apache-2.0
// The workers as requests see them: each with upstream connections of its own and the
// configuration that its next flow begins under.
//
// Made, changed and ended on the main thread; each Workplace is touched on its worker's
// thread only.
#pragma once

#include "core/context.hpp"
#include "core/http/upstream.hpp"
#include "core/plugin/host.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

struct Workplace {
    Site site;
    std::unique_ptr<Upstream> upstream;
    std::shared_ptr<const Context> context;
};

class Workplaces {
public:
    /// One for each loop, which must run, and outlive them.  What computes, does so on `computing`.
    void start(const std::vector<Loop*>& loops, const std::shared_ptr<const Context>& context,
               Pool& computing, Memory& memory);
    /// Another configuration to the workers, one after another: each flow has one of the two.
    void install(const std::shared_ptr<const Context>& context);
    /// The loops have ended: what is left may go on this thread.  The configuration first, for
    /// completions that a plugin still holds must find closed loops, not none.
    void leave_context();
    void clear() { all_.clear(); }

    std::vector<Site> sites() const;
    const Site& site(std::size_t index) const { return all_[index % all_.size()]->site; }
    /// [the loop's thread]  REQUIRES: `loop` is one of them.
    const Workplace& of(const Loop& loop) const;

private:
    std::vector<std::unique_ptr<Workplace>> all_;
};

}  // namespace gatehouse::core
