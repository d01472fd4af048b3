// SPDX-License-Identifier: Apache-2.0
// Code that all request bodies share, from plugins/common/client.
#pragma once

#include "plugins/common/client/body.hpp"
#include "plugins/dialect/openai/reader.hpp"

namespace gatehouse::openai_dialect {

using client::not_an_object;
using client::parse_mended;
using client::read_body;
using client::read_model;

}  // namespace gatehouse::openai_dialect
