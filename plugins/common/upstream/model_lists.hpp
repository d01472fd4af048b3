// SPDX-License-Identifier: Apache-2.0
// The forms in which servers list their models.  Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <optional>
#include <string>

namespace gatehouse::upstream {

/// The array of models: the document itself, or one of its members `data`, `models`, `items`,
/// `result`, `results`, `list` or `model_list`, also inside `data` or `result`.  Returns nothing
/// if there is no such array.
std::optional<dom::array> models_in(dom::element document);

/// The name of a model: a string, or its member `id`, `name`, `model` or `slug`.  Empty if it has
/// no name.
std::string model_name_of(dom::element model);

}  // namespace gatehouse::upstream
