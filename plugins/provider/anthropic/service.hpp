// SPDX-License-Identifier: Apache-2.0
// What all exchanges of one instance share.  Constant but for what has been
// learned, which locks: any thread.
#pragma once

#include "plugins/common/upstream/base_url.hpp"
#include "plugins/provider/anthropic/model.hpp"

#include <gatehouse/host.hpp>

#include <string>

namespace gatehouse::anthropic {

struct Service {
    const upstream::BaseUrl base;
    const std::string version;  // of the header anthropic-version
    const std::string beta;     // of the header anthropic-beta; empty: not sent
    const Models models;
    Host& host;
    Learned learned = {};
};

}  // namespace gatehouse::anthropic
