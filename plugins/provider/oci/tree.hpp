// SPDX-License-Identifier: Apache-2.0
// Names of the JSON trees that all providers share, in this namespace.
#pragma once

#include "plugins/common/upstream/tree.hpp"

namespace gatehouse::oci {

namespace dom = upstream::dom;
using upstream::array;
using upstream::integer;
using upstream::integer_member;
using upstream::member;
using upstream::number;
using upstream::object;
using upstream::string;
using upstream::string_member;
using upstream::Tree;

}  // namespace gatehouse::oci
