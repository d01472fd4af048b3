// SPDX-License-Identifier: Apache-2.0
// The table of a body's members, from plugins/common/client, for the requests of this dialect.
#pragma once

#include "plugins/common/client/field_table.hpp"
#include "plugins/dialect/openai/fields.hpp"

namespace gatehouse::openai_dialect {

template <typename Target>
using FieldOf = client::Field<Target>;
using Field = FieldOf<Draft>;

using client::max_int32;
using client::max_int64;
using client::min_int64;

using client::integer_field;
using client::model_field;
using client::number_field;
using client::object_field;
using client::plain_field;
using client::stream_field;

using client::is_sorted_by_name;
using client::read_request;

}  // namespace gatehouse::openai_dialect
