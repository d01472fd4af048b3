// SPDX-License-Identifier: Apache-2.0
// Tables for an operator from lists of the control plane (PROTOCOL.md, section 1.5), each page by page:
// dedicated endpoints, routing profiles and API keys.
#pragma once

#include "plugins/provider/oci/models/control_exchange.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

enum class ControlList { endpoints, profiles, keys };

/// Nothing if there is no such list.
std::optional<ControlList> control_list_called(std::string_view name);

/// One thread at a time.
class ControlTable final : public ControlExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    ControlTable(Service& service, ControlList list) : ControlExchange(service), list_(list) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;

    const ControlList list_;
    std::string rows_;  // as JSON, joined with commas
};

}  // namespace gatehouse::oci
