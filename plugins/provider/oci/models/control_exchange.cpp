// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/models/control_exchange.hpp"

#include "plugins/provider/oci/text.hpp"

#include <utility>

namespace gatehouse::oci {

namespace {

// A region has less than a tenth of this number of models.
constexpr std::size_t max_pages = 50;
constexpr std::string_view page_size = "200";

}  // namespace

http::Request ControlExchange::first_page(std::string_view list, std::string_view query) {
    pages_.clear();
    return page(list, query, "");
}

bool ControlExchange::has_next_page() const {
    const std::string_view token = answer_head().headers.get("opc-next-page");
    return !token.empty() && pages_.size() < max_pages && !pages_.contains(token);
}

http::Request ControlExchange::next_page(std::string_view list, std::string_view query) {
    const std::string token(answer_head().headers.get("opc-next-page"));
    pages_.insert(token);
    return page(list, query, token);
}

http::Request ControlExchange::page(std::string_view list, std::string_view query, std::string_view token) {
    std::string url = endpoint().control_base + "/20231130/";
    url.append(list).append("?compartmentId=").append(percent_encoded(service_.compartment_id));
    url.append(query).append("&limit=").append(page_size);
    if (!token.empty()) url += "&page=" + percent_encoded(token);
    return for_document(begin_at("GET", std::move(url)));
}

}  // namespace gatehouse::oci
