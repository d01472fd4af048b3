// SPDX-License-Identifier: Apache-2.0
// The store instances that are in use.  A reload that does not change the table of a store keeps
// the instance and its records.  Owned by Services.  [main thread]
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace gatehouse::core {

struct StoreInstance;

class Stores {
public:
    /// The instance that was made of a table of this name and text, or null.
    std::shared_ptr<StoreInstance> find(const std::string& name, const std::string& text) const;
    void add(const std::string& name, const std::string& text, const std::shared_ptr<StoreInstance>& made);

private:
    // By a hash of the text, because the text may hold secrets.
    std::map<std::pair<std::string, std::size_t>, std::weak_ptr<StoreInstance>> all_;
};

}  // namespace gatehouse::core
