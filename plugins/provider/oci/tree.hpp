// SPDX-License-Identifier: Apache-2.0
// JSON trees and answer streams as this plugin calls them: those that all providers share.
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
