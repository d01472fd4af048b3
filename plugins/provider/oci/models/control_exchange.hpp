// SPDX-License-Identifier: Apache-2.0
// Base class of exchanges with lists of the control plane, which come page by page (PROTOCOL.md, sections 1.4
// and 1.5).
#pragma once

#include "plugins/provider/oci/oci_exchange.hpp"

#include <set>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// One thread at a time.
class ControlExchange : public OciExchange {
protected:
    /// REQUIRES: `service` outlives the exchange.
    explicit ControlExchange(Service& service) : OciExchange(service, Model()) {}

    /// The first page of a list.  `query`: empty, or begins with "&".
    http::Request first_page(std::string_view list, std::string_view query);
    /// The response says that another page exists, and it has not been requested.  False after 50 pages, so
    /// that an endless list stops.
    bool has_next_page() const;
    /// REQUIRES: has_next_page().
    http::Request next_page(std::string_view list, std::string_view query);

private:
    http::Request page(std::string_view list, std::string_view query, std::string_view token);

    std::set<std::string, std::less<>> pages_;  // tokens of the requested pages
};

}  // namespace gatehouse::oci
