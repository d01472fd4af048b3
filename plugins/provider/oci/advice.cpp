// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/advice.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/tables/warnings.hpp"
#include "plugins/provider/oci/text.hpp"

#include <cstdlib>
#include <vector>

namespace gatehouse::oci {

namespace {

// Largest deviation of a signature's date from the service's clock that the
// service accepts.
constexpr std::chrono::minutes largest_skew{5};

std::string in_short_quotes(std::string_view text) { return in_quotes(presentable(std::string(text), 200)); }

/// Formats a duration as "5 minutes", at least one minute.
std::string in_minutes(std::chrono::seconds time) {
    const auto minutes = std::chrono::round<std::chrono::minutes>(time).count();
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

std::string credentials(const http::ResponseHead& head, std::chrono::system_clock::time_point now) {
    const auto theirs = read_http_date(head.headers.get("date"));
    if (theirs) {
        const auto ahead = std::chrono::floor<std::chrono::seconds>(now) - *theirs;
        if (std::chrono::abs(ahead) > largest_skew)
            return "The clock of this machine is " + in_minutes(std::chrono::abs(ahead)) +
                   (ahead.count() > 0 ? " ahead of" : " behind") +
                   " OCI's clock.  OCI accepts only signatures of the last 5 minutes: set the clock, for "
                   "instance by NTP.";
    }
    return "OCI does not know the signing key for this user.  Upload the key for the user (Identity, Users, "
           "API keys), and check that the configured fingerprint matches it, that the user belongs to the "
           "tenancy, and the tenancy to this realm.";
}

std::string policy(const Asked& asked) {
    const bool tenancy = asked.compartment_id.starts_with("ocid1.tenancy.");
    const std::string place =
        tenancy ? "tenancy" : "compartment id " + presentable(asked.compartment_id, 200);
    return "A policy must allow the request: `Allow group <group> to use generative-ai-family in " + place +
           "`, with a dynamic-group instead of the group for instance and resource principals.";
}

std::string replacements(const Listed::Entry& entry) {
    return entry.facts ? such_as(entry.facts->replacements) : std::string();
}

/// "a, b and c", of at most eight regions.
std::string all_of(std::vector<std::string> regions) {
    constexpr std::size_t most = 8;
    const std::size_t more = regions.size() > most ? regions.size() - most : 0;
    if (more > 0) {
        regions.resize(most);
        regions.push_back(std::to_string(more) + " more");
    }
    std::string text;
    for (std::size_t i = 0; i < regions.size(); ++i)
        text += (i == 0                    ? ""
                 : i + 1 == regions.size() ? " and "
                                           : ", ") +
                upstream::presentable(regions[i], 64);
    return text.empty() ? "no region" : text;
}

std::string not_found(const Asked& asked) {
    const std::string place =
        asked.endpoint.region.empty() ? "endpoint " + asked.endpoint.host : "region " + asked.endpoint.region;
    const std::string model = in_short_quotes(asked.model.id);
    const auto listed = asked.listed ? asked.listed->find(asked.model.id) : std::nullopt;
    std::string text;
    // Without a list, the message of the error itself says which model to check, and where.
    if (asked.model.id.empty() || !listed)
        text = "OCI returns the same error for a missing and a forbidden resource.\n";
    else if (*listed && !(*listed)->retired_on.empty())
        text = "Model " + model + " was retired from on-demand use on " + (*listed)->retired_on +
               ": route to another model" + replacements(*(*listed)) + ", or to a dedicated endpoint.\n";
    else if (*listed && (*listed)->facts && !(*listed)->facts->here && !asked.endpoint.region.empty())
        text = "Model " + model + " is served in " + all_of((*listed)->facts->regions) +
               "; this provider's region is " + asked.endpoint.region +
               ": use one of those regions, or route to another model.\n";
    else if (*listed)
        text = "Model " + model + " is in the list of " + place +
               ", but may be limited to dedicated clusters, or not available to this compartment.\n";
    else
        text = "Model " + model + " is not in the list of " + place +
               ": check its name, or use a region that offers it.\n";
    return text + "The compartment must exist: compartment_id is " + presentable(asked.compartment_id, 200) +
           ".\n" + policy(asked);
}

std::string wrong_format(const Asked& asked) {
    const bool generic = asked.model.format == Format::generic;
    return "The model's chat format is not " + std::string(name_of(asked.model.format)) +
           ": in the provider's table, set models." + in_short_quotes(asked.model.id) + " = { format = \"" +
           (generic ? "cohere\" }, or \"coherev2\" for Cohere's vision and reasoning models."
                    : "generic\" }, or Cohere's other format.");
}

}  // namespace

std::string advise(const http::ResponseHead& head, std::string_view body, const Asked& asked,
                   std::chrono::system_clock::time_point now) {
    switch (head.status) {
        case 401: return credentials(head, now);
        case 403: return policy(asked);
        case 404: return not_found(asked);
        case 429:
            return "OCI throttles on-demand requests by its load and by the tenancy's limits: retry later, "
                   "request a higher limit, or route to several regions or a dedicated cluster.";
        case 400: break;
        default:
            return head.status >= 500
                       ? "The service failed: retry later, and configure more regions or routes as fallbacks."
                       : "";
    }
    const std::string text = lower_case(read_error_body(body).message);
    if (text.find("chat request type does not match") != text.npos) return wrong_format(asked);
    return "";
}

}  // namespace gatehouse::oci
