// SPDX-License-Identifier: Apache-2.0
// The table of a body's members, from plugins/common/client, for the requests of this dialect.
#pragma once

#include "plugins/common/client/field_table.hpp"
#include "plugins/dialect/openai/fields.hpp"

namespace gatehouse::openai_dialect {

using Field = client::Field<Draft>;

using client::max_int32;
using client::max_int64;
using client::min_int64;

using client::integer_field;
using client::model_field;
using client::number_field;
using client::object_field;
using client::plain_field;
using client::stream_field;

constexpr bool is_sorted_by_name(std::span<const Field> fields) {
    return client::is_sorted_by_name<Draft>(fields);
}
inline Result<void> read_request(std::string body, Draft& draft, std::span<const Field> fields,
                                 bool (*check)(Reader&, Draft&)) {
    return client::read_request<Draft>(std::move(body), draft, fields, check);
}

}  // namespace gatehouse::openai_dialect
