// SPDX-License-Identifier: Apache-2.0
// Members of records and items that the store has kept.  Functions without state.  [any thread]
#pragma once

#include "plugins/common/json/json.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::openai_dialect::responses {

/// A record that was kept.  Returns nothing if it is not valid JSON.  Numbers may have any size, because
/// clients have sent them.
std::optional<json::Document> kept_document(const std::shared_ptr<std::string>& body);

/// The last member with this name.
std::optional<json::Value> member_of(const json::Object& object, std::string_view name);
/// The same, if it is an array.
std::optional<json::Array> array_of(const json::Object& object, std::string_view name);

/// The elements of an array, with their commas.
std::string_view elements_of(const json::Array& array);

/// The id of an item; empty if it has none.
std::string id_of(const json::Value& item);
/// The first item with this id.
std::optional<json::Value> item_with_id(const json::Array& items, std::string_view id);

/// Finds items of several arrays by their ids.  A client may refer to each of them.  Valid as long as the
/// arrays; one thread at a time.
class ItemIndex {
public:
    /// The items of earlier arrays count if ids repeat.
    void add(const json::Array& items);
    std::optional<json::Value> find(std::string_view id) const;

private:
    std::unordered_map<std::string, json::Value> items_;
};

}  // namespace gatehouse::openai_dialect::responses
