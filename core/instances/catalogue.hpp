// SPDX-License-Identifier: Apache-2.0
// The models that the providers of one configuration have listed.  Owned by ConfigSnapshot.
#pragma once

#include <gatehouse/mapper.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::core {

/// The lists found so far.  [any thread]
class Catalogue {
public:
    /// Never null.  The object is immutable.
    std::shared_ptr<const Discovered> models() const;
    void set(const std::string& provider, std::vector<ModelInfo> models);
    /// Copies the list of the provider of this name from an earlier configuration.
    void inherit(const std::string& provider, const Catalogue& from);

private:
    void put(const std::string& provider, std::shared_ptr<const std::vector<ModelInfo>> models);

    mutable std::mutex mutex_;
    std::shared_ptr<const Discovered> models_ = std::make_shared<Discovered>();
};

}  // namespace gatehouse::core
