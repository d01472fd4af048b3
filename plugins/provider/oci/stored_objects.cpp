// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/stored_objects.hpp"

#include "plugins/common/openai/stored_object.hpp"

#include <utility>

namespace gatehouse::oci {

Result<std::optional<http::Request>> StoredObjectExchange::request() {
    const std::string path = "/" + request_.operation + request_.path;
    http::Request http = begin_at(request_.method, surface_.url(endpoint(), path));
    surface_.add_headers(http.headers);
    openai_format::write_stored_object(request_, http);
    return std::optional(std::move(http));
}

Result<void> StoredObjectExchange::on_end(EventSink& events) {
    events.emit(RawBytes{std::string(answer_head().headers.get("content-type")), std::move(document_)});
    return {};
}

}  // namespace gatehouse::oci
