// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/outlet.hpp"

#include "plugins/dialect/openai/pieces.hpp"

namespace gatehouse::openai_dialect::responses {

std::string json_of(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

void Outlet::begin(std::string_view type) {
    out_->append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
    out_->append("\",\"sequence_number\":");
    append_number(*out_, number_++);
}

void Outlet::end() { out_->append("}\n\n"); }

void Outlet::event(std::string_view type, std::initializer_list<std::string_view> members) {
    if (!streams_) return;
    begin(type);
    for (const std::string_view piece : members) out_->append(piece);
    end();
}

void Outlet::delta(std::string_view type, std::string_view place, std::string_view text,
                   std::string_view rest) {
    if (!streams_) return;
    begin(type);
    out_->append(place).append(",\"delta\":");
    append_json_string(*out_, text);
    out_->append(rest);
    end();
}

}  // namespace gatehouse::openai_dialect::responses
