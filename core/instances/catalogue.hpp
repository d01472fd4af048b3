// SPDX-License-Identifier: Apache-2.0
// The models that the providers of one configuration have listed.
#pragma once

#include <gatehouse/mapper.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::core {

/// What has been found so far.  [any thread]
class Catalogue {
public:
    /// Never null.  What it points at does not change any more.
    std::shared_ptr<const Discovered> models() const;
    void set(const std::string& provider, std::vector<ModelInfo> models);
    /// Begins with what an earlier configuration's provider of this name had listed.
    void inherit(const std::string& provider, const Catalogue& from);

private:
    void put(const std::string& provider, std::shared_ptr<const std::vector<ModelInfo>> models);

    mutable std::mutex mutex_;
    std::shared_ptr<const Discovered> models_ = std::make_shared<Discovered>();
};

}  // namespace gatehouse::core
