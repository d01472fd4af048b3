// SPDX-License-Identifier: Apache-2.0
// Pages of items: the query, and the list that a client gets.  Functions without state.  [any thread]
#pragma once

#include "plugins/common/json/json.hpp"

#include <gatehouse/result.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

struct ItemPage {
    std::size_t limit = 20;
    bool ascending = false;
    std::string after = {};  // the id of the item before the page; empty: the first page
};

/// `order`, `limit` and `after` of a query.  The error is bad_request.
Result<ItemPage> page_of(std::string_view query);

/// One page of `items` as a list object.  `shown`, if given, is the form of an item for the client.
Result<std::string> item_list(const json::Array& items, const ItemPage& page,
                              const std::function<json::Value(const json::Value&)>& shown = {});

}  // namespace gatehouse::openai_dialect::responses
