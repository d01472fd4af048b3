// SPDX-License-Identifier: Apache-2.0
// GET /v1/models and GET /v1/models/{id}: the models of the core.
#pragma once

#include <gatehouse/dialect.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::anthropic_dialect {

/// The page that a client asks for.
struct Page {
    std::size_t limit = 20;
    std::string after = {}, before = {};  // the id next to the page, or empty
};

/// Reads `limit`, `after_id` and `before_id` of a query, as sent.
Result<Page> read_page(std::string_view query);

/// A page of all models.
std::unique_ptr<ResponseFormatter> model_page_formatter(Page page);
/// The model that was asked for, or an error.
std::unique_ptr<ResponseFormatter> model_formatter();

}  // namespace gatehouse::anthropic_dialect
