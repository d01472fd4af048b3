// SPDX-License-Identifier: Apache-2.0
#include "core/instances/catalogue.hpp"

#include <utility>

namespace gatehouse::core {

std::shared_ptr<const Discovered> Catalogue::models() const {
    std::lock_guard lock(mutex_);
    return models_;
}

void Catalogue::set(const std::string& provider, std::vector<ModelInfo> models) {
    put(provider, std::make_shared<const std::vector<ModelInfo>>(std::move(models)));
}

void Catalogue::inherit(const std::string& provider, const Catalogue& from) {
    const auto before = from.models();
    if (const auto found = before->find(provider); found != before->end()) put(provider, found->second);
}

void Catalogue::put(const std::string& provider, std::shared_ptr<const std::vector<ModelInfo>> models) {
    std::lock_guard lock(mutex_);
    auto next = std::make_shared<Discovered>(*models_);
    next->insert_or_assign(provider, std::move(models));
    models_ = std::move(next);
}

}  // namespace gatehouse::core
