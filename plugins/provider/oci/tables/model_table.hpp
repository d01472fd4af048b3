// SPDX-License-Identifier: Apache-2.0
// The table of models: what the list of models and the model discovery say about each usable model.
#pragma once

#include "plugins/provider/oci/models/model_list.hpp"

namespace gatehouse::oci {

/// One thread at a time.
class ModelTable final : public ModelList {
public:
    using ModelList::ModelList;

private:
    /// Emits one document instead of the models.
    void tell(std::vector<ModelInfo> models, EventSink& events) override;
};

}  // namespace gatehouse::oci
